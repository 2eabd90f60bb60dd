// Start-up, versions, threads, devices and the text of the last failure.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <c10/core/Stream.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

#include "allocator.h"
#include "compat.h"
#include "guard.h"

namespace subband {

namespace {

thread_local std::string last_error;

bool contains(const std::string& text, std::initializer_list<const char*> words) {
  for (const char* word : words) {
    if (text.find(word) != std::string::npos) {
      return true;
    }
  }
  return false;
}

int32_t cuda_device_count() {
  if (!at::hasCUDA()) {
    return 0;
  }
  return c10::impl::VirtualGuardImpl(c10::DeviceType::CUDA).deviceCount();
}

// The driver is asked directly, so that no CUDA toolkit is needed to compile this file.
class CudaDriver {
 public:
  explicit CudaDriver(int32_t index) : library_(dlopen("libcuda.so.1", RTLD_LAZY)) {
    if (library_ == nullptr) {
      throw std::invalid_argument("libcuda.so.1 cannot be loaded: there is no NVIDIA driver");
    }
    ask("cuInit", 0U);
    ask("cuDeviceGet", &device_, index);
  }

  int device() const { return device_; }

  // Calls a function of the driver that answers 0 when it could do what it was asked.
  template <typename... Arguments>
  void ask(const char* name, Arguments... arguments) const {
    auto function = reinterpret_cast<int (*)(Arguments...)>(dlsym(library_, name));
    if (function == nullptr || function(arguments...) != 0) {
      throw std::invalid_argument(std::string("the NVIDIA driver knows no device with this index (") + name +
                                  ")");
    }
  }

 private:
  void* library_;
  int device_ = 0;
};

}  // namespace

void set_last_error(std::string text) { last_error = std::move(text); }

void copy_text(const std::string& text, char* buffer, int32_t capacity) {
  if (buffer == nullptr || capacity < 1) {
    throw std::invalid_argument("no room for a text");
  }
  const auto length = std::min<size_t>(text.size(), static_cast<size_t>(capacity) - 1);
  std::memcpy(buffer, text.data(), length);
  buffer[length] = '\0';
}

sb_status classify(const std::string& text, sb_status otherwise) {
  if (contains(text, {"INTERNAL ASSERT"})) {
    return SB_INTERNAL;
  }
  if (contains(text, {"out of memory", "can't allocate memory", "not enough memory", "Out of memory"})) {
    return SB_OUT_OF_MEMORY;
  }
  if (contains(text, {"shape", "size", "dimension", "must match", "channels", "stride", "broadcast"})) {
    return SB_SHAPE;
  }
  return otherwise;
}

}  // namespace subband

using subband::guarded;

const char* sb_last_error(void) { return subband::last_error.c_str(); }

sb_status sb_initialise(sb_library_info* info) {
  return guarded([&] {
    subband::install_caching_allocator();
    info->abi_version = SB_ABI_VERSION;
    info->value_size = sizeof(sb_value);
    info->tensor_info_size = sizeof(sb_tensor_info);
    info->memory_info_size = sizeof(sb_memory_info);
    info->torch_major = TORCH_VERSION_MAJOR;
    info->torch_minor = TORCH_VERSION_MINOR;
    info->torch_patch = TORCH_VERSION_PATCH;
#ifdef SUBBAND_CUDA
    info->cuda_built = 1;
#else
    info->cuda_built = 0;
#endif
    info->cuda_devices = subband::cuda_device_count();
  });
}

sb_status sb_configuration(char* buffer, int32_t capacity) {
  return guarded([&] { subband::copy_text(at::show_config() + at::get_parallel_info(), buffer, capacity); });
}

sb_status sb_get_threads(int32_t* threads) {
  return guarded([&] { *threads = at::get_num_threads(); });
}

sb_status sb_set_threads(int32_t threads) {
  return guarded([&] {
    if (threads < 1) {
      throw std::invalid_argument("the number of threads must be at least 1");
    }
    at::set_num_threads(threads);
  });
}

sb_status sb_device_name(int32_t index, char* buffer, int32_t capacity, int64_t* total_bytes) {
  return guarded([&] {
    const subband::CudaDriver driver(index);
    size_t bytes = 0;
    driver.ask("cuDeviceGetName", buffer, capacity, driver.device());
    driver.ask("cuDeviceTotalMem_v2", &bytes, driver.device());
    *total_bytes = static_cast<int64_t>(bytes);
  });
}

sb_status sb_device_capability(int32_t index, int32_t* major, int32_t* minor) {
  return guarded([&] {
    constexpr int capability_major = 75;  // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
    constexpr int capability_minor = 76;
    const subband::CudaDriver driver(index);
    driver.ask("cuDeviceGetAttribute", major, capability_major, driver.device());
    driver.ask("cuDeviceGetAttribute", minor, capability_minor, driver.device());
  });
}

sb_status sb_device_synchronise(int32_t device_type, int32_t index) {
  return guarded([&] {
    const auto type = static_cast<c10::DeviceType>(device_type);
    if (type == c10::DeviceType::CPU) {
      return;
    }
    const c10::impl::VirtualGuardImpl device(type);
    device
        .getStream(
            c10::Device(type, static_cast<c10::DeviceIndex>(index < 0 ? device.getDevice().index() : index)))
        .synchronize();
  });
}

void sb_free(void* pointer) { std::free(pointer); }
