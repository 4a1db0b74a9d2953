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
/// Where the forward pass broadcasts to N rows, the backward pass sums over N rows. Where it averages, the
/// backward pass broadcasts and divides by N. A node that feeds two others sums two contributions.
/// The passes are staged, one loop per gate, so that every intermediate is visible. They are not the fast
/// kernels (batch_norm.hpp), and share no code with them.
namespace backnorm {

/// One batch to normalize, with the gradient of the loss with respect to y.
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
  int ddof = 0;       ///< 0: population variance (/N); 1: unbiased variance (/(N-1))
};

/// kEmptyBatch, kLengthMismatch, kInvalidEps, kInvalidDdof, kOneValuePerChannel or kOk.
template <typename T>
Status validate(const Case<T>& kase) noexcept;

/// One tensor per node, in one block of memory.
template <typename T>
class Tensors {
 public:
  /// Sets all tensors to zero. On kOutOfMemory the size is 0 by 0.
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

/// One tensor per edge: its contribution to the node it comes from, in that node's shape.
template <typename T>
class Contributions {
 public:
  /// Sets all tensors to zero. On kOutOfMemory the size is 0 by 0.
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

/// push where only row `row` of `changed` has tangents and all others are 0: writes the tangents of what
/// depends on it (reach).
void push_row(NodeId changed, std::size_t row, Settings settings, const Tensors<double>& values,
              Tensors<double>& tangents) noexcept;

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

  /// Number is the plain type of T: a Trace<Bounded<float>> reads a Case<float>.
  /// Returns the statuses of validate, or kOutOfMemory.
  template <typename Number>
  Status run(const Case<Number>& kase, std::span<const Edit> edits = {},
             Observer<T>* observer = nullptr) noexcept;
};

/// The backward pass of `trace` with every term replaced by its size: the size of the gradients if nothing
/// cancelled. kOutOfMemory or kOk.
template <typename T>
Status size_terms(Settings settings, const Trace<T>& trace, Trace<Magnitude>& magnitudes) noexcept;

/// The number of roundings in a term of a gradient: three sums over rows (the mean, the variance, the loss)
/// and a dozen operations between them. Two programs that order these differently agree within
/// roundings(rows)·u times the result of size_terms.
constexpr double roundings(std::size_t rows) noexcept {
  return 3.0 * static_cast<double>(rows) + 32.0;
}

/// The paths of the gradient. Each is the contribution of one edge, or a sum over its rows.
///
///   dx    = direct + through var + through mean    (N, D)
///   dmean = direct + through var                   (D); the second is 0, since Σ (x - mean) = 0
enum class Path { kXDirect, kXThroughVar, kXThroughMean, kMeanDirect, kMeanThroughVar };

/// Writes one path into `out`, which has the shape of the node at the end of the path.
template <typename T>
void read_path(Path path, const Trace<T>& trace, std::span<T> out) noexcept;

}  // namespace backnorm
