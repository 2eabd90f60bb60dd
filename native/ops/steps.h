// What is done to all parameters after a batch. Tensors are as long, and lie alike.
#pragma once

#include <cstdint>

namespace subband {

// Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1, with what corrects the
// means in rate and epsilon.
struct AdamStep {
  float *parameter, *mean, *mean_square;
  const float* gradient;
  int64_t count;
  float beta1, beta2, rate, epsilon;
};

// average = decay * average + (1 - decay) * now
struct AverageStep {
  float* average;
  const float* now;
  int64_t count;
  float decay;
};

void take_avx512(const AdamStep& step, int threads);
void take_avx2(const AdamStep& step, int threads);
void take_avx512(const AverageStep& step, int threads);
void take_avx2(const AverageStep& step, int threads);

}  // namespace subband
