// What kernels compute with on AVX2: vectors of eight floats, a channel in each.
//
// Included within the target options of AVX2, as the kernels are, which become a part of it.
#pragma once

#include <immintrin.h>

#include "convolution.h"

#define SB_INLINE inline __attribute__((always_inline))

namespace subband {

namespace {

constexpr int kLanes = 8;
// Of the 16 registers, the convolution's sums of 6 tiles by two vectors of results take 12, with two of
// filters and one factor 15; the gradient's of 4 results by two vectors of channels take 8, enough to keep
// both multipliers at work.
constexpr int kTilesAtOnce = 6;
constexpr int kResultsAtOnce = 4;
constexpr int kVectors = 2;
constexpr int kRegisters = 16;
constexpr bool kHasBFloat16 = false;  // kernels are of floats only

struct Vector {
  __m256 v;
  SB_INLINE Vector() {}
  SB_INLINE Vector(__m256 value) : v(value) {}
  SB_INLINE explicit Vector(float value) : v(_mm256_set1_ps(value)) {}
  static SB_INLINE Vector load(const float* from) { return _mm256_loadu_ps(from); }
  SB_INLINE void store(float* to) const { _mm256_storeu_ps(to, v); }
  static SB_INLINE Vector fma(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a.v, b.v, c.v); }
  SB_INLINE float sum() const {
    const __m128 halves = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    const __m128 pairs = _mm_add_ps(halves, _mm_movehl_ps(halves, halves));
    return _mm_cvtss_f32(_mm_add_ss(pairs, _mm_movehdup_ps(pairs)));
  }
  SB_INLINE Vector root() const { return _mm256_sqrt_ps(v); }
  // One where this is positive, else the other.
  SB_INLINE Vector positive(Vector one, Vector other) const {
    return _mm256_blendv_ps(other.v, one.v, _mm256_cmp_ps(v, _mm256_setzero_ps(), _CMP_GT_OQ));
  }
  // What is negative times its slope.
  SB_INLINE Vector rectified(Vector slope) const {
    return _mm256_blendv_ps(v, _mm256_mul_ps(v, slope.v), _mm256_cmp_ps(v, _mm256_setzero_ps(), _CMP_LT_OQ));
  }
};
SB_INLINE Vector operator+(Vector a, Vector b) { return _mm256_add_ps(a.v, b.v); }
SB_INLINE Vector operator-(Vector a, Vector b) { return _mm256_sub_ps(a.v, b.v); }
SB_INLINE Vector operator*(Vector a, Vector b) { return _mm256_mul_ps(a.v, b.v); }
SB_INLINE Vector operator/(Vector a, Vector b) { return _mm256_div_ps(a.v, b.v); }

}  // namespace

}  // namespace subband
