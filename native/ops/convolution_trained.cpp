// The convolution of a network that is trained. The gradient of its image is a convolution too, with the
// filters turned by half a circle and inputs and outputs exchanged; where that gradient itself is to be
// derived, as for R1 and path lengths, it is one that is trained. A gradient of filters that is to be
// derived, libtorch computes.
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include "operators.h"

namespace subband {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor convolved(const at::Tensor& image, const at::Tensor& weight, const c10::optional<at::Tensor>& bias,
                     const c10::optional<at::Tensor>& slopes, int64_t tile, bool half_products, bool to_half,
                     bool turned) {
  return convolve(image, OptionalTensors(), true, true, pack(weight, tile, half_products, turned), bias,
                  slopes, {}, {}, weight.size(turned ? 1 : 0), tile, weight.size(2), 1, to_half);
}

at::Tensor filter_gradient_by_libtorch(const at::Tensor& image, const at::Tensor& weight,
                                       const at::Tensor& gradient) {
  const at::ScalarType type = gradient.scalar_type();
  const std::vector<int64_t> once{1, 1}, none{0, 0}, padding(2, weight.size(2) / 2);
  return std::get<1>(at::convolution_backward(gradient, image.to(type), weight.to(type), c10::nullopt, once,
                                              padding, once, false, none, 1, {false, true, false}))
      .to(at::kFloat);
}

class Trained : public torch::autograd::Function<Trained> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& image, const at::Tensor& weight,
                            const c10::optional<at::Tensor>& bias, int64_t tile, bool half_products,
                            bool to_half, bool rectified, bool turned) {
    c10::optional<at::Tensor> slopes;
    if (rectified) {
      slopes = at::zeros({weight.size(0)}, weight.options());
    }
    const at::Tensor result = convolved(image, weight, bias, slopes, tile, half_products, to_half, turned);
    context->save_for_backward({image, weight, rectified ? result : at::Tensor()});
    context->saved_data["tile"] = tile;
    context->saved_data["half_products"] = half_products;
    context->saved_data["turned"] = turned;
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
    const bool is_derived = at::GradMode::is_enabled(), turned = context->saved_data["turned"].toBool();
    if (for_image) {
      const int64_t tile = context->saved_data["tile"].toInt();
      const bool half_products = context->saved_data["half_products"].toBool();
      const bool to_half = image.scalar_type() == at::kBFloat16;
      of_image = is_derived
                     ? apply(gradient, weight, c10::nullopt, tile, half_products, to_half, false, !turned)
                     : convolved(gradient, weight, {}, {}, tile, half_products, to_half, !turned);
    }
    if (for_weight) {
      // Turned filters see a gradient where others see an image.
      const at::Tensor &seen = turned ? gradient : image, &from = turned ? image : gradient;
      of_weight = is_derived
                      ? filter_gradient_by_libtorch(seen, weight, from)
                      : filter_gradient(seen, from, weight.size(2),
                                        weight.suggest_memory_format() == at::MemoryFormat::ChannelsLast);
    }
    return of(of_image, of_weight, of_bias);
  }

 private:
  // The other arguments have none.
  static variable_list of(const at::Tensor& image, const at::Tensor& weight, const at::Tensor& bias) {
    return {image, weight, bias, {}, {}, {}, {}, {}};
  }
};

at::Tensor convolve_trained(const at::Tensor& image, const at::Tensor& weight,
                            const c10::optional<at::Tensor>& bias, int64_t tile, bool half_products,
                            bool to_half, bool rectified) {
  return Trained::apply(image, weight, bias, tile, half_products, to_half, rectified, false);
}

}  // namespace

}  // namespace subband

TORCH_LIBRARY_FRAGMENT(subband, library) {
  library.def(
      "convolve_trained(Tensor image, Tensor weight, Tensor? bias, int tile, bool half_products, bool "
      "to_half, bool rectified) -> Tensor",
      &subband::convolve_trained);
}
