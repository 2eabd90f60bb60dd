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
#include <cstdlib>
#include <list>
#include <mutex>
#include <new>
#include <unordered_map>
#include <vector>

#include "compat.h"
#include "guard.h"

namespace subband {

namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kSmallest = size_t{4} << 10;  // below, glibc is quick and its blocks stay in the process

// Stands in the 64 bytes before each block.
struct Header {
  size_t bytes;  // of the block, without the header, after rounding
};
static_assert(sizeof(Header) <= kAlignment);

size_t rounded(size_t bytes) {
  if (bytes <= kSmallest) {
    return (bytes + kAlignment - 1) & ~(kAlignment - 1);
  }
  const int octave = 63 - __builtin_clzll(bytes - 1);  // 2^octave < bytes <= 2^(octave + 1)
  const size_t step = (size_t{1} << octave) / 8;
  return (bytes + step - 1) / step * step;
}

class Cache {
 public:
  void* take(size_t requested) {
    if (requested > SIZE_MAX / 2) {
      throw std::bad_alloc();
    }
    const size_t bytes = rounded(requested);
    {
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
    {
      std::lock_guard<std::mutex> lock(mutex_);
      info_.live_bytes -= static_cast<int64_t>(bytes);
      --info_.live_blocks;
      keep = keep && static_cast<int64_t>(bytes) <= limit_;
      if (keep) {
        order_.push_back(base);
        by_size_[bytes].push_back(std::prev(order_.end()));
        info_.cached_bytes += static_cast<int64_t>(bytes);
      }
    }
    if (!keep) {
      std::free(base);
    } else {
      trim_to_limit();
    }
  }

  // Returns the longest unused blocks to the system until at most `keep` bytes are cached.
  int64_t trim(int64_t keep) {
    std::vector<void*> victims;
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
        victims.push_back(base);
      }
    }
    for (void* base : victims) {
      std::free(base);
    }
    return released;
  }

  void set_limit(int64_t bytes) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      limit_ = bytes;
    }
    trim_to_limit();
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
    bool over = false;
    int64_t limit = 0;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      limit = limit_;
      over = info_.cached_bytes > limit_;
    }
    if (over) {
      trim(limit);
    }
  }

  void count(size_t bytes) {
    info_.live_bytes += static_cast<int64_t>(bytes);
    info_.peak_live_bytes = std::max(info_.peak_live_bytes, info_.live_bytes);
    ++info_.live_blocks;
  }

  static void* from_system(size_t bytes) {
    const bool large = bytes >= 2 * kHugePage;
    void* base = nullptr;
    if (posix_memalign(&base, large ? kHugePage : kAlignment, bytes) != 0) {
      return nullptr;
    }
    if (large) {
      madvise(base, bytes,
              MADV_HUGEPAGE);  // fewer page faults at first touch; a hint, so a refusal is no failure
    }
    return base;
  }

  // By default the cache may hold half of the machine's memory.
  static int64_t default_limit() {
    return static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGE_SIZE) / 2;
  }

  std::mutex mutex_;
  std::list<void*> order_;  // bases of cached blocks, longest unused first
  std::unordered_map<size_t, std::vector<std::list<void*>::iterator>> by_size_;
  sb_memory_info info_{};
  int64_t limit_ = default_limit();
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

sb_status sb_memory_set_cache_limit(int64_t bytes) {
  return guarded([&] {
    if (bytes < 0) {
      throw std::invalid_argument("the cache limit must not be negative");
    }
    subband::cache().set_limit(bytes);
  });
}
