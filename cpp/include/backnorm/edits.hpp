#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "backnorm/table.hpp"

/// Changes to the two passes. Wrong programs are written as lists of them (mistakes.hpp):
///
///   scale(kXc, kSq, 0)                       the path through the variance is dropped
///   scale(kVar, kStd, power(kStd, 2))        dvar with the exponent -1/2 where -3/2 belongs
///   read(kGamma, kScaled, kX)                dgamma = Σ dy·x
///   feed(kXc, kXhat, kX)                     xhat = x·invstd: not centred
namespace backnorm {

/// constant · N^rows · m^divisor · m'^other_divisor · Π value(node)^(halves/2), where m = N - ddof divides
/// the variance and m' is the divisor for the other ddof. The value of a row applies to all of its rows.
struct Factor {
  struct Power {
    NodeId node = NodeId::kX;
    std::int8_t halves = 0;  ///< twice the exponent; 0: unused
  };

  double constant = 1.0;
  std::int8_t rows = 0;
  std::int8_t divisor = 0;
  std::int8_t other_divisor = 0;
  std::array<Power, 2> powers{};

  constexpr Factor() = default;
  constexpr Factor(double number) noexcept : constant(number) {}

  friend constexpr Factor operator*(Factor a, Factor b) noexcept {
    a.constant *= b.constant;
    a.rows = static_cast<std::int8_t>(a.rows + b.rows);
    a.divisor = static_cast<std::int8_t>(a.divisor + b.divisor);
    a.other_divisor = static_cast<std::int8_t>(a.other_divisor + b.other_divisor);
    std::size_t next = 0;
    for (const Power& power : b.powers) {
      if (power.halves == 0) continue;
      while (a.powers[next].halves != 0)
        ++next;  // a third power is out of range, and so not a constant expression
      a.powers[next] = power;
    }
    return a;
  }
};

/// N^exponent.
constexpr Factor rows(int exponent) noexcept {
  Factor factor;
  factor.rows = static_cast<std::int8_t>(exponent);
  return factor;
}
/// (N - ddof)^exponent.
constexpr Factor divisor(int exponent) noexcept {
  Factor factor;
  factor.divisor = static_cast<std::int8_t>(exponent);
  return factor;
}
/// The variance's divisor for the other ddof, to the exponent.
constexpr Factor other_divisor(int exponent) noexcept {
  Factor factor;
  factor.other_divisor = static_cast<std::int8_t>(exponent);
  return factor;
}
/// The values of a node to an exponent, which is a multiple of 1/2.
constexpr Factor power(NodeId node, double exponent) noexcept {
  Factor factor;
  factor.powers[0] = {node, static_cast<std::int8_t>(2 * exponent)};
  return factor;
}

struct Edit {
  enum class Kind : std::uint8_t {
    kNothing,
    // in the backward pass, at an edge
    kScale,  ///< its contribution is multiplied by the factor
    kFill,   ///< its contribution is the factor itself
    kTake,   ///< its contribution is the factor times that of the edge `other`, of the same shape
    kAdd,    ///< the same product is added to its contribution
    kRead,   ///< its local gradient reads `node` instead of the right value
    // in the forward pass
    kFeed,        ///< at an edge: the gate reads `node` instead of its input
    kScaleValue,  ///< at a node: its value is multiplied by the factor
    kOtherDdof,   ///< at the variance: divided by the divisor for the other ddof
    kOnePass,     ///< at the variance: Σ x²/m - mean²·N/m, which loses its digits for a large mean
    kEpsOutside,  ///< at the square root: √input + eps
    kEps,         ///< at the square root: eps is the factor's constant
    kEpsSquared,  ///< at the square root: eps²
    // in the returned gradients, with everything else unchanged
    kSwap,       ///< the gradients of the node and of `node` are swapped
    kTranspose,  ///< (D, N) instead of (N, D)
    kUnsummed,   ///< (N, D) instead of a sum over rows
    kWrongAxis,  ///< summed over the columns: (N) instead of (D)
  };

  Kind kind = Kind::kNothing;
  std::uint8_t edge = 0;
  std::uint8_t other = 0;
  NodeId node = NodeId::kX;  ///< the node to change, or the node to read
  NodeId instead = NodeId::kX;
  Factor factor{};
};

constexpr Edit at_edge(Edit::Kind kind, NodeId from, NodeId to, Factor factor = {}) noexcept {
  Edit edit;
  edit.kind = kind;
  edit.edge = static_cast<std::uint8_t>(edge_index(from, to));
  edit.factor = factor;
  return edit;
}
constexpr Edit scale(NodeId from, NodeId to, Factor factor) noexcept {
  return at_edge(Edit::Kind::kScale, from, to, factor);
}
constexpr Edit fill(NodeId from, NodeId to, Factor factor) noexcept {
  return at_edge(Edit::Kind::kFill, from, to, factor);
}
constexpr Edit take(NodeId from, NodeId to, Factor factor, Edge other) noexcept {
  Edit edit = at_edge(Edit::Kind::kTake, from, to, factor);
  edit.other = static_cast<std::uint8_t>(edge_index(other.from, other.to));
  return edit;
}
constexpr Edit add(NodeId from, NodeId to, Factor factor, Edge other) noexcept {
  Edit edit = take(from, to, factor, other);
  edit.kind = Edit::Kind::kAdd;
  return edit;
}
constexpr Edit read(NodeId from, NodeId to, NodeId instead) noexcept {
  Edit edit = at_edge(Edit::Kind::kRead, from, to);
  edit.instead = instead;
  return edit;
}
constexpr Edit feed(NodeId from, NodeId to, NodeId instead) noexcept {
  Edit edit = at_edge(Edit::Kind::kFeed, from, to);
  edit.instead = instead;
  return edit;
}
constexpr Edit at_node(Edit::Kind kind, NodeId node, Factor factor = {}) noexcept {
  Edit edit;
  edit.kind = kind;
  edit.node = node;
  edit.factor = factor;
  return edit;
}
constexpr Edit swap_gradients(NodeId node, NodeId other) noexcept {
  Edit edit = at_node(Edit::Kind::kSwap, node);
  edit.instead = other;
  return edit;
}

}  // namespace backnorm
