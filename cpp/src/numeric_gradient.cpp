#include "backnorm/numeric_gradient.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "operands.hpp"

namespace backnorm {
namespace {

/// Adds dy·(plus - minus) to sums and its absolute value to sizes, column by column.
void add_terms(std::span<const double> dy, const double* plus, const double* minus, double* __restrict sums,
               double* __restrict sizes) {
  for (std::size_t c = 0; c < dy.size(); ++c) {
    const double term = dy[c] * (plus[c] - minus[c]);
    sums[c] += term;
    sizes[c] += std::abs(term);
  }
}

}  // namespace

double bend_length(Bend bend, double std, double m) noexcept {
  switch (bend) {
    case Bend::kNowhere: break;
    case Bend::kStd: return std;
    case Bend::kVariance: return std * std;
    case Bend::kSquare: return m * std * std;
  }
  return std::numeric_limits<double>::infinity();
}

double column_scale(std::span<const double> values, std::size_t columns, std::size_t column) noexcept {
  double scale = 0.0;
  for (std::size_t i = column; i < values.size(); i += columns) scale = std::max(scale, std::abs(values[i]));
  return scale > 0 ? scale : 1.0;
}

double difference_step(double value, double length, double scale) noexcept {
  constexpr double kCubeRoot = 0x1.428a2f98d728bp-18;  // of the unit roundoff
  if (std::isinf(length)) return scale;
  const double size = std::abs(value);
  return kCubeRoot * length * (size > length ? std::cbrt(size / length) : 1.0);  // a root is expensive
}

Status NumericGradient::prepare(Settings settings, const Tensors<ProgramNumber>& base,
                                std::span<const double> dy) noexcept {
  const Graph& graph = base.graph();
  const Grouping& grouping = base.grouping();
  const std::size_t most_lanes = std::max(grouping.columns, grouping.channels);
  for (const Status status :
       {base_.resize(graph, grouping), moved_.resize(graph, grouping), noisy_.resize(graph, grouping),
        gradients_.resize(graph, grouping), bounds_.resize(graph, grouping), dy_.resize(dy.size()),
        y_plus_.resize(dy.size()), noise_.resize(dy.size()), lanes_.resize(most_lanes),
        derivative_.resize(most_lanes), terms_.resize(most_lanes), dxhat_.resize(grouping.columns),
        loss_.resize(grouping.columns)}) {
    if (status != Status::kOk) return status;
  }
  settings_ = settings;
  prepared_.reset();
  std::copy(dy.begin(), dy.end(), dy_.span().begin());
  copy_values(base.all(), base_.all());
  copy_values(base.all(), moved_.all());
  copy_values(base.all(), noisy_.all());
  for (std::size_t i = 0; i < dy.size(); ++i) {
    const std::size_t c = i % base_.columns();
    dxhat_.span()[c] += dxhat_size(i / base_.columns(), c);
    loss_.span()[c] += std::abs(dy[i] * base_[graph.stand_in(NodeId::kScaled)][i]);
  }
  return Status::kOk;
}

/// |dy·gamma|
double NumericGradient::dxhat_size(std::size_t row, std::size_t column) const noexcept {
  const detail::Operand<double> gamma(base_, NodeId::kGamma);
  return std::abs(dy_.span()[row * base_.columns() + column] * gamma(row, column));
}

std::size_t NumericGradient::rows(NodeId id) const noexcept {
  return base_.rows(id);
}

/// Adds up a number per value of y in the lanes of `id`.
template <typename Term>
void NumericGradient::add_up(NodeId id, std::span<double> sums, Term term) const noexcept {
  const std::size_t columns = base_.columns();
  if (!base_.shares_lanes(id)) {
    detail::sum_parameters<double>(
        base_.grouping(), sums, [&](std::size_t r, std::size_t c) { return term(r * columns + c); },
        [](double sum) { return sum; });
    return;
  }
  for (std::size_t c = 0; c < columns; ++c) {
    double sum = 0.0;
    for (std::size_t i = c; i < dy_.span().size(); i += columns) sum += term(i);
    sums[c] = sum;
  }
}

/// Bounds the effect of rounding on y₊ and y₋. In a pass with one moved row, every value stands within what
/// its range becomes when each value of the node ranges over its step to both sides, so the running bound on
/// these ranges holds for each of the two points of each row.
void NumericGradient::find_noise(NodeId id) noexcept {
  const std::size_t lanes = base_.lanes(id);
  for (std::size_t c = 0; c < lanes; ++c) lanes_.span()[c].scale = column_scale(base_[id], lanes, c);

  const std::span<Ranged> moved = noisy_[id];
  for (std::size_t i = 0; i < moved.size(); ++i) {
    const Lane& lane = lanes_.span()[i % lanes];
    const Bounded<double> value = base_[id][i];
    const Bounded<double> step = difference_step(value.value, lane.length, lane.scale);
    moved[i] = Bounded<double>(value.value, step.value + (value + step).error);  // the sum is rounded
  }
  evaluate_from(id, settings_, noisy_);
  const std::span<const Ranged> y = noisy_[NodeId::kY];
  for (std::size_t i = 0; i < y.size(); ++i) noise_.span()[i] = 2.0 * std::abs(dy_.span()[i]) * y[i].error;
  for (const Node& node : base_.graph().nodes) {
    if (base_.graph().reach(id, node.id) == Reach::kNone) continue;
    const std::span<const double> base = base_.whole(node.id);
    std::copy(base.begin(), base.end(), noisy_.whole(node.id).begin());
  }
  add_up(id, derivative_.span(), [&](std::size_t i) { return noise_.span()[i]; });
  for (std::size_t c = 0; c < lanes; ++c) lanes_.span()[c].noise = derivative_.span()[c];
}

void NumericGradient::move_row(NodeId id, std::size_t row, double side) noexcept {
  const std::size_t lanes = base_.lanes(id);
  for (std::size_t c = 0; c < lanes; ++c) {
    moved_[id][row * lanes + c] = base_[id][row * lanes + c] + side * lanes_.span()[c].step;
  }
  evaluate_row_from(id, row, settings_, moved_);
}

/// derivative_[c] = Σ over rows of dy·(y₊ - y₋) / width, the realised distance of the two points. terms_[c]
/// gets Σ |dy·(y₊ - y₋)|, which bounds the rounding error of that sum.
void NumericGradient::difference_row(NodeId id, std::size_t row) noexcept {
  const std::size_t columns = base_.columns();
  const std::size_t lanes = base_.lanes(id);
  const std::span<const double> moved = moved_[id].subspan(row * lanes, lanes);
  // a row of y that doesn't move adds nothing to the difference
  const bool one_row = base_.graph().reach(id, NodeId::kY) == Reach::kRow;
  const std::size_t begin = one_row ? row * columns : 0;
  const std::size_t end = one_row ? begin + columns : dy_.span().size();
  const std::span<const double> y = moved_[NodeId::kY];
  const std::span<double> y_plus = y_plus_.span();

  move_row(id, row, 1.0);
  for (std::size_t c = 0; c < lanes; ++c) lanes_.span()[c].plus = moved[c];
  std::copy(y.begin() + static_cast<std::ptrdiff_t>(begin), y.begin() + static_cast<std::ptrdiff_t>(end),
            y_plus.begin() + static_cast<std::ptrdiff_t>(begin));
  move_row(id, row, -1.0);

  const std::span<double> derivative = derivative_.span();
  if (base_.shares_lanes(id)) {
    std::fill(derivative.begin(), derivative.end(), 0.0);
    std::fill(terms_.span().begin(), terms_.span().end(), 0.0);
    for (std::size_t i = begin; i < end; i += columns) {
      add_terms(dy_.span().subspan(i, columns), y_plus.data() + i, y.data() + i, derivative.data(),
                terms_.span().data());
    }
  } else {
    const auto term = [&](std::size_t i) { return dy_.span()[i] * (y_plus[i] - y[i]); };
    add_up(id, derivative, term);
    add_up(id, terms_.span(), [&](std::size_t i) { return std::abs(term(i)); });
  }
  for (std::size_t c = 0; c < lanes; ++c) {
    Lane& lane = lanes_.span()[c];
    lane.width = lane.plus - moved[c];
    derivative[c] /= lane.width;
  }
}

/// Sets the length and the parts of the bound, lane by lane. Powers of t/radius converge, and are at most
/// size + slope·|dxhat|. See the header.
void NumericGradient::find_series(NodeId id) noexcept {
  const Graph& graph = base_.graph();
  const Bend bend = graph.node(id).bend;
  const double rows = static_cast<double>(base_.rows());
  const double count = rows - settings_.ddof;
  for (std::size_t c = 0; c < base_.lanes(id); ++c) {
    Lane& lane = lanes_.span()[c];
    lane.length = std::numeric_limits<double>::infinity();
    if (bend == Bend::kNowhere) continue;
    const double std = base_[NodeId::kStd][c];
    lane.length = bend_length(bend, std, count);
    const auto moving_xc = [&](double norm, double all_share, double own_share) {
      lane.radius = std::sqrt(count) * std / norm;
      lane.size = dxhat_.span()[c] / std * all_share + loss_.span()[c] / lane.radius;
      lane.slope = own_share / std;
    };
    const auto below_xc = [&](double coefficient) {
      lane.radius = lane.length;
      lane.size = coefficient * loss_.span()[c] / lane.radius;
      lane.slope = 0.0;
    };
    switch (id == graph.stand_in(NodeId::kXc) ? NodeId::kXc : id) {
      case NodeId::kX: moving_xc(std::sqrt(1.0 - 1.0 / rows), 1.0 / rows, 1.0); break;
      case NodeId::kMean: moving_xc(std::sqrt(rows), 1.0, 0.0); break;
      case NodeId::kXc: moving_xc(1.0, 0.0, 1.0); break;
      case NodeId::kSq:
      case NodeId::kVar: below_xc(0.375); break;
      case NodeId::kStd: below_xc(1.0); break;
      default: break;
    }
  }
}

double NumericGradient::truncation(NodeId id, std::size_t row, std::size_t c) const noexcept {
  if (base_.graph().node(id).bend == Bend::kNowhere) return 0.0;
  const Lane& lane = lanes_.span()[c];
  const std::size_t at = row * base_.lanes(id) + c;
  const double above = lane.plus - base_[id][at];
  const double below = base_[id][at] - moved_[id][at];
  const double size = lane.slope > 0.0 ? lane.size + lane.slope * dxhat_size(row, c) : lane.size;
  const double share = std::max(above, below) / lane.radius;
  const double rest = 1.0 - share * share;
  if (!(share < 1.0)) return std::numeric_limits<double>::infinity();
  return size * (share * share / rest + std::abs(above - below) / (lane.radius * rest * rest));
}

void NumericGradient::difference(NodeId id, std::size_t begin, std::size_t end) noexcept {
  const std::size_t lanes = base_.lanes(id);
  const bool one_row = base_.graph().reach(id, NodeId::kY) == Reach::kRow;
  const Grouping& grouping = base_.grouping();
  const double terms = static_cast<double>(base_.shares_lanes(id) ? grouping.rows : grouping.shares());
  const double sum_error = (terms + 4.0) * kUnitRoundoff<double>;
  // what products with dy lose below the least number, with their share of the noise
  constexpr double kLeast = std::numeric_limits<double>::denorm_min();
  const double underflow = 2.0 * terms * kLeast;
  if (prepared_ != id) {
    find_series(id);
    find_noise(id);
    prepared_ = id;
  }
  for (std::size_t row = begin; row < end; ++row) {
    for (std::size_t c = 0; c < lanes; ++c) {
      Lane& lane = lanes_.span()[c];
      lane.step = difference_step(base_[id][row * lanes + c], lane.length, lane.scale);
    }
    difference_row(id, row);
    for (std::size_t c = 0; c < lanes; ++c) {
      const Lane& lane = lanes_.span()[c];
      const std::size_t at = row * lanes + c;
      const double noise = one_row ? noise_.span()[at] : lane.noise;
      gradients_[id][at] = derivative_.span()[c];
      bounds_[id][at] = truncation(id, row, c) +
                        (noise + sum_error * terms_.span()[c] + underflow) / lane.width + 2.0 * kLeast;
    }
    restore(id, Reach::kRow, row);
  }
  restore(id, Reach::kAll, 0);
}

/// Restores everything that moved with one row of `id`.
void NumericGradient::restore(NodeId id, Reach moved, std::size_t row) noexcept {
  const std::size_t columns = base_.columns();
  for (const Node& node : base_.graph().nodes) {
    if (base_.graph().reach(id, node.id) != moved) continue;
    const std::span<const double> base =
        moved == Reach::kRow ? base_[node.id].subspan(row * columns, columns) : base_.whole(node.id);
    std::copy(base.begin(), base.end(), moved_[node.id].data() + row * columns);
  }
}

}  // namespace backnorm
