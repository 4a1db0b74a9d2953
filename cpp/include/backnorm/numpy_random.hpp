#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <span>

namespace backnorm {

/// NumPy's legacy generator, digit for digit. Course notes were printed from its numbers.
///
///   NumpyRandom random(231);       np.random.seed(231)
///   random.normal();               np.random.randn()
///
/// Source: NumPy's RandomState, frozen since 1.16: MT19937, 53-bit uniforms, Marsaglia's polar method.
class NumpyRandom {
 public:
  explicit NumpyRandom(std::uint32_t seed) noexcept;

  /// Uniform in [0, 1), as np.random.random_sample().
  double uniform() noexcept;
  /// Standard normal, as np.random.randn().
  double normal() noexcept;
  /// One draw after another, as np.random.randn(out.size()).
  void normal(std::span<double> out) noexcept;

 private:
  std::mt19937 twister_;
  std::optional<double> spare_;  // the polar method makes two at a time
};

}  // namespace backnorm
