#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "backnorm/quantities.hpp"

namespace backnorm {

/// The relation of a wrong array to the right one.
struct Relation {
  enum class Kind : std::uint8_t {
    kNone,
    kNotFinite,        ///< NaN or infinite at `where`
    kShape,            ///< another length or shape
    kTransposed,       ///< (D, N), with the right numbers
    kUnsummed,         ///< like x instead of like a statistic or a parameter, with the right sums
    kWrongAxis,        ///< summed over the columns; a parameter that groups share: per group
    kPerSample,        ///< of a parameter: (N, C) instead of (C), with the right sums over N
    kRatio,            ///< `ratio` times the right one
    kPower,            ///< the right one times value(node)^exponent: a gamma too many, a wrong power of std
    kMissingPath,      ///< the right one without the contribution of the edge `other`
    kOnlyPath,         ///< only the contribution of the edge `other`
    kEquals,           ///< the right numbers of another quantity, `other`
    kRatioPerColumn,   ///< each column has its own ratio; only for a matrix
    kOffsetPerColumn,  ///< each column has its own additive constant; only for a matrix
  };

  Kind kind = Kind::kNone;
  std::size_t where = 0;
  double ratio = 1.0;
  int node = 0;  ///< the index of gamma or std
  int exponent = 0;
  std::size_t other = 0;  ///< the number of a quantity
};

/// The factor by which another order of the same operations may lose more. A running bound holds for one
/// order, and the caller's order isn't known.
inline constexpr double kOtherOrder = 4.0;

/// A wrong array and its expected values.
struct WrongArray {
  std::size_t number;                     ///< the number of the quantity
  std::span<const double> given;          ///< of any length
  std::span<const double> resolution;     ///< half a unit of each value's last digit, as many as given
  bool has_shape;                         ///< true if it has the shape of the quantity
  std::span<const ProgramNumber> wanted;  ///< in the quantity's shape
  std::span<const double> bounds;         ///< the largest error of each, as many as wanted
};

/// The first relation that holds, in the order above. `right`: the right passes. `world`: the passes with the
/// caller's own arrays up to the array's node.
/// kOutOfMemory or kOk.
Status relate(const WrongArray& array, const Trace<ProgramNumber>& right, const Trace<ProgramNumber>& world,
              Relation& relation) noexcept;

}  // namespace backnorm
