#include "backnorm/batch_norm_kernels.hpp"

#include <algorithm>

#include "batch_norm_doubles.hpp"
#include "batch_norm_planes.hpp"
#include "batch_norm_scalar.hpp"
#include "batch_norm_sweep.hpp"

namespace backnorm::kernels {
namespace {

template <typename T, typename Do>
void with(Kernel kernel, Do run) {
  if constexpr (kHasLanes) {
    switch (kernel) {
      case Kernel::kScalar: break;
      case Kernel::kDoubles: return run(Doubles<T>{});
      case Kernel::kSweep: return run(Sweep<T>{});
      case Kernel::kPlanes: return run(Planes<T>{});
    }
  }
  run(Scalar<T>{});
}

}  // namespace

Kernel kernel_for(Layout layout) noexcept {
  if (!kHasLanes) return Kernel::kScalar;
  const std::size_t size = layout.size();
  if (layout.inner == 1) return size <= kMostDoubles ? Kernel::kDoubles : Kernel::kSweep;
  if (size <= kMostScalars) return Kernel::kScalar;
  return layout.inner <= kLongestSwept ? Kernel::kSweep : Kernel::kPlanes;
}

std::size_t slice_width(Kernel kernel, Layout layout) noexcept {
  switch (kernel) {
    case Kernel::kScalar: return 1;
    case Kernel::kPlanes: {
      const std::size_t near = kMostPlaneValues / layout.values_per_channel();
      return std::min(near < kFewestPlanes ? layout.channels : near, kMostPlanes);
    }
    case Kernel::kDoubles: return kPanel;
    case Kernel::kSweep: return kPanel / layout.inner;
  }
  return 1;
}

template <typename T>
void statistics(Kernel kernel, Slice slice, const T* x, double* mean, double* m2) noexcept {
  with<T>(kernel, [&](auto by) { by.statistics(slice, x, mean, m2); });
}

template <typename T>
void normalize(Kernel kernel, Slice slice, const T* x, const T* gamma, const T* beta, const double* mean,
               const double* invstd, T* y) noexcept {
  with<T>(kernel, [&](auto by) { by.normalize(slice, x, gamma, beta, mean, invstd, y); });
}

template <typename T>
void sums(Kernel kernel, Slice slice, const T* dy, const T* x, const double* mean, const double* invstd,
          double* sum_dy, double* sum_dy_xhat) noexcept {
  with<T>(kernel, [&](auto by) { by.sums(slice, dy, x, mean, invstd, sum_dy, sum_dy_xhat); });
}

template <typename T>
void apply(Kernel kernel, Slice slice, const T* dy, const T* x, const T* gamma, double m, int ddof,
           const double* mean, const double* invstd, const double* sum_dy, const double* sum_dy_xhat,
           T* dx) noexcept {
  with<T>(kernel,
          [&](auto by) { by.apply(slice, dy, x, gamma, m, ddof, mean, invstd, sum_dy, sum_dy_xhat, dx); });
}

#define BACKNORM_INSTANTIATE(T)                                                                      \
  template void statistics(Kernel, Slice, const T*, double*, double*) noexcept;                      \
  template void normalize(Kernel, Slice, const T*, const T*, const T*, const double*, const double*, \
                          T*) noexcept;                                                              \
  template void sums(Kernel, Slice, const T*, const T*, const double*, const double*, double*,       \
                     double*) noexcept;                                                              \
  template void apply(Kernel, Slice, const T*, const T*, const T*, double, int, const double*,       \
                      const double*, const double*, const double*, T*) noexcept;
BACKNORM_INSTANTIATE(float)
BACKNORM_INSTANTIATE(double)
#undef BACKNORM_INSTANTIATE

}  // namespace backnorm::kernels
