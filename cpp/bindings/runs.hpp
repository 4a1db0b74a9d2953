#pragma once

#include <emscripten/bind.h>
#include <emscripten/heap.h>
#include <emscripten/val.h>

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "backnorm/graph.hpp"
#include "backnorm/mistakes.hpp"

/// What the files of this folder share. They alone know Emscripten, and own the memory that JavaScript looks
/// into. Each class is a run: reserve, fill the inputs through views, run, copy the outputs out, delete. A
/// view is dead after the next call that reserves memory, so that none is ever kept.
namespace backnorm::bindings {

using emscripten::val;

template <typename T>
val view(std::span<T> memory) {
  return val(emscripten::typed_memory_view(memory.size(), memory.data()));
}

inline std::string code(Status status) {
  return std::string(status_code(status));
}

inline Status first_failure(std::initializer_list<Status> statuses) {
  for (const Status status : statuses) {
    if (status != Status::kOk) return status;
  }
  return Status::kOk;
}

/// A buffer, and how many values it is to have room for.
template <typename T>
struct Room {
  Buffer<T>& buffer;
  std::size_t size;

  double bytes() const { return static_cast<double>(size) * sizeof(T); }
  bool make() const { return buffer.resize(size) == Status::kOk; }
};
template <typename T>
Room(Buffer<T>&, std::size_t) -> Room<T>;

/// Makes room in all buffers, or says kOutOfMemory. What can never fit is refused before the first of them:
/// memory that has grown for it would never shrink again.
template <typename... T>
Status make_all(Room<T>... rooms) {
  const double most = static_cast<double>(emscripten_get_heap_max());
  return (0.0 + ... + rooms.bytes()) < most && (rooms.make() && ...) ? Status::kOk : Status::kOutOfMemory;
}

/// The inputs of a Case, on the heap.
template <typename T>
class CaseRun {
 public:
  std::string reserve(std::size_t rows, std::size_t columns, double eps, int ddof) {
    rows_ = rows;
    columns_ = columns;
    eps_ = eps;
    ddof_ = ddof;
    return code(make_all(Room{x_, rows * columns}, Room{dy_, rows * columns}, Room{gamma_, columns},
                         Room{beta_, columns}));
  }
  val x() { return view(x_.span()); }
  val dy() { return view(dy_.span()); }
  val gamma() { return view(gamma_.span()); }
  val beta() { return view(beta_.span()); }
  /// Puts a mistake into the passes, after those that were put there before.
  void add_mistake(std::size_t mistake) {
    for (const Edit& edit : mistakes()[mistake].edits) {
      if (edit.kind != Edit::Kind::kNothing) edits_.push_back(edit);
    }
  }

 protected:
  std::span<const Edit> edits() const { return edits_; }
  Case<T> kase() const {
    return {rows_, columns_, x_.span(), gamma_.span(), beta_.span(), dy_.span(), eps_, ddof_};
  }

 private:
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  double eps_ = 0.0;
  int ddof_ = 0;
  Buffer<T> x_, dy_, gamma_, beta_;
  std::vector<Edit> edits_;
};

/// A row of a table, as JavaScript counts it.
inline NodeId node_id(int row) {
  return kNodes[static_cast<std::size_t>(row)].id;
}

}  // namespace backnorm::bindings
