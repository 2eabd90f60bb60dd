#include "processor.h"

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
  if (name == "any") {
    return Processor::kAny;
  }
  throw std::invalid_argument("SUBBAND_CPU is '" + name + "'; it takes any, avx512 or avx512bf16");
}

}  // namespace

Processor processor() {
  static const Processor kFound = std::min(found(), wanted());
  return kFound;
}

}  // namespace subband
