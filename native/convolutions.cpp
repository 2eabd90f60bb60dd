// Tries oneDNN's convolutions before the first one that counts.
//
// oneDNN keeps images and filters in blocks of 8 or 16 channels, and fills up the last block. Its version 3.7
// as Debian 13 ships it does so wrongly, and results are right or wrong as chance, memory and threads have
// it. So a few small convolutions that need filling up are computed in memory full of large numbers, and
// compared with sums in double precision. The gradients of filters were right wherever anything was, and are
// left out, since each kernel that oneDNN compiles takes a millisecond.
#include "convolutions.h"

#include <ATen/Context.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/convolution.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/empty.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <exception>
#include <limits>
#include <sstream>
#include <tuple>
#include <vector>

#include "guard.h"
#include "handles.h"

namespace subband {

namespace {

// More than one, since libtorch keeps single small images from oneDNN; and with an image of this size, what
// oneDNN fills up takes 4 kB or more, so that it comes from our allocator's cache.
constexpr int64_t kImages = 2;
constexpr int64_t kHeight = 9;
constexpr int64_t kWidth = 10;
constexpr int64_t kKernel = 3;

struct Case {
  at::ScalarType type;
  at::MemoryFormat format;
  bool transposed;
  int64_t in;   // channels
  int64_t out;  // channels
  int64_t padding;
};

constexpr Case kCases[] = {
    {at::kFloat, at::MemoryFormat::Contiguous, true, 4, 6, 1},
    {at::kFloat, at::MemoryFormat::Contiguous, false, 6, 4, 1},
    {at::kBFloat16, at::MemoryFormat::Contiguous, false, 3, 5, 2},
    {at::kBFloat16, at::MemoryFormat::ChannelsLast, false, 3, 5, 2},
};

// A tensor with the values that it was made of, [A, B, H, W].
struct Array {
  int64_t a, b, height, width;
  std::vector<double> values;

  Array(int64_t a, int64_t b, int64_t height, int64_t width)
      : a(a), b(b), height(height), width(width), values(static_cast<size_t>(a * b * height * width)) {}

  double& at(int64_t i, int64_t j, int64_t y, int64_t x) {
    return values[static_cast<size_t>(((i * b + j) * height + y) * width + x)];
  }

  // Eighths from -1 to 1, which every type holds exactly.
  void fill(uint32_t seed) {
    for (double& value : values) {
      seed = seed * 1664525U + 1013904223U;
      value = (static_cast<int>((seed >> 16) % 17) - 8) / 8.0;
    }
  }

