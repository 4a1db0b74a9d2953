#include "backnorm/measures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace backnorm {
namespace {

/// The distance from |value| to the next number of T; NaN if it is not finite, which has no exponent.
template <typename T>
double ulp(double value) {
  using Limits = std::numeric_limits<T>;
  if (!std::isfinite(value)) return std::numeric_limits<double>::quiet_NaN();
  const double size = std::max(std::abs(value), static_cast<double>(Limits::min()));
  return std::ldexp(1.0, std::ilogb(size) + 1 - Limits::digits);
}

void raise(double& most, double value) {
  most = std::isnan(most) || value <= most ? most : value;
}

}  // namespace

template <typename T>
Measures measure(std::span<const T> a, std::span<const double> n) noexcept {
  Measures most{.numpy_excess = -HUGE_VAL, .pytorch_excess = -HUGE_VAL};
  double largest = 0.0;
  for (std::size_t i = 0; i < n.size(); ++i) {
    raise(largest, std::max(std::abs(static_cast<double>(a[i])), std::abs(n[i])));
  }
  const double scale = largest > 0 ? largest : 1.0;  // squares of tiny and huge values stay in range
  double apart = 0.0;
  double a_norm = 0.0;
  double n_norm = 0.0;
  for (std::size_t i = 0; i < n.size(); ++i) {
    const double value = static_cast<double>(a[i]);
    const double error = std::abs(value - n[i]);
    const double size = std::abs(n[i]);
    raise(most.max_relative, error / std::max(1e-8, std::abs(value) + size));
    raise(most.numpy_excess, error - (1e-8 + 1e-5 * size));
    raise(most.pytorch_excess, error - (1e-5 + 1e-3 * size));
    raise(most.ulps, error / ulp<T>(n[i]));
    apart += (error / scale) * (error / scale);
    a_norm += (value / scale) * (value / scale);
    n_norm += (size / scale) * (size / scale);
  }
  most.norm_ratio = apart == 0.0 ? 0.0 : std::sqrt(apart) / (std::sqrt(a_norm) + std::sqrt(n_norm));
  return most;
}

template Measures measure(std::span<const float>, std::span<const double>) noexcept;
template Measures measure(std::span<const double>, std::span<const double>) noexcept;

}  // namespace backnorm
