#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "backnorm/buffer.hpp"
#include "backnorm/gradcheck.hpp"
#include "backnorm/graph.hpp"
#include "backnorm/mistakes.hpp"
#include "backnorm/quantities.hpp"
#include "backnorm/relation.hpp"

namespace backnorm {

/// What was found of one array.
struct Finding {
  Verdict truth = Verdict::kUndecidable;  ///< against the right array
  Verdict local = Verdict::kUndecidable;  ///< against what follows from the caller's own arrays before it
  double max_error = 0.0;                 ///< the largest |claimed - right|; NaN where the shape differs
  double largest_bound = 0.0;             ///< how far rounding and the digits given may take it, at most
  std::size_t worst = 0;                  ///< where the error is largest beside its bound
  Relation relation;                      ///< of an array that is wrong here; inherited errors have none
};

/// A mistake that reproduces every array given.
struct Fit {
  std::size_t mistake = 0;  ///< in mistakes()
  double residual = 0.0;    ///< the largest |claimed - reproduced| over the array's largest value
};

/// Laws that gradients obey in training mode whatever the numbers, so that they need no reference.
enum class Law {
  kSumOfDx,      ///< Σ dx = 0
  kSumOfDxXhat,  ///< Σ dx·xhat = gamma·dgamma·eps / (var + eps)^(3/2), with the true dgamma
  kDvar,         ///< dvar = -gamma·dgamma / (2·(var + eps)), both the caller's
  kDmean,        ///< dmean = -gamma·dbeta / sqrt(var + eps), both the caller's
};

/// Finds out where a caller's own backward pass went wrong, from any of its arrays.
///
/// Every array is judged twice: against the truth, and against what it should be given the caller's own
/// arrays before it, which tells "wrong here" from "inherited". For the second, both passes run once more,
/// and each array that was given takes the place of the computed one as soon as it is compared.
///
/// Bounds: the running round-off of both passes in the arithmetic of T, four times over, since the caller may
/// have ordered the same operations differently; for gradients also the rounding of their terms, since a
/// closed form cancels elsewhere; and half a unit of the last digit that was given.
///
/// A mistake is named if it reproduces every array that was given, each value within those bounds, while at
/// least one of them is wrong. Fits are sorted by their residual; they can't be told apart on this case.
template <typename T>
class Diagnosis {
 public:
  /// Runs the right passes. The arrays of the case must live until `run` has returned.
  /// Answers as validate does, or kNotFinite if a value or gradient overflows, or kOutOfMemory.
  Status prepare(const Case<T>& kase) noexcept;

  /// Makes room for one array of the caller's, which then goes into `claimed_values`.
  /// shape_rows, shape_columns: its shape, a row having 1 row; 0 and the length if only that is known.
  Status claim(std::size_t number, std::size_t shape_rows, std::size_t shape_columns) noexcept;
  std::span<double> claimed_values(std::size_t number) noexcept { return claims_[number].values.span(); }
  /// Half a unit of each value's last digit; 0 on entry: all digits are there.
  std::span<double> resolution(std::size_t number) noexcept { return claims_[number].resolution.span(); }

  /// Judges every array that was given. kOk, or kOutOfMemory: then nothing is told until it has run again.
  Status run() noexcept;

  bool is_claimed(std::size_t number) const noexcept { return claims_[number].given; }
  const Finding& finding(std::size_t number) const noexcept { return findings_[number]; }

  /// The first wrong array: forward values in the order of the graph, then dy and back. kQuantityCount if
  /// none is.
  std::size_t first_wrong() const noexcept;

  /// The mistakes that reproduce what was given, best first.
  std::span<const Fit> fits() const noexcept { return {fits_.data(), fit_count_}; }

  /// In one column; nothing if an array that the law is about was not given, or is no such array.
  std::optional<Invariant> law(Law law, std::size_t column) const noexcept;

 private:
  using Number = Bounded<double, T>;

  struct Claim {
    bool given = false;
    std::size_t rows = 0;  // 0: not known
    std::size_t columns = 0;
    Buffer<double> values;
    Buffer<double> resolution;
  };
  /// What an array should be.
  struct Expectation {
    std::size_t rows, columns;
    std::span<const Number> values;
    std::span<const Magnitude> terms;  // of a gradient: what it would be if nothing cancelled
  };
  class CallersWorld;

  Expectation right(std::size_t number) const noexcept;
  bool has_shape(const Claim& claim, std::size_t rows, std::size_t columns) const noexcept;
  bool usable(std::size_t number) const noexcept;
  double allowance(const Expectation& expected, std::size_t i) const noexcept;
  Finding judge(const Claim& claim, const Expectation& expected) const noexcept;
  Status relation(std::size_t number, const Expectation& expected, Relation& out) noexcept;
  bool matches(const Claim& claim, const Expectation& expected, double& residual) const noexcept;
  Status reproduces(std::span<const Edit> edits, std::optional<double>& residual) noexcept;
  Status find_fits(bool of_rounding) noexcept;

  Case<T> case_;
  Trace<Number> right_;
  Trace<Magnitude> magnitudes_;
  Trace<Number> other_;  // the caller's world, then one mistake after another
  Returned<Number> returned_;
  Buffer<double> bounds_;  // (N, D), of one array at a time
  std::array<Claim, kQuantityCount> claims_;
  std::array<Finding, kQuantityCount> findings_;
  std::array<Fit, kMistakeCount> fits_;
  std::size_t fit_count_ = 0;
};

}  // namespace backnorm
