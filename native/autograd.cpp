// Gradients, gradient mode and autocast.
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/variable.h>

#include <vector>

#include "compat.h"
#include "guard.h"
#include "handles.h"

using subband::borrow;
using subband::borrow_required;
using subband::guarded;

sb_status sb_grad(const sb_tensor* outputs, const sb_tensor* output_gradients, int32_t output_count,
                  const sb_tensor* inputs, int32_t input_count, int32_t retain_graph, int32_t create_graph,
                  int32_t allow_unused, sb_tensor* gradients) {
  return guarded([&] {
    torch::autograd::variable_list roots;
    torch::autograd::variable_list root_gradients;
    torch::autograd::variable_list leaves;
    for (int32_t i = 0; i < output_count; ++i) {
      roots.push_back(borrow_required(outputs[i]));
      root_gradients.push_back(output_gradients == nullptr ? at::Tensor() : borrow(output_gradients[i]));
    }
    for (int32_t i = 0; i < input_count; ++i) {
      leaves.push_back(borrow_required(inputs[i]));
    }
    auto found = torch::autograd::grad(roots, leaves, root_gradients, retain_graph != 0, create_graph != 0,
                                       allow_unused != 0);
    for (int32_t i = 0; i < input_count; ++i) {
      auto& gradient = found[static_cast<size_t>(i)];
      gradients[i] = gradient.defined() ? subband::release(std::move(gradient)) : nullptr;
    }
  });
}

sb_status sb_set_grad_mode(int32_t enabled, int32_t* previous) {
  return guarded([&] {
    *previous = at::GradMode::is_enabled() ? 1 : 0;
    if (*previous != (enabled != 0 ? 1 : 0)) {
      // A weight that autocast cast while nothing was recorded passes no gradient on, and parameters are
      // changed while nothing is recorded: neither cast may be used on the other side.
      at::autocast::clear_cache();
      at::GradMode::set_enabled(enabled != 0);
    }
  });
}

sb_status sb_set_autocast(int32_t device_type, int32_t enabled, int32_t dtype, int32_t* previous_enabled,
                          int32_t* previous_dtype) {
  return guarded([&] {
    const auto device = static_cast<c10::DeviceType>(device_type);
    *previous_enabled = subband::compat::autocast_enabled(device) ? 1 : 0;
    *previous_dtype = static_cast<int32_t>(subband::compat::autocast_dtype(device));
    subband::compat::set_autocast_dtype(device, static_cast<at::ScalarType>(dtype));
    subband::compat::set_autocast_enabled(device, enabled != 0);
  });
}

sb_status sb_clear_autocast_cache(void) {
  return guarded([] { at::autocast::clear_cache(); });
}
