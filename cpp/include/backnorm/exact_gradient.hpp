#pragma once

#include <cstddef>
#include <span>

#include "backnorm/graph.hpp"

namespace backnorm {

/// Derivatives of L = Σ dy·y at every node of the graph, by dual numbers on the forward pass.
///
/// There is no step, no truncation and no cancellation of two losses; only rounding remains. It shares the
/// forward pass with the staged gradient and nothing with the backward pass, so it can serve as the reference
/// for that. Groups are independent, so one pass serves a row of all groups: the M·G derivatives of elements
/// cost M forward passes. Each value of y depends on one gamma and one beta, so one pass serves all of them.
class ExactGradient {
 public:
  /// base: the values to differentiate at, as evaluate left them. dy: the gradient of y. Both are copied.
  Status prepare(Settings settings, const Tensors<ProgramNumber>& base, std::span<const double> dy) noexcept;

  /// Differentiates by the rows [begin, end) of one node, out of N for a matrix and 1 for a row.
  void differentiate(NodeId id, std::size_t begin, std::size_t end) noexcept;

  /// The derivatives of a node, in its shape; 0 where none was computed yet.
  std::span<const double> gradient(NodeId id) const noexcept { return gradients_[id]; }

 private:
  void forget(NodeId id, Reach moved, std::size_t begin, std::size_t end) noexcept;

  Settings settings_;
  Tensors<double> values_;
  Tensors<double> tangents_;  // 0 except while a row is differentiated
  Tensors<double> gradients_;
  Buffer<double> dy_;  // (M, G)
};

/// The largest error of derivatives by dual numbers from what the tangents and the products with dy lose
/// below the smallest normal number. sizes: as size_terms leaves them. lost: one value per lane.
/// kOutOfMemory or kOk.
Status bound_underflow(const Trace<Magnitude>& sizes, Lanes& lost) noexcept;

}  // namespace backnorm
