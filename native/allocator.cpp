// A caching CPU allocator.
//
// libtorch's own returns each large block to the kernel, and the next one of the same size is faulted in
// again page by page: large elementwise work runs several times slower, a convolutional training step up
// to 1.4 times. Here freed blocks are kept by size and handed out again. Sizes are rounded up to one of eight
// steps per power of two, so that at most an eighth is wasted and slightly different requests still meet.
#include "allocator.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <list>
#include <mutex>
#include <new>
#include <unordered_map>
#include <utility>
#include <vector>

#include "compat.h"
#include "guard.h"

namespace subband {

namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kPage = size_t{4} << 10;
constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kSmallest = size_t{4} << 10;  // below, glibc is quick and its blocks stay in the process
constexpr size_t kMapped = 2 * kHugePage;      // from here on blocks are the kernel's own, see map_block

// Stands in the 64 bytes before each block.
struct Header {
  size_t bytes;  // of the block, without the header, after rounding
};
static_assert(sizeof(Header) <= kAlignment);

// The next multiple of a power of two.
constexpr size_t rounded_to(size_t step, size_t bytes) { return (bytes + step - 1) & ~(step - 1); }

// The size in which a request is served.
size_t rounded(size_t bytes) {
  if (bytes <= kSmallest) {
    return rounded_to(kAlignment, bytes);
  }
  const int octave = 63 - __builtin_clzll(bytes - 1);  // 2^octave < bytes <= 2^(octave + 1)
  return rounded_to((size_t{1} << octave) / 8, bytes);
}

// A block straight from the kernel, which goes straight back when it is freed instead of staying in glibc's
// heap. It begins at a huge page, for fewer page faults at first touch.
void* map_block(size_t bytes) {
  const size_t length = rounded_to(kPage, bytes);
  void* reserved =
      mmap(nullptr, length + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (reserved == MAP_FAILED) {
    return nullptr;
  }
  const auto first = reinterpret_cast<uintptr_t>(reserved);
  const auto begin = rounded_to(kHugePage, first);
  if (begin > first) {
    munmap(reserved, begin - first);
  }
  munmap(reinterpret_cast<void*>(begin + length), first + kHugePage - begin);
  void* base = reinterpret_cast<void*>(begin);
  madvise(base, length, MADV_HUGEPAGE);  // a hint, so a refusal is no failure
  return base;
}

// Both sizes are those of the whole block, header included.
void* from_system(size_t bytes) {
  if (bytes >= kMapped) {
    return map_block(bytes);
  }
  void* base = nullptr;
  return posix_memalign(&base, kAlignment, bytes) == 0 ? base : nullptr;
}

void to_system(void* base, size_t bytes) {
  if (bytes >= kMapped) {
    munmap(base, rounded_to(kPage, bytes));
  } else {
    std::free(base);
  }
}

// The machine's memory, or what a container may use of it.
int64_t usable_memory() {
  int64_t bytes = static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGE_SIZE);
  for (const char* file : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    int64_t allowed = 0;
    if (std::ifstream(file) >> allowed && allowed > 0) {  // the word "max" is no number, and no limit
      bytes = std::min(bytes, allowed);
    }
  }
  return bytes;
}

class Cache {
 public:
  void* take(size_t requested) {
    if (requested > SIZE_MAX / 2) {
      throw std::bad_alloc();
    }
    const size_t bytes = rounded(requested);
    if (bytes >= kSmallest) {
      std::lock_guard<std::mutex> lock(mutex_);
      auto found = by_size_.find(bytes);
      if (found != by_size_.end() && !found->second.empty()) {
        auto place = found->second.back();
        found->second.pop_back();
        void* base = *place;
        order_.erase(place);
        info_.cached_bytes -= static_cast<int64_t>(bytes);
        ++info_.reused_allocations;
        count(bytes);
        return static_cast<char*>(base) + kAlignment;
      }
    }
    void* base = from_system(bytes + kAlignment);
    if (base == nullptr) {
      trim(0);
      base = from_system(bytes + kAlignment);
    }
    if (base == nullptr) {
      throw std::bad_alloc();
    }
    static_cast<Header*>(base)->bytes = bytes;
    std::lock_guard<std::mutex> lock(mutex_);
    ++info_.system_allocations;
    count(bytes);
    return static_cast<char*>(base) + kAlignment;
  }

