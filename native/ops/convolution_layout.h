// What packed filters, scratch and the kernels that use them have to agree on.
#pragma once

#include <algorithm>

#include "convolution.h"

namespace subband::layout {

constexpr int kLineBytes = 64;   // of the cache
constexpr int kLineFloats = 16;  // or pairs of bf16

// Channels whose numbers fill a line.
constexpr int channels_of_line(Numbers factors) { return factors == Numbers::kFloat ? 16 : 32; }

// How many bytes filters take when they are packed.
inline int64_t packed_bytes(int inputs, int outputs, int tile, int side, Numbers factors) {
  const int64_t parts = tile == kThin ? side : tile + 2 * reach_of(side);
  return parts * parts * outputs * inputs * (kLineBytes / channels_of_line(factors));
}

// The gradient of filters is summed by slices of tiles of 4x4, of which each sums 36 numbers for each pair of
// channels.
constexpr int kGradientParts = 36;
constexpr int64_t kTilesOfSlice = 128;
constexpr int kChannelsOfSum = 128;  // of either side, which are summed by one thread: 2.4 MB
constexpr int64_t kMostBlocks = 32, kEnoughBlocks = 16;

constexpr int64_t ranges_of(int channels) { return (channels + kChannelsOfSum - 1) / kChannelsOfSum; }

// Many channels are blocks enough for threads without slices, whose sums would have to be added.
inline int64_t slices_of(const FilterGradient& g) {
  const int64_t tiles = g.images * ((g.height + 3) / 4) * ((g.width + 3) / 4);
  const int64_t blocks = ranges_of(g.outputs) * ranges_of(g.inputs);
  return blocks < kEnoughBlocks ? std::clamp<int64_t>(tiles / kTilesOfSlice, 1, kMostBlocks / blocks) : 1;
}

// What one slice sums up, which waits in memory for that of the others, where there are several.
inline int64_t sums_of_slice(const FilterGradient& g) {
  return int64_t{kGradientParts} * g.outputs * g.inputs;
}

}  // namespace subband::layout
