// The convolution by Winograd's method on AVX-512; of filters of 1x1, whose tiles are pixels, as they are.
//
// A block of 14 tiles goes through three steps in the thread's own scratch, which stays in its second-level
// cache beside the filters: pixels to factors (B'dB), factors times filters to products, products to results
// (A'mA, bias, activation, skip). Vectors run over channels, so that no step shuffles numbers. 14 tiles by
// two registers of results are 28 sums, which with two registers of filters and one factor nearly fill the 32
// that there are.
//
// The first and the last step wait for memory. So each asks for the pixels of the next tile while it works on
// one, the last one for writing: without that, a core's request for a line to be written to comes when the
// result is there, and takes longer than the arithmetic.
#include <algorithm>
#include <cstdlib>
#include <new>

#include "convolution.h"
#include "convolution_layout.h"

#if defined(__x86_64__)

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,prfchw")
// The compiler's own intrinsics leave registers undefined on purpose.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>

#include "winograd.h"

#define SB_INLINE inline __attribute__((always_inline))

namespace subband {

namespace {

using layout::kLanes;
using layout::kVectors;

constexpr int kTiles = 14;
constexpr int kAhead = 6;  // pixels of 1x1 are done with sooner than memory answers
// Handed to a thread; few, so that one that is held up keeps few from the others, nor are they left idle at
// the end.
constexpr int64_t kMostBlocksAtOnce = 4;
constexpr int64_t kPortionsOfThread = 16;

struct Vector {
  __m512 v;
  SB_INLINE Vector() {}
  SB_INLINE Vector(__m512 value) : v(value) {}
  SB_INLINE explicit Vector(float value) : v(_mm512_set1_ps(value)) {}
  static SB_INLINE Vector fma(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a.v, b.v, c.v); }
};
SB_INLINE Vector operator+(Vector a, Vector b) { return _mm512_add_ps(a.v, b.v); }
SB_INLINE Vector operator-(Vector a, Vector b) { return _mm512_sub_ps(a.v, b.v); }
SB_INLINE Vector operator*(Vector a, Vector b) { return _mm512_mul_ps(a.v, b.v); }

// Sixteen channels of a pixel.
template <Numbers>
struct Pixel;

template <>
struct Pixel<Numbers::kFloat> {
  using Type = float;
  static SB_INLINE Vector load(const float* from) { return _mm512_loadu_ps(from); }
  static SB_INLINE void store(float* to, Vector x) { _mm512_storeu_ps(to, x.v); }
};

template <>
struct Pixel<Numbers::kBFloat16> {
  using Type = uint16_t;
  static SB_INLINE Vector load(const uint16_t* from) {
    const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
  }
  static SB_INLINE void store(uint16_t* to, Vector x) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), (__m256i)_mm512_cvtneps_pbh(x.v));
  }
};

// A line of factors, of as many channels as fill it.
template <Numbers>
struct Factor;

template <>
struct Factor<Numbers::kFloat> {
  static SB_INLINE void store(float* line, const Vector* x) { _mm512_store_ps(line, x[0].v); }
  static SB_INLINE __m512 add_product(__m512 sum, const float* factor, __m512 filters) {
    return _mm512_fmadd_ps(_mm512_set1_ps(*factor), filters, sum);
  }
};

// Here 32 bits hold a pair of channels, whose products are added to the same sum.
template <>
struct Factor<Numbers::kBFloat16> {
  static SB_INLINE void store(float* line, const Vector* x) {
    _mm512_store_si512(line, (__m512i)_mm512_cvtne2ps_pbh(x[1].v, x[0].v));
  }
  static SB_INLINE __m512 add_product(__m512 sum, const float* factor, __m512 filters) {
    return _mm512_dpbf16_ps(sum, (__m512bh)_mm512_set1_ps(*factor), (__m512bh)filters);
  }
};

template <int kTile, Numbers kImage, Numbers kFactors, Numbers kResult>
class Kernel {
  using Points = winograd::Points<kTile>;
  using In = Pixel<kImage>;
  using Out = Pixel<kResult>;
  static constexpr int kSide = Points::kSide;
  static constexpr int kReach = reach_of(kTile);
  static constexpr int kParts = kSide * kSide;
  static constexpr int kChannels = layout::channels_of_line(kFactors);
  static constexpr int kHalves = kChannels / kLanes;

