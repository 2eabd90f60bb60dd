// Convolutions from or to a few channels, such as a network's first and its last, with filters of any odd
// side: as they are defined, for there are too few channels to share the transforms of Winograd's method.
//
// From a few channels, vectors run over results. To a few, they run over channels, and a result is the sum
// over its vector in the end.
//
// Included behind the vectors to compute with, within their target options.
#pragma once

#include <algorithm>

#include "convolution.h"
#include "convolution_layout.h"
#include "tiles.h"

namespace subband {

namespace {

// What both have in common: a block is a row of results, whose tiles are pixels.
template <Numbers kImage, Numbers kResult>
class ThinKernel : protected Tiles<1> {
 protected:
  using In = Pixel<kImage>;
  using Out = Pixel<kResult>;

  explicit ThinKernel(const Convolution& c)
      : Tiles<1>(c.images, c.height, c.width),
        c_(c),
        filters_(static_cast<const float*>(c.filters)),
        side_(c.side),
        reach_(reach_of(c.side)) {}

  struct Row {
    const typename In::Type* seen[kMostThinSide];  // null for one of zeros
    const typename Out::Type* skip;                // null for none
    typename Out::Type* result;
  };

  Row row_at(int64_t block) const {
    const int64_t image = block / c_.height, y = block % c_.height;
    Row row;
    for (int i = 0; i < side_; ++i) {
      row.seen[i] = row_of<typename In::Type>(c_.image[0], image, y + c_.first_row + i);
    }
    row.skip = row_of<typename Out::Type>(c_.skip, image, y);
    row.result = const_cast<typename Out::Type*>(row_of<typename Out::Type>(c_.result, image, y));
    return row;
  }

  const Convolution& c_;
  const float* filters_;
  int side_, reach_;

 public:
  int64_t blocks() const { return c_.images * c_.height; }
};

// Filters are [side][side][inputs][outputs].
template <Numbers kImage, Numbers kResult>
class FromFew : public ThinKernel<kImage, kResult> {
  using Base = ThinKernel<kImage, kResult>;
  using Base::c_, Base::filters_, Base::side_, Base::reach_;
  using typename Base::In, typename Base::Out, typename Base::Row;

 public:
  explicit FromFew(const Convolution& c)
      : Base(c),
        line_(((c.width + kTilesAtOnce - 1) / kTilesAtOnce * kTilesAtOnce + 2 * reach_) * c.inputs),
        vectors_(c.outputs / kLanes) {}

  int64_t scratch_floats() const { return side_ * line_; }

  void run(int64_t block, float* scratch) const {
    const Row row = this->row_at(block);
    for (int i = 0; i < side_; ++i) {
      copy(row.seen[i], scratch + i * line_);
    }
    for (int64_t x = 0; x < c_.width; x += kTilesAtOnce) {
      int v = 0;
      for (; v + kVectors <= vectors_; v += kVectors) {
        multiply<kVectors>(scratch, x, v, row);
      }
      if (v < vectors_) {
        multiply<1>(scratch, x, v, row);
      }
    }
  }

 private:
  // A row as floats, with zeros before it and behind.
  void copy(const typename In::Type* row, float* line) const {
    if (row == nullptr) {
      std::fill_n(line, line_, 0.0f);
      return;
    }
    const int64_t stride = c_.image[0].stride;
    const bool is_dense = stride == c_.inputs;  // then it is copied as if of one pixel
    const int64_t pixels = is_dense ? 1 : c_.width, numbers = is_dense ? c_.width * c_.inputs : c_.inputs;
    std::fill_n(line, reach_ * c_.inputs, 0.0f);
    float* to = line + reach_ * c_.inputs;
    for (int64_t x = 0; x < pixels; ++x, row += stride, to += numbers) {
      for (int64_t k = 0; k < numbers; ++k) {
        to[k] = In::number(row[k]);
      }
    }
    std::fill(to, line + line_, 0.0f);
  }

  // The results of some pixels from x on; what a row of a filter sees of each lies side by side.
  template <int kWide>
  SB_INLINE void multiply(const float* lines, int64_t x, int v, const Row& row) const {
    Vector sums[kTilesAtOnce][kWide];
#pragma GCC unroll 14
    for (int t = 0; t < kTilesAtOnce; ++t) {
      for (int w = 0; w < kWide; ++w) {
        sums[t][w] = Vector(0.0f);
      }
    }
    const float* filters = filters_ + v * kLanes;
    for (int i = 0; i < side_; ++i) {
      const float* line = lines + i * line_ + x * c_.inputs;
      for (int k = 0; k < side_ * c_.inputs; ++k, filters += c_.outputs) {
        Vector f[kWide];
        for (int w = 0; w < kWide; ++w) {
          f[w] = Vector::load(filters + w * kLanes);
        }
#pragma GCC unroll 14
        for (int t = 0; t < kTilesAtOnce; ++t) {
          const Vector number = Vector(line[t * c_.inputs + k]);
          for (int w = 0; w < kWide; ++w) {
            sums[t][w] = Vector::fma(number, f[w], sums[t][w]);
          }
        }
      }
    }
#pragma GCC unroll 14
    for (int t = 0; t < kTilesAtOnce; ++t) {
      if (x + t < c_.width) {
        for (int w = 0; w < kWide; ++w) {
          finish(sums[t][w], (v + w) * kLanes, x + t, row);
        }
      }
    }
  }

