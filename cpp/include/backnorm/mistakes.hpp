#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "backnorm/buffer.hpp"
#include "backnorm/graph.hpp"
#include "backnorm/quantities.hpp"

/// The known mistakes in a norm's backward pass, each as edits of the graph.
///
/// Sources: the derivations of Ioffe & Szegedy 2015 (arXiv:1502.03167), Stanford's course CS231n, Kratzert's
/// staged graph and makemore, the Annotated Transformer, with the errors that course forums and issues of
/// frameworks report. Two mistakes at once are the edits of both, one after the other.
namespace backnorm {

/// Norms as bits, in the order of Norm.
using Norms = std::uint8_t;
constexpr Norms only(Norm norm) noexcept {
  return static_cast<Norms>(1U << static_cast<unsigned>(norm));
}
inline constexpr Norms kAllNorms = (1U << kNormCount) - 1U;

struct Mistake {
  std::string_view id;          ///< stable: "no-mean-path"
  std::array<Edit, 5> edits{};  ///< unused ones have kind kNothing
  /// Only rounding shows it, so its own bound is wide: it is named only if no other mistake fits.
  bool of_rounding = false;
  Norms norms = kAllNorms;  ///< those that it is made in
  /// Each edit counts in the graphs that have its edge. Else the mistake needs all of them.
  bool in_parts = false;
};

inline constexpr std::size_t kMistakeCount = 92;

/// In graph order, from the loss to x, then the forward pass.
std::span<const Mistake> mistakes() noexcept;

/// True if a program for this grouping can make the mistake.
bool applies(const Mistake& mistake, const Grouping& grouping, bool unit_offset = false) noexcept;

/// An array as a program with edits returns it: of another grouping, transposed, summed over the wrong axis,
/// or not summed.
template <typename T>
struct Returned {
  Buffer<T> array;
  std::size_t rows = 0;  ///< M for elements, in the order of the case; else 1; N for sums per sample
  std::size_t columns = 0;
};

/// number: of a quantity of the trace's graph. grouping: that of the case. For a right program it is
/// tensor(trace, number). kOutOfMemory or kOk.
template <typename T>
Status read_returned(std::size_t number, std::span<const Edit> edits, const Trace<T>& trace,
                     const Grouping& grouping, Returned<T>& out) noexcept;

}  // namespace backnorm
