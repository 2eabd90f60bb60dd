// bfloat16: the upper half of a float.
#pragma once

#include <cstdint>
#include <cstring>

namespace subband {

inline float from_bfloat16(uint16_t half) {
  const uint32_t bits = static_cast<uint32_t>(half) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// To the nearest, ties to even; what is no number stays none.
inline uint16_t to_bfloat16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const bool is_number = (bits & 0x7fffffff) <= 0x7f800000;
  return static_cast<uint16_t>((is_number ? bits + 0x7fff + ((bits >> 16) & 1) : bits | 0x400000) >> 16);
}

}  // namespace subband
