#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <span>
#include <utility>

#include "backnorm/graph.hpp"
#include "backnorm/mistakes.hpp"

/// Runs own the memory that JavaScript views. The steps: reserve, fill the inputs, run, copy the outputs out,
/// delete. A run returns statuses and spans; embind.hpp converts them. A span becomes a view, which dies with
/// the next call that reserves memory, so nobody keeps one.
namespace backnorm::bindings {

/// An object that JavaScript holds. Its `new` returns null if memory is full; elsewhere `new` aborts, since
/// there are no exceptions.
struct Held {
  static void* operator new(std::size_t size) noexcept { return std::malloc(size); }
  static void operator delete(void* memory) noexcept { std::free(memory); }
};

/// A buffer and the number of values that it needs.
template <typename T>
struct Room {
  Buffer<T>& buffer;
  std::size_t size;

  double bytes() const { return static_cast<double>(size) * sizeof(T); }
  bool make() const { return buffer.resize(size) == Status::kOk; }
};
template <typename T>
Room(Buffer<T>&, std::size_t) -> Room<T>;

/// Resizes all buffers, or returns kOutOfMemory. A size that can never fit is refused first: grown wasm
/// memory never shrinks.
template <typename... T>
Status make_all(Room<T>... rooms) {
  constexpr double kMost = BACKNORM_MOST_MEMORY;
  return (0.0 + ... + rooms.bytes()) < kMost && (rooms.make() && ...) ? Status::kOk : Status::kOutOfMemory;
}

/// The inputs of a Case, on the heap, and the mistakes to switch on. Inputs in float32 are held in float64,
/// so that there is one of each run.
class Inputs : public Held {
 public:
  /// norm: in the order of Norm.
  Status reserve(int norm, std::size_t samples, std::size_t channels, std::size_t positions,
                 std::size_t groups) {
    grouping_ = grouping_of(static_cast<Norm>(norm), samples, channels, positions, groups);
    const std::size_t size = grouping_.size();
    return make_all(Room{x_, size}, Room{dy_, size}, Room{gamma_, channels},
                    Room{beta_, graph().has(NodeId::kBeta) ? channels : 0});
  }
  /// is_single: the inputs are float32.
  void configure(double eps, int ddof, bool unit_offset, bool is_single) {
    precision_ = is_single ? Precision::kFloat32 : Precision::kFloat64;
    eps_ = eps;
    ddof_ = ddof;
    unit_offset_ = unit_offset;
  }
  std::span<double> x() { return x_.span(); }
  std::span<double> dy() { return dy_.span(); }
  std::span<double> gamma() { return gamma_.span(); }
  std::span<double> beta() { return beta_.span(); }
  /// True if the mistake can be made in this case.
  bool can_have(std::size_t mistake) const { return applies(mistakes()[mistake], grouping_, unit_offset_); }
  /// Adds a mistake to the passes, after the earlier ones. Capacity doubles, so that the time for a long list
  /// is linear.
  Status add_mistake(std::size_t mistake) {
    const std::span<const Edit> more = mistakes()[mistake].edits;
    const std::size_t count = edit_count_ + more.size();
    if (count > edits_.span().size()) {
      Buffer<Edit> larger;
      if (const Status status = larger.resize(2 * count); status != Status::kOk) return status;
      std::copy_n(edits_.span().data(), edit_count_, larger.span().data());
      edits_ = std::move(larger);
    }
    std::copy_n(more.data(), more.size(), edits_.span().subspan(edit_count_).data());
    edit_count_ = count;
    return Status::kOk;
  }

 protected:
  std::span<const Edit> edits() const { return edits_.span().first(edit_count_); }
  Case<double> kase() const {
    return {.grouping = grouping_,
            .x = x_.span(),
            .gamma = gamma_.span(),
            .beta = beta_.span(),
            .dy = dy_.span(),
            .eps = eps_,
            .ddof = ddof_,
            .unit_offset = unit_offset_};
  }
  const Graph& graph() const { return graph_of(grouping_.norm); }
  const Grouping& grouping() const { return grouping_; }
  Precision precision() const { return precision_; }
  NodeId id(int node) const { return graph().nodes[static_cast<std::size_t>(node)].id; }

 private:
  Grouping grouping_;
  double eps_ = 0.0;
  int ddof_ = 0;
  bool unit_offset_ = false;
  Precision precision_ = Precision::kFloat64;
  Buffer<double> x_, dy_, gamma_, beta_;
  Buffer<Edit> edits_;
  std::size_t edit_count_ = 0;
};

}  // namespace backnorm::bindings
