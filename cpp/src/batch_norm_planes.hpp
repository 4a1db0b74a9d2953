#pragma once

#include "batch_norm_affine.hpp"

namespace backnorm::kernels {

/// Planes, one channel after another, so that what is read twice is read from the cache. Lanes run along the
/// plane; the sums in T go on from one plane into the next, since a plane of 14×14 is too short to pay for
/// moving them.
template <typename T>
struct Planes {
  static constexpr std::size_t kNear = 512;    // values summed in T before they are added in float64
  static constexpr std::size_t kFirst = 4096;  // values of the first block
  static constexpr std::size_t kPilot = 8;     // values that the first shift is guessed from

  struct Channel {
    Layout layout;
    std::size_t channel;
    std::size_t plane(std::size_t outer) const { return (outer * layout.channels + channel) * layout.inner; }
  };

  /// Of values [begin, end) of a channel, around k.
  template <typename Term>
  static Two<double> sum(Channel channel, std::size_t begin, std::size_t end, T k, Term term) {
    using Four = Block<Vec<T>, T, 4>;
    using One = Block<Vec<T>, T, 1>;
    using Rest = Block<T, T, 1>;
    const std::size_t inner = channel.layout.inner;
    Two<double> all{0.0, 0.0};
    Two<Four> near{};
    Two<One> odd{};
    std::size_t outer = begin / inner;
    std::size_t i = begin % inner;
    std::size_t pending = 0;
    while (begin < end) {
      const std::size_t length = std::min(std::min(inner - i, end - begin), kNear);
      std::size_t at = channel.plane(outer) + i;
      std::size_t left = length;
      for (; left >= Four::kSize; left -= Four::kSize, at += Four::kSize) {
        near = near + term(at, Four::all(k));
      }
      for (; left >= One::kSize; left -= One::kSize, at += One::kSize) odd = odd + term(at, One::all(k));
      for (; left > 0; --left, ++at) {
        const Two<Rest> one = term(at, Rest::all(k));
        all = all + Two<double>{static_cast<double>(one.p.at[0]), static_cast<double>(one.q.at[0])};
      }
      begin += length;
      i += length;
      if (i == inner) {
        i = 0;
        ++outer;
      }
      pending += length;
      if (pending >= kNear || begin == end) {
        all = all + Two<double>{total(near.p, odd.p), total(near.q, odd.q)};
        near = {};
        odd = {};
        pending = 0;
      }
    }
    return all;
  }

  static Moments moments(Channel channel, const T* x) {
    const std::size_t inner = channel.layout.inner;
    const std::size_t size = channel.layout.values_per_channel();
    const auto block = [&](T shift, std::size_t begin, std::size_t end) {
      const Two<double> two = sum(channel, begin, end, shift, Deviations<T>{x});
      return Moments::of_block(static_cast<double>(end - begin), static_cast<double>(shift), two.p, two.q);
    };

    const std::size_t pilot = std::min(kPilot, inner);
    double guess = 0.0;
    for (std::size_t k = 0; k < pilot; ++k) {
      guess += static_cast<double>(x[channel.plane(0) + k * (inner / pilot)]);
    }
    const T shift = static_cast<T>(guess / static_cast<double>(pilot));
    std::size_t done = std::min(kFirst, size);
    Moments all = block(shift, 0, done);
    if (all.is_far(static_cast<double>(done), static_cast<double>(shift))) {
      all = block(static_cast<T>(all.mean), 0, done);
    }
    while (done < size) {
      const std::size_t end = std::min(2 * done, size);
      const Moments next = block(static_cast<T>(all.mean), done, end);
      all = Moments::merged(static_cast<double>(done), all, static_cast<double>(end - done), next);
      done = end;
    }
    return all;
  }

  static void statistics(Slice slice, const T* x, double* mean, double* m2) {
    for (std::size_t c = 0; c < slice.channels(); ++c) {
      const Moments found = moments({slice.layout, slice.begin + c}, x);
      mean[c] = found.mean;
      m2[c] = found.m2;
    }
  }

  static void normalize(Slice slice, const T* x, const T* gamma, const T* beta, const double* mean,
                        const double* invstd, T* y) {
    Forward<T> numbers[kPlanesAtOnce];
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
    for (std::size_t c = 0; c < slice.channels(); ++c) {
      const Channel channel{slice.layout, slice.begin + c};
      const T hi = static_cast<T>(mean[c]);
      const Two<double> two = sum(channel, 0, slice.layout.values_per_channel(), hi, Products<T>{dy, x});
      sum_dy[c] = two.p;
      sum_dy_xhat[c] = sum_of_dy_xhat<T>(mean[c], invstd[c], two.p, two.q);
    }
  }

  static void apply(Slice slice, const T* dy, const T* x, const T* gamma, double m, int ddof,
                    const double* mean, const double* invstd, const double* sum_dy, const double* sum_dy_xhat,
                    T* dx) {
    Backward<T> numbers[kPlanesAtOnce];
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

 private:
  template <typename Four, typename One>
  static double total(const Four& four, const One& one) {
    const auto together = ((four.at[0] + four.at[1]) + (four.at[2] + four.at[3])) + one.at[0];
    double sum = 0.0;
    for (std::size_t l = 0; l < One::kSize; ++l) sum += static_cast<double>(together[l]);
    return sum;
  }

  template <typename Body>
  BACKNORM_INLINE static void for_each_plane(Slice slice, Body body) {
    for (std::size_t outer = slice.layout.outer; outer-- > 0;) {  // what was read last is still in the cache
      for (std::size_t c = 0; c < slice.channels(); ++c) {
        const std::size_t from = Channel{slice.layout, slice.begin + c}.plane(outer);
        for_blocks<T, 4>(slice.layout.inner,
                         [&](auto zero, std::size_t i) BACKNORM_INLINE { body(zero, from + i, c); });
      }
    }
  }
};

}  // namespace backnorm::kernels
