// The kernels on AVX-512.
//
// What is included before the target options is compiled for any processor: functions that other files share
// must not be made of this one's instructions.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "bfloat16.h"
#include "convolution.h"
#include "convolution_layout.h"
#include "prelu.h"
#include "steps.h"

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
#include "kernels.h"
// clang-format on

namespace subband {

void pack_filters_avx512(const Filters& filters, int inputs, int outputs, int tile, Numbers factors,
                         bool turned, int threads, void* packed) {
  pack_filters(filters, inputs, outputs, tile, factors, turned, threads, packed);
}
bool convolve_avx512(const Convolution& c, int threads) { return convolve(c, threads); }
bool filter_gradient_avx512(const FilterGradient& g, int threads) { return filter_gradient(g, threads); }
void rectify_avx512(const Prelu& p, int threads) { rectify(p, threads); }
void derive_avx512(const PreluGradient& g, int threads) { derive(g, threads); }
void take_avx512(const AdamStep& step, int threads) { take(step, threads); }
void take_avx512(const AverageStep& step, int threads) { take(step, threads); }

}  // namespace subband

#pragma GCC diagnostic pop
#pragma GCC pop_options

#else

namespace subband {

// Never asked for.
void pack_filters_avx512(const Filters&, int, int, int, Numbers, bool, int, void*) {}
bool convolve_avx512(const Convolution&, int) { return false; }
bool filter_gradient_avx512(const FilterGradient&, int) { return false; }
void rectify_avx512(const Prelu&, int) {}
void derive_avx512(const PreluGradient&, int) {}
void take_avx512(const AdamStep&, int) {}
void take_avx512(const AverageStep&, int) {}

}  // namespace subband

#endif
