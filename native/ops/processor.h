// What the processor at hand computes with. It is looked at when the program runs, since it was compiled on
// another.
#pragma once

namespace subband {

enum class Processor {
  kAny = 0,         // none of what follows
  kAvx512 = 1,      // AVX-512 of F, BW, DQ and VL
  kAvx512Bf16 = 2,  // and its products of bf16
};

// The variable SUBBAND_CPU lowers it: any, avx512, avx512bf16. Throws std::invalid_argument if it is none of
// these.
Processor processor();

}  // namespace subband
