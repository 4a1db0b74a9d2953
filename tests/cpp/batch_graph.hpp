#pragma once

#include "backnorm/graph.hpp"
#include "backnorm/mistakes.hpp"
#include "backnorm/quantities.hpp"

/// Short names for tests of batch norm's graph.
namespace backnorm::test {

inline constexpr std::span<const Node> kNodes = kBatchNorm.nodes;
inline constexpr std::span<const Edge> kEdges = kBatchNorm.edges;
inline constexpr std::size_t kEdgeCount = kBatchNorm.edges.size();
inline constexpr Quantities kQuantities(kBatchNorm);
inline constexpr std::size_t kQuantityCount = kQuantities.count();

constexpr const Node& node(NodeId id) {
  return kBatchNorm.node(id);
}
constexpr Reach reach(NodeId moved, NodeId id) {
  return kBatchNorm.reach(moved, id);
}
constexpr std::size_t edge_index(NodeId from, NodeId to) {
  return kBatchNorm.edge_index({from, to});
}
constexpr Quantity quantity(std::size_t number) {
  return kQuantities[number];
}
constexpr std::size_t value_of(NodeId id) {
  return kQuantities.value_of(id);
}
constexpr std::size_t gradient_of(NodeId id) {
  return kQuantities.gradient_of(id);
}
constexpr std::size_t contribution_of(std::size_t edge) {
  return kQuantities.contribution_of(edge);
}
constexpr bool is_matrix(NodeId id) {
  return node(id).extent == Extent::kElements;
}

/// True if a program for batch norm of a matrix can make the mistake.
inline bool is_of_batch_norm(const Mistake& mistake) {
  return applies(mistake, batch_grouping(7, 3));
}

/// The paths to x and to the mean.
inline constexpr const Path& kXDirect = kBatchNorm.paths[0];
inline constexpr const Path& kXThroughVar = kBatchNorm.paths[1];
inline constexpr const Path& kXThroughMean = kBatchNorm.paths[2];
inline constexpr const Path& kMeanDirect = kBatchNorm.paths[3];
inline constexpr const Path& kMeanThroughVar = kBatchNorm.paths[4];

template <typename T>
Status resize(Tensors<T>& tensors, std::size_t rows, std::size_t columns) {
  return tensors.resize(kBatchNorm, batch_grouping(rows, columns));
}
/// The gradient of a node as a program with these edits returns it.
template <typename T>
Status read_returned(NodeId id, std::span<const Edit> edits, const Trace<T>& trace, Returned<T>& out) {
  return backnorm::read_returned(gradient_of(id), edits, trace, trace.values.grouping(), out);
}

}  // namespace backnorm::test
