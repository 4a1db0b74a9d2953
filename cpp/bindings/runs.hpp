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

/// The inputs of a Case, on the heap, and the mistakes to switch on.
template <typename T>
class Inputs : public Held {
 public:
  Status reserve(std::size_t rows, std::size_t columns, double eps, int ddof) {
    rows_ = rows;
    columns_ = columns;
    eps_ = eps;
    ddof_ = ddof;
    return make_all(Room{x_, rows * columns}, Room{dy_, rows * columns}, Room{gamma_, columns},
                    Room{beta_, columns});
  }
  std::span<T> x() { return x_.span(); }
  std::span<T> dy() { return dy_.span(); }
  std::span<T> gamma() { return gamma_.span(); }
  std::span<T> beta() { return beta_.span(); }
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
  Case<T> kase() const {
    return {rows_, columns_, x_.span(), gamma_.span(), beta_.span(), dy_.span(), eps_, ddof_};
  }

 private:
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  double eps_ = 0.0;
  int ddof_ = 0;
  Buffer<T> x_, dy_, gamma_, beta_;
  Buffer<Edit> edits_;
  std::size_t edit_count_ = 0;
};

}  // namespace backnorm::bindings
