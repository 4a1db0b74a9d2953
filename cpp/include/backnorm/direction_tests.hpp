#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "backnorm/gradcheck.hpp"

/// Two tests of a whole gradient at once, along one random direction. Neither needs a tolerance.
/// Draws are NumPy's standard normal numbers from the seed, times each column's sqrt(var) for x.
namespace backnorm {

/// Steps 2^-6 to 2^-23, as multiples of each column's sqrt(var).
inline constexpr std::size_t kTaylorSteps = 18;
/// The share of ⟨g, v⟩ by which a gradient that passes may be off; the other if it was computed in float32.
inline constexpr double kTaylorShare = 1e-3;
inline constexpr double kTaylorShareSingle = 1e-2;

struct TaylorReport {
  std::array<double, kTaylorSteps> steps{};
  std::array<double, kTaylorSteps> remainders{};  ///< R(h), summed over the columns' absolute values
  std::array<double, kTaylorSteps> noise{};       ///< the part of R(h) that rounding explains
  double slope = 0.0;                             ///< of log R over log h; NaN if undecidable
  Verdict verdict = Verdict::kUndecidable;        ///< pass: slope 2 or more; fail: slope 1
};

/// The Taylor remainder R(h) = |L(x + h·v) - L(x) - h·⟨g, v⟩| of each column's own loss. It shrinks with h²
/// if g is the gradient dx, and with h if not.
///
/// dx: N·D values, or empty for the staged backward pass. single: dx was computed in float32, and the
/// rounding error that a right one has counts as noise. The slope is fitted to the four smallest steps at
/// which R is above its noise, since a small error in g shows only at small steps. The threshold is 1.5.
///
/// It passes only if R ≤ kTaylorShare·h·|⟨g, v⟩| at the widest of these steps, w. Up to cubic terms R/h is
/// f(h) = Σ |D + C·h| over the columns, where D is the error of ⟨g, v⟩. f is convex, and if Σ |D| reaches
/// that share, then f(w) ≤ f(0). Hence f(w) ≤ 4/3·f(w/8), f(w/2) ≤ 2·f(w/4), and the slope is below 1.23:
/// fail.
///
/// It fails only if the two smallest steps have a slope below 1.5 too. R of a right gradient may dip at a
/// wider one, where quadratic and cubic terms cancel.
///
/// Undecidable otherwise, or if R is noise at all but three steps: if dx vanishes, such as for one row, or
/// where the noise hides all steps at which an error of that share outweighs the curvature, such as at a mean
/// of 1e6 deviations. The test misses errors in g below a share of about 1e-6, such as a forgotten eps. Costs
/// 18 passes, and two more for a given dx. Returns the statuses of validate, kLengthMismatch, or
/// kOutOfMemory. Source: Farrell, Ham, Funke & Rognes 2013, arXiv:1204.5577, section 6.
Status taylor_test(const Case<double>& kase, std::span<const double> dx, std::uint32_t seed,
                   TaylorReport& report, bool single = false) noexcept;

struct DotProductReport {
  double forward = 0.0;   ///< ⟨J·v, w⟩, with J·v by forward mode
  double backward = 0.0;  ///< ⟨v, Jᵀ·w⟩, with Jᵀ·w from the staged backward pass
  double bound = 0.0;     ///< the largest difference that rounding explains

  double difference() const noexcept { return forward > backward ? forward - backward : backward - forward; }
  bool holds() const noexcept { return !(difference() > bound); }
};

/// The dot-product test of an adjoint: ⟨J·v, w⟩ = ⟨v, Jᵀ·w⟩, where J is the Jacobian of y by x, gamma and
/// beta, w = dy, and v is random. One number tests all of dx, dgamma and dbeta. `edits` apply to the backward
/// pass.
/// Costs three passes. Returns the statuses of validate, or kOutOfMemory.
/// Source: Claerbout, Earth Soundings Analysis, chapter 1: the dot-product test.
Status dot_product_test(const Case<double>& kase, std::uint32_t seed, DotProductReport& report,
                        std::span<const Edit> edits = {}) noexcept;

}  // namespace backnorm
