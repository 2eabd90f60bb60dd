// The gradient of filters of 3x3, by Winograd's method.
//
// With Y = A'[(G g G') . (B' d B)]A, the gradient of g is G'[(A dY A') . (B' d B)]G, summed over all tiles:
// for each of the 36 parts the product of a matrix [outputs, tiles] with one [tiles, inputs], so that F(4x4)
// does with 36 multiplications what takes 144 directly. Lavin and Gray, "Fast Algorithms for Convolutional
// Neural Networks", 2016.
//
// A slice of the tiles, and so many channels of either side that their sums stay near, is a block for one
// thread, and has sums of its own. Some tiles at a time, pixels become factors (B'dB), gradients become
// factors (A dY A'), and their products go to the sums. Where there are several slices, their sums are added
// in their order afterwards, so that the number of threads does not matter. Products are of floats, also
// where pixels are of bf16.
//
// Included behind the vectors to compute with, within their target options.
#pragma once

#include <algorithm>

#include "convolution.h"
#include "convolution_layout.h"
#include "tiles.h"

namespace subband {

namespace {

constexpr int kTilesOfSum = 48;  // their factors of 64 and 64 channels take 880 kB of a second-level cache

template <Numbers kImage, Numbers kGradient>
class GradientKernel : Tiles<4> {
  static constexpr int kTile = 4;
  using Patch = Tiles<kTile>::template Patch<kImage>;
  using Dy = Pixel<kGradient>;
  static_assert(kParts == layout::kGradientParts);

 public:
  explicit GradientKernel(const FilterGradient& g)
      : Tiles<kTile>(g.images, g.height, g.width), g_(g), slices_(layout::slices_of(g)) {}

  int64_t blocks() const { return slices_ * layout::ranges_of(g_.outputs) * layout::ranges_of(g_.inputs); }

  int64_t scratch_floats() const {
    const int64_t inputs = std::min(g_.inputs, layout::kChannelsOfSum);
    const int64_t outputs = std::min(g_.outputs, layout::kChannelsOfSum);
    return kParts * (kTilesOfSum * (inputs + outputs) + (slices_ == 1 ? outputs * inputs : 0));
  }

  void run(int64_t block, float* scratch) const {
    const int64_t slice = block % slices_, pair = block / slices_;
    const Channels inputs = channels_of(pair % layout::ranges_of(g_.inputs), g_.inputs);
    const Channels outputs = channels_of(pair / layout::ranges_of(g_.inputs), g_.outputs);
    float* factors = scratch;  // [parts][lines][tiles][lanes]
    float* gradients = factors + int64_t{kParts} * kTilesOfSum * inputs.count;  // [parts][rows][tiles][lanes]
    float* sums =
        slices_ > 1 ? sums_of(slice, outputs, inputs)
                    : gradients + int64_t{kParts} * kTilesOfSum * outputs.count;  // [parts][outputs][inputs]
    const int64_t begin = tiles() * slice / slices_, end = tiles() * (slice + 1) / slices_;
    Place place = locate(begin);
    for (int64_t first = begin; first < end; first += kTilesOfSum) {
      const int count = static_cast<int>(std::min<int64_t>(end - first, kTilesOfSum));
      for (int t = 0; t < count; ++t) {
        to_factors(place, inputs, factors + t * kLanes);
        to_gradients(place, outputs, gradients + t * kLanes);
        place = after(place);
      }
      for (int part = 0; part < kParts; ++part) {
        multiply(factors + int64_t{part} * kTilesOfSum * inputs.count,
                 gradients + int64_t{part} * kTilesOfSum * outputs.count, count, first > begin, outputs.count,
                 inputs.count, sums + int64_t{part} * outputs.count * inputs.count);
      }
    }
    if (slices_ == 1) {
      for (int output = 0; output < outputs.count; ++output) {
        finish(outputs, output, inputs, sums);
      }
    }
  }

  // Adds several slices, for all filters to one result.
  void finish(int output) const {
    const Channels outputs = channels_of(output / layout::kChannelsOfSum, g_.outputs);
    for (int range = 0; range < layout::ranges_of(g_.inputs); ++range) {
      const Channels inputs = channels_of(range, g_.inputs);
      finish(outputs, output - outputs.first, inputs, sums_of(0, outputs, inputs));
    }
  }

 private:
  struct Channels {
    int first, count;
  };

  static Channels channels_of(int64_t range, int all) {
    const int first = static_cast<int>(range) * layout::kChannelsOfSum;
    return {first, std::min(all - first, layout::kChannelsOfSum)};
  }

  float* sums_of(int64_t slice, const Channels& outputs, const Channels& inputs) const {
    return g_.sums + slice * layout::sums_of_slice(g_) +
           kParts * (int64_t{outputs.first} * g_.inputs + int64_t{outputs.count} * inputs.first);
  }

