// What packed filters and the kernel that reads them have to agree on.
#pragma once

#include "convolution.h"

namespace subband::layout {

constexpr int kLineBytes = 64;  // of the cache, and of an AVX-512 register
constexpr int kLanes = 16;      // floats, or pairs of bf16, of a register
constexpr int kVectors = 2;     // registers of results that are computed at once
constexpr int kBlock = kVectors * kLanes;

// Channels whose numbers fill a line.
constexpr int channels_of_line(Numbers factors) { return factors == Numbers::kFloat ? 16 : 32; }

}  // namespace subband::layout
