#pragma once

#include <cstddef>

#include "backnorm/batch_norm_kernels.hpp"
#include "backnorm/norm.hpp"

/// The loops behind norm.hpp, without its checks, for tests and benchmarks.
///
/// | kernel  | lanes along             | runs for                                     |
/// |---------|-------------------------|----------------------------------------------|
/// | kScalar | none                    | few values; channels last; JavaScript        |
/// | kRows   | the channels of a group | layer and RMS norm, group norm of rank 2     |
/// | kPlanes | the positions           | other groups that lie in one piece           |
///
/// kScalar computes in float64, the other two in T with sums that move to float64 on the way. kScalar is
/// their twin: the formulas as written in norm.hpp, one value at a time. None of them allocates. They use at
/// most 80 KB of stack.
namespace backnorm::kernels {

enum class NormKernel { kScalar, kRows, kPlanes };

/// The largest tensor, in values, for kScalar.
inline constexpr std::size_t kMostNormScalars = 512;
/// The shortest planes for kPlanes, and the most channels of a group.
inline constexpr std::size_t kShortestPlane = 4;
inline constexpr std::size_t kMostGroupChannels = kMostPlanes;

NormKernel norm_kernel_for(const GroupLayout& layout, NormRule rule) noexcept;

/// gamma, beta and var may be null. mean is null for RMS norm. y may be x.
template <typename T>
struct NormForward {
  const T* x;
  const T* gamma;
  const T* beta;
  double* mean;
  double* invstd;
  T* y;
  double* var = nullptr;
};
template <typename T>
void norm_forward(NormKernel kernel, const GroupLayout& layout, NormRule rule,
                  const NormForward<T>& arrays) noexcept;

/// gamma may be null; mean, sum_dy and dbeta are null for RMS norm. sum_dy and sum_dy_xhat are the room in
/// which dbeta and dgamma are summed. dx may be dy or x.
template <typename T>
struct NormBackward {
  const T* dy;
  const T* x;
  const T* gamma;
  const double* mean;
  const double* invstd;
  double* sum_dy;
  double* sum_dy_xhat;
  T* dx;
  T* dgamma;
  T* dbeta;
};
template <typename T>
void norm_backward(NormKernel kernel, const GroupLayout& layout, NormRule rule,
                   const NormBackward<T>& arrays) noexcept;

}  // namespace backnorm::kernels
