// PReLU: what is not positive, times a slope of its channel.
#pragma once

#include <cstdint>

#include "convolution.h"

namespace subband {

// Images whose channels lie side by side without gaps.
struct Prelu {
  const void* image;
  void* result;
  Numbers numbers;
  int64_t pixels;
  int channels;  // a multiple of 16
  const float* slopes;
};

struct PreluGradient {
  const void *image, *gradient;  // of the result
  void* of_image;
  Numbers numbers;
  int64_t pixels;
  int channels;
  const float* slopes;
  float* of_slopes;  // [parts][channels], to be added up
};

// So many pixels make a part: those of this many numbers.
constexpr int64_t kNumbersOfPart = 16384;
inline int64_t pixels_of_part(int channels) { return kNumbersOfPart / channels + 1; }
inline int64_t parts_of(int64_t pixels, int channels) {
  return (pixels + pixels_of_part(channels) - 1) / pixels_of_part(channels);
}

void rectify_avx512(const Prelu& p, int threads);
void rectify_avx2(const Prelu& p, int threads);
void derive_avx512(const PreluGradient& g, int threads);
void derive_avx2(const PreluGradient& g, int threads);

}  // namespace subband
