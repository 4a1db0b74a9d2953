#include "backnorm/numeric_gradient.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

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

Status NumericGradient::prepare(Settings settings, const Tensors<Bounded<double>>& base,
                                std::span<const double> dy) noexcept {
  const std::size_t rows = base.rows();
  const std::size_t columns = base.columns();
  for (const Status status :
       {base_.resize(rows, columns), moved_.resize(rows, columns), noisy_.resize(rows, columns),
        gradients_.resize(rows, columns), bounds_.resize(rows, columns), dy_.resize(rows * columns),
        y_plus_.resize(rows * columns), noise_.resize(rows * columns), columns_.resize(columns),
        derivative_.resize(columns), terms_.resize(columns)}) {
    if (status != Status::kOk) return status;
  }
  settings_ = settings;
  prepared_.reset();
  std::copy(dy.begin(), dy.end(), dy_.span().begin());
  for (const Node& node : kNodes) {
    for (std::size_t i = 0; i < base.size(node.id); ++i) {
      base_[node.id][i] = moved_[node.id][i] = base[node.id][i].value;
      noisy_[node.id][i] = base[node.id][i].value;
    }
  }
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t c = 0; c < columns; ++c) {
      const std::size_t i = row * columns + c;
      Column& column = columns_.span()[c];
      column.dy_size += std::abs(dy[i]);
      column.loss += std::abs(dy[i] * base_[NodeId::kScaled][i]);
    }
  }
  return Status::kOk;
}

std::size_t NumericGradient::rows(NodeId id) const noexcept {
  return base_.rows(id);
}

/// Bounds the effect of rounding on y₊ and y₋. In a pass with one moved row, every value stands within what
/// its range becomes when each value of the node ranges over its step to both sides, so the running bound on
/// these ranges holds for each of the two points of each row.
void NumericGradient::find_noise(NodeId id) noexcept {
  const std::size_t columns = base_.columns();
  for (std::size_t c = 0; c < columns; ++c) columns_.span()[c].scale = column_scale(base_[id], columns, c);

  const std::span<Ranged> moved = noisy_[id];
  for (std::size_t i = 0; i < moved.size(); ++i) {
    const Column& column = columns_.span()[i % columns];
    const Bounded<double> value = base_[id][i];
    const Bounded<double> step = difference_step(value.value, column.length, column.scale);
    moved[i] = Bounded<double>(value.value, step.value + (value + step).error);  // the sum is rounded
  }
  evaluate_from(id, settings_, noisy_);
  const std::span<const Ranged> y = noisy_[NodeId::kY];
  for (std::size_t i = 0; i < y.size(); ++i) noise_.span()[i] = 2.0 * std::abs(dy_.span()[i]) * y[i].error;
  for (const Node& node : kNodes) {
    if (reach(id, node.id) == Reach::kNone) continue;
    const std::span<const double> base = base_[node.id];
    std::copy(base.begin(), base.end(), noisy_[node.id].begin());
  }
  for (std::size_t c = 0; c < columns; ++c) {
    double noise = 0.0;
    for (std::size_t i = c; i < noise_.span().size(); i += columns) noise += noise_.span()[i];
    columns_.span()[c].noise = noise;
  }
}

void NumericGradient::move_row(NodeId id, std::size_t row, double side) noexcept {
  const std::size_t begin = row * base_.columns();
  for (std::size_t c = 0; c < base_.columns(); ++c) {
    moved_[id][begin + c] = base_[id][begin + c] + side * columns_.span()[c].step;
  }
  evaluate_row_from(id, row, settings_, moved_);
}

/// derivative_[c] = Σ over rows of dy·(y₊ - y₋) / width, the realised distance of the two points. terms_[c]
/// gets Σ |dy·(y₊ - y₋)|, which bounds the rounding error of that sum.
void NumericGradient::difference_row(NodeId id, std::size_t row) noexcept {
  const std::size_t columns = base_.columns();
  const std::span<const double> moved = moved_[id].subspan(row * columns, columns);
  // a row of y that doesn't move adds nothing to the difference
  const bool one_row = reach(id, NodeId::kY) == Reach::kRow;
  const std::size_t begin = one_row ? row * columns : 0;
  const std::size_t end = one_row ? begin + columns : dy_.span().size();
  const std::span<const double> y = moved_[NodeId::kY];

  move_row(id, row, 1.0);
  for (std::size_t c = 0; c < columns; ++c) columns_.span()[c].plus = moved[c];
  std::copy(y.begin() + static_cast<std::ptrdiff_t>(begin), y.begin() + static_cast<std::ptrdiff_t>(end),
            y_plus_.span().begin() + static_cast<std::ptrdiff_t>(begin));
  move_row(id, row, -1.0);

  const std::span<double> derivative = derivative_.span();
  std::fill(derivative.begin(), derivative.end(), 0.0);
  std::fill(terms_.span().begin(), terms_.span().end(), 0.0);
  for (std::size_t i = begin; i < end; i += columns) {
    add_terms(dy_.span().subspan(i, columns), y_plus_.span().data() + i, y.data() + i, derivative.data(),
              terms_.span().data());
  }
  for (std::size_t c = 0; c < columns; ++c) {
    Column& column = columns_.span()[c];
    column.width = column.plus - moved[c];
    derivative[c] /= column.width;
  }
}

