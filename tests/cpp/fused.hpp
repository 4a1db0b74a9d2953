#pragma once

#include <type_traits>
#include <utility>
#include <vector>

#include "backnorm/batch_norm.hpp"
#include "catch.hpp"
#include "support.hpp"

/// What the tests of the fused kernels share.
namespace backnorm::test {

template <typename T>
using Const = std::span<const T>;

/// A tensor with its outputs, filled with a mark that tells whether they were written.
template <typename T>
struct Fused {
  Layout layout;
  std::vector<T> x{}, gamma{}, beta{}, dy{};
  double eps = 1e-5;
  int ddof = 0;
  std::vector<double> mean{}, invstd{};
  std::vector<T> y{}, dx{}, dgamma{}, dbeta{};

  static constexpr T kMark = T(-77);

  void mark_outputs() {
    mean.assign(layout.channels, -77.0);
    invstd.assign(layout.channels, -77.0);
    y.assign(layout.size(), kMark);
    dx.assign(layout.size(), kMark);
    dgamma.assign(layout.channels, kMark);
    dbeta.assign(layout.channels, kMark);
  }
  Status forward() {
    return batch_norm_forward<T>(layout, x, {.gamma = gamma, .beta = beta}, eps, ddof,
                                 {.mean = mean, .invstd = invstd}, y);
  }
  Status backward() {
    return batch_norm_backward<T>(layout, {.dy = dy, .x = x}, gamma, ddof, {.mean = mean, .invstd = invstd},
                                  {.dx = dx, .dgamma = dgamma, .dbeta = dbeta});
  }
  void run() {
    mark_outputs();
    REQUIRE(status_code(forward()) == "ok");
    REQUIRE(status_code(backward()) == "ok");
  }
};

template <typename T>
Fused<T> draw_fused(Random& random, Layout layout) {
  return {layout, random.normals<T>(layout.size(), 2.0, 1.0), random.normals<T>(layout.channels),
          random.normals<T>(layout.channels), random.normals<T>(layout.size())};
}

/// The fused formulas in Bounded arithmetic: they bound the rounding of any kernel that evaluates them.
struct FusedBounds {
  std::vector<Bounded<double>> mean, invstd, y, dx, dgamma, dbeta;
};

template <typename T>
FusedBounds fused_bounds(const Fused<T>& fused) {
  using Number = Bounded<double>;
  const Layout layout = fused.layout;
  FusedBounds out;
  out.y.resize(layout.size());
  out.dx.resize(layout.size());
  const Number m = static_cast<double>(layout.values_per_channel());
  for (std::size_t c = 0; c < layout.channels; ++c) {
    std::vector<std::size_t> at;
    for (std::size_t i = 0; i < layout.size(); ++i) {
      if (i / layout.inner % layout.channels == c) at.push_back(i);
    }
    const auto number = [](T value) { return Number(static_cast<double>(value)); };
    Number sum = 0.0, sq = 0.0, dbeta = 0.0, dgamma = 0.0;
    for (const std::size_t i : at) sum = sum + number(fused.x[i]);
    const Number mean = sum / m;
    for (const std::size_t i : at) sq = sq + (number(fused.x[i]) - mean) * (number(fused.x[i]) - mean);
    const Number invstd = Number(1.0) / sqrt(sq / (m - Number(fused.ddof)) + Number(fused.eps));
    const auto xhat = [&](std::size_t i) { return (number(fused.x[i]) - mean) * invstd; };
    const Number gamma = number(fused.gamma.empty() ? T(1) : fused.gamma[c]);
    const Number beta = number(fused.beta.empty() ? T(0) : fused.beta[c]);
    for (const std::size_t i : at) {
      dbeta = dbeta + number(fused.dy[i]);
      dgamma = dgamma + number(fused.dy[i]) * xhat(i);
      out.y[i] = xhat(i) * gamma + beta;
    }
    for (const std::size_t i : at) {
      const Number kept = number(fused.dy[i]) - dbeta / m - xhat(i) * (dgamma / (m - Number(fused.ddof)));
      out.dx[i] = gamma * invstd * kept;
    }
    out.mean.push_back(mean);
    out.invstd.push_back(invstd);
    out.dgamma.push_back(dgamma);
    out.dbeta.push_back(dbeta);
  }
  return out;
}

/// Twice the float64 bound, for either side, and the last rounding to T: the kernel is float64 inside.
template <typename T>
auto within(const std::vector<Bounded<double>>& bounds) {
  return [&bounds](std::size_t i) {
    const double last =
        std::is_same_v<T, float> ? Bounded<T>::half_ulp(static_cast<T>(bounds[i].value)) : 0.0;
    return 2 * bounds[i].error + 1.001 * last;
  };
}

}  // namespace backnorm::test
