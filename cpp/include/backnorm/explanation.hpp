#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "backnorm/edits.hpp"
#include "backnorm/relation.hpp"

namespace backnorm {

/// factor · Σ first·second: the sum over a group, or over the values that share a parameter. Powers of gamma
/// and std in the factor stand outside the sum.
struct Formula {
  static constexpr std::size_t kOne = std::numeric_limits<std::size_t>::max();

  Factor factor;
  std::size_t first = kOne;  ///< the number of an array of the caller's world, or kOne
  std::size_t second = kOne;
  bool is_ratio = false;  ///< it is `ratio` times what the right array is
  Factor ratio{};
  bool absolute = false;  ///< with |gamma| for gamma
  std::size_t begin = 0;  ///< sums only the rows [begin, end); end 0: all
  std::size_t end = 0;
  bool is_sum = false;   ///< else `first` is an array of such numbers itself, or kOne
  bool is_named = true;  ///< false: the constant is only what fits, such as 1.37
  /// The number of one group or parameter in all of them, or the mean of all.
  enum class Lanes : std::uint8_t { kEach, kOne, kMean } lanes = Lanes::kEach;
  std::size_t lane = 0;
};

/// What the standard deviation was computed as: √(scale·var + inside) + outside.
struct Root {
  double inside = 0.0;
  double outside = 0.0;
  Factor scale{};
};

/// The part of a pattern in an array of elements: of dxhat (the direct path), of 1 (through the mean), of
/// xhat (through the variance), or of dy.
struct Share {
  enum class State : std::uint8_t {
    kAbsent,  ///< neither here nor in the right array
    kRight,
    kMissing,
    kFormula,  ///< `formula`
    kRoot,     ///< the right one for another standard deviation, `root`
    kOther,    ///< something else
  };

  std::size_t pattern = Formula::kOne;  ///< the number of a quantity, or kOne
  State state = State::kAbsent;
  Formula formula{};
  Root root{};
};

/// What a wrong array is, as far as its numbers show.
struct Explanation {
  enum class Kind : std::uint8_t {
    kNone,
    kFormula,    ///< numbers per group or per parameter: `formula`
    kRoot,       ///< they follow from another standard deviation: `root`
    kShares,     ///< of elements: `shares`, of which at least one isn't right
    kMoved,      ///< the right numbers, `by` rows or, if `columns`, columns further on
    kElements,   ///< right but for `count` values, of which `first` is the first
    kOffset,     ///< the right numbers plus `low`
    kClipped,    ///< the right numbers, but not below `low` nor above `high`
    kNotFinite,  ///< `count` NaN or infinities, from `cause`; `first` is the first
    // Conventions: what was computed from the array is right.
    kSign,  ///< -1 times the right one
    kName,  ///< the right numbers of the array `other`
  };

  /// What makes a NaN or an infinity.
  enum class Cause : std::uint8_t {
    kUnknown,
    kZeroStd,      ///< wherever std is 0, since nothing is added to var
    kNegativeVar,  ///< wherever the caller's var, with eps, is below 0
    kRange,        ///< wherever the right number is too large for float16
  };

  Kind kind = Kind::kNone;
  Cause cause = Cause::kUnknown;
  Formula formula{};
  Root root{};
  std::array<Share, 4> shares{};
  std::size_t other = 0;  ///< the number of a quantity
  std::size_t by = 0;
  bool columns = false;
  std::size_t count = 0;
  std::size_t first = 0;
  double low = -HUGE_VAL;
  double high = HUGE_VAL;
  double bits = 0.0;  ///< of evidence, less what the choice took
};

/// Bits of evidence that an explanation needs beyond what its choice among all others took: one array of
/// random numbers in a million is explained.
inline constexpr double kEnoughBits = 20.0;

/// Explains an array that is wrong here, from the caller's own arrays before it.
///
/// Numbers per group or per parameter are tried as constant · gamma^a · std^b · Σ of products of at most two
/// of 1, dy, dxhat, x, xc, xhat and y. The constant is fitted, and must be one that people write: a simple
/// fraction times powers of M, M - 1, N, C and S. The sum of one group may stand in all of them, or the mean
/// of all. Where the right ones go with a power of std, another root is tried too: √(k·var + a) + b.
///
/// Elements are tried as sums of dxhat, 1, xhat and, where gamma varies in a group, dy, with one coefficient
/// per group; those are explained like numbers per group. It needs (M - patterns)·G >= 4.
///
/// A fit counts only if its evidence, in bits, exceeds what the choice took by kEnoughBits. The evidence is
/// how many times nearer the formula lies than the right array, over all numbers.
///
/// settings: of the case. world: the passes with the caller's arrays before this one. kOutOfMemory or kOk.
Status explain(const WrongArray& array, Settings settings, const Trace<ProgramNumber>& world,
               Explanation& explanation) noexcept;

}  // namespace backnorm
