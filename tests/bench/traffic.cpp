#include <cstdint>

/// The same traffic as a pass, and next to no arithmetic. Sizes are in numbers of four bytes.
extern "C" {

void copy(float* __restrict to, const float* __restrict from, std::uint32_t size) {
  for (std::uint32_t i = 0; i < size; ++i) to[i] = from[i] + 1.0F;  // a sum, or it becomes a call of memcpy
}

void triad(float* __restrict to, const float* __restrict a, const float* __restrict b, std::uint32_t size) {
  for (std::uint32_t i = 0; i < size; ++i) to[i] = a[i] + 3.0F * b[i];
}

/// In four sums, so that no addition waits for the one before it.
float read(const float* from, std::uint32_t size) {
  typedef float Lane __attribute__((vector_size(16)));
  const auto* lane = reinterpret_cast<const Lane*>(from);
  const auto* const end = lane + size / 16 * 4;
  Lane a{}, b{}, c{}, d{};
  for (; lane < end; lane += 4) {
    a += lane[0];
    b += lane[1];
    c += lane[2];
    d += lane[3];
  }
  const Lane sum = (a + b) + (c + d);
  return sum[0] + sum[1] + sum[2] + sum[3];
}
}
