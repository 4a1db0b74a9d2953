#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "backnorm/graph.hpp"

namespace backnorm {

/// The length that `bend` names, in a column with this std = sqrt(S); m = N - ddof. Infinite if the loss is
/// linear.
double bend_length(Bend bend, double std, double m) noexcept;

/// The largest |value| of one column, or 1 if all are 0.
double column_scale(std::span<const double> values, std::size_t columns, std::size_t column) noexcept;

/// Half the distance between the two points of a central difference at `value`.
///
/// Truncation grows as h², round-off as u/h. With the length l over which the loss bends, their sum is least
/// near
///   h = (u · max(|value|, l) · l²)^(1/3),    u = 2^-53.
/// Where the loss is linear (l infinite) there is no truncation, and h may be as large as the values:
/// `scale`.
double difference_step(double value, double length, double scale) noexcept;

/// Central differences of L = Σ dy·y at every node of the graph, in float64.
///
/// A difference moves values of one node, keeps the node's inputs, and recomputes everything downstream.
/// Columns are independent in batch norm, so one moved row serves all columns at once: the N·D derivatives of
/// a matrix cost 2·N forward passes, and those of a row cost two. Each column differences its own part of the
/// loss, output by output, since the total would cancel.
///
/// Truncation is bounded without a second difference. Moving x, mean or xc by t moves xc by t·d, so that
///   L(t) = gamma·(Σ dy·xc + t·⟨dy, d⟩)·S(t)^(-1/2),
///   S(t) = S·(1 + 2uτ + τ²),    τ = t·‖d‖ / sqrt(m·S),    |u| ≤ 1 by Cauchy and Schwarz.
/// (1 + 2uτ + τ²)^(-1/2) = Σ P_n(-u)·τⁿ is the generating function of Legendre's polynomials, and |P_n| ≤ 1
/// there. The odd powers that a central difference keeps add up to at most
///   τ²/(1 - τ²) · |gamma|·(|⟨dy, d⟩|/sqrt(S) + ‖d‖·|Σ dy·xc| / (sqrt(m)·S))
/// with ‖d‖² = 1 at xc, 1 - 1/N at x and N at the mean. Downstream of xc, L is the power -1/2 of S (at std:
/// -1), a binomial series in τ = t/S (t/std; at sq t/(m·S)) with coefficients below 3/8 (1). If rounding puts
/// the two points at distances a and b from the middle, the even powers leave |a - b|·τ/(t·(1 - τ²)²) of the
/// same. The sums are over absolute values, so that cancellation can't make the bound too small.
class NumericGradient {
 public:
  /// base: the pass to move around, as evaluate left it. dy: the gradient of y. Both are copied.
  Status prepare(Settings settings, const Tensors<Bounded<double>>& base,
                 std::span<const double> dy) noexcept;

  /// The number of rows that `difference` takes for one node: N for a matrix, 1 for a row.
  std::size_t rows(NodeId id) const noexcept;

  /// Differences the rows [begin, end) of one node, so that a long run can be cut into slices.
  void difference(NodeId id, std::size_t begin, std::size_t end) noexcept;

  /// The differences of a node, in its shape; 0 where none was computed yet.
  std::span<const double> gradient(NodeId id) const noexcept { return gradients_[id]; }
  /// The largest distance of each from the derivative at the base point: truncation and round-off of both
  /// sides.
  std::span<const double> bound(NodeId id) const noexcept { return bounds_[id]; }

 private:
  void find_series(NodeId id) noexcept;
  void find_noise(NodeId id) noexcept;
  void move_row(NodeId id, std::size_t row, double side) noexcept;
  void difference_row(NodeId id, std::size_t row) noexcept;
  double truncation(NodeId id, std::size_t row, std::size_t c) const noexcept;
  void restore(NodeId id, Reach moved, std::size_t row) noexcept;

  struct Column {
    // per case
    double dy_size;  // Σ |dy|
    double loss;     // Σ |dy·scaled|
    // per node
    double length, scale;        // the arguments of difference_step
    double radius, size, slope;  // of the series, see find_series
    double noise;                // Σ noise_
    // per moved row
    double step;
    double plus;   // the upper point
    double width;  // the distance of the two points
  };

  Settings settings_;
  std::optional<NodeId> prepared_;  // the node of columns_ and noise_
  Tensors<double> base_;
  Tensors<double> moved_;
  Tensors<Ranged> noisy_;
  Tensors<double> gradients_;
  Tensors<double> bounds_;
  Buffer<double> dy_;      // (N, D)
  Buffer<double> y_plus_;  // (N, D)
  Buffer<double> noise_;   // (N, D): the error of dy·(y₊ - y₋) from rounding
  Buffer<Column> columns_;
  Buffer<double> derivative_, terms_;  // (D), contiguous so that the loop that sums them vectorises
};

}  // namespace backnorm
