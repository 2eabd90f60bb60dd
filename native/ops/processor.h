// What the processor at hand computes with. It is looked at when the program runs, since it was compiled on
// another.
#pragma once

namespace subband {

enum class Processor {
  kAny = 0,         // none of what follows
  kAvx2 = 1,        // AVX2 and FMA
  kAvx512 = 2,      // AVX-512 of F, BW, DQ and VL
  kAvx512Bf16 = 3,  // and its products of bf16
};

// How numbers of bf16 are multiplied best here.
enum class Bf16 {
  // A product of pairs of bf16 takes AVX-512 about four times as long as one of floats, and half the speed is
  // lost: Intel's.
  kAsFloats = 0,
  // It takes as long, and twice the speed is gained: AMD's.
  kAsVectors = 1,
  // By AMX, or on other kinds of processors: our kernels have no such, and oneDNN's may.
  kByLibrary = 2,
};

Bf16 bf16();

// The variable SUBBAND_CPU lowers it: any, avx2, avx512, avx512bf16. Throws std::invalid_argument if it is
// none of these.
Processor processor();

}  // namespace subband
