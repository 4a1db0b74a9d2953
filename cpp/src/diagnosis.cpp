#include "backnorm/diagnosis.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace backnorm {
namespace {

/// By how much the same operations in another order may lose more than in ours.
constexpr double kOtherOrder = 4.0;

/// A half ulp of float over one of double.
constexpr double kCoarser = 0x1p29;

/// From the first that can be wrong to the last, as NUMERICS of a backward pass go: what an array is made of
/// stands before it.
constexpr std::array<NodeId, kNodeCount> kBackward{
    NodeId::kY,   NodeId::kBeta, NodeId::kScaled, NodeId::kGamma, NodeId::kXhat, NodeId::kInvstd,
    NodeId::kStd, NodeId::kVar,  NodeId::kSq,     NodeId::kXc,    NodeId::kMean, NodeId::kX};

constexpr std::array<std::size_t, kQuantityCount> kOrder = [] {
  std::array<std::size_t, kQuantityCount> order{};
  std::size_t next = 0;
  for (const Node& node : kNodes) order[next++] = value_of(node.id);
  for (const NodeId id : kBackward) {
    for (std::size_t edge = 0; edge < kEdgeCount; ++edge) {
      if (kEdges[edge].from == id) order[next++] = contribution_of(edge);
    }
    order[next++] = gradient_of(id);
  }
  return order;
}();

template <typename Number>
std::span<const Number> tensor(const Trace<Number>& trace, std::size_t number) {
  const Quantity which = quantity(number);
  switch (which.kind) {
    case Quantity::Kind::kValue: return trace.values[which.node()];
    case Quantity::Kind::kGradient: return trace.gradients[which.node()];
    case Quantity::Kind::kContribution: return trace.contributions[which.index];
  }
  return {};
}

template <typename Number>
bool is_finite(const Trace<Number>& trace) {
  for (std::size_t number = 0; number < kQuantityCount; ++number) {
    for (const Number& value : tensor(trace, number)) {
      if (!std::isfinite(value.value)) return false;
    }
  }
  return true;
}

bool is_finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

bool returns_otherwise(std::span<const Edit> edits) {
  return std::any_of(edits.begin(), edits.end(), [](const Edit& e) { return e.kind >= Edit::Kind::kSwap; });
}

bool changes_edge(std::span<const Edit> edits, Quantity quantity) {
  if (quantity.kind != Quantity::Kind::kContribution) return false;
  return std::any_of(edits.begin(), edits.end(), [&](const Edit& edit) {
    return edit.kind != Edit::Kind::kNothing && edit.kind < Edit::Kind::kFeed && edit.edge == quantity.index;
  });
}

/// The edges by which a gradient comes to a node; x gets those of xc as they are.
bool leads_to(std::size_t edge, NodeId id) {
  return kEdges[edge].from == id || (id == NodeId::kX && kEdges[edge].from == NodeId::kXc);
}

}  // namespace

/// The passes once more, in which every array of the caller's takes the place of the computed one as soon as
/// the two were compared.
template <typename T>
class Diagnosis<T>::CallersWorld final : public Observer<Number> {
 public:
  explicit CallersWorld(Diagnosis& diagnosis) : diagnosis_(diagnosis) {}

  void value(NodeId id, std::span<Number> tensor) noexcept override { meet(value_of(id), tensor); }
  void gradient(NodeId id, std::span<Number> tensor) noexcept override { meet(gradient_of(id), tensor); }
  void contribution(std::size_t edge, std::span<Number> tensor) noexcept override {
    meet(contribution_of(edge), tensor);
  }

 private:
  void meet(std::size_t number, std::span<Number> tensor) noexcept {
    const Claim& claim = diagnosis_.claims_[number];
    if (!claim.given) return;
    Finding& finding = diagnosis_.findings_[number];
    Expectation expected = diagnosis_.right(number);
    expected.values = tensor;
    finding.local = diagnosis_.judge(claim, expected).truth;
    if (finding.local == Verdict::kFail) {
      finding.relation = diagnosis_.relate(number, expected, diagnosis_.other_);
    }
    if (!diagnosis_.usable(number)) return;
    for (std::size_t i = 0; i < tensor.size(); ++i) {
      tensor[i] = {claim.values.span()[i], claim.resolution.span()[i]};
    }
  }

