#include "backnorm/measures.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "backnorm/scalars.hpp"

namespace backnorm {
namespace {

/// The power of two at or below a positive normal number.
double power_below(double value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  bits &= 0x7ff0'0000'0000'0000;  // ilogb and ldexp would cost more than everything else
  std::memcpy(&value, &bits, sizeof(bits));
  return value;
}

/// An error in ulps of `value`; NaN if the value isn't finite, since it then has no neighbours.
double ulps(double error, double value, Rounding rounding) {
  if (!std::isfinite(value)) return std::numeric_limits<double>::quiet_NaN();
  if (error == 0.0) return 0.0;
  const double size = std::max(std::abs(value), least_normal(rounding));
  return error / (power_below(size) * 2.0 * rounding.unit);
}

void raise(double& most, double value) {
  most = larger_error(most, value);
}

}  // namespace

template <typename T>
Measures measure(std::span<const T> a, std::span<const double> n, Precision precision) noexcept {
  const Rounding rounding = rounding_of(precision);
  Measures most{.numpy_excess = -HUGE_VAL, .pytorch_excess = -HUGE_VAL};
  double largest = 0.0;
  for (std::size_t i = 0; i < n.size(); ++i) {
    raise(largest, std::max(std::abs(static_cast<double>(a[i])), std::abs(n[i])));
  }
  // scaled, so that squares of tiny and huge values stay in range
  const double scale = largest > 0x1p1000                             ? 0x1p-1000
                       : largest < std::numeric_limits<double>::min() ? 0x1p1000
                                                                      : 1.0 / power_below(largest);
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
    raise(most.ulps, ulps(error, n[i], rounding));
    apart += (error * scale) * (error * scale);
    a_norm += (value * scale) * (value * scale);
    n_norm += (size * scale) * (size * scale);
  }
  most.norm_ratio = apart == 0.0 ? 0.0 : std::sqrt(apart) / (std::sqrt(a_norm) + std::sqrt(n_norm));
  return most;
}

template Measures measure(std::span<const float>, std::span<const double>, Precision) noexcept;
template Measures measure(std::span<const double>, std::span<const double>, Precision) noexcept;

}  // namespace backnorm
