// Winograd's minimal filtering for convolutions of 3x3, F(2x2) and F(4x4): its three small matrices.
//
// A tile of m x m results comes from (m+2) x (m+2) pixels, Y = A'[(G g G') . (B' d B)]A, with a product of
// number by number in the middle. So F(4x4) does with 36 multiplications for each pair of channels what takes
// 144 directly, and F(2x2) with 16 what takes 36. Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks", 2016.
//
// The points at which F(4x4) interpolates are 0, +-sqrt(1/2), +-sqrt(2) and infinity. With the textbook's 0,
// +-1, +-2 the error is five times as large.
//
// Included by each kernel within its own target options, since these functions become a part of it.
#pragma once

namespace subband::winograd {

constexpr double kRoot2 = 1.41421356237309504880;
constexpr double kRootHalf = 0.70710678118654752440;

// Vectors V need +, -, *, V(float) and V::fma(a, b, c) = a*b + c; those of weights() +, - and a double as
// factor.
template <int kTile>
struct Points;

template <>
struct Points<4> {
  static constexpr int kSide = 6;

  // Rows of B' are the coefficients of the product of (x - q) over all other points q.
  template <typename V>
  static inline __attribute__((always_inline)) void input(const V* d, V* r) {
    const V e1 = V::fma(V(-2.0f), d[2], d[4]);
    const V o1 = V(static_cast<float>(kRootHalf)) * V::fma(V(-2.0f), d[1], d[3]);
    const V e2 = V::fma(V(-0.5f), d[2], d[4]);
    const V o2 = V(static_cast<float>(kRoot2)) * V::fma(V(-0.5f), d[1], d[3]);
    r[0] = V::fma(V(-2.5f), d[2], d[0] + d[4]);
    r[1] = e1 + o1;
    r[2] = e1 - o1;
    r[3] = e2 + o2;
    r[4] = e2 - o2;
    r[5] = V::fma(V(-2.5f), d[3], d[1] + d[5]);
  }

  // Row i of A' holds the i-th powers of the points; infinity counts in the last.
  template <typename V>
  static inline __attribute__((always_inline)) void output(const V* m, V* y) {
    const V s1 = m[1] + m[2], d1 = m[1] - m[2];
    const V s2 = m[3] + m[4], d2 = m[3] - m[4];
    y[0] = m[0] + s1 + s2;
    y[1] = V::fma(V(static_cast<float>(kRoot2)), d2, V(static_cast<float>(kRootHalf)) * d1);
    y[2] = V::fma(V(2.0f), s2, V(0.5f) * s1);
    y[3] =
        V::fma(V(static_cast<float>(2 * kRoot2)), d2, V::fma(V(static_cast<float>(kRootHalf / 2)), d1, m[5]));
  }

  // A: what a gradient of results says about each product's.
  template <typename V>
  static inline __attribute__((always_inline)) void gradient(const V* y, V* m) {
    const V e1 = V::fma(V(0.5f), y[2], y[0]);
    const V o1 = V(static_cast<float>(kRootHalf)) * V::fma(V(0.5f), y[3], y[1]);
    const V e2 = V::fma(V(2.0f), y[2], y[0]);
    const V o2 = V(static_cast<float>(kRoot2)) * V::fma(V(2.0f), y[3], y[1]);
    m[0] = y[0];
    m[1] = e1 + o1;
    m[2] = e1 - o1;
    m[3] = e2 + o2;
    m[4] = e2 - o2;
    m[5] = y[3];
  }

  // G': and that of products about a filter's.
  template <typename V>
  static inline __attribute__((always_inline)) void weights_gradient(const V* m, V* g) {
    const V s1 = V(-1.0f / 1.5f) * (m[1] + m[2]), s2 = V(1.0f / 6) * (m[3] + m[4]);
    const V d1 = V(static_cast<float>(-kRootHalf / 1.5)) * (m[1] - m[2]);
    const V d2 = V(static_cast<float>(kRoot2 / 6)) * (m[3] - m[4]);
    g[0] = m[0] + s1 + s2;
    g[1] = d1 + d2;
    g[2] = V::fma(V(0.5f), s1, V::fma(V(2.0f), s2, m[5]));
  }

  // G: powers of a point over the product of its distances from the others.
  template <typename V>
  static inline __attribute__((always_inline)) void weights(const V* g, V* r) {
    r[0] = g[0];
    const V e1 = (-1 / 1.5) * (g[0] + 0.5 * g[2]), o1 = (-kRootHalf / 1.5) * g[1];
    const V e2 = (1.0 / 6) * (g[0] + 2.0 * g[2]), o2 = (kRoot2 / 6) * g[1];
    r[1] = e1 + o1;
    r[2] = e1 - o1;
    r[3] = e2 + o2;
    r[4] = e2 - o2;
    r[5] = g[2];
  }
};

// A filter of 1x1 is one number, and needs no transform.
template <>
struct Points<1> {
  static constexpr int kSide = 1;

  template <typename V>
  static inline __attribute__((always_inline)) void input(const V* d, V* r) {
    r[0] = d[0];
  }

  template <typename V>
  static inline __attribute__((always_inline)) void output(const V* m, V* y) {
    y[0] = m[0];
  }

  template <typename V>
  static inline __attribute__((always_inline)) void weights(const V* g, V* r) {
    r[0] = g[0];
  }
};

template <>
struct Points<2> {
  static constexpr int kSide = 4;

  template <typename V>
  static inline __attribute__((always_inline)) void input(const V* d, V* r) {
    r[0] = d[0] - d[2];
    r[1] = d[1] + d[2];
    r[2] = d[2] - d[1];
    r[3] = d[1] - d[3];
  }

  template <typename V>
  static inline __attribute__((always_inline)) void output(const V* m, V* y) {
    y[0] = m[0] + m[1] + m[2];
    y[1] = m[1] - m[2] - m[3];
  }

  template <typename V>
  static inline __attribute__((always_inline)) void weights(const V* g, V* r) {
    r[0] = g[0];
    r[1] = 0.5 * (g[0] + g[1] + g[2]);
    r[2] = 0.5 * (g[0] - g[1] + g[2]);
    r[3] = g[2];
  }
};

}  // namespace subband::winograd
