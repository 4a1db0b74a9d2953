#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>

#include "backnorm/diagnosis.hpp"
#include "programs_rounding.hpp"

/// What went wrong in arrays that weren't given.
namespace backnorm {

/// A forward value that a program may have, and what it makes of it.
struct Diagnosis::Supposition {
  enum class Kind : std::uint8_t {
    kRatio,       ///< `factor` times the right one
    kCount,       ///< the same, in mean and variance: another count for M
    kRoot,        ///< √(factor·var + a + b·eps) + c + d·eps
    kSquareRoot,  ///< √ of the right one
    kRows,        ///< the mean without the first `a` rows and the last `b`
    kOneGroup,    ///< that of the first group in all of them
    kAllGroups,   ///< the mean of all in each of them
    kClipped,     ///< not below `a` nor above `b`
  };

  NodeId id = NodeId::kMean;
  Kind kind = Kind::kRatio;
  Factor factor{};
  double a = 0.0, b = 0.0, c = 0.0, d = 0.0;
  bool keeps_var = false;    ///< the variance has the right mean
  bool is_closed = false;    ///< dx is a closed form, which has no second term of dmean
  bool in_backward = false;  ///< the count stands in the backward pass too

  double inside(double eps) const { return a + b * eps; }
  double outside(double eps) const { return c + d * eps; }
};

/// The passes of a program for which a supposition is true, and the backward pass right.
class Diagnosis::SupposedWorld final : public Observer<Number> {
 public:
  /// trace: of these passes. right: of the right ones. rounding: observes first, unless it is null.
  SupposedWorld(const Supposition& supposed, Settings settings, const Trace<Number>& trace,
                const Trace<Number>& right, Observer<Number>* rounding)
      : supposed_(supposed), settings_(settings), trace_(trace), right_(right), rounding_(rounding) {}

  void value(NodeId id, std::span<Number> tensor) noexcept override {
    if (rounding_) rounding_->value(id, tensor);
    const bool is_var = id == NodeId::kVar;
    if (is_var && supposed_.keeps_var) {
      const std::span<const Number> right = right_.values[id];
      std::copy(right.begin(), right.end(), tensor.begin());
    }
    if (id == supposed_.id) {
      change(tensor);
    } else if (is_var && supposed_.kind == Supposition::Kind::kCount) {
      scale(tensor);
    }
  }
  void gradient(NodeId id, std::span<Number> tensor) noexcept override {
    if (rounding_) rounding_->gradient(id, tensor);
    if (id == NodeId::kSq && supposed_.in_backward) scale(tensor);
    if (id == NodeId::kMean && supposed_.is_closed) {
      const Graph& graph = trace_.values.graph();
      const std::span<const Number> direct =
          trace_.contributions[graph.edge_index({NodeId::kXc, NodeId::kXhat})];
      std::fill(tensor.begin(), tensor.end(), Number(0.0));
      for (std::size_t i = 0; i < direct.size(); ++i) {
        Number& sum = tensor[i % tensor.size()];
        sum = sum - direct[i];
      }
    }
  }
  void contribution(std::size_t edge, std::span<Number> tensor) noexcept override {
    const Edge& one = trace_.values.graph().edges[edge];
    if (supposed_.in_backward && one.from == NodeId::kX && one.to == NodeId::kMean) scale(tensor);
  }

 private:
  double constant(const Factor& factor) const {
    return constant_of(factor, settings_, trace_.values.grouping());
  }
  void scale(std::span<Number> tensor) const {
    const Number ratio(constant(supposed_.factor));
    for (Number& one : tensor) one = one * ratio;
  }
  void change(std::span<Number> tensor) const {
    using enum Supposition::Kind;
    const std::size_t lanes = tensor.size();
    const std::span<const Number> x = trace_.values[NodeId::kX];
    const std::span<const Number> var = trace_.values[NodeId::kVar];
    const auto [id, kind, factor, a, b, c, d, keeps_var, is_closed, in_backward] = supposed_;
    const double inside = supposed_.inside(settings_.eps);
    const double outside = supposed_.outside(settings_.eps);
    const double by = constant(factor);
    Number all = 0.0;
    for (const Number& one : tensor) all = all + one;
    const Number shared = kind == kOneGroup ? tensor[0] : all / Number(static_cast<double>(lanes));
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      Number& one = tensor[lane];
      switch (kind) {
        case kRatio:
        case kCount: one = one * Number(by); break;
        case kRoot: one = sqrt(Number(by) * var[lane] + Number(inside)) + Number(outside); break;
        case kSquareRoot: one = sqrt(one); break;
        case kOneGroup:
        case kAllGroups: one = shared; break;
        case kClipped: one.value = std::clamp(one.value, a, b); break;
        case kRows: {
          const auto begin = static_cast<std::size_t>(a);
          const std::size_t end = x.size() / lanes - static_cast<std::size_t>(b);
          one = 0.0;
          for (std::size_t row = begin; row < end; ++row) one = one + x[row * lanes + lane];
          one = one / Number(static_cast<double>(end - begin));
          break;
        }
      }
    }
  }