  SB_INLINE void finish(Vector sum, int channel, int64_t x, const Row& row) const {
    if (c_.bias != nullptr) {
      sum = sum + Vector::load(c_.bias + channel);
    }
    if (c_.slopes != nullptr) {
      sum = sum.rectified(Vector::load(c_.slopes + channel));
    }
    if (row.skip != nullptr) {
      sum = sum + Out::load(row.skip + x * c_.skip.stride + channel);
    }
    Out::store(row.result + x * c_.result.stride + channel, sum);
  }

  int64_t line_;
  int vectors_;
};

// Filters are [side][side][outputs][inputs].
template <Numbers kImage, Numbers kResult, int kOutputs>
class ToFew : public ThinKernel<kImage, kResult> {
  using Base = ThinKernel<kImage, kResult>;
  using Base::c_, Base::filters_, Base::side_, Base::reach_;
  using typename Base::In, typename Base::Out, typename Base::Row;
  // Some taps of a row of a filter share the pixels that they see, where they leave room. Sums of as many
  // results, each a vector, take the other registers but one.
  static constexpr int kTaps = 3 * kOutputs <= kRegisters / 3 ? 3 : 1;
  static constexpr int kPixels = (kRegisters - 1 - kTaps * kOutputs) / kOutputs;

 public:
  explicit ToFew(const Convolution& c) : Base(c), tap_(int64_t{kOutputs} * c.inputs) {}

  int64_t scratch_floats() const { return (kPixels + 2 * reach_) * int64_t{c_.inputs}; }

  void run(int64_t block, float* scratch) const {
    const Row row = this->row_at(block);
    for (int64_t x = 0; x < c_.width; x += kPixels) {
      Vector sums[kPixels][kOutputs];
#pragma GCC unroll 28
      for (int t = 0; t < kPixels; ++t) {
        for (int o = 0; o < kOutputs; ++o) {
          sums[t][o] = Vector(0.0f);
        }
      }
      const bool is_inside = x >= reach_ && x + kPixels + reach_ <= c_.width;
      const int64_t stride = is_inside ? c_.image[0].stride : c_.inputs;
      for (int i = 0; i < side_; ++i) {
        if (row.seen[i] == nullptr) {
          continue;
        }
        const auto* seen =
            is_inside ? row.seen[i] + (x - reach_) * stride : padded(row.seen[i], x - reach_, scratch);
        const float* filters = filters_ + i * side_ * tap_;
        int j = 0;
        for (; j + kTaps <= side_; j += kTaps) {
          add<kTaps>(seen + j * stride, stride, filters + j * tap_, sums);
        }
        for (; j < side_; ++j) {
          add<1>(seen + j * stride, stride, filters + j * tap_, sums);
        }
      }
#pragma GCC unroll 28
      for (int t = 0; t < kPixels; ++t) {
        for (int o = 0; o < kOutputs && x + t < c_.width; ++o) {
          finish(sums[t][o].sum(), o, x + t, row);
        }
      }
    }
  }

 private:
  // Pixels of a row from one on that may lie outside, where there are zeros.
  const typename In::Type* padded(const typename In::Type* row, int64_t column, float* scratch) const {
    auto* const copy = reinterpret_cast<typename In::Type*>(scratch);
    auto* to = copy;
    for (int q = 0; q < kPixels + 2 * reach_; ++q, ++column, to += c_.inputs) {
      if (column >= 0 && column < c_.width) {
        std::copy_n(row + column * c_.image[0].stride, c_.inputs, to);
      } else {
        std::fill_n(to, c_.inputs, typename In::Type{0});
      }
    }
    return copy;
  }

  // What some pixels have of those that they see of a row, with some taps side by side.
  template <int kSome>
  SB_INLINE void add(const typename In::Type* seen, int64_t stride, const float* filters,
                     Vector (&sums)[kPixels][kOutputs]) const {
    for (int k = 0; k < c_.inputs; k += kLanes) {
      Vector f[kSome][kOutputs];
      for (int j = 0; j < kSome; ++j) {
        for (int o = 0; o < kOutputs; ++o) {
          f[j][o] = Vector::load(filters + j * tap_ + o * c_.inputs + k);
        }
      }
      const auto* pixels = seen + k;
#pragma GCC unroll 32
      for (int q = 0; q < kPixels + kSome - 1; ++q, pixels += stride) {
        const Vector pixel = In::load(pixels);
#pragma GCC unroll 3
        for (int j = 0; j < kSome; ++j) {
          if (q - j >= 0 && q - j < kPixels) {
            for (int o = 0; o < kOutputs; ++o) {
              sums[q - j][o] = Vector::fma(pixel, f[j][o], sums[q - j][o]);
            }
          }
        }
      }
    }
  }

  SB_INLINE void finish(float sum, int channel, int64_t x, const Row& row) const {
    sum += c_.bias != nullptr ? c_.bias[channel] : 0.0f;
    sum *= c_.slopes != nullptr && sum < 0 ? c_.slopes[channel] : 1.0f;
    sum += row.skip != nullptr ? Out::number(row.skip[x * c_.skip.stride + channel]) : 0.0f;
    row.result[x * c_.result.stride + channel] = Out::rounded(sum);
  }

  int64_t tap_;  // its numbers
};

template <Numbers kImage, Numbers kResult>
bool convolve_thin(const Convolution& c, int threads) {
  switch (c.outputs) {
    case 1:
      return run(ToFew<kImage, kResult, 1>(c), threads);
    case 2:
      return run(ToFew<kImage, kResult, 2>(c), threads);
    case 3:
      return run(ToFew<kImage, kResult, 3>(c), threads);
    case 4:
      return run(ToFew<kImage, kResult, 4>(c), threads);
    default:
      return run(FromFew<kImage, kResult>(c), threads);
  }
}

}  // namespace

}  // namespace subband
