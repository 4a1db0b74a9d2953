#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "backnorm/graph.hpp"

namespace backnorm {

/// The length that `bend` names, in a group with this std = sqrt(S); m = M - ddof. Infinite if the loss is
/// linear.
double bend_length(Bend bend, double std, double m) noexcept;

/// The largest |value| of one lane, or 1 if all are 0.
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
/// Groups are independent, so one moved row serves all of them at once: the M·G derivatives of elements cost
/// 2·M forward passes, and those of statistics cost two. Each value of y depends on one gamma and one beta,
/// so two passes serve all of a parameter's. Each group, or parameter, differences its own part of the loss,
/// output by output, since the total would cancel.
///
/// Truncation is bounded without a second difference. In one group, where dxhat = dy·gamma and gamma may
/// vary, moving x, mean or xc by t moves xc by t·d, so that
///   L(t) = (Σ dxhat·xc + t·⟨dxhat, d⟩)·S(t)^(-1/2),
///   S(t) = S·(1 + 2uτ + τ²),    τ = t·‖d‖ / sqrt(m·S),    |u| ≤ 1 by Cauchy and Schwarz.
/// (1 + 2uτ + τ²)^(-1/2) = Σ P_n(-u)·τⁿ is the generating function of Legendre's polynomials, and |P_n| ≤ 1
/// there. The odd powers that a central difference keeps add up to at most
///   τ²/(1 - τ²) · (|⟨dxhat, d⟩|/sqrt(S) + ‖d‖·|Σ dxhat·xc| / (sqrt(m)·S))
/// with ‖d‖² = 1 at xc, 1 - 1/M at x and M at the mean. So |⟨dxhat, d⟩| is at most |dxhat| at xc,
/// |dxhat| + Σ |dxhat|/M at x, and Σ |dxhat| at the mean. In RMS norm x has no mean to take off: there S is
/// Σ x²/M + eps, and d, ‖d‖ and the bound are those of xc. Downstream of xc, L is the power -1/2 of S (at
/// std: -1), a binomial series in τ = t/S (t/std; at sq t/(m·S)) with coefficients below 3/8 (1). If rounding
/// puts the two points at distances a and b from the middle, the even powers leave |a - b|·τ/(t·(1 - τ²)²) of
/// the same. The sums are over absolute values, so that cancellation can't make the bound too small. In gamma
/// and beta the loss is linear.
class NumericGradient {
 public:
  /// base: the pass to move around, as evaluate left it. dy: the gradient of y. Both are copied.
  Status prepare(Settings settings, const Tensors<ProgramNumber>& base, std::span<const double> dy) noexcept;

  /// The number of rows that `difference` takes for one node: M for elements, else 1.
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
  double dxhat_size(std::size_t row, std::size_t column) const noexcept;
  template <typename Term>
  void add_up(NodeId id, std::span<double> sums, Term term) const noexcept;

  struct Lane {
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
  std::optional<NodeId> prepared_;  // the node of lanes_ and noise_
  Tensors<double> base_;
  Tensors<double> moved_;
  Tensors<Ranged> noisy_;
  Tensors<double> gradients_;
  Tensors<double> bounds_;
  Buffer<double> dy_;            // (M, G)
  Buffer<double> y_plus_;        // (M, G)
  Buffer<double> noise_;         // (M, G): the error of dy·(y₊ - y₋) from rounding
  Buffer<double> dxhat_, loss_;  // (G): Σ |dxhat| and Σ |dxhat·xhat|
  Buffer<Lane> lanes_;
  Buffer<double> derivative_, terms_;  // per lane, contiguous so that the loop that sums them vectorises
};

}  // namespace backnorm
