// What the registered operators are made of, for those that are made of others.
#pragma once

#include <ATen/ATen.h>

#include "convolution.h"
#include "processor.h"

namespace subband {

// Throws where there are no such instructions.
void check_processor(Processor needed);

bool has_avx512();

// Of which kernels take multiples, or but a few.
constexpr int64_t kChannelsOfVector = 16;

// Throws where they are others, or not on the processor; `name` is the tensor's.
Numbers numbers_of(const at::Tensor& tensor, const char* name);

// Filters [O, C, side, side] as the kernel reads them; turned by half a circle, from O to C
// channels, where an image's gradient is convolved with them.
at::Tensor pack(const at::Tensor& weight, int64_t tile, bool half, bool turned);

using OptionalTensors = c10::List<c10::optional<at::Tensor>>;

// subband::convolve: of images whose channels are taken as if they lay beside each other; with rows above
// each that lie in tensors of their own, or none.
at::Tensor convolve(at::TensorList images, const OptionalTensors& above, bool begins, bool ends,
                    const at::Tensor& packed, const c10::optional<at::Tensor>& bias,
                    const c10::optional<at::Tensor>& slopes, const c10::optional<at::Tensor>& skip,
                    const c10::optional<at::Tensor>& skip_above, int64_t outputs, int64_t tile, int64_t side,
                    int64_t spread, bool to_half);

// subband::filter_gradient: of filters [O, C, side, side], from images [N, C, H, W] and the gradient of
// results [N, O, H, W]; in channels-last format where filters are.
at::Tensor filter_gradient(const at::Tensor& image, const at::Tensor& gradient, int64_t side,
                           bool channels_last);

}  // namespace subband
