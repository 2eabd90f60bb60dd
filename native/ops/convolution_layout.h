// What packed filters, scratch and the kernels that use them have to agree on.
#pragma once

#include <algorithm>

#include "convolution.h"

namespace subband::layout {

constexpr int kLineBytes = 64;   // of the cache
constexpr int kLineFloats = 16;  // or pairs of bf16

// Channels whose numbers fill a line.
constexpr int channels_of_line(Numbers factors) { return factors == Numbers::kFloat ? 16 : 32; }

// The gradient of filters is summed by slices of tiles of 4x4, of which each sums 36 numbers for each pair of
// channels.
constexpr int kGradientParts = 36;
constexpr int64_t kTilesOfSlice = 288;
constexpr int64_t kMostSlices = 64;

inline int64_t slices_of(const FilterGradient& g) {
  const int64_t tiles = g.images * ((g.height + 3) / 4) * ((g.width + 3) / 4);
  return std::clamp<int64_t>(tiles / kTilesOfSlice, 1, kMostSlices);
}

inline int64_t sums_of_slice(const FilterGradient& g) {
  return int64_t{kGradientParts} * g.outputs * g.inputs;
}

}  // namespace subband::layout