  at::Tensor tensor(const Case& which) const {
    at::Tensor made = at::empty({a, b, height, width}, at::TensorOptions().dtype(at::kDouble));
    std::memcpy(made.data_ptr(), values.data(), values.size() * sizeof(double));
    return made.to(which.type).contiguous(which.format);
  }
};

double relative_error(const at::Tensor& found, const double* expected, int64_t count) {
  const at::Tensor exact = found.to(at::kDouble).contiguous();
  if (exact.numel() != count) {
    throw std::invalid_argument("the tensor holds " + std::to_string(exact.numel()) + " values, not " +
                                std::to_string(count));
  }
  const auto* values = static_cast<const double*>(exact.data_ptr());
  double error = 0;
  double largest = std::numeric_limits<double>::min();
  for (int64_t i = 0; i < count; ++i) {
    if (!std::isfinite(values[i])) {
      return std::numeric_limits<double>::infinity();
    }
    error = std::max(error, std::abs(values[i] - expected[i]));
    largest = std::max(largest, std::abs(expected[i]));
  }
  return error / largest;
}

// Leaves large numbers in the blocks that the allocator will hand out next, one of its eight sizes per power
// of two after the other.
void poison() {
  constexpr size_t smallest = size_t{4} << 10;
  constexpr size_t largest = size_t{16} << 10;
  constexpr int blocks_of_a_size = 3;
  constexpr int byte = 0x7f;  // repeated, the largest finite number, in float32 and in bfloat16
  auto* allocator = c10::GetCPUAllocator();
  std::vector<void*> blocks;
  for (size_t octave = smallest; octave < largest; octave *= 2) {
    for (size_t size = octave + octave / 8; size <= 2 * octave; size += octave / 8) {
      for (int i = 0; i < blocks_of_a_size; ++i) {
        blocks.push_back(std::memset(allocator->raw_allocate(size), byte, size));
      }
    }
  }
  for (void* block : blocks) {
    allocator->raw_deallocate(block);
  }
}

std::string describe(const Case& which, const char* result, double error) {
  std::ostringstream text;
  text << (which.type == at::kFloat ? "float32" : "bfloat16")
       << (which.format == at::MemoryFormat::ChannelsLast ? ", channels-last, " : ", ")
       << (which.transposed ? "transposed convolution" : "convolution") << " of " << which.in << " to "
       << which.out << " channels: " << result;
  if (std::isfinite(error)) {
    text.precision(2);
    text << " is off by " << error << " times the largest value";
  } else {
    text << " is not finite";
  }
  return text.str();
}

// What oneDNN computes wrong in one case; empty if nothing.
std::string fault(const Case& which) {
  // A transposed convolution is a convolution the other way round; small has fewer pixels than wide.
  const int64_t height = kHeight + 2 * which.padding - kKernel + 1;
  const int64_t width = kWidth + 2 * which.padding - kKernel + 1;
  Array wide(kImages, which.transposed ? which.out : which.in, kHeight, kWidth);
  Array small(kImages, which.transposed ? which.in : which.out, height, width);
  Array filter(small.b, wide.b, kKernel, kKernel);
  wide.fill(1);
  small.fill(2);
  filter.fill(3);
  Array wide_sum(wide.a, wide.b, wide.height, wide.width);
  Array small_sum(small.a, small.b, small.height, small.width);
  for (int64_t n = 0; n < kImages; ++n) {
    for (int64_t o = 0; o < small.b; ++o) {
      for (int64_t c = 0; c < wide.b; ++c) {
        for (int64_t y = 0; y < height; ++y) {
          for (int64_t ky = 0; ky < kKernel; ++ky) {
            const int64_t wide_y = y + ky - which.padding;
            if (wide_y < 0 || wide_y >= kHeight) {
              continue;
            }
            for (int64_t x = 0; x < width; ++x) {
              for (int64_t kx = 0; kx < kKernel; ++kx) {
                const int64_t wide_x = x + kx - which.padding;
                if (wide_x < 0 || wide_x >= kWidth) {
                  continue;
                }
                small_sum.at(n, o, y, x) += wide.at(n, c, wide_y, wide_x) * filter.at(o, c, ky, kx);
                wide_sum.at(n, c, wide_y, wide_x) += small.at(n, o, y, x) * filter.at(o, c, ky, kx);
              }
            }
          }
        }
      }
    }
  }

  const double tolerance = which.type == at::kFloat ? 1e-4 : 5e-2;
  const auto complaint = [&](const char* name, const at::Tensor& found, const Array& expected) {
    const double error =
        relative_error(found, expected.values.data(), static_cast<int64_t>(expected.values.size()));
    return error <= tolerance ? std::string() : describe(which, name, error);
  };
  const std::vector<int64_t> once{1, 1};
  const std::vector<int64_t> padding{which.padding, which.padding};
  const std::vector<int64_t> none{0, 0};
  const at::Tensor input = (which.transposed ? small : wide).tensor(which);
  const at::Tensor weight = filter.tensor(which);
  poison();
  const at::Tensor result =
      at::convolution(input, weight, {}, once, padding, once, which.transposed, none, 1);
  auto found = complaint("the result", result, which.transposed ? wide_sum : small_sum);
  if (found.empty() && !which.transposed) {
    const at::Tensor gradient = small.tensor(which);
    poison();
    const auto gradients = at::convolution_backward(gradient, input, weight, c10::nullopt, once, padding,
                                                    once, false, none, 1, {true, false, false});
    found = complaint("the gradient of the input", std::get<0>(gradients), wide_sum);
  }
  return found;
}

// Work this small is slower on several threads. The number is kept for each thread that gives orders.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

Convolutions settle() {
  auto& context = at::globalContext();
  if (!at::hasMKLDNN() || !context.userEnabledMkldnn()) {
    return {false, {}};
  }
  const at::NoGradGuard no_grad;
  const OneThread one_thread;
  const c10::impl::ExcludeDispatchKeyGuard no_autocast(c10::autocast_dispatch_keyset);
  for (const Case& which : kCases) {
    std::string found;
    try {
      found = fault(which);
    } catch (const c10::Error& error) {
      found = error.what_without_backtrace();
    } catch (const std::exception& error) {
      // oneDNN's own, as where DNNL_MAX_CPU_ISA leaves it nothing to multiply bf16 with.
      found = error.what();
    }
    if (!found.empty()) {
      context.setUserEnabledMkldnn(false);
      return {false, found};
    }
  }
  return {true, {}};
}

}  // namespace

const Convolutions& convolutions() {
  static const Convolutions settled = settle();
  return settled;
}

}  // namespace subband

using subband::guarded;

sb_status sb_convolutions(int32_t* onednn, char* fault, int32_t capacity) {
  return guarded([&] {
    const auto& state = subband::convolutions();
    subband::copy_text(state.fault, fault, capacity);
    *onednn = state.onednn ? 1 : 0;
  });
}

sb_status sb_relative_error(sb_tensor found, const double* expected, int64_t count, double* error) {
  return guarded([&] { *error = subband::relative_error(subband::borrow_required(found), expected, count); });
}
