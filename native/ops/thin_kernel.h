// Convolutions of 3x3 from or to a few channels, such as a network's first and its last: as they are defined,
// for there are too few channels to share the transforms of Winograd's method.
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
  static constexpr int kFilter = 3;

  explicit ThinKernel(const Convolution& c)
      : Tiles<1>(c.images, c.height, c.width), c_(c), filters_(static_cast<const float*>(c.filters)) {}

  struct Row {
    const typename In::Type* seen[kFilter];  // null for one of zeros
    const typename Out::Type* skip;          // null for none
    typename Out::Type* result;
  };

  Row row_at(int64_t block) const {
    const int64_t image = block / c_.height, y = block % c_.height;
    Row row;
    for (int i = 0; i < kFilter; ++i) {
      row.seen[i] = row_of<typename In::Type>(c_.image[0], image, y + c_.first_row + i);
    }
    row.skip = row_of<typename Out::Type>(c_.skip, image, y);
    row.result = const_cast<typename Out::Type*>(row_of<typename Out::Type>(c_.result, image, y));
    return row;
  }

  const Convolution& c_;
  const float* filters_;

 public:
  int64_t blocks() const { return c_.images * c_.height; }
};

// Filters are [3][3][inputs][outputs].
template <Numbers kImage, Numbers kResult>
class FromFew : public ThinKernel<kImage, kResult> {
  using Base = ThinKernel<kImage, kResult>;
  using Base::c_, Base::filters_, Base::kFilter;
  using typename Base::In, typename Base::Out, typename Base::Row;

 public:
  explicit FromFew(const Convolution& c)
      : Base(c),
        line_((c.width + kTilesAtOnce - 1) / kTilesAtOnce * kTilesAtOnce * c.inputs + 2 * c.inputs),
        vectors_(c.outputs / kLanes) {}

  int64_t scratch_floats() const { return kFilter * line_; }

  void run(int64_t block, float* scratch) const {
    const Row row = this->row_at(block);
    for (int i = 0; i < kFilter; ++i) {
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
  // A row as floats, with a pixel of zeros before it and zeros behind.
  void copy(const typename In::Type* row, float* line) const {
    if (row == nullptr) {
      std::fill_n(line, line_, 0.0f);
      return;
    }
    std::fill_n(line, c_.inputs, 0.0f);
    float* to = line + c_.inputs;
    for (int64_t x = 0; x < c_.width; ++x, row += c_.image[0].stride) {
      for (int k = 0; k < c_.inputs; ++k) {
        *to++ = In::number(row[k]);
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
    for (int i = 0; i < kFilter; ++i) {
      const float* line = lines + i * line_ + x * c_.inputs;
      for (int k = 0; k < kFilter * c_.inputs; ++k, filters += c_.outputs) {
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

// Filters are [3][3][outputs][inputs].
template <Numbers kImage, Numbers kResult, int kOutputs>
class ToFew : public ThinKernel<kImage, kResult> {
  using Base = ThinKernel<kImage, kResult>;
  using Base::c_, Base::filters_, Base::kFilter;
  using typename Base::In, typename Base::Out, typename Base::Row;
  // Whose sums, each a vector, fill the registers.
  static constexpr int kPixels = std::max(kTilesAtOnce / kOutputs, 2);
  static constexpr int kSeen = kPixels + kFilter - 1;

 public:
  explicit ToFew(const Convolution& c) : Base(c) {}

  int64_t scratch_floats() const { return c_.inputs; }

  void run(int64_t block, float* scratch) const {
    const Row row = this->row_at(block);
    std::fill_n(scratch, c_.inputs, 0.0f);  // a pixel of zeros
    const auto* zeros = reinterpret_cast<const typename In::Type*>(scratch);
    for (int64_t x = 0; x < c_.width; x += kPixels) {
      Vector sums[kPixels][kOutputs];
#pragma GCC unroll 14
      for (int t = 0; t < kPixels; ++t) {
        for (int o = 0; o < kOutputs; ++o) {
          sums[t][o] = Vector(0.0f);
        }
      }
      for (int i = 0; i < kFilter; ++i) {
        if (row.seen[i] != nullptr) {
          add(row.seen[i], x, zeros, filters_ + i * kFilter * kOutputs * c_.inputs, sums);
        }
      }
#pragma GCC unroll 14
      for (int t = 0; t < kPixels; ++t) {
        for (int o = 0; o < kOutputs && x + t < c_.width; ++o) {
          finish(sums[t][o].sum(), o, x + t, row);
        }
      }
    }
  }

 private:
  // What some pixels from x on have of a row that they see.
  SB_INLINE void add(const typename In::Type* row, int64_t x, const typename In::Type* zeros,
                     const float* filters, Vector (&sums)[kPixels][kOutputs]) const {
    const typename In::Type* seen[kSeen];
    for (int q = 0; q < kSeen; ++q) {
      const int64_t column = x + q - 1;
      seen[q] = column >= 0 && column < c_.width ? row + column * c_.image[0].stride : zeros;
    }
    for (int k = 0; k < c_.inputs; k += kLanes) {
      Vector f[kFilter][kOutputs];
      for (int j = 0; j < kFilter; ++j) {
        for (int o = 0; o < kOutputs; ++o) {
          f[j][o] = Vector::load(filters + (j * kOutputs + o) * c_.inputs + k);
        }
      }
#pragma GCC unroll 16
      for (int q = 0; q < kSeen; ++q) {
        const Vector pixel = In::load(seen[q] + k);
#pragma GCC unroll 3
        for (int j = 0; j < kFilter; ++j) {
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