  Diagnosis& diagnosis_;
};

template <typename T>
Status Diagnosis<T>::prepare(const Case<T>& kase) noexcept {
  case_ = kase;
  if (const Status status = right_.run(kase); status != Status::kOk) return status;
  if (!is_finite(right_)) return Status::kNotFinite;
  for (Claim& claim : claims_) claim = {};
  fit_count_ = 0;
  return size_terms({.eps = kase.eps, .ddof = kase.ddof}, right_, magnitudes_);
}

template <typename T>
Status Diagnosis<T>::claim(std::size_t number, std::size_t shape_rows, std::size_t shape_columns) noexcept {
  Claim& claim = claims_[number];
  const std::size_t size = std::max<std::size_t>(shape_rows, 1) * shape_columns;
  if (const Status status = claim.values.resize(size); status != Status::kOk) return status;
  if (const Status status = claim.resolution.resize(size); status != Status::kOk) return status;
  claim.given = true;
  claim.rows = shape_rows;
  claim.columns = shape_columns;
  return Status::kOk;
}

template <typename T>
typename Diagnosis<T>::Expectation Diagnosis<T>::right(std::size_t number) const noexcept {
  const Quantity which = quantity(number);
  const bool matrix = node(which.node()).extent == Extent::kMatrix;
  Expectation expected{matrix ? case_.rows : 1, case_.columns, tensor(right_, number), {}};
  if (which.kind != Quantity::Kind::kValue) expected.terms = tensor(magnitudes_, number);
  return expected;
}

template <typename T>
bool Diagnosis<T>::has_shape(const Claim& claim, std::size_t rows, std::size_t columns) const noexcept {
  if (claim.rows == 0) return claim.columns == rows * columns;
  return claim.rows == rows && claim.columns == columns;
}

/// Given, of the right shape, and all numbers.
template <typename T>
bool Diagnosis<T>::usable(std::size_t number) const noexcept {
  const Claim& claim = claims_[number];
  const Expectation expected = right(number);
  return claim.given && has_shape(claim, expected.rows, expected.columns) && is_finite(claim.values.span());
}

/// How far a right array of the caller's may lie off at place i.
template <typename T>
double Diagnosis<T>::allowance(const Claim& claim, const Expectation& expected,
                               std::size_t i) const noexcept {
  constexpr double kUnitRoundoff = 0.5 * static_cast<double>(std::numeric_limits<T>::epsilon());
  const double roundings = 3.0 * static_cast<double>(case_.rows) + 32.0;  // sums over rows, a dozen gates
  const double terms = expected.terms.empty() ? 0.0 : expected.terms[i].value;
  return kOtherOrder * expected.values[i].error + roundings * kUnitRoundoff * terms +
         claim.resolution.span()[i];
}

template <typename T>
Finding Diagnosis<T>::judge(const Claim& claim, const Expectation& expected) const noexcept {
  Finding finding;
  if (!has_shape(claim, expected.rows, expected.columns)) {
    finding.truth = Verdict::kFail;
    finding.max_error = std::numeric_limits<double>::quiet_NaN();
    return finding;
  }
  bool fails = false;
  bool decides = false;
  double worst_excess = -1.0;
  for (std::size_t column = 0; column < expected.columns; ++column) {
    double largest = 0.0;
    double largest_bound = 0.0;
    double sent = 0.0;
    for (std::size_t i = column; i < expected.values.size(); i += expected.columns) {
      const double claimed = claim.values.span()[i];
      const double wanted = expected.values[i].value;
      const double bound = allowance(claim, expected, i);
      if (!std::isfinite(wanted) || std::isnan(bound)) {  // the caller's own arrays led beyond all numbers
        largest_bound = HUGE_VAL;
        continue;
      }
      const double error = std::isfinite(claimed) ? std::abs(claimed - wanted) : HUGE_VAL;
      fails |= !(error <= bound);
      finding.max_error = std::max(finding.max_error, error);
      const double excess = error == 0.0 ? 0.0 : std::isinf(error) ? HUGE_VAL : error / bound;
      if (excess > worst_excess) {
        worst_excess = excess;
        finding.worst = i;
      }
      largest = std::max(largest, std::abs(wanted));
      largest_bound = std::max(largest_bound, bound);
      if (!expected.terms.empty()) sent = std::max(sent, expected.terms[i].value);
    }
    finding.largest_bound = std::max(finding.largest_bound, largest_bound);
    decides |= largest_bound < kLoosestBound * largest && largest >= kLeastSignal * sent;
  }
  finding.truth = fails ? Verdict::kFail : decides ? Verdict::kPass : Verdict::kUndecidable;
  return finding;
}

