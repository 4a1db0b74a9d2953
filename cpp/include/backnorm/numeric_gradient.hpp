#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "backnorm/graph.hpp"

namespace backnorm {

/// Half the distance between the two points of a central difference at `value`.
///
/// Truncation grows as h², round-off as u/h. With the length l over which the loss bends, both are least near
///   h = (u · max(|value|, l) · l²)^(1/3),    u = 2^-53.
/// Where the loss is linear (l infinite) there is no truncation, and h may be as large as the values:
/// `scale`.
double difference_step(double value, double length, double scale) noexcept;

/// Central differences of L = Σ dy·y at every node of the graph, in float64.
///
/// A difference moves values of one node, keeps what that node was computed from, and recomputes what lies
/// downstream. Columns do not meet in batch norm, so one moved row serves all columns at once: the N·D
/// derivatives of a matrix cost 2·N forward passes, and those of a row two. Each column differences its own
/// part of the loss, output by output, since the total would cancel.
/// Where the loss bends, the difference is taken again with twice the step: that it moves no further than
/// the square of the step allows is what bounds its truncation.
class NumericGradient {
 public:
  /// base: the pass to move about, as evaluate left it. dy: the gradient of y. Both are copied.
  Status prepare(Settings settings, const Tensors<Bounded<double>>& base,
                 std::span<const double> dy) noexcept;

  /// How many rows `difference` takes for one node: N for a matrix, 1 for a row.
  std::size_t rows(NodeId id) const noexcept;

  /// Differences the rows [begin, end) of one node, so that a long run can be cut into slices.
  void difference(NodeId id, std::size_t begin, std::size_t end) noexcept;

  /// The differences of a node, in its shape; 0 where none was taken yet.
  std::span<const double> gradient(NodeId id) const noexcept { return gradients_[id]; }
  /// How far each may lie from the derivative at the base point: truncation and round-off of both sides.
  std::span<const double> bound(NodeId id) const noexcept { return bounds_[id]; }

 private:
  double length(NodeId id, std::size_t column) const noexcept;
  void find_noise(NodeId id) noexcept;
  void move_row(NodeId id, std::size_t row, double factor) noexcept;
  void difference_row(NodeId id, std::size_t row, double factor, std::span<double> derivative) noexcept;

  Settings settings_;
  std::optional<NodeId> noise_of_;  // the node that noise_ and scale_ are about
  Tensors<double> base_;
  Tensors<double> moved_;
  Tensors<Bounded<double>> noisy_;
  Tensors<double> gradients_;
  Tensors<double> bounds_;
  Buffer<double> dy_;      // (N, D)
  Buffer<double> y_plus_;  // (N, D)
  Buffer<double> row_;     // seven rows of D, below
  std::span<double> step_, width_, noise_, scale_, terms_, single_, doubled_;
};

}  // namespace backnorm
