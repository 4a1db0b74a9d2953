#pragma once

#include "batch_norm_lanes.hpp"
#include "batch_norm_moments.hpp"
#include "batch_norm_scalar.hpp"

/// Shared by the kernels that compute in T: the coefficients of a channel, rounded to T without losing the
/// mean, and sums in T that are moved to float64 in time.
namespace backnorm::kernels {

/// y = (x - mean)·scale + shift, with the mean split: x - hi is exact near the mean, and the rest of the mean
/// goes into b. A single float32 for the mean would move every y by half an ulp of the mean, which is 1/32 at
/// 1e6.
template <typename T>
struct Forward {
  T hi, a, b;

  static Forward of(const T* gamma, const T* beta, double mean, double invstd, std::size_t c) {
    const T hi = static_cast<T>(mean);
    const double scale = scale_of(gamma, invstd, c);
    const double lo = mean - static_cast<double>(hi);
    return {hi, static_cast<T>(scale), static_cast<T>(shift_of(beta, c) - lo * scale)};
  }
};

/// dx = a·(dy + (x - hi)·p + q).
template <typename T>
struct Backward {
  T hi, p, q, a;

  static Backward of(const T* gamma, double m, int ddof, double mean, double invstd, double sum_dy,
                     double sum_dy_xhat, std::size_t c) {
    const T hi = static_cast<T>(mean);
    const double p = -invstd * sum_dy_xhat / (m - ddof);
    const double lo = mean - static_cast<double>(hi);
    return {hi, static_cast<T>(p), static_cast<T>(-sum_dy / m - lo * p),
            static_cast<T>(scale_of(gamma, invstd, c))};
  }
};

/// Σ d and Σ d², d = x - k, or x where kAround is false.
template <typename T, bool kAround>
struct Deviations {
  const T* x;

  template <typename B>
  BACKNORM_INLINE Two<B> operator()(std::size_t at, const B& k) const {
    B d = B::read(x + at);
    if constexpr (kAround) d = d - k;
    return {d, d * d};
  }
};

/// Σ dy and Σ dy·(x - k).
template <typename T>
struct Products {
  const T* dy;
  const T* x;

  template <typename B>
  BACKNORM_INLINE Two<B> operator()(std::size_t at, const B& k) const {
    const B d = B::read(dy + at);
    return {d, d * (B::read(x + at) - k)};
  }
};

/// Σ dy·xhat from Σ dy·(x - hi).
template <typename T>
double sum_of_dy_xhat(double mean, double invstd, double sum_dy, double sum_dy_xc) {
  const double lo = mean - static_cast<double>(static_cast<T>(mean));
  return (sum_dy_xc - lo * sum_dy) * invstd;
}

}  // namespace backnorm::kernels