template <typename T>
Relation Diagnosis<T>::relate(std::size_t number, const Expectation& expected,
                              const Trace<Number>& world) const noexcept {
  using Kind = Relation::Kind;
  const Claim& claim = claims_[number];
  const Quantity which = quantity(number);
  const NodeId id = which.node();
  const std::span<const double> claimed = claim.values.span();
  const std::size_t rows = case_.rows;
  const std::size_t columns = case_.columns;
  const auto found = [](Kind kind) { return Relation{.kind = kind}; };

  if (const auto bad =
          std::find_if_not(claimed.begin(), claimed.end(), [](double v) { return std::isfinite(v); });
      bad != claimed.end()) {
    Relation relation = found(Kind::kNotFinite);
    relation.where = static_cast<std::size_t>(bad - claimed.begin());
    return relation;
  }

  const auto bound = [&](std::size_t i) { return allowance(claim, expected, i); };
  const auto wanted = [&](std::size_t i) { return expected.values[i].value; };
  /// Whether claimed[i] = guess(i), guess being `factor(i)` times a right number.
  const auto all = [&](auto guess, auto factor) {
    for (std::size_t i = 0; i < claimed.size(); ++i) {
      if (!(std::abs(claimed[i] - guess(i)) <= bound(i) * std::max(1.0, std::abs(factor(i))))) return false;
    }
    return true;
  };
  const auto one = [](std::size_t) { return 1.0; };
  const bool is_gradient = which.kind == Quantity::Kind::kGradient;
  const bool matrix = expected.rows == rows && node(id).extent == Extent::kMatrix;

  // Of another shape.
  if (matrix && claimed.size() == rows * columns && rows > 1 && columns > 1 &&
      all([&](std::size_t i) { return wanted(i % rows * columns + i / rows); }, one)) {
    return found(Kind::kTransposed);
  }
  if (!matrix && is_gradient) {
    double largest = 0.0;
    for (std::size_t i = 0; i < columns; ++i)
      largest = std::max(largest, bound(i) + std::abs(wanted(i)) * 1e-12);
    if (claimed.size() == rows * columns && rows > 1) {
      bool sums_match = true;
      for (std::size_t c = 0; c < columns; ++c) {
        Bounded<double, T> sum = 0.0;
        double given = 0.0;
        for (std::size_t i = c; i < claimed.size(); i += columns) {
          sum = sum + Number(claimed[i], 0.0);
          given += claim.resolution.span()[i];
        }
        sums_match &= std::abs(sum.value - wanted(c)) <= kOtherOrder * sum.error + bound(c) + given;
      }
      if (sums_match) return found(Kind::kUnsummed);
    }
    Returned<Number> folded;
    const Edit wrong_axis = at_node(Edit::Kind::kWrongAxis, id);
    if (claimed.size() == rows && read_returned(id, {&wrong_axis, 1}, right_, folded) == Status::kOk) {
      bool match = true;
      for (std::size_t i = 0; i < rows; ++i) {
        const Number sum = folded.gradient.span()[i];
        match &= std::abs(claimed[i] - sum.value) <= kOtherOrder * sum.error + claim.resolution.span()[i];
      }
      if (match) return found(Kind::kWrongAxis);
    }
  }
  if (!has_shape(claim, expected.rows, expected.columns)) return found(Kind::kShape);

  // One factor for all.
  double claimed_wanted = 0.0;
  double wanted_wanted = 0.0;
  for (std::size_t i = 0; i < claimed.size(); ++i) {
    claimed_wanted += claimed[i] * wanted(i);
    wanted_wanted += wanted(i) * wanted(i);
  }
  const double ratio = claimed_wanted / wanted_wanted;
  if (claimed.size() > 1 && std::isfinite(ratio) &&
      all([&](std::size_t i) { return ratio * wanted(i); }, [&](std::size_t) { return ratio; })) {
    Relation relation = found(Kind::kRatio);
    relation.ratio = ratio;
    return relation;
  }
  for (const NodeId by : {NodeId::kStd, NodeId::kGamma}) {
    for (const int exponent : {1, -1, 2, -2, 3, -3}) {
      const auto factor = [&](std::size_t i) {
        return std::pow(right_.values[by][i % columns].value, exponent);
      };
      if (!all([&](std::size_t i) { return factor(i) * wanted(i); }, factor)) continue;
      Relation relation = found(Kind::kPower);
      relation.node = static_cast<int>(place(by));
      relation.exponent = exponent;
      return relation;
    }
  }

  // A part of the sum, or the numbers of something else.
  if (is_gradient) {
    for (const Kind kind : {Kind::kMissingPath, Kind::kOnlyPath}) {
      for (std::size_t edge = 0; edge < kEdgeCount; ++edge) {
        if (!leads_to(edge, id)) continue;
        const std::span<const Number> path = world.contributions[edge];
        const auto guess = [&](std::size_t i) {
          return kind == Kind::kOnlyPath ? path[i].value : wanted(i) - path[i].value;
        };
        if (!all(guess, one)) continue;
        Relation relation = found(kind);
        relation.other = contribution_of(edge);
        return relation;
      }
    }
  }
  for (std::size_t other = 0; other < 2 * kNodeCount; ++other) {
    if (other == number || right(other).rows != expected.rows) continue;
    const std::span<const Number> values = tensor(right_, other);
    if (!all([&](std::size_t i) { return values[i].value; }, one)) continue;
    Relation relation = found(Kind::kEquals);
    relation.other = other;
    return relation;
  }

  // A factor or a term for each column.
  if (matrix && rows > 1) {
    const auto in_columns = [&](auto number_of, auto guess) {
      for (std::size_t c = 0; c < columns; ++c) {
        const double number_here = number_of(c);
        for (std::size_t i = c; i < claimed.size(); i += columns) {
          const double slack = 2.0 * bound(i) * std::max(1.0, std::abs(number_here));
          if (!(std::abs(claimed[i] - guess(number_here, i)) <= slack)) return false;
        }
      }
      return true;
    };
    const auto column_ratio = [&](std::size_t c) {
      double above = 0.0;
      double below = 0.0;
      for (std::size_t i = c; i < claimed.size(); i += columns) {
        above += claimed[i] * wanted(i);
        below += wanted(i) * wanted(i);
      }
      return below > 0 ? above / below : 0.0;
    };
    const auto column_offset = [&](std::size_t c) {
      double sum = 0.0;
      for (std::size_t i = c; i < claimed.size(); i += columns) sum += claimed[i] - wanted(i);
      return sum / static_cast<double>(rows);
    };
    if (in_columns(column_ratio, [&](double k, std::size_t i) { return k * wanted(i); })) {
      return found(Kind::kRatioPerColumn);
    }
    if (in_columns(column_offset, [&](double k, std::size_t i) { return wanted(i) + k; })) {
      return found(Kind::kOffsetPerColumn);
    }
  }
  const auto is_float = [](double v) { return v == static_cast<double>(static_cast<float>(v)); };
  if (sizeof(T) > sizeof(float) && std::all_of(claimed.begin(), claimed.end(), is_float) &&
      all(wanted, [](std::size_t) { return kCoarser; })) {
    return found(Kind::kSinglePrecision);
  }
  return found(Kind::kNone);
}

