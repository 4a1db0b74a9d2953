#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "backnorm/buffer.hpp"
#include "backnorm/explanation.hpp"
#include "backnorm/gradcheck.hpp"
#include "backnorm/graph.hpp"
#include "backnorm/mistakes.hpp"
#include "backnorm/quantities.hpp"
#include "backnorm/relation.hpp"

namespace backnorm {

/// What keeps an array undecided.
enum class Limit : std::uint8_t {
  kNone,      ///< nothing, or the right array cancels to nothing
  kDigits,    ///< too few digits were given
  kRounding,  ///< the rounding of the program's arithmetic
};

/// Inputs that a float64 program read as float32. affine: gamma and beta.
struct RoundedInputs {
  bool x = false;
  bool affine = false;
  bool dy = false;

  friend bool operator==(const RoundedInputs&, const RoundedInputs&) = default;
};

/// How a program computed, as far as its arrays show.
struct Arithmetic {
  Precision precision = Precision::kFloat64;
  bool one_pass = false;  ///< var = mean of x² - mean²
  RoundedInputs inputs{};

  friend bool operator==(const Arithmetic&, const Arithmetic&) = default;
};

/// The finding about one array.
struct Finding {
  Verdict truth = Verdict::kUndecidable;  ///< compared with the right array
  /// Compared with what follows from the caller's earlier arrays. Of the first wrong array it is never a
  /// pass: then an earlier one is wrong too, but less than rounding could explain.
  Verdict local = Verdict::kUndecidable;
  double max_error = 0.0;      ///< the largest |claimed - right|; NaN if the shape differs
  double largest_bound = 0.0;  ///< the largest error that rounding and the given digits can explain
  std::size_t worst = 0;       ///< where the error is largest relative to its bound
  Limit limit = Limit::kNone;  ///< of an undecidable array
  bool cut = false;            ///< right, if digits were cut off, not rounded
  // Only of an array that is wrong here, not of an inherited error.
  Relation relation;
  Explanation explanation;
};

/// A mistake that reproduces every given array.
struct Fit {
  std::size_t mistake = 0;  ///< in mistakes()
  double residual = 0.0;    ///< the largest |claimed - reproduced| over the array's largest value
};

/// What arrays that are wrong for the case are right for.
struct Recognition {
  enum class Kind : std::uint8_t {
    kNone,
    kOtherNorm,    ///< they are right for `norm`, with so many groups
    kOtherInputs,  ///< probably: even what depends on one input alone is wrong, and nothing explains it
    kHidden,  ///< they follow from a forward value that wasn't given, `hidden`, and `explanation` says what
              ///< it is
  };

  Kind kind = Kind::kNone;
  Norm norm = Norm::kBatch;
  std::size_t groups = 1;
  std::size_t hidden = 0;  ///< the number of a quantity
  Explanation explanation{};
};

/// Finds where a caller's own backward pass goes wrong, from any of its arrays.
///
/// Every array is judged twice: against the right array, and against what follows from the caller's earlier
/// arrays. The second tells "wrong here" from "inherited". For it, both passes run once more, and each given
/// array replaces the computed one as soon as it has been compared.
///
/// Bounds: four times the running round-off of both passes in the program's arithmetic, since the caller may
/// order the same operations differently; for gradients also the rounding of their terms, since a closed form
/// cancels elsewhere; and half a unit of the last given digit, or a whole one if all digits were cut off.
///
/// The arithmetic is that of the case, or the first other one that explains every array: float64 from inputs
/// that were read as float32; one-pass variance while that costs few digits; then float32, float16 and
/// bfloat16, if the arrays that are wrong in a finer one hold numbers of the coarser one. If none explains
/// every array, the precision in which most are right.
///
/// An intermediate array with the other sign, or with the name of another one, counts as right if every array
/// that comes after it is, and one of them doesn't follow from it as it was given: that is a convention.
///
/// A mistake is named if it reproduces every given array, each value within those bounds, and at least one of
/// the arrays is wrong. Fits are sorted by residual. They can't be told apart on this case.
class Diagnosis {
 public:
  /// Copies the case, and runs the right passes.
  /// coarsest: of the precisions that the program is known to have used. The arithmetic is at least as
  /// coarse. Returns the statuses of validate, kNotFinite if a value or gradient overflows, or kOutOfMemory.
  template <typename T>
  Status prepare(const Case<T>& kase, Precision coarsest = Precision::kFloat64) noexcept;

