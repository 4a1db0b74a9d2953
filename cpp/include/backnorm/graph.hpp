#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "backnorm/buffer.hpp"
#include "backnorm/scalars.hpp"
#include "backnorm/status.hpp"

/// Batch normalization as a computational graph: one table, and the two passes that read it.
///
///   x ──┬──────────→ xc ──┬──────────────────────────→ xhat → scaled → y → L = Σ dy·y
///       └→ mean ──────↗   └→ sq → var → std → invstd ──↗        ↑       ↑
///                                                             gamma    beta
///
/// What the forward pass copies to N rows, the backward pass sums over N rows; what it averages, the
/// backward pass copies and divides by N. A node that feeds two others sums two contributions.
/// The passes are staged, a loop a gate, so that every intermediate can be looked at; they are not the fast
/// kernels (batch_norm.hpp), and share no code with them.
namespace backnorm {

/// In topological order: a node stands after its inputs.
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
  kRow,     ///< (D), copied to N rows where it meets a matrix
};

/// The length over which the loss bends as one value of the node moves; S = var + eps, m = N - ddof.
/// It sets the step of a finite difference.
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
  std::array<NodeId, 2> inputs;  ///< the first `arity` count
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

/// An edge for every input of every node, in the table's order.
inline constexpr std::array<Edge, kEdgeCount> kEdges = [] {
  std::array<Edge, kEdgeCount> edges{};
  std::size_t next = 0;
  for (const Node& node : kNodes) {
    for (std::size_t i = 0; i < node.arity; ++i) edges[next++] = {node.inputs[i], node.id};
  }
  return edges;
}();

/// The place of an edge in kEdges, or kEdgeCount if the graph has no such edge.
constexpr std::size_t edge_index(NodeId from, NodeId to) noexcept {
  std::size_t i = 0;
  while (i < kEdgeCount && !(kEdges[i].from == from && kEdges[i].to == to)) ++i;
  return i;
}

/// One batch to be normalized, with the gradient that comes back from above.
/// x, dy: rows·columns values, row by row. gamma, beta: columns values.
template <typename T>
struct Case {
  std::size_t rows = 0;     ///< N, the batch
  std::size_t columns = 0;  ///< D, the features
  std::span<const T> x;
  std::span<const T> gamma;
  std::span<const T> beta;
  std::span<const T> dy;
  double eps = 1e-5;  ///< added to the variance, in float64 for either T
  int ddof = 0;       ///< 0: population variance (/N); 1: unbiased (/(N-1))
};

/// kEmptyBatch, kLengthMismatch, kInvalidEps, kInvalidDdof, kOneValuePerChannel or kOk.
template <typename T>
Status validate(const Case<T>& kase) noexcept;

/// One tensor a node, in one piece of memory.
template <typename T>
class Tensors {
 public:
  Status resize(std::size_t rows, std::size_t columns) noexcept;

  std::size_t rows() const noexcept { return rows_; }
  std::size_t columns() const noexcept { return columns_; }
  std::size_t size(NodeId id) const noexcept {
    return node(id).extent == Extent::kMatrix ? rows_ * columns_ : columns_;
  }
  std::span<T> operator[](NodeId id) noexcept { return memory_.span().subspan(begins_[place(id)], size(id)); }
  std::span<const T> operator[](NodeId id) const noexcept {
    return memory_.span().subspan(begins_[place(id)], size(id));
  }

 private:
  Buffer<T> memory_;
  std::array<std::size_t, kNodeCount> begins_{};
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
};

/// One tensor an edge: what the edge brings back to the node it comes from, in that node's shape.
template <typename T>
class Contributions {
 public:
  Status resize(std::size_t rows, std::size_t columns) noexcept;

  std::span<T> operator[](std::size_t edge) noexcept {
    return memory_.span().subspan(begins_[edge], sizes_[edge]);
  }
  std::span<const T> operator[](std::size_t edge) const noexcept {
    return memory_.span().subspan(begins_[edge], sizes_[edge]);
  }

 private:
  Buffer<T> memory_;
  std::array<std::size_t, kEdgeCount> begins_{};
  std::array<std::size_t, kEdgeCount> sizes_{};
};

/// What the gates need besides their inputs.
struct Settings {
  double eps = 1e-5;
  int ddof = 0;
};

/// The forward pass: every node but x, gamma, beta, from x, gamma, beta.
template <typename T>
void evaluate(Settings settings, Tensors<T>& values) noexcept;

/// The part of the forward pass that depends on `changed`, which itself is left as it is. Whoever moves a
/// node a little and calls this holds one side of a finite difference.
template <typename T>
void evaluate_from(NodeId changed, Settings settings, Tensors<T>& values) noexcept;

/// A change to the backward pass: the contribution of one edge, multiplied. 1 changes nothing, 0 drops the
/// edge.
struct EdgeEdit {
  std::size_t edge;
  double factor;
};

/// The backward pass, one edge at a time.
/// values: as evaluate left them. gradients[kY] is dy on entry; every other gradient is overwritten.
/// contributions[e] gets what edge e brings; a node's gradient is the sum over the edges that leave it.
template <typename T>
void pull_back(Settings settings, const Tensors<T>& values, Tensors<T>& gradients,
               Contributions<T>& contributions, std::span<const EdgeEdit> edits = {}) noexcept;

/// Both passes over one case, with the memory that they need.
template <typename T>
struct Trace {
  Tensors<T> values;
  Tensors<T> gradients;
  Contributions<T> contributions;

  /// Number is T's plain type: a Trace<Bounded<float>> reads a Case<float>.
  /// Answers as validate does, or kOutOfMemory.
  template <typename Number>
  Status run(const Case<Number>& kase, std::span<const EdgeEdit> edits = {}) noexcept;
};

/// The ways by which a gradient comes home. Each is the contribution of one edge, or a sum over its rows.
///
///   dx    = direct + through var + through mean    (N, D)
///   dmean = direct + through var                   (D); the second is 0, since Σ (x - mean) = 0
enum class Path { kXDirect, kXThroughVar, kXThroughMean, kMeanDirect, kMeanThroughVar };

/// Writes one path into `out`, which has the shape of the node that the path ends at.
template <typename T>
void read_path(Path path, const Trace<T>& trace, std::span<T> out) noexcept;

}  // namespace backnorm
