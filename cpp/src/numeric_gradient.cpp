#include "backnorm/numeric_gradient.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace backnorm {
namespace {

constexpr double kUnitRoundoff = 0.5 * std::numeric_limits<double>::epsilon();

}  // namespace

double difference_step(double value, double length, double scale) noexcept {
  if (std::isinf(length)) return scale;
  return std::cbrt(kUnitRoundoff * std::max(std::abs(value), length) * length * length);
}

Status NumericGradient::prepare(Settings settings, const Tensors<Bounded<double>>& base,
                                std::span<const double> dy) noexcept {
  const std::size_t rows = base.rows();
  const std::size_t columns = base.columns();
  for (const Status status :
       {base_.resize(rows, columns), moved_.resize(rows, columns), noisy_.resize(rows, columns),
        gradients_.resize(rows, columns), bounds_.resize(rows, columns), dy_.resize(rows * columns),
        y_plus_.resize(rows * columns), row_.resize(7 * columns)}) {
    if (status != Status::kOk) return status;
  }
  std::size_t begin = 0;
  for (std::span<double>* row : {&step_, &width_, &noise_, &scale_, &terms_, &single_, &doubled_}) {
    *row = row_.span().subspan(begin, columns);
    begin += columns;
  }
  settings_ = settings;
  noise_of_.reset();
  std::copy(dy.begin(), dy.end(), dy_.span().begin());
  for (const Node& node : kNodes) {
    for (std::size_t i = 0; i < base.size(node.id); ++i) {
      base_[node.id][i] = moved_[node.id][i] = base[node.id][i].value;
    }
  }
  return Status::kOk;
}

std::size_t NumericGradient::rows(NodeId id) const noexcept {
  return node(id).extent == Extent::kMatrix ? base_.rows() : 1;
}

double NumericGradient::length(NodeId id, std::size_t column) const noexcept {
  const double std = base_[NodeId::kStd][column];
  const double count = static_cast<double>(base_.rows()) - settings_.ddof;
  switch (node(id).bend) {
    case Bend::kNowhere: break;
    case Bend::kStd: return std;
    case Bend::kVariance: return std * std;
    case Bend::kSquare: return count * std * std;
  }
  return std::numeric_limits<double>::infinity();
}

/// noise_[c]: how far rounding can take Σ dy·(y₊ - y₋) of column c, by a running bound on both passes.
void NumericGradient::find_noise(NodeId id) noexcept {
  const std::size_t columns = base_.columns();
  const std::span<const double> value = base_[id];
  std::fill(scale_.begin(), scale_.end(), 0.0);
  for (std::size_t i = 0; i < value.size(); ++i) {
    scale_[i % columns] = std::max(scale_[i % columns], std::abs(value[i]));
  }
  for (double& scale : scale_) scale = scale > 0 ? scale : 1.0;

  // A row is moved by +h and by -h while the others stay. All rows moved together bound either way.
  std::fill(noise_.begin(), noise_.end(), 0.0);
  const std::span<double> worst = y_plus_.span();
  std::fill(worst.begin(), worst.end(), 0.0);
  for (const double side : {0.0, 1.0, -1.0}) {
    for (const Node& node : kNodes) {
      for (std::size_t i = 0; i < base_.size(node.id); ++i) noisy_[node.id][i] = base_[node.id][i];
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
      const std::size_t column = i % columns;
      noisy_[id][i] = value[i] + side * difference_step(value[i], length(id, column), scale_[column]);
    }
    evaluate_from(id, settings_, noisy_);
    const std::span<const Bounded<double>> y = noisy_[NodeId::kY];
    for (std::size_t i = 0; i < y.size(); ++i) worst[i] = std::max(worst[i], y[i].error);
  }
  noise_of_ = id;
  for (std::size_t i = 0; i < worst.size(); ++i)
    noise_[i % columns] += 2.0 * std::abs(dy_.span()[i]) * worst[i];
}

void NumericGradient::move_row(NodeId id, std::size_t row, double factor) noexcept {
  const std::size_t begin = row * base_.columns();
  for (std::size_t c = 0; c < base_.columns(); ++c) {
    moved_[id][begin + c] = base_[id][begin + c] + factor * step_[c];
  }
}

/// derivative[c] = Σ over rows of dy·(y₊ - y₋) / width, width the realised distance of the two points.
/// terms_[c] gets Σ |dy·(y₊ - y₋)|, which bounds what that sum itself loses.
void NumericGradient::difference_row(NodeId id, std::size_t row, double factor,
                                     std::span<double> derivative) noexcept {
  const std::size_t columns = base_.columns();
  const std::span<const double> moved = moved_[id].subspan(row * columns, columns);
  const std::span<const double> y = moved_[NodeId::kY];
  const std::span<double> y_plus = y_plus_.span();

  move_row(id, row, factor);
  std::copy(moved.begin(), moved.end(), width_.begin());
  evaluate_from(id, settings_, moved_);
  std::copy(y.begin(), y.end(), y_plus.begin());

  move_row(id, row, -factor);
  for (std::size_t c = 0; c < columns; ++c) width_[c] -= moved[c];
  evaluate_from(id, settings_, moved_);

  std::fill(derivative.begin(), derivative.end(), 0.0);
  std::fill(terms_.begin(), terms_.end(), 0.0);
  for (std::size_t r = 0; r < base_.rows(); ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      const std::size_t i = r * columns + c;
      const double term = dy_.span()[i] * (y_plus[i] - y[i]);
      derivative[c] += term;
      terms_[c] += std::abs(term);
    }
  }
  for (std::size_t c = 0; c < columns; ++c) derivative[c] /= width_[c];
  move_row(id, row, 0.0);
}

void NumericGradient::difference(NodeId id, std::size_t begin, std::size_t end) noexcept {
  const std::size_t columns = base_.columns();
  const bool bends = node(id).bend != Bend::kNowhere;
  const double sum_error = (static_cast<double>(base_.rows()) + 4.0) * kUnitRoundoff;
  if (noise_of_ != id) find_noise(id);
  for (std::size_t row = begin; row < end; ++row) {
    for (std::size_t c = 0; c < columns; ++c) {
      step_[c] = difference_step(base_[id][row * columns + c], length(id, c), scale_[c]);
    }
    if (bends) difference_row(id, row, 2.0, doubled_);
    difference_row(id, row, 1.0, single_);
    for (std::size_t c = 0; c < columns; ++c) {
      const double noise = (noise_[c] + sum_error * terms_[c]) / width_[c];
      // Three times the truncation, or the noise of the two differences hides it: that of the wider one is
      // half.
      const double moved = bends ? std::abs(doubled_[c] - single_[c]) + 0.5 * noise : 0.0;
      gradients_[id][row * columns + c] = single_[c];
      bounds_[id][row * columns + c] = moved + noise;
    }
  }
  evaluate_from(id, settings_, moved_);  // back to the base point
}

}  // namespace backnorm
