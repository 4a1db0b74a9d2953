#pragma once

#include <numeric>
#include <span>
#include <vector>

#include "norms.hpp"
#include "six_steps.hpp"

/// Every norm by hand: plain loops over one group after another, and over one parameter after another. Knows
/// neither the tables nor the index formula of grouping.hpp.
namespace backnorm::test {

/// The channel of a value, by the table in grouping.hpp.
inline std::size_t channel_of(const Grouping& grouping, std::size_t row, std::size_t column) {
  switch (grouping.norm) {
    case Norm::kBatch: return column;
    case Norm::kInstance: return column % grouping.channels;
    case Norm::kGroup: {
      const std::size_t first = column % grouping.groups * (grouping.channels / grouping.groups);
      return first + row / grouping.positions;
    }
    default: return row / grouping.positions;
  }
}

/// Both passes in T. order: in which rows are added up; else as they lie. The nodes that RMS norm lacks are
/// empty; ms, rms and invrms are at var, std and invstd.
template <typename T, typename Number>
SixSteps<T> norm_steps(const NormCase<Number>& kase, std::span<const std::size_t> order = {}) {
  using enum NodeId;
  using std::sqrt;
  const Grouping& grouping = kase.grouping;
  const std::size_t rows = grouping.rows, columns = grouping.columns, channels = grouping.channels;
  const bool centred = grouping.norm != Norm::kRms;
  std::vector<std::size_t> as_they_lie(rows);
  std::iota(as_they_lie.begin(), as_they_lie.end(), 0);
  if (order.empty()) order = as_they_lie;

  SixSteps<T> pass;
  const auto made = [](std::vector<T>& out, std::size_t size, auto term) -> std::vector<T>& {
    out.resize(size);
    for (std::size_t i = 0; i < size; ++i) out[i] = term(i);
    return out;
  };
  const auto given = [&](std::vector<T>& out, const std::vector<Number>& from) -> std::vector<T>& {
    return made(out, from.size(), [&](auto i) { return T(static_cast<double>(from[i])); });
  };
  const auto elements = [&](std::vector<T>& out, auto term) -> std::vector<T>& {
    return made(out, rows * columns, [&](auto i) { return term(i, i % columns); });
  };
  const auto statistics = [&](std::vector<T>& out, auto term) -> std::vector<T>& {
    return made(out, columns, term);
  };
  const auto total = [&](std::size_t column, auto term) {
    T sum = 0.0;
    for (const std::size_t row : order) sum = sum + term(row * columns + column);
    return sum;
  };
  const auto parameters = [&](std::vector<T>& out, auto term) -> std::vector<T>& {
    return made(out, channels, [&](auto channel) {
      T sum = 0.0;
      for (const std::size_t row : order) {
        for (std::size_t column = 0; column < columns; ++column) {
          if (channel_of(grouping, row, column) == channel) sum = sum + term(row * columns + column);
        }
      }
      return sum;
    });
  };
  const auto channel = [&](std::size_t i) { return channel_of(grouping, i / columns, i % columns); };
  const T n = T(static_cast<double>(rows));
  const T m = T(static_cast<double>(rows) - kase.ddof);

  const auto& x = given(pass.value(kX), kase.x);
  const auto& gamma = given(pass.value(kGamma), kase.gamma);
  const auto& dy = given(pass.gradient(kY), kase.dy);
  const auto weight = [&](std::size_t i) {
    return kase.unit_offset ? T(1.0) + gamma[channel(i)] : gamma[channel(i)];
  };
  if (centred) {
    const auto& mean =
        statistics(pass.value(kMean), [&](auto c) { return total(c, [&](auto i) { return x[i]; }) / n; });
    elements(pass.value(kXc), [&](auto i, auto c) { return x[i] - mean[c]; });
  }
  const auto& xc = centred ? pass.value(kXc) : x;
  const auto& sq = elements(pass.value(kSq), [&](auto i, auto) { return xc[i] * xc[i]; });
  const auto& var =
      statistics(pass.value(kVar), [&](auto c) { return total(c, [&](auto i) { return sq[i]; }) / m; });
  const auto& std = statistics(pass.value(kStd), [&](auto c) { return sqrt(var[c] + T(kase.eps)); });
  const auto& invstd = statistics(pass.value(kInvstd), [&](auto c) { return T(1.0) / std[c]; });
  const auto& xhat = elements(pass.value(kXhat), [&](auto i, auto c) { return xc[i] * invstd[c]; });
  if (centred) {
    const auto& beta = given(pass.value(kBeta), kase.beta);
    const auto& scaled = elements(pass.value(kScaled), [&](auto i, auto) { return xhat[i] * weight(i); });
    elements(pass.value(kY), [&](auto i, auto) { return scaled[i] + beta[channel(i)]; });
    parameters(pass.gradient(kBeta), [&](auto i) { return dy[i]; });
    pass.gradient(kScaled) = dy;
  } else {
    elements(pass.value(kY), [&](auto i, auto) { return xhat[i] * weight(i); });
  }

  parameters(pass.gradient(kGamma), [&](auto i) { return dy[i] * xhat[i]; });
  const auto& dxhat = elements(pass.gradient(kXhat), [&](auto i, auto) { return dy[i] * weight(i); });
  const auto& dinvstd = statistics(
      pass.gradient(kInvstd), [&](auto c) { return total(c, [&](auto i) { return dxhat[i] * xc[i]; }); });
  const auto& dstd = statistics(pass.gradient(kStd), [&](auto c) { return -dinvstd[c] / (std[c] * std[c]); });
  const auto& dvar = statistics(pass.gradient(kVar), [&](auto c) { return dstd[c] / (T(2.0) * std[c]); });
  const auto& dsq = elements(pass.gradient(kSq), [&](auto, auto c) { return dvar[c] / m; });
  const auto dxc = [&](auto i, auto c) { return dxhat[i] * invstd[c] + dsq[i] * T(2.0) * xc[i]; };
  if (!centred) {
    elements(pass.gradient(kX), dxc);
    return pass;
  }
  const auto& of_xc = elements(pass.gradient(kXc), dxc);
  const auto& dmean =
      statistics(pass.gradient(kMean), [&](auto c) { return -total(c, [&](auto i) { return of_xc[i]; }); });
  elements(pass.gradient(kX), [&](auto i, auto c) { return of_xc[i] + dmean[c] / n; });
  return pass;
}

}  // namespace backnorm::test
