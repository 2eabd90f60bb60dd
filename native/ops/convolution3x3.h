// A convolution of 3x3 with stride 1 and zeros around the image, whose channels lie side by side (NHWC):
// result = activation(image * filters + bias) + skip.
#pragma once

#include <cstdint>

namespace subband {

enum class Numbers { kFloat, kBFloat16 };

// Of a pixel, `channels` numbers lie side by side; the next pixel begins `stride` numbers further.
struct Pixels {
  const void* data;
  int64_t stride;
  Numbers numbers;
};

struct Convolution3x3 {
  int64_t images, height, width;
  int inputs, outputs;  // channels; multiples of 16
  int tile;             // m of Winograd's F(m x m): 2 or 4
  Numbers factors;      // what is multiplied; sums are floats
  Pixels image;
  const void* filters;  // as pack3x3 leaves them
  const float* bias;    // [outputs], or null
  const float*
      slopes;   // [outputs]: what is negative is multiplied by it, 0 for a ReLU; null for no activation
  Pixels skip;  // of the numbers of the result; data null for none
  Pixels result;
};

// How many bytes filters take when they are packed.
int64_t packed3x3_bytes(int inputs, int outputs, int tile, Numbers factors);

// Transforms filters [outputs][inputs][3][3], in double precision and rounded once, and orders them as the
// kernel reads them.
void pack3x3(const float* filters, int inputs, int outputs, int tile, Numbers factors, void* packed);

// Computes with AVX-512, and its bf16 where that is multiplied; the caller has asked whether the processor
// has it. False if there is no memory for the threads' own scratch.
bool convolve3x3_avx512(const Convolution3x3& c, int threads);

// The specification: what the kernel computes, directly and in double precision, with filters as pack3x3
// takes them.
void convolve3x3_plain(const Convolution3x3& c, const float* filters);

}  // namespace subband