  const Supposition& supposed_;
  Settings settings_;
  const Trace<Number>& trace_;
  const Trace<Number>& right_;
  Observer<Number>* rounding_;
};

/// Tries the next supposition: of each in the table its variants, then limits of std.
Status Diagnosis::suppose_next() noexcept {
  using enum NodeId;
  using enum Supposition::Kind;
  constexpr Factor kOtherDivisor = divisor(1) * other_divisor(-1);
  static constexpr Supposition kSuppositions[]{
      {.id = kStd, .kind = kRoot},
      {.id = kStd, .kind = kRoot, .a = 1e-3},
      {.id = kStd, .kind = kRoot, .a = 1e-4},
      {.id = kStd, .kind = kRoot, .a = 1e-5},
      {.id = kStd, .kind = kRoot, .a = 1e-6},
      {.id = kStd, .kind = kRoot, .a = 1e-7},
      {.id = kStd, .kind = kRoot, .a = 1e-8},
      {.id = kStd, .kind = kRoot, .a = 1e-10},
      {.id = kStd, .kind = kRoot, .a = 1e-12},
      {.id = kStd, .kind = kRoot, .a = 2e-5},
      {.id = kStd, .kind = kRoot, .a = 1.0},
      {.id = kStd, .kind = kRoot, .b = 2.0},
      {.id = kStd, .kind = kRoot, .d = 1.0},
      {.id = kStd, .kind = kRoot, .c = 1e-5},
      {.id = kStd, .kind = kRoot, .c = 1e-6},
      {.id = kStd, .kind = kRoot, .c = 1e-8},
      {.id = kStd, .kind = kRoot, .b = 1.0, .d = 1.0},
      {.id = kStd, .kind = kRoot, .factor = kOtherDivisor, .d = 1.0},
      {.id = kStd, .kind = kRoot, .factor = kOtherDivisor, .c = 1e-6},
      {.id = kStd, .kind = kRoot, .factor = kOtherDivisor, .c = 1e-8},
      {.id = kStd, .kind = kRoot, .factor = 0.1, .a = 0.9, .b = 1.0},
      {.id = kStd, .kind = kOneGroup},
      {.id = kStd, .kind = kAllGroups},
      {.id = kVar, .kind = kSquareRoot},
      {.id = kVar, .kind = kOneGroup},
      {.id = kVar, .kind = kAllGroups},
      {.id = kVar, .factor = 0.9},
      {.id = kVar, .factor = 0.1},
      {.id = kVar, .factor = 2.0},
      {.id = kVar, .factor = 0.5},
      {.id = kVar, .factor = rows(1)},
      {.id = kVar, .factor = rows(-1)},
      {.id = kVar, .factor = kOtherDivisor},
      {.factor = 0.9},
      {.factor = 0.1},
      {.factor = 0.99},
      {.factor = 0.01},
      {.factor = 2.0},
      {.factor = 0.5},
      {.factor = rows(1)},
      {.factor = rows(-1)},
      {.factor = kOtherDivisor},
      {.kind = kCount, .factor = rows(1) * power(Count::kSamples, -1)},
      {.kind = kRows, .b = 1.0},
      {.kind = kRows, .a = 1.0},
      {.kind = kOneGroup},
      {.kind = kAllGroups},
      {.id = kXhat, .kind = kClipped, .a = -1.0, .b = 1.0},
      {.id = kXhat, .kind = kClipped, .a = -2.0, .b = 2.0},
      {.id = kXhat, .kind = kClipped, .a = -3.0, .b = 3.0},
      {.id = kXhat, .kind = kClipped, .a = -5.0, .b = 5.0},
      {.id = kXhat, .kind = kClipped, .a = -10.0, .b = 10.0},
  };
  constexpr std::size_t kVariants = 4;  // of the mean
  constexpr std::size_t kMostLimits = 8;
  constexpr std::size_t kTable = kVariants * std::size(kSuppositions);
  const Grouping& grouping = case_.grouping;
  for (;;) {
    const std::size_t at = search_.at++;
    Supposition one;
    if (at < kTable) {
      one = kSuppositions[at / kVariants];
      const std::size_t variant = at % kVariants;
      if (one.id != kMean && variant > 0) continue;
      one.is_closed = variant % 2 != 0;
      (one.kind == kCount ? one.in_backward : one.keeps_var) = variant > 1;
    } else {
      const std::size_t lane = (at - kTable) / 2;
      if (lane >= std::min(grouping.columns, kMostLimits)) break;
      const double own = right_.values[kStd][lane].value;
      one = at % 2 == 0 ? Supposition{.id = kStd, .kind = kClipped, .a = own, .b = HUGE_VAL}
                        : Supposition{.id = kStd, .kind = kClipped, .a = -HUGE_VAL, .b = own};
    }
    const bool is_given = case_.graph().has(one.id) && claims_[quantities().value_of(one.id)].given;
    if (!case_.graph().has(one.id) || is_given) continue;
    if (one.kind == kRows && grouping.rows < 3) continue;
    if (one.kind == kCount && grouping.positions == 1) continue;
    if ((one.kind == kOneGroup || one.kind == kAllGroups) && grouping.columns == 1) continue;
    return weigh(one);
  }
  enter(Search::Stage::kInputs);
  return Status::kOk;
}

