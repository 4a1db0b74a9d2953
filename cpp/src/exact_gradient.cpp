#include "backnorm/exact_gradient.hpp"

#include <algorithm>
#include <limits>

namespace backnorm {
namespace {

void add_products(std::span<const double> a, const double* b, double* __restrict sums) {
  for (std::size_t i = 0; i < a.size(); ++i) sums[i] += a[i] * b[i];
}

}  // namespace

Status ExactGradient::prepare(Settings settings, const Tensors<Bounded<double>>& base,
                              std::span<const double> dy) noexcept {
  const std::size_t rows = base.rows();
  const std::size_t columns = base.columns();
  for (const Status status : {values_.resize(rows, columns), tangents_.resize(rows, columns),
                              gradients_.resize(rows, columns), dy_.resize(rows * columns)}) {
    if (status != Status::kOk) return status;
  }
  settings_ = settings;
  std::copy(dy.begin(), dy.end(), dy_.span().begin());
  for (const Node& node : kNodes) {
    for (std::size_t i = 0; i < base.size(node.id); ++i) values_[node.id][i] = base[node.id][i].value;
  }
  return Status::kOk;
}

void ExactGradient::differentiate(NodeId id, std::size_t begin, std::size_t end) noexcept {
  const std::size_t columns = values_.columns();
  const std::span<const double> y = tangents_[NodeId::kY];
  const std::span<const double> dy = dy_.span();
  // a row of y that doesn't move adds nothing
  const bool one_row = reach(id, NodeId::kY) == Reach::kRow;
  for (std::size_t row = begin; row < end; ++row) {
    const std::span<double> moved = tangents_[id].subspan(row * columns, columns);
    std::fill(moved.begin(), moved.end(), 1.0);
    push_row(id, row, settings_, values_, tangents_);
    const std::span<double> gradient = gradients_[id].subspan(row * columns, columns);
    std::fill(gradient.begin(), gradient.end(), 0.0);
    const std::size_t first = one_row ? row * columns : 0;
    const std::size_t last = one_row ? first + columns : y.size();
    for (std::size_t i = first; i < last; i += columns) {
      add_products(dy.subspan(i, columns), y.data() + i, gradient.data());
    }
    forget(id, Reach::kRow, row);
  }
  forget(id, Reach::kAll, 0);
}

/// Sets the tangents of everything that moves with one row of `id` to 0.
void ExactGradient::forget(NodeId id, Reach moved, std::size_t row) noexcept {
  const std::size_t columns = values_.columns();
  for (const Node& node : kNodes) {
    if (reach(id, node.id) != moved) continue;
    const std::span<double> tangents =
        moved == Reach::kRow ? tangents_[node.id].subspan(row * columns, columns) : tangents_[node.id];
    std::fill(tangents.begin(), tangents.end(), 0.0);
  }
}

/// A tangent below the smallest normal number has a fixed absolute error in place of a relative one. It moves
/// the loss by that error times the gradient at its node: at the node itself and at all nodes downstream.
void bound_underflow(const Trace<Magnitude>& sizes, std::span<double> lost) noexcept {
  constexpr double kLeast = std::numeric_limits<double>::denorm_min();
  const std::size_t columns = sizes.values.columns();
  const double products = static_cast<double>(sizes.values.rows()) * kLeast;  // with dy
  for (std::size_t row = kNodeCount; row-- > 0;) {
    const std::span<double> here = lost.subspan(row * columns, columns);
    if (row + 1 < kNodeCount) {
      std::copy_n(lost.subspan((row + 1) * columns).begin(), columns, here.begin());
    } else {
      std::fill(here.begin(), here.end(), products);
    }
    const NodeId id = kNodes[row].id;
    const std::span<const Magnitude> gradient = sizes.gradients[id];
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      // the few operations of a tangent, of which only the quotient enlarges what was lost before
      const double enlarged = id == NodeId::kInvstd ? std::max(1.0, sizes.values[id][i].value) : 1.0;
      here[i % columns] += 4.0 * kLeast * (enlarged * gradient[i].value) + kLeast;  // the product is rounded
    }
  }
}

}  // namespace backnorm
