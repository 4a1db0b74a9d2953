#include "backnorm/exact_gradient.hpp"

#include <algorithm>

namespace backnorm {

Status ExactGradient::prepare(Settings settings, const Tensors<Bounded<double>>& base,
                              std::span<const double> dy) noexcept {
  const std::size_t rows = base.rows();
  const std::size_t columns = base.columns();
  for (const Status status :
       {values_.resize(rows, columns), gradients_.resize(rows, columns), dy_.resize(rows * columns)}) {
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
  const std::span<const Dual<double>> y = values_[NodeId::kY];
  const std::span<const double> dy = dy_.span();
  const auto set_tangent = [&](std::size_t row, double tangent) {
    for (Dual<double>& value : values_[id].subspan(row * columns, columns)) value.tangent = tangent;
  };
  for (std::size_t row = begin; row < end; ++row) {
    set_tangent(row, 1.0);
    evaluate_from(id, settings_, values_);
    const std::span<double> gradient = gradients_[id].subspan(row * columns, columns);
    std::fill(gradient.begin(), gradient.end(), 0.0);
    for (std::size_t i = 0; i < y.size(); ++i) gradient[i % columns] += dy[i] * y[i].tangent;
    set_tangent(row, 0.0);
  }
  evaluate_from(id, settings_, values_);  // back to no tangent anywhere
}

}  // namespace backnorm
