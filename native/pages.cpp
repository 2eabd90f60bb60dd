#include "pages.h"

#include <sys/mman.h>

#include <cstdint>

namespace subband {

namespace {

// A multiple of every kernel's pages.
constexpr size_t kPage = size_t{64} << 10;

void unmap(uintptr_t begin, uintptr_t end) {
  if (end > begin) {
    munmap(reinterpret_cast<void*>(begin), end - begin);
  }
}

}  // namespace

void* map_block(size_t bytes) {
  const size_t length = rounded_to(kPage, bytes), reserved = length + kPage + kHugePage;
  void* found = mmap(nullptr, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (found == MAP_FAILED) {
    return nullptr;
  }
  const auto first = reinterpret_cast<uintptr_t>(found);
  const uintptr_t block = rounded_to(kHugePage, first + kPage);
  unmap(first, block - kPage);
  unmap(block + length, first + reserved);
  madvise(reinterpret_cast<void*>(block), length, MADV_HUGEPAGE);  // a hint, so a refusal is no failure
  return reinterpret_cast<void*>(block);
}

void unmap_block(void* block, size_t bytes) {
  const auto begin = reinterpret_cast<uintptr_t>(block);
  unmap(begin - kPage, begin + rounded_to(kPage, bytes));
}

void cut_block(void* block, size_t kept, size_t bytes) {
  const auto begin = reinterpret_cast<uintptr_t>(block);
  unmap(begin + kept, begin + rounded_to(kPage, bytes));
}

bool move_pages(void* from, void* to, size_t bytes) {
  return mremap(from, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to;
}

}  // namespace subband
