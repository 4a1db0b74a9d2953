#pragma once

#include <array>
#include <cstddef>
#include <string_view>

/// Batch normalization as a computational graph: one table for all code.
///
///   x ──┬──────────→ xc ──┬──────────────────────────→ xhat → scaled → y → L = Σ dy·y
///       └→ mean ──────↗   └→ sq → var → std → invstd ──↗        ↑       ↑
///                                                             gamma    beta
namespace backnorm {

/// In topological order: each node comes after its inputs.
enum class NodeId { kX, kGamma, kBeta, kMean, kXc, kSq, kVar, kStd, kInvstd, kXhat, kScaled, kY };

enum class Gate {
  kInput,
  kMean,      ///< over rows: D sum gates in parallel, N inputs each, times 1/N
  kVariance,  ///< the same gate, times 1/(N - ddof)
  kSubtract,  ///< first - second
  kSquare,
  kSquareRoot,  ///< of (input + eps)
  kReciprocal,
  kMultiply,
  kAdd,
};

enum class Extent {
  kMatrix,  ///< (N, D)
  kRow,     ///< (D), broadcast to N rows where it meets a matrix
};

/// The length over which the loss bends as one value of the node moves; S = var + eps, m = N - ddof. It
/// determines the step of a finite difference.
enum class Bend {
  kNowhere,   ///< the loss is linear in this node
  kStd,       ///< sqrt(S)
  kVariance,  ///< S
  kSquare,    ///< m·S
};

struct Node {
  NodeId id;
  std::string_view name;
  Extent extent;
  Gate gate;
  std::array<NodeId, 2> inputs;  ///< only the first `arity`
  std::size_t arity;
  Bend bend;
};

struct Edge {
  NodeId from;
  NodeId to;
};

inline constexpr std::array<Node, 12> kNodes{{
    {NodeId::kX, "x", Extent::kMatrix, Gate::kInput, {}, 0, Bend::kStd},
    {NodeId::kGamma, "gamma", Extent::kRow, Gate::kInput, {}, 0, Bend::kNowhere},
    {NodeId::kBeta, "beta", Extent::kRow, Gate::kInput, {}, 0, Bend::kNowhere},
    {NodeId::kMean, "mean", Extent::kRow, Gate::kMean, {NodeId::kX}, 1, Bend::kStd},
    {NodeId::kXc, "xc", Extent::kMatrix, Gate::kSubtract, {NodeId::kX, NodeId::kMean}, 2, Bend::kStd},
    {NodeId::kSq, "sq", Extent::kMatrix, Gate::kSquare, {NodeId::kXc}, 1, Bend::kSquare},
    {NodeId::kVar, "var", Extent::kRow, Gate::kVariance, {NodeId::kSq}, 1, Bend::kVariance},
    {NodeId::kStd, "std", Extent::kRow, Gate::kSquareRoot, {NodeId::kVar}, 1, Bend::kStd},
    {NodeId::kInvstd, "invstd", Extent::kRow, Gate::kReciprocal, {NodeId::kStd}, 1, Bend::kNowhere},
    {NodeId::kXhat,
     "xhat",
     Extent::kMatrix,
     Gate::kMultiply,
     {NodeId::kXc, NodeId::kInvstd},
     2,
     Bend::kNowhere},
    {NodeId::kScaled,
     "scaled",
     Extent::kMatrix,
     Gate::kMultiply,
     {NodeId::kXhat, NodeId::kGamma},
     2,
     Bend::kNowhere},
    {NodeId::kY, "y", Extent::kMatrix, Gate::kAdd, {NodeId::kScaled, NodeId::kBeta}, 2, Bend::kNowhere},
}};

inline constexpr std::size_t kNodeCount = kNodes.size();
constexpr std::size_t place(NodeId id) noexcept {
  return static_cast<std::size_t>(id);
}
constexpr const Node& node(NodeId id) noexcept {
  return kNodes[place(id)];
}

inline constexpr std::size_t kEdgeCount = [] {
  std::size_t count = 0;
  for (const Node& node : kNodes) count += node.arity;
  return count;
}();

/// One edge for every input of every node, in the table's order.
inline constexpr std::array<Edge, kEdgeCount> kEdges = [] {
  std::array<Edge, kEdgeCount> edges{};
  std::size_t next = 0;
  for (const Node& node : kNodes) {
    for (std::size_t i = 0; i < node.arity; ++i) edges[next++] = {node.inputs[i], node.id};
  }
  return edges;
}();

/// The index of an edge in kEdges, or kEdgeCount if the graph has no such edge.
constexpr std::size_t edge_index(NodeId from, NodeId to) noexcept {
  std::size_t i = 0;
  while (i < kEdgeCount && !(kEdges[i].from == from && kEdges[i].to == to)) ++i;
  return i;
}

/// The part of a node that moves with one row of another node, or with all of it if it has one row.
enum class Reach { kNone, kRow, kAll };

/// kReaches[a][b]: the part of b that moves with one row of a. Matrices meet row by row; a row-shaped node
/// passes a change on to every row.
inline constexpr std::array<std::array<Reach, kNodeCount>, kNodeCount> kReaches = [] {
  std::array<std::array<Reach, kNodeCount>, kNodeCount> reaches{};
  for (std::size_t a = 0; a < kNodeCount; ++a) {
    reaches[a][a] = kNodes[a].extent == Extent::kMatrix ? Reach::kRow : Reach::kAll;
    for (const Edge& edge : kEdges) {
      const Reach felt = reaches[a][place(edge.from)];
      if (felt == Reach::kNone) continue;
      Reach& reach = reaches[a][place(edge.to)];
      const bool stays_in_row = felt == Reach::kRow && node(edge.to).extent == Extent::kMatrix;
      if (!stays_in_row) reach = Reach::kAll;
      if (reach == Reach::kNone) reach = Reach::kRow;
    }
  }
  return reaches;
}();
constexpr Reach reach(NodeId moved, NodeId id) noexcept {
  return kReaches[place(moved)][place(id)];
}

}  // namespace backnorm
