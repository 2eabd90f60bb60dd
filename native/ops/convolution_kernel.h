// The convolution by Winograd's method; of filters of 1x1, whose tiles are pixels, as they are.
//
// A block of tiles goes through three steps in the thread's own scratch, which stays in its second-level
// cache beside the filters: pixels to factors (B'dB), factors times filters to products, products to results
// (A'mA, bias, activation, skip). Vectors run over channels, so that no step shuffles numbers.
//
// Pixels to read and to write are far away, in another cache or in memory. So while a block is multiplied,
// which touches nothing but that scratch and the filters, line after line of what the next block reads and
// this one writes is asked for. Filters, which are more than a cache can guess at, are asked for some lines
// before they are used; where there are too many for the second level, the next block of them as well.
//
// Included behind the vectors to compute with, within their target options.
#pragma once

#include <algorithm>

#include "ahead.h"
#include "convolution.h"
#include "convolution_layout.h"
#include "tiles.h"

namespace subband {

namespace {

using layout::kLineFloats;

// Where filters are too many for a second-level cache, tiles go through them by the group, so that they are
// fetched once for all groups of a block. Factors of as many groups, of one part, have to stay there: of 512
// channels they take 115 kB.
constexpr int64_t kFiltersOfGroup = 96 * 96;
constexpr int64_t kMostGroups = 4;

// From where filters are read to where they are asked for: as far as is computed while they come from a
// second-level cache.
constexpr int kFiltersAhead = 32 * kLineFloats;

template <int kTile, Numbers kImage, Numbers kFactors, Numbers kResult>
class ConvolutionKernel : Tiles<kTile> {
  using typename Tiles<kTile>::Points;
  using typename Tiles<kTile>::Place;
  using Tiles<kTile>::kSide, Tiles<kTile>::kReach, Tiles<kTile>::kParts;
  using Tiles<kTile>::tiles, Tiles<kTile>::locate, Tiles<kTile>::after;
  using Patch = typename Tiles<kTile>::template Patch<kImage>;
  using In = Pixel<kImage>;
  using Out = Pixel<kResult>;
  static constexpr int kChannels = layout::channels_of_line(kFactors);
  static constexpr int kHalves = kChannels / kLanes;

 public:
  ConvolutionKernel(const Convolution& c, int threads)
      : Tiles<kTile>(c.images, c.height, c.width),
        c_(c),
        numbers_(c.inputs * kLineFloats / kChannels),
        lines_((numbers_ + kLineFloats - 1) / kLineFloats),
        vectors_(c.outputs / kLanes),
        groups_(groups_for(threads)) {}

  int64_t blocks() const { return (tiles() + tiles_of_block() - 1) / tiles_of_block(); }

  int64_t scratch_floats() const { return groups_ * (factors_floats() + products_floats()); }

  void run(int64_t block, float* scratch) const {
    float* factors = scratch;                                // [groups][parts][lines][tiles][16]
    float* products = factors + groups_ * factors_floats();  // [groups][parts][vectors][tiles][kLanes]
    const int64_t first = block * tiles_of_block();
    const int count = static_cast<int>(std::min<int64_t>(tiles() - first, tiles_of_block()));
    Place place = locate(first);
    for (int t = 0; t < count; ++t, place = after(place)) {
      to_factors(place, factors + t / kTilesAtOnce * factors_floats() + t % kTilesAtOnce * kLineFloats);
    }
    Ahead written, read;
    add_lines<kTile, typename Out::Type>(written, c_.result, c_.spread, first, 0, 0);
    for (int i = 0; i < c_.beside; ++i) {
      add_lines<kSide, typename In::Type>(read, c_.image[i], 1, first + tiles_of_block(), c_.first_row,
                                          kReach);
    }
    multiply(factors, products, (count + kTilesAtOnce - 1) / kTilesAtOnce, written, read);
    place = locate(first);
    for (int t = 0; t < count; ++t, place = after(place)) {
      to_results(place, products + t / kTilesAtOnce * products_floats() + t % kTilesAtOnce * kLanes);
    }
  }

 private:
  // So that all threads have as many blocks of as many groups.
  int groups_for(int threads) const {
    const int64_t most =
        std::clamp<int64_t>(int64_t{c_.inputs} * c_.outputs / kFiltersOfGroup, 1, kMostGroups);
    const int64_t groups = (tiles() + kTilesAtOnce - 1) / kTilesAtOnce;
    const int64_t of_thread = (groups + threads - 1) / threads;
    const int64_t blocks = (of_thread + most - 1) / most;
    return static_cast<int>((of_thread + blocks - 1) / blocks);
  }

  int64_t tiles_of_block() const { return int64_t{groups_} * kTilesAtOnce; }

  // Of a group.
  int64_t part_floats() const { return int64_t{lines_} * kTilesAtOnce * kLineFloats; }
  int64_t factors_floats() const { return kParts * part_floats(); }
  int64_t products_floats() const { return int64_t{kParts} * vectors_ * kTilesAtOnce * kLanes; }

