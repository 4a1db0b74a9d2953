#pragma once

#include <algorithm>

#include "backnorm/batch_norm_kernels.hpp"
#include "batch_norm_moments.hpp"

namespace backnorm::kernels {

/// gamma·invstd and beta of a channel.
template <typename T>
double scale_of(const T* gamma, double invstd, std::size_t c) {
  return invstd * (gamma ? static_cast<double>(gamma[c]) : 1.0);
}
template <typename T>
double shift_of(const T* beta, std::size_t c) {
  return beta ? static_cast<double>(beta[c]) : 0.0;
}

/// The twin of the kernels with lanes: the formulas as written, in float64, one value at a time.
template <typename T>
struct Scalar {
  static constexpr std::size_t kNear = kMostDoubles;  // values in a partial sum: all that kDoubles may have

  /// Calls visit(index of the value) in order.
  template <typename Visit>
  static void for_each_in_channel(Layout layout, std::size_t channel, Visit visit) {
    for (std::size_t outer = 0; outer < layout.outer; ++outer) {
      const std::size_t begin = (outer * layout.channels + channel) * layout.inner;
      for (std::size_t i = begin; i < begin + layout.inner; ++i) visit(i);
    }
  }

  /// The sums of term(index of the value) over a channel. Partial sums keep the rounding of a long one small.
  template <typename Term>
  static Two<double> sum(Layout layout, std::size_t channel, Term term) {
    Two<double> all{};
    double p = 0.0;
    double q = 0.0;
    std::size_t near = 0;  // values in the partial sum
    for (std::size_t outer = 0; outer < layout.outer; ++outer) {
      const std::size_t begin = (outer * layout.channels + channel) * layout.inner;
      const std::size_t end = begin + layout.inner;
      for (std::size_t i = begin, stop; i < end; i = stop) {
        stop = std::min(i + kNear, end);
        for (std::size_t k = i; k < stop; ++k) {
          const Two<double> one = term(k);
          p += one.p;
          q += one.q;
        }
        near += stop - i;
        if (near < kNear) continue;
        all = all + Two<double>{p, q};
        p = q = 0.0;
        near = 0;
      }
    }
    return all + Two<double>{p, q};
  }

  /// The first pass sums around the first value, so that the mean of a constant channel is exact. The second
  /// sums over x - mean, since E[x²] - mean² loses every digit when |mean| >> std, and corrects for the
  /// rounding of that mean.
  static void statistics(Slice slice, const T* x, double* mean, double* m2) {
    const double m = static_cast<double>(slice.layout.values_per_channel());
    for (std::size_t c = 0; c < slice.channels(); ++c) {
      const std::size_t channel = slice.begin + c;
      const double first = static_cast<double>(x[channel * slice.layout.inner]);
      double sum_around_first = 0.0;
      for_each_in_channel(slice.layout, channel,
                          [&](std::size_t i) { sum_around_first += static_cast<double>(x[i]) - first; });
      const double near = first + sum_around_first / m;
      const Two<double> around_mean = sum(slice.layout, channel, [&](std::size_t i) {
        const double xc = static_cast<double>(x[i]) - near;
        return Two<double>{xc, xc * xc};
      });
      const Moments found = Moments::of_block(m, near, around_mean);
      mean[c] = found.mean();
      m2[c] = found.m2;
    }
  }

  static void normalize(Slice slice, const T* x, const T* gamma, const T* beta, const double* mean,
                        const double* invstd, T* y) {
    for (std::size_t c = 0; c < slice.channels(); ++c) {
      const double scale = scale_of(gamma, invstd[c], c);
      const double shift = shift_of(beta, c);
      for_each_in_channel(slice.layout, slice.begin + c, [&](std::size_t i) {
        y[i] = static_cast<T>((static_cast<double>(x[i]) - mean[c]) * scale + shift);
      });
    }
  }

  static void sums(Slice slice, const T* dy, const T* x, const double* mean, const double* invstd,
                   double* sum_dy, double* sum_dy_xhat) {
    for (std::size_t c = 0; c < slice.channels(); ++c) {
      const Two<double> both = sum(slice.layout, slice.begin + c, [&](std::size_t i) {
        const double d = static_cast<double>(dy[i]);
        return Two<double>{d, d * ((static_cast<double>(x[i]) - mean[c]) * invstd[c])};
      });
      sum_dy[c] = both.p;
      sum_dy_xhat[c] = both.q;
    }
  }

  static void apply(Slice slice, const T* dy, const T* x, const T* gamma, double m, int ddof,
                    const double* mean, const double* invstd, const double* sum_dy, const double* sum_dy_xhat,
                    T* dx) {
    for (std::size_t c = 0; c < slice.channels(); ++c) {
      const double scale = scale_of(gamma, invstd[c], c);
      const double of_mean = sum_dy[c] / m;
      const double of_var = sum_dy_xhat[c] / (m - ddof);
      for_each_in_channel(slice.layout, slice.begin + c, [&](std::size_t i) {
        const double xhat = (static_cast<double>(x[i]) - mean[c]) * invstd[c];
        dx[i] = static_cast<T>(scale * (static_cast<double>(dy[i]) - of_mean - xhat * of_var));
      });
    }
  }
};

}  // namespace backnorm::kernels
