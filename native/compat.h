// Everything that differs between the libtorch versions Subband is built against (1.13 to 2.x) stands in this
// file.
#pragma once

#include <ATen/autocast_mode.h>
#include <ATen/core/jit_type.h>
#include <c10/core/Allocator.h>
#include <torch/version.h>

#include <cstring>

#define SB_TORCH_AT_LEAST(major, minor) \
  (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

namespace subband::compat {

// Autocast state per device type: one function with a device from 2.4 on, a pair of functions per device
// before.
inline bool autocast_enabled(c10::DeviceType device) {
#if SB_TORCH_AT_LEAST(2, 4)
  return at::autocast::is_autocast_enabled(device);
#else
  return device == c10::DeviceType::CPU ? at::autocast::is_cpu_enabled() : at::autocast::is_enabled();
#endif
}

inline void set_autocast_enabled(c10::DeviceType device, bool enabled) {
#if SB_TORCH_AT_LEAST(2, 4)
  at::autocast::set_autocast_enabled(device, enabled);
#else
  device == c10::DeviceType::CPU ? at::autocast::set_cpu_enabled(enabled)
                                 : at::autocast::set_enabled(enabled);
#endif
}

inline at::ScalarType autocast_dtype(c10::DeviceType device) {
#if SB_TORCH_AT_LEAST(2, 4)
  return at::autocast::get_autocast_dtype(device);
#else
  return device == c10::DeviceType::CPU ? at::autocast::get_autocast_cpu_dtype()
                                        : at::autocast::get_autocast_gpu_dtype();
#endif
}

inline void set_autocast_dtype(c10::DeviceType device, at::ScalarType dtype) {
#if SB_TORCH_AT_LEAST(2, 4)
  at::autocast::set_autocast_dtype(device, dtype);
#else
  device == c10::DeviceType::CPU ? at::autocast::set_autocast_cpu_dtype(dtype)
                                 : at::autocast::set_autocast_gpu_dtype(dtype);
#endif
}

// The allocator interface lost a const in 2.3 and gained copy_data.
class AllocatorBase : public c10::Allocator {
 public:
#if SB_TORCH_AT_LEAST(2, 3)
  c10::DataPtr allocate(size_t bytes) override { return make(bytes); }
  void copy_data(void* to, const void* from, std::size_t count) const override {
    default_copy_data(to, from, count);
  }
#else
  c10::DataPtr allocate(size_t bytes) const override { return make(bytes); }
#endif

 protected:
  virtual c10::DataPtr make(size_t bytes) const = 0;
};

// Symbolic integers exist as a schema type from 1.13 on; they take plain integers.
inline bool is_integer_kind(c10::TypeKind kind) {
  return kind == c10::TypeKind::IntType || kind == c10::TypeKind::SymIntType;
}

}  // namespace subband::compat