/// Sets the length and the parts of the bound, column by column. Powers of t/radius converge, and are at most
/// size + slope·|dy|. See the header.
void NumericGradient::find_series(NodeId id) noexcept {
  const double rows = static_cast<double>(base_.rows());
  const double count = rows - settings_.ddof;
  for (std::size_t c = 0; c < base_.columns(); ++c) {
    Column& column = columns_.span()[c];
    const double std = base_[NodeId::kStd][c];
    const double scale = std::abs(base_[NodeId::kGamma][c]) / std;
    column.length = bend_length(node(id).bend, std, count);
    const auto moving_xc = [&](double norm, double all_share, double own_share) {
      column.radius = std::sqrt(count) * std / norm;
      column.size = scale * column.dy_size * all_share + column.loss / column.radius;
      column.slope = scale * own_share;
    };
    const auto below_xc = [&](double coefficient) {
      column.radius = column.length;
      column.size = coefficient * column.loss / column.radius;
      column.slope = 0.0;
    };
    switch (id) {
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
  if (node(id).bend == Bend::kNowhere) return 0.0;
  const Column& column = columns_.span()[c];
  const std::size_t at = row * base_.columns() + c;
  const double above = column.plus - base_[id][at];
  const double below = base_[id][at] - moved_[id][at];
  const double size = column.size + column.slope * std::abs(dy_.span()[at]);
  const double share = std::max(above, below) / column.radius;
  const double rest = 1.0 - share * share;
  if (!(share < 1.0)) return std::numeric_limits<double>::infinity();
  return size * (share * share / rest + std::abs(above - below) / (column.radius * rest * rest));
}

void NumericGradient::difference(NodeId id, std::size_t begin, std::size_t end) noexcept {
  const std::size_t columns = base_.columns();
  const bool one_row = reach(id, NodeId::kY) == Reach::kRow;
  const double rows = static_cast<double>(base_.rows());
  const double sum_error = (rows + 4.0) * kUnitRoundoff<double>;
  // what products with dy lose below the least number, with their share of the noise
  constexpr double kLeast = std::numeric_limits<double>::denorm_min();
  const double underflow = 2.0 * rows * kLeast;
  if (prepared_ != id) {
    find_series(id);
    find_noise(id);
    prepared_ = id;
  }
  for (std::size_t row = begin; row < end; ++row) {
    for (std::size_t c = 0; c < columns; ++c) {
      Column& column = columns_.span()[c];
      column.step = difference_step(base_[id][row * columns + c], column.length, column.scale);
    }
    difference_row(id, row);
    for (std::size_t c = 0; c < columns; ++c) {
      const Column& column = columns_.span()[c];
      const std::size_t at = row * columns + c;
      const double noise = one_row ? noise_.span()[at] : column.noise;
      gradients_[id][at] = derivative_.span()[c];
      bounds_[id][at] = truncation(id, row, c) +
                        (noise + sum_error * terms_.span()[c] + underflow) / column.width + 2.0 * kLeast;
    }
    restore(id, Reach::kRow, row);
  }
  restore(id, Reach::kAll, 0);
}

/// Restores everything that moved with one row of `id`.
void NumericGradient::restore(NodeId id, Reach moved, std::size_t row) noexcept {
  const std::size_t columns = base_.columns();
  for (const Node& node : kNodes) {
    if (reach(id, node.id) != moved) continue;
    const std::span<const double> base =
        moved == Reach::kRow ? base_[node.id].subspan(row * columns, columns) : base_[node.id];
    std::copy(base.begin(), base.end(), moved_[node.id].data() + row * columns);
  }
}

}  // namespace backnorm
