// The power of each filter, which is the sum of its taps' squares and what a demodulation divides by.
// libtorch's operators read or write as much as the filters three times for it, and six times for their
// gradient; this does once, and twice.
#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

namespace subband {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kFiltersAtOnce = 4096;  // handed to a thread

bool is_plain(const at::Tensor& tensor) {
  return tensor.is_cpu() && tensor.is_contiguous() &&
         (tensor.scalar_type() == at::kFloat || tensor.scalar_type() == at::kDouble);
}

int64_t taps_of(const at::Tensor& weight) { return weight.size(2) * weight.size(3); }

template <typename Number>
void sum_squares(const Number* filters, int64_t count, int64_t taps, Number* powers) {
  at::parallel_for(0, count, kFiltersAtOnce, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      Number sum = 0;
      for (int64_t tap = 0; tap < taps; ++tap) {
        sum += filters[i * taps + tap] * filters[i * taps + tap];
      }
      powers[i] = sum;
    }
  });
}

// 2 * filters * of_powers
template <typename Number>
void scale_filters(const Number* filters, const Number* of_powers, int64_t count, int64_t taps,
                   Number* of_filters) {
  at::parallel_for(0, count, kFiltersAtOnce, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      for (int64_t tap = 0; tap < taps; ++tap) {
        of_filters[i * taps + tap] = 2 * of_powers[i] * filters[i * taps + tap];
      }
    }
  });
}

at::Tensor powers_of(const at::Tensor& weight) {
  if (!is_plain(weight)) {
    return weight.square().sum({2, 3});
  }
  at::Tensor powers = at::empty({weight.size(0), weight.size(1)}, weight.options());
  AT_DISPATCH_FLOATING_TYPES(weight.scalar_type(), "filter_powers", [&] {
    sum_squares(weight.data_ptr<scalar_t>(), powers.numel(), taps_of(weight), powers.data_ptr<scalar_t>());
  });
  return powers;
}

at::Tensor gradient_of(const at::Tensor& weight, const at::Tensor& gradient) {
  if (at::GradMode::is_enabled() || !is_plain(weight) || !is_plain(gradient)) {
    return weight * (2 * gradient).unsqueeze(2).unsqueeze(3);
  }
  at::Tensor result = at::empty_like(weight);
  AT_DISPATCH_FLOATING_TYPES(weight.scalar_type(), "filter_powers_backward", [&] {
    scale_filters(weight.data_ptr<scalar_t>(), gradient.data_ptr<scalar_t>(), gradient.numel(),
                  taps_of(weight), result.data_ptr<scalar_t>());
  });
  return result;
}

class FilterPowers : public torch::autograd::Function<FilterPowers> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& weight) {
    context->save_for_backward({weight});
    return powers_of(weight);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    return {gradient_of(context->get_saved_variables()[0], gradients[0])};
  }
};

at::Tensor filter_powers(const at::Tensor& weight) {
  TORCH_CHECK(weight.dim() == 4, "weight must be [O, C, h, w], it is ", weight.sizes());
  return FilterPowers::apply(weight);
}

}  // namespace

}  // namespace subband

TORCH_LIBRARY_FRAGMENT(subband, library) {
  library.def("filter_powers(Tensor weight) -> Tensor", &subband::filter_powers);
}
