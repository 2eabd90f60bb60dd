// Filters as the kernel reads them: for each of the (m+2)^2 products of a tile, for each block of 32 results
// (or the 16 that are left), for each channel, or pair of channels in bf16, the block's numbers side by side.
// Channels are filled up with zeros to whole lines of cache.
#include <cstring>
#include <vector>

#include "bfloat16.h"
#include "convolution3x3.h"
#include "convolution3x3_layout.h"
#include "winograd.h"

namespace subband {

namespace {

template <int kTile>
void transform(const float* filter, double* parts) {
  using Points = winograd::Points<kTile>;
  constexpr int kSide = Points::kSide;
  double columns[3][kSide], row[3];
  for (int j = 0; j < 3; ++j) {
    for (int i = 0; i < 3; ++i) {
      row[i] = filter[i * 3 + j];
    }
    Points::weights(row, columns[j]);
  }
  for (int i = 0; i < kSide; ++i) {
    for (int j = 0; j < 3; ++j) {
      row[j] = columns[j][i];
    }
    Points::weights(row, parts + i * kSide);
  }
}

}  // namespace

int64_t packed3x3_bytes(int inputs, int outputs, int tile, Numbers factors) {
  const int64_t line = layout3x3::channels_of_line(factors);
  const int64_t padded = (inputs + line - 1) / line * line;
  return (tile + 2) * (tile + 2) * outputs * padded * (layout3x3::kLineBytes / line);
}

void pack3x3(const float* filters, int inputs, int outputs, int tile, Numbers factors, void* packed) {
  const int line = layout3x3::channels_of_line(factors);
  const int pair = line / layout3x3::kLanes;
  const int padded = (inputs + line - 1) / line * line;
  const int parts = (tile + 2) * (tile + 2);
  std::vector<double> all(static_cast<size_t>(outputs) * inputs * parts);
  for (int64_t i = 0; i < static_cast<int64_t>(outputs) * inputs; ++i) {
    tile == 4 ? transform<4>(filters + i * 9, &all[i * parts])
              : transform<2>(filters + i * 9, &all[i * parts]);
  }
  auto* out = static_cast<char*>(packed);
  for (int part = 0; part < parts; ++part) {
    for (int first = 0; first < outputs; first += layout3x3::kBlock) {
      const int last = outputs - first < layout3x3::kBlock ? outputs : first + layout3x3::kBlock;
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
