// What kernels compute with on AVX-512: vectors of sixteen floats, a channel in each.
//
// Included within the target options of AVX-512, as the kernels are, which become a part of it.
#pragma once

#include <immintrin.h>

#include "convolution.h"

#define SB_INLINE inline __attribute__((always_inline))

namespace subband {

namespace {

constexpr int kLanes = 16;
// Of the 32 registers, the convolution's sums of 14 tiles by two vectors of results take 28, which with two
// of filters and one factor are nearly all; the gradient's of 8 results by two vectors of channels take 16,
// enough to keep both multipliers at work.
constexpr int kTilesAtOnce = 14;
constexpr int kResultsAtOnce = 8;
constexpr int kVectors = 2;
constexpr int kRegisters = 32;
constexpr bool kHasBFloat16 = true;

struct Vector {
  __m512 v;
  SB_INLINE Vector() {}
  SB_INLINE Vector(__m512 value) : v(value) {}
  SB_INLINE explicit Vector(float value) : v(_mm512_set1_ps(value)) {}
  static SB_INLINE Vector load(const float* from) { return _mm512_loadu_ps(from); }
  SB_INLINE void store(float* to) const { _mm512_storeu_ps(to, v); }
  static SB_INLINE Vector fma(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a.v, b.v, c.v); }
  SB_INLINE float sum() const { return _mm512_reduce_add_ps(v); }
  SB_INLINE Vector root() const { return _mm512_sqrt_ps(v); }
  // One where this is positive, else the other.
  SB_INLINE Vector positive(Vector one, Vector other) const {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_GT_OQ), other.v, one.v);
  }
  // What is negative times its slope.
  SB_INLINE Vector rectified(Vector slope) const {
    return _mm512_mask_mul_ps(v, _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_LT_OQ), v, slope.v);
  }
};
SB_INLINE Vector operator+(Vector a, Vector b) { return _mm512_add_ps(a.v, b.v); }
SB_INLINE Vector operator-(Vector a, Vector b) { return _mm512_sub_ps(a.v, b.v); }
SB_INLINE Vector operator*(Vector a, Vector b) { return _mm512_mul_ps(a.v, b.v); }
SB_INLINE Vector operator/(Vector a, Vector b) { return _mm512_div_ps(a.v, b.v); }

}  // namespace

}  // namespace subband
