// What is done to all parameters after a batch, in one pass over memory, which is what it takes: libtorch's
// operators, one for each sum and product, read and write the same numbers up to five times.
//
// Included behind the vectors to compute with, within their target options.
#pragma once

#include <algorithm>
#include <cmath>

#include "steps.h"

namespace subband {

namespace {

constexpr int64_t kNumbersOfBlock = 16384;  // of each tensor, for one thread

// One that is not enough for a vector.
struct Single {
  float v;
  SB_INLINE explicit Single(float value) : v(value) {}
  static SB_INLINE Single load(const float* from) { return Single(*from); }
  SB_INLINE void store(float* to) const { *to = v; }
  static SB_INLINE Single fma(Single a, Single b, Single c) { return Single(std::fma(a.v, b.v, c.v)); }
  SB_INLINE Single root() const { return Single(std::sqrt(v)); }
};
SB_INLINE Single operator+(Single a, Single b) { return Single(a.v + b.v); }
SB_INLINE Single operator*(Single a, Single b) { return Single(a.v * b.v); }
SB_INLINE Single operator/(Single a, Single b) { return Single(a.v / b.v); }

template <typename V>
SB_INLINE void take(const AdamStep& s, int64_t i) {
  const V gradient = V::load(s.gradient + i);
  const V mean = V::fma(V(1 - s.beta1), gradient, V(s.beta1) * V::load(s.mean + i));
  const V square = V::fma(V(1 - s.beta2) * gradient, gradient, V(s.beta2) * V::load(s.mean_square + i));
  mean.store(s.mean + i);
  square.store(s.mean_square + i);
  V::fma(V(-s.rate), mean / (square.root() + V(s.epsilon)), V::load(s.parameter + i)).store(s.parameter + i);
}

template <typename V>
SB_INLINE void take(const AverageStep& s, int64_t i) {
  V::fma(V(1 - s.decay), V::load(s.now + i), V(s.decay) * V::load(s.average + i)).store(s.average + i);
}

template <typename Step>
void take(const Step& step, int threads) {
  const int64_t blocks = (step.count + kNumbersOfBlock - 1) / kNumbersOfBlock;
#pragma omp parallel for num_threads(threads) if (blocks > 1)
  for (int64_t block = 0; block < blocks; ++block) {
    int64_t i = block * kNumbersOfBlock;
    const int64_t end = std::min(i + kNumbersOfBlock, step.count);
    for (; i + kLanes <= end; i += kLanes) {
      take<Vector>(step, i);
    }
    for (; i < end; ++i) {
      take<Single>(step, i);
    }
  }
}

}  // namespace

}  // namespace subband