template <typename T>
Status Diagnosis<T>::run() noexcept {
  bool any_wrong = false;
  for (std::size_t number = 0; number < kQuantityCount; ++number) {
    if (!claims_[number].given) continue;
    findings_[number] = judge(claims_[number], right(number));
    any_wrong |= findings_[number].truth == Verdict::kFail;
  }
  CallersWorld world(*this);
  if (const Status status = other_.run(case_, {}, &world); status != Status::kOk) return status;
  fit_count_ = 0;
  if (!any_wrong) return Status::kOk;
  find_fits(false);
  if (fit_count_ == 0) find_fits(true);
  std::sort(fits_.begin(), fits_.begin() + static_cast<std::ptrdiff_t>(fit_count_),
            [](const Fit& a, const Fit& b) {
              return a.residual != b.residual ? a.residual < b.residual : a.mistake < b.mistake;
            });
  return Status::kOk;
}

template <typename T>
void Diagnosis<T>::find_fits(bool of_rounding) noexcept {
  for (std::size_t m = 0; m < kMistakeCount; ++m) {
    if (mistakes()[m].of_rounding != of_rounding) continue;
    double residual = 0.0;
    if (reproduces(mistakes()[m].edits, residual)) fits_[fit_count_++] = {m, residual};
  }
}

