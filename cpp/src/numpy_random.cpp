#include "backnorm/numpy_random.hpp"

#include <cmath>

namespace backnorm {

NumpyRandom::NumpyRandom(std::uint32_t seed) noexcept : twister_(seed) {}

double NumpyRandom::uniform() noexcept {
  const std::uint32_t high = static_cast<std::uint32_t>(twister_()) >> 5;  // 27 bits
  const std::uint32_t low = static_cast<std::uint32_t>(twister_()) >> 6;   // 26 bits
  return (high * 67108864.0 + low) / 9007199254740992.0;
}

double NumpyRandom::normal() noexcept {
  if (spare_) {
    const double spare = *spare_;
    spare_.reset();
    return spare;
  }
  double u = 0.0;
  double v = 0.0;
  double square = 0.0;
  do {
    u = 2.0 * uniform() - 1.0;
    v = 2.0 * uniform() - 1.0;
    square = u * u + v * v;
  } while (square >= 1.0 || square == 0.0);
  const double factor = std::sqrt(-2.0 * std::log(square) / square);
  spare_ = factor * u;
  return factor * v;  // NumPy returns the second of the pair first
}

void NumpyRandom::normal(std::span<double> out) noexcept {
  for (double& value : out) value = normal();
}

}  // namespace backnorm