 public:
  explicit Kernel(const Convolution& c)
      : c_(c),
        across_((c.width + kTile - 1) / kTile),
        down_((c.height + kTile - 1) / kTile),
        lines_((c.inputs + kChannels - 1) / kChannels),
        vectors_(c.outputs / kLanes) {}

  int64_t blocks() const { return (tiles() + kTiles - 1) / kTiles; }

  int64_t scratch_floats() const { return int64_t{kParts} * kTiles * kLanes * (lines_ + vectors_); }

  void run(int64_t block, float* scratch) const {
    float* factors = scratch;                                                // [parts][lines][tiles][16]
    float* products = factors + int64_t{kParts} * lines_ * kTiles * kLanes;  // [parts][vectors][tiles][16]
    const int64_t first = block * kTiles;
    const int count = static_cast<int>(tiles() - first < kTiles ? tiles() - first : kTiles);
    Place place = locate(first);
    Place next = kTile == 1 ? locate(first + kAhead) : place;
    for (int t = 0; t < count; ++t) {
      next = after(next);
      fetch<kSide, 0, typename In::Type>(c_.image, c_.inputs, next, next.row + c_.first_row,
                                         next.column + kReach);
      to_factors(place, factors + t * kLanes);
      place = after(place);
    }
    multiply(factors, products);
    place = locate(first);
    for (int t = 0; t < count; ++t) {
      const Place next = after(place);
      fetch<kTile, 1, typename Out::Type>(c_.result, c_.outputs, next, next.row, next.column);
      to_results(place, products + t * kLanes);
      place = next;
    }
  }

 private:
  struct Place {
    int64_t image, row, column;  // of the tile's first result
  };

  int64_t tiles() const { return c_.images * down_ * across_; }

  Place locate(int64_t tile) const {
    return {tile / (down_ * across_), tile / across_ % down_ * kTile, tile % across_ * kTile};
  }

  Place after(const Place& p) const {
    return p.column + kTile < c_.width ? Place{p.image, p.row, p.column + kTile}
           : p.row + kTile < c_.height ? Place{p.image, p.row + kTile, 0}
                                       : Place{p.image + 1, 0, 0};
  }

  // Where a row begins, counted from the first in data; null for one of zeros.
  template <typename Number>
  SB_INLINE const Number* row_of(const Pixels& pixels, int64_t image, int64_t row) const {
    const void* data = pixels.data;
    int64_t rows = pixels.rows;
    if (row < 0) {
      data = pixels.above;
      rows = pixels.rows_above;
      row += rows;
    }
    return row >= 0 && row < rows
               ? static_cast<const Number*>(data) + (image * rows + row) * c_.width * pixels.stride
               : nullptr;
  }

  template <int kRows, int kWriting, typename Number>
  SB_INLINE void fetch(const Pixels& pixels, int channels, const Place& p, int64_t row,
                       int64_t column) const {
    if (p.image >= c_.images) {
      return;
    }
    for (int i = 0; i < kRows; ++i, ++row) {
      const Number* begin = row_of<Number>(pixels, p.image, row);
      if (begin == nullptr) {
        continue;
      }
      begin += column * pixels.stride;
      for (int j = 0; j < kTile && column + j < c_.width; ++j, begin += pixels.stride) {
        for (int k = 0; k < channels; k += static_cast<int>(layout::kLineBytes / sizeof(Number))) {
          __builtin_prefetch(begin + k, kWriting, 3);
        }
      }
    }
  }

