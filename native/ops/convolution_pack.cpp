// Filters as the kernel reads them: for each of the products of a tile (36, 16, or 1 of 1x1), for each block
// of 32 results (or the 16 that are left), for each channel, or pair of channels in bf16, the block's numbers
// side by side. Channels are filled up with zeros to whole lines of cache.
#include <cstring>
#include <vector>

#include "bfloat16.h"
#include "convolution.h"
#include "convolution_layout.h"
#include "winograd.h"

namespace subband {

namespace {

template <int kTile>
void transform(const float* filter, double* parts) {
  using Points = winograd::Points<kTile>;
  constexpr int kSide = Points::kSide, kFilter = side_of(kTile);
  double columns[kFilter][kSide], row[kFilter];
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

int parts_of(int tile) { return (tile + 2 * reach_of(tile)) * (tile + 2 * reach_of(tile)); }

}  // namespace

int64_t packed_bytes(int inputs, int outputs, int tile, Numbers factors) {
  const int64_t line = layout::channels_of_line(factors);
  const int64_t padded = (inputs + line - 1) / line * line;
  return int64_t{parts_of(tile)} * outputs * padded * (layout::kLineBytes / line);
}

void pack_filters(const float* filters, int inputs, int outputs, int tile, Numbers factors, void* packed) {
  const int line = layout::channels_of_line(factors);
  const int pair = line / layout::kLanes;
  const int padded = (inputs + line - 1) / line * line;
  const int parts = parts_of(tile);
  std::vector<double> all(static_cast<size_t>(outputs) * inputs * parts);
  for (int64_t i = 0; i < static_cast<int64_t>(outputs) * inputs; ++i) {
    const float* filter = filters + i * side_of(tile) * side_of(tile);
    tile == 4   ? transform<4>(filter, &all[i * parts])
    : tile == 2 ? transform<2>(filter, &all[i * parts])
                : transform<1>(filter, &all[i * parts]);
  }
  auto* out = static_cast<char*>(packed);
  for (int part = 0; part < parts; ++part) {
    for (int first = 0; first < outputs; first += layout::kBlock) {
      const int last = outputs - first < layout::kBlock ? outputs : first + layout::kBlock;
      for (int channel = 0; channel < padded; channel += pair) {
        for (int o = first; o < last; ++o) {
          for (int k = channel; k < channel + pair; ++k) {
            const float value =
                k < inputs ? static_cast<float>(all[(static_cast<int64_t>(o) * inputs + k) * parts + part])
                           : 0;
            if (factors == Numbers::kFloat) {
              std::memcpy(out, &value, sizeof value);
              out += sizeof value;
            } else {
              const uint16_t rounded = to_bfloat16(value);
              std::memcpy(out, &rounded, sizeof rounded);
              out += sizeof rounded;
            }
          }
        }
      }
    }
  }
}

}  // namespace subband