/// Whether every value lies where it is expected. Raises the residual if so.
template <typename T>
bool Diagnosis<T>::matches(const Claim& claim, const Expectation& expected, double& residual) const noexcept {
  if (!has_shape(claim, expected.rows, expected.columns)) return false;
  double worst = 0.0;
  double largest = 0.0;
  for (std::size_t i = 0; i < expected.values.size(); ++i) {
    const double error = std::abs(claim.values.span()[i] - expected.values[i].value);
    if (!(error <= allowance(claim, expected, i))) return false;
    worst = std::max(worst, error);
    largest = std::max(largest, std::abs(expected.values[i].value));
  }
  if (worst > 0) residual = std::max(residual, worst / largest);
  return true;
}

template <typename T>
bool Diagnosis<T>::reproduces(std::span<const Edit> edits, double& residual) noexcept {
  if (other_.run(case_, edits) != Status::kOk) return false;
  for (std::size_t number = 0; number < kQuantityCount; ++number) {
    const Claim& claim = claims_[number];
    if (!claim.given) continue;
    Expectation expected = right(number);
    expected.values = tensor(other_, number);
    if (quantity(number).kind == Quantity::Kind::kGradient && returns_otherwise(edits)) {
      if (read_returned(quantity(number).node(), edits, other_, returned_) != Status::kOk) return false;
      expected.rows = returned_.rows;
      expected.columns = returned_.columns;
      expected.values = returned_.gradient.span();
      if (expected.values.size() != expected.terms.size()) expected.terms = {};
    }
    // Who drops or changes what an edge brings may have computed it rightly before.
    const bool kept = changes_edge(edits, quantity(number)) && matches(claim, right(number), residual);
    if (!kept && !matches(claim, expected, residual)) return false;
  }
  return true;
}

template <typename T>
std::size_t Diagnosis<T>::first_wrong() const noexcept {
  for (const std::size_t number : kOrder) {
    if (claims_[number].given && findings_[number].truth == Verdict::kFail) return number;
  }
  return kQuantityCount;
}

template <typename T>
std::optional<Invariant> Diagnosis<T>::law(Law law, std::size_t column) const noexcept {
  using enum NodeId;
  const auto claimed = [&](NodeId id, std::size_t i) {
    const std::size_t number = gradient_of(id);
    return Number(claims_[number].values.span()[i], allowance(claims_[number], right(number), i));
  };
  const auto value = [&](NodeId id) { return right_.values[id][column]; };
  const auto invariant = [](Number residual) {
    return Invariant{.residual = std::abs(residual.value), .bound = residual.error};
  };
  switch (law) {
    case Law::kSumOfDx:
    case Law::kSumOfDxXhat: {
      if (!usable(gradient_of(kX))) return {};
      Number sum = 0.0;
      for (std::size_t i = column; i < case_.rows * case_.columns; i += case_.columns) {
        const Number weight = law == Law::kSumOfDx ? Number(1.0) : right_.values[kXhat][i];
        sum = sum + claimed(kX, i) * weight;
      }
      if (law == Law::kSumOfDx) return invariant(sum);
      return invariant(sum - value(kGamma) * right_.gradients[kGamma][column] * Number(case_.eps) /
                                 (value(kStd) * value(kStd) * value(kStd)));
    }
    case Law::kDvar:
      if (!usable(gradient_of(kVar)) || !usable(gradient_of(kGamma))) return {};
      return invariant(claimed(kVar, column) +
                       value(kGamma) * claimed(kGamma, column) / (Number(2.0) * (value(kStd) * value(kStd))));
    case Law::kDmean:
      if (!usable(gradient_of(kMean)) || !usable(gradient_of(kBeta))) return {};
      return invariant(claimed(kMean, column) + value(kGamma) * claimed(kBeta, column) / value(kStd));
  }
  return {};
}

template class Diagnosis<float>;
template class Diagnosis<double>;

}  // namespace backnorm
