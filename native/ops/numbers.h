// How vectors are read and written: the channels of a pixel, and factors.
//
// Included behind the vectors to compute with, within their target options.
#pragma once

#include "convolution.h"

namespace subband {

namespace {

// As many channels of a pixel as a vector holds.
template <Numbers>
struct Pixel;

template <>
struct Pixel<Numbers::kFloat> {
  using Type = float;
  static SB_INLINE Vector load(const float* from) { return Vector::load(from); }
  static SB_INLINE void store(float* to, Vector x) { x.store(to); }
  static SB_INLINE float number(float one) { return one; }
  static SB_INLINE float rounded(float one) { return one; }
};

// A line of factors, of as many channels as fill it.
template <Numbers>
struct Factor;

template <>
struct Factor<Numbers::kFloat> {
  static SB_INLINE Vector add_product(Vector sum, const float* factor, Vector filters) {
    return Vector::fma(Vector(*factor), filters, sum);
  }
};

}  // namespace

}  // namespace subband