  // B'dB of a tile, for each part a line at `factors` and every lines_ * kTiles lines further.
  void to_factors(const Place& p, float* factors) const {
    const typename In::Type* rows[kSide];
    bool inside = p.column >= kReach && p.column + kTile + kReach <= c_.width;
    for (int i = 0; i < kSide; ++i) {
      rows[i] = row_of<typename In::Type>(c_.image, p.image, p.row + c_.first_row + i);
      inside = inside && rows[i] != nullptr;
    }
    for (int line = 0; line < lines_; ++line, factors += kTiles * kLanes) {
      Vector parts[kParts][kHalves];
      for (int half = 0; half < kHalves; ++half) {
        const int channel = line * kChannels + half * kLanes;
        Vector columns[kParts];
        if (channel >= c_.inputs) {
          for (int i = 0; i < kParts; ++i) {
            parts[i][half] = Vector(0.0f);
          }
          continue;
        }
#pragma GCC unroll 6
        for (int j = 0; j < kSide; ++j) {
          Vector d[kSide], r[kSide];
#pragma GCC unroll 6
          for (int i = 0; i < kSide; ++i) {
            d[i] = load(rows[i], p.column - kReach + j, channel, inside);
          }
          Points::input(d, r);
#pragma GCC unroll 6
          for (int i = 0; i < kSide; ++i) {
            columns[i * kSide + j] = r[i];
          }
        }
#pragma GCC unroll 6
        for (int i = 0; i < kSide; ++i) {
          Vector r[kSide];
          Points::input(columns + i * kSide, r);
#pragma GCC unroll 6
          for (int j = 0; j < kSide; ++j) {
            parts[i * kSide + j][half] = r[j];
          }
        }
      }
      for (int i = 0; i < kParts; ++i) {
        Factor<kFactors>::store(factors + int64_t{i} * lines_ * kTiles * kLanes, parts[i]);
      }
    }
  }

  SB_INLINE Vector load(const typename In::Type* row, int64_t column, int channel, bool inside) const {
    return inside || (row != nullptr && column >= 0 && column < c_.width)
               ? In::load(row + column * c_.image.stride + channel)
               : Vector(0.0f);
  }

  void multiply(const float* factors, float* products) const {
    const auto* filters = static_cast<const float*>(c_.filters);
    for (int part = 0; part < kParts; ++part) {
      int v = 0;
      for (; v + kVectors <= vectors_; v += kVectors) {
        filters = multiply<kVectors>(factors, filters, products);
        products += kVectors * kTiles * kLanes;
      }
      if (v < vectors_) {
        filters = multiply<1>(factors, filters, products);
        products += kTiles * kLanes;
      }
      factors += lines_ * kTiles * kLanes;
    }
  }

  // The products of all tiles with one block of filters; returns where the next begins.
  template <int kWide>
  SB_INLINE const float* multiply(const float* factors, const float* filters, float* products) const {
    __m512 sums[kTiles][kWide];
#pragma GCC unroll 14
    for (int t = 0; t < kTiles; ++t) {
      for (int w = 0; w < kWide; ++w) {
        sums[t][w] = _mm512_setzero_ps();
      }
    }
    for (int line = 0; line < lines_; ++line, factors += kTiles * kLanes) {
      for (int i = 0; i < kLanes; ++i, filters += kWide * kLanes) {
        __m512 f[kWide];
        for (int w = 0; w < kWide; ++w) {
          f[w] = _mm512_loadu_ps(filters + w * kLanes);
        }
#pragma GCC unroll 14
        for (int t = 0; t < kTiles; ++t) {
          for (int w = 0; w < kWide; ++w) {
            sums[t][w] = Factor<kFactors>::add_product(sums[t][w], factors + t * kLanes + i, f[w]);
          }
        }
      }
    }
#pragma GCC unroll 14
    for (int t = 0; t < kTiles; ++t) {
      for (int w = 0; w < kWide; ++w) {
        _mm512_store_ps(products + (w * kTiles + t) * kLanes, sums[t][w]);
      }
    }
    return filters;
  }