/// The supposition as it is told.
Explanation Diagnosis::told(const Supposition& supposed) const noexcept {
  using enum Supposition::Kind;
  Explanation one{.kind = Explanation::Kind::kFormula};
  Formula& formula = one.formula;
  switch (supposed.kind) {
    case kRatio:
    case kCount:
      formula.is_ratio = true;
      formula.factor = formula.ratio = supposed.factor;
      break;
    case kRoot:
      one.kind = Explanation::Kind::kRoot;
      one.root = {supposed.inside(case_.eps), supposed.outside(case_.eps), supposed.factor};
      break;
    case kSquareRoot: formula.factor = power(supposed.id, 0.5); break;
    case kRows:
      formula.begin = static_cast<std::size_t>(supposed.a);
      formula.end = case_.rows() - static_cast<std::size_t>(supposed.b);
      formula.factor = 1.0 / static_cast<double>(formula.end - formula.begin);
      formula.first = quantities().value_of(NodeId::kX);
      formula.is_sum = true;
      break;
    case kOneGroup:
    case kAllGroups:
      formula.first = quantities().value_of(supposed.id);
      formula.lanes = supposed.kind == kOneGroup ? Formula::Lanes::kOne : Formula::Lanes::kMean;
      break;
    case kClipped:
      one.kind = Explanation::Kind::kClipped;
      one.low = supposed.a;
      one.high = supposed.b;
      break;
  }
  return one;
}

/// True if every array that is wrong here is said in full.
bool Diagnosis::is_explained() const noexcept {
  using Kind = Explanation::Kind;
  const auto is_whole = [](const Explanation& one) {
    if (one.kind == Kind::kNone || one.kind == Kind::kElements) return false;
    if (one.kind == Kind::kFormula) return one.formula.is_named;
    if (one.kind != Kind::kShares) return true;
    return std::none_of(one.shares.begin(), one.shares.end(), [](const Share& share) {
      const bool only_fits = share.state == Share::State::kFormula && !share.formula.is_named;
      return share.state == Share::State::kOther || only_fits;
    });
  };
  const Numbers wrong = wrong_here();
  return std::all_of(wrong.span().begin(), wrong.span().end(),
                     [&](std::size_t number) { return is_whole(findings_[number].explanation); });
}

/// Takes a supposition for what happened if all given arrays follow from it, and none before fits as well.
Status Diagnosis::weigh(const Supposition& supposed) noexcept {
  constexpr double kCost = 8.0;  // bits, of the choice
  using enum Supposition::Kind;
  const bool is_across = supposed.kind == kOneGroup || supposed.kind == kAllGroups;
  Edit counting;  // nothing but the factor
  counting.factor = supposed.factor;
  if (!is_across && is_sampled({&counting, 1})) {
    SupposedWorld world(supposed, case_.settings(), sample_.other, sample_.right, nullptr);
    if (const Status status = sample_.other.run(sample_.kase, {}, &world); status != Status::kOk)
      return status;
    if (!fits_sample()) return Status::kOk;
  }
  ProgramsRounding rounding(*this, other_.values);
  SupposedWorld world(supposed, case_.settings(), other_, right_, &rounding);
  if (const Status status = other_.run(case_, {}, &world); status != Status::kOk) return status;
  double bits = 0.0;
  bool is_nearer = false;
  for (std::size_t number = 0; number < quantities().count(); ++number) {
    const Claim& claim = claims_[number];
    if (!claim.given) continue;
    const Expectation own = right(number);
    Expectation expected = own;
    expected.values = tensor(other_, number);
    double residual = 0.0;
    if (!matches(claim, expected, residual)) return Status::kOk;
    is_nearer |= this->is_nearer(number, expected, false);
    for (std::size_t i = 0; i < own.values.size(); ++i) {
      const double slack = allowance(own, i) + claim.resolution.span()[i];  // alike for all suppositions
      const double off = std::abs(claim.values.span()[i] - own.values[i].value);
      if (off > slack && std::isfinite(off)) bits += std::log(off / slack) / std::numbers::ln2;
    }
  }
  if (!is_nearer || bits <= std::max(search_.bits, kEnoughBits + kCost)) return Status::kOk;
  search_.bits = bits + 1.0;  // of two that fit alike, the first
  recognition_ = {.kind = Recognition::Kind::kHidden,
                  .hidden = quantities().value_of(supposed.id),
                  .explanation = told(supposed)};
  return Status::kOk;
}

}  // namespace backnorm
