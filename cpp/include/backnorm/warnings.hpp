#pragma once

#include <cstddef>
#include <string_view>

#include "backnorm/graph.hpp"

namespace backnorm {

/// What blinds a gradient check: a case on which some wrong gradients equal the right one.
enum class Warning {
  kFewRows,            ///< N ≤ 2: xhat is ±1 but for eps, and dx has cancelled
  kConstantDy,         ///< dy is the same in all rows: dx and dgamma vanish
  kDyProportionalToY,  ///< dy is a multiple of y in each column: dx vanishes but for eps
  kGammaOne,           ///< all gamma are 1: a forgotten gamma can't be seen
  kSquare,             ///< N = D: a sum along the wrong axis has the right shape
};

inline constexpr std::size_t kWarningCount = 5;

/// Below this share of what it would be without cancellation, a gradient says nothing about its terms.
inline constexpr double kLeastSignal = 1e-6;

/// The stable name of a warning: "few-rows", "constant-dy", "dy-proportional-to-y", "gamma-one", "square".
std::string_view warning_name(Warning warning) noexcept;

/// Whether a case is blinded in that way. trace: the passes over the case.
/// A dy counts as proportional to y where their directions differ by less than kLeastSignal.
template <typename T>
bool is_blinded_by(Warning warning, const Trace<T>& trace) noexcept;

}  // namespace backnorm
