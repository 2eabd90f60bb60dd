// Filters as the kernels read them: for each of the products of a tile (36, 16, or 1 of 1x1), for each block
// of as many results as are computed at once (or those that are left), for each channel, or pair of channels
// in bf16, the block's numbers side by side.
//
// A network that is trained packs its filters twice in each step, so that sixteen of them are transformed at
// once, and by all threads.
//
// Included behind the vectors to compute with, within their target options.
#pragma once

#include <algorithm>
#include <cstring>

#include "bfloat16.h"
#include "convolution.h"
#include "convolution_layout.h"
#include "winograd.h"

namespace subband {

namespace {

constexpr int kFiltersAtOnce = 16;

// The same number of sixteen filters.
using Many = double __attribute__((vector_size(kFiltersAtOnce * sizeof(double))));
using ManyFloats = float __attribute__((vector_size(kFiltersAtOnce * sizeof(float))));

// G g G'
template <int kTile>
SB_INLINE void transform(const Many* filter, Many* parts) {
  using Points = winograd::Points<kTile>;
  constexpr int kSide = Points::kSide, kFilter = side_of(kTile);
  Many columns[kFilter][kSide], row[kFilter];
  for (int j = 0; j < kFilter; ++j) {
    for (int i = 0; i < kFilter; ++i) {
      row[i] = filter[i * kFilter + j];
    }
    Points::weights(row, columns[j]);
  }
  for (int i = 0; i < kSide; ++i) {
    for (int j = 0; j < kFilter; ++j) {
      row[j] = columns[j][i];
    }
    Points::weights(row, parts + i * kSide);
  }
}

// The numbers of sixteen filters, those of the same channel or of the pair of channels at every `step`
// places.
SB_INLINE void store(const ManyFloats& numbers, float* to, int) { std::memcpy(to, &numbers, sizeof numbers); }
SB_INLINE void store(const ManyFloats& numbers, uint16_t* to, int step) {
  for (int i = 0; i < kFiltersAtOnce; ++i) {
    to[i * step] = to_bfloat16(numbers[i]);
  }
}

template <int kTile, Numbers kFactors, typename Number>
void pack(const Filters& filters, int inputs, int outputs, bool turned, int threads, Number* packed) {
  constexpr int kTaps = side_of(kTile) * side_of(kTile);
  constexpr int kParts = winograd::Points<kTile>::kSide * winograd::Points<kTile>::kSide;
  constexpr int kPair = layout::channels_of_line(kFactors) / layout::kLineFloats;
  constexpr int kBlock = kVectors * kLanes;
#pragma omp parallel for num_threads(threads)
  for (int first = 0; first < outputs; first += kFiltersAtOnce) {
    const int begin = first / kBlock * kBlock;  // of the block
    const int wide = std::min(kBlock, outputs - begin);
    for (int k = 0; k < inputs; k += kFiltersAtOnce) {
      // However they lie, lines of cache are read as a whole.
      float taps[kFiltersAtOnce][kTaps][kFiltersAtOnce];
      for (int i = 0; i < kFiltersAtOnce; ++i) {
        for (int j = 0; j < kFiltersAtOnce; ++j) {
          const float* from = filters.of(first + i, k + j);
          for (int tap = 0; tap < kTaps; ++tap) {
            taps[j][turned ? kTaps - 1 - tap : tap][i] = from[tap * filters.to_tap];
          }
        }
      }
      for (int j = 0; j < kFiltersAtOnce; ++j) {
        Many filter[kTaps], parts[kParts];
        for (int tap = 0; tap < kTaps; ++tap) {
          ManyFloats numbers;
          std::memcpy(&numbers, taps[j][tap], sizeof numbers);
          filter[tap] = __builtin_convertvector(numbers, Many);
        }
        transform<kTile>(filter, parts);
        const int channel = k + j;
        Number* to = packed + int64_t{begin} * inputs + (channel / kPair * wide + first - begin) * kPair +
                     channel % kPair;
        for (int part = 0; part < kParts; ++part, to += int64_t{outputs} * inputs) {
          store(__builtin_convertvector(parts[part], ManyFloats), to, kPair);
        }
      }
    }
  }
}

// As thin_kernel.h has them: what vectors run over is innermost.
void pack_thin(const Filters& filters, int inputs, int outputs, bool turned, float* packed) {
  const int taps = filters.side * filters.side;
  for (int tap = 0; tap < taps; ++tap) {
    for (int k = 0; k < inputs; ++k) {
      for (int o = 0; o < outputs; ++o) {
        const int64_t at = outputs <= kMostThin ? int64_t{o} * inputs + k : int64_t{k} * outputs + o;
        packed[tap * int64_t{inputs} * outputs + at] =
            filters.of(o, k)[(turned ? taps - 1 - tap : tap) * filters.to_tap];
      }
    }
  }
}

template <int kTile>
void pack(const Filters& filters, int inputs, int outputs, Numbers factors, bool turned, int threads,
          void* packed) {
  if (factors == Numbers::kFloat) {
    pack<kTile, Numbers::kFloat>(filters, inputs, outputs, turned, threads, static_cast<float*>(packed));
  } else {
    pack<kTile, Numbers::kBFloat16>(filters, inputs, outputs, turned, threads,
                                    static_cast<uint16_t*>(packed));
  }
}

void pack_filters(const Filters& filters, int inputs, int outputs, int tile, Numbers factors, bool turned,
                  int threads, void* packed) {
  tile == 4   ? pack<4>(filters, inputs, outputs, factors, turned, threads, packed)
  : tile == 2 ? pack<2>(filters, inputs, outputs, factors, turned, threads, packed)
  : tile == 1 ? pack<1>(filters, inputs, outputs, factors, turned, threads, packed)
              : pack_thin(filters, inputs, outputs, turned, static_cast<float*>(packed));
}

}  // namespace

}  // namespace subband
