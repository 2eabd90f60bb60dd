// The gradient of filters of 3x3, by Winograd's method.
//
// With Y = A'[(G g G') . (B' d B)]A, the gradient of g is G'[(A dY A') . (B' d B)]G, summed over all tiles:
// for each of the 36 parts the product of a matrix [outputs, tiles] with one [tiles, inputs], so that F(4x4)
// does with 36 multiplications what takes 144 directly. Lavin and Gray, "Fast Algorithms for Convolutional
// Neural Networks", 2016.
//
// A slice of some hundred tiles is a block for one thread, and goes to sums of its own, block by block:
// pixels to factors (B'dB), gradients to factors (A dY A'), and their products to the sums. The slices' sums
// are added in their order afterwards, so that the number of threads does not matter. Products are of floats,
// also where pixels are of bf16.
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
      : Tiles<kTile>(g.images, g.height, g.width),
        g_(g),
        lines_(g.inputs / kLanes),
        rows_(g.outputs / kLanes) {}

  int64_t blocks() const { return layout::slices_of(g_); }

  int64_t scratch_floats() const { return int64_t{kParts} * kTilesOfSum * kLanes * (lines_ + rows_); }

  void run(int64_t slice, float* scratch) const {
    float* factors = scratch;  // [parts][lines][tiles][16]
    float* gradients = factors + int64_t{kParts} * lines_ * kTilesOfSum * kLanes;  // [parts][rows][tiles][16]
    float* sums = g_.sums + slice * layout::sums_of_slice(g_);                     // [parts][outputs][inputs]
    const int64_t begin = tiles() * slice / blocks(), end = tiles() * (slice + 1) / blocks();
    Place place = locate(begin);
    for (int64_t first = begin; first < end; first += kTilesOfSum) {
      const int count = static_cast<int>(std::min<int64_t>(end - first, kTilesOfSum));
      for (int t = 0; t < count; ++t) {
        to_factors(place, factors + t * kLanes);
        to_gradients(place, gradients + t * kLanes);
        place = after(place);
      }
      for (int part = 0; part < kParts; ++part) {
        multiply(factors + int64_t{part} * lines_ * kTilesOfSum * kLanes,
                 gradients + int64_t{part} * rows_ * kTilesOfSum * kLanes, count, first > begin,
                 sums + int64_t{part} * g_.outputs * g_.inputs);
      }
    }
  }

  // G'[..]G of all filters to one result.
  void finish(int output) const {
    for (int channel = 0; channel < g_.inputs; channel += kLanes) {
      Vector columns[kParts], g[9];
      for (int j = 0; j < kSide; ++j) {
        Vector m[kSide];
        for (int i = 0; i < kSide; ++i) {
          const float* sums = g_.sums + (int64_t{i * kSide + j} * g_.outputs + output) * g_.inputs + channel;
          m[i] = Vector(0.0f);
          for (int64_t slice = 0; slice < blocks(); ++slice, sums += layout::sums_of_slice(g_)) {
            m[i] = m[i] + Vector::load(sums);
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
      float* filters = g_.filters + (static_cast<int64_t>(output) * g_.inputs + channel) * 9;
      for (int tap = 0; tap < 9; ++tap) {
        float of[kLanes];
        g[tap].store(of);
        for (int i = 0; i < kLanes; ++i) {
          filters[i * 9 + tap] = of[i];
        }
      }
    }
  }

 private:
  void to_factors(const Place& p, float* factors) const {
    const Patch patch(*this, g_.image, p, -kReach);
    for (int line = 0; line < lines_; ++line, factors += kTilesOfSum * kLanes) {
      Vector parts[kParts];
      patch.transform(line * kLanes, parts);
#pragma GCC unroll 36
      for (int i = 0; i < kParts; ++i) {
        parts[i].store(factors + int64_t{i} * lines_ * kTilesOfSum * kLanes);
      }
    }
  }

  // A dY A'
  void to_gradients(const Place& p, float* gradients) const {
    const typename Dy::Type* begin[kTile];
    for (int i = 0; i < kTile; ++i) {
      begin[i] = row_of<typename Dy::Type>(g_.gradient, p.image, p.row + i);
    }
    const int columns = static_cast<int>(std::min<int64_t>(width_ - p.column, kTile));
    for (int v = 0; v < rows_; ++v, gradients += kTilesOfSum * kLanes) {
      Vector across[kSide * kTile];  // of each column of the tile its six
#pragma GCC unroll 4
      for (int j = 0; j < kTile; ++j) {
        Vector y[kTile];
#pragma GCC unroll 4
        for (int i = 0; i < kTile; ++i) {
          y[i] = j < columns && begin[i] != nullptr
                     ? Dy::load(begin[i] + (p.column + j) * g_.gradient.stride + v * kLanes)
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
          m[j].store(gradients + int64_t{i * kSide + j} * rows_ * kTilesOfSum * kLanes);
        }
      }
    }
  }

  void multiply(const float* factors, const float* gradients, int count, bool adds, float* sums) const {
    for (int row = 0; row < g_.outputs; row += kResultsAtOnce) {
      const float* of_rows = gradients + (row / kLanes) * kTilesOfSum * kLanes + row % kLanes;
      int line = 0;
      for (; line + kVectors <= lines_; line += kVectors) {
        multiply<kVectors>(factors + line * kTilesOfSum * kLanes, of_rows, count, adds,
                           sums + int64_t{row} * g_.inputs + line * kLanes);
      }
      if (line < lines_) {
        multiply<1>(factors + line * kTilesOfSum * kLanes, of_rows, count, adds,
                    sums + int64_t{row} * g_.inputs + line * kLanes);
      }
    }
  }

  template <int kWide>
  SB_INLINE void multiply(const float* factors, const float* gradients, int count, bool adds,
                          float* to) const {
    Vector sums[kResultsAtOnce][kWide];
#pragma GCC unroll 8
    for (int r = 0; r < kResultsAtOnce; ++r) {
      for (int w = 0; w < kWide; ++w) {
        sums[r][w] = adds ? Vector::load(to + int64_t{r} * g_.inputs + w * kLanes) : Vector(0.0f);
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
        sums[r][w].store(to + int64_t{r} * g_.inputs + w * kLanes);
      }
    }
  }

  const FilterGradient& g_;
  int lines_, rows_;
};

template <Numbers kImage, Numbers kGradient>
bool filter_gradient(const FilterGradient& g, int threads) {
  const GradientKernel<kImage, kGradient> kernel(g);
  if (!run(kernel, threads)) {
    return false;
  }
#pragma omp parallel for num_threads(threads)
  for (int output = 0; output < g.outputs; ++output) {
    kernel.finish(output);
  }
  return true;
}

}  // namespace

}  // namespace subband
