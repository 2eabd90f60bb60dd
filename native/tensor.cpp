// Tensors across the boundary: making them from bytes, reading them back, and asking what they are.
#include <ATen/ATen.h>

#include <cstring>

#include "guard.h"
#include "handles.h"

namespace {

int64_t byte_count(const at::Tensor& tensor) {
  return tensor.numel() * static_cast<int64_t>(tensor.element_size());
}

// What a shape takes, so that one which does not fit its values is refused before memory is asked for.
int64_t byte_count(at::IntArrayRef sizes, at::ScalarType dtype) {
  auto bytes = static_cast<int64_t>(c10::elementSize(dtype));
  for (const int64_t size : sizes) {
    if (size < 0 || __builtin_mul_overflow(bytes, size, &bytes)) {
      throw std::invalid_argument("no tensor has the sizes " + c10::str(sizes));
    }
  }
  return bytes;
}

void require_bytes(int64_t expected, int64_t given) {
  if (expected != given) {
    throw std::invalid_argument("the tensor holds " + std::to_string(expected) + " bytes, the buffer " +
                                std::to_string(given));
  }
}

}  // namespace

using subband::borrow_required;
using subband::guarded;

sb_status sb_tensor_from_data(const void* data, int64_t bytes, int32_t dtype, const int64_t* sizes,
                              int32_t dimensions, sb_tensor* tensor) {
  return guarded([&] {
    const auto type = static_cast<at::ScalarType>(dtype);
    const at::IntArrayRef shape(sizes, static_cast<size_t>(dimensions));
    require_bytes(byte_count(shape, type), bytes);
    at::Tensor made = at::empty(shape, at::TensorOptions().dtype(type).device(at::kCPU));
    if (bytes > 0) {
      std::memcpy(made.data_ptr(), data, static_cast<size_t>(bytes));
    }
    *tensor = subband::release(std::move(made));
  });
}

sb_status sb_tensor_copy_out(sb_tensor tensor, void* data, int64_t bytes) {
  return guarded([&] {
    const at::Tensor source = borrow_required(tensor).detach();
    require_bytes(byte_count(source), bytes);
    if (bytes > 0) {
      // In whatever order it lies, by all threads.
      at::from_blob(data, source.sizes(), source.options().device(at::kCPU)).copy_(source);
    }
  });
}

sb_status sb_tensor_data(sb_tensor tensor, void** data, int64_t* bytes) {
  return guarded([&] {
    const at::Tensor source = borrow_required(tensor);
    if (!source.device().is_cpu() || !source.is_contiguous()) {
      throw std::invalid_argument("only a contiguous tensor on the CPU can be read in place");
    }
    *data = source.data_ptr();
    *bytes = byte_count(source);
  });
}

sb_status sb_tensor_info_get(sb_tensor tensor, sb_tensor_info* info) {
  return guarded([&] {
    const at::Tensor source = borrow_required(tensor);
    if (source.dim() > SB_MAX_DIMENSIONS) {
      throw std::invalid_argument("tensors of more than 8 dimensions are not supported");
    }
    info->dtype = static_cast<int32_t>(source.scalar_type());
    info->device_type = static_cast<int32_t>(source.device().type());
    info->device_index = source.device().has_index() ? source.device().index() : 0;
    info->dimensions = static_cast<int32_t>(source.dim());
    for (int64_t i = 0; i < source.dim(); ++i) {
      info->sizes[i] = source.size(i);
      info->strides[i] = source.stride(i);
    }
    info->elements = source.numel();
    info->requires_grad = source.requires_grad() ? 1 : 0;
    info->is_leaf = source.is_leaf() ? 1 : 0;
  });
}

sb_status sb_tensor_is_contiguous(sb_tensor tensor, int32_t channels_last, int32_t* contiguous) {
  return guarded([&] {
    const auto format = channels_last ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
    *contiguous = borrow_required(tensor).is_contiguous(format) ? 1 : 0;
  });
}

sb_status sb_tensor_set_requires_grad(sb_tensor tensor, int32_t requires_grad) {
  return guarded([&] { borrow_required(tensor).set_requires_grad(requires_grad != 0); });
}

sb_status sb_tensor_free(sb_tensor tensor) {
  return guarded([&] {
    if (tensor != nullptr) {
      auto* implementation = reinterpret_cast<at::TensorImpl*>(tensor);
      c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim(implementation);
    }
  });
}