  // A'mA of a tile, bias, activation and skip.
  void to_results(const Place& p, const float* products) const {
    const int rows = static_cast<int>(c_.height - p.row < kTile ? c_.height - p.row : kTile);
    const int columns = static_cast<int>(c_.width - p.column < kTile ? c_.width - p.column : kTile);
    for (int v = 0; v < vectors_; ++v, products += kTiles * kLanes) {
      Vector down[kTile * kSide], y[kTile];
#pragma GCC unroll 6
      for (int j = 0; j < kSide; ++j) {
        Vector m[kSide];
#pragma GCC unroll 6
        for (int i = 0; i < kSide; ++i) {
          m[i] = _mm512_load_ps(products + int64_t{i * kSide + j} * vectors_ * kTiles * kLanes);
        }
        Points::output(m, y);
#pragma GCC unroll 4
        for (int i = 0; i < kTile; ++i) {
          down[i * kSide + j] = y[i];
        }
      }
      const Vector bias = c_.bias != nullptr ? Vector(_mm512_loadu_ps(c_.bias + v * kLanes)) : Vector(0.0f);
      const Vector slope =
          c_.slopes != nullptr ? Vector(_mm512_loadu_ps(c_.slopes + v * kLanes)) : Vector(1.0f);
      for (int i = 0; i < rows; ++i) {
        Points::output(down + i * kSide, y);
        const typename Out::Type* skip =
            row_of<typename Out::Type>(c_.skip, p.image, p.row + i - c_.skip.rows_above);
        auto* result =
            const_cast<typename Out::Type*>(row_of<typename Out::Type>(c_.result, p.image, p.row + i));
#pragma GCC unroll 4
        for (int j = 0; j < kTile; ++j) {
          if (j < columns) {
            Vector x = y[j] + bias;
            x = _mm512_mask_mul_ps(x.v, _mm512_cmp_ps_mask(x.v, _mm512_setzero_ps(), _CMP_LT_OQ), x.v,
                                   slope.v);
            if (skip != nullptr) {
              x = x + Out::load(skip + (p.column + j) * c_.skip.stride + v * kLanes);
            }
            Out::store(result + (p.column + j) * c_.result.stride + v * kLanes, x);
          }
        }
      }
    }
  }

  const Convolution& c_;
  int64_t across_, down_;
  int lines_, vectors_;
};

// Kept from call to call, so that no page of it is new.
float* scratch_of_thread(int64_t floats) {
  struct Scratch {
    float* memory = nullptr;
    int64_t floats = 0;
    ~Scratch() { std::free(memory); }
  };
  static thread_local Scratch scratch;
  if (scratch.floats < floats) {
    std::free(scratch.memory);
    constexpr int64_t kPage = 4096;
    const int64_t bytes = (floats * static_cast<int64_t>(sizeof(float)) + kPage - 1) / kPage * kPage;
    scratch.memory = static_cast<float*>(std::aligned_alloc(kPage, static_cast<size_t>(bytes)));
    scratch.floats = scratch.memory != nullptr ? floats : 0;
  }
  return scratch.memory;
}

template <int kTile, Numbers kImage, Numbers kFactors, Numbers kResult>
bool run(const Convolution& c, int threads) {
  const Kernel<kTile, kImage, kFactors, kResult> kernel(c);
  const int64_t blocks = kernel.blocks();
  const int64_t portion = std::clamp<int64_t>(blocks / (threads * kPortionsOfThread), 1, kMostBlocksAtOnce);
  bool has_memory = true;
#pragma omp parallel num_threads(threads) reduction(&& : has_memory)
  {
    float* scratch = scratch_of_thread(kernel.scratch_floats());
    has_memory = scratch != nullptr;
#pragma omp for schedule(dynamic, portion)
    for (int64_t block = 0; block < blocks; ++block) {
      if (scratch != nullptr) {
        kernel.run(block, scratch);
      }
    }
  }
  return has_memory;
}

template <int kTile>
bool run(const Convolution& c, int threads) {
  constexpr Numbers f = Numbers::kFloat, h = Numbers::kBFloat16;
  const bool from_half = c.image.numbers == h, to_half = c.result.numbers == h;
  if (c.factors == f) {
    return from_half ? to_half ? run<kTile, h, f, h>(c, threads) : run<kTile, h, f, f>(c, threads)
           : to_half ? run<kTile, f, f, h>(c, threads)
                     : run<kTile, f, f, f>(c, threads);
  }
  return from_half ? to_half ? run<kTile, h, h, h>(c, threads) : run<kTile, h, h, f>(c, threads)
         : to_half ? run<kTile, f, h, h>(c, threads)
                   : run<kTile, f, h, f>(c, threads);
}

}  // namespace

bool convolve_avx512(const Convolution& c, int threads) {
  return c.tile == 4 ? run<4>(c, threads) : c.tile == 2 ? run<2>(c, threads) : run<1>(c, threads);
}

}  // namespace subband

#pragma GCC diagnostic pop
#pragma GCC pop_options

#else

namespace subband {

bool convolve_avx512(const Convolution&, int) { return false; }  // never asked for

}  // namespace subband

#endif