  /// Reserves memory for one array of the caller's, to be written to `claimed_values`.
  /// shape_rows, shape_columns: its shape, where a row has 1 row; 0 and the length if only the length is
  /// known.
  Status claim(std::size_t number, std::size_t shape_rows, std::size_t shape_columns) noexcept;
  std::span<double> claimed_values(std::size_t number) noexcept { return claims_[number].values.span(); }
  /// Half a unit of each value's last digit. Initially 0: all digits are given.
  std::span<double> resolution(std::size_t number) noexcept { return claims_[number].resolution.span(); }
  /// The inputs of the case are those that are claimed, and known only to the digits of these claims.
  void take_claimed_inputs() noexcept { takes_claimed_inputs_ = true; }
  /// The largest difference of a claimed array from the right one; infinite if the shape is another.
  double distance(std::size_t number) const noexcept;

  /// Judges every given array, and says what the wrong ones are. kOk or kOutOfMemory; after that there are no
  /// results until it has run again.
  Status run() noexcept;
  /// The same in steps of a few passes each: begin, then step while there is one.
  void begin() noexcept;
  bool has_step() const noexcept { return search_.stage != Search::Stage::kDone; }
  Status step() noexcept;
  /// Only judges, in the arithmetic of the case. The same statuses.
  Status judge() noexcept;

  bool is_claimed(std::size_t number) const noexcept { return claims_[number].given; }
  const Finding& finding(std::size_t number) const noexcept { return findings_[number]; }
  Arithmetic arithmetic() const noexcept { return arithmetic_; }
  Recognition recognition() const noexcept { return recognition_; }

  /// The numbers of the case's arrays.
  Quantities quantities() const noexcept { return Quantities(case_.graph()); }

  /// The first wrong array: forward values in graph order, then dy and the gradients back to dx.
  /// quantities().count() if none is wrong.
  std::size_t first_wrong() const noexcept;

  /// The mistakes that reproduce the given arrays, best fit first.
  std::span<const Fit> fits() const noexcept { return {fits_.data(), fit_count_}; }

  /// In one group, from the caller's arrays; of dgamma and dbeta where gamma is constant in a group, else of
  /// dxhat. Empty if one was not given or can't be used, or if it is no law of the norm.
  std::optional<Invariant> law(Law law, std::size_t column) const noexcept;

 private:
  using Number = ProgramNumber;

  struct Claim {
    bool given = false;
    std::size_t rows = 0;  // 0: not known
    std::size_t columns = 0;
    Buffer<double> values;
    Buffer<double> resolution;
  };
  /// The expected values of an array.
  struct Expectation {
    std::size_t rows, columns;
    std::span<const Number> values;
    std::span<const Magnitude> terms;  // of a gradient: its size if nothing cancelled
  };
  /// The inputs of a case.
  struct Inputs {
    Buffer<double> x, gamma, beta, dy;
  };
  /// Some groups of a large case, whose passes take no time: what doesn't fit there fits nowhere.
  struct Sample {
    Inputs inputs;
    Case<double> kase;
    Trace<Number> right, other;
    Buffer<std::size_t> columns;  ///< of the case; none: there is no sample
  };
  /// Numbers of quantities.
  class Numbers {
   public:
    void add(std::size_t number) noexcept { numbers_[count_++] = number; }
    std::span<const std::size_t> span() const& noexcept { return {numbers_.data(), count_}; }
    std::span<const std::size_t> span() && = delete;
    bool empty() const noexcept { return count_ == 0; }

   private:
    std::array<std::size_t, kMostQuantities> numbers_;
    std::size_t count_ = 0;
  };
  /// How far a diagnosis has come.
  struct Search {
    enum class Stage : std::uint8_t {
      kDone,
      kJudge,
      kArithmetic,  ///< tries other arithmetics
      kHalfNames,   ///< names mistakes before float16 and bfloat16 are tried
      kSettle,      ///< judges in the best arithmetic
      kNorm,        ///< tries other norms
      kExplain,     ///< explains one wrong array after another
      kNames,       ///< tries the mistakes
      kHidden,      ///< tries what was not given
      kInputs,      ///< asks for the inputs
    };

