// PReLU and its gradient, each in one pass over memory.
//
// Included behind the vectors, and the kinds of numbers, to compute with, within their target options.
#pragma once

#include <algorithm>

#include "numbers.h"
#include "prelu.h"

namespace subband {

namespace {

// Calls with the first number of each part, how many pixels it has, and which it is.
template <typename Call>
void for_parts(int64_t pixels, int channels, int threads, Call call) {
  const int64_t parts = parts_of(pixels, channels), at_once = pixels_of_part(channels);
#pragma omp parallel for num_threads(threads) if (parts > 1)
  for (int64_t part = 0; part < parts; ++part) {
    const int64_t first = part * at_once;
    call(first * channels, std::min(at_once, pixels - first), part);
  }
}

template <Numbers kNumbers>
void rectify(const Prelu& p, int threads) {
  using In = Pixel<kNumbers>;
  for_parts(p.pixels, p.channels, threads, [&](int64_t first, int64_t pixels, int64_t) {
    const auto* x = static_cast<const typename In::Type*>(p.image) + first;
    auto* y = static_cast<typename In::Type*>(p.result) + first;
    for (int c = 0; c < p.channels; c += kLanes) {
      const Vector slopes = Vector::load(p.slopes + c);
      for (int64_t at = c; at < pixels * p.channels; at += p.channels) {
        const Vector number = In::load(x + at);
        In::store(y + at, number.positive(number, number * slopes));
      }
    }
  });
}

template <Numbers kNumbers>
void derive(const PreluGradient& g, int threads) {
  using In = Pixel<kNumbers>;
  for_parts(g.pixels, g.channels, threads, [&](int64_t first, int64_t pixels, int64_t part) {
    const auto* x = static_cast<const typename In::Type*>(g.image) + first;
    const auto* dy = static_cast<const typename In::Type*>(g.gradient) + first;
    auto* dx = static_cast<typename In::Type*>(g.of_image) + first;
    for (int c = 0; c < g.channels; c += kLanes) {
      const Vector slopes = Vector::load(g.slopes + c);
      Vector sum(0.0f);
      for (int64_t at = c; at < pixels * g.channels; at += g.channels) {
        const Vector number = In::load(x + at), gradient = In::load(dy + at);
        In::store(dx + at, number.positive(gradient, gradient * slopes));
        sum = sum + number.positive(Vector(0.0f), gradient * number);
      }
      sum.store(g.of_slopes + part * g.channels + c);
    }
  });
}

}  // namespace

}  // namespace subband