  // Lines of the pixels that the tiles of a block see, or cover; of an image `spread` times as large.
  template <int kRows, typename Number>
  void add_lines(Ahead& lines, const Pixels& pixels, int spread, int64_t tile, int64_t first_row,
                 int reach) const {
    const int64_t end = std::min(tile + tiles_of_block(), tiles());
    while (tile < end) {
      const Place p = locate(tile);
      const int64_t beside = std::min(end - tile, (c_.width - p.column + kTile - 1) / kTile);
      const int64_t column = p.column + reach, columns = std::min(beside * kTile, c_.width - column);
      for (int i = 0; i < kRows * spread && columns > 0; ++i) {
        const int64_t number = (p.row + first_row) * spread + i;
        const auto* row = this->template row_of<Number>(pixels, p.image, number, spread);
        if (row != nullptr) {
          lines.add(row + column * spread * pixels.stride, columns * spread, pixels.channels * sizeof(Number),
                    pixels.stride * sizeof(Number));
        }
      }
      tile += beside;
    }
  }

  // B'dB of a tile, the first part at `factors`. Floats are stored as soon as they are known, for 36 parts
  // are more than there are registers; bf16 waits for the other half of its line.
  void to_factors(const Place& p, float* factors) const {
    for (int i = 0; i < c_.beside; ++i) {
      factors = to_factors(p, c_.image[i], factors);
    }
  }

  // Of the channels of an image; those of the next begin where it returns.
  SB_INLINE float* to_factors(const Place& p, const Pixels& image, float* factors) const {
    const Patch patch(*this, image, p, c_.first_row);
    const int64_t to_part = part_floats();
    const int lines = (image.channels + kChannels - 1) / kChannels;
    for (int line = 0; line < lines; ++line, factors += kTilesAtOnce * kLineFloats) {
      if constexpr (kFactors == Numbers::kFloat) {
        for (int half = 0; half < kHalves; ++half) {
          patch.transform(line * kChannels + half * kLanes,
                          [&](int i, Vector part) { part.store(factors + i * to_part + half * kLanes); });
        }
      } else {
        Vector parts[kParts][kHalves];
        for (int half = 0; half < kHalves; ++half) {
          const int channel = line * kChannels + half * kLanes;
          if (channel < image.channels) {
            patch.transform(channel, [&](int i, Vector part) { parts[i][half] = part; });
          } else {
            for (int i = 0; i < kParts; ++i) {
              parts[i][half] = Vector(0.0f);
            }
          }
        }
        for (int i = 0; i < kParts; ++i) {
          Factor<kFactors>::store(factors + i * to_part, parts[i]);
        }
      }
    }
    return factors;
  }

  void multiply(const float* factors, float* products, int groups, Ahead& written, Ahead& read) const {
    const auto* filters = static_cast<const float*>(c_.filters);
    for (int part = 0; part < kParts; ++part) {
      int v = 0;
      for (; v + kVectors <= vectors_; v += kVectors) {
        filters = multiply<kVectors>(factors, filters, products, groups, written, read);
        products += kVectors * kTilesAtOnce * kLanes;
      }
      if (v < vectors_) {
        filters = multiply<1>(factors, filters, products, groups, written, read);
        products += kTilesAtOnce * kLanes;
      }
      factors += part_floats();
    }
  }

  // With one block of filters, of which it returns where the next begins.
  template <int kWide>
  SB_INLINE const float* multiply(const float* factors, const float* filters, float* products, int groups,
                                  Ahead& written, Ahead& read) const {
    const float* const next = filters + int64_t{numbers_} * kWide * kLanes;
    for (int g = 0; g < groups; ++g, factors += factors_floats(), products += products_floats()) {
      // Each of the first groups asks for one in so many lines of the next filters.
      const float* asked = groups > 1 && g < kWide ? next + int64_t{g} * numbers_ * kLanes : nullptr;
      if (!written.is_done()) {
        multiply<kWide, Ahead::kWriting>(factors, filters, products, written.next(numbers_), asked);
      } else if (!read.is_done()) {
        multiply<kWide, Ahead::kReading>(factors, filters, products, read.next(numbers_), asked);
      } else {
        multiply<kWide, Ahead::kNothing>(factors, filters, products, {}, asked);
      }
    }
    return next;
  }

  template <int kWide, Ahead::For kFor>
  SB_INLINE void multiply(const float* factors, const float* filters, float* products,
                          const Ahead::Lines& ahead, const float* asked) const {
    asked != nullptr ? multiply<kWide, kFor, true>(factors, filters, products, ahead, asked)
                     : multiply<kWide, kFor, false>(factors, filters, products, ahead, asked);
  }

