#pragma once

#include <cstddef>
#include <string_view>

#include "backnorm/graph.hpp"

namespace backnorm {

/// Cases that blind a gradient check: some wrong gradients equal the right one.
enum class Warning {
  kFewRows,     ///< M ≤ 2 (RMS norm: 1): xhat is ±1 up to eps, and dx cancels
  kConstantDy,  ///< dy is the same in all rows (outside batch norm: dxhat): dx vanishes; not in RMS norm
  kDyProportionalToY,  ///< dy is a multiple of y in each column (dxhat of xhat): dx vanishes up to eps
  kGammaOne,           ///< all factors gamma are 1: a forgotten gamma can't be seen
  kSquare,             ///< M = G: a sum along the wrong axis has the right shape
};

inline constexpr std::size_t kWarningCount = 5;

/// If less than this share of a gradient survives cancellation, it says nothing about its terms.
inline constexpr double kLeastSignal = 1e-6;

/// The stable name of a warning: "few-rows", "constant-dy", "dy-proportional-to-y", "gamma-one", "square".
std::string_view warning_name(Warning warning) noexcept;

/// True if the case is blinded in that way. trace: the passes over the case.
/// dy counts as proportional to y if their directions differ by less than kLeastSignal.
template <typename T>
bool is_blinded_by(Warning warning, const Trace<T>& trace) noexcept;

}  // namespace backnorm
