#include "backnorm/diagnosis.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace backnorm {
namespace {

/// Gradients in backward order: each after those that it is computed from, and of two that don't feed each
/// other the simpler one first.
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

}  // namespace

/// Runs the passes again. Each of the caller's arrays replaces the computed one once the two have been
/// compared.
template <typename T>
class Diagnosis<T>::CallersWorld final : public Observer<Number> {
 public:
  explicit CallersWorld(Diagnosis& diagnosis) : diagnosis_(diagnosis) {}

  void value(NodeId id, std::span<Number> tensor) noexcept override { meet(value_of(id), tensor); }
  void gradient(NodeId id, std::span<Number> tensor) noexcept override { meet(gradient_of(id), tensor); }
  void contribution(std::size_t edge, std::span<Number> tensor) noexcept override {
    meet(contribution_of(edge), tensor);
  }

  /// Status of the comparisons so far: kOutOfMemory or kOk.
  Status status() const noexcept { return status_; }

 private:
  void meet(std::size_t number, std::span<Number> tensor) noexcept {
    const Claim& claim = diagnosis_.claims_[number];
    if (!claim.given || status_ != Status::kOk) return;
    Finding& finding = diagnosis_.findings_[number];
    Expectation expected = diagnosis_.right(number);
    expected.values = tensor;
    finding.local = diagnosis_.judge(claim, expected).truth;
    if (finding.local == Verdict::kFail) {
      status_ = diagnosis_.relation(number, expected, finding.relation);
    }
    if (!diagnosis_.usable(number)) return;
    for (std::size_t i = 0; i < tensor.size(); ++i) {
      // It keeps the error of the array it replaces: sums that are 0 by the invariants are so only up to that
      // error, and another program may have left them out.
      tensor[i] = {claim.values.span()[i], tensor[i].error + claim.resolution.span()[i]};
    }
  }

  Diagnosis& diagnosis_;
  Status status_ = Status::kOk;
};

template <typename T>
Status Diagnosis<T>::prepare(const Case<T>& kase) noexcept {
  case_ = kase;
  if (const Status status = right_.run(kase); status != Status::kOk) return status;
  if (!is_finite(right_)) return Status::kNotFinite;
  for (Claim& claim : claims_) claim = {};
  fit_count_ = 0;
  if (const Status status = bounds_.resize(kase.rows * kase.columns); status != Status::kOk) return status;
  return size_terms({.eps = kase.eps, .ddof = kase.ddof}, right_, magnitudes_);
}

