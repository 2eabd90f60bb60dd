// Conversions between libtorch's reference-counted objects and the opaque handles of the C ABI.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <stdexcept>

#include "subband.h"

namespace subband {

// Gives the caller of the C ABI its own reference.
inline sb_tensor release(at::Tensor tensor) {
  return reinterpret_cast<sb_tensor>(tensor.unsafeReleaseTensorImpl());
}

// A counted reference to a borrowed handle; null is an absent tensor.
inline at::Tensor borrow(sb_tensor handle) {
  if (handle == nullptr) {
    return at::Tensor();
  }
  auto* implementation = reinterpret_cast<at::TensorImpl*>(handle);
  return at::Tensor(
      c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim_copy(implementation));
}

inline at::Tensor borrow_required(sb_tensor handle) {
  if (handle == nullptr) {
    throw std::invalid_argument("a tensor handle is null");
  }
  return borrow(handle);
}

inline at::Generator& generator_of(sb_generator handle) {
  if (handle == nullptr) {
    throw std::invalid_argument("a generator handle is null");
  }
  return *reinterpret_cast<at::Generator*>(handle);
}

}  // namespace subband
