#pragma once

#include <cstddef>
#include <span>

#include "backnorm/graph.hpp"

namespace backnorm {

/// Derivatives of L = Σ dy·y at every node of the graph, by dual numbers on the forward pass.
///
/// No step, no truncation, no cancellation of two losses: what is left is rounding. It shares the forward
/// pass with the staged gradient and nothing of the backward pass, which is what makes it a judge of that.
/// Columns do not meet in batch norm, so that one pass serves a row of all columns: the N·D derivatives of a
/// matrix cost N forward passes.
class ExactGradient {
 public:
  /// base: the values to differentiate at, as evaluate left them. dy: the gradient of y. Both are copied.
  Status prepare(Settings settings, const Tensors<Bounded<double>>& base,
                 std::span<const double> dy) noexcept;

  /// Differentiates by the rows [begin, end) of one node: of N for a matrix, of 1 for a row.
  void differentiate(NodeId id, std::size_t begin, std::size_t end) noexcept;

  /// The derivatives of a node, in its shape; 0 where none was taken yet.
  std::span<const double> gradient(NodeId id) const noexcept { return gradients_[id]; }

 private:
  void forget(NodeId id, Reach moved, std::size_t row) noexcept;

  Settings settings_;
  Tensors<double> values_;
  Tensors<double> tangents_;  // 0 but while a row is differentiated
  Tensors<double> gradients_;
  Buffer<double> dy_;  // (N, D)
};

}  // namespace backnorm
