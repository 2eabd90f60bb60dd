// Registers the convolution with libtorch's dispatcher, as subband::convolve and what belongs to
// it, so that the door reaches it like any other operator.
#include "operators.h"

#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <new>
#include <utility>

#include "convolution.h"
#include "convolution_layout.h"

namespace subband {

void check_processor(Processor needed) {
  TORCH_CHECK(processor() >= needed,
              "this processor has no instructions for this operator; ask subband::processor first");
}

bool has_avx512() { return processor() >= Processor::kAvx512; }

Numbers numbers_of(const at::Tensor& tensor, const char* name) {
  TORCH_CHECK(tensor.device().is_cpu(), name, " must be on the processor, it is on ", tensor.device());
  TORCH_CHECK(tensor.scalar_type() == at::kFloat || tensor.scalar_type() == at::kBFloat16, name,
              " must be float32 or bfloat16, it is ", tensor.scalar_type());
  return tensor.scalar_type() == at::kFloat ? Numbers::kFloat : Numbers::kBFloat16;
}

namespace {

void check_channels(const char* name, int64_t channels) {
  TORCH_CHECK(channels > 0 && channels % kChannelsOfVector == 0 && channels < (1 << 20), name,
              " must be a multiple of ", kChannelsOfVector, ", it is ", channels);
}

void check_tile(int64_t tile) {
  TORCH_CHECK(tile == kThin || tile == 1 || tile == 2 || tile == 4, "tile must be 0, 1, 2 or 4, it is ",
              tile);
}

// Of filters, for tiles.
void check_side(int64_t side, int64_t tile) {
  TORCH_CHECK(tile == kThin ? side % 2 == 1 && side > 1 && side <= kMostThinSide
                            : side == side_of(static_cast<int>(tile)),
              "filters for tiles of 0 are of an odd side from 3 to ", kMostThinSide,
              ", for tiles of 1 of 1x1, and for others of 3x3; for tiles of ", tile, " these are of ", side);
}

// Of a kThin one, one side has few channels.
void check_channels(int64_t inputs, int64_t outputs, int64_t tile) {
  const bool from_few = tile == kThin && inputs > 0 && inputs <= kMostThin;
  const bool to_few = tile == kThin && outputs > 0 && outputs <= kMostThin;
  TORCH_CHECK(tile != kThin || from_few != to_few, "tile 0 is for convolutions from or to at most ",
              kMostThin, " channels, this is from ", inputs, " to ", outputs);
  if (!from_few) {
    check_channels("inputs", inputs);
  }
  if (!to_few) {
    check_channels("outputs", outputs);
  }
}

void check_spread(int64_t spread, int64_t outputs, int64_t tile, bool has_skip) {
  constexpr int64_t most = 16;
  TORCH_CHECK(spread == 1 || (spread > 1 && spread <= most && tile != kThin && !has_skip &&
                              outputs % (spread * spread * kChannelsOfVector) == 0),
              "spread must be 1, or to ", most, " for tiles of 1 to 4 without a skip and with multiples of ",
              kChannelsOfVector, " channels for each pixel, it is ", spread, " of ", outputs, " channels");
}

// Whether each number of a pixel lies beside the next, and rows follow each other without gaps, so that the
// image may be some channels of another; and how far it is from pixel to pixel.
bool is_laid(const at::Tensor& tensor, int64_t& stride) {
  stride = tensor.size(1);
  if (tensor.is_contiguous(at::MemoryFormat::ChannelsLast)) {
    return true;
  }
  const int64_t rows = tensor.size(2), columns = tensor.size(3);
  stride = columns > 1 ? tensor.stride(3) : tensor.stride(2);
  return tensor.stride(1) == 1 && stride >= tensor.size(1) &&
         (rows == 1 || tensor.stride(2) == columns * stride) &&
         (tensor.size(0) == 1 || tensor.stride(0) == rows * columns * stride);
}

Pixels pixels_of(const at::Tensor& tensor, const char* name) {
  TORCH_CHECK(tensor.dim() == 4, name, " must be [N, C, H, W], it is ", tensor.sizes());
  int64_t stride;
  TORCH_CHECK(is_laid(tensor, stride), name, " must be in channels-last format, or some channels of what is");
  return {tensor.data_ptr(),
          static_cast<int>(tensor.size(1)),
          stride,
          numbers_of(tensor, name),
          tensor.size(2),
          nullptr,
          0};
}

bool is_given(const c10::optional<at::Tensor>& tensor) { return tensor.has_value() && tensor->defined(); }

// A single pixel, from which there is no way to the next.
bool is_single(const at::Tensor& tensor) { return tensor.numel() == tensor.size(1); }

// With rows above it that lie in a tensor of their own.
Pixels pixels_of(const at::Tensor& tensor, const c10::optional<at::Tensor>& above, const char* name) {
  Pixels pixels = pixels_of(tensor, name);
  if (is_given(above)) {
    TORCH_CHECK(above->dim() == 4 && above->size(0) == tensor.size(0) && above->size(1) == tensor.size(1) &&
                    above->size(3) == tensor.size(3) && above->scalar_type() == tensor.scalar_type(),
                "the rows above ", name, " must be ", tensor.scalar_type(), " and [", tensor.size(0), ", ",
                tensor.size(1), ", H, ", tensor.size(3), "], they are ", above->scalar_type(), " ",
                above->sizes());
    const Pixels others = pixels_of(*above, name);
    if (is_single(tensor)) {
      pixels.stride = others.stride;
    }
    TORCH_CHECK(others.stride == pixels.stride || is_single(*above), "the rows above ", name,
                " must lie as those below");
    pixels.above = others.data;
    pixels.rows_above = others.rows;
  }
  return pixels;
}

// Of [O, C, side, side], which lie in rows or channels-last.
Filters filters_of(const at::Tensor& tensor) {
  return {tensor.data_ptr<float>(), static_cast<int>(tensor.size(3)), tensor.stride(0), tensor.stride(1),
          tensor.stride(3)};
}

bool is_filters(const at::Tensor& tensor) { return tensor.stride(2) == tensor.size(3) * tensor.stride(3); }

const float* numbers_of_channels(const c10::optional<at::Tensor>& tensor, const char* name,
                                 int64_t channels) {
  if (!is_given(tensor)) {
    return nullptr;
  }
  TORCH_CHECK(tensor->scalar_type() == at::kFloat && tensor->device().is_cpu() && tensor->is_contiguous() &&
                  tensor->numel() == channels,
              name, " must be ", channels, " contiguous float32 numbers on the processor, it is ",
              tensor->scalar_type(), " ", tensor->sizes());
  return tensor->data_ptr<float>();
}

// An image or a part of its rows; and those above it that are known already.
struct Image {
  c10::optional<at::Tensor> rows, above;
};

// Images whose channels are beside each other, and whether zeros follow at their edges.
struct Images {
  std::vector<Image> all;
  bool begins = true, ends = true;
};

int64_t rows_of(const Image& image) {
  return image.rows->size(2) + (is_given(image.above) ? image.above->size(2) : 0);
}

// Each of the images, and that they fit; of which channels they may be, compute says.
void check_beside(const Images& images, int64_t tile) {
  const size_t count = images.all.size();
  TORCH_CHECK(count == 1 || (count > 1 && count <= kMostBeside && tile != kThin),
              "there must be 1 image, or to ", kMostBeside,
              " beside each other for tiles of 1 to 4, there are ", count);
  for (const Image& one : images.all) {
    const at::Tensor &image = *one.rows, &first = *images.all[0].rows;
    TORCH_CHECK(image.dim() == 4 && image.numel() > 0,
                "image must be [N, C, H, W] with at least one pixel, it is ", image.sizes());
    TORCH_CHECK(!at::GradMode::is_enabled() || !image.requires_grad(),
                "no gradient is computed here; wrap the call in a no-grad mode, or use aten::conv2d");
    TORCH_CHECK(image.size(0) == first.size(0) && image.size(3) == first.size(3) &&
                    rows_of(one) == rows_of(images.all[0]) && image.scalar_type() == first.scalar_type(),
                "images beside each other must be alike but for their channels, they are ",
                first.scalar_type(), " ", first.sizes(), " and ", image.scalar_type(), " ", image.sizes(),
                " with ", rows_of(images.all[0]), " and ", rows_of(one), " rows in all");
  }
}

// Everything but the filters; and the tensor for the result, where it is not given.
Convolution describe(const Images& from, int64_t outputs, int64_t tile, int64_t side, int64_t spread,
                     const c10::optional<at::Tensor>& bias, const c10::optional<at::Tensor>& slopes,
                     const Image& skip, bool to_half, Image& into) {
  Convolution c{};
  check_tile(tile);
  check_side(side, tile);
  check_beside(from, tile);
  for (const Image& one : from.all) {
    c.image[c.beside] = pixels_of(*one.rows, one.above, "image");
    c.inputs += c.image[c.beside++].channels;
  }
  check_channels(c.inputs, outputs, tile);
  check_spread(spread, outputs, tile, is_given(skip.rows));
  const at::Tensor& image = *from.all[0].rows;
  const int reach = reach_of(static_cast<int>(side));
  const int64_t rows = rows_of(from.all[0]);
  const int64_t height = rows - (from.begins ? 0 : reach) - (from.ends ? 0 : reach);
  TORCH_CHECK(height > 0, "image must have a row with ", reach, " above and below, it has ", rows, " rows");
  if (!is_given(into.rows)) {
    into.rows =
        at::empty({image.size(0), outputs / (spread * spread), height * spread, image.size(3) * spread},
                  image.options()
                      .dtype(to_half ? at::kBFloat16 : at::kFloat)
                      .memory_format(at::MemoryFormat::ChannelsLast));
  }
  c.images = image.size(0);
  c.height = height;
  c.width = image.size(3);
  c.tile = static_cast<int>(tile);
  c.side = static_cast<int>(side);
  c.spread = static_cast<int>(spread);
  c.first_row = from.begins ? -reach : 0;
  c.outputs = static_cast<int>(outputs);
  c.bias = numbers_of_channels(bias, "bias", outputs);
  c.slopes = numbers_of_channels(slopes, "slopes", outputs);
  const at::Tensor& result = *into.rows;
  c.result = pixels_of(result, into.above, "result");
  if (is_given(skip.rows)) {
    c.skip = pixels_of(*skip.rows, skip.above, "skip");
    TORCH_CHECK(
        skip.rows->dim() == 4 && skip.rows->size(0) == result.size(0) && skip.rows->size(1) == outputs &&
            skip.rows->size(3) == result.size(3) && c.skip.rows_above + c.skip.rows == height &&
            skip.rows->scalar_type() == result.scalar_type(),
        "skip must be ", result.scalar_type(), " ", result.sizes(), " as the result is, it is ",
        skip.rows->scalar_type(), " ", skip.rows->sizes(), " with ", c.skip.rows_above, " rows above");
  }
  return c;
}

}  // namespace

at::Tensor pack(const at::Tensor& weight, int64_t tile, bool half, bool turned) {
  check_tile(tile);
  check_processor(Processor::kAvx2);
  TORCH_CHECK(weight.dim() == 4 && weight.size(2) == weight.size(3),
              "weight must be [O, C, side, side], it is ", weight.sizes());
  check_side(weight.size(2), tile);
  const int outputs_at = turned ? 1 : 0, inputs_at = 1 - outputs_at;
  check_channels(weight.size(inputs_at), weight.size(outputs_at), tile);
  TORCH_CHECK(tile != kThin || !half, "filters of tile 0 are float32");
  TORCH_CHECK(weight.scalar_type() == at::kFloat && weight.device().is_cpu(),
              "weight must be float32 on the processor, it is ", weight.scalar_type(), " on ",
              weight.device());
  const at::Tensor plain = is_filters(weight) ? weight : weight.contiguous();
  Filters filters = filters_of(plain);
  if (turned) {
    std::swap(filters.to_output, filters.to_input);
  }
  const auto outputs = static_cast<int>(weight.size(outputs_at));
  const auto inputs = static_cast<int>(weight.size(inputs_at));
  const Numbers factors = half ? Numbers::kBFloat16 : Numbers::kFloat;
  const int64_t bytes = layout::packed_bytes(inputs, outputs, static_cast<int>(tile), filters.side, factors);
  at::Tensor packed =
      at::empty({bytes / (half ? 2 : 4)}, weight.options().dtype(half ? at::kBFloat16 : at::kFloat));
  (has_avx512() ? pack_filters_avx512 : pack_filters_avx2)(filters, inputs, outputs, static_cast<int>(tile),
                                                           factors, turned, at::get_num_threads(),
                                                           packed.data_ptr());
  return packed;
}

namespace {

void compute(Convolution& c, const at::Tensor& packed) {
  c.factors = numbers_of(packed, "packed");
  const int64_t bytes = layout::packed_bytes(c.inputs, c.outputs, c.tile, c.side, c.factors);
  TORCH_CHECK(packed.is_contiguous() && packed.numel() * packed.element_size() == bytes, "packed holds ",
              packed.numel() * packed.element_size(), " bytes, filters of ", c.side, "x", c.side, " from ",
              c.inputs, " to ", c.outputs, " channels for tiles of ", c.tile, " have ", bytes);
  c.filters = packed.data_ptr();
  for (int i = 0; i < c.beside; ++i) {
    const int line = layout::channels_of_line(c.factors);
    TORCH_CHECK(c.beside == 1 || c.image[i].channels % line == 0, "images beside each other must have ", line,
                " channels or a multiple, one has ", c.image[i].channels);
  }
  const bool has_half = c.image[0].numbers == Numbers::kBFloat16 || c.factors == Numbers::kBFloat16 ||
                        c.result.numbers == Numbers::kBFloat16;
  check_processor(has_half ? Processor::kAvx512Bf16 : Processor::kAvx2);
  const int threads = at::get_num_threads();
  if (!(has_avx512() ? convolve_avx512(c, threads) : convolve_avx2(c, threads))) {
    throw std::bad_alloc();
  }
}

// Lays an image, and the rows above it, as the kernel reads them.
void lay(Image& image) {
  int64_t stride = 0, stride_above = 0;
  const bool has_above = is_given(image.above);
  if (image.rows->dim() != 4 || (has_above && image.above->dim() != 4) ||
      (is_laid(*image.rows, stride) &&
       (!has_above || (is_laid(*image.above, stride_above) && stride == stride_above)))) {
    return;  // what is wrong is said later
  }
  image.rows = image.rows->contiguous(at::MemoryFormat::ChannelsLast);
  if (has_above) {
    image.above = image.above->contiguous(at::MemoryFormat::ChannelsLast);
  }
}

Images images_of(at::TensorList rows, const OptionalTensors& above, bool begins, bool ends) {
  TORCH_CHECK(above.empty() || above.size() == rows.size(), "there must be rows above for all of ",
              rows.size(), " images or for none, there are ", above.size());
  Images images{{}, begins, ends};
  for (size_t i = 0; i < rows.size(); ++i) {
    images.all.push_back({rows[i], above.empty() ? c10::optional<at::Tensor>() : above.get(i)});
    lay(images.all.back());
  }
  return images;
}

}  // namespace

at::Tensor convolve(at::TensorList images, const OptionalTensors& above, bool begins, bool ends,
                    const at::Tensor& packed, const c10::optional<at::Tensor>& bias,
                    const c10::optional<at::Tensor>& slopes, const c10::optional<at::Tensor>& skip,
                    const c10::optional<at::Tensor>& skip_above, int64_t outputs, int64_t tile, int64_t side,
                    int64_t spread, bool to_half) {
  // What follows needs the tensors for as long as it computes.
  const Images laid = images_of(images, above, begins, ends);
  Image plus{skip, skip_above};
  if (is_given(skip)) {
    lay(plus);
  }
  Image result;
  Convolution c = describe(laid, outputs, tile, side, spread, bias, slopes, plus, to_half, result);
  compute(c, packed);
  return *result.rows;
}

at::Tensor filter_gradient(const at::Tensor& image, const at::Tensor& gradient, int64_t side,
                           bool channels_last) {
  TORCH_CHECK(image.dim() == 4 && gradient.dim() == 4 && image.size(0) == gradient.size(0) &&
                  image.size(2) == gradient.size(2) && image.size(3) == gradient.size(3) && image.numel() > 0,
              "image and gradient must be [N, C, H, W] and [N, O, H, W], they are ", image.sizes(), " and ",
              gradient.sizes());
  const int64_t tile = std::min(image.size(1), gradient.size(1)) <= kMostThin ? kThin : 4;
  check_side(side, tile);
  check_channels(image.size(1), gradient.size(1), tile);
  Image laid{image, {}}, laid_gradient{gradient, {}};
  lay(laid);
  lay(laid_gradient);
  const at::Tensor &x = *laid.rows, &dy = *laid_gradient.rows;
  FilterGradient g{};
  g.images = x.size(0);
  g.height = x.size(2);
  g.width = x.size(3);
  g.inputs = static_cast<int>(x.size(1));
  g.outputs = static_cast<int>(dy.size(1));
  g.image = pixels_of(x, "image");
  g.gradient = pixels_of(dy, "gradient");
  const bool has_half = g.image.numbers == Numbers::kBFloat16 || g.gradient.numbers == Numbers::kBFloat16;
  check_processor(has_half ? Processor::kAvx512 : Processor::kAvx2);
  const auto floats = x.options().dtype(at::kFloat);
  const at::Tensor result = at::empty(
      {g.outputs, g.inputs, side, side},
      floats.memory_format(channels_last ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous));
  g.filters = filters_of(result);
  const at::Tensor sums = at::empty({layout::sums_of(g)}, floats);
  g.sums = sums.data_ptr<float>();
  const int threads = at::get_num_threads();
  if (!(has_avx512() ? filter_gradient_avx512(g, threads) : filter_gradient_avx2(g, threads))) {
    throw std::bad_alloc();
  }
  return result;
}

namespace {

// The result goes to a tensor that is there already, such as channels of the very one that an image is of;
// its first rows perhaps to another.
at::Tensor& convolve_into(at::Tensor& result, const c10::optional<at::Tensor>& result_above,
                          at::TensorList images, const OptionalTensors& above, bool begins, bool ends,
                          const at::Tensor& packed, const c10::optional<at::Tensor>& bias,
                          const c10::optional<at::Tensor>& slopes, int64_t tile, int64_t side) {
  const Images laid = images_of(images, above, begins, ends);
  Image into{result, result_above};
  Convolution c = describe(laid, result.size(1), tile, side, 1, bias, slopes, {}, false, into);
  TORCH_CHECK(result.size(0) == c.images && c.result.rows_above + c.result.rows == c.height &&
                  result.size(3) == c.width,
              "result must be [", c.images, ", O, ", c.height, ", ", c.width, "], it is ", result.sizes(),
              " with ", c.result.rows_above, " rows above");
  compute(c, packed);
  return result;
}

at::Tensor specification(const at::Tensor& image, const at::Tensor& weight,
                         const c10::optional<at::Tensor>& bias, const c10::optional<at::Tensor>& slopes,
                         const c10::optional<at::Tensor>& skip, int64_t spread, bool to_half) {
  TORCH_CHECK(weight.dim() == 4 && weight.size(1) == image.size(1) && weight.size(3) == weight.size(2) &&
                  weight.scalar_type() == at::kFloat,
              "weight must be float32 [O, ", image.size(1), ", side, side], it is ", weight.scalar_type(),
              " ", weight.sizes());
  Image result;
  const int64_t side = weight.size(2);
  const bool is_thin = side > 1 && std::min(weight.size(0), weight.size(1)) <= kMostThin;
  const Convolution c = describe({{{image, {}}}}, weight.size(0),
                                 is_thin     ? kThin
                                 : side == 1 ? 1
                                             : 2,
                                 side, spread, bias, slopes, {skip, {}}, to_half, result);
  const at::Tensor plain = weight.contiguous();
  convolve_plain(c, plain.data_ptr<float>());
  return *result.rows;
}

int64_t processor_number() { return static_cast<int64_t>(processor()); }

int64_t bf16_number() { return static_cast<int64_t>(bf16()); }

}  // namespace

}  // namespace subband

TORCH_LIBRARY(subband, library) {
  library.def("processor() -> int", &subband::processor_number);
  library.def("bf16() -> int", &subband::bf16_number);
  library.def("pack_filters(Tensor weight, int tile, bool half, bool turned) -> Tensor", &subband::pack);
  library.def(
      "convolve(Tensor[] images, Tensor?[] above, bool begins, bool ends, Tensor packed, Tensor? bias, "
      "Tensor? slopes, Tensor? skip, Tensor? skip_above, int outputs, int tile, int side, int spread, bool "
      "to_half) -> Tensor",
      &subband::convolve);
  library.def(
      "convolve_into(Tensor(a!) result, Tensor(b!)? result_above, Tensor[] images, Tensor?[] above, "
      "bool begins, bool ends, Tensor packed, Tensor? bias, Tensor? slopes, int tile, int side) -> "
      "Tensor(a!)",
      &subband::convolve_into);
  library.def("filter_gradient(Tensor image, Tensor gradient, int side, bool channels_last) -> Tensor",
              &subband::filter_gradient);
  library.def(
      "convolve_plain(Tensor image, Tensor weight, Tensor? bias, Tensor? slopes, Tensor? skip, int spread, "
      "bool to_half) -> Tensor",
      &subband::specification);
}
