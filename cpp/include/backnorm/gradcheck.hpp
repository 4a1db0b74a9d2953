#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "backnorm/exact_gradient.hpp"
#include "backnorm/graph.hpp"
#include "backnorm/numeric_gradient.hpp"
#include "backnorm/warnings.hpp"

namespace backnorm {

enum class Verdict {
  kPass,         ///< every value is within its bound, and a wrong gradient would not be
  kFail,         ///< at least one value is outside its bound
  kUndecidable,  ///< every value is within its bound, but on this case a wrong gradient would be too
};

/// The check of one node's gradient.
struct NodeReport {
  Verdict verdict = Verdict::kUndecidable;
  double max_error = 0.0;         ///< the largest |analytic - exact|
  double numeric_error = 0.0;     ///< the largest |analytic - numeric|
  std::size_t worst = 0;          ///< where |analytic - exact| is largest relative to its bound
  bool checker_at_fault = false;  ///< difference and exact derivative are further apart than their bounds
};

/// The evidence for a verdict on one node, in the node's shape. signal: one value per lane.
template <typename T>
struct Evidence {
  std::span<const T> claimed;
  std::span<const double> exact;
  std::span<const double> numeric;
  std::span<const double> bound;          ///< of |claimed - exact|
  std::span<const double> numeric_bound;  ///< of |numeric - exact|
  std::span<const double> signal;
};

/// What the agreement of one lane with the right gradient is worth: of a group (a column), or of a parameter.
enum class GroupState : std::uint8_t {
  kTells,   ///< a wrong gradient would have been seen
  kSilent,  ///< the right gradient is 0 but for rounding, or cancels: there is nothing to see
  kLost,    ///< rounding may hide a wrong gradient
};

/// bound: the largest in the lane. largest, largest_of_node: of the right gradient. signal: the share of it
/// that survives cancellation. least: the smallest normal number of the arithmetic.
GroupState group_state(double bound, double largest, double signal, double largest_of_node,
                       double least) noexcept;

/// A pure function, so that tests can try what never happens: a difference that contradicts the exact
/// derivative. groups: gets the state of every lane, if it is given. precision: of what was claimed.
template <typename T>
NodeReport judge(const Evidence<T>& evidence, std::span<GroupState> groups = {},
                 Precision precision = kPrecisionOf<T>) noexcept;

/// An invariant of dx in training mode, whatever the numbers are, in one column.
struct Invariant {
  double residual = 0.0;  ///< the distance of the sum from its expected value
  double bound = 0.0;     ///< the largest distance that rounding explains

  bool holds() const noexcept { return !(residual > bound); }  // a bound lost to overflow excuses all
};

/// A bound above this share of the gradient is too loose for agreement to mean anything.
inline constexpr double kLoosestBound = 1e-2;

/// Compares the gradient of every node with its exact derivative, and that with a finite difference.
///
/// The analytic gradient is the staged backward pass in T. The reference is the exact derivative by dual
/// numbers, in float64 at the same inputs; the two share only the forward pass. The central difference is a
/// second opinion that needs neither derivative rules nor dual numbers. If it contradicts the exact
/// derivative, the checker is at fault and reports that.
/// Bounds are computed, not chosen: the running round-off of the backward pass in T and in float64; a bound
/// on the rounding and underflow of the dual pass, from the size of its terms; and for differences their
/// truncation.
///
/// Every lane tells, is silent, or is lost. A lane is a group, or a single parameter. It tells if its bound
/// is below kLoosestBound of its gradient and at least kLeastSignal survives cancellation. It is silent if
/// its right gradient is 0 but for rounding, or less than that survives, and its bound is at most
/// kLoosestBound of the node's largest gradient. Else it is lost. A node that agrees is undecidable if a lane
/// is lost, or if none tells.
template <typename T>
class Gradcheck {
 public:
  /// Runs both passes and reserves memory. `edits` apply to the passes under test. A gradient whose length
  /// they change is checked as NaN.
  /// precision: of these passes; kFloat64 or kFloat32. The inputs are numbers of it.
  /// Returns the statuses of validate, kNotFinite if a value or gradient overflows, or kOutOfMemory.
  Status prepare(const Case<T>& kase, std::span<const Edit> edits = {},
                 Precision precision = kPrecisionOf<T>) noexcept;

  /// Replaces the analytic gradient by a caller's own. kLengthMismatch if its size is not the node's.
  Status claim(NodeId id, std::span<const T> gradient) noexcept;

  /// The number of rows that `check` takes for one node: M for elements, else 1.
  std::size_t rows(NodeId id) const noexcept { return numeric_.rows(id); }
  /// Computes derivatives and differences for the rows [begin, end) of one node.
  void check(NodeId id, std::size_t begin, std::size_t end) noexcept;
  /// Checks all rows of all nodes.
  void check() noexcept;

  /// The verdict on a node after all of its rows were checked. groups: one per lane, or none.
  NodeReport report(NodeId id, std::span<GroupState> groups = {}) const noexcept;

  std::span<const T> analytic(NodeId id) const noexcept { return claimed_[id]; }
  std::span<const double> exact(NodeId id) const noexcept { return exact_.gradient(id); }
  std::span<const double> numeric(NodeId id) const noexcept { return numeric_.gradient(id); }
  /// The largest |analytic - exact| if both are right.
  std::span<const double> bound(NodeId id) const noexcept { return bounds_[id]; }
  /// The largest |numeric - exact| if both are right.
  std::span<const double> numeric_bound(NodeId id) const noexcept { return numeric_bounds_[id]; }
  /// Σ dx = 0: the output doesn't change when x shifts. A mistake in the path through the mean breaks it. Not
  /// a law of RMS norm.
  Invariant sum_of_dx(std::size_t column) const noexcept;
  /// Σ dx·xhat = eps·Σ dxhat·xhat / (var + eps)^(3/2): nearly 0, since scaling x changes the output only
  /// through eps. A mistake in the path through the variance breaks it. Says nothing unless eps is far below
  /// var.
  Invariant sum_of_dx_xhat(std::size_t column) const noexcept;

  /// True if this case hides some wrong gradients.
  bool is_blinded_by(Warning warning) const noexcept { return backnorm::is_blinded_by(warning, reference()); }

  /// The share of each lane's gradient that survives cancellation, 0 to 1.
  std::span<const double> signal(NodeId id) const noexcept { return signals_[id]; }

 private:
  void find_signal(NodeId id) noexcept;
  Bounded<double> claimed_dx(std::size_t place) const noexcept;
  /// The unedited pass in float64.
  const Trace<ProgramNumber>& reference() const noexcept { return shared_ ? analytic_ : reference_; }

  Settings settings_;
  Precision precision_ = kPrecisionOf<T>;
  Trace<ProgramNumber> analytic_;
  Trace<ProgramNumber> reference_;  // empty if analytic_ is the same pass
  bool shared_ = false;
  Trace<Magnitude> magnitudes_;
  ExactGradient exact_;
  NumericGradient numeric_;
  Tensors<T> claimed_;
  Tensors<double> errors_;  // the rounding errors of right gradients in their place
  Tensors<double> bounds_;
  Tensors<double> numeric_bounds_;
  Lanes signals_;
  Lanes underflows_;  // the error of the dual pass from underflow
};

}  // namespace backnorm
