// Registers the convolution of 3x3 with libtorch's dispatcher, as subband::convolve3x3 and what belongs to
// it, so that the door reaches it like any other operator.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <new>

#include "convolution3x3.h"
#include "processor.h"

namespace subband {

namespace {

constexpr int64_t kChannelsOfVector = 16;

Numbers numbers_of(const at::Tensor& tensor, const char* name) {
  TORCH_CHECK(tensor.device().is_cpu(), name, " must be on the processor, it is on ", tensor.device());
  TORCH_CHECK(tensor.scalar_type() == at::kFloat || tensor.scalar_type() == at::kBFloat16, name,
              " must be float32 or bfloat16, it is ", tensor.scalar_type());
  return tensor.scalar_type() == at::kFloat ? Numbers::kFloat : Numbers::kBFloat16;
}

void check_channels(const char* name, int64_t channels) {
  TORCH_CHECK(channels > 0 && channels % kChannelsOfVector == 0 && channels < (1 << 20), name,
              " must be a multiple of ", kChannelsOfVector, ", it is ", channels);
}

void check_tile(int64_t tile) { TORCH_CHECK(tile == 2 || tile == 4, "tile must be 2 or 4, it is ", tile); }

// Each number of an image's pixel beside the next, and the rows without gaps.
Pixels pixels_of(const at::Tensor& tensor, const char* name) {
  TORCH_CHECK(tensor.is_contiguous(at::MemoryFormat::ChannelsLast), name,
              " must be contiguous in channels-last format");
  return {tensor.data_ptr(), tensor.size(1), numbers_of(tensor, name)};
}

const float* numbers_of_channels(const c10::optional<at::Tensor>& tensor, const char* name,
                                 int64_t channels) {
  if (!tensor.has_value() || !tensor->defined()) {
    return nullptr;
  }
  TORCH_CHECK(tensor->scalar_type() == at::kFloat && tensor->device().is_cpu() && tensor->is_contiguous() &&
                  tensor->numel() == channels,
              name, " must be ", channels, " contiguous float32 numbers on the processor, it is ",
              tensor->scalar_type(), " ", tensor->sizes());
  return tensor->data_ptr<float>();
}

// Everything but the filters, and the tensor for the result.
Convolution3x3 describe(const at::Tensor& image, int64_t outputs, const c10::optional<at::Tensor>& bias,
                        const c10::optional<at::Tensor>& slopes, const c10::optional<at::Tensor>& skip,
                        bool to_half, at::Tensor& result) {
  TORCH_CHECK(image.dim() == 4 && image.numel() > 0,
              "image must be [N, C, H, W] with at least one pixel, it is ", image.sizes());
  TORCH_CHECK(!at::GradMode::is_enabled() || !image.requires_grad(),
              "no gradient is computed here; wrap the call in a no-grad mode, or use aten::conv2d");
  check_channels("the image's channels", image.size(1));
  check_channels("outputs", outputs);
  result = at::empty({image.size(0), outputs, image.size(2), image.size(3)},
                     image.options()
                         .dtype(to_half ? at::kBFloat16 : at::kFloat)
                         .memory_format(at::MemoryFormat::ChannelsLast));
  Convolution3x3 c{};
  c.images = image.size(0);
  c.height = image.size(2);
  c.width = image.size(3);
  c.inputs = static_cast<int>(image.size(1));
  c.outputs = static_cast<int>(outputs);
  c.image = pixels_of(image, "image");
  c.bias = numbers_of_channels(bias, "bias", outputs);
  c.slopes = numbers_of_channels(slopes, "slopes", outputs);
  c.result = {result.data_ptr(), outputs, to_half ? Numbers::kBFloat16 : Numbers::kFloat};
  if (skip.has_value() && skip->defined()) {
    TORCH_CHECK(skip->sizes() == result.sizes() && skip->scalar_type() == result.scalar_type(),
                "skip must be ", result.scalar_type(), " ", result.sizes(), " as the result is, it is ",
                skip->scalar_type(), " ", skip->sizes());
    c.skip = pixels_of(*skip, "skip");
  }
  return c;
}

at::Tensor pack(const at::Tensor& weight, int64_t tile, bool half) {
  check_tile(tile);
  TORCH_CHECK(weight.dim() == 4 && weight.size(2) == 3 && weight.size(3) == 3,
              "weight must be [O, C, 3, 3], it is ", weight.sizes());
  check_channels("the weight's outputs", weight.size(0));
  check_channels("the weight's inputs", weight.size(1));
  TORCH_CHECK(weight.scalar_type() == at::kFloat && weight.device().is_cpu(),
              "weight must be float32 on the processor, it is ", weight.scalar_type(), " on ",
              weight.device());
  const at::Tensor plain = weight.contiguous();
  const auto outputs = static_cast<int>(weight.size(0)), inputs = static_cast<int>(weight.size(1));
  const Numbers factors = half ? Numbers::kBFloat16 : Numbers::kFloat;
  const int64_t bytes = packed3x3_bytes(inputs, outputs, static_cast<int>(tile), factors);
  at::Tensor packed =
      at::empty({bytes / (half ? 2 : 4)}, weight.options().dtype(half ? at::kBFloat16 : at::kFloat));
  pack3x3(plain.data_ptr<float>(), inputs, outputs, static_cast<int>(tile), factors, packed.data_ptr());
  return packed;
}

at::Tensor convolve(const at::Tensor& image, const at::Tensor& packed, const c10::optional<at::Tensor>& bias,
                    const c10::optional<at::Tensor>& slopes, const c10::optional<at::Tensor>& skip,
                    int64_t outputs, int64_t tile, bool to_half) {
  check_tile(tile);
  at::Tensor result;
  Convolution3x3 c = describe(image, outputs, bias, slopes, skip, to_half, result);
  c.tile = static_cast<int>(tile);
  c.factors = numbers_of(packed, "packed");
  const int64_t bytes = packed3x3_bytes(c.inputs, c.outputs, c.tile, c.factors);
  TORCH_CHECK(packed.is_contiguous() && packed.numel() * packed.element_size() == bytes, "packed holds ",
              packed.numel() * packed.element_size(), " bytes, filters from ", c.inputs, " to ", c.outputs,
              " channels for tiles of ", tile, " have ", bytes);
  c.filters = packed.data_ptr();
  const Processor needed = c.factors == Numbers::kFloat ? Processor::kAvx512 : Processor::kAvx512Bf16;
  TORCH_CHECK(processor() >= needed,
              "this processor has no AVX-512 for such a convolution; ask subband::processor first");
  if (!convolve3x3_avx512(c, at::get_num_threads())) {
    throw std::bad_alloc();
  }
  return result;
}

at::Tensor convolve_plain(const at::Tensor& image, const at::Tensor& weight,
                          const c10::optional<at::Tensor>& bias, const c10::optional<at::Tensor>& slopes,
                          const c10::optional<at::Tensor>& skip, bool to_half) {
  TORCH_CHECK(weight.dim() == 4 && weight.size(1) == image.size(1) && weight.size(2) == 3 &&
                  weight.size(3) == 3 && weight.scalar_type() == at::kFloat,
              "weight must be float32 [O, ", image.size(1), ", 3, 3], it is ", weight.scalar_type(), " ",
              weight.sizes());
  at::Tensor result;
  const Convolution3x3 c = describe(image, weight.size(0), bias, slopes, skip, to_half, result);
  const at::Tensor plain = weight.contiguous();
  convolve3x3_plain(c, plain.data_ptr<float>());
  return result;
}

int64_t processor_number() { return static_cast<int64_t>(processor()); }

}  // namespace

}  // namespace subband

TORCH_LIBRARY(subband, library) {
  library.def("processor() -> int", &subband::processor_number);
  library.def("pack3x3(Tensor weight, int tile, bool half) -> Tensor", &subband::pack);
  library.def(
      "convolve3x3(Tensor image, Tensor packed, Tensor? bias, Tensor? slopes, Tensor? skip, int outputs, int "
      "tile, "
      "bool to_half) -> Tensor",
      &subband::convolve);
  library.def(
      "convolve3x3_plain(Tensor image, Tensor weight, Tensor? bias, Tensor? slopes, Tensor? skip, bool "
      "to_half) -> Tensor",
      &subband::convolve_plain);
}
