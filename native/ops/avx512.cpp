// The kernels on AVX-512.
//
// What is included before the target options is compiled for any processor: functions that other files share
// must not be made of this one's instructions.
#include <algorithm>
#include <cstdlib>

#include "bfloat16.h"
#include "convolution.h"
#include "convolution_layout.h"

#if defined(__x86_64__)

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,prfchw")
// The compiler's own intrinsics leave registers undefined on purpose.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
// The kernels are made of the vectors, which have to come first.
// clang-format off
#include "vectors_avx512.h"
#include "bfloat16_avx512.h"
#include "convolution_kernel.h"
#include "gradient_kernel.h"
#include "thin_kernel.h"
// clang-format on

namespace subband {

namespace {

static_assert(kVectors * kLanes == kBlockAvx512, "filters are packed for it");

constexpr Numbers kF = Numbers::kFloat, kH = Numbers::kBFloat16;

template <int kTile>
bool convolve(const Convolution& c, int threads) {
  const bool from_half = c.image.numbers == kH, to_half = c.result.numbers == kH;
  if (c.factors == kF) {
    return from_half
               ? to_half ? convolve<kTile, kH, kF, kH>(c, threads) : convolve<kTile, kH, kF, kF>(c, threads)
           : to_half ? convolve<kTile, kF, kF, kH>(c, threads)
                     : convolve<kTile, kF, kF, kF>(c, threads);
  }
  return from_half
             ? to_half ? convolve<kTile, kH, kH, kH>(c, threads) : convolve<kTile, kH, kH, kF>(c, threads)
         : to_half ? convolve<kTile, kF, kH, kH>(c, threads)
                   : convolve<kTile, kF, kH, kF>(c, threads);
}

bool thin(const Convolution& c, int threads) {
  const bool from_half = c.image.numbers == kH, to_half = c.result.numbers == kH;
  return from_half ? to_half ? convolve_thin<kH, kH>(c, threads) : convolve_thin<kH, kF>(c, threads)
         : to_half ? convolve_thin<kF, kH>(c, threads)
                   : convolve_thin<kF, kF>(c, threads);
}

}  // namespace

bool convolve_avx512(const Convolution& c, int threads) {
  return c.tile == 4   ? convolve<4>(c, threads)
         : c.tile == 2 ? convolve<2>(c, threads)
         : c.tile == 1 ? convolve<1>(c, threads)
                       : thin(c, threads);
}

bool filter_gradient_avx512(const FilterGradient& g, int threads) {
  const bool from_half = g.image.numbers == kH, of_half = g.gradient.numbers == kH;
  return from_half ? of_half ? filter_gradient<kH, kH>(g, threads) : filter_gradient<kH, kF>(g, threads)
         : of_half ? filter_gradient<kF, kH>(g, threads)
                   : filter_gradient<kF, kF>(g, threads);
}

}  // namespace subband

#pragma GCC diagnostic pop
#pragma GCC pop_options

#else

namespace subband {

// Never asked for.
bool convolve_avx512(const Convolution&, int) { return false; }
bool filter_gradient_avx512(const FilterGradient&, int) { return false; }

}  // namespace subband

#endif
