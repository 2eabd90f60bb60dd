// A caching CPU allocator.
//
// libtorch's own returns each large block to the kernel, and the next one of the same size is faulted in
// again page by page: large elementwise work runs several times slower, a convolutional training step up
// to 1.4 times. Here freed blocks are kept by size and handed out again. Sizes are rounded up to one of eight
// steps per power of two, so that at most an eighth is wasted and slightly different requests still meet.
// A large request that meets none is made of the pages of kept blocks of other sizes, once the process holds
// somewhat more than what was ever in use at once. So it never holds much more.
#include "allocator.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <malloc.h>
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
#include "pages.h"

namespace subband {

namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kSmallest = size_t{4} << 10;  // below, glibc is quick and its blocks stay in the process
constexpr size_t kMapped = kHugePage;          // from here on blocks are pages of their own

// Moving pages stops all threads for a moment, some 0.3 ms in all, where nothing is computed. With so much
// more than is needed, what little work asks for by turns is found as it is.
constexpr int64_t kSpareBytes = int64_t{64} << 20;

// Stands in the 64 bytes before each block.
struct Header {
  size_t bytes;  // of the block, after rounding
};
static_assert(sizeof(Header) <= kAlignment);

size_t& bytes_of(void* block) {
  return reinterpret_cast<Header*>(static_cast<char*>(block) - kAlignment)->bytes;
}

constexpr size_t whole_pages(size_t bytes) { return bytes & ~(kHugePage - 1); }

// The size in which a request is served.
size_t rounded(size_t bytes) {
  if (bytes <= kSmallest) {
    return rounded_to(kAlignment, bytes);
  }
  const int octave = 63 - __builtin_clzll(bytes - 1);  // 2^octave < bytes <= 2^(octave + 1)
  return rounded_to((size_t{1} << octave) / 8, bytes);
}

void* from_system(size_t bytes) {
  void* block = nullptr;
  if (bytes >= kMapped) {
    block = map_block(bytes);
  } else if (void* base; posix_memalign(&base, kAlignment, kAlignment + bytes) == 0) {
    block = static_cast<char*>(base) + kAlignment;
  }
  if (block != nullptr) {
    bytes_of(block) = bytes;
  }
  return block;
}

void to_system(void* block) {
  if (bytes_of(block) >= kMapped) {
    unmap_block(block, bytes_of(block));
  } else {
    std::free(static_cast<char*>(block) - kAlignment);
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

// Freed blocks, to be found by size or by how long nobody has used them.
class KeptBlocks {
 public:
  bool is_empty() const { return order_.empty(); }
  int64_t bytes() const { return bytes_; }
  void* longest_unused() const { return order_.front(); }

  void add(void* block) { file(block, order_.insert(order_.end(), block)); }

  // The one that was freed last of those of a size; null if there is none.
  void* take(size_t bytes) {
    const auto found = by_size_.find(bytes);
    if (found == by_size_.end() || found->second.empty()) {
      return nullptr;
    }
    const auto place = found->second.back();
    void* block = *place;
    found->second.pop_back();
    order_.erase(place);
    bytes_ -= static_cast<int64_t>(bytes);
    return block;
  }

  void* take_longest_unused() {
    void* block = order_.front();
    unfile_front();
    order_.pop_front();
    return block;
  }

  // It stays the longest unused.
  void shrink_longest_unused(size_t bytes) {
    unfile_front();
    bytes_of(order_.front()) = bytes;
    file(order_.front(), order_.begin());
  }

 private:
  using Place = std::list<void*>::iterator;

  void file(void* block, Place place) {
    by_size_[bytes_of(block)].push_back(place);
    bytes_ += static_cast<int64_t>(bytes_of(block));
  }

  void unfile_front() {
    auto& places = by_size_[bytes_of(order_.front())];
    places.erase(std::find(places.begin(), places.end(), order_.begin()));
    bytes_ -= static_cast<int64_t>(bytes_of(order_.front()));
  }

  std::list<void*> order_;  // longest unused first
  std::unordered_map<size_t, std::vector<Place>> by_size_;
  int64_t bytes_ = 0;
};

class Cache {
 public:
  void* take(size_t requested) {
    if (requested > SIZE_MAX / 2) {
      throw std::bad_alloc();
    }
    const size_t bytes = rounded(requested);
    std::lock_guard<std::mutex> lock(mutex_);
    void* block = kept(bytes).take(bytes);
    bool is_reused = block != nullptr;
    if (!is_reused) {
      block = from_system(bytes);
      if (block == nullptr) {
        trim_to(0);
        block = from_system(bytes);
      }
      if (block == nullptr) {
        throw std::bad_alloc();
      }
    }
    info_.live_bytes += static_cast<int64_t>(bytes);
    info_.peak_live_bytes = std::max(info_.peak_live_bytes, info_.live_bytes);
    most_live_ = std::max(most_live_, info_.live_bytes);
    ++info_.live_blocks;
    if (!is_reused && bytes >= kMapped && info_.live_bytes + kept_bytes() > most_live_ + kSpareBytes) {
      is_reused = fill_with_kept_pages(block);
    }
    ++(is_reused ? info_.reused_allocations : info_.system_allocations);
    return block;
  }

  void give_back(void* block) {
    const size_t bytes = bytes_of(block);
    std::lock_guard<std::mutex> lock(mutex_);
    info_.live_bytes -= static_cast<int64_t>(bytes);
    --info_.live_blocks;
    if (bytes >= kSmallest && static_cast<int64_t>(bytes) <= limit_) {
      kept(bytes).add(block);
      trim_to(limit_);
    } else {
      to_system(block);
    }
  }

  // Returns all kept blocks to the system.
  int64_t trim() {
    std::lock_guard<std::mutex> lock(mutex_);
    most_live_ = info_.live_bytes;
    return trim_to(0);
  }

  // What it was before.
  int64_t set_limit(int64_t bytes) {
    std::lock_guard<std::mutex> lock(mutex_);
    std::swap(bytes, limit_);
    trim_to(limit_);
    return bytes;
  }

  sb_memory_info info() {
    std::lock_guard<std::mutex> lock(mutex_);
    info_.cached_bytes = kept_bytes();
    return info_;
  }

  void reset_peak() {
    std::lock_guard<std::mutex> lock(mutex_);
    info_.peak_live_bytes = info_.live_bytes;
  }

 private:
  KeptBlocks& kept(size_t bytes) { return bytes >= kMapped ? mapped_ : small_; }

  int64_t kept_bytes() const { return mapped_.bytes() + small_.bytes(); }

  // Returns kept blocks to the system, large ones first, until at most so many bytes are left.
  int64_t trim_to(int64_t bytes) {
    const int64_t before = kept_bytes();
    while (kept_bytes() > bytes) {
      to_system((mapped_.is_empty() ? small_ : mapped_).take_longest_unused());
    }
    return before - kept_bytes();
  }

  // Moves the pages of kept blocks, the longest unused first, into a new one. Whether there were enough for
  // all of its huge pages.
  bool fill_with_kept_pages(void* block) {
    // What has left a donor is not ours any more: another thread may map something there at once.
    size_t missing = whole_pages(bytes_of(block));
    while (missing > 0 && !mapped_.is_empty()) {
      char* donor = static_cast<char*>(mapped_.longest_unused());
      const size_t whole = whole_pages(bytes_of(donor));
      const size_t given = std::min(missing, whole);
      cut_block(donor, whole, bytes_of(donor));
      mapped_.shrink_longest_unused(whole);
      if (!move_pages(donor + whole - given, static_cast<char*>(block) + missing - given, given)) {
        return false;
      }
      if (given < whole) {
        mapped_.shrink_longest_unused(whole - given);
      } else {
        unmap_block(mapped_.take_longest_unused(), 0);
      }
      missing -= given;
    }
    return missing == 0;
  }

  std::mutex mutex_;
  KeptBlocks small_, mapped_;
  sb_memory_info info_{};
  int64_t most_live_ = 0;  // since all was returned to the system
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
    *released_bytes = subband::cache().trim();
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
