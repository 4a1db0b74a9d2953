#include "backnorm/exact_gradient.hpp"

#include <algorithm>
#include <limits>

#include "operands.hpp"

namespace backnorm {
namespace {

void add_products(std::span<const double> a, const double* b, double* __restrict sums) {
  for (std::size_t i = 0; i < a.size(); ++i) sums[i] += a[i] * b[i];
}

}  // namespace

Status ExactGradient::prepare(Settings settings, const Tensors<ProgramNumber>& base,
                              std::span<const double> dy) noexcept {
  const Graph& graph = base.graph();
  const Grouping& grouping = base.grouping();
  for (const Status status : {values_.resize(graph, grouping), tangents_.resize(graph, grouping),
                              gradients_.resize(graph, grouping), dy_.resize(dy.size())}) {
    if (status != Status::kOk) return status;
  }
  settings_ = settings;
  std::copy(dy.begin(), dy.end(), dy_.span().begin());
  copy_values(base.all(), values_.all());
  return Status::kOk;
}

void ExactGradient::differentiate(NodeId id, std::size_t begin, std::size_t end) noexcept {
  const std::size_t columns = values_.columns();
  const std::size_t lanes = values_.lanes(id);
  const std::span<const double> y = tangents_[NodeId::kY];
  const std::span<const double> dy = dy_.span();
  // Rows of y that each move with one row of the node can all move at once.
  const bool by_rows = values_.graph().reach(id, NodeId::kY) == Reach::kRow;
  const std::size_t step = by_rows ? end - begin : 1;
  for (std::size_t row = begin; row < end; row += step) {
    const std::span<double> moved = tangents_[id].subspan(row * lanes, step * lanes);
    std::fill(moved.begin(), moved.end(), 1.0);
    push_rows(id, row, row + step, settings_, values_, tangents_);
    const std::span<double> gradient = gradients_[id].subspan(row * lanes, step * lanes);
    if (by_rows) {
      for (std::size_t i = 0; i < gradient.size(); ++i)
        gradient[i] = 0.0 + dy[row * lanes + i] * y[row * lanes + i];
    } else if (values_.shares_lanes(id)) {
      std::fill(gradient.begin(), gradient.end(), 0.0);
      for (std::size_t i = 0; i < y.size(); i += columns) {
        add_products(dy.subspan(i, columns), y.data() + i, gradient.data());
      }
    } else {
      detail::sum_parameters<double>(
          values_.grouping(), gradient,
          [&](std::size_t r, std::size_t c) { return dy[r * columns + c] * y[r * columns + c]; },
          [](double sum) { return sum; });
    }
    forget(id, Reach::kRow, row, row + step);
  }
  forget(id, Reach::kAll, 0, 0);
}

/// Sets the tangents of everything that moves with rows of `id` to 0.
void ExactGradient::forget(NodeId id, Reach moved, std::size_t begin, std::size_t end) noexcept {
  const std::size_t columns = values_.columns();
  for (const Node& node : values_.graph().nodes) {
    if (values_.graph().reach(id, node.id) != moved) continue;
    const std::span<double> tangents =
        moved == Reach::kRow ? tangents_[node.id].subspan(begin * columns, (end - begin) * columns)
                             : tangents_.whole(node.id);
    std::fill(tangents.begin(), tangents.end(), 0.0);
  }
}

/// A tangent below the smallest normal number has a fixed absolute error in place of a relative one. It moves
/// the loss by that error times the gradient at its node: at the node itself and at all nodes downstream.
Status bound_underflow(const Trace<Magnitude>& sizes, Lanes& lost) noexcept {
  constexpr double kLeast = std::numeric_limits<double>::denorm_min();
  const Tensors<Magnitude>& values = sizes.values;
  const Graph& graph = values.graph();
  if (const Status status = lost.resize(values); status != Status::kOk) return status;
  const double products = static_cast<double>(values.rows()) * kLeast;  // with dy
  std::span<const double> after;  // of the next node that isn't a parameter
  for (std::size_t n = graph.nodes.size(); n-- > 0;) {
    const NodeId id = graph.nodes[n].id;
    const std::span<double> here = lost[id];
    if (after.empty()) {
      std::fill(here.begin(), here.end(), products);
    } else if (values.shares_lanes(id)) {
      std::copy(after.begin(), after.end(), here.begin());
    } else {  // a parameter meets values of many columns
      double sum = 0.0;
      for (const double one : after) sum += one;
      std::fill(here.begin(), here.end(), sum);
    }
    const std::span<const Magnitude> gradient = sizes.gradients[id];
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      // the few operations of a tangent, of which only the quotient enlarges what was lost before
      const double enlarged = id == NodeId::kInvstd ? std::max(1.0, values[id][i].value) : 1.0;
      here[i % here.size()] +=
          4.0 * kLeast * (enlarged * gradient[i].value) + kLeast;  // the product is rounded
    }
    if (values.shares_lanes(id)) after = here;
  }
  return Status::kOk;
}

}  // namespace backnorm
