#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include "backnorm/buffer.hpp"
#include "backnorm/edits.hpp"
#include "backnorm/grouping.hpp"
#include "backnorm/scalars.hpp"
#include "backnorm/status.hpp"
#include "backnorm/table.hpp"

/// The two passes over a graph of table.hpp.
///
/// Where the forward pass copies a statistic to M rows, the backward pass sums over M rows. Where it
/// averages, the backward pass copies and divides by M. Where it copies a parameter to the values that use
/// it, the backward pass sums over them. A node that feeds two others sums two contributions. The passes are
/// staged, one loop per gate, so that every intermediate is visible. They are not the fast kernels
/// (batch_norm.hpp), and share no code with them.
namespace backnorm {

/// What the gates need besides their inputs.
struct Settings {
  double eps = 1e-5;
  int ddof = 0;
  bool unit_offset = false;
};

/// One batch to normalize, with the gradient of the loss with respect to y, in the order of its grouping.
/// x, dy: M·G values, row by row. gamma, beta: C values; RMS norm has no beta.
template <typename T>
struct Case {
  Grouping grouping;
  std::span<const T> x;
  std::span<const T> gamma;
  std::span<const T> beta;
  std::span<const T> dy;
  double eps = 1e-5;         ///< added to the variance, in float64 for either T
  int ddof = 0;              ///< 0: population variance (/M); 1: unbiased variance (/(M-1)), not in RMS norm
  bool unit_offset = false;  ///< y = xhat·(1 + gamma), in RMS norm only: 1 + gamma is a rounded sum

  const Graph& graph() const noexcept { return graph_of(grouping.norm); }
  std::size_t rows() const noexcept { return grouping.rows; }
  std::size_t columns() const noexcept { return grouping.columns; }
  Settings settings() const noexcept { return {.eps = eps, .ddof = ddof, .unit_offset = unit_offset}; }
};

/// kEmptyBatch, kLengthMismatch, kInvalidShape for groups that don't divide C, kInvalidEps, kInvalidDdof,
/// kOneValuePerChannel or kOk.
template <typename T>
Status validate(const Case<T>& kase) noexcept;

/// The sizes of a case's tensors, and where they lie in one block of memory.
struct Arrangement {
  struct Place {
    std::size_t begin = 0;
    std::size_t size = 0;
    /// The length of a row: C for parameters, else G. Value i is in lane i mod lanes.
    std::size_t lanes = 1;
    /// A gate of elements reads value (row, column) at `read` + row·stride + column.
    std::size_t read = 0, stride = 0;
    std::size_t end = 0;       ///< after what is spread
    bool shares_lanes = true;  ///< a lane is a column: not for parameters that values of many columns use
  };

  const Graph* graph = &kBatchNorm;
  Grouping grouping;
  std::array<Place, kNodeCount> nodes{};  ///< in Tensors; sizes are 0 where the graph lacks a node
  std::array<Place, kMostEdges> edges{};  ///< in Contributions; only begin and size
  std::size_t end_of_nodes = 0;
  std::size_t end_of_edges = 0;

  void set(const Graph& of, const Grouping& by) noexcept;
  /// No tensors.
  void clear() noexcept { set(kBatchNorm, {}); }
};

/// One tensor per node, in one block of memory.
template <typename T>
class Tensors {
 public:
  /// Sets all tensors to zero. On kOutOfMemory the size is 0 by 0.
  Status resize(const Graph& graph, const Grouping& grouping) noexcept;

  const Graph& graph() const noexcept { return *arrangement_.graph; }
  const Grouping& grouping() const noexcept { return arrangement_.grouping; }
  std::size_t rows() const noexcept { return grouping().rows; }
  std::size_t columns() const noexcept { return grouping().columns; }
  /// M for elements, else 1.
  std::size_t rows(NodeId id) const noexcept { return at(id).size / at(id).lanes; }
  /// The length of a row: C for parameters, else G. Value i is in lane i mod lanes.
  std::size_t lanes(NodeId id) const noexcept { return at(id).lanes; }
  /// True if a lane of the node is a column: not for parameters that values of many columns use.
  bool shares_lanes(NodeId id) const noexcept { return at(id).shares_lanes; }
  std::size_t size(NodeId id) const noexcept { return at(id).size; }
  std::span<T> operator[](NodeId id) noexcept { return memory_.span().subspan(at(id).begin, at(id).size); }
  std::span<const T> operator[](NodeId id) const noexcept {
    return memory_.span().subspan(at(id).begin, at(id).size);
  }

  /// A tensor as a gate reads it: value (row, column) is at data[row·stride + column].
  struct Reading {
    const T* data;
    std::size_t stride;
  };
  Reading reading(NodeId id) const noexcept { return {memory_.span().data() + at(id).read, at(id).stride}; }
  /// Copies parameters, or statistics that are read by row, to the elements that use them, as gates read
  /// them. After every change of them.
  void spread(NodeId id, Settings settings = {}) noexcept;

  /// All tensors, with what is spread. The same graph and grouping give the same order.
  std::span<T> all() noexcept { return memory_.span(); }
  std::span<const T> all() const noexcept { return memory_.span(); }
  /// A node's part of it.
  std::span<T> whole(NodeId id) noexcept {
    return memory_.span().subspan(at(id).begin, at(id).end - at(id).begin);
  }
  std::span<const T> whole(NodeId id) const noexcept {
    return memory_.span().subspan(at(id).begin, at(id).end - at(id).begin);
  }

 private:
  const Arrangement::Place& at(NodeId id) const noexcept { return arrangement_.nodes[place(id)]; }

