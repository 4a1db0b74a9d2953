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
  std::uint8_t index = 0;  ///< of the node or the edge

  constexpr NodeId node() const noexcept {
    return kind == Kind::kContribution ? kEdges[index].from : kNodes[index].id;
  }
  constexpr bool is_matrix() const noexcept { return backnorm::node(node()).extent == Extent::kMatrix; }
};

/// Values, then gradients, then contributions: 37 in all.
inline constexpr std::size_t kQuantityCount = 2 * kNodeCount + kEdgeCount;
constexpr Quantity quantity(std::size_t number) noexcept {
  const auto index = [](std::size_t i) { return static_cast<std::uint8_t>(i); };
  if (number < kNodeCount) return {Quantity::Kind::kValue, index(number)};
  if (number < 2 * kNodeCount) return {Quantity::Kind::kGradient, index(number - kNodeCount)};
  return {Quantity::Kind::kContribution, index(number - 2 * kNodeCount)};
}
constexpr std::size_t value_of(NodeId id) noexcept {
  return place(id);
}
constexpr std::size_t gradient_of(NodeId id) noexcept {
  return kNodeCount + place(id);
}
constexpr std::size_t contribution_of(std::size_t edge) noexcept {
  return 2 * kNodeCount + edge;
}

/// A quantity of a trace.
template <typename T>
std::span<const T> tensor(const Trace<T>& trace, std::size_t number) noexcept {
  const Quantity which = quantity(number);
  switch (which.kind) {
    case Quantity::Kind::kValue: return trace.values[which.node()];
    case Quantity::Kind::kGradient: return trace.gradients[which.node()];
    case Quantity::Kind::kContribution: return trace.contributions[which.index];
  }
  return {};
}

}  // namespace backnorm
