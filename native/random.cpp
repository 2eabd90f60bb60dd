// Random number generators whose whole state can be saved and restored.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/core/Generator.h>

#include <mutex>
#include <stdexcept>

#include "guard.h"
#include "handles.h"

using subband::generator_of;
using subband::guarded;

sb_status sb_generator_new(int32_t device_type, int32_t device_index, uint64_t seed,
                           sb_generator* generator) {
  return guarded([&] {
    const c10::Device device(static_cast<c10::DeviceType>(device_type),
                             static_cast<c10::DeviceIndex>(device_index));
    auto made = device.is_cpu() ? at::make_generator<at::CPUGeneratorImpl>(seed)
                                : at::globalContext().defaultGenerator(device).clone();
    made.set_current_seed(seed);
    *generator = reinterpret_cast<sb_generator>(new at::Generator(std::move(made)));
  });
}

sb_status sb_generator_seed(sb_generator generator, uint64_t seed) {
  return guarded([&] {
    auto& target = generator_of(generator);
    std::lock_guard<std::mutex> lock(target.mutex());
    target.set_current_seed(seed);
  });
}

sb_status sb_generator_get_state(sb_generator generator, sb_tensor* state) {
  return guarded([&] {
    auto& source = generator_of(generator);
    std::lock_guard<std::mutex> lock(source.mutex());
    *state = subband::release(source.get_state());
  });
}

sb_status sb_generator_set_state(sb_generator generator, sb_tensor state) {
  return guarded([&] {
    auto& target = generator_of(generator);
    std::lock_guard<std::mutex> lock(target.mutex());
    try {
      target.set_state(subband::borrow_required(state));
    } catch (const c10::Error& error) {
      // Its text speaks of sizes, which would make it an error of shapes.
      throw std::invalid_argument(error.what_without_backtrace());
    }
  });
}

sb_status sb_generator_free(sb_generator generator) {
  return guarded([&] { delete reinterpret_cast<at::Generator*>(generator); });
}
