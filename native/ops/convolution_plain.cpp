// What convolution.h describes, as plainly as it can be said.
#include "bfloat16.h"
#include "convolution.h"

namespace subband {

namespace {

float load(const Pixels& pixels, int64_t pixel, int channel) {
  const int64_t at = pixel * pixels.stride + channel;
  if (pixels.numbers == Numbers::kFloat) {
    return static_cast<const float*>(pixels.data)[at];
  }
  return from_bfloat16(static_cast<const uint16_t*>(pixels.data)[at]);
}

void store(const Pixels& pixels, int64_t pixel, int channel, double value) {
  const int64_t at = pixel * pixels.stride + channel;
  const float rounded = static_cast<float>(value);
  if (pixels.numbers == Numbers::kFloat) {
    static_cast<float*>(const_cast<void*>(pixels.data))[at] = rounded;
    return;
  }
  static_cast<uint16_t*>(const_cast<void*>(pixels.data))[at] = to_bfloat16(rounded);
}

}  // namespace

void convolve_plain(const Convolution& c, const float* filters) {
  const int side = c.side, reach = reach_of(side), taps = side * side;
  for (int64_t n = 0; n < c.images; ++n) {
    for (int64_t y = 0; y < c.height; ++y) {
      for (int64_t x = 0; x < c.width; ++x) {
        const int64_t pixel = (n * c.height + y) * c.width + x;
        for (int o = 0; o < c.outputs; ++o) {
          double sum = c.bias != nullptr ? c.bias[o] : 0;
          for (int i = 0; i < taps; ++i) {
            const int64_t row = y + i / side - reach, column = x + i % side - reach;
            if (row < 0 || row >= c.height || column < 0 || column >= c.width) {
              continue;
            }
            for (int k = 0; k < c.inputs; ++k) {
              sum += static_cast<double>(load(c.image[0], (n * c.height + row) * c.width + column, k)) *
                     filters[(static_cast<int64_t>(o) * c.inputs + k) * taps + i];
            }
          }
          if (c.slopes != nullptr && sum < 0) {
            sum *= c.slopes[o];
          }
          if (c.skip.data != nullptr) {
            sum += load(c.skip, pixel, o);
          }
          const int channels = channels_of_result(c), part = o / channels;
          const int64_t row = (n * c.height + y) * c.spread + part / c.spread;
          store(c.result, (row * c.width + x) * c.spread + part % c.spread, o % channels, sum);
        }
      }
    }
  }
}

}  // namespace subband
