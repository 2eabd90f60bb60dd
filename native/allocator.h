// The caching CPU allocator.
#pragma once

namespace subband {

// Puts the caching allocator in place of libtorch's own, and keeps glibc from returning large blocks; once a
// process.
void install_caching_allocator();

}  // namespace subband
