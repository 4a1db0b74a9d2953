#pragma once

#include <algorithm>
#include <cstddef>

#include "backnorm/layout.hpp"

/// The loops behind batch_norm.hpp, without its checks, for tests and benchmarks.
///
/// | kernel   | lanes along      | arithmetic                    | runs for                               |
/// |----------|------------------|-------------------------------|----------------------------------------|
/// | kScalar  | none             | float64                       | planes of few values; JavaScript       |
/// | kDoubles | channels         | float64, kScalar's to the bit | a matrix of up to kMostDoubles values  |
/// | kSweep   | channels × inner | T, sums moved to float64      | other matrices; planes of up to 8      |
/// | kPlanes  | inner            | T, sums moved to float64      | other planes                           |
///
/// kScalar is the twin of the other three: the formulas as written in batch_norm.hpp, one value at a time.
/// None of them allocates. They use at most 68 KB of stack.
namespace backnorm::kernels {

enum class Kernel { kScalar, kDoubles, kSweep, kPlanes };

/// The largest matrix, in values, for kDoubles; the largest planes for kScalar.
inline constexpr std::size_t kMostDoubles = 1024;
inline constexpr std::size_t kMostScalars = 512;
/// The longest planes for kSweep.
inline constexpr std::size_t kLongestSwept = 8;
/// The most values in a slice of kPlanes. A slice with few channels has all channels instead: reading memory
/// in order is worth more than finding it in the cache the second time.
inline constexpr std::size_t kMostPlaneValues = 65536;
inline constexpr std::size_t kFewestPlanes = 4;
/// The most channels of a slice: of kPlanes, and of the others, times inner for kSweep.
inline constexpr std::size_t kMostPlanes = 512;
inline constexpr std::size_t kPanel = 1024;

Kernel kernel_for(Layout layout) noexcept;

/// Channels [begin, end) of a tensor. Pointers to values per channel point to the value of `begin`.
struct Slice {
  Layout layout;
  std::size_t begin = 0;
  std::size_t end = 0;

  constexpr std::size_t channels() const noexcept { return end - begin; }
};

/// The number of channels processed together, so that what is read twice comes from the cache.
std::size_t slice_width(Kernel kernel, Layout layout) noexcept;

/// Calls use(kernel, slice) from the first channel to the last.
template <typename Use>
void for_each_slice(Kernel kernel, Layout layout, Use use) {
  const std::size_t width = slice_width(kernel, layout);
  for (std::size_t begin = 0; begin < layout.channels; begin += width) {
    use(kernel, Slice{layout, begin, std::min(begin + width, layout.channels)});
  }
}

/// mean = Σ x / m, m2 = Σ (x - mean)².
template <typename T>
void statistics(Kernel kernel, Slice slice, const T* x, double* mean, double* m2) noexcept;

/// y = (x - mean)·invstd·gamma + beta. gamma and beta may be null. y may be x.
template <typename T>
void normalize(Kernel kernel, Slice slice, const T* x, const T* gamma, const T* beta, const double* mean,
               const double* invstd, T* y) noexcept;

/// sum_dy = Σ dy, sum_dy_xhat = Σ dy·(x - mean)·invstd.
template <typename T>
void sums(Kernel kernel, Slice slice, const T* dy, const T* x, const double* mean, const double* invstd,
          double* sum_dy, double* sum_dy_xhat) noexcept;

/// dx = gamma·invstd·(dy - sum_dy/m - xhat·sum_dy_xhat/(m - ddof)). gamma may be null. dx may be dy or x.
template <typename T>
void apply(Kernel kernel, Slice slice, const T* dy, const T* x, const T* gamma, double m, int ddof,
           const double* mean, const double* invstd, const double* sum_dy, const double* sum_dy_xhat,
           T* dx) noexcept;

}  // namespace backnorm::kernels
