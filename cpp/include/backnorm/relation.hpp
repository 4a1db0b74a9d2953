#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "backnorm/quantities.hpp"

namespace backnorm {

/// What a wrong array has to do with the right one.
struct Relation {
  enum class Kind : std::uint8_t {
    kNone,
    kNotFinite,        ///< NaN or infinite at `where`
    kShape,            ///< of another length or shape
    kTransposed,       ///< (D, N), with the right numbers
    kUnsummed,         ///< (N, D) where (D) belongs, with the right sums over rows
    kWrongAxis,        ///< summed over the columns
    kRatio,            ///< `ratio` times the right one
    kPower,            ///< the right one times value(node)^exponent: a gamma too many, a wrong power of std
    kMissingPath,      ///< the right one less what the edge `other` brings
    kOnlyPath,         ///< what the edge `other` brings, and nothing else
    kEquals,           ///< the right numbers of another quantity, `other`
    kRatioPerColumn,   ///< each column has a ratio of its own; of a matrix
    kOffsetPerColumn,  ///< each column has an additive constant of its own; of a matrix
    kSinglePrecision,  ///< right, but computed or kept in float32
  };

  Kind kind = Kind::kNone;
  std::size_t where = 0;
  double ratio = 1.0;
  int node = 0;  ///< the place of gamma or std
  int exponent = 0;
  std::size_t other = 0;  ///< a quantity's number
};

/// By how much the same operations in another order may lose more than in ours: a running bound holds for one
/// order, and a caller's is not known.
inline constexpr double kOtherOrder = 4.0;

/// An array that is wrong, and what it should have been.
template <typename Number>
struct WrongArray {
  std::size_t number;                  ///< which quantity
  std::span<const double> given;       ///< of any length
  std::span<const double> resolution;  ///< half a unit of each value's last digit, as many
  bool has_shape;                      ///< of the quantity
  std::span<const Number> wanted;      ///< in the quantity's shape
  std::span<const double> bounds;      ///< how far each may lie off, as many as wanted
};

/// The first relation that holds, of those above in their order. `right`: the right passes. `world`: those in
/// which the caller's own arrays stand for the computed ones, as far as the array's node.
/// kOutOfMemory or kOk.
template <typename Number>
Status relate(const WrongArray<Number>& array, const Trace<Number>& right, const Trace<Number>& world,
              Relation& relation) noexcept;

}  // namespace backnorm
