#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "backnorm/buffer.hpp"
#include "backnorm/graph.hpp"

/// The known mistakes of batch norm's backward pass, each as edits of the graph.
///
/// Sources: the derivations of Ioffe & Szegedy 2015 (arXiv:1502.03167), of Stanford's course CS231n, of
/// Kratzert's staged graph and of makemore, gone wrong in the ways that course forums and the issues of
/// frameworks tell of. Two mistakes at once are the edits of both, one after the other.
namespace backnorm {

struct Mistake {
  std::string_view id;          ///< stable: "no-mean-path"
  std::array<Edit, 3> edits{};  ///< those behind the last are of kind kNothing
  /// It shows in rounding alone, so that its own bound is wide: named only where no other mistake fits.
  bool of_rounding = false;
};

inline constexpr std::size_t kMistakeCount = 67;

/// In the order of the graph, from the loss to x; the forward pass last.
std::span<const Mistake> mistakes() noexcept;

/// The gradient of a node as a program with these edits returns it: transposed, summed the wrong way or not
/// at all. Of a right program it is trace.gradients[id].
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
