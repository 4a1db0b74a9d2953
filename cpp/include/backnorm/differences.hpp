#pragma once

#include <span>

#include "backnorm/graph.hpp"

/// Differences that a reader asks for, beside the one that every check takes (numeric_gradient.hpp). All
/// moved rows serve all columns at once, and each column differences its own part of the loss: k steps cost
/// 2·k·N passes at a matrix, of O(N·D) each, and 2·k at a row.
namespace backnorm {

/// The steps of `extrapolate`, each half of the one before.
inline constexpr std::size_t kExtrapolationSteps = 8;

/// Derivatives of L = Σ dy·y at one node by Ridders' method: central differences at ever smaller steps,
/// extrapolated to step 0 in Neville's tableau, of which the entry with the least error is taken.
///
/// derivative, error_bar: in the node's shape. The bar is how far the entry is from its two neighbours, or as
/// far as the bar of the second best entry reaches, plus what a running bound on the passes and the tableau's
/// own weights leave to round-off: an estimate, not a bound. Infinite where no step can move the value.
///
/// Answers as validate does, or kLengthMismatch for an output of another length, or kOutOfMemory.
///
/// Source: C. J. F. Ridders 1982, Accurate computation of F'(x) and F'(x)F''(x), Adv. Eng. Software 4(2).
Status extrapolate(const Case<double>& kase, NodeId id, std::span<double> derivative,
                   std::span<double> error_bar) noexcept;

/// For each step h, how far the central differences [L(v + h) - L(v - h)] / 2h at one node lie from the exact
/// derivatives: the course's error, max |numeric - exact| / max(1e-8, |numeric| + |exact|) over the node's
/// values. The V that they draw, truncation on one side and round-off on the other, is why no step suits all.
///
/// The inputs are rounded to T and the whole pass, with its loss, runs in T, which is float or double; exact
/// is the derivative by dual numbers in float64 at the same rounded inputs. 2h is the realised distance of
/// the two points.
///
/// steps: absolute, positive, finite. errors: as many; NaN where a step is too small to move every value of
/// the node, so that a difference is 0/0, and where the pass at that step overflows.
///
/// Answers as extrapolate does.
template <typename T>
Status sweep_steps(const Case<double>& kase, NodeId id, std::span<const double> steps,
                   std::span<double> errors) noexcept;

}  // namespace backnorm
