#pragma once

#include <cmath>
#include <vector>

#include "norm_case.hpp"
#include "support.hpp"

/// Drawn cases of all norms, and their formulas written down once more, on a tensor of (N, S, C).
namespace backnorm::test {

/// The same tensor in the order (N, S, C).
inline Grouping plain(const Grouping& grouping) {
  return grouping_of(Norm::kBatch, grouping.samples, grouping.channels, grouping.positions);
}

template <typename T>
NormCase<T> draw(Random& random, const Grouping& grouping, double mean, double spread, double eps) {
  const bool is_rms = grouping.norm == Norm::kRms;
  const std::size_t size = grouping.rows * grouping.columns;
  NormCase<T> one{.grouping = grouping, .eps = eps};
  one.x = random.normals<T>(size, spread, mean);
  one.gamma = random.normals<T>(grouping.channels);
  one.beta = random.normals<T>(is_rms ? 0 : grouping.channels);
  one.dy = random.normals<T>(size);
  one.ddof = !is_rms && grouping.rows > 1 ? static_cast<int>(random.integer(0, 1)) : 0;
  one.unit_offset = is_rms && random.uniform() < 0.5;
  return one;
}

/// A random grouping of each norm, groups of one value included.
inline Grouping draw_grouping(Random& random, Norm norm) {
  const std::size_t groups = random.size(1, 3);
  return shaped(norm, random.size(1, 4), groups * random.size(1, 4), random.size(1, 5), groups);
}

/// The norm's formulas with sums in long double, in the order (N, S, C).
struct Formulas {
  std::vector<long double> y, dx, dgamma, dbeta, mean, var;

  template <typename T>
  explicit Formulas(const NormCase<T>& one) {
    const Grouping& grouping = one.grouping;
    const std::size_t channels = grouping.channels;
    const std::size_t size = one.x.size();
    const Regrouping at(plain(grouping), grouping);
    const bool is_rms = grouping.norm == Norm::kRms;
    // the group of a value, as the definition of each norm says
    const auto group_of = [&](std::size_t i) {
      const std::size_t c = i % channels;
      const std::size_t n = i / channels / grouping.positions;
      switch (grouping.norm) {
        case Norm::kBatch: return c;
        case Norm::kInstance: return n * channels + c;
        case Norm::kGroup: return n * grouping.groups + c / (channels / grouping.groups);
        default: return n;
      }
    };
    const std::size_t groups = grouping.columns;
    mean.resize(groups), var.resize(groups), dgamma.resize(channels), dbeta.resize(channels);
    y.resize(size), dx.resize(size);
    std::vector<long double> sum(groups), along(groups), xhat(size), dxhat(size);
    const auto m = static_cast<long double>(size / groups);
    const auto x = [&](std::size_t i) { return static_cast<long double>(one.x[at(i)]); };
    const auto dy = [&](std::size_t i) { return static_cast<long double>(one.dy[at(i)]); };
    for (std::size_t i = 0; i < size && !is_rms; ++i) mean[group_of(i)] += x(i) / m;
    for (std::size_t i = 0; i < size; ++i) {
      const long double xc = x(i) - mean[group_of(i)];
      var[group_of(i)] += xc * xc / (m - one.ddof);
    }
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t g = group_of(i), c = i % channels;
      const long double gamma = (one.unit_offset ? 1.0L : 0.0L) + static_cast<long double>(one.gamma[c]);
      xhat[i] = (x(i) - mean[g]) / std::sqrt(var[g] + one.eps);
      dxhat[i] = dy(i) * gamma;
      y[i] = xhat[i] * gamma + (is_rms ? 0.0L : static_cast<long double>(one.beta[c]));
      dgamma[c] += dy(i) * xhat[i];
      dbeta[c] += dy(i);
      sum[g] += dxhat[i];
      along[g] += dxhat[i] * xhat[i];
    }
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t g = group_of(i);
      const long double through_mean = is_rms ? 0.0L : sum[g] / m;
      dx[i] = (dxhat[i] - through_mean - xhat[i] * along[g] / (m - one.ddof)) / std::sqrt(var[g] + one.eps);
    }
  }
};

}  // namespace backnorm::test
