#pragma once

#include <cstddef>
#include <span>

#include "backnorm/scalars.hpp"

namespace backnorm {

/// The distance of two gradients, in the measures in common use. No verdict depends on them: each needs a
/// threshold that its user chooses, and the usual thresholds pass some wrong gradients (such as both mistakes
/// with eps).
struct Measures {
  /// max |a - n| / max(1e-8, |a| + |n|), the course's rel_error. Usually below 1e-7 is fine.
  /// Source: cs231n.github.io/neural-networks-3, assignment2/cs231n/gradient_check.py.
  double max_relative = 0.0;
  /// ‖a - n‖ / (‖a‖ + ‖n‖), Euclidean over all values; 0 if both vanish. Usually below 1e-7 is fine, above
  /// 1e-3 is wrong. Source: deeplearning.ai, Improving Deep Neural Networks, week 1, gradient checking.
  double norm_ratio = 0.0;
  /// max of |a - n| - (1e-8 + 1e-5·|n|). If above 0, numpy.allclose(a, n) is false.
  double numpy_excess = 0.0;
  /// max of |a - n| - (1e-5 + 1e-3·|n|). If above 0, torch.autograd.gradcheck raises with its defaults.
  double pytorch_excess = 0.0;
  /// max of |a - n| in units in the last place of n, in the type of a. A right gradient is a few ulps off,
  /// and more where it cancels.
  double ulps = 0.0;

  bool numpy_allclose() const noexcept { return numpy_excess <= 0.0; }
  bool pytorch_allclose() const noexcept { return pytorch_excess <= 0.0; }
};

/// a: the gradient to measure. n: the one to compare with, of the same length.
/// A NaN in either makes every measure NaN. precision: of a, in which ulps are counted.
template <typename T>
Measures measure(std::span<const T> a, std::span<const double> n,
                 Precision precision = kPrecisionOf<T>) noexcept;

}  // namespace backnorm
