// Filters as the kernel reads them: for each of the products of a tile (36, 16, or 1 of 1x1), for each block
// of 32 results (or the 16 that are left, or of 16), for each channel, or pair of channels in bf16, the
// block's numbers side by side. Channels are filled up with zeros to whole lines of cache.
//
// A network that is trained packs its filters twice in each step, so that sixteen of them are transformed at
// once, and by all threads.
#include <algorithm>
#include <cstring>

#include "bfloat16.h"
#include "convolution.h"
#include "convolution_layout.h"
#include "winograd.h"

namespace subband {

namespace {

using layout::kLineFloats;

constexpr int kAtOnce = 16;  // filters to as many results

// The same number of sixteen filters.
struct Many {
  double of[kAtOnce];
};

template <typename Operation>
inline Many each(Operation operation) {
  Many result;
  for (int i = 0; i < kAtOnce; ++i) {
    result.of[i] = operation(i);
  }
  return result;
}

inline Many operator+(const Many& a, const Many& b) {
  return each([&](int i) { return a.of[i] + b.of[i]; });
}
inline Many operator-(const Many& a, const Many& b) {
  return each([&](int i) { return a.of[i] - b.of[i]; });
}
inline Many operator*(double a, const Many& b) {
  return each([&](int i) { return a * b.of[i]; });
}
inline Many operator/(const Many& a, double b) {
  return each([&](int i) { return a.of[i] / b; });
}

// G g G'
template <int kTile>
void transform(const Many* filter, Many* parts) {
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

inline void round_to(double value, float& number) { number = static_cast<float>(value); }
inline void round_to(double value, uint16_t& number) { number = to_bfloat16(static_cast<float>(value)); }

template <int kTile, Numbers kFactors, typename Number>
void pack(const float* filters, int inputs, int outputs, int block, int threads, Number* packed) {
  constexpr int kTaps = side_of(kTile) * side_of(kTile);
  constexpr int kParts = winograd::Points<kTile>::kSide * winograd::Points<kTile>::kSide;
  constexpr int kLine = layout::channels_of_line(kFactors), kPair = kLine / kLineFloats;
  const int64_t padded = (inputs + kLine - 1) / kLine * kLine;
  std::fill_n(packed, kParts * outputs * padded, Number{0});
#pragma omp parallel for num_threads(threads)
  for (int first = 0; first < outputs; first += kAtOnce) {
    const int begin = first / block * block;  // of the block
    const int wide = std::min(block, outputs - begin);
    for (int k = 0; k < inputs; ++k) {
      Many filter[kTaps], parts[kParts];
      for (int i = 0; i < kAtOnce; ++i) {
        const float* from = filters + (static_cast<int64_t>(first + i) * inputs + k) * kTaps;
        for (int tap = 0; tap < kTaps; ++tap) {
          filter[tap].of[i] = from[tap];
        }
      }
      transform<kTile>(filter, parts);
      Number* to = packed + begin * padded + (k / kPair * wide + first - begin) * kPair + k % kPair;
      for (int part = 0; part < kParts; ++part, to += outputs * padded) {
        for (int i = 0; i < kAtOnce; ++i) {
          round_to(parts[part].of[i], to[i * kPair]);
        }
      }
    }
  }
}

// As thin_kernel.h has them: what vectors run over is innermost.
void pack_thin(const float* filters, int inputs, int outputs, float* packed) {
  constexpr int kTaps = side_of(kThin) * side_of(kThin);
  for (int tap = 0; tap < kTaps; ++tap) {
    for (int k = 0; k < inputs; ++k) {
      for (int o = 0; o < outputs; ++o) {
        const int64_t at = outputs <= kMostThin ? int64_t{o} * inputs + k : int64_t{k} * outputs + o;
        packed[tap * int64_t{inputs} * outputs + at] = filters[(int64_t{o} * inputs + k) * kTaps + tap];
      }
    }
  }
}

template <int kTile>
void pack(const float* filters, int inputs, int outputs, Numbers factors, int block, int threads,
          void* packed) {
  if (factors == Numbers::kFloat) {
    pack<kTile, Numbers::kFloat>(filters, inputs, outputs, block, threads, static_cast<float*>(packed));
  } else {
    pack<kTile, Numbers::kBFloat16>(filters, inputs, outputs, block, threads, static_cast<uint16_t*>(packed));
  }
}

}  // namespace

int64_t packed_bytes(int inputs, int outputs, int tile, Numbers factors) {
  if (tile == kThin) {
    return int64_t{side_of(kThin) * side_of(kThin)} * inputs * outputs * static_cast<int64_t>(sizeof(float));
  }
  const int64_t line = layout::channels_of_line(factors);
  const int64_t padded = (inputs + line - 1) / line * line;
  const int64_t side = tile + 2 * reach_of(tile);
  return side * side * outputs * padded * (layout::kLineBytes / line);
}

void pack_filters(const float* filters, int inputs, int outputs, int tile, Numbers factors, int block,
                  int threads, void* packed) {
  tile == 4   ? pack<4>(filters, inputs, outputs, factors, block, threads, packed)
  : tile == 2 ? pack<2>(filters, inputs, outputs, factors, block, threads, packed)
  : tile == 1 ? pack<1>(filters, inputs, outputs, factors, block, threads, packed)
              : pack_thin(filters, inputs, outputs, static_cast<float*>(packed));
}

}  // namespace subband
