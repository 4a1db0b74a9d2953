#pragma once

#include <span>

#include "backnorm/graph.hpp"

/// Differences on demand, in addition to the one in every check (numeric_gradient.hpp). A moved row serves
/// all groups at once, and each group or parameter differences its own part of the loss. k steps cost 2·k·M
/// passes of O(M·G) each for elements, and 2·k passes for statistics or parameters.
namespace backnorm {

/// The number of steps in `extrapolate`. Each is half of the one before.
inline constexpr std::size_t kExtrapolationSteps = 8;

/// Derivatives of L = Σ dy·y at one node by Ridders' method: central differences at decreasing steps,
/// extrapolated to step 0 in Neville's tableau. The entry with the smallest error is the result.
///
/// derivative, error_bar: in the node's shape. The bar is the distance of the entry from its two neighbours,
/// or as far as the bar of the second best entry reaches, plus round-off from a running bound on the passes
/// and the weights of the tableau. It is an estimate, not a bound. Infinite if no step can move the value.
///
/// Returns the statuses of validate, kLengthMismatch for an output of another length, or kOutOfMemory.
///
/// Source: C. J. F. Ridders 1982, Accurate computation of F'(x) and F'(x)F''(x), Adv. Eng. Software 4(2).
Status extrapolate(const Case<double>& kase, NodeId id, std::span<double> derivative,
                   std::span<double> error_bar) noexcept;

/// For each step h, the error of the central differences [L(v + h) - L(v - h)] / 2h at one node. The error is
/// the course's, max |numeric - exact| / max(1e-8, |numeric| + |exact|) over the node's values. It draws a V,
/// with truncation on one side and round-off on the other: no step suits all values.
///
/// The inputs are rounded to T, and the whole pass with its loss runs in T, which is float or double. exact
/// is the derivative by dual numbers in float64 at the same rounded inputs. 2h is the realised distance of
/// the two points.
///
/// steps: absolute, positive, finite. errors: one per step. NaN if a step is too small to move every value of
/// the node, so that a difference is 0/0, or if the pass at that step overflows.
///
/// Returns the statuses of extrapolate.
template <typename T>
Status sweep_steps(const Case<double>& kase, NodeId id, std::span<const double> steps,
                   std::span<double> errors) noexcept;

}  // namespace backnorm
