#include "backnorm/differences.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "backnorm/exact_gradient.hpp"
#include "backnorm/numeric_gradient.hpp"
#include "operands.hpp"

namespace backnorm {
namespace {

/// A pass in T, with one row moved.
template <typename T>
class Mover {
 public:
  Status prepare(const Case<double>& kase) noexcept {
    const std::size_t size = kase.x.size();
    const std::size_t most_lanes = std::max(kase.columns(), kase.grouping.channels);
    for (const Status status :
         {base_.resize(kase.graph(), kase.grouping), moved_.resize(kase.graph(), kase.grouping),
          dy_.resize(size), y_plus_.resize(size), plus_.resize(most_lanes)}) {
      if (status != Status::kOk) return status;
    }
    settings_ = kase.settings();
    const auto round = [](std::span<const double> from, std::span<T> to) {
      for (std::size_t i = 0; i < to.size(); ++i) to[i] = static_cast<T>(from[i]);
    };
    round(kase.x, base_[NodeId::kX]);
    round(kase.gamma, base_[NodeId::kGamma]);
    if (kase.graph().has(NodeId::kBeta)) round(kase.beta, base_[NodeId::kBeta]);
    round(kase.dy, dy_.span());
    for (const NodeId id : {NodeId::kGamma, NodeId::kBeta}) {
      if (kase.graph().has(id)) base_.spread(id, settings_);
    }
    evaluate_from(NodeId::kX, settings_, base_);
    return Status::kOk;
  }

  const Tensors<T>& base() const noexcept { return base_; }
  std::span<const T> dy() const noexcept { return dy_.span(); }

  /// derivative[c] = Σ dy·(y₊ - y₋) / width[c], per lane; NaN if the step moves nothing.
  void difference(NodeId id, std::size_t row, std::span<const double> step, std::span<double> derivative,
                  std::span<double> width) noexcept {
    const std::size_t columns = base_.columns();
    const std::size_t lanes = base_.lanes(id);
    const std::span<T> moved = moved_[id].subspan(row * lanes, lanes);
    const std::span<T> y = moved_[NodeId::kY];
    std::copy(base_.all().begin(), base_.all().end(), moved_.all().begin());
    const auto move = [&](double side) {
      for (std::size_t c = 0; c < lanes; ++c) {
        moved[c] = base_[id][row * lanes + c] + static_cast<T>(side * step[c]);
      }
      evaluate_from(id, settings_, moved_);
    };
    move(1.0);
    std::copy(moved.begin(), moved.end(), plus_.span().begin());
    std::copy(y.begin(), y.end(), y_plus_.span().begin());
    move(-1.0);
    const auto term = [&](std::size_t i) { return dy_.span()[i] * (y_plus_.span()[i] - y[i]); };
    if (base_.shares_lanes(id)) {
      for (std::size_t c = 0; c < columns; ++c) {
        T sum = 0;
        for (std::size_t i = c; i < y.size(); i += columns) sum += term(i);
        derivative[c] = static_cast<double>(sum);
      }
    } else {
      detail::sum_parameters<T>(
          base_.grouping(), derivative, [&](std::size_t r, std::size_t c) { return term(r * columns + c); },
          [](T sum) { return static_cast<double>(sum); });
    }
    for (std::size_t c = 0; c < lanes; ++c) {
      width[c] = static_cast<double>(plus_.span()[c]) - static_cast<double>(moved[c]);
      derivative[c] /= width[c];
    }
  }

