#include "backnorm/gradcheck.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "backnorm/mistakes.hpp"

namespace backnorm {
namespace {

bool all_finite(const Tensors<ProgramNumber>& tensors) {
  const auto is_finite = [](const ProgramNumber& number) { return std::isfinite(number.value); };
  return std::all_of(tensors.all().begin(), tensors.all().end(), is_finite);
}

/// Where an infinite bound met 0, nothing is known.
double known(double bound) {
  return std::isnan(bound) ? HUGE_VAL : bound;
}

}  // namespace

template <typename T>
Status Gradcheck<T>::prepare(const Case<T>& kase, std::span<const Edit> edits, Precision precision) noexcept {
  settings_ = kase.settings();
  precision_ = precision;
  const ChosenPrecision arithmetic(staged(precision));
  if (const Status status = analytic_.run(kase, edits); status != Status::kOk) return status;
  shared_ = precision == Precision::kFloat64 && edits.empty();
  if (!shared_) {
    const ChosenPrecision wide(staged(Precision::kFloat64));
    if (const Status status = reference_.run(kase); status != Status::kOk) return status;
  }
  for (const bool finite : {all_finite(analytic_.values), all_finite(analytic_.gradients),
                            all_finite(reference().values), all_finite(reference().gradients)}) {
    if (!finite) return Status::kNotFinite;
  }
  const Graph& graph = kase.graph();
  const Grouping& grouping = kase.grouping;
  for (const Status status :
       {claimed_.resize(graph, grouping), errors_.resize(graph, grouping), bounds_.resize(graph, grouping),
        numeric_bounds_.resize(graph, grouping), signals_.resize(reference().values)}) {
    if (status != Status::kOk) return status;
  }
  if (const Status status = size_terms(settings_, reference(), magnitudes_); status != Status::kOk) {
    return status;
  }
  if (const Status status = bound_underflow(magnitudes_, underflows_); status != Status::kOk) return status;
  const bool is_regrouped = !(analytic_.values.grouping() == grouping);
  for (const Node& node : graph.nodes) {
    find_signal(node.id);
    const std::span<const ProgramNumber> computed = analytic_.gradients[node.id];
    const std::span<T> claimed = claimed_[node.id];
    const std::span<double> errors = errors_[node.id];
    Returned<ProgramNumber> returned;
    if (!edits.empty()) {
      const std::size_t number = Quantities(graph).gradient_of(node.id);
      if (const Status status = read_returned(number, edits, analytic_, grouping, returned);
          status != Status::kOk) {
        return status;
      }
    }
    const std::span<const ProgramNumber> gradient = edits.empty() ? computed : returned.array.span();
    const bool fits = gradient.size() == claimed.size();
    for (std::size_t i = 0; i < claimed.size(); ++i) {
      claimed[i] = fits ? static_cast<T>(gradient[i].value) : std::numeric_limits<T>::quiet_NaN();
      errors[i] = !is_regrouped ? computed[i].error : fits ? gradient[i].error : 0.0;
    }
  }
  Buffer<double> dy;
  if (const Status status = dy.resize(kase.dy.size()); status != Status::kOk) return status;
  std::copy(kase.dy.begin(), kase.dy.end(), dy.span().begin());
  if (const Status status = exact_.prepare(settings_, reference().values, dy.span()); status != Status::kOk) {
    return status;
  }
  return numeric_.prepare(settings_, reference().values, dy.span());
}

template <typename T>
Status Gradcheck<T>::claim(NodeId id, std::span<const T> gradient) noexcept {
  if (gradient.size() != claimed_.size(id)) return Status::kLengthMismatch;
  std::copy(gradient.begin(), gradient.end(), claimed_[id].begin());
  return Status::kOk;
}

template <typename T>
void Gradcheck<T>::check(NodeId id, std::size_t begin, std::size_t end) noexcept {
  exact_.differentiate(id, begin, end);
  numeric_.difference(id, begin, end);
  // the dual pass sums the same terms as the backward pass, in another order
  const double reordered = roundings(claimed_.grouping()) * kUnitRoundoff<double>;
  const std::size_t lanes = claimed_.lanes(id);
  const std::span<const double> underflow = underflows_[id];
  for (std::size_t i = begin * lanes; i < end * lanes; ++i) {
    const double rounding = reference().gradients[id][i].error;
    const double dual = rounding + reordered * magnitudes_.gradients[id][i].value + underflow[i % lanes];
    bounds_[id][i] = known(errors_[id][i] + dual);
    numeric_bounds_[id][i] = known(numeric_.bound(id)[i] + rounding + dual);
  }
}

template <typename T>
void Gradcheck<T>::check() noexcept {
  for (const Node& node : claimed_.graph().nodes) check(node.id, 0, rows(node.id));
}

template <typename T>
void Gradcheck<T>::find_signal(NodeId id) noexcept {
  const std::size_t lanes = claimed_.lanes(id);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    double survived = 0.0;
    double sent = 0.0;
    for (std::size_t i = lane; i < claimed_.size(id); i += lanes) {
      survived = std::max(survived, std::abs(reference().gradients[id][i].value));
      sent = std::max(sent, magnitudes_.gradients[id][i].value);
    }
    signals_[id][lane] = sent > 0 ? survived / sent : 0.0;
  }
}

