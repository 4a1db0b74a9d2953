#include <algorithm>
#include <array>
#include <cmath>

#include "backnorm/diagnosis.hpp"

/// What is right, but not as the case and the names say.
namespace backnorm {

/// The right numbers with the other sign, or of another array of the same extent.
std::optional<Explanation> Diagnosis::convention(std::size_t number) const noexcept {
  using Kind = Explanation::Kind;
  const Claim& claim = claims_[number];
  const Expectation own = right(number);
  if (!has_shape(claim, own.rows, own.columns)) return {};
  const auto is_near = [&](const Expectation& expected, double sign) {
    for (std::size_t i = 0; i < expected.values.size(); ++i) {
      const double error = std::abs(claim.values.span()[i] - sign * expected.values[i].value);
      if (!(error <= allowance(expected, i) + claim.resolution.span()[i])) return false;
    }
    return true;
  };
  Explanation found;
  if (is_near(own, -1.0)) {
    found.kind = Kind::kSign;
    return found;
  }
  for (std::size_t other = 0; other < quantities().count(); ++other) {
    const bool is_alike = quantities()[other].extent == quantities()[number].extent;
    if (other == number || !is_alike || is_input_value(other) || !is_near(right(other), 1.0)) continue;
    found.kind = Kind::kName;
    found.other = other;
    return found;
  }
  return {};
}

/// Takes wrong intermediate arrays for right ones where they are a convention. True if there are any.
bool Diagnosis::settle_conventions() noexcept {
  const Numbers order = in_order();
  bool settled = false;
  bool contradicts = false;  // a later array is right and doesn't follow from the caller's
  for (std::size_t at = order.span().size(); at-- > 0;) {
    const std::size_t number = order.span()[at];
    if (!claims_[number].given) continue;
    Finding& finding = findings_[number];
    const NodeId id = quantities()[number].node;
    // what a layer takes and returns has names of its own
    const bool is_fixed = case_.graph().node(id).gate == Gate::kInput || id == NodeId::kY;
    if (finding.truth == Verdict::kFail && contradicts && !is_fixed) {
      if (const auto found = convention(number)) {
        finding.truth = Verdict::kPass;
        finding.explanation = *found;
        settled = true;
        continue;
      }
    }
    if (finding.truth == Verdict::kFail) break;
    contradicts |= finding.truth == Verdict::kPass && finding.local == Verdict::kFail;
  }
  return settled;
}

/// True if all computed arrays are right for the grouping, whose passes are in other_.
bool Diagnosis::is_right_for(const Grouping& grouping) const noexcept {
  const Quantities theirs(graph_of(grouping.norm));
  const Regrouping to(case_.grouping, grouping);
  const Numbers arrays = computed();
  for (const std::size_t number : arrays.span()) {
    const Quantity which = quantities()[number];
    const std::span<const double> given = claims_[number].values.span();
    if (which.kind == Quantity::Kind::kContribution || !theirs.graph().has(which.node)) return false;
    const bool is_value = which.kind == Quantity::Kind::kValue;
    const std::span<const Number> wanted =
        tensor(other_, is_value ? theirs.value_of(which.node) : theirs.gradient_of(which.node));
    if (wanted.size() != given.size()) return false;
    double largest = 0.0;
    for (const Number& one : wanted) largest = std::max(largest, std::abs(one.value));
    const double rounding = roundings(grouping) * AnyPrecision::now().rounding.unit * largest;
    for (std::size_t i = 0; i < given.size(); ++i) {
      const Number& one = wanted[which.extent == Extent::kElements ? to(i) : i];
      const double slack = kOtherOrder * one.error + rounding + claims_[number].resolution.span()[i];
      if (!(std::abs(given[i] - one.value) <= slack)) return false;
    }
  }
  return true;
}

/// Tries the next norm: whether all computed arrays are right for it.
Status Diagnosis::try_norm() noexcept {
  constexpr std::array kOthers{Norm::kBatch, Norm::kLayer, Norm::kInstance, Norm::kRms};
  constexpr std::size_t kMostGroups = 64;
  const Grouping& own = case_.grouping;
  const std::size_t most = computed().empty() ? 0 : kOthers.size() + std::min(own.channels, kMostGroups);
  for (; search_.at < most; ++search_.at) {
    const bool is_group = search_.at >= kOthers.size();
    const Norm norm = is_group ? Norm::kGroup : kOthers[search_.at];
    const std::size_t groups = is_group ? search_.at - kOthers.size() + 1 : 1;
    const Grouping grouping = grouping_of(norm, own.samples, own.channels, own.positions, groups);
    // groups that don't divide the channels, and nothing to normalize
    if (grouping.rows < 2 || grouping == own || (norm == own.norm && !is_group)) continue;
    Buffer<double> x, dy;
    for (const Status status : {x.resize(own.size()), dy.resize(own.size())}) {
      if (status != Status::kOk) return status;
    }
    const Regrouping to(own, grouping);
    for (std::size_t i = 0; i < own.size(); ++i) {
      x.span()[to(i)] = case_.x[i];
      dy.span()[to(i)] = case_.dy[i];
    }
    Case<double> other = case_;
    other.grouping = grouping;
    other.x = x.span();
    other.dy = dy.span();
    other.unit_offset = false;
    if (!other.graph().has(NodeId::kBeta)) other.beta = {};
    if (!other.graph().has(NodeId::kMean)) other.ddof = 0;
    if (other.graph().has(NodeId::kBeta) && other.beta.empty()) continue;
    ++search_.at;
    if (const Status status = other_.run(other); status == Status::kOutOfMemory) return status;
    if (!is_right_for(grouping)) return Status::kOk;
    recognition_ = {Recognition::Kind::kOtherNorm, norm, groups};
    break;
  }
  if (search_.at >= most || recognition_.kind != Recognition::Kind::kNone) enter(Search::Stage::kExplain);
  return Status::kOk;
}

/// Asks for the inputs where everything is wrong, even what depends on one of them alone, and nothing says
/// how.
void Diagnosis::recognise_inputs() noexcept {
  if (recognition_.kind != Recognition::Kind::kNone || fit_count_ > 0) return;
  bool is_asked = false;
  const Numbers arrays = computed();
  for (const std::size_t number : arrays.span()) {
    const Finding& finding = findings_[number];
    if (finding.truth != Verdict::kFail) return;
    const NodeId id = quantities()[number].node;
    const bool is_value = quantities()[number].kind == Quantity::Kind::kValue;
    const bool is_simple = (id == NodeId::kMean && is_value) || (id == NodeId::kBeta && !is_value);
    const bool is_explained =
        (finding.relation.kind != Relation::Kind::kNone && finding.relation.kind != Relation::Kind::kShape) ||
        finding.explanation.kind != Explanation::Kind::kNone;
    if (is_explained) return;
    is_asked |= is_simple;
  }
  if (is_asked) recognition_.kind = Recognition::Kind::kOtherInputs;
}

}  // namespace backnorm
