#pragma once

#include <type_traits>
#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

#include "batch_norm_lanes.hpp"
#include "batch_norm_scalar.hpp"

namespace backnorm::kernels {

/// A matrix that fits in L1: two columns at a time from the first row to the last, in float64 and in the
/// order of the twin, so the results equal the twin's bit for bit. Lanes are channels, so no sum is split.
template <typename T>
struct Doubles {
  /// B is a Block of doubles.
  template <typename B>
  BACKNORM_INLINE static B widen(const T* from) {
    using V = typename B::Lane;
    return B::make([&](std::size_t, std::size_t i) BACKNORM_INLINE {
      if constexpr (std::is_same_v<T, double>) {
        return load<V>(from + i);
      } else if constexpr (std::is_same_v<V, double>) {
        return static_cast<double>(from[i]);
      } else {
        typedef T Half __attribute__((vector_size(8)));
        return __builtin_convertvector(load<Half>(from + i), V);
      }
    });
  }
  template <typename B>
  BACKNORM_INLINE static void narrow(const B& block, T* to) {
    using V = typename B::Lane;
    B::make([&](std::size_t w, std::size_t i) BACKNORM_INLINE {
      if constexpr (std::is_same_v<T, double>) {
        store(to + i, block.at[w]);
      } else if constexpr (std::is_same_v<V, double>) {
        to[i] = static_cast<T>(block.at[w]);
      } else {
#ifdef __wasm_simd128__  // otherwise LLVM 14 makes two scalar conversions
        wasm_v128_store64_lane(to + i, wasm_f32x4_demote_f64x2_zero(reinterpret_cast<v128_t>(block.at[w])),
                               0);
#else
        typedef T Half __attribute__((vector_size(8)));
        store(to + i, __builtin_convertvector(block.at[w], Half));
#endif
      }
      return block.at[w];
    });
  }

  /// Calls body(place) down the columns from c, row by row.
  template <typename Body>
  BACKNORM_INLINE static void down(Slice slice, std::size_t c, Body body) {
    std::size_t at = slice.begin + c;
    for (std::size_t r = 0; r < slice.layout.outer; ++r, at += slice.layout.channels) body(at);
  }

  static void statistics(Slice slice, const T* x, double* mean, double* m2) {
    const double m = static_cast<double>(slice.layout.outer);
    for_blocks<double, 1>(slice.channels(), [&](auto zero, std::size_t c) BACKNORM_INLINE {
      using B = decltype(zero);
      const B first = widen<B>(x + slice.begin + c);
      B sum{};
      down(slice, c, [&](std::size_t at) BACKNORM_INLINE { sum = sum + (widen<B>(x + at) - first); });
      const B near =
          B::make([&](std::size_t w, std::size_t) BACKNORM_INLINE { return first.at[w] + sum.at[w] / m; });
      B p{};
      B q{};
      down(slice, c, [&](std::size_t at) BACKNORM_INLINE {
        const B xc = widen<B>(x + at) - near;
        p = p + xc;
        q = q + xc * xc;
      });
      const B offset = B::make([&](std::size_t w, std::size_t) BACKNORM_INLINE { return p.at[w] / m; });
      const B rest = q - p * offset;
      const B sq = B::make([&](std::size_t w, std::size_t)
                               BACKNORM_INLINE { return rest.at[w] < 0 ? typename B::Lane{} : rest.at[w]; });
      (near + offset).write(mean + c);
      sq.write(m2 + c);
    });
  }

  static void normalize(Slice slice, const T* x, const T* gamma, const T* beta, const double* mean,
                        const double* invstd, T* y) {
    for_blocks<double, 1>(slice.channels(), [&](auto zero, std::size_t c) BACKNORM_INLINE {
      using B = decltype(zero);
      const B average = B::read(mean + c);
      B scale = B::read(invstd + c);
      if (gamma) scale = scale * widen<B>(gamma + c);
      const B shift = beta ? widen<B>(beta + c) : B{};
      down(slice, c, [&](std::size_t at) BACKNORM_INLINE {
        narrow((widen<B>(x + at) - average) * scale + shift, y + at);
      });
    });
  }

  static void sums(Slice slice, const T* dy, const T* x, const double* mean, const double* invstd,
                   double* sum_dy, double* sum_dy_xhat) {
    for_blocks<double, 1>(slice.channels(), [&](auto zero, std::size_t c) BACKNORM_INLINE {
      using B = decltype(zero);
      const B average = B::read(mean + c);
      const B inverse = B::read(invstd + c);
      B p{};
      B q{};
      down(slice, c, [&](std::size_t at) BACKNORM_INLINE {
        const B d = widen<B>(dy + at);
        p = p + d;
        q = q + d * ((widen<B>(x + at) - average) * inverse);
      });
      p.write(sum_dy + c);
      q.write(sum_dy_xhat + c);
    });
  }

  static void apply(Slice slice, const T* dy, const T* x, const T* gamma, double m, int ddof,
                    const double* mean, const double* invstd, const double* sum_dy, const double* sum_dy_xhat,
                    T* dx) {
    for_blocks<double, 1>(slice.channels(), [&](auto zero, std::size_t c) BACKNORM_INLINE {
      using B = decltype(zero);
      const B average = B::read(mean + c);
      const B inverse = B::read(invstd + c);
      const B scale = gamma ? inverse * widen<B>(gamma + c) : inverse;
      const B p = B::read(sum_dy + c);
      const B q = B::read(sum_dy_xhat + c);
      const B of_mean = B::make([&](std::size_t w, std::size_t) BACKNORM_INLINE { return p.at[w] / m; });
      const B of_var =
          B::make([&](std::size_t w, std::size_t) BACKNORM_INLINE { return q.at[w] / (m - ddof); });
      down(slice, c, [&](std::size_t at) BACKNORM_INLINE {
        const B xhat = (widen<B>(x + at) - average) * inverse;
        narrow(scale * (widen<B>(dy + at) - of_mean - xhat * of_var), dx + at);
      });
    });
  }
};

}  // namespace backnorm::kernels
