// The convolution of a network that is trained. The gradient of its image is a convolution too, with the
// filters turned by half a circle and inputs and outputs exchanged. Where the gradients themselves are to be
// derived, libtorch computes them.
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <tuple>

#include "operators.h"

namespace subband {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor convolved(const at::Tensor& image, const at::Tensor& weight, const c10::optional<at::Tensor>& bias,
                     const c10::optional<at::Tensor>& slopes, int64_t tile, bool half_products, bool to_half,
                     bool turned) {
  return convolve(image, {}, true, true, pack(weight, tile, half_products, turned), bias, slopes, {}, {},
                  weight.size(turned ? 1 : 0), tile, 1, to_half);
}

// Of the image and of the filters, where they are wanted.
std::tuple<at::Tensor, at::Tensor> by_libtorch(const at::Tensor& image, const at::Tensor& weight,
                                               const at::Tensor& gradient, bool for_image, bool for_weight) {
  const at::ScalarType type = gradient.scalar_type();
  const std::vector<int64_t> once{1, 1}, none{0, 0};
  auto [of_image, of_weight, of_bias] =
      at::convolution_backward(gradient, image.to(type), weight.to(type), c10::nullopt, once, once, once,
                               false, none, 1, {for_image, for_weight, false});
  return {for_image ? of_image.to(image.scalar_type()) : of_image,
          for_weight ? of_weight.to(at::kFloat) : of_weight};
}

class Trained : public torch::autograd::Function<Trained> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& image, const at::Tensor& weight,
                            const c10::optional<at::Tensor>& bias, int64_t tile, bool half_products,
                            bool to_half, bool rectified) {
    c10::optional<at::Tensor> slopes;
    if (rectified) {
      slopes = at::zeros({weight.size(0)}, weight.options());
    }
    const at::Tensor result = convolved(image, weight, bias, slopes, tile, half_products, to_half, false);
    context->save_for_backward({image, weight, rectified ? result : at::Tensor()});
    context->saved_data["tile"] = tile;
    context->saved_data["half_products"] = half_products;
    context->saved_data["bias"] = bias.has_value() && bias->defined();
    return result;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &image = saved[0], &weight = saved[1], &result = saved[2];
    const bool for_image = context->needs_input_grad(0), for_weight = context->needs_input_grad(1);
    const at::Tensor gradient =
        result.defined() ? at::threshold_backward(gradients[0], result, 0) : gradients[0];
    at::Tensor of_image, of_weight, of_bias;
    if (context->saved_data["bias"].toBool() && context->needs_input_grad(2)) {
      of_bias = gradient.sum({0, 2, 3}, false, at::kFloat);
    }
    if (at::GradMode::is_enabled()) {
      std::tie(of_image, of_weight) = by_libtorch(image, weight, gradient, for_image, for_weight);
      return of(of_image, of_weight, of_bias);
    }
    if (for_image) {
      of_image = convolved(gradient, weight, {}, {}, context->saved_data["tile"].toInt(),
                           context->saved_data["half_products"].toBool(),
                           image.scalar_type() == at::kBFloat16, true);
    }
    if (for_weight) {
      of_weight =
          filter_gradient(image, gradient, weight.suggest_memory_format() == at::MemoryFormat::ChannelsLast);
    }
    return of(of_image, of_weight, of_bias);
  }

 private:
  // The other arguments have none.
  static variable_list of(const at::Tensor& image, const at::Tensor& weight, const at::Tensor& bias) {
    return {image, weight, bias, {}, {}, {}, {}};
  }
};

at::Tensor convolve_trained(const at::Tensor& image, const at::Tensor& weight,
                            const c10::optional<at::Tensor>& bias, int64_t tile, bool half_products,
                            bool to_half, bool rectified) {
  return Trained::apply(image, weight, bias, tile, half_products, to_half, rectified);
}

}  // namespace

}  // namespace subband

TORCH_LIBRARY_FRAGMENT(subband, library) {
  library.def(
      "convolve_trained(Tensor image, Tensor weight, Tensor? bias, int tile, bool half_products, bool "
      "to_half, bool rectified) -> Tensor",
      &subband::convolve_trained);
}
