// The kernels on AVX2, of floats only.
//
// What is included before the target options is compiled for any processor: functions that other files share
// must not be made of this one's instructions.
#include <algorithm>
#include <cstdlib>

#include "convolution.h"
#include "convolution_layout.h"

#if defined(__x86_64__)

#pragma GCC push_options
#pragma GCC target("avx2,fma")
// The kernels are made of the vectors, which have to come first.
// clang-format off
#include "vectors_avx2.h"
#include "kernels.h"
// clang-format on

namespace subband {

static_assert(kVectors * kLanes == kBlockAvx2, "filters are packed for it");

bool convolve_avx2(const Convolution& c, int threads) { return convolve(c, threads); }
bool filter_gradient_avx2(const FilterGradient& g, int threads) { return filter_gradient(g, threads); }

}  // namespace subband

#pragma GCC pop_options

#else

namespace subband {

// Never asked for.
bool convolve_avx2(const Convolution&, int) { return false; }
bool filter_gradient_avx2(const FilterGradient&, int) { return false; }

}  // namespace subband

#endif
