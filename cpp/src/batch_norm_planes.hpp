#pragma once

#include "batch_norm_affine.hpp"

namespace backnorm::kernels {

using Doubles2 = Vec<double>;

/// The sum of a Block's vectors.
template <typename V, typename T, std::size_t W>
BACKNORM_INLINE inline Block<V, T, 1> folded(const Block<V, T, W>& block) {
  if constexpr (W == 1) {
    return block;
  } else {
    V sum = block.at[0] + block.at[1];
    for (std::size_t w = 2; w < W; w += 2) sum = sum + (block.at[w] + block.at[w + 1]);
    return {{sum}};
  }
}

/// The sum of a vector's lanes in float64, in two parts.
BACKNORM_INLINE inline Doubles2 widened(const Vec<double>& lane) {
  return lane;
}
BACKNORM_INLINE inline Doubles2 widened(const Vec<float>& lane) {
  return Doubles2{static_cast<double>(lane[0]), static_cast<double>(lane[1])} +
         Doubles2{static_cast<double>(lane[2]), static_cast<double>(lane[3])};
}

/// Planes in memory order: jumping between planes of the same channel would wait for memory each time. Lanes
/// run along the plane.
template <typename T>
struct Planes {
  static constexpr std::size_t kNear = 512;    // values summed in T before the sum moves to float64
  static constexpr std::size_t kFirst = 4096;  // values in the first block
  static constexpr std::size_t kPilot = 8;     // values that the first shift is guessed from

  /// Both sums of every channel of a slice.
  template <typename Term>
  struct Sums {
    Slice slice;
    Term term;
    Two<Doubles2> all[kMostPlanes];

    Sums(Slice of_slice, Term of_term) : slice(of_slice), term(of_term) {}  // the sums are set by sum()
    Two<double> of(std::size_t c) const { return {all[c].p[0] + all[c].p[1], all[c].q[0] + all[c].q[1]}; }

    /// Sums values [begin, end) of each channel around its k, or around 0 where k is null.
    void sum(std::size_t begin, std::size_t end, const T* k) {
      const std::size_t inner = slice.layout.inner;
      std::fill_n(all, slice.channels(), Two<Doubles2>{});
      while (begin < end) {
        const std::size_t outer = begin / inner;
        const std::size_t from = begin % inner;
        const std::size_t length = std::min(inner - from, end - begin);
        for (std::size_t c = 0; c < slice.channels(); ++c) {
          const std::size_t at = plane(slice, outer, c) + from;
          Two<Doubles2> sum = all[c];
          for (std::size_t i = 0; i < length; i += kNear)
            add(sum, at + i, std::min(kNear, length - i), k ? k[c] : T(0));
          all[c] = sum;
        }
        begin += length;
      }
    }

   private:
    BACKNORM_INLINE void add(Two<Doubles2>& sum, std::size_t at, std::size_t size, T k) const {
      using Four = Block<Vec<T>, T, 4>;
      using One = Block<Vec<T>, T, 1>;
      using Rest = Block<T, T, 1>;
      Two<Four> near{};
      for (; size >= Four::kSize; size -= Four::kSize, at += Four::kSize)
        near = near + term(at, Four::all(k));
      Two<One> one{folded(near.p), folded(near.q)};
      for (; size >= One::kSize; size -= One::kSize, at += One::kSize) one = one + term(at, One::all(k));
      sum = sum + Two<Doubles2>{widened(one.p.at[0]), widened(one.q.at[0])};
      for (; size > 0; --size, ++at) {
        const Two<Rest> rest = term(at, Rest::all(k));
        sum.p[0] += static_cast<double>(rest.p.at[0]);
        sum.q[0] += static_cast<double>(rest.q.at[0]);
      }
    }
  };

  static void statistics(Slice slice, const T* x, double* mean, double* m2) {
    const std::size_t m = slice.layout.values_per_channel();
    Moments found[kMostPlanes];
    bool near[kMostPlanes];
    if (!measure_around_zero<T>(slice.channels(), m, m < 8 * kFirst ? m : kFirst, found, near,
                                [&] { return Sums<Deviations<T, false>>(slice, {x}); })) {
      T shift[kMostPlanes];
      for (std::size_t c = 0; c < slice.channels(); ++c) shift[c] = guess(slice, x, c);
      measure(slice.channels(), m, kFirst, shift, Sums<Deviations<T, true>>(slice, {x}), near, found);
    }
    for (std::size_t c = 0; c < slice.channels(); ++c) {
      mean[c] = found[c].mean();
      m2[c] = found[c].m2;
    }
  }

