// Registers PReLU, with one slope for all channels or one for each. For its gradient libtorch's operator
// makes a tensor as large as the image of what each number says about the slope, and sums that up; the kernel
// goes over the image once.
#include "prelu.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include "operators.h"

namespace subband {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

bool fits(const at::Tensor& image, const at::Tensor& slopes) {
  const bool is_float = image.scalar_type() == at::kFloat;
  return image.is_cpu() && image.dim() == 4 && image.numel() > 0 && image.size(1) % kChannelsOfVector == 0 &&
         image.is_contiguous(at::MemoryFormat::ChannelsLast) &&
         (is_float || image.scalar_type() == at::kBFloat16) &&
         processor() >= (is_float ? Processor::kAvx2 : Processor::kAvx512Bf16) && slopes.is_cpu() &&
         slopes.dim() == 1 && slopes.scalar_type() == at::kFloat &&
         (slopes.numel() == 1 || slopes.numel() == image.size(1));
}

// One for each channel.
at::Tensor spread(const at::Tensor& slopes, const at::Tensor& image) {
  return slopes.expand({image.size(1)}).contiguous();
}

int64_t pixels_of(const at::Tensor& image) { return image.numel() / image.size(1); }

at::Tensor rectified(const at::Tensor& image, const at::Tensor& slopes) {
  at::Tensor result = at::empty_like(image);
  const at::Tensor of_channels = spread(slopes, image);
  const Prelu p{image.data_ptr(),
                result.data_ptr(),
                numbers_of(image, "image"),
                pixels_of(image),
                static_cast<int>(image.size(1)),
                of_channels.data_ptr<float>()};
  (has_avx512() ? rectify_avx512 : rectify_avx2)(p, at::get_num_threads());
  return result;
}

struct Gradients {
  at::Tensor of_image, of_slopes;
};

// Of the slopes that there are, from one of each channel.
at::Tensor gathered(const at::Tensor& of_channels, const at::Tensor& slopes) {
  return slopes.numel() == 1 ? of_channels.sum().reshape({1}) : of_channels;
}

Gradients derived(const at::Tensor& image, const at::Tensor& slopes, const at::Tensor& gradient) {
  const at::Tensor dy = gradient.to(image.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor of_image = at::empty_like(image), of_channels = spread(slopes, image);
  const int channels = static_cast<int>(image.size(1));
  const at::Tensor parts = at::empty({parts_of(pixels_of(image), channels), channels}, slopes.options());
  const PreluGradient g{
      image.data_ptr(), dy.data_ptr(), of_image.data_ptr(),           numbers_of(image, "image"),
      pixels_of(image), channels,      of_channels.data_ptr<float>(), parts.data_ptr<float>()};
  (has_avx512() ? derive_avx512 : derive_avx2)(g, at::get_num_threads());
  return {of_image, gathered(parts.sum(0), slopes)};
}

// By operators whose results can be derived again.
Gradients derived_plainly(const at::Tensor& image, const at::Tensor& slopes, const at::Tensor& gradient) {
  const at::Tensor is_kept = image > 0, scaled = gradient * slopes.view({1, -1, 1, 1});
  const at::Tensor of_slopes = (gradient * image).masked_fill(is_kept, 0).sum({0, 2, 3}, false, at::kFloat);
  return {at::where(is_kept, gradient, scaled.to(gradient.scalar_type())), gathered(of_slopes, slopes)};
}

class Rectified : public torch::autograd::Function<Rectified> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& image, const at::Tensor& slopes) {
    context->save_for_backward({image, slopes});
    return rectified(image, slopes);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const Gradients found = at::GradMode::is_enabled() ? derived_plainly(saved[0], saved[1], gradients[0])
                                                       : derived(saved[0], saved[1], gradients[0]);
    return {found.of_image, found.of_slopes};
  }
};

at::Tensor prelu(const at::Tensor& image, const at::Tensor& slopes) {
  return fits(image, slopes) ? Rectified::apply(image, slopes) : at::prelu(image, slopes);
}

}  // namespace

}  // namespace subband

TORCH_LIBRARY_FRAGMENT(subband, library) {
  library.def("prelu(Tensor image, Tensor slopes) -> Tensor", &subband::prelu);
}
