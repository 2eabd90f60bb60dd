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

// That of filters from or to a few channels, by slices of so many rows or more, of which each sums a number
// for each tap.
constexpr int64_t kRowsOfSlice = 8;
constexpr int64_t kMostSlices = 32;

inline bool is_thin(const FilterGradient& g) { return std::min(g.inputs, g.outputs) <= kMostThin; }

// Many channels are blocks enough for threads without slices, whose sums would have to be added.
inline int64_t slices_of(const FilterGradient& g) {
  if (is_thin(g)) {
    return std::clamp<int64_t>(g.images * g.height / kRowsOfSlice, 1, kMostSlices);
  }
  const int64_t tiles = g.images * ((g.height + 3) / 4) * ((g.width + 3) / 4);
  const int64_t blocks = ranges_of(g.outputs) * ranges_of(g.inputs);
  return blocks < kEnoughBlocks ? std::clamp<int64_t>(tiles / kTilesOfSlice, 1, kMostBlocks / blocks) : 1;
}

// What one slice sums up, which waits in memory for that of the others, where there are several.
inline int64_t sums_of_slice(const FilterGradient& g) {
  const int64_t parts = is_thin(g) ? g.filters.side * g.filters.side : kGradientParts;
  return parts * g.outputs * g.inputs;
}

// How many numbers that is for all slices; a single one of Winograd's sums them up in a thread's scratch.
inline int64_t sums_of(const FilterGradient& g) {
  const int64_t slices = slices_of(g);
  return slices > 1 || is_thin(g) ? slices * sums_of_slice(g) : 0;
}

}  // namespace subband::layout
