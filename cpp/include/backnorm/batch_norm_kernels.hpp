#pragma once

#include <algorithm>
#include <cstddef>

#include "backnorm/layout.hpp"

/// The loops under batch_norm.hpp, without its checks; for what compares them.
///
/// | kernel   | lanes along      | arithmetic                    | runs for                               |
/// |----------|------------------|-------------------------------|----------------------------------------|
/// | kScalar  | none             | float64                       | planes of few values; JavaScript       |
/// | kDoubles | channels         | float64, kScalar's to the bit | a matrix of up to kMostDoubles values  |
/// | kSweep   | channels × inner | T, sums moved to float64      | other matrices; planes of up to 8      |
/// | kPlanes  | inner            | T, sums moved to float64      | other planes                           |
///
/// kScalar is the twin of the three others: the formulas as they are written in batch_norm.hpp, a value at a
/// time. None of them allocates: what they keep lies on the stack, 64 KB at most.
namespace backnorm::kernels {

enum class Kernel { kScalar, kDoubles, kSweep, kPlanes };

/// The most values of a matrix that kDoubles takes, and of planes that kScalar does.
inline constexpr std::size_t kMostDoubles = 1024;
inline constexpr std::size_t kMostScalars = 512;
/// The longest planes that kSweep takes.
inline constexpr std::size_t kLongestSwept = 8;
/// The most values that a slice of kPlanes holds, unless it would be of few channels: then it is all of them,
/// since to read memory in order is worth more than to find it in the cache the second time.
inline constexpr std::size_t kMostPlaneValues = 65536;
inline constexpr std::size_t kFewestPlanes = 4;
/// The most channels of a slice, times inner for kSweep.
inline constexpr std::size_t kPanel = 1024;

Kernel kernel_for(Layout layout) noexcept;

/// Channels [begin, end) of a tensor. Pointers to values per channel point at that of `begin`.
struct Slice {
  Layout layout;
  std::size_t begin = 0;
  std::size_t end = 0;

  constexpr std::size_t channels() const noexcept { return end - begin; }
};

/// How many channels of a tensor go together, so that what is read twice is read from the cache.
std::size_t slice_width(Kernel kernel, Layout layout) noexcept;

/// use(kernel, slice), from the first channel to the last.
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
