// What kernels share: tiles of an image, scratch, and how blocks are handed out.
//
// Included behind the vectors to compute with, within their target options.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdlib>

#include "convolution.h"
#include "numbers.h"
#include "winograd.h"

namespace subband {

namespace {

// The m x m tiles of an image, row by row, image by image.
template <int kTile>
class Tiles {
 protected:
  using Points = winograd::Points<kTile>;
  static constexpr int kSide = Points::kSide;
  static constexpr int kReach = reach_of(side_of(kTile));
  static constexpr int kParts = kSide * kSide;

  struct Place {
    int64_t image, row, column;  // of the tile's first pixel
  };

  Tiles(int64_t images, int64_t height, int64_t width)
      : images_(images),
        height_(height),
        width_(width),
        across_((width + kTile - 1) / kTile),
        down_((height + kTile - 1) / kTile) {}

  int64_t tiles() const { return images_ * down_ * across_; }

  Place locate(int64_t tile) const {
    return {tile / (down_ * across_), tile / across_ % down_ * kTile, tile % across_ * kTile};
  }

  Place after(const Place& p) const {
    return p.column + kTile < width_ ? Place{p.image, p.row, p.column + kTile}
           : p.row + kTile < height_ ? Place{p.image, p.row + kTile, 0}
                                     : Place{p.image + 1, 0, 0};
  }

  // Where a row begins, of an image so many times as large; null for one of zeros.
  template <typename Number>
  SB_INLINE const Number* row_of(const Pixels& pixels, int64_t image, int64_t row, int spread = 1) const {
    const void* data = pixels.above;
    int64_t rows = pixels.rows_above;
    if (row >= rows) {
      row -= rows;
      data = pixels.data;
      rows = pixels.rows;
    }
    return row >= 0 && row < rows
               ? static_cast<const Number*>(data) + (image * rows + row) * width_ * spread * pixels.stride
               : nullptr;
  }

  // What a tile sees of an image: its own pixels and those around them.
  template <Numbers kImage>
  class Patch {
    using In = Pixel<kImage>;

   public:
    SB_INLINE Patch(const Tiles& tiles, const Pixels& pixels, const Place& p, int64_t first_row)
        : first_(p.column - kReach), width_(tiles.width_), stride_(pixels.stride) {
      inside_ = first_ >= 0 && first_ + kSide <= width_;
      for (int i = 0; i < kSide; ++i) {
        rows_[i] = tiles.template row_of<typename In::Type>(pixels, p.image, p.row + first_row + i);
        inside_ = inside_ && rows_[i] != nullptr;
      }
    }

    // B'dB of the channels of a vector, each of whose parts goes to store(number, part) as soon as it is
    // known.
    template <typename Store>
    SB_INLINE void transform(int channel, Store store) const {
      Vector columns[kParts];
#pragma GCC unroll 6
      for (int j = 0; j < kSide; ++j) {
        Vector d[kSide], r[kSide];
#pragma GCC unroll 6
        for (int i = 0; i < kSide; ++i) {
          d[i] = load(rows_[i], first_ + j, channel);
        }
        Points::input(d, r);
#pragma GCC unroll 6
        for (int i = 0; i < kSide; ++i) {
          columns[i * kSide + j] = r[i];
        }
      }
#pragma GCC unroll 6
      for (int i = 0; i < kSide; ++i) {
        Vector parts[kSide];
        Points::input(columns + i * kSide, parts);
#pragma GCC unroll 6
        for (int j = 0; j < kSide; ++j) {
          store(i * kSide + j, parts[j]);
        }
      }
    }

   private:
    SB_INLINE Vector load(const typename In::Type* row, int64_t column, int channel) const {
      return inside_ || (row != nullptr && column >= 0 && column < width_)
                 ? In::load(row + column * stride_ + channel)
                 : Vector(0.0f);
    }

    const typename In::Type* rows_[kSide];
    int64_t first_, width_, stride_;
    bool inside_;
  };

  int64_t images_, height_, width_;
  int64_t across_, down_;
};

// Kept from call to call, so that no page of it is new.
float* scratch_of_thread(int64_t floats) {
  struct Scratch {
    float* memory = nullptr;
    int64_t floats = 0;
    ~Scratch() { std::free(memory); }
  };
  static thread_local Scratch scratch;
  if (scratch.floats < floats) {
    std::free(scratch.memory);
    constexpr int64_t kPage = 4096;
    const int64_t bytes = (floats * static_cast<int64_t>(sizeof(float)) + kPage - 1) / kPage * kPage;
    scratch.memory = static_cast<float*>(std::aligned_alloc(kPage, static_cast<size_t>(bytes)));
    scratch.floats = scratch.memory != nullptr ? floats : 0;
  }
  return scratch.memory;
}

// Handed to a thread: some, so that what is asked for ahead is its own; few, so that one that is held up
// keeps few from the others; and fewer at the end, at which they wait for each other.
constexpr int64_t kMostBlocksAtOnce = 4;
constexpr int64_t kPortionsOfThread = 4;

// Runs the blocks of a kernel; false if there is no memory for the threads' scratch.
template <typename Kernel>
bool run(const Kernel& kernel, int threads) {
  const int64_t blocks = kernel.blocks();
  std::atomic<int64_t> next{0};
  bool has_memory = true;
#pragma omp parallel num_threads(threads) reduction(&& : has_memory)
  {
    float* scratch = scratch_of_thread(kernel.scratch_floats());
    has_memory = scratch != nullptr;
    for (int64_t block = next; has_memory && block < blocks;) {
      const int64_t portion =
          std::clamp<int64_t>((blocks - block) / (threads * kPortionsOfThread), 1, kMostBlocksAtOnce);
      if (next.compare_exchange_weak(block, block + portion)) {
        for (const int64_t end = std::min(block + portion, blocks); block < end; ++block) {
          kernel.run(block, scratch);
        }
        block = next;
      }
    }
  }
  return has_memory;
}

}  // namespace

}  // namespace subband
