#pragma once

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "batch_norm_lanes.hpp"
#include "batch_norm_moments.hpp"
#include "batch_norm_scalar.hpp"

/// Shared by the kernels that compute in T: the coefficients of a channel, rounded to T without losing the
/// mean, and sums in T that are moved to float64 in time.
namespace backnorm::kernels {

/// What is subtracted from x before anything else: the mean in T, since x - mean is exact near it. 0 where
/// the mean is within a deviation of 0: nothing is lost then, and where all channels have 0 no value needs a
/// subtraction. A mean that T holds exactly may be that of a constant channel, of which x - mean has to be 0.
template <typename T>
T center_of(double mean, double invstd) {
  const T hi = static_cast<T>(mean);
  return std::abs(mean) * invstd <= 1 && static_cast<double>(hi) != mean ? T(0) : hi;
}

/// x - center, or x where all centers are 0.
template <bool kCentered, typename B>
BACKNORM_INLINE inline B off_center(const B& x, const B& center) {
  if constexpr (kCentered) return x - center;
  return x;
}

/// Calls pass(whether to subtract centers) for numbers of which each has its center `hi`.
template <typename Pass>
void with_centers(bool any, Pass pass) {
  any ? pass(std::true_type{}) : pass(std::false_type{});
}

/// y = (x - hi)·a + b. What hi leaves of the mean is in b: a single float32 for the mean would move every y
/// by half an ulp of the mean, which is 1/32 at 1e6.
template <typename T>
struct Forward {
  T hi, a, b;

  static Forward of(const T* gamma, const T* beta, double mean, double invstd, std::size_t c) {
    const T hi = center_of<T>(mean, invstd);
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
    const T hi = center_of<T>(mean, invstd);
    const double p = -invstd * sum_dy_xhat / (m - ddof);
    const double lo = mean - static_cast<double>(hi);
    return {hi, static_cast<T>(p), static_cast<T>(-sum_dy / m - lo * p),
            static_cast<T>(scale_of(gamma, invstd, c))};
  }
};

/// Σ d and Σ d², d = x - k.
template <typename T, bool kCentered>
struct Deviations {
  const T* x;

  template <typename B>
  BACKNORM_INLINE Two<B> operator()(std::size_t at, const B& k) const {
    const B d = off_center<kCentered>(B::read(x + at), k);
    return {d, d * d};
  }
};

/// Σ dy and Σ dy·(x - k).
template <typename T, bool kCentered>
struct Products {
  const T* dy;
  const T* x;

  template <typename B>
  BACKNORM_INLINE Two<B> operator()(std::size_t at, const B& k) const {
    const B d = B::read(dy + at);
    return {d, d * off_center<kCentered>(B::read(x + at), k)};
  }
};

/// Σ dy·xhat from Σ dy·(x - hi).
template <typename T>
double sum_of_dy_xhat(double mean, double invstd, double sum_dy, double sum_dy_xc) {
  const double lo = mean - static_cast<double>(center_of<T>(mean, invstd));
  return (sum_dy_xc - lo * sum_dy) * invstd;
}

}  // namespace backnorm::kernels
