#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "backnorm/grouping.hpp"
#include "backnorm/table.hpp"

/// Changes to the two passes. Wrong programs are written as lists of them (mistakes.hpp):
///
///   scale(kXc, kSq, 0)                       the path through the variance is dropped
///   scale(kVar, kStd, power(kStd, 2))        dvar with the exponent -1/2 where -3/2 belongs
///   read(kGamma, kScaled, kX)                dgamma = Σ dy·x
///   feed(kXc, kXhat, kX)                     xhat = x·invstd: not centred
///
/// Where a graph lacks a node of an edge, another one stands in (Graph::stand_in), so that one list serves
/// all norms.
namespace backnorm {

/// Counts that a wrong program may divide by.
enum class Count : std::uint8_t {
  kRows,          ///< M
  kDivisor,       ///< M - ddof, which divides the variance
  kOtherDivisor,  ///< the divisor for the other ddof
  kShares,        ///< values that share a parameter
  kSamples,       ///< N
  kChannels,      ///< C
  kPositions,     ///< S
};
inline constexpr std::size_t kCountCount = 7;

/// constant · Π count^exponent · Π value(node)^(halves/2). The value of a statistic applies to all of its
/// rows.
struct Factor {
  struct Power {
    NodeId node = NodeId::kX;
    std::int8_t halves = 0;  ///< twice the exponent; 0: unused
  };

  double constant = 1.0;
  std::array<std::int8_t, kCountCount> counts{};  ///< the exponent of each
  std::array<Power, 2> powers{};

  constexpr Factor() = default;
  constexpr Factor(double number) noexcept : constant(number) {}

  friend constexpr Factor operator*(Factor a, Factor b) noexcept {
    a.constant *= b.constant;
    for (std::size_t i = 0; i < kCountCount; ++i) {
      a.counts[i] = static_cast<std::int8_t>(a.counts[i] + b.counts[i]);
    }
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

constexpr Factor power(Count count, int exponent) noexcept {
  Factor factor;
  factor.counts[static_cast<std::size_t>(count)] = static_cast<std::int8_t>(exponent);
  return factor;
}
/// M^exponent.
constexpr Factor rows(int exponent) noexcept {
  return power(Count::kRows, exponent);
}
/// (M - ddof)^exponent.
constexpr Factor divisor(int exponent) noexcept {
  return power(Count::kDivisor, exponent);
}
/// The variance's divisor for the other ddof, to the exponent.
constexpr Factor other_divisor(int exponent) noexcept {
  return power(Count::kOtherDivisor, exponent);
}
/// The number of values that share a parameter, to the exponent.
constexpr Factor shares(int exponent) noexcept {
  return power(Count::kShares, exponent);
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
    kScale,         ///< its contribution is multiplied by the factor
    kFill,          ///< its contribution is the factor itself
    kTake,          ///< its contribution is the factor times that of the edge `other`, of the same shape
    kAdd,           ///< the same product is added to its contribution
    kRead,          ///< its local gradient reads `instead` in place of the right value
    kPass,          ///< its local gradient is 1
    kReadGradient,  ///< it reads the gradient of `instead` in place of the gate's own
    kCentreBack,    ///< its contribution less the mean over the group
    // in the forward pass
    kFeed,        ///< at an edge: the gate reads `node` instead of its input
    kScaleValue,  ///< at a node: its value is multiplied by the factor
    kOtherDdof,   ///< at the variance: divided by the divisor for the other ddof
    kOnePass,     ///< at the variance: Σ x²/m - mean²·N/m, which loses its digits for a large mean
    kEpsOutside,  ///< at the square root: √input + eps
    kEps,         ///< at the square root: eps is the factor's constant
    kEpsSquared,  ///< at the square root: eps²
    kCentre,      ///< at a node: less its mean over the group
    kCentred,     ///< at the mean of squares: those of x - mean
    kUnitOffset,  ///< at gamma: 1 + gamma in place of gamma if the constant is 1, the reverse if it is 0
    kRegroup,     ///< in both passes: other values share statistics
    // in the returned gradients, with everything else unchanged
    kSwap,       ///< the gradients of the node and of `node` are swapped
    kTranspose,  ///< (D, N) instead of (N, D)
    kUnsummed,   ///< every term, instead of their sums
    kWrongAxis,  ///< of parameters: summed per group; in batch norm per row
    kPerSample,  ///< of parameters: summed over positions only
  };

  Kind kind = Kind::kNothing;
  Regroup regroup{};
  Edge edge{};
  Edge other{};
  NodeId node = NodeId::kX;  ///< the node to change, or the node to read
  NodeId instead = NodeId::kX;
  Factor factor{};
};

constexpr Edit at_edge(Edit::Kind kind, NodeId from, NodeId to, Factor factor = {}) noexcept {
  Edit edit;
  edit.kind = kind;
  edit.edge = {from, to};
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
  edit.other = other;
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
constexpr Edit pass(NodeId from, NodeId to) noexcept {
  return at_edge(Edit::Kind::kPass, from, to);
}
constexpr Edit read_gradient(NodeId from, NodeId to, NodeId instead) noexcept {
  Edit edit = at_edge(Edit::Kind::kReadGradient, from, to);
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
constexpr Edit regroup(Regroup how) noexcept {
  Edit edit;
  edit.kind = Edit::Kind::kRegroup;
  edit.regroup = how;
  return edit;
}

/// The grouping in which a program with these edits runs.
inline Grouping edited(const Grouping& grouping, std::span<const Edit> edits) noexcept {
  for (const Edit& edit : edits) {
    if (edit.kind != Edit::Kind::kRegroup) continue;
    return grouping_of(grouping.norm, grouping.samples, grouping.channels, grouping.positions,
                       grouping.groups, edit.regroup);
  }
  return grouping;
}

/// True if the edit changes an edge, false if it changes a node, or all.
constexpr bool is_at_edge(Edit::Kind kind) noexcept {
  return kind != Edit::Kind::kNothing && kind <= Edit::Kind::kFeed;
}

}  // namespace backnorm
