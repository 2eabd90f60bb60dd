// Which library computes convolutions on the processor.
#pragma once

#include <string>

namespace subband {

struct Convolutions {
  bool onednn;        // whether oneDNN computes them, else libtorch's own plain code does
  std::string fault;  // what oneDNN computed wrong, for which it was switched off; empty otherwise
};

// Tries oneDNN at the first call, and switches it off for this process if it computes wrong numbers. Whatever
// convolves calls this first.
const Convolutions& convolutions();

}  // namespace subband
