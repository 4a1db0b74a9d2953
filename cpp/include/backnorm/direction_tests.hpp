#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "backnorm/gradcheck.hpp"

/// Two tests of a whole gradient at once, along one random direction: neither has a tolerance to choose.
/// Draws are NumPy's standard normal numbers from the seed, times each column's sqrt(var) for x.
namespace backnorm {

/// 2^-6 to 2^-23, in shares of each column's sqrt(var).
inline constexpr std::size_t kTaylorSteps = 18;

struct TaylorReport {
  std::array<double, kTaylorSteps> steps{};
  std::array<double, kTaylorSteps> remainders{};  ///< R(h), summed over the columns' sizes
  std::array<double, kTaylorSteps> noise{};       ///< as far as rounding explains R(h)
  double slope = 0.0;                             ///< of log R over log h; NaN where undecidable
  Verdict verdict = Verdict::kUndecidable;        ///< pass: slope 2 or more; fail: slope 1
};

/// The Taylor remainder R(h) = |L(x + h·v) - L(x) - h·⟨g, v⟩| of each column's own loss: it shrinks with the
/// square of h if g is the gradient dx, and with h if it is not.
///
/// dx: N·D values, or empty for the staged backward pass. The slope is fitted to the four smallest steps at
/// which R lies above its round-off, since a small error of g shows at small steps only; 1.5 divides the two.
/// Undecidable if R is round-off at all but three steps, as for one row, where dx vanishes. Errors of g
/// smaller than a share of 1e-6 or so, such as a forgotten eps, are not seen.
/// Costs 18 passes. Answers as validate does, or kLengthMismatch, or kOutOfMemory.
/// Source: Farrell, Ham, Funke & Rognes 2013, arXiv:1204.5577, section 6.
Status taylor_test(const Case<double>& kase, std::span<const double> dx, std::uint32_t seed,
                   TaylorReport& report) noexcept;

struct DotProductReport {
  double forward = 0.0;   ///< ⟨J·v, w⟩, J·v by forward mode
  double backward = 0.0;  ///< ⟨v, Jᵀ·w⟩, Jᵀ·w by the staged backward pass
  double bound = 0.0;     ///< as far as rounding takes the two apart

  double difference() const noexcept { return forward > backward ? forward - backward : backward - forward; }
  bool holds() const noexcept { return !(difference() > bound); }
};

/// The dot-product test of an adjoint: with J the Jacobian of y by x, gamma and beta, w = dy, v random,
/// ⟨J·v, w⟩ = ⟨v, Jᵀ·w⟩. One number for all of dx, dgamma and dbeta. `edits` go to the backward pass.
/// Costs three passes. Answers as validate does, or kOutOfMemory.
/// Source: Claerbout, Earth Soundings Analysis, chapter 1: the dot-product test.
Status dot_product_test(const Case<double>& kase, std::uint32_t seed, DotProductReport& report,
                        std::span<const Edit> edits = {}) noexcept;

}  // namespace backnorm
