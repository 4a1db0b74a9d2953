#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "backnorm/norm.hpp"
#include "catch.hpp"
#include "support.hpp"

/// What the tests of the fused passes of layer, group, instance and RMS norm share.
namespace backnorm::test::norms {

/// A tensor of a norm with its outputs.
template <typename T>
struct Normed {
  GroupLayout layout;
  NormRule rule{};
  std::vector<T> x{}, gamma{}, beta{}, dy{};
  std::vector<double> mean{}, invstd{}, of_dgamma{}, of_dbeta{};
  std::vector<T> y{}, dx{}, dgamma{}, dbeta{};

  void make_room() {
    const std::size_t shifts = rule.rms ? 0 : layout.channels;
    mean.assign(rule.rms ? 0 : layout.statistics(), -77.0);
    invstd.assign(layout.statistics(), -77.0);
    y.assign(layout.size(), T(-77));
    dx.assign(layout.size(), T(-77));
    of_dgamma.assign(layout.channels, -77.0);
    of_dbeta.assign(shifts, -77.0);
    dgamma.assign(layout.channels, T(-77));
    dbeta.assign(shifts, T(-77));
  }
  Status forward() {
    return norm_forward<T>(layout, rule, x, {.gamma = gamma, .beta = beta}, {.mean = mean, .invstd = invstd},
                           y);
  }
  Status backward() {
    return norm_backward<T>(layout, rule, {.dy = dy, .x = x}, gamma, {.mean = mean, .invstd = invstd},
                            {.dbeta = of_dbeta, .dgamma = of_dgamma},
                            {.dx = dx, .dgamma = dgamma, .dbeta = dbeta});
  }
  void run() {
    make_room();
    REQUIRE(status_code(forward()) == "ok");
    REQUIRE(status_code(backward()) == "ok");
  }
};

template <typename T>
Normed<T> draw_normed(Random& random, GroupLayout layout, NormRule rule = {}, double mean = 2.0) {
  Normed<T> of{layout, rule};
  of.x = random.normals<T>(layout.size(), 1.0, mean);
  of.gamma = random.normals<T>(layout.channels);
  if (!rule.rms) of.beta = random.normals<T>(layout.channels);
  of.dy = random.normals<T>(layout.size());
  return of;
}

/// The formulas of the header in long double. It finds group and channel of a value by division, one after
/// the other, and shares no loop with the core.
struct LongDoubles {
  std::vector<long double> y, dx, dgamma, dbeta, mean, invstd;
};

template <typename T>
LongDoubles in_long_double(const Normed<T>& of) {
  const std::size_t size = of.layout.size();
  const auto channel = [&](std::size_t i) { return i / of.layout.after % of.layout.channels; };
  const auto group = [&](std::size_t i) {
    const std::size_t sample = i / (of.layout.before * of.layout.channels * of.layout.after);
    return sample * of.layout.groups + channel(i) * of.layout.groups / of.layout.channels;
  };
  const auto x = [&](std::size_t i) { return static_cast<long double>(of.x[i]); };
  const auto dy = [&](std::size_t i) { return static_cast<long double>(of.dy[i]); };
  const auto gamma = [&](std::size_t i) {
    if (of.gamma.empty()) return 1.0L;
    return static_cast<long double>(of.gamma[channel(i)]) + (of.rule.unit_offset ? 1.0L : 0.0L);
  };
  const auto m = static_cast<long double>(of.layout.values_per_group());
  const long double of_var = m - static_cast<long double>(of.rule.ddof);
  const std::size_t count = of.layout.statistics();
  LongDoubles out;
  out.mean.assign(count, 0);
  out.dgamma.assign(of.layout.channels, 0);
  out.dbeta.assign(of.layout.channels, 0);
  std::vector<long double> var(count, 0), p(count, 0), q(count, 0);
  for (std::size_t i = 0; i < size && !of.rule.rms; ++i) out.mean[group(i)] += x(i) / m;
  const auto xc = [&](std::size_t i) { return x(i) - out.mean[group(i)]; };
  for (std::size_t i = 0; i < size; ++i) var[group(i)] += xc(i) * xc(i) / of_var;
  for (const long double one : var) {
    out.invstd.push_back(1 / std::sqrt(one + static_cast<long double>(of.rule.eps)));
  }
  const auto xhat = [&](std::size_t i) { return xc(i) * out.invstd[group(i)]; };
  for (std::size_t i = 0; i < size; ++i) {
    out.y.push_back(xhat(i) * gamma(i) +
                    (of.beta.empty() ? 0 : static_cast<long double>(of.beta[channel(i)])));
    out.dgamma[channel(i)] += dy(i) * xhat(i);
    out.dbeta[channel(i)] += dy(i);
    if (!of.rule.rms) p[group(i)] += dy(i) * gamma(i) / m;
    q[group(i)] += dy(i) * gamma(i) * xhat(i) / of_var;
  }
  for (std::size_t i = 0; i < size; ++i) {
    out.dx.push_back(out.invstd[group(i)] * (dy(i) * gamma(i) - p[group(i)] - xhat(i) * q[group(i)]));
  }
  if (of.rule.rms) out.mean.clear();
  if (of.rule.rms) out.dbeta.clear();
  return out;
}

/// The largest |got - want|.
template <typename T>
double distance(const std::vector<T>& got, const std::vector<long double>& want) {
  REQUIRE(got.size() == want.size());
  long double most = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const long double off = std::abs(static_cast<long double>(got[i]) - want[i]);
    if (!(off <= most)) most = off;  // a NaN counts
  }
  return static_cast<double>(most);
}

inline GroupLayout layer(std::size_t samples, std::size_t size) {
  return {.samples = samples, .channels = size};
}

/// Sizes around 512, where partial sums end, and every order of axes.
inline const std::vector<GroupLayout> kLayouts = {
    layer(1, 1),      layer(4, 5),      layer(3, 511),     layer(2, 512),   layer(2, 513),
    layer(5, 1500),   layer(700, 3),    {2, 1, 6, 20, 2},  {3, 1, 6, 1, 3}, {2, 1, 4, 300, 1},
    {2, 1, 5, 49, 5}, {2, 20, 6, 1, 3}, {1, 700, 2, 1, 2}, {2, 3, 4, 5, 2},
};

}  // namespace backnorm::test::norms