  // G'[..]G of the filters from some channels to one of the results, whose sums lie at `sums`, and those of
  // further slices behind them.
  void finish(const Channels& outputs, int output, const Channels& inputs, const float* sums) const {
    for (int channel = 0; channel < inputs.count; channel += kLanes) {
      Vector columns[kParts], g[9];
      for (int j = 0; j < kSide; ++j) {
        Vector m[kSide];
        for (int i = 0; i < kSide; ++i) {
          const float* of_slice =
              sums + (int64_t{i * kSide + j} * outputs.count + output) * inputs.count + channel;
          m[i] = Vector(0.0f);
          for (int64_t slice = 0; slice < slices_; ++slice, of_slice += layout::sums_of_slice(g_)) {
            m[i] = m[i] + Vector::load(of_slice);
          }
        }
        Vector down[3];
        Points::weights_gradient(m, down);
        for (int i = 0; i < 3; ++i) {
          columns[i * kSide + j] = down[i];
        }
      }
      for (int i = 0; i < 3; ++i) {
        Points::weights_gradient(columns + i * kSide, g + i * 3);
      }
      float* filters = g_.filters.of(outputs.first + output, inputs.first + channel);
      for (int tap = 0; tap < 9; ++tap, filters += g_.filters.to_tap) {
        float of[kLanes];
        g[tap].store(of);
        for (int i = 0; i < kLanes; ++i) {
          filters[i * g_.filters.to_input] = of[i];
        }
      }
    }
  }

  void to_factors(const Place& p, const Channels& inputs, float* factors) const {
    const Patch patch(*this, g_.image, p, -kReach);
    for (int channel = 0; channel < inputs.count; channel += kLanes, factors += kTilesOfSum * kLanes) {
      patch.transform(inputs.first + channel, [&](int i, Vector part) {
        part.store(factors + int64_t{i} * kTilesOfSum * inputs.count);
      });
    }
  }

  // A dY A'
  void to_gradients(const Place& p, const Channels& outputs, float* gradients) const {
    const typename Dy::Type* begin[kTile];
    for (int i = 0; i < kTile; ++i) {
      begin[i] = row_of<typename Dy::Type>(g_.gradient, p.image, p.row + i);
    }
    const int columns = static_cast<int>(std::min<int64_t>(width_ - p.column, kTile));
    for (int channel = 0; channel < outputs.count; channel += kLanes, gradients += kTilesOfSum * kLanes) {
      Vector across[kSide * kTile];  // of each column of the tile its six
#pragma GCC unroll 4
      for (int j = 0; j < kTile; ++j) {
        Vector y[kTile];
#pragma GCC unroll 4
        for (int i = 0; i < kTile; ++i) {
          y[i] = j < columns && begin[i] != nullptr
                     ? Dy::load(begin[i] + (p.column + j) * g_.gradient.stride + outputs.first + channel)
                     : Vector(0.0f);
        }
        Vector m[kSide];
        Points::gradient(y, m);
#pragma GCC unroll 6
        for (int i = 0; i < kSide; ++i) {
          across[i * kTile + j] = m[i];
        }
      }
#pragma GCC unroll 6
      for (int i = 0; i < kSide; ++i) {
        Vector m[kSide];
        Points::gradient(across + i * kTile, m);
#pragma GCC unroll 6
        for (int j = 0; j < kSide; ++j) {
          m[j].store(gradients + int64_t{i * kSide + j} * kTilesOfSum * outputs.count);
        }
      }
    }
  }

  static void multiply(const float* factors, const float* gradients, int count, bool adds, int outputs,
                       int inputs, float* sums) {
    for (int row = 0; row < outputs; row += kResultsAtOnce) {
      const float* of_rows = gradients + (row / kLanes) * kTilesOfSum * kLanes + row % kLanes;
      float* of_row = sums + int64_t{row} * inputs;
      int channel = 0;
      for (; channel + kVectors * kLanes <= inputs; channel += kVectors * kLanes) {
        multiply<kVectors>(factors + channel * kTilesOfSum, of_rows, count, adds, inputs, of_row + channel);
      }
      if (channel < inputs) {
        multiply<1>(factors + channel * kTilesOfSum, of_rows, count, adds, inputs, of_row + channel);
      }
    }
  }

  template <int kWide>
  static SB_INLINE void multiply(const float* factors, const float* gradients, int count, bool adds,
                                 int inputs, float* to) {
    Vector sums[kResultsAtOnce][kWide];
#pragma GCC unroll 8
    for (int r = 0; r < kResultsAtOnce; ++r) {
      for (int w = 0; w < kWide; ++w) {
        sums[r][w] = adds ? Vector::load(to + int64_t{r} * inputs + w * kLanes) : Vector(0.0f);
      }
    }
    for (int t = 0; t < count; ++t, factors += kLanes, gradients += kLanes) {
      Vector f[kWide];
      for (int w = 0; w < kWide; ++w) {
        f[w] = Vector::load(factors + w * kTilesOfSum * kLanes);
      }
#pragma GCC unroll 8
      for (int r = 0; r < kResultsAtOnce; ++r) {
        const Vector gradient = Vector(gradients[r]);
        for (int w = 0; w < kWide; ++w) {
          sums[r][w] = Vector::fma(gradient, f[w], sums[r][w]);
        }
      }
    }
#pragma GCC unroll 8
    for (int r = 0; r < kResultsAtOnce; ++r) {
      for (int w = 0; w < kWide; ++w) {
        sums[r][w].store(to + int64_t{r} * inputs + w * kLanes);
      }
    }
  }

  const FilterGradient& g_;
  int64_t slices_;
};

template <Numbers kImage, Numbers kGradient>
bool filter_gradient(const FilterGradient& g, int threads) {
  const GradientKernel<kImage, kGradient> kernel(g);
  if (!run(kernel, threads)) {
    return false;
  }
  if (layout::slices_of(g) == 1) {
    return true;
  }
#pragma omp parallel for num_threads(threads)
  for (int output = 0; output < g.outputs; ++output) {
    kernel.finish(output);
  }
  return true;
}

}  // namespace

}  // namespace subband
