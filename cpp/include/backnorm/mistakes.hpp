#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "backnorm/buffer.hpp"
#include "backnorm/graph.hpp"

/// The known mistakes in batch norm's backward pass, each as edits of the graph.
///
/// Sources: the derivations of Ioffe & Szegedy 2015 (arXiv:1502.03167), Stanford's course CS231n, Kratzert's
/// staged graph and makemore, with the errors that course forums and issues of frameworks report. Two
/// mistakes at once are the edits of both, one after the other.
namespace backnorm {

struct Mistake {
  std::string_view id;          ///< stable: "no-mean-path"
  std::array<Edit, 3> edits{};  ///< unused ones have kind kNothing
  /// Only rounding shows it, so its own bound is wide: it is named only if no other mistake fits.
  bool of_rounding = false;
};

inline constexpr std::size_t kMistakeCount = 67;

/// In graph order, from the loss to x, then the forward pass.
std::span<const Mistake> mistakes() noexcept;

/// The gradient of a node as a program with these edits returns it: transposed, summed over the wrong axis,
/// or not summed. For a right program it is trace.gradients[id].
template <typename T>
struct Returned {
  Buffer<T> gradient;
  std::size_t rows = 0;  ///< 1 for a row
  std::size_t columns = 0;
};

/// kOutOfMemory or kOk.
template <typename T>
Status read_returned(NodeId id, std::span<const Edit> edits, const Trace<T>& trace,
                     Returned<T>& out) noexcept;

}  // namespace backnorm
