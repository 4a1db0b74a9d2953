#include "backnorm/norm_kernels.hpp"

#include <algorithm>

#include "norm_lanes.hpp"
#include "norm_scalar.hpp"

namespace backnorm::kernels {

NormKernel norm_kernel_for(const GroupLayout& layout, NormRule rule) noexcept {
  if (!kHasLanes || layout.before > 1 || layout.size() <= kMostNormScalars) return NormKernel::kScalar;
  if (rule.unit_offset && !rule.rms) return NormKernel::kScalar;
  if (layout.after == 1) return NormKernel::kRows;
  const bool fits = layout.after >= kShortestPlane && layout.channels / layout.groups <= kMostGroupChannels;
  return fits && !rule.rms ? NormKernel::kPlanes : NormKernel::kScalar;
}

template <typename T>
void norm_forward(NormKernel kernel, const GroupLayout& layout, NormRule rule,
                  const NormForward<T>& arrays) noexcept {
  if constexpr (kHasLanes) {
    if (kernel == NormKernel::kRows) return Rows<T>(layout, rule).forward(arrays);
    if (kernel == NormKernel::kPlanes) return GroupsOfPlanes<T>(layout, rule).forward(arrays);
  }
  for (std::size_t at = 0; at < layout.statistics(); ++at) ScalarNorm<T>{layout, rule}.forward(arrays, at);
}

template <typename T>
void norm_backward(NormKernel kernel, const GroupLayout& layout, NormRule rule,
                   const NormBackward<T>& arrays) noexcept {
  const std::size_t shifts = rule.rms ? 0 : layout.channels;
  std::fill_n(arrays.sum_dy_xhat, layout.channels, 0.0);
  std::fill_n(arrays.sum_dy, shifts, 0.0);
  std::fill_n(arrays.dgamma, layout.channels, T(0));
  std::fill_n(arrays.dbeta, shifts, T(0));
  if (kHasLanes && kernel == NormKernel::kRows) {
    Rows<T>(layout, rule).backward(arrays);
  } else if (kHasLanes && kernel == NormKernel::kPlanes) {
    GroupsOfPlanes<T>(layout, rule).backward(arrays);
  } else {
    for (std::size_t at = 0; at < layout.statistics(); ++at) ScalarNorm<T>{layout, rule}.backward(arrays, at);
  }
  for (std::size_t c = 0; c < layout.channels; ++c) arrays.dgamma[c] = static_cast<T>(arrays.sum_dy_xhat[c]);
  for (std::size_t c = 0; c < shifts; ++c) arrays.dbeta[c] = static_cast<T>(arrays.sum_dy[c]);
}

#define BACKNORM_INSTANTIATE(T)                                                                         \
  template void norm_forward(NormKernel, const GroupLayout&, NormRule, const NormForward<T>&) noexcept; \
  template void norm_backward(NormKernel, const GroupLayout&, NormRule, const NormBackward<T>&) noexcept;
BACKNORM_INSTANTIATE(float)
BACKNORM_INSTANTIATE(double)
#undef BACKNORM_INSTANTIATE

}  // namespace backnorm::kernels
