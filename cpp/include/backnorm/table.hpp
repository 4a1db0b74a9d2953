#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

/// The norms as computational graphs: two tables for all code.
///
/// Batch, layer, group and instance norm differ only in which values share statistics (grouping.hpp):
///
///   x ──┬──────────→ xc ──┬──────────────────────────→ xhat → scaled → y → L = Σ dy·y
///       └→ mean ──────↗   └→ sq → var → std → invstd ──↗        ↑       ↑
///                                                             gamma    beta
/// RMS norm has no mean and no beta:
///
///   x ──┬─────────────────────────────→ xhat → y → L = Σ dy·y
///       └→ sq → ms → rms → invrms ──────↗      ↑
///                                            gamma
namespace backnorm {

/// The parts that a node can have, in topological order: each comes after its inputs. In RMS norm ms, rms and
/// invrms have the parts of var, std and invstd.
enum class NodeId : std::uint8_t {
  kX,
  kGamma,
  kBeta,
  kMean,
  kXc,
  kSq,
  kVar,
  kStd,
  kInvstd,
  kXhat,
  kScaled,
  kY
};
inline constexpr std::size_t kNodeCount = 12;
constexpr std::size_t place(NodeId id) noexcept {
  return static_cast<std::size_t>(id);
}

enum class Gate : std::uint8_t {
  kInput,
  kMean,      ///< over rows: a sum gate for each group, M inputs each, times 1/M
  kVariance,  ///< the same gate, times 1/(M - ddof)
  kSubtract,  ///< first - second
  kSquare,
  kSquareRoot,  ///< of (input + eps)
  kReciprocal,
  kMultiply,
  kAdd,
};

enum class Extent : std::uint8_t {
  kElements,    ///< one for each value of x: M rows, G columns, a column a group
  kStatistics,  ///< one for each group, copied to its M rows where it meets elements
  kParameters,  ///< gamma and beta, copied to the elements that use them
};

/// The length over which the loss bends as one value of the node moves; S = var + eps, m = M - ddof. It
/// determines the step of a finite difference.
enum class Bend : std::uint8_t {
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

  friend constexpr bool operator==(const Edge&, const Edge&) = default;
};

/// A path of the gradient back to `to`: the contribution of one edge. To a statistic it is the negative sum
/// of that contribution over the group.
struct Path {
  std::string_view name;
  NodeId to;
  Edge along;
};

/// Invariants that gradients keep in training mode whatever the numbers are, per group.
enum class Law : std::uint8_t {
  kSumOfDx,      ///< Σ dx = 0
  kSumOfDxXhat,  ///< Σ dx·xhat = eps·Σ dxhat·xhat / (var + eps)^(3/2)
  kDvar,         ///< dvar = -Σ dxhat·xhat / (2·(var + eps))
  kDmean,        ///< dmean = -Σ dxhat / sqrt(var + eps)
};

/// The part of a node that moves with one row of another node, or with all of it if it has one row.
enum class Reach : std::uint8_t { kNone, kRow, kAll };

/// A norm as data. All code reads a graph; no code but the two tables below says what a norm computes.
struct Graph {
  std::string_view name;
  std::span<const Node> nodes;       ///< in topological order
  std::span<const Edge> edges;       ///< one for every input of every node, in the order of the nodes
  std::span<const NodeId> backward;  ///< gradients, each after those that it is computed from, and of two
                                     ///< that don't feed each other the simpler one first
  std::span<const Path> paths;       ///< those to one node add up to its gradient
  std::span<const Law> laws;
  std::array<std::size_t, kNodeCount> places{};  ///< in nodes; nodes.size() if the graph has no such node
  std::array<std::array<Reach, kNodeCount>, kNodeCount> reaches{};  ///< [a][b]: of b, with one row of a

  constexpr bool has(NodeId id) const noexcept { return places[backnorm::place(id)] < nodes.size(); }
  constexpr std::size_t place(NodeId id) const noexcept { return places[backnorm::place(id)]; }
  constexpr const Node& node(NodeId id) const noexcept { return nodes[place(id)]; }
  constexpr Reach reach(NodeId moved, NodeId id) const noexcept {
    return reaches[backnorm::place(moved)][backnorm::place(id)];
  }

  /// The node itself, or the one that has its part where the graph lacks it: x for xc, y for scaled.
  constexpr NodeId stand_in(NodeId id) const noexcept {
    if (has(id)) return id;
    return id == NodeId::kXc ? NodeId::kX : id == NodeId::kScaled ? NodeId::kY : id;
  }
  constexpr Edge stand_in(Edge edge) const noexcept { return {stand_in(edge.from), stand_in(edge.to)}; }

