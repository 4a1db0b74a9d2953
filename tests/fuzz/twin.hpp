#pragma once

#include <cmath>
#include <span>
#include <vector>

#include "backnorm/layout.hpp"
#include "backnorm/scalars.hpp"

namespace backnorm::fuzz {

using Number = Bounded<double>;

/// The formulas of batch_norm.hpp a value at a time, each with what rounding may have done to it.
struct Twin {
  std::vector<Number> mean, invstd, y, sum_dy, sum_dy_xhat, dx;
  /// What would stand in y and in dx of a channel if nothing cancelled, for results that are rounded on the
  /// way.
  std::vector<double> largest_y, largest_dx, largest_sum;

  template <typename T>
  Twin(Layout layout, std::span<const T> x, std::span<const T> dy, std::span<const T> gamma,
       std::span<const T> beta, double eps, int ddof)
      : y(layout.size()), dx(layout.size()) {
    const auto number = [](T value) { return Number(static_cast<double>(value)); };
    const Number m = static_cast<double>(layout.values_per_channel());
    const Number divisor = static_cast<double>(layout.values_per_channel()) - ddof;
    for (std::size_t c = 0; c < layout.channels; ++c) {
      const auto each = [&](auto use) {
        for (std::size_t o = 0; o < layout.outer; ++o) {
          for (std::size_t i = 0; i < layout.inner; ++i) use((o * layout.channels + c) * layout.inner + i);
        }
      };
      Number sum = 0.0, m2 = 0.0, p = 0.0, q = 0.0;
      each([&](std::size_t i) { sum = sum + number(x[i]); });
      const Number mu = sum / m;
      each([&](std::size_t i) { m2 = m2 + (number(x[i]) - mu) * (number(x[i]) - mu); });
      const Number inverse = Number(1.0) / sqrt(m2 / divisor + Number(eps));
      const Number g = gamma.empty() ? Number(1.0) : number(gamma[c]);
      const Number b = beta.empty() ? Number(0.0) : number(beta[c]);
      const auto xhat = [&](std::size_t i) { return (number(x[i]) - mu) * inverse; };
      double top_xhat = 0.0, top_dy = 0.0;
      each([&](std::size_t i) {
        y[i] = xhat(i) * g + b;
        p = p + number(dy[i]);
        q = q + number(dy[i]) * xhat(i);
        top_xhat = std::max(top_xhat, std::abs(xhat(i).value));
        top_dy = std::max(top_dy, std::abs(static_cast<double>(dy[i])));
      });
      each([&](std::size_t i) { dx[i] = g * inverse * (number(dy[i]) - p / m - xhat(i) * (q / divisor)); });
      mean.push_back(mu);
      invstd.push_back(inverse);
      sum_dy.push_back(p);
      sum_dy_xhat.push_back(q);
      largest_y.push_back(top_xhat * std::abs(g.value) + std::abs(b.value));
      largest_sum.push_back(m.value * top_dy * std::max(1.0, top_xhat));
      largest_dx.push_back(std::abs((g * inverse).value) * top_dy * (2.0 + top_xhat * top_xhat));
    }
  }
};

/// Whether `got` lies as near as both sides' rounding explains; four times, since it may add up in another
/// order. Where overflow has taken the number or its bound, anything does.
template <typename T>
bool is_near(T got, Number want, double more = 0.0) {
  if (!std::isfinite(want.value) || !std::isfinite(want.error)) return true;
  if (std::abs(want.value) >= static_cast<double>(std::numeric_limits<T>::max())) return true;
  const double last =
      std::is_same_v<T, float> ? Bounded<float>::half_ulp(static_cast<float>(want.value)) : 0.0;
  return std::abs(static_cast<double>(got) - want.value) <= 4 * want.error + 1.001 * last + more;
}

}  // namespace backnorm::fuzz