    /// Of the judgement in an arithmetic, which goes before the stage.
    enum class Part : std::uint8_t { kNone, kSuppose, kTruth, kLocal };

    Stage stage = Stage::kDone;
    Part part = Part::kNone;
    bool is_tried = false;  ///< `tried` has been judged, and is to be weighed
    bool is_known = true;   ///< the numbers of `tried` would be a coincidence in another precision
    Arithmetic tried{};
    std::size_t at = 0;      ///< of the candidates of a stage
    std::size_t resume = 0;  ///< the arithmetic after kHalfNames
    bool has_names = false;
    Arithmetic best{};
    double least = 0.0;
    double bits = 0.0;
    Numbers wrong{};
  };
  class ProgramsRounding;
  class CallersWorld;
  class SupposedWorld;
  struct Supposition;

  Status suppose(Arithmetic arithmetic) noexcept;
  void judge_in(Arithmetic arithmetic) noexcept;
  Status judge_part() noexcept;
  Status meet_all(std::size_t explained) noexcept;
  void enter(Search::Stage stage) noexcept;
  Status try_arithmetic() noexcept;
  void weigh_arithmetic() noexcept;
  void settle_arithmetic() noexcept;
  Status explain_next() noexcept;
  Status name_next() noexcept;
  std::optional<double> chance_of(Precision precision, const Numbers& numbers) const noexcept;
  bool any_wrong() const noexcept;
  double wrongness() const noexcept;
  bool is_likely() const noexcept;
  std::span<const double> rounded_input(NodeId id) const noexcept;
  bool is_input_value(std::size_t number) const noexcept;
  Numbers wrong_here() const noexcept;
  Numbers computed() const noexcept;
  Numbers in_order() const noexcept;
  bool settle_conventions() noexcept;
  std::optional<Explanation> convention(std::size_t number) const noexcept;
  bool is_right_for(const Grouping& grouping) const noexcept;
  Status try_norm() noexcept;
  void recognise_inputs() noexcept;
  bool is_explained() const noexcept;
  Explanation told(const Supposition& supposed) const noexcept;
  Status suppose_next() noexcept;
  Status weigh(const Supposition& supposed) noexcept;
  Status take_sample() noexcept;
  bool is_sampled(std::span<const Edit> edits) const noexcept;
  bool fits_sample() const noexcept;
  Expectation right(std::size_t number) const noexcept;
  bool has_shape(const Claim& claim, std::size_t rows, std::size_t columns) const noexcept;
  bool usable(std::size_t number) const noexcept;
  double allowance(const Expectation& expected, std::size_t i) const noexcept;
  Finding judge(const Claim& claim, const Expectation& expected) const noexcept;
  Status explain(std::size_t number, const Expectation& expected, Finding& out) noexcept;
  bool matches(const Claim& claim, const Expectation& expected, double& residual) const noexcept;
  bool is_nearer(std::size_t number, const Expectation& expected, bool of_rounding) const noexcept;
  bool explains_any(const Expectation& expected, std::span<const Number> numbers) const noexcept;
  Status reproduces(const Mistake& mistake, std::optional<double>& residual) noexcept;

  Inputs inputs_;
  Inputs rounded_;     // to the precision
  Case<double> case_;  // of the rounded inputs
  Precision finest_ = Precision::kFloat64;
  Search search_;
  bool takes_claimed_inputs_ = false;
  Arithmetic arithmetic_;
  Recognition recognition_;
  Trace<Number> right_;
  Trace<Magnitude> magnitudes_;
  Trace<Number> other_;  // the passes with the caller's arrays, then with one mistake after another
  Sample sample_;
  Returned<Number> returned_;
  Buffer<double> bounds_;  // of one array at a time
  std::array<Claim, kMostQuantities> claims_;
  std::array<Finding, kMostQuantities> findings_;
  std::array<Fit, kMistakeCount> fits_;
  std::size_t fit_count_ = 0;
};

}  // namespace backnorm
