#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include "backnorm/buffer.hpp"
#include "backnorm/edits.hpp"
#include "backnorm/scalars.hpp"
#include "backnorm/status.hpp"
#include "backnorm/table.hpp"

/// The two passes over the graph of table.hpp.
///
/// What the forward pass copies to N rows, the backward pass sums over N rows; what it averages, the
/// backward pass copies and divides by N. A node that feeds two others sums two contributions.
/// The passes are staged, a loop a gate, so that every intermediate can be looked at; they are not the fast
/// kernels (batch_norm.hpp), and share no code with them.
namespace backnorm {

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
  /// All zeros, or kOutOfMemory, and then 0 by 0.
  Status resize(std::size_t rows, std::size_t columns) noexcept;

  std::size_t rows() const noexcept { return rows_; }
  std::size_t rows(NodeId id) const noexcept { return node(id).extent == Extent::kMatrix ? rows_ : 1; }
  std::size_t columns() const noexcept { return columns_; }
  std::size_t size(NodeId id) const noexcept { return rows(id) * columns_; }
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
  /// All zeros, or kOutOfMemory, and then 0 by 0.
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

/// Is shown every tensor as soon as it is whole, and may write another into its place: what follows is then
/// computed from that.
template <typename T>
class Observer {
 public:
  virtual void value(NodeId id, std::span<T> tensor) noexcept = 0;
  virtual void gradient(NodeId id, std::span<T> tensor) noexcept = 0;
  virtual void contribution(std::size_t edge, std::span<T> tensor) noexcept = 0;

 protected:
  ~Observer() = default;
};

/// The forward pass: every node but x, gamma, beta, from x, gamma, beta.
template <typename T>
void evaluate(Settings settings, Tensors<T>& values, std::span<const Edit> edits = {},
              Observer<T>* observer = nullptr) noexcept;

/// The part of the forward pass that depends on `changed`, which itself is left as it is. Whoever moves a
/// node a little and calls this holds one side of a finite difference.
template <typename T>
void evaluate_from(NodeId changed, Settings settings, Tensors<T>& values) noexcept;

/// evaluate_from where of `changed` only one row was moved, and all else holds the values of one pass: gates
/// that work row by row recompute that row alone. Bit for bit what evaluate_from gives.
template <typename T>
void evaluate_row_from(NodeId changed, std::size_t row, Settings settings, Tensors<T>& values) noexcept;

/// Forward-mode differentiation: the forward pass on dual numbers, whose values stay as they are, so that
/// tangents alone are written.
/// values: as evaluate left them. tangents: those of x, gamma and beta on entry; every other is overwritten.
void push(Settings settings, const Tensors<double>& values, Tensors<double>& tangents) noexcept;

/// push where only row `row` of `changed` has tangents, and all else 0: what moves along (reach) gets its
/// own.
void push_row(NodeId changed, std::size_t row, Settings settings, const Tensors<double>& values,
              Tensors<double>& tangents) noexcept;

/// The backward pass, one edge at a time.
/// values: as evaluate left them. gradients[kY] is dy on entry; every other gradient is overwritten.
/// contributions[e] gets what edge e brings; a node's gradient is the sum over the edges that leave it.
template <typename T>
void pull_back(Settings settings, const Tensors<T>& values, Tensors<T>& gradients,
               Contributions<T>& contributions, std::span<const Edit> edits = {},
               Observer<T>* observer = nullptr) noexcept;

/// Both passes over one case, with the memory that they need.
template <typename T>
struct Trace {
  Tensors<T> values;
  Tensors<T> gradients;
  Contributions<T> contributions;

  /// Number is T's plain type: a Trace<Bounded<float>> reads a Case<float>.
  /// Answers as validate does, or kOutOfMemory.
  template <typename Number>
  Status run(const Case<Number>& kase, std::span<const Edit> edits = {},
             Observer<T>* observer = nullptr) noexcept;
};

/// The backward pass of `trace` with the size of every term in its place and every sum a sum of sizes: what
/// the gradients would be if nothing cancelled. kOutOfMemory or kOk.
template <typename T>
Status size_terms(Settings settings, const Trace<T>& trace, Trace<Magnitude>& magnitudes) noexcept;

/// How often a term of a gradient may be rounded on its way: in three sums over rows (the mean, the variance,
/// the loss) and a dozen operations between them. Two programs that order these differently agree within
/// roundings(rows)·u times what size_terms says.
constexpr double roundings(std::size_t rows) noexcept {
  return 3.0 * static_cast<double>(rows) + 32.0;
}

/// The ways by which a gradient comes home. Each is the contribution of one edge, or a sum over its rows.
///
///   dx    = direct + through var + through mean    (N, D)
///   dmean = direct + through var                   (D); the second is 0, since Σ (x - mean) = 0
enum class Path { kXDirect, kXThroughVar, kXThroughMean, kMeanDirect, kMeanThroughVar };

/// Writes one path into `out`, which has the shape of the node that the path ends at.
template <typename T>
void read_path(Path path, const Trace<T>& trace, std::span<T> out) noexcept;

}  // namespace backnorm
