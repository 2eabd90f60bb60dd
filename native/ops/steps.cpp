// Registers what is done to all parameters after a batch.
#include "steps.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include "operators.h"

namespace subband {

namespace {

void check(const at::Tensor& tensor, const char* name) {
  TORCH_CHECK(
      tensor.device().is_cpu() && tensor.scalar_type() == at::kFloat && tensor.is_non_overlapping_and_dense(),
      name, " must be float32 on the processor and without gaps, it is ", tensor.scalar_type(), " on ",
      tensor.device());
}

void check_alike(const at::Tensor& tensor, const at::Tensor& like, const char* name) {
  check(tensor, name);
  TORCH_CHECK(tensor.sizes() == like.sizes() && tensor.strides() == like.strides(), name, " must be ",
              like.sizes(), " and lie as what it belongs to, it is ", tensor.sizes());
}

// However it lay.
at::Tensor laid(const at::Tensor& tensor, const at::Tensor& like) {
  return tensor.strides() == like.strides() || tensor.sizes() != like.sizes()
             ? tensor
             : at::empty_like(like).copy_(tensor);
}

template <typename Step>
void take(const Step& step) {
  check_processor(Processor::kAvx2);
  const int threads = at::get_num_threads();
  has_avx512() ? take_avx512(step, threads) : take_avx2(step, threads);
}

at::Tensor& take_adam_step(at::Tensor& parameter, const at::Tensor& mean, const at::Tensor& mean_square,
                           const at::Tensor& gradient, double beta1, double beta2, double rate,
                           double epsilon) {
  check(parameter, "parameter");
  check_alike(mean, parameter, "mean");
  check_alike(mean_square, parameter, "mean_square");
  const at::Tensor slope = laid(gradient, parameter);
  check_alike(slope, parameter, "gradient");
  take(AdamStep{parameter.data_ptr<float>(), mean.data_ptr<float>(), mean_square.data_ptr<float>(),
                slope.data_ptr<float>(), parameter.numel(), static_cast<float>(beta1),
                static_cast<float>(beta2), static_cast<float>(rate), static_cast<float>(epsilon)});
  return parameter;
}

at::Tensor& take_average_step(at::Tensor& average, const at::Tensor& now, double decay) {
  check(average, "average");
  const at::Tensor seen = laid(now, average);
  check_alike(seen, average, "now");
  take(AverageStep{average.data_ptr<float>(), seen.data_ptr<float>(), average.numel(),
                   static_cast<float>(decay)});
  return average;
}

}  // namespace

}  // namespace subband

TORCH_LIBRARY_FRAGMENT(subband, library) {
  library.def(
      "adam_step_(Tensor(a!) parameter, Tensor(b!) mean, Tensor(c!) mean_square, Tensor gradient, float "
      "beta1, "
      "float beta2, float rate, float epsilon) -> Tensor(a!)",
      &subband::take_adam_step);
  library.def("average_step_(Tensor(a!) average, Tensor now, float decay) -> Tensor(a!)",
              &subband::take_average_step);
}
