// Lines of memory that will be needed, asked for one at a time while something else is computed.
//
// Included behind the vectors to compute with, within their target options.
#pragma once

#include <algorithm>

#include "convolution_layout.h"

namespace subband {

namespace {

// What a line is asked into.
constexpr int kFirstLevel = 3, kSecondLevel = 2;

class Ahead {
 public:
  enum For { kNothing, kReading, kWriting };

  // The next lines.
  class Lines {
   public:
    Lines() = default;
    Lines(const char* first, int of_pixel, int64_t gap)
        : line_(first), gap_(gap), of_pixel_(of_pixel), left_(of_pixel) {}

    template <For kFor>
    SB_INLINE void ask() {
      if (kFor == kNothing) {
        return;
      }
      __builtin_prefetch(line_, kFor == kWriting, kSecondLevel);
      line_ += layout::kLineBytes;
      if (--left_ == 0) {
        left_ = of_pixel_;
        line_ += gap_;
      }
    }

   private:
    const char* line_ = nullptr;
    int64_t gap_ = 0;  // from a pixel's last line to the next pixel
    int of_pixel_ = 0, left_ = 0;
  };

  // Pixels of a row, each of so many bytes, and how far it is from one to the next.
  void add(const void* first, int64_t pixels, int64_t bytes_of_pixel, int64_t stride) {
    if (end_ < kMostRows) {
      rows_[end_++] = {static_cast<const char*>(first), pixels,
                       static_cast<int>((bytes_of_pixel + layout::kLineBytes - 1) / layout::kLineBytes),
                       stride};
    }
  }

  bool is_done() const { return next_ == end_; }

  // The next `count`, or as many whole pixels as they are; there have to be some.
  SB_INLINE Lines next(int count) {
    Row& row = rows_[next_];
    const char* first = row.first;
    const int64_t pixels = std::max(count / row.lines_of_pixel, 1);
    row.first += pixels * row.stride;
    row.pixels -= pixels;
    next_ += row.pixels <= 0 ? 1 : 0;
    return {first, row.lines_of_pixel, row.stride - int64_t{row.lines_of_pixel} * layout::kLineBytes};
  }

 private:
  // Of a group of tiles of 4x4, each below another; what is more is not asked for.
  static constexpr int kMostRows = kTilesAtOnce * 6;

  struct Row {
    const char* first;
    int64_t pixels;
    int lines_of_pixel;
    int64_t stride;
  };

  int next_ = 0, end_ = 0;
  Row rows_[kMostRows];
};

}  // namespace

}  // namespace subband
