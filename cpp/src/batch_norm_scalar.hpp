#pragma once

#include "backnorm/batch_norm_kernels.hpp"

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
  /// Calls visit(index of the value) in order.
  template <typename Visit>
  static void for_each_in_channel(Layout layout, std::size_t channel, Visit visit) {
    for (std::size_t outer = 0; outer < layout.outer; ++outer) {
      const std::size_t begin = (outer * layout.channels + channel) * layout.inner;
      for (std::size_t i = begin; i < begin + layout.inner; ++i) visit(i);
    }
  }

  static void statistics(Slice slice, const T* x, double* mean, double* m2) {
    const double m = static_cast<double>(slice.layout.values_per_channel());
    for (std::size_t c = 0; c < slice.channels(); ++c) {
      double sum = 0.0;
      for_each_in_channel(slice.layout, slice.begin + c,
                          [&](std::size_t i) { sum += static_cast<double>(x[i]); });
      mean[c] = sum / m;
      double sq = 0.0;  // second pass over x - mean: E[x²] - mean² loses every digit when |mean| >> std
      for_each_in_channel(slice.layout, slice.begin + c, [&](std::size_t i) {
        const double xc = static_cast<double>(x[i]) - mean[c];
        sq += xc * xc;
      });
      m2[c] = sq;
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
      double p = 0.0;
      double q = 0.0;
      for_each_in_channel(slice.layout, slice.begin + c, [&](std::size_t i) {
        p += static_cast<double>(dy[i]);
        q += static_cast<double>(dy[i]) * ((static_cast<double>(x[i]) - mean[c]) * invstd[c]);
      });
      sum_dy[c] = p;
      sum_dy_xhat[c] = q;
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
