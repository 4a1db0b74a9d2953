#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "support.hpp"

/// Batch norm by hand: plain loops over one channel after another, six steps back, no table.
/// An independent reference for the staged graph. On Bounded<double> it also bounds its own rounding, and
/// with it NumPy's, which runs the same operations in the same order; on long double it serves as the exact
/// answer.
namespace backnorm::test {

template <typename T>
struct SixSteps {
  std::array<std::vector<T>, kNodeCount> values;
  std::array<std::vector<T>, kNodeCount> gradients;

  std::vector<T>& value(NodeId id) { return values[place(id)]; }
  const std::vector<T>& value(NodeId id) const { return values[place(id)]; }
  std::vector<T>& gradient(NodeId id) { return gradients[place(id)]; }
  const std::vector<T>& gradient(NodeId id) const { return gradients[place(id)]; }
};

/// Does moving `kept` move `id`? Written out by hand: x and what follows it is a chain, gamma and beta join
/// late.
constexpr bool moves(NodeId kept, NodeId id) {
  if (kept == NodeId::kGamma) return id == NodeId::kScaled || id == NodeId::kY;
  if (kept == NodeId::kBeta) return id == NodeId::kY;
  return id != NodeId::kGamma && id != NodeId::kBeta && place(id) > place(kept);
}

/// Recomputes what `kept` moves, then all gradients. The values must hold `kept` and all that it doesn't
/// move.
template <typename T>
void six_steps_from(NodeId kept, std::size_t rows, std::size_t columns, double eps, int ddof,
                    SixSteps<T>& pass) {
  using std::sqrt;
  const auto value = [&](NodeId id) -> std::vector<T>& { return pass.value(id); };
  const auto gradient = [&](NodeId id) -> std::vector<T>& { return pass.gradient(id); };
  std::vector<T>&x = value(NodeId::kX), &gamma = value(NodeId::kGamma), &beta = value(NodeId::kBeta),
  &mean = value(NodeId::kMean), &xc = value(NodeId::kXc), &sq = value(NodeId::kSq),
  &var = value(NodeId::kVar), &std = value(NodeId::kStd), &invstd = value(NodeId::kInvstd),
  &xhat = value(NodeId::kXhat), &scaled = value(NodeId::kScaled), &y = value(NodeId::kY);
  std::vector<T>&dy = gradient(NodeId::kY), &dbeta = gradient(NodeId::kBeta),
  &dgamma = gradient(NodeId::kGamma), &dscaled = gradient(NodeId::kScaled), &dxhat = gradient(NodeId::kXhat),
  &dinvstd = gradient(NodeId::kInvstd), &dstd = gradient(NodeId::kStd), &dvar = gradient(NodeId::kVar),
  &dsq = gradient(NodeId::kSq), &dxc = gradient(NodeId::kXc), &dmean = gradient(NodeId::kMean),
  &dx = gradient(NodeId::kX);
  const T n = T(static_cast<double>(rows));
  const T m = T(static_cast<double>(rows) - ddof);

  for (std::size_t c = 0; c < columns; ++c) {
    const auto sum = [&](auto term) {
      T total = 0.0;
      for (std::size_t i = c; i < rows * columns; i += columns) total = total + term(i);
      return total;
    };
    const auto each = [&](std::vector<T>& out, auto term) {
      for (std::size_t i = c; i < rows * columns; i += columns) out[i] = term(i);
    };

    if (moves(kept, NodeId::kMean)) mean[c] = sum([&](auto i) { return x[i]; }) / n;
    if (moves(kept, NodeId::kXc)) each(xc, [&](auto i) { return x[i] - mean[c]; });
    if (moves(kept, NodeId::kSq)) each(sq, [&](auto i) { return xc[i] * xc[i]; });
    if (moves(kept, NodeId::kVar)) var[c] = sum([&](auto i) { return sq[i]; }) / m;
    if (moves(kept, NodeId::kStd)) std[c] = sqrt(var[c] + T(eps));
    if (moves(kept, NodeId::kInvstd)) invstd[c] = T(1.0) / std[c];
    if (moves(kept, NodeId::kXhat)) each(xhat, [&](auto i) { return xc[i] * invstd[c]; });
    if (moves(kept, NodeId::kScaled)) each(scaled, [&](auto i) { return xhat[i] * gamma[c]; });
    if (moves(kept, NodeId::kY)) each(y, [&](auto i) { return scaled[i] + beta[c]; });

    dbeta[c] = sum([&](auto i) { return dy[i]; });  // step 1
    each(dscaled, [&](auto i) { return dy[i]; });
    dgamma[c] = sum([&](auto i) { return dscaled[i] * xhat[i]; });  // step 2
    each(dxhat, [&](auto i) { return dscaled[i] * gamma[c]; });     // step 3
    dinvstd[c] = sum([&](auto i) { return dxhat[i] * xc[i]; });
    dstd[c] = -dinvstd[c] / (std[c] * std[c]);
    dvar[c] = dstd[c] / (T(2.0) * std[c]);  // step 4
    each(dsq, [&](auto) { return dvar[c] / m; });
    each(dxc, [&](auto i) { return dxhat[i] * invstd[c] + dsq[i] * T(2.0) * xc[i]; });
    dmean[c] = -sum([&](auto i) { return dxc[i]; });          // step 5
    each(dx, [&](auto i) { return dxc[i] + dmean[c] / n; });  // step 6
  }
}

/// Both passes from the inputs, in T.
template <typename T, typename Number>
SixSteps<T> six_steps(const Batch<Number>& batch) {
  SixSteps<T> pass;
  for (const Node& node : kNodes) {
    const std::size_t size = node.extent == Extent::kElements ? batch.rows * batch.columns : batch.columns;
    pass.value(node.id).resize(size);
    pass.gradient(node.id).resize(size);
  }
  const auto copy = [](const std::vector<Number>& from, std::vector<T>& to) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = T(static_cast<double>(from[i]));
  };
  copy(batch.x, pass.value(NodeId::kX));
  copy(batch.gamma, pass.value(NodeId::kGamma));
  copy(batch.beta, pass.value(NodeId::kBeta));
  copy(batch.dy, pass.gradient(NodeId::kY));
  six_steps_from(NodeId::kX, batch.rows, batch.columns, batch.eps, batch.ddof, pass);
  return pass;
}

/// The derivative at every node, in long double, at the point where `values` stand: what a finite difference
/// estimates. Each node keeps its own rounded value and those that it doesn't move.
template <typename Value, typename Number>
SixSteps<long double> derivatives_at(const Tensors<Value>& values, const Batch<Number>& batch) {
  SixSteps<long double> all = six_steps<long double>(batch);
  SixSteps<long double> pass = all;
  for (const Node& kept : kNodes) {
    for (const Node& node : kNodes) {
      for (std::size_t i = 0; i < values.size(node.id); ++i) {
        pass.value(node.id)[i] = static_cast<long double>(values[node.id][i].value);
      }
    }
    six_steps_from(kept.id, batch.rows, batch.columns, batch.eps, batch.ddof, pass);
    all.gradient(kept.id) = pass.gradient(kept.id);
  }
  return all;
}

}  // namespace backnorm::test