GroupState group_state(double bound, double largest, double signal, double largest_of_node,
                       double least) noexcept {
  if (bound < kLoosestBound * largest && signal >= kLeastSignal) return GroupState::kTells;
  const bool has_nothing = largest <= bound || signal < kLeastSignal;
  const bool would_show = std::isfinite(bound) && bound <= kLoosestBound * std::max(largest_of_node, least);
  return has_nothing && would_show ? GroupState::kSilent : GroupState::kLost;
}

template <typename T>
NodeReport judge(const Evidence<T>& evidence, std::span<GroupState> groups, Precision precision) noexcept {
  NodeReport report;
  bool fails = false;
  bool tells = false;
  bool loses = false;
  double worst_excess = -1.0;
  double largest_of_node = 0.0;
  for (const double exact : evidence.exact) {
    if (std::isfinite(exact)) largest_of_node = std::max(largest_of_node, std::abs(exact));
  }
  const std::size_t columns = evidence.signal.size();
  for (std::size_t column = 0; column < columns; ++column) {
    double largest = 0.0;
    double largest_bound = 0.0;
    for (std::size_t i = column; i < evidence.claimed.size(); i += columns) {
      const double claimed = static_cast<double>(evidence.claimed[i]);
      const double exact = evidence.exact[i];
      const double numeric = evidence.numeric[i];
      const double error = std::abs(claimed - exact);
      const double bound = known(evidence.bound[i]);
      report.numeric_error = larger_error(report.numeric_error, std::abs(claimed - numeric));
      if (!std::isfinite(exact)) {  // lost to overflow: undecidable, whatever was claimed
        largest_bound = HUGE_VAL;
        fails |= std::isnan(claimed);
        continue;
      }
      fails |= !(error <= bound);
      report.checker_at_fault |= std::abs(numeric - exact) > evidence.numeric_bound[i];
      report.max_error = larger_error(report.max_error, error);
      const double excess = std::isnan(error) ? HUGE_VAL : error == 0.0 ? 0.0 : error / bound;
      if (excess > worst_excess) {
        worst_excess = excess;
        report.worst = i;
      }
      largest = std::max(largest, std::abs(exact));
      largest_bound = std::max(largest_bound, bound);
    }
    const GroupState state = group_state(largest_bound, largest, evidence.signal[column], largest_of_node,
                                         least_normal(rounding_of(precision)));
    tells |= state == GroupState::kTells;
    loses |= state == GroupState::kLost;
    if (!groups.empty()) groups[column] = state;
  }
  const bool judges = tells && !loses && !report.checker_at_fault;
  report.verdict = fails ? Verdict::kFail : judges ? Verdict::kPass : Verdict::kUndecidable;
  return report;
}

template <typename T>
NodeReport Gradcheck<T>::report(NodeId id, std::span<GroupState> groups) const noexcept {
  return judge<T>({claimed_[id], exact_.gradient(id), numeric_.gradient(id), bounds_[id], numeric_bounds_[id],
                   signal(id)},
                  groups, precision_);
}

/// The claimed dx with the rounding error of a right one.
template <typename T>
Bounded<double> Gradcheck<T>::claimed_dx(std::size_t place) const noexcept {
  return {static_cast<double>(claimed_[NodeId::kX][place]), errors_[NodeId::kX][place]};
}

template <typename T>
Invariant Gradcheck<T>::sum_of_dx(std::size_t column) const noexcept {
  Bounded<double> sum = 0.0;
  for (std::size_t i = column; i < claimed_.size(NodeId::kX); i += claimed_.columns())
    sum = sum + claimed_dx(i);
  return {.residual = std::abs(sum.value), .bound = known(sum.error)};
}

template <typename T>
Invariant Gradcheck<T>::sum_of_dx_xhat(std::size_t column) const noexcept {
  // the reference's dxhat: a wrong one must not excuse a wrong dx
  const Trace<ProgramNumber>& right = reference();
  const auto wide = [](ProgramNumber number) { return Bounded<double>(number.value, number.error); };
  Bounded<double> sum = 0.0;
  Bounded<double> law = 0.0;
  for (std::size_t i = column; i < claimed_.size(NodeId::kX); i += claimed_.columns()) {
    const Bounded<double> xhat = wide(right.values[NodeId::kXhat][i]);
    sum = sum + claimed_dx(i) * xhat;
    law = law + wide(right.gradients[NodeId::kXhat][i]) * xhat;
  }
  const Bounded<double> std = wide(right.values[NodeId::kStd][column]);
  const Bounded<double> residual = sum - law * Bounded<double>(settings_.eps) / (std * std * std);
  return {.residual = std::abs(residual.value), .bound = known(residual.error)};
}

template NodeReport judge(const Evidence<float>&, std::span<GroupState>, Precision) noexcept;
template NodeReport judge(const Evidence<double>&, std::span<GroupState>, Precision) noexcept;

template class Gradcheck<float>;
template class Gradcheck<double>;

}  // namespace backnorm