template <typename T>
Status Diagnosis<T>::claim(std::size_t number, std::size_t shape_rows, std::size_t shape_columns) noexcept {
  const std::size_t rows = std::max<std::size_t>(shape_rows, 1);
  if (shape_columns > std::numeric_limits<std::size_t>::max() / rows) return Status::kOutOfMemory;
  // beside the earlier array, which stays if there is no memory
  Claim claim{.given = true, .rows = shape_rows, .columns = shape_columns, .values = {}, .resolution = {}};
  if (const Status status = claim.values.resize(rows * shape_columns); status != Status::kOk) return status;
  if (const Status status = claim.resolution.resize(rows * shape_columns); status != Status::kOk)
    return status;
  claims_[number] = std::move(claim);
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

/// Given, of the right shape, and finite.
template <typename T>
bool Diagnosis<T>::usable(std::size_t number) const noexcept {
  const Claim& claim = claims_[number];
  const Expectation expected = right(number);
  return claim.given && has_shape(claim, expected.rows, expected.columns) && is_finite(claim.values.span());
}

/// The largest error at index i that rounding explains in a right array of the caller's.
template <typename T>
double Diagnosis<T>::allowance(const Expectation& expected, std::size_t i) const noexcept {
  const double terms = expected.terms.empty() ? 0.0 : expected.terms[i].value;
  return kOtherOrder * expected.values[i].error + roundings(case_.rows) * kUnitRoundoff<T> * terms;
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
  bool tells = false;
  bool loses = false;
  double worst_excess = -1.0;
  double largest_of_node = 0.0;
  for (const Number& wanted : expected.values) {
    if (std::isfinite(wanted.value)) largest_of_node = std::max(largest_of_node, std::abs(wanted.value));
  }
  for (std::size_t column = 0; column < expected.columns; ++column) {
    double largest = 0.0;
    double largest_bound = 0.0;
    double sent = 0.0;
    for (std::size_t i = column; i < expected.values.size(); i += expected.columns) {
      const double claimed = claim.values.span()[i];
      const double wanted = expected.values[i].value;
      const double allowed = allowance(expected, i) + claim.resolution.span()[i];
      const double bound = std::isnan(allowed) ? HUGE_VAL : allowed;
      if (!std::isfinite(wanted)) {  // the caller's own arrays led to overflow
        largest_bound = HUGE_VAL;
        continue;
      }
      const double error = std::isfinite(claimed) ? std::abs(claimed - wanted) : HUGE_VAL;
      fails |= !(error <= bound) || !std::isfinite(claimed);
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
    const double signal = sent > 0 ? largest / sent : expected.terms.empty() ? 1.0 : 0.0;
    const GroupState state = group_state(largest_bound, largest, signal, largest_of_node,
                                         static_cast<double>(std::numeric_limits<T>::min()));
    tells |= state == GroupState::kTells;
    loses |= state == GroupState::kLost;
  }
  finding.truth = fails            ? Verdict::kFail
                  : tells && !loses ? Verdict::kPass
                                    : Verdict::kUndecidable;
  return finding;
}

template <typename T>
Status Diagnosis<T>::relation(std::size_t number, const Expectation& expected, Relation& out) noexcept {
  const Claim& claim = claims_[number];
  const bool has_shape = this->has_shape(claim, expected.rows, expected.columns);
  const std::span<double> bounds = bounds_.span().first(expected.values.size());
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    bounds[i] = allowance(expected, i) + (has_shape ? claim.resolution.span()[i] : 0.0);
  }
  return relate<Number>({.number = number,
                         .given = claim.values.span(),
                         .resolution = claim.resolution.span(),
                         .has_shape = has_shape,
                         .wanted = expected.values,
                         .bounds = bounds},
                        right_, other_, out);
}

template <typename T>
Status Diagnosis<T>::run() noexcept {
  fit_count_ = 0;
  bool any_wrong = false;
  for (std::size_t number = 0; number < kQuantityCount; ++number) {
    if (!claims_[number].given) continue;
    findings_[number] = judge(claims_[number], right(number));
    any_wrong |= findings_[number].truth == Verdict::kFail;
  }
  CallersWorld world(*this);
  if (const Status status = other_.run(case_, {}, &world); status != Status::kOk) return status;
  if (world.status() != Status::kOk) return world.status();
  if (!any_wrong) return Status::kOk;
  for (const bool of_rounding : {false, true}) {
    if (fit_count_ > 0) break;
    if (const Status status = find_fits(of_rounding); status != Status::kOk) return status;
  }
  std::sort(fits_.begin(), fits_.begin() + static_cast<std::ptrdiff_t>(fit_count_),
            [](const Fit& a, const Fit& b) {
              return a.residual != b.residual ? a.residual < b.residual : a.mistake < b.mistake;
            });
  return Status::kOk;
}

template <typename T>
Status Diagnosis<T>::find_fits(bool of_rounding) noexcept {
  for (std::size_t m = 0; m < kMistakeCount; ++m) {
    if (mistakes()[m].of_rounding != of_rounding) continue;
    std::optional<double> residual;
    if (const Status status = reproduces(mistakes()[m].edits, residual); status != Status::kOk) {
      fit_count_ = 0;
      return status;
    }
    if (residual) fits_[fit_count_++] = {m, *residual};
  }
  return Status::kOk;
}

/// True if every value is within its bound. Then raises the residual.
template <typename T>
bool Diagnosis<T>::matches(const Claim& claim, const Expectation& expected, double& residual) const noexcept {
  if (!has_shape(claim, expected.rows, expected.columns)) return false;
  double worst = 0.0;
  double largest = 0.0;
  for (std::size_t i = 0; i < expected.values.size(); ++i) {
    const double claimed = claim.values.span()[i];
    const double wanted = expected.values[i].value;
    if (std::isfinite(claimed) != std::isfinite(wanted)) return false;
    if (!std::isfinite(claimed)) continue;
    const double error = std::abs(claimed - wanted);
    const double bound = allowance(expected, i) + claim.resolution.span()[i];
    if (std::isnan(bound)) continue;  // rounding may have led anywhere, so it contradicts nothing
    if (!(error <= bound)) return false;
    worst = std::max(worst, error);
    largest = std::max(largest, std::abs(wanted));
  }
  if (worst > 0) residual = std::max(residual, worst / largest);
  return true;
}

/// Sets the residual if a program with these edits returns every given array. kOutOfMemory or kOk.
template <typename T>
Status Diagnosis<T>::reproduces(std::span<const Edit> edits, std::optional<double>& residual) noexcept {
  if (const Status status = other_.run(case_, edits); status != Status::kOk) return status;
  double largest = 0.0;
  for (std::size_t number = 0; number < kQuantityCount; ++number) {
    const Claim& claim = claims_[number];
    if (!claim.given) continue;
    Expectation expected = right(number);
    expected.values = tensor(other_, number);
    if (quantity(number).kind == Quantity::Kind::kGradient && returns_otherwise(edits)) {
      const NodeId id = quantity(number).node();
      if (const Status status = read_returned(id, edits, other_, returned_); status != Status::kOk) {
        return status;
      }
      expected.rows = returned_.rows;
      expected.columns = returned_.columns;
      expected.values = returned_.gradient.span();
      if (expected.values.size() != expected.terms.size()) expected.terms = {};
    }
    // A program that drops or changes a contribution may have computed it rightly first.
    const bool kept = changes_edge(edits, quantity(number)) && matches(claim, right(number), largest);
    if (!kept && !matches(claim, expected, largest)) return Status::kOk;
  }
  residual = largest;
  return Status::kOk;
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
    const Claim& claim = claims_[number];
    return Number(claim.values.span()[i], allowance(right(number), i) + claim.resolution.span()[i]);
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
