// Numbers of bf16 on AVX-512.
//
// Included behind its vectors, within its target options.
#pragma once

#include "bfloat16.h"
#include "numbers.h"

namespace subband {

namespace {

template <>
struct Pixel<Numbers::kBFloat16> {
  using Type = uint16_t;
  static SB_INLINE Vector load(const uint16_t* from) {
    const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
  }
  static SB_INLINE void store(uint16_t* to, Vector x) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), (__m256i)_mm512_cvtneps_pbh(x.v));
  }
  static SB_INLINE float number(uint16_t one) { return from_bfloat16(one); }
  static SB_INLINE uint16_t rounded(float one) { return to_bfloat16(one); }
};

// Here 32 bits hold a pair of channels, whose products are added to the same sum.
template <>
struct Factor<Numbers::kBFloat16> {
  static SB_INLINE void store(float* line, const Vector* x) {
    _mm512_store_si512(line, (__m512i)_mm512_cvtne2ps_pbh(x[1].v, x[0].v));
  }
  static SB_INLINE Vector add_product(Vector sum, const float* factor, Vector filters) {
    return _mm512_dpbf16_ps(sum.v, (__m512bh)_mm512_set1_ps(*factor), (__m512bh)filters.v);
  }
};

}  // namespace

}  // namespace subband
