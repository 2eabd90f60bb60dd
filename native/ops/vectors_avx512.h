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

struct Vector {
  __m512 v;
  SB_INLINE Vector() {}
  SB_INLINE Vector(__m512 value) : v(value) {}
  SB_INLINE explicit Vector(float value) : v(_mm512_set1_ps(value)) {}
  static SB_INLINE Vector load(const float* from) { return _mm512_loadu_ps(from); }
  SB_INLINE void store(float* to) const { _mm512_storeu_ps(to, v); }
  static SB_INLINE Vector fma(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a.v, b.v, c.v); }
  // What is negative times its slope.
  SB_INLINE Vector rectified(Vector slope) const {
    return _mm512_mask_mul_ps(v, _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_LT_OQ), v, slope.v);
  }
};
SB_INLINE Vector operator+(Vector a, Vector b) { return _mm512_add_ps(a.v, b.v); }
SB_INLINE Vector operator-(Vector a, Vector b) { return _mm512_sub_ps(a.v, b.v); }
SB_INLINE Vector operator*(Vector a, Vector b) { return _mm512_mul_ps(a.v, b.v); }

// Sixteen channels of a pixel.
template <Numbers>
struct Pixel;

template <>
struct Pixel<Numbers::kFloat> {
  using Type = float;
  static SB_INLINE Vector load(const float* from) { return Vector::load(from); }
  static SB_INLINE void store(float* to, Vector x) { x.store(to); }
};

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
};

// A line of factors, of as many channels as fill it.
template <Numbers>
struct Factor;

template <>
struct Factor<Numbers::kFloat> {
  static SB_INLINE void store(float* line, const Vector* x) { x[0].store(line); }
  static SB_INLINE Vector add_product(Vector sum, const float* factor, Vector filters) {
    return Vector::fma(Vector(*factor), filters, sum);
  }
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