  // The products of a group of tiles with one block of filters.
  template <int kWide, Ahead::For kFor, bool kAsks>
  SB_INLINE void multiply(const float* factors, const float* filters, float* products, Ahead::Lines ahead,
                          const float* asked) const {
    Vector sums[kTilesAtOnce][kWide];
#pragma GCC unroll 14
    for (int t = 0; t < kTilesAtOnce; ++t) {
      for (int w = 0; w < kWide; ++w) {
        sums[t][w] = Vector(0.0f);
      }
    }
    for (int left = numbers_; left > 0; left -= kLineFloats, factors += kTilesAtOnce * kLineFloats) {
      // Floats fill their lines.
      const int of_line = kFactors == Numbers::kFloat ? kLineFloats : std::min(left, kLineFloats);
      for (int i = 0; i < of_line; ++i, filters += kWide * kLanes) {
        ahead.ask<kFor>();
        if (kAsks) {
          __builtin_prefetch(asked, 0, kSecondLevel);
          asked += kLanes;
        }
        Vector f[kWide];
        for (int w = 0; w < kWide; ++w) {
          f[w] = Vector::load(filters + w * kLanes);
          __builtin_prefetch(filters + w * kLanes + kFiltersAhead, 0, kFirstLevel);
        }
#pragma GCC unroll 14
        for (int t = 0; t < kTilesAtOnce; ++t) {
          for (int w = 0; w < kWide; ++w) {
            sums[t][w] = Factor<kFactors>::add_product(sums[t][w], factors + t * kLineFloats + i, f[w]);
          }
        }
      }
    }
#pragma GCC unroll 14
    for (int t = 0; t < kTilesAtOnce; ++t) {
      for (int w = 0; w < kWide; ++w) {
        sums[t][w].store(products + (w * kTilesAtOnce + t) * kLanes);
      }
    }
  }

  // Where a vector of channels belongs in the square of pixels that a result is spread to.
  struct Part {
    int row = 0, column = 0, channel = 0;
  };

  Part after(const Part& p) const {
    return p.channel + kLanes < c_.result.channels ? Part{p.row, p.column, p.channel + kLanes}
           : p.column + 1 < c_.spread              ? Part{p.row, p.column + 1, 0}
                                                   : Part{p.row + 1, 0, 0};
  }

  // A'mA of a tile, bias, activation and skip.
  void to_results(const Place& p, const float* products) const {
    const int rows = static_cast<int>(std::min<int64_t>(c_.height - p.row, kTile));
    const int columns = static_cast<int>(std::min<int64_t>(c_.width - p.column, kTile));
    Part part;
    for (int v = 0; v < vectors_; ++v, products += kTilesAtOnce * kLanes, part = after(part)) {
      Vector down[kTile * kSide], y[kTile];
#pragma GCC unroll 6
      for (int j = 0; j < kSide; ++j) {
        Vector m[kSide];
#pragma GCC unroll 6
        for (int i = 0; i < kSide; ++i) {
          m[i] = Vector::load(products + int64_t{i * kSide + j} * vectors_ * kTilesAtOnce * kLanes);
        }
        Points::output(m, y);
#pragma GCC unroll 4
        for (int i = 0; i < kTile; ++i) {
          down[i * kSide + j] = y[i];
        }
      }
      const Vector bias = c_.bias != nullptr ? Vector::load(c_.bias + v * kLanes) : Vector(0.0f);
      const Vector slope = c_.slopes != nullptr ? Vector::load(c_.slopes + v * kLanes) : Vector(1.0f);
      const int64_t next = c_.spread * c_.result.stride;
      const int64_t begin = p.column * next + part.column * c_.result.stride + part.channel;
      for (int i = 0; i < rows; ++i) {
        Points::output(down + i * kSide, y);
        const typename Out::Type* skip =
            this->template row_of<typename Out::Type>(c_.skip, p.image, p.row + i);
        const int64_t row = (p.row + i) * c_.spread + part.row;
        auto* result = const_cast<typename Out::Type*>(
            this->template row_of<typename Out::Type>(c_.result, p.image, row, c_.spread));
#pragma GCC unroll 4
        for (int j = 0; j < kTile; ++j) {
          if (j < columns) {
            Vector x = (y[j] + bias).rectified(slope);
            if (skip != nullptr) {
              x = x + Out::load(skip + (p.column + j) * c_.skip.stride + v * kLanes);
            }
            Out::store(result + begin + j * next, x);
          }
        }
      }
    }
  }

  const Convolution& c_;
  int numbers_;  // of a tile's factors of one part: a channel in each, or a pair of bf16
  int lines_, vectors_, groups_;
};

template <int kTile, Numbers kImage, Numbers kFactors, Numbers kResult>
bool convolve(const Convolution& c, int threads) {
  return run(ConvolutionKernel<kTile, kImage, kFactors, kResult>(c, threads), threads);
}

}  // namespace

}  // namespace subband
