#pragma once

#include <cstddef>
#include <cstring>
#include <utility>

/// Vectors of sixteen bytes, as GCC and Clang provide them, so that one source serves SSE, NEON and
/// WebAssembly.
/// BACKNORM_INLINE: for code in loops over values. In a call, or in a closure that captures a pointer by
/// reference, the pointer would be reloaded in each iteration.
#define BACKNORM_INLINE __attribute__((always_inline))

namespace backnorm::kernels {

/// JavaScript has no lanes, and emulating them is slower than the twin. BACKNORM_WITHOUT_LANES: to be small.
#if defined(BACKNORM_WITHOUT_LANES) || (defined(__EMSCRIPTEN__) && !defined(__wasm_simd128__))
inline constexpr bool kHasLanes = false;
#else
inline constexpr bool kHasLanes = true;
#endif

template <typename T>
struct VecOf {
  typedef T Type __attribute__((vector_size(16)));
};
template <typename T>
using Vec = typename VecOf<T>::Type;

/// From any address: a typed array's subarray is only aligned to the size of its values.
template <typename V, typename T>
BACKNORM_INLINE inline V load(const T* from) {
  V v;
  std::memcpy(&v, from, sizeof v);
  return v;
}
template <typename V, typename T>
BACKNORM_INLINE inline void store(T* to, const V& v) {
  std::memcpy(to, &v, sizeof v);
}

/// Whether rows of `stride` values begin at one place in their pages: then their lines compete for the same
/// eight places of a first-level cache, and several rows abreast drive each other out.
template <typename T>
constexpr bool aliases(std::size_t stride) {
  return stride * sizeof(T) % 4096 == 0;
}

/// W vectors side by side, so that no addition waits for the previous one, and an address is computed once
/// for all of them. A loop body that takes a Block runs on W Vec, then on one, then on the rest, number by
/// number.
template <typename V, typename T, std::size_t W>
struct Block {
  using Lane = V;
  static constexpr std::size_t kWidth = W;
  static constexpr std::size_t kStep = sizeof(V) / sizeof(T);
  static constexpr std::size_t kSize = W * kStep;

  V at[W];

  /// Each of the W vectors from of(w, its place).
  template <typename Of>
  BACKNORM_INLINE static Block make(Of of) {
    return [&]<std::size_t... w>(std::index_sequence<w...>) BACKNORM_INLINE {
      return Block{{of(w, w * kStep)...}};
    }
    (std::make_index_sequence<W>{});
  }
  BACKNORM_INLINE static Block read(const T* from) {
    return make([&](std::size_t, std::size_t i) BACKNORM_INLINE { return load<V>(from + i); });
  }
  BACKNORM_INLINE void write(T* to) const {
    make([&](std::size_t w, std::size_t i) BACKNORM_INLINE {
      store(to + i, at[w]);
      return at[w];
    });
  }
  BACKNORM_INLINE friend Block operator+(const Block& a, const Block& b) {
    return make([&](std::size_t w, std::size_t) BACKNORM_INLINE { return a.at[w] + b.at[w]; });
  }
  BACKNORM_INLINE friend Block operator-(const Block& a, const Block& b) {
    return make([&](std::size_t w, std::size_t) BACKNORM_INLINE { return a.at[w] - b.at[w]; });
  }
  BACKNORM_INLINE friend Block operator*(const Block& a, const Block& b) {
    return make([&](std::size_t w, std::size_t) BACKNORM_INLINE { return a.at[w] * b.at[w]; });
  }
  BACKNORM_INLINE static Block all(T value) {
    return make([&](std::size_t, std::size_t) BACKNORM_INLINE { return V{} + value; });
  }
};

/// Calls body(Block, i) over [0, size).
template <typename T, std::size_t W, typename Body>
BACKNORM_INLINE inline void for_blocks(std::size_t size, Body body) {
  using Many = Block<Vec<T>, T, W>;
  using One = Block<Vec<T>, T, 1>;
  using Rest = Block<T, T, 1>;
  std::size_t i = 0;
  if constexpr (W > 1) {
    for (; i + Many::kSize <= size; i += Many::kSize) body(Many{}, i);
  }
  for (; i + One::kSize <= size; i += One::kSize) body(One{}, i);
  for (; i < size; ++i) body(Rest{}, i);
}

}  // namespace backnorm::kernels
