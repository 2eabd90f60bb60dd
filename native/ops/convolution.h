// A convolution with stride 1 that keeps the size, whose channels lie side by side (NHWC):
// result = activation(image * filters + bias) + skip.
// Around the image there are zeros; where only some of its rows are given, rows above and below take their
// place.
#pragma once

#include <cstdint>

namespace subband {

enum class Numbers { kFloat, kBFloat16 };

// Of a pixel, `channels` numbers lie side by side; the next pixel begins `stride` numbers further, and rows
// follow each other without gaps. The first rows of each image may lie elsewhere.
struct Pixels {
  const void* data;
  int channels;
  int64_t stride;
  Numbers numbers;
  int64_t rows;        // of an image in data
  const void* above;   // null for none
  int64_t rows_above;  // of an image there
};

// Filters from or to at most four channels, which are multiplied as they are.
constexpr int kThin = 0;
constexpr int kMostThin = 4;
constexpr int kMostThinSide = 9;

// So many images may be seen as one, whose channels are theirs, one image's beside the other's.
constexpr int kMostBeside = 16;

struct Convolution {
  int64_t images, height, width;  // of the result
  int64_t first_row;              // of those that the first result sees; below 0 where that is one of zeros
  int inputs, outputs;            // channels; multiples of 16, but for one of them where the tile is kThin
  int tile;                       // m of Winograd's F(m x m): 2 or 4; 1 for filters of 1x1; or kThin
  int side;                       // of a filter: 3, or 1; of kThin odd, and at most kMostThinSide
  Numbers factors;                // what is multiplied; sums are floats
  int beside;                     // images; several only for Winograd's tiles and 1x1
  Pixels image[kMostBeside];      // where there are several, of multiples of a line of factors
  const void* filters;            // packed
  const float* bias;              // [outputs], or null
  const float*
      slopes;   // [outputs]: what is negative is multiplied by it, 0 for a ReLU; null for no activation
  Pixels skip;  // of the numbers of the result; data null for none
  // A pixel shuffle: channels [spread][spread][C] of a result are the C channels of spread x spread pixels; 1
  // for none. C is a multiple of 16, there is no skip, and tile is not kThin.
  int spread;
  Pixels result;  // of spread times as many rows and columns
};

// The channels of a pixel of the result.
inline int channels_of_result(const Convolution& c) { return c.outputs / (c.spread * c.spread); }

// The side of a filter for tiles; those of kThin are of several.
constexpr int side_of(int tile) { return tile == 1 ? 1 : 3; }

// How many rows above and below a pixel its filter sees.
constexpr int reach_of(int side) { return side / 2; }

// Filters in memory: how many numbers it is from one result to the next, from channel to channel and from tap
// to tap, row by row.
struct Filters {
  float* data;
  int side;
  int64_t to_output, to_input, to_tap;

  float* of(int64_t output, int64_t input) const { return data + output * to_output + input * to_input; }
};

// Transforms filters, in double precision and rounded once, and orders them as the kernel on AVX-512, or on
// AVX2, reads them; of kThin orders them alone. Those that are turned, by half a circle, are what the
// gradient of an image is convolved with.
void pack_filters_avx512(const Filters& filters, int inputs, int outputs, int tile, Numbers factors,
                         bool turned, int threads, void* packed);
void pack_filters_avx2(const Filters& filters, int inputs, int outputs, int tile, Numbers factors,
                       bool turned, int threads, void* packed);

// Computes with AVX-512, and its bf16 where that is read, multiplied or written, or with AVX2, where all
// numbers are floats; the caller has asked whether the processor has it. False if there is no memory for the
// threads' own scratch.
bool convolve_avx512(const Convolution& c, int threads);
bool convolve_avx2(const Convolution& c, int threads);

// What a filter's gradient is the sum of: at each of a result's pixels its gradient times the pixels that the
// filter saw there.
struct FilterGradient {
  int64_t images, height, width;
  int inputs, outputs;  // channels; multiples of 16, but for one of them that is at most kMostThin
  Pixels image;         // [images][height][width][inputs]
  Pixels gradient;      // [images][height][width][outputs], of the result
  float* sums;          // [layout::sums_of(*this)], of slices
  Filters filters;      // of 3x3; from or to a few channels of any odd side
};

// Computes the gradient of filters, as above.
bool filter_gradient_avx512(const FilterGradient& g, int threads);
bool filter_gradient_avx2(const FilterGradient& g, int threads);

// The specification: what the kernel computes, directly and in double precision, with filters that lie one
// behind the other.
void convolve_plain(const Convolution& c, const float* filters);

}  // namespace subband