  void give_back(void* block) {
    void* base = static_cast<char*>(block) - kAlignment;
    const size_t bytes = static_cast<Header*>(base)->bytes;
    bool keep = bytes >= kSmallest;
    bool over = false;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      info_.live_bytes -= static_cast<int64_t>(bytes);
      --info_.live_blocks;
      keep = keep && static_cast<int64_t>(bytes) <= limit_;
      if (keep) {
        order_.push_back(base);
        by_size_[bytes].push_back(std::prev(order_.end()));
        info_.cached_bytes += static_cast<int64_t>(bytes);
        over = info_.cached_bytes > limit_;
      }
    }
    if (!keep) {
      to_system(base, bytes + kAlignment);
    } else if (over) {
      trim_to_limit();
    }
  }

  // Returns the longest unused blocks to the system until at most `keep` bytes are cached.
  int64_t trim(int64_t keep) {
    std::vector<std::pair<void*, size_t>> victims;
    int64_t released = 0;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      while (info_.cached_bytes > keep && !order_.empty()) {
        void* base = order_.front();
        const size_t bytes = static_cast<Header*>(base)->bytes;
        auto& places = by_size_[bytes];
        places.erase(std::find(places.begin(), places.end(), order_.begin()));
        order_.pop_front();
        info_.cached_bytes -= static_cast<int64_t>(bytes);
        released += static_cast<int64_t>(bytes);
        victims.emplace_back(base, bytes);
      }
    }
    for (const auto& [base, bytes] : victims) {
      to_system(base, bytes + kAlignment);
    }
    return released;
  }

  // What it was before.
  int64_t set_limit(int64_t bytes) {
    int64_t before = bytes;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      std::swap(before, limit_);
    }
    trim_to_limit();
    return before;
  }

  sb_memory_info info() {
    std::lock_guard<std::mutex> lock(mutex_);
    return info_;
  }

  void reset_peak() {
    std::lock_guard<std::mutex> lock(mutex_);
    info_.peak_live_bytes = info_.live_bytes;
  }

 private:
  void trim_to_limit() {
    int64_t limit = 0;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      limit = limit_;
    }
    trim(limit);
  }

  void count(size_t bytes) {
    info_.live_bytes += static_cast<int64_t>(bytes);
    info_.peak_live_bytes = std::max(info_.peak_live_bytes, info_.live_bytes);
    ++info_.live_blocks;
  }

  std::mutex mutex_;
  std::list<void*> order_;  // bases of cached blocks, longest unused first
  std::unordered_map<size_t, std::vector<std::list<void*>::iterator>> by_size_;
  sb_memory_info info_{};
  int64_t limit_ = usable_memory() / 2;
};

// Never destroyed: tensors may outlive static destructors.
Cache& cache() {
  static Cache* instance = new Cache();
  return *instance;
}

void delete_block(void* block) {
  if (block != nullptr) {
    cache().give_back(block);
  }
}

class CachingAllocator final : public compat::AllocatorBase {
 public:
  c10::DeleterFnPtr raw_deleter() const override { return &delete_block; }

 protected:
  c10::DataPtr make(size_t bytes) const override {
    void* block = bytes == 0 ? nullptr : cache().take(bytes);
    return {block, block, &delete_block, c10::Device(c10::DeviceType::CPU)};
  }
};

}  // namespace

void install_caching_allocator() {
  static std::once_flag once;
  std::call_once(once, [] {
    // oneDNN's scratch memory comes from glibc: keep that in the process too.
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_TOP_PAD, 16 << 20);
    static CachingAllocator allocator;
    c10::SetCPUAllocator(&allocator, /*priority=*/1);
  });
}

}  // namespace subband

using subband::guarded;

sb_status sb_memory_get(sb_memory_info* info) {
  return guarded([&] { *info = subband::cache().info(); });
}

sb_status sb_memory_reset_peak(void) {
  return guarded([] { subband::cache().reset_peak(); });
}

sb_status sb_memory_trim(int64_t* released_bytes) {
  return guarded([&] {
    *released_bytes = subband::cache().trim(0);
    malloc_trim(0);
  });
}

sb_status sb_memory_set_cache_limit(int64_t bytes, int64_t* before) {
  return guarded([&] {
    if (bytes < 0) {
      throw std::invalid_argument("the cache limit must not be negative");
    }
    *before = subband::cache().set_limit(bytes);
  });
}
