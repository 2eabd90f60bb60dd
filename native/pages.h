// Large blocks of memory, straight from the kernel, and pages that move from one to another.
#pragma once

#include <cstddef>

namespace subband {

constexpr size_t kHugePage = size_t{2} << 20;

// The next multiple of a power of two.
constexpr size_t rounded_to(size_t step, size_t bytes) { return (bytes + step - 1) & ~(step - 1); }

// A block that begins at a huge page, for fewer page faults at first touch. The page before it is the
// caller's too. Null where there is no more memory.
void* map_block(size_t bytes);

// Gives a block, or what is left of it, back to the kernel.
void unmap_block(void* block, size_t bytes);

// Gives back what lies behind the first bytes, a multiple of huge pages, of a block.
void cut_block(void* block, size_t kept, size_t bytes);

// Puts pages, with what is in them, in the place of others; both begin and end at huge pages. No number is
// copied, and where the pages were is nothing any more. False if the kernel refuses, as it does before it
// changes anything where a process would have too many mappings.
bool move_pages(void* from, void* to, size_t bytes);

}  // namespace subband
