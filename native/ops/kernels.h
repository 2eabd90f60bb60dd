// Chooses the kernel for what is to be computed.
//
// Included behind the vectors, and the kinds of numbers, to compute with, within their target options.
#pragma once

#include "convolution.h"
#include "convolution_kernel.h"
#include "gradient_kernel.h"
#include "pack_kernel.h"
#include "prelu_kernel.h"
#include "steps_kernel.h"
#include "thin_gradient_kernel.h"
#include "thin_kernel.h"

namespace subband {

namespace {

// Numbers as a type, for a kernel to be made for them.
template <Numbers kNumbers>
struct Of {
  static constexpr Numbers kThese = kNumbers;
};

template <typename Kernel>
auto with_numbers(Numbers numbers, Kernel kernel) {
  if constexpr (kHasBFloat16) {
    if (numbers == Numbers::kBFloat16) {
      return kernel(Of<Numbers::kBFloat16>());
    }
  }
  return kernel(Of<Numbers::kFloat>());
}

bool convolve(const Convolution& c, int threads) {
  return with_numbers(c.image[0].numbers, [&](auto image) {
    return with_numbers(c.result.numbers, [&](auto result) {
      if (c.tile == kThin) {
        return convolve_thin<image.kThese, result.kThese>(c, threads);
      }
      return with_numbers(c.factors, [&](auto factors) {
        return c.tile == 4   ? convolve<4, image.kThese, factors.kThese, result.kThese>(c, threads)
               : c.tile == 2 ? convolve<2, image.kThese, factors.kThese, result.kThese>(c, threads)
                             : convolve<1, image.kThese, factors.kThese, result.kThese>(c, threads);
      });
    });
  });
}

bool filter_gradient(const FilterGradient& g, int threads) {
  return with_numbers(g.image.numbers, [&](auto image) {
    return with_numbers(g.gradient.numbers, [&](auto gradient) {
      if (layout::is_thin(g)) {
        return g.outputs <= kMostThin ? thin_filter_gradient<image.kThese, gradient.kThese>(g, threads)
                                      : thin_filter_gradient<gradient.kThese, image.kThese>(g, threads);
      }
      return filter_gradient<image.kThese, gradient.kThese>(g, threads);
    });
  });
}

void rectify(const Prelu& p, int threads) {
  with_numbers(p.numbers, [&](auto of) { rectify<of.kThese>(p, threads); });
}

void derive(const PreluGradient& g, int threads) {
  with_numbers(g.numbers, [&](auto of) { derive<of.kThese>(g, threads); });
}

}  // namespace

}  // namespace subband
