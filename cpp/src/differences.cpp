#include "backnorm/differences.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "backnorm/exact_gradient.hpp"
#include "backnorm/numeric_gradient.hpp"

namespace backnorm {
namespace {

/// A pass in T, with one row moved.
template <typename T>
class Mover {
 public:
  Status prepare(const Case<double>& kase) noexcept {
    const std::size_t size = kase.rows * kase.columns;
    for (const Status status : {base_.resize(kase.rows, kase.columns), moved_.resize(kase.rows, kase.columns),
                                dy_.resize(size), y_plus_.resize(size), plus_.resize(kase.columns)}) {
      if (status != Status::kOk) return status;
    }
    settings_ = {.eps = kase.eps, .ddof = kase.ddof};
    const auto round = [](std::span<const double> from, std::span<T> to) {
      for (std::size_t i = 0; i < to.size(); ++i) to[i] = static_cast<T>(from[i]);
    };
    round(kase.x, base_[NodeId::kX]);
    round(kase.gamma, base_[NodeId::kGamma]);
    round(kase.beta, base_[NodeId::kBeta]);
    round(kase.dy, dy_.span());
    evaluate(settings_, base_);
    return Status::kOk;
  }

  const Tensors<T>& base() const noexcept { return base_; }
  std::span<const T> dy() const noexcept { return dy_.span(); }

  /// derivative[c] = Σ dy·(y₊ - y₋) / width[c]; NaN if the step moves nothing.
  void difference(NodeId id, std::size_t row, std::span<const double> step, std::span<double> derivative,
                  std::span<double> width) noexcept {
    const std::size_t columns = base_.columns();
    const std::span<T> moved = moved_[id].subspan(row * columns, columns);
    const std::span<T> y = moved_[NodeId::kY];
    for (const Node& node : kNodes) {
      std::copy(base_[node.id].begin(), base_[node.id].end(), moved_[node.id].begin());
    }
    const auto move = [&](double side) {
      for (std::size_t c = 0; c < columns; ++c) {
        moved[c] = base_[id][row * columns + c] + static_cast<T>(side * step[c]);
      }
      evaluate_from(id, settings_, moved_);
    };
    move(1.0);
    std::copy(moved.begin(), moved.end(), plus_.span().begin());
    std::copy(y.begin(), y.end(), y_plus_.span().begin());
    move(-1.0);
    for (std::size_t c = 0; c < columns; ++c) {
      T sum = 0;
      for (std::size_t i = c; i < y.size(); i += columns) sum += dy_.span()[i] * (y_plus_.span()[i] - y[i]);
      width[c] = static_cast<double>(plus_.span()[c]) - static_cast<double>(moved[c]);
      derivative[c] = static_cast<double>(sum) / width[c];
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

double first_step(NodeId id, const Tensors<double>& base, const Case<double>& kase, std::size_t column) {
  const Bend bend = node(id).bend;
  if (bend == Bend::kNowhere) return column_scale(base[id], kase.columns, column);
  const double m = static_cast<double>(kase.rows) - kase.ddof;
  // a quarter of the radius of convergence, so that the tableau converges fast
  return bend_length(bend, base[NodeId::kStd][column], m) / 4;
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
  Trace<Bounded<double>> trace;
  Mover<double> mover;
  Buffer<double> tableau;
  Buffer<double> row;
  if (const Status status = trace.run(kase); status != Status::kOk) return status;
  const std::size_t columns = kase.columns;
  if (const Status status = mover.prepare(kase); status != Status::kOk) return status;
  for (const Status status : {tableau.resize(2 * kExtrapolationSteps * columns), row.resize(2 * columns)}) {
    if (status != Status::kOk) return status;
  }
  const std::size_t size = trace.values.size(id);
  if (derivative.size() != size || error_bar.size() != size) return Status::kLengthMismatch;

  const std::span<double> step = row.span().first(columns);
  const std::span<double> noise = row.span().subspan(columns, columns);
  const std::span<const Bounded<double>> y = trace.values[NodeId::kY];
  // The bound of the pass at the base point. Twice for the two points, and twice more since the widest step
  // is a share of the length over which everything bends, or as large as the values.
  for (std::size_t c = 0; c < columns; ++c) {
    for (std::size_t i = c; i < y.size(); i += columns) {
      const double sum = static_cast<double>(kase.rows) * kUnitRoundoff<double> * std::abs(y[i].value);
      noise[c] += 4.0 * std::abs(kase.dy[i]) * (y[i].error + sum) +
                  4.0 * std::numeric_limits<double>::denorm_min();  // what products with dy lose by underflow
    }
  }
  const auto at = [&](std::size_t k) { return tableau.span().subspan(2 * k * columns, columns); };
  const auto width_at = [&](std::size_t k) { return tableau.span().subspan((2 * k + 1) * columns, columns); };
  for (std::size_t r = 0; r < mover.base().rows(id); ++r) {
    for (std::size_t k = 0; k < kExtrapolationSteps; ++k) {
      for (std::size_t c = 0; c < columns; ++c) {
        step[c] = std::ldexp(first_step(id, mover.base(), kase, c), -static_cast<int>(k));
      }
      mover.difference(id, r, step, at(k), width_at(k));
    }
    for (std::size_t c = 0; c < columns; ++c) {
      const auto [value, bar] = neville([&](std::size_t k) {
        return std::pair{at(k)[c], noise[c] / width_at(k)[c]};
      });
      derivative[r * columns + c] = value;
      error_bar[r * columns + c] = bar;
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
  Tensors<Bounded<double>> base;
  Buffer<double> inputs;
  Buffer<double> row;
  const std::size_t columns = kase.columns;
  const std::size_t size = kase.rows * columns;
  if (const Status status = mover.prepare(kase); status != Status::kOk) return status;
  for (const Status status :
       {base.resize(kase.rows, columns), inputs.resize(2 * size + 2 * columns), row.resize(3 * columns)}) {
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
  same.beta = rounded(mover.base()[NodeId::kBeta], 2 * size + columns);
  if (const Status status = wide.prepare(same); status != Status::kOk) return status;
  for (const Node& node : kNodes) {
    std::copy(wide.base()[node.id].begin(), wide.base()[node.id].end(), base[node.id].begin());
  }
  const Settings settings{.eps = kase.eps, .ddof = kase.ddof};
  if (const Status status = exact.prepare(settings, base, same.dy); status != Status::kOk) return status;
  const std::size_t rows = base.rows(id);
  exact.differentiate(id, 0, rows);
  const std::span<double> step = row.span().first(columns);
  const std::span<double> derivative = row.span().subspan(columns, columns);
  const std::span<double> width = row.span().subspan(2 * columns, columns);
  for (std::size_t s = 0; s < steps.size(); ++s) {
    std::fill(step.begin(), step.end(), steps[s]);
    double most = 0.0;
    for (std::size_t r = 0; r < rows; ++r) {
      mover.difference(id, r, step, derivative, width);
      for (std::size_t c = 0; c < columns; ++c) {
        const double wanted = exact.gradient(id)[r * columns + c];
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
