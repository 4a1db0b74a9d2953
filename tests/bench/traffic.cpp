#include <cstdint>

/// The same traffic as a pass, and next to no arithmetic. Sizes are in numbers of four bytes.
extern "C" {

void copy(float* __restrict to, const float* __restrict from, std::uint32_t size) {
  for (std::uint32_t i = 0; i < size; ++i) to[i] = from[i] + 1.0F;  // a sum, or it becomes a call of memcpy
}

void triad(float* __restrict to, const float* __restrict a, const float* __restrict b, std::uint32_t size) {
  for (std::uint32_t i = 0; i < size; ++i) to[i] = a[i] + 3.0F * b[i];
}

/// Of whole numbers, whose sum may be taken in any order, and so in lanes.
std::uint32_t read(const std::uint32_t* from, std::uint32_t size) {
  std::uint32_t sum = 0;
  for (std::uint32_t i = 0; i < size; ++i) sum += from[i];
  return sum;
}
}
