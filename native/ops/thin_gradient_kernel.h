// The gradient of filters from or to a few channels: at each tap the sum over all pixels of the few channels'
// numbers times the many of the pixel that the tap lies at. To a few channels, the few are the gradient's and
// the many the image's. From a few, it is the other way round, and each tap lies on the opposite side.
//
// A slice of the rows of the many is a block for one thread, and has sums of its own, which are added in
// their order afterwards, so that the number of threads does not matter. A row of the many goes through all
// rows of taps at once, and stays in the cache meanwhile. Vectors run over the many channels, and sums of
// some taps side by side are held in registers for the length of a row.
//
// Included behind the vectors to compute with, within their target options.
#pragma once

#include <algorithm>

#include "convolution.h"
#include "convolution_layout.h"
#include "numbers.h"
#include "tiles.h"

namespace subband {

namespace {

// The taps that lie side by side, which are summed up as floats, whatever numbers they were.
template <int kFewChannels>
class RowOfTaps {
  static constexpr int kTaps = 3;
  // Sums for the taps and the few channels, which are multiplied with, leave so many registers for vectors.
  static constexpr int kWide = std::clamp((kRegisters - 1 - kFewChannels) / (kTaps * kFewChannels), 1, 4);

 public:
  RowOfTaps(int side, int64_t width, int channels)
      : side_(side), width_(width), channels_(channels), of_tap_(int64_t{kFewChannels} * channels) {}

  // What a row of taps has of a row of the many, and of the few that see it so.
  __attribute__((noinline)) void add_row(const float* many, const float* few, float* sums) const {
    int j = 0;
    for (; j + kTaps <= side_; j += kTaps) {
      add_taps<kTaps>(many + j * channels_, few, sums + j * of_tap_);
    }
    for (; j < side_; ++j) {
      add_taps<1>(many + j * channels_, few, sums + j * of_tap_);
    }
  }

  int64_t of_tap() const { return of_tap_; }

 private:
  template <int kSome>
  void add_taps(const float* many, const float* few, float* sums) const {
    int k = 0;
    for (; k + kWide * kLanes <= channels_; k += kWide * kLanes) {
      add<kSome, kWide>(many + k, few, sums + k);
    }
    for (; k < channels_; k += kLanes) {
      add<kSome, 1>(many + k, few, sums + k);
    }
  }

  template <int kSome, int kVectorsOfSome>
  SB_INLINE void add(const float* many, const float* few, float* to) const {
    Vector sums[kSome][kFewChannels][kVectorsOfSome];
    for_sums<kSome, kVectorsOfSome>(
        to, [&](int j, int f, int w, float* at) { sums[j][f][w] = Vector::load(at); });
    for (int64_t x = 0; x < width_; ++x, many += channels_, few += kFewChannels) {
      Vector number[kFewChannels];
      for (int f = 0; f < kFewChannels; ++f) {
        number[f] = Vector(few[f]);
      }
#pragma GCC unroll 3
      for (int j = 0; j < kSome; ++j) {
#pragma GCC unroll 4
        for (int w = 0; w < kVectorsOfSome; ++w) {
          const Vector pixel = Vector::load(many + j * channels_ + w * kLanes);
#pragma GCC unroll 4
          for (int f = 0; f < kFewChannels; ++f) {
            sums[j][f][w] = Vector::fma(number[f], pixel, sums[j][f][w]);
          }
        }
      }
    }
    for_sums<kSome, kVectorsOfSome>(to, [&](int j, int f, int w, float* at) { sums[j][f][w].store(at); });
  }

  template <int kSome, int kVectorsOfSome, typename Call>
  SB_INLINE void for_sums(float* sums, Call call) const {
#pragma GCC unroll 3
    for (int j = 0; j < kSome; ++j) {
#pragma GCC unroll 4
      for (int f = 0; f < kFewChannels; ++f) {
#pragma GCC unroll 4
        for (int w = 0; w < kVectorsOfSome; ++w) {
          call(j, f, w, sums + (int64_t{j} * kFewChannels + f) * channels_ + w * kLanes);
        }
      }
    }
  }

  int side_;
  int64_t width_;
  int channels_;  // of the many
  int64_t of_tap_;
};

template <Numbers kMany, Numbers kFew, int kFewChannels>
class ThinGradientKernel {
  using Many = Pixel<kMany>;
  using Few = Pixel<kFew>;

 public:
  explicit ThinGradientKernel(const FilterGradient& g)
      : g_(g),
        is_to_few_(g.outputs <= kMostThin),
        many_(is_to_few_ ? g.image : g.gradient),
        few_(is_to_few_ ? g.gradient : g.image),
        side_(g.filters.side),
        reach_(reach_of(side_)),
        slices_(layout::slices_of(g)),
        taps_(side_, g.width, many_.channels) {}