  Arrangement arrangement_;
  Buffer<T> memory_;
};

/// The values of numbers with a running bound, for numbers of another type.
template <typename From, typename To>
void copy_values(const From& from, std::span<To> to) noexcept {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = from[i].value;
}

/// One number per lane of each node.
class Lanes {
 public:
  /// Sets all to zero. kOutOfMemory or kOk.
  template <typename T>
  Status resize(const Tensors<T>& tensors) noexcept {
    std::size_t end = 0;
    for (const Node& node : tensors.graph().nodes) {
      begins_[place(node.id)] = end;
      end += sizes_[place(node.id)] = tensors.lanes(node.id);
    }
    return memory_.resize(end);
  }
  std::span<double> operator[](NodeId id) noexcept {
    return memory_.span().subspan(begins_[place(id)], sizes_[place(id)]);
  }
  std::span<const double> operator[](NodeId id) const noexcept {
    return memory_.span().subspan(begins_[place(id)], sizes_[place(id)]);
  }

 private:
  Buffer<double> memory_;
  std::array<std::size_t, kNodeCount> begins_{};
  std::array<std::size_t, kNodeCount> sizes_{};
};

/// One tensor per edge: its contribution to the node it comes from, in that node's shape.
template <typename T>
class Contributions {
 public:
  /// Sets all tensors to zero. On kOutOfMemory all sizes are 0.
  Status resize(const Graph& graph, const Grouping& grouping) noexcept;

  std::span<T> operator[](std::size_t edge) noexcept {
    return memory_.span().subspan(arrangement_.edges[edge].begin, arrangement_.edges[edge].size);
  }
  std::span<const T> operator[](std::size_t edge) const noexcept {
    return memory_.span().subspan(arrangement_.edges[edge].begin, arrangement_.edges[edge].size);
  }
  /// Room for the terms of a contribution that is a sum.
  std::span<T> scratch() noexcept { return memory_.span().last(arrangement_.grouping.size()); }

 private:
  Arrangement arrangement_;
  Buffer<T> memory_;
};

/// Sees every tensor as soon as it is complete, and may overwrite it: what follows is computed from the new
/// values.
template <typename T>
class Observer {
 public:
  virtual void value(NodeId id, std::span<T> tensor) noexcept = 0;
  virtual void gradient(NodeId id, std::span<T> tensor) noexcept = 0;
  virtual void contribution(std::size_t edge, std::span<T> tensor) noexcept = 0;

 protected:
  ~Observer() = default;
};

/// The forward pass: computes every other node from x, gamma and beta.
template <typename T>
void evaluate(Settings settings, Tensors<T>& values, std::span<const Edit> edits = {},
              Observer<T>* observer = nullptr) noexcept;

/// The part of the forward pass that depends on `changed`, which itself stays as it is. Moving a node a
/// little and calling this gives one side of a finite difference.
template <typename T>
void evaluate_from(NodeId changed, Settings settings, Tensors<T>& values) noexcept;

/// evaluate_from for a single moved row of `changed`, where everything else holds the values of one pass.
/// Gates that work row by row recompute only that row. The result is bit for bit that of evaluate_from.
template <typename T>
void evaluate_row_from(NodeId changed, std::size_t row, Settings settings, Tensors<T>& values) noexcept;

/// Forward-mode differentiation: the forward pass on dual numbers. The values stay as they are; only tangents
/// are written.
/// values: as evaluate left them. tangents: those of x, gamma and beta on entry; all others are overwritten.
void push(Settings settings, const Tensors<double>& values, Tensors<double>& tangents) noexcept;

/// push where only the rows [begin, end) of `changed` have tangents and all others are 0: writes the tangents
/// of what depends on them (reach).
void push_rows(NodeId changed, std::size_t begin, std::size_t end, Settings settings,
               const Tensors<double>& values, Tensors<double>& tangents) noexcept;

/// The backward pass, one edge at a time.
/// values: as evaluate left them. gradients[kY] is dy on entry; all other gradients are overwritten.
/// contributions[e] gets the contribution of edge e. A node's gradient is the sum over the edges that leave
/// it.
template <typename T>
void pull_back(Settings settings, const Tensors<T>& values, Tensors<T>& gradients,
               Contributions<T>& contributions, std::span<const Edit> edits = {},
               Observer<T>* observer = nullptr) noexcept;

/// Both passes over one case, with their memory.
template <typename T>
struct Trace {
  Tensors<T> values;
  Tensors<T> gradients;
  Contributions<T> contributions;
  bool unit_offset = false;  ///< that of the case

  /// Number is the plain type of T: a Trace<Bounded<float>> reads a Case<float>.
  /// Returns the statuses of validate, or kOutOfMemory.
  template <typename Number>
  Status run(const Case<Number>& kase, std::span<const Edit> edits = {},
             Observer<T>* observer = nullptr) noexcept;
};

/// A factor without its powers of nodes.
double constant_of(const Factor& factor, Settings settings, const Grouping& grouping) noexcept;

/// The backward pass of `trace` with every term replaced by its size: the size of the gradients if nothing
/// cancelled. kOutOfMemory or kOk.
template <typename T>
Status size_terms(Settings settings, const Trace<T>& trace, Trace<Magnitude>& magnitudes) noexcept;

/// The number of roundings in a term of a gradient: three sums over rows or over the values that share a
/// parameter (the mean, the variance, the loss), and a dozen operations between them. Two programs that order
/// these differently agree within that many times u times the result of size_terms.
constexpr double roundings(const Grouping& grouping) noexcept {
  return 3.0 * static_cast<double>(std::max(grouping.rows, grouping.shares())) + 32.0;
}

/// Writes a path of the trace's graph into `out`, which has the shape of the node at its end.
template <typename T>
void read_path(const Path& path, const Trace<T>& trace, std::span<T> out) noexcept;

}  // namespace backnorm
