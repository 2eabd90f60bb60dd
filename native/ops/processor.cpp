#include "processor.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace subband {

namespace {

Processor found() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    return __builtin_cpu_supports("avx512bf16") ? Processor::kAvx512Bf16 : Processor::kAvx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return Processor::kAvx2;
  }
#endif
  return Processor::kAny;
}

Processor wanted() {
  const char* variable = std::getenv("SUBBAND_CPU");
  const std::string name = variable != nullptr ? variable : "";
  if (name.empty() || name == "avx512bf16") {
    return Processor::kAvx512Bf16;
  }
  if (name == "avx512") {
    return Processor::kAvx512;
  }
  if (name == "avx2") {
    return Processor::kAvx2;
  }
  if (name == "any") {
    return Processor::kAny;
  }
  throw std::invalid_argument("SUBBAND_CPU is '" + name + "'; it takes any, avx2, avx512 or avx512bf16");
}

Bf16 best_bf16() {
#if defined(__x86_64__)
  // What the system lets through: a virtual machine may be without.
  constexpr unsigned kAmxBf16 = 1U << 22;
  unsigned a, b, c, d;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d & kAmxBf16) != 0) {
    return Bf16::kByLibrary;
  }
  return processor() == Processor::kAvx512Bf16 && __builtin_cpu_is("amd") ? Bf16::kAsVectors
                                                                          : Bf16::kAsFloats;
#else
  return Bf16::kByLibrary;
#endif
}

}  // namespace

Bf16 bf16() {
  static const Bf16 kBest = best_bf16();
  return kBest;
}

Processor processor() {
  static const Processor kFound = std::min(found(), wanted());
  return kFound;
}

}  // namespace subband