 private:
  Settings settings_;
  Tensors<T> base_;
  Tensors<T> moved_;
  Buffer<T> dy_;
  Buffer<T> y_plus_;
  Buffer<T> plus_;
};

double first_step(NodeId id, const Tensors<double>& base, const Case<double>& kase, std::size_t lane) {
  const Bend bend = base.graph().node(id).bend;
  if (bend == Bend::kNowhere) return column_scale(base[id], base.lanes(id), lane);
  const double m = static_cast<double>(kase.rows()) - kase.ddof;
  // a quarter of the radius of convergence, so that the tableau converges fast
  return bend_length(bend, base[NodeId::kStd][lane], m) / 4;
}

struct Extrapolated {
  double value = std::numeric_limits<double>::quiet_NaN();
  double bar = std::numeric_limits<double>::infinity();
};

/// Neville's tableau for halving steps. entry[k]: from the differences up to the last, with k of them
/// extrapolated away. The noise is propagated by the absolute weights. Two of the first few differences may
/// agree by chance, so none of them can be the result.
template <typename At>
Extrapolated neville(At difference_at) {
  std::array<double, kExtrapolationSteps> entry{};
  std::array<double, kExtrapolationSteps> noise{};
  Extrapolated best;
  Extrapolated second;
  for (std::size_t step = 0; step < kExtrapolationSteps; ++step) {
    auto [value, bound] = difference_at(step);
    double factor = 1.0;
    for (std::size_t k = 0; k <= step; ++k) {
      const double before = entry[k];
      const double noise_before = noise[k];
      entry[k] = value;
      noise[k] = bound;
      if (k == step) break;
      factor *= 4.0;  // the error is a series in h²
      const double next = value + (value - before) / (factor - 1.0);
      const double bar = std::max(std::abs(next - value), std::abs(next - before));
      bound = (factor * bound + noise_before) / (factor - 1.0);
      value = next;
      if (step < 3 || !(bar + bound < second.bar)) continue;
      second = {value, bar + bound};
      if (second.bar < best.bar) std::swap(best, second);
    }
  }
  if (std::isfinite(second.bar)) {
    best.bar = std::max(best.bar, std::abs(best.value - second.value) + second.bar);
  }
  return best;
}

}  // namespace

Status extrapolate(const Case<double>& kase, NodeId id, std::span<double> derivative,
                   std::span<double> error_bar) noexcept {
  Trace<ProgramNumber> trace;
  Mover<double> mover;
  Buffer<double> tableau;
  Buffer<double> row;
  if (const Status status = trace.run(kase); status != Status::kOk) return status;
  if (const Status status = mover.prepare(kase); status != Status::kOk) return status;
  const std::size_t columns = kase.columns();
  const std::size_t lanes = trace.values.lanes(id);
  for (const Status status : {tableau.resize(2 * kExtrapolationSteps * lanes), row.resize(2 * lanes)}) {
    if (status != Status::kOk) return status;
  }
  const std::size_t size = trace.values.size(id);
  if (derivative.size() != size || error_bar.size() != size) return Status::kLengthMismatch;

  const std::span<double> step = row.span().first(lanes);
  const std::span<double> noise = row.span().subspan(lanes, lanes);
  const std::span<const ProgramNumber> y = trace.values[NodeId::kY];
  // The bound of the pass at the base point. Twice for the two points, and twice more since the widest step
  // is a share of the length over which everything bends, or as large as the values.
  const Grouping& grouping = kase.grouping;
  const bool shares_lanes = trace.values.shares_lanes(id);
  const double terms = static_cast<double>(shares_lanes ? kase.rows() : grouping.shares());
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::size_t at = i % columns;
    const std::size_t lane =
        shares_lanes ? at : grouping.parameter(at % grouping.period, i / columns / grouping.run);
    const double sum = terms * kUnitRoundoff<double> * std::abs(y[i].value);
    noise[lane] +=
        4.0 * std::abs(kase.dy[i]) * (y[i].error + sum) +
        4.0 * std::numeric_limits<double>::denorm_min();  // what products with dy lose by underflow
  }
  const auto at = [&](std::size_t k) { return tableau.span().subspan(2 * k * lanes, lanes); };
  const auto width_at = [&](std::size_t k) { return tableau.span().subspan((2 * k + 1) * lanes, lanes); };
  for (std::size_t r = 0; r < mover.base().rows(id); ++r) {
    for (std::size_t k = 0; k < kExtrapolationSteps; ++k) {
      for (std::size_t c = 0; c < lanes; ++c) {
        step[c] = std::ldexp(first_step(id, mover.base(), kase, c), -static_cast<int>(k));
      }
      mover.difference(id, r, step, at(k), width_at(k));
    }
    for (std::size_t c = 0; c < lanes; ++c) {
      const auto [value, bar] = neville([&](std::size_t k) {
        return std::pair{at(k)[c], noise[c] / width_at(k)[c]};
      });
      derivative[r * lanes + c] = value;
      error_bar[r * lanes + c] = bar;
    }
  }
  return Status::kOk;
}

template <typename T>
Status sweep_steps(const Case<double>& kase, NodeId id, std::span<const double> steps,
                   std::span<double> errors) noexcept {
  if (const Status status = validate(kase); status != Status::kOk) return status;
  if (errors.size() != steps.size()) return Status::kLengthMismatch;
  Mover<T> mover;
  Mover<double> wide;
  ExactGradient exact;
  Tensors<ProgramNumber> base;
  Buffer<double> inputs;
  Buffer<double> row;
  const std::size_t size = kase.x.size();
  const std::size_t parameters = kase.grouping.channels;
  if (const Status status = mover.prepare(kase); status != Status::kOk) return status;
  const std::size_t lanes = mover.base().lanes(id);
  for (const Status status : {base.resize(kase.graph(), kase.grouping),
                              inputs.resize(2 * size + 2 * parameters), row.resize(3 * lanes)}) {
    if (status != Status::kOk) return status;
  }
  const auto rounded = [&](std::span<const T> from, std::size_t begin) -> std::span<const double> {
    const std::span<double> to = inputs.span().subspan(begin, from.size());
    std::copy(from.begin(), from.end(), to.begin());
    return to;
  };
  Case<double> same = kase;
  same.x = rounded(mover.base()[NodeId::kX], 0);
  same.dy = rounded(mover.dy(), size);
  same.gamma = rounded(mover.base()[NodeId::kGamma], 2 * size);
  if (kase.graph().has(NodeId::kBeta)) {
    same.beta = rounded(mover.base()[NodeId::kBeta], 2 * size + parameters);
  }
  if (const Status status = wide.prepare(same); status != Status::kOk) return status;
  std::copy(wide.base().all().begin(), wide.base().all().end(), base.all().begin());
  if (const Status status = exact.prepare(kase.settings(), base, same.dy); status != Status::kOk)
    return status;
  const std::size_t rows = base.rows(id);
  exact.differentiate(id, 0, rows);
  const std::span<double> step = row.span().first(lanes);
  const std::span<double> derivative = row.span().subspan(lanes, lanes);
  const std::span<double> width = row.span().subspan(2 * lanes, lanes);
  for (std::size_t s = 0; s < steps.size(); ++s) {
    std::fill(step.begin(), step.end(), steps[s]);
    double most = 0.0;
    for (std::size_t r = 0; r < rows; ++r) {
      mover.difference(id, r, step, derivative, width);
      for (std::size_t c = 0; c < lanes; ++c) {
        const double wanted = exact.gradient(id)[r * lanes + c];
        const double both = std::max(1e-8, std::abs(derivative[c]) + std::abs(wanted));
        const double error = std::abs(derivative[c] - wanted) / both;
        most = larger_error(most, error);
      }
    }
    errors[s] = most;
  }
  return Status::kOk;
}

template Status sweep_steps<float>(const Case<double>&, NodeId, std::span<const double>,
                                   std::span<double>) noexcept;
template Status sweep_steps<double>(const Case<double>&, NodeId, std::span<const double>,
                                    std::span<double>) noexcept;

}  // namespace backnorm
