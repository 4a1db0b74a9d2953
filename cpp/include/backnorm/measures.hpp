#pragma once

#include <cstddef>
#include <span>

namespace backnorm {

/// How far apart two gradients are, by the measures in use. None of them judges here: each needs a threshold
/// that its user chooses, and the usual ones pass some wrong gradients (both mistakes with eps, for two).
struct Measures {
  /// max |a - n| / max(1e-8, |a| + |n|), the course's rel_error. Usual: below 1e-7 is fine.
  /// Source: cs231n.github.io/neural-networks-3, assignment2/cs231n/gradient_check.py.
  double max_relative = 0.0;
  /// ‖a - n‖ / (‖a‖ + ‖n‖), Euclidean over all values; 0 where both vanish. Usual: below 1e-7 is fine, above
  /// 1e-3 is wrong. Source: deeplearning.ai, Improving Deep Neural Networks, week 1, gradient checking.
  double norm_ratio = 0.0;
  /// max of |a - n| - (1e-8 + 1e-5·|n|): above 0, numpy.allclose(a, n) is false.
  double numpy_excess = 0.0;
  /// max of |a - n| - (1e-5 + 1e-3·|n|): above 0, torch.autograd.gradcheck raises, by its defaults.
  double pytorch_excess = 0.0;
  /// max of |a - n| in units in the last place of n, in a's kind of number. A right gradient is a few off,
  /// and more where it cancels.
  double ulps = 0.0;

  bool numpy_allclose() const noexcept { return numpy_excess <= 0.0; }
  bool pytorch_allclose() const noexcept { return pytorch_excess <= 0.0; }
};

/// a: the gradient in question, n: what it is held against, of the same length.
/// A NaN on either side makes every measure a NaN.
template <typename T>
Measures measure(std::span<const T> a, std::span<const double> n) noexcept;

}  // namespace backnorm