  /// The index of an edge, or edges.size() if the graph has no such edge.
  constexpr std::size_t edge_index(Edge edge) const noexcept {
    return static_cast<std::size_t>(std::find(edges.begin(), edges.end(), edge) - edges.begin());
  }
};

namespace detail {

using enum NodeId;

inline constexpr std::array<Node, 12> kBatchNormNodes{{
    {kX, "x", Extent::kElements, Gate::kInput, {}, 0, Bend::kStd},
    {kGamma, "gamma", Extent::kParameters, Gate::kInput, {}, 0, Bend::kNowhere},
    {kBeta, "beta", Extent::kParameters, Gate::kInput, {}, 0, Bend::kNowhere},
    {kMean, "mean", Extent::kStatistics, Gate::kMean, {kX}, 1, Bend::kStd},
    {kXc, "xc", Extent::kElements, Gate::kSubtract, {kX, kMean}, 2, Bend::kStd},
    {kSq, "sq", Extent::kElements, Gate::kSquare, {kXc}, 1, Bend::kSquare},
    {kVar, "var", Extent::kStatistics, Gate::kVariance, {kSq}, 1, Bend::kVariance},
    {kStd, "std", Extent::kStatistics, Gate::kSquareRoot, {kVar}, 1, Bend::kStd},
    {kInvstd, "invstd", Extent::kStatistics, Gate::kReciprocal, {kStd}, 1, Bend::kNowhere},
    {kXhat, "xhat", Extent::kElements, Gate::kMultiply, {kXc, kInvstd}, 2, Bend::kNowhere},
    {kScaled, "scaled", Extent::kElements, Gate::kMultiply, {kXhat, kGamma}, 2, Bend::kNowhere},
    {kY, "y", Extent::kElements, Gate::kAdd, {kScaled, kBeta}, 2, Bend::kNowhere},
}};
inline constexpr std::array kBatchNormBackward{kY,   kBeta, kScaled, kGamma, kXhat, kInvstd,
                                               kStd, kVar,  kSq,     kXc,    kMean, kX};
inline constexpr std::array<Path, 5> kBatchNormPaths{{
    {"direct", kX, {kXc, kXhat}},
    {"through-var", kX, {kXc, kSq}},
    {"through-mean", kX, {kX, kMean}},
    {"direct", kMean, {kXc, kXhat}},
    {"through-var", kMean, {kXc, kSq}},  // 0, since Σ (x - mean) = 0
}};
inline constexpr std::array kBatchNormLaws{Law::kSumOfDx, Law::kSumOfDxXhat, Law::kDvar, Law::kDmean};

inline constexpr std::array<Node, 8> kRmsNormNodes{{
    {kX, "x", Extent::kElements, Gate::kInput, {}, 0, Bend::kStd},
    {kGamma, "gamma", Extent::kParameters, Gate::kInput, {}, 0, Bend::kNowhere},
    {kSq, "sq", Extent::kElements, Gate::kSquare, {kX}, 1, Bend::kSquare},
    {kVar, "ms", Extent::kStatistics, Gate::kMean, {kSq}, 1, Bend::kVariance},
    {kStd, "rms", Extent::kStatistics, Gate::kSquareRoot, {kVar}, 1, Bend::kStd},
    {kInvstd, "invrms", Extent::kStatistics, Gate::kReciprocal, {kStd}, 1, Bend::kNowhere},
    {kXhat, "xhat", Extent::kElements, Gate::kMultiply, {kX, kInvstd}, 2, Bend::kNowhere},
    {kY, "y", Extent::kElements, Gate::kMultiply, {kXhat, kGamma}, 2, Bend::kNowhere},
}};
inline constexpr std::array kRmsNormBackward{kY, kGamma, kXhat, kInvstd, kStd, kVar, kSq, kX};
inline constexpr std::array<Path, 2> kRmsNormPaths{{
    {"direct", kX, {kX, kXhat}},
    {"through-rms", kX, {kX, kSq}},
}};
inline constexpr std::array kRmsNormLaws{Law::kSumOfDxXhat, Law::kDvar};

consteval std::size_t count_edges(std::span<const Node> nodes) {
  std::size_t count = 0;
  for (const Node& node : nodes) count += node.arity;
  return count;
}

template <std::size_t count>
consteval std::array<Edge, count> edges_of(std::span<const Node> nodes) {
  std::array<Edge, count> edges{};
  std::size_t next = 0;
  for (const Node& node : nodes) {
    for (std::size_t i = 0; i < node.arity; ++i) edges[next++] = {node.inputs[i], node.id};
  }
  return edges;
}
inline constexpr auto kBatchNormEdges = edges_of<count_edges(kBatchNormNodes)>(kBatchNormNodes);
inline constexpr auto kRmsNormEdges = edges_of<count_edges(kRmsNormNodes)>(kRmsNormNodes);

/// Fills in what follows from nodes and edges. Elements meet row by row; everything else passes a change on
/// to every row.
consteval Graph derived(Graph graph) {
  graph.places.fill(graph.nodes.size());
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) graph.places[place(graph.nodes[n].id)] = n;
  for (const Node& moved : graph.nodes) {
    auto& reaches = graph.reaches[place(moved.id)];
    reaches[place(moved.id)] = moved.extent == Extent::kElements ? Reach::kRow : Reach::kAll;
    for (const Edge& edge : graph.edges) {
      const Reach felt = reaches[place(edge.from)];
      if (felt == Reach::kNone) continue;
      Reach& reach = reaches[place(edge.to)];
      const bool stays_in_row = felt == Reach::kRow && graph.node(edge.to).extent == Extent::kElements;
      if (!stays_in_row) reach = Reach::kAll;
      if (reach == Reach::kNone) reach = Reach::kRow;
    }
  }
  return graph;
}

}  // namespace detail

/// Batch, layer, group and instance norm.
inline constexpr Graph kBatchNorm = detail::derived({.name = "batch",
                                                     .nodes = detail::kBatchNormNodes,
                                                     .edges = detail::kBatchNormEdges,
                                                     .backward = detail::kBatchNormBackward,
                                                     .paths = detail::kBatchNormPaths,
                                                     .laws = detail::kBatchNormLaws});
inline constexpr Graph kRmsNorm = detail::derived({.name = "rms",
                                                   .nodes = detail::kRmsNormNodes,
                                                   .edges = detail::kRmsNormEdges,
                                                   .backward = detail::kRmsNormBackward,
                                                   .paths = detail::kRmsNormPaths,
                                                   .laws = detail::kRmsNormLaws});

inline constexpr std::size_t kMostEdges = kBatchNorm.edges.size();

}  // namespace backnorm