  static void normalize(Slice slice, const T* x, const T* gamma, const T* beta, const double* mean,
                        const double* invstd, T* y) {
    Forward<T> numbers[kMostPlanes];
    for (std::size_t c = 0; c < slice.channels(); ++c) {
      numbers[c] = Forward<T>::of(gamma, beta, mean[c], invstd[c], c);
    }
    for_each_plane(slice, [&](auto zero, std::size_t at, std::size_t c) BACKNORM_INLINE {
      using B = decltype(zero);
      const Forward<T>& f = numbers[c];
      ((B::read(x + at) - B::all(f.hi)) * B::all(f.a) + B::all(f.b)).write(y + at);
    });
  }

  static void sums(Slice slice, const T* dy, const T* x, const double* mean, const double* invstd,
                   double* sum_dy, double* sum_dy_xhat) {
    T hi[kMostPlanes];
    for (std::size_t c = 0; c < slice.channels(); ++c) {
      hi[c] = static_cast<T>(mean[c]);
    }
    Sums<Products<T>> sums(slice, {dy, x});
    sums.sum(0, slice.layout.values_per_channel(), hi);
    for (std::size_t c = 0; c < slice.channels(); ++c) {
      const Two<double> two = sums.of(c);
      sum_dy[c] = two.p;
      sum_dy_xhat[c] = sum_of_dy_xhat<T>(mean[c], invstd[c], two.p, two.q);
    }
  }

  static void apply(Slice slice, const T* dy, const T* x, const T* gamma, double m, int ddof,
                    const double* mean, const double* invstd, const double* sum_dy, const double* sum_dy_xhat,
                    T* dx) {
    Backward<T> numbers[kMostPlanes];
    for (std::size_t c = 0; c < slice.channels(); ++c) {
      numbers[c] = Backward<T>::of(gamma, m, ddof, mean[c], invstd[c], sum_dy[c], sum_dy_xhat[c], c);
    }
    for_each_plane(slice, [&](auto zero, std::size_t at, std::size_t c) BACKNORM_INLINE {
      using B = decltype(zero);
      const Backward<T>& f = numbers[c];
      const B through_var = (B::read(x + at) - B::all(f.hi)) * B::all(f.p);
      (((B::read(dy + at) + B::all(f.q)) + through_var) * B::all(f.a)).write(dx + at);
    });
  }

  /// Calls body(Block, place, channel) over the slice, the last plane first: it is still in the cache.
  template <typename Body>
  BACKNORM_INLINE static void for_each_plane(Slice slice, Body body) {
    for (std::size_t outer = slice.layout.outer; outer-- > 0;) {
      for (std::size_t c = 0; c < slice.channels(); ++c) {
        const std::size_t from = plane(slice, outer, c);
        for_blocks<T, 4>(slice.layout.inner,
                         [&](auto zero, std::size_t i) BACKNORM_INLINE { body(zero, from + i, c); });
      }
    }
  }

 private:
  /// The start of a plane of the slice's channel c.
  static std::size_t plane(Slice slice, std::size_t outer, std::size_t c) {
    return (outer * slice.layout.channels + slice.begin + c) * slice.layout.inner;
  }

  /// Any value near the channel's mean works. Of a constant channel it is the constant, so that all d are 0.
  static T guess(Slice slice, const T* x, std::size_t c) {
    const std::size_t inner = slice.layout.inner;
    const std::size_t pilot = std::min(kPilot, inner);
    const T* const from = x + plane(slice, 0, c);
    const double first = static_cast<double>(*from);
    double sum = 0.0;
    for (std::size_t i = 1; i < pilot; ++i) sum += static_cast<double>(from[i * (inner / pilot)]) - first;
    return static_cast<T>(first + sum / static_cast<double>(pilot));
  }
};

}  // namespace backnorm::kernels
