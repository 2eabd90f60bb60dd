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

  Ahead(int64_t bytes_of_pixel, int64_t stride)
      : lines_of_pixel_(static_cast<int>((bytes_of_pixel + layout::kLineBytes - 1) / layout::kLineBytes)),
        stride_(stride) {}

  void add(const void* first, int64_t pixels) {
    if (end_ < kMostRows) {
      rows_[end_++] = {static_cast<const char*>(first), pixels};
    }
  }

  bool is_done() const { return next_ == end_; }

  // The next `count`, or as many whole pixels as they are; there have to be some.
  SB_INLINE Lines next(int count) {
    Row& row = rows_[next_];
    const char* first = row.first;
    const int64_t pixels = std::max(count / lines_of_pixel_, 1);
    row.first += pixels * stride_;
    row.pixels -= pixels;
    next_ += row.pixels <= 0 ? 1 : 0;
    return {first, lines_of_pixel_, stride_ - int64_t{lines_of_pixel_} * layout::kLineBytes};
  }

 private:
  // Of a group of tiles of 4x4, each below another; what is more is not asked for.
  static constexpr int kMostRows = kTilesAtOnce * 6;

  struct Row {
    const char* first;
    int64_t pixels;
  };

  int lines_of_pixel_;
  int64_t stride_;
  int next_ = 0, end_ = 0;
  Row rows_[kMostRows];
};

}  // namespace

}  // namespace subband
