#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "backnorm/graph.hpp"

namespace backnorm {

/// An array of a program that runs both passes: a node's value, a node's gradient, or an edge's contribution.
struct Quantity {
  enum class Kind : std::uint8_t { kValue, kGradient, kContribution };

  Kind kind = Kind::kValue;
  std::uint8_t index = 0;    ///< of the node or the edge in the graph
  NodeId node = NodeId::kX;  ///< that node, or the one that the edge leads back to
  Extent extent = Extent::kElements;
};

/// The numbers of a graph's arrays: values, then gradients, then contributions.
class Quantities {
 public:
  constexpr explicit Quantities(const Graph& graph) noexcept : graph_(&graph) {}

  constexpr const Graph& graph() const noexcept { return *graph_; }
  constexpr std::size_t count() const noexcept { return 2 * nodes() + graph_->edges.size(); }
  constexpr Quantity operator[](std::size_t number) const noexcept {
    using Kind = Quantity::Kind;
    const Kind kind = number < nodes()       ? Kind::kValue
                      : number < 2 * nodes() ? Kind::kGradient
                                             : Kind::kContribution;
    const std::size_t index = number - static_cast<std::size_t>(kind) * nodes();
    const NodeId id = kind == Kind::kContribution ? graph_->edges[index].from : graph_->nodes[index].id;
    return {kind, static_cast<std::uint8_t>(index), id, graph_->node(id).extent};
  }
  constexpr std::size_t value_of(NodeId id) const noexcept { return graph_->place(id); }
  constexpr std::size_t gradient_of(NodeId id) const noexcept { return nodes() + graph_->place(id); }
  constexpr std::size_t contribution_of(std::size_t edge) const noexcept { return 2 * nodes() + edge; }

 private:
  constexpr std::size_t nodes() const noexcept { return graph_->nodes.size(); }

  const Graph* graph_;
};

/// Of batch norm's graph: 37.
inline constexpr std::size_t kMostQuantities = Quantities(kBatchNorm).count();

/// A quantity of a trace, in the trace's own grouping.
template <typename T>
std::span<const T> tensor(const Trace<T>& trace, std::size_t number) noexcept {
  const Quantity which = Quantities(trace.values.graph())[number];
  switch (which.kind) {
    case Quantity::Kind::kValue: return trace.values[which.node];
    case Quantity::Kind::kGradient: return trace.gradients[which.node];
    case Quantity::Kind::kContribution: return trace.contributions[which.index];
  }
  return {};
}

}  // namespace backnorm