  int64_t blocks() const { return slices_; }

  int64_t scratch_floats() const {
    const int64_t rows = (all_rows() + slices_ - 1) / slices_ + 2 * reach_;
    return line() + rows * g_.width * kFewChannels;
  }

  void run(int64_t slice, float* scratch) const {
    float* const few = scratch + line();  // [rows][width][few]
    float* const sums = g_.sums + slice * layout::sums_of_slice(g_);
    std::fill_n(sums, layout::sums_of_slice(g_), 0.0f);
    const int64_t begin = all_rows() * slice / slices_, end = all_rows() * (slice + 1) / slices_;
    const int64_t first = std::max<int64_t>(begin - reach_, 0);
    copy_few(first, std::min<int64_t>(end + reach_, all_rows()), few);
    for (int64_t row = begin; row < end; ++row) {
      const int64_t image = row / g_.height;
      copy_many(row, scratch);
      for (int i = 0; i < side_; ++i) {
        const int64_t seen_by = row - (i - reach_);
        if (seen_by >= image * g_.height && seen_by < (image + 1) * g_.height) {
          taps_.add_row(scratch, few + (seen_by - first) * g_.width * kFewChannels,
                        sums + i * side_ * taps_.of_tap());
        }
      }
    }
  }

  // Adds the slices, for a tap of all filters.
  void finish(int tap) const {
    const int from = is_to_few_ ? tap : side_ * side_ - 1 - tap;
    for (int f = 0; f < kFewChannels; ++f) {
      for (int k = 0; k < many_.channels; k += kLanes) {
        const float* of_slice = g_.sums + from * taps_.of_tap() + int64_t{f} * many_.channels + k;
        Vector sum(0.0f);
        for (int64_t slice = 0; slice < slices_; ++slice, of_slice += layout::sums_of_slice(g_)) {
          sum = sum + Vector::load(of_slice);
        }
        float numbers[kLanes];
        sum.store(numbers);
        for (int i = 0; i < kLanes; ++i) {
          g_.filters.of(is_to_few_ ? f : k + i, is_to_few_ ? k + i : f)[tap * g_.filters.to_tap] = numbers[i];
        }
      }
    }
  }

 private:
  // Of all images.
  int64_t all_rows() const { return g_.images * g_.height; }

  // Floats of a row of the many with zeros at both ends.
  int64_t line() const { return (g_.width + 2 * reach_) * many_.channels; }

  void copy_few(int64_t begin, int64_t end, float* to) const {
    const auto* from = static_cast<const typename Few::Type*>(few_.data) + begin * g_.width * few_.stride;
    for (int64_t i = begin * g_.width; i < end * g_.width; ++i, from += few_.stride, to += kFewChannels) {
      for (int f = 0; f < kFewChannels; ++f) {
        to[f] = Few::number(from[f]);
      }
    }
  }

  void copy_many(int64_t row, float* to) const {
    const int64_t beyond = int64_t{reach_} * many_.channels;
    const auto* from = static_cast<const typename Many::Type*>(many_.data) + row * g_.width * many_.stride;
    std::fill_n(to, beyond, 0.0f);
    to += beyond;
    for (int64_t x = 0; x < g_.width; ++x, from += many_.stride, to += many_.channels) {
      for (int k = 0; k < many_.channels; k += kLanes) {
        Many::load(from + k).store(to + k);
      }
    }
    std::fill_n(to, beyond, 0.0f);
  }

  const FilterGradient& g_;
  bool is_to_few_;
  const Pixels &many_, &few_;
  int side_, reach_;
  int64_t slices_;
  RowOfTaps<kFewChannels> taps_;
};

template <Numbers kMany, Numbers kFew, int kFewChannels>
bool thin_filter_gradient(const FilterGradient& g, int threads) {
  const ThinGradientKernel<kMany, kFew, kFewChannels> kernel(g);
  if (!run(kernel, threads)) {
    return false;
  }
#pragma omp parallel for num_threads(threads)
  for (int tap = 0; tap < g.filters.side * g.filters.side; ++tap) {
    kernel.finish(tap);
  }
  return true;
}

template <Numbers kMany, Numbers kFew>
bool thin_filter_gradient(const FilterGradient& g, int threads) {
  switch (std::min(g.inputs, g.outputs)) {
    case 1:
      return thin_filter_gradient<kMany, kFew, 1>(g, threads);
    case 2:
      return thin_filter_gradient<kMany, kFew, 2>(g, threads);
    case 3:
      return thin_filter_gradient<kMany, kFew, 3>(g, threads);
    default:
      return thin_filter_gradient<kMany, kFew, 4>(g, threads);
  }
}

}  // namespace

}  // namespace subband
