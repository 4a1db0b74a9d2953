#pragma once

#include <cstddef>
#include <span>
#include <type_traits>

#include "backnorm/exact_gradient.hpp"
#include "backnorm/graph.hpp"
#include "backnorm/numeric_gradient.hpp"
#include "backnorm/warnings.hpp"

namespace backnorm {

enum class Verdict {
  kPass,         ///< every value agrees within its bound, and the agreement means something
  kFail,         ///< at least one value lies further off than its bound
  kUndecidable,  ///< every value agrees, but on this case a wrong gradient would agree as well
};

/// The check of one node's gradient.
struct NodeReport {
  Verdict verdict = Verdict::kUndecidable;
  double max_error = 0.0;         ///< the largest |analytic - exact|
  double numeric_error = 0.0;     ///< the largest |analytic - numeric|
  std::size_t worst = 0;          ///< where |analytic - exact| is largest beside its bound
  bool checker_at_fault = false;  ///< difference and dual number lie further apart than their bounds
};

/// What a verdict on one node rests on, in the node's shape; signal: one value a column.
template <typename T>
struct Evidence {
  std::span<const T> claimed;
  std::span<const double> exact;
  std::span<const double> numeric;
  std::span<const double> bound;          ///< of |claimed - exact|
  std::span<const double> numeric_bound;  ///< of |numeric - exact|
  std::span<const double> signal;
};

/// A pure function, so that what never happens can be tried: a witness that contradicts the judge.
template <typename T>
NodeReport judge(const Evidence<T>& evidence) noexcept;

/// A law that dx obeys in training mode, whatever the numbers, in one column.
struct Invariant {
  double residual = 0.0;  ///< how far the sum is from what the law says
  double bound = 0.0;     ///< as far as rounding explains

  bool holds() const noexcept { return !(residual > bound); }  // a bound lost to overflow excuses all
};

/// A bound larger than this share of the gradient lets through too much to speak of agreement.
inline constexpr double kLoosestBound = 1e-2;

/// Holds the gradient of every node against its exact derivative, and that against a finite difference.
///
/// The analytic gradient is the staged backward pass in T. The judge is the derivative by dual numbers, in
/// float64 at the same inputs: the two share the forward pass and nothing else. The central difference stands
/// beside them as a witness: it needs neither derivative rules nor duals, and where it contradicts the judge
/// the checker is at fault and says so.
/// Bounds are computed, not chosen: the running round-off of the backward pass in T and in float64, a bound
/// on the rounding and underflow of the dual pass from the size of its terms, and for differences their
/// truncation as well.
///
/// A column whose bound exceeds kLoosestBound of its gradient, or of which less than kLeastSignal survives
/// cancellation, can't tell right from wrong; a node that agrees in such columns only is undecidable.
template <typename T>
class Gradcheck {
 public:
  /// Runs both passes and makes room. `edits` are applied to the passes that are being checked; a gradient
  /// that they give another length is checked as NaN.
  /// Answers as validate does, or kNotFinite if a value or gradient overflows, or kOutOfMemory.
  Status prepare(const Case<T>& kase, std::span<const Edit> edits = {}) noexcept;

  /// Puts a caller's own gradient in the place of the analytic one. kLengthMismatch if its size is not the
  /// node's.
  Status claim(NodeId id, std::span<const T> gradient) noexcept;

  /// How many rows `check` takes for one node: N for a matrix, 1 for a row.
  std::size_t rows(NodeId id) const noexcept { return numeric_.rows(id); }
  /// Takes the derivatives and differences of the rows [begin, end) of one node.
  void check(NodeId id, std::size_t begin, std::size_t end) noexcept;
  /// All rows of all nodes.
  void check() noexcept;

  /// Judges a node, all of whose rows were checked.
  NodeReport report(NodeId id) const noexcept;

  std::span<const T> analytic(NodeId id) const noexcept { return claimed_[id]; }
  std::span<const double> exact(NodeId id) const noexcept { return exact_.gradient(id); }
  std::span<const double> numeric(NodeId id) const noexcept { return numeric_.gradient(id); }
  /// |analytic - exact| may be as large as this if both are right.
  std::span<const double> bound(NodeId id) const noexcept { return bounds_[id]; }
  /// |numeric - exact| may be as large as this.
  std::span<const double> numeric_bound(NodeId id) const noexcept { return numeric_bounds_[id]; }
  /// Σ dx = 0: the output does not move when x shifts. Broken by a mistake on the way through the mean.
  Invariant sum_of_dx(std::size_t column) const noexcept;
  /// Σ dx·xhat = gamma·dgamma·eps / (var + eps)^(3/2): nearly 0, since scaling x moves the output by eps
  /// only. Broken by a mistake on the way through the variance; says nothing unless eps is far below var.
  Invariant sum_of_dx_xhat(std::size_t column) const noexcept;

  /// Whether this case hides some wrong gradients.
  bool is_blinded_by(Warning warning) const noexcept { return backnorm::is_blinded_by(warning, reference()); }

  /// The share of each column's gradient that survives cancellation, 0 to 1.
  std::span<const double> signal(NodeId id) const noexcept {
    return signals_.span().subspan(place(id) * claimed_.columns(), claimed_.columns());
  }

 private:
  void find_signal(NodeId id) noexcept;
  void find_underflow() noexcept;
  Bounded<double> claimed_dx(std::size_t place) const noexcept;
  /// The unedited pass in float64.
  const Trace<Bounded<double>>& reference() const noexcept {
    if constexpr (std::is_same_v<T, double>) {
      if (shared_) return analytic_;
    }
    return reference_;
  }

  Settings settings_;
  Trace<Bounded<T>> analytic_;
  Trace<Bounded<double>> reference_;  // left empty where analytic_ is the same pass
  bool shared_ = false;
  Trace<Magnitude> magnitudes_;
  ExactGradient exact_;
  NumericGradient numeric_;
  Tensors<T> claimed_;
  Tensors<double> bounds_;
  Tensors<double> numeric_bounds_;
  Buffer<double> signals_;     // a row of D for each node
  Buffer<double> underflows_;  // the same: how far off the dual pass may be for what it loses below 1e-308
};

}  // namespace backnorm
