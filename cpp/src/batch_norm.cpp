#include "backnorm/batch_norm.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "backnorm/batch_norm_kernels.hpp"
#include "batch_norm_affine.hpp"

namespace backnorm {
namespace {

using kernels::Kernel;
using kernels::Slice;

enum class Optional { kNo, kYes };

bool fits(std::size_t size, std::size_t expected, Optional optional = Optional::kNo) {
  return size == expected || (optional == Optional::kYes && size == 0);
}

/// As many values as the layout says, also where the product of its sizes is more than a size_t holds.
bool fits(std::size_t size, Layout layout) {
  return size == layout.size() && size / layout.channels / layout.inner == layout.outer;
}

Status check_ddof(double count, int ddof) {
  if (count == 0) return Status::kEmptyBatch;
  if (ddof != 0 && ddof != 1) return Status::kInvalidDdof;
  if (ddof == 1 && count == 1) return Status::kOneValuePerChannel;
  return Status::kOk;
}

Status check_eps(double eps) {
  return std::isfinite(eps) && eps >= 0 ? Status::kOk : Status::kInvalidEps;
}

double values_per_channel(Layout layout) {
  return static_cast<double>(layout.values_per_channel());
}

/// One channel is one long plane.
Layout simplest(Layout layout) {
  return layout.channels == 1 && layout.size() > kernels::kMostDoubles ? Layout{1, 1, layout.size()} : layout;
}

double invstd_of(double m2, double count, int ddof, double eps) {
  return 1.0 / std::sqrt(m2 / (count - ddof) + eps);
}

/// Where the kernels in T would lose squares to underflow or overflow, the twin in float64 takes their place.
template <typename T>
Kernel in_range(Kernel kernel, const double* invstd, std::size_t channels) {
  if (std::is_same_v<T, double>) return kernel;
  const auto leaves = [](double value) { return value > 1e15 || value < 1e-15; };  // and a NaN does not
  return std::any_of(invstd, invstd + channels, leaves) ? Kernel::kScalar : kernel;
}

/// Sums in float32 that overflow on the way end in a NaN though x is finite: the twin knows.
[[gnu::noinline]] void mend(Slice slice, const float* x, double* mean, double* m2) {
  for (std::size_t c = 0; c < slice.channels(); ++c) {
    const std::size_t channel = slice.begin + c;
    if (std::isnan(m2[c])) {
      kernels::statistics(Kernel::kScalar, {slice.layout, channel, channel + 1}, x, mean + c, m2 + c);
    }
  }
}
void mend(Slice, const double*, double*, double*) {}

/// The numbers of a slice among those of all channels, or none.
template <typename T>
const T* at(std::span<const T> per_channel, Slice slice) {
  return per_channel.empty() ? nullptr : per_channel.data() + slice.begin;
}

template <typename T>
void update(Running<T> running, double count, std::size_t c, double mean, double m2) {
  const auto blend = [&](T& old, double batch) {
    old = static_cast<T>((1 - running.momentum) * static_cast<double>(old) + running.momentum * batch);
  };
  blend(running.mean[c], mean);
  blend(running.var[c], m2 / (running.unbiased ? count - 1 : count));
}

template <typename T>
Status check_running(Running<T> running, double count, std::size_t channels) {
  if (!fits(running.mean.size(), channels) || !fits(running.var.size(), channels)) {
    return Status::kLengthMismatch;
  }
  if (!(running.momentum >= 0 && running.momentum <= 1)) return Status::kInvalidMomentum;
  return running.unbiased && count == 1 ? Status::kOneValuePerChannel : Status::kOk;
}

/// invstd of running statistics, a slice at a time.
struct RunningSlice {
  double mean[kernels::kPanel], invstd[kernels::kPanel];

  template <typename T>
  RunningSlice(Slice slice, std::span<const T> of_mean, std::span<const T> of_var, double eps) {
    std::size_t c = 0;
    do {  // no slice is empty
      mean[c] = static_cast<double>(of_mean[slice.begin + c]);
      invstd[c] = 1.0 / std::sqrt(static_cast<double>(of_var[slice.begin + c]) + eps);
    } while (++c < slice.channels());
  }
};

template <typename T>
void forward(Layout given, std::span<const T> x, std::span<const T> gamma, std::span<const T> beta,
             double eps, int ddof, const Running<T>* running, std::span<double> mean,
             std::span<double> invstd, std::span<T> y) {
  const Layout layout = simplest(given);
  const double m = values_per_channel(layout);
  for_each_slice(kernels::kernel_for(layout), layout, [&](Kernel kernel, Slice slice) {
    double* const means = mean.data() + slice.begin;
    double* const inverses = invstd.data() + slice.begin;
    double m2[kernels::kPanel];
    const auto measure = [&] {
      kernels::statistics(kernel, slice, x.data(), means, m2);
      mend(slice, x.data(), means, m2);
      for (std::size_t c = 0; c < slice.channels(); ++c) inverses[c] = invstd_of(m2[c], m, ddof, eps);
    };
    measure();
    if (const Kernel safe = in_range<T>(kernel, inverses, slice.channels()); safe != kernel) {
      kernel = safe;
      measure();
    }
    for (std::size_t c = 0; running && c < slice.channels(); ++c) {
      update(*running, m, slice.begin + c, means[c], m2[c]);
    }
    kernels::normalize(kernel, slice, x.data(), at(gamma, slice), at(beta, slice), means, inverses, y.data());
  });
}

template <typename T>
Status check_forward(Layout layout, std::span<const T> x, std::span<const T> gamma, std::span<const T> beta,
                     double eps, int ddof, std::span<double> mean, std::span<double> invstd, std::span<T> y) {
  if (layout.size() == 0) return Status::kEmptyBatch;
  if (const Status status = check_ddof(values_per_channel(layout), ddof); status != Status::kOk) {
    return status;
  }
  if (const Status status = check_eps(eps); status != Status::kOk) return status;
  return fits(x.size(), layout) && fits(y.size(), layout.size()) && fits(mean.size(), layout.channels) &&
                 fits(invstd.size(), layout.channels) &&
                 fits(gamma.size(), layout.channels, Optional::kYes) &&
                 fits(beta.size(), layout.channels, Optional::kYes)
             ? Status::kOk
             : Status::kLengthMismatch;
}

}  // namespace

template <typename T>
Status batch_norm_forward(Layout layout, std::span<const T> x, std::span<const T> gamma,
                          std::span<const T> beta, double eps, int ddof, std::span<double> mean,
                          std::span<double> invstd, std::span<T> y) noexcept {
  const Status status = check_forward<T>(layout, x, gamma, beta, eps, ddof, mean, invstd, y);
  if (status == Status::kOk) forward<T>(layout, x, gamma, beta, eps, ddof, nullptr, mean, invstd, y);
  return status;
}

template <typename T>
Status batch_norm_forward(Layout layout, std::span<const T> x, std::span<const T> gamma,
                          std::span<const T> beta, double eps, int ddof, Running<T> running,
                          std::span<double> mean, std::span<double> invstd, std::span<T> y) noexcept {
  Status status = check_forward<T>(layout, x, gamma, beta, eps, ddof, mean, invstd, y);
  if (status != Status::kOk) return status;
  status = check_running(running, values_per_channel(layout), layout.channels);
  if (status != Status::kOk) return status;
  forward<T>(layout, x, gamma, beta, eps, ddof, &running, mean, invstd, y);
  return Status::kOk;
}

template <typename T>
Status batch_norm_backward(Layout given, std::span<const T> dy, std::span<const T> x,
                           std::span<const T> gamma, int ddof, std::span<const double> mean,
                           std::span<const double> invstd, std::span<T> dx, std::span<T> dgamma,
                           std::span<T> dbeta) noexcept {
  if (given.size() == 0) return Status::kEmptyBatch;
  const double m = values_per_channel(given);
  if (const Status status = check_ddof(m, ddof); status != Status::kOk) return status;
  if (!fits(dy.size(), given.size()) || !fits(x.size(), given) || !fits(dx.size(), given.size()) ||
      !fits(gamma.size(), given.channels, Optional::kYes) || !fits(mean.size(), given.channels) ||
      !fits(invstd.size(), given.channels) || !fits(dgamma.size(), given.channels) ||
      !fits(dbeta.size(), given.channels)) {
    return Status::kLengthMismatch;
  }
  const Layout layout = simplest(given);
  for_each_slice(kernels::kernel_for(layout), layout, [&](Kernel wanted, Slice slice) {
    const double* const means = mean.data() + slice.begin;
    const double* const inverses = invstd.data() + slice.begin;
    const Kernel kernel = in_range<T>(wanted, inverses, slice.channels());
    double p[kernels::kPanel];
    double q[kernels::kPanel];
    kernels::sums(kernel, slice, dy.data(), x.data(), means, inverses, p, q);
    for (std::size_t c = 0; c < slice.channels(); ++c) {
      dbeta[slice.begin + c] = static_cast<T>(p[c]);
      dgamma[slice.begin + c] = static_cast<T>(q[c]);
    }
    kernels::apply(kernel, slice, dy.data(), x.data(), at(gamma, slice), m, ddof, means, inverses, p, q,
                   dx.data());
  });
  return Status::kOk;
}

template <typename T>
Status batch_norm_infer(Layout given, std::span<const T> x, std::span<const T> gamma, std::span<const T> beta,
                        double eps, std::span<const T> running_mean, std::span<const T> running_var,
                        std::span<T> y) noexcept {
  if (given.size() == 0) return Status::kEmptyBatch;
  if (const Status status = check_eps(eps); status != Status::kOk) return status;
  if (!fits(x.size(), given) || !fits(y.size(), given.size()) ||
      !fits(gamma.size(), given.channels, Optional::kYes) ||
      !fits(beta.size(), given.channels, Optional::kYes) || !fits(running_mean.size(), given.channels) ||
      !fits(running_var.size(), given.channels)) {
    return Status::kLengthMismatch;
  }
  const Layout layout = simplest(given);
  for_each_slice(kernels::kernel_for(layout), layout, [&](Kernel kernel, Slice slice) {
    const RunningSlice by(slice, running_mean, running_var, eps);
    kernels::normalize(in_range<T>(kernel, by.invstd, slice.channels()), slice, x.data(), at(gamma, slice),
                       at(beta, slice), by.mean, by.invstd, y.data());
  });
  return Status::kOk;
}

template <typename T>
Status batch_norm_infer_backward(Layout given, std::span<const T> dy, std::span<const T> x,
                                 std::span<const T> gamma, double eps, std::span<const T> running_mean,
                                 std::span<const T> running_var, std::span<T> dx, std::span<T> dgamma,
                                 std::span<T> dbeta) noexcept {
  if (given.size() == 0) return Status::kEmptyBatch;
  if (const Status status = check_eps(eps); status != Status::kOk) return status;
  if (!fits(dy.size(), given.size()) || !fits(x.size(), given) || !fits(dx.size(), given.size()) ||
      !fits(gamma.size(), given.channels, Optional::kYes) || !fits(running_mean.size(), given.channels) ||
      !fits(running_var.size(), given.channels) || !fits(dgamma.size(), given.channels) ||
      !fits(dbeta.size(), given.channels)) {
    return Status::kLengthMismatch;
  }
  const Layout layout = simplest(given);
  for_each_slice(kernels::kernel_for(layout), layout, [&](Kernel wanted, Slice slice) {
    const RunningSlice by(slice, running_mean, running_var, eps);
    const Kernel kernel = in_range<T>(wanted, by.invstd, slice.channels());
    double p[kernels::kPanel];
    double q[kernels::kPanel];
    kernels::sums(kernel, slice, dy.data(), x.data(), by.mean, by.invstd, p, q);
    for (std::size_t c = 0; c < slice.channels(); ++c) {
      dbeta[slice.begin + c] = static_cast<T>(p[c]);
      dgamma[slice.begin + c] = static_cast<T>(q[c]);
    }
    std::fill_n(p, slice.channels(), 0.0);  // the mean of what is only scaled
    kernels::normalize<T>(kernel, slice, dy.data(), at(gamma, slice), nullptr, p, by.invstd, dx.data());
  });
  return Status::kOk;
}

template <typename T>
Status batch_norm_statistics(Layout given, std::span<const T> x, std::span<double> mean,
                             std::span<double> m2) noexcept {
  if (given.size() == 0) return Status::kEmptyBatch;
  if (!fits(x.size(), given) || !fits(mean.size(), given.channels) || !fits(m2.size(), given.channels)) {
    return Status::kLengthMismatch;
  }
  const Layout layout = simplest(given);
  for_each_slice(kernels::kernel_for(layout), layout, [&](Kernel kernel, Slice slice) {
    double* const means = mean.data() + slice.begin;
    double* const out = m2.data() + slice.begin;
    kernels::statistics(kernel, slice, x.data(), means, out);
    mend(slice, x.data(), means, out);
    double invstd[kernels::kPanel];
    for (std::size_t c = 0; c < slice.channels(); ++c) {
      invstd[c] = out[c] == 0 ? 1 : invstd_of(out[c], values_per_channel(layout), 0, 0);
    }
    const Kernel safe = in_range<T>(kernel, invstd, slice.channels());
    if (safe != kernel) kernels::statistics(safe, slice, x.data(), means, out);
  });
  return Status::kOk;
}

Status batch_norm_merge_statistics(std::uint64_t count, std::span<double> mean, std::span<double> m2,
                                   std::uint64_t other_count, std::span<const double> other_mean,
                                   std::span<const double> other_m2) noexcept {
  if (!fits(m2.size(), mean.size()) || !fits(other_mean.size(), mean.size()) ||
      !fits(other_m2.size(), mean.size())) {
    return Status::kLengthMismatch;
  }
  if (other_count == 0) return Status::kOk;
  for (std::size_t c = 0; c < mean.size(); ++c) {
    const auto both = kernels::Moments{mean[c], m2[c]};
    const auto merged =
        count == 0 ? kernels::Moments{other_mean[c], other_m2[c]}
                   : kernels::Moments::merged(static_cast<double>(count), both,
                                              static_cast<double>(other_count), {other_mean[c], other_m2[c]});
    mean[c] = merged.mean;
    m2[c] = merged.m2;
  }
  return Status::kOk;
}

Status batch_norm_invstd(std::uint64_t count, std::span<const double> m2, double eps, int ddof,
                         std::span<double> invstd) noexcept {
  const double n = static_cast<double>(count);
  if (const Status status = check_ddof(n, ddof); status != Status::kOk) return status;
  if (const Status status = check_eps(eps); status != Status::kOk) return status;
  if (!fits(invstd.size(), m2.size())) return Status::kLengthMismatch;
  for (std::size_t c = 0; c < m2.size(); ++c) invstd[c] = invstd_of(m2[c], n, ddof, eps);
  return Status::kOk;
}

template <typename T>
Status batch_norm_update_running(std::uint64_t count, std::span<const double> mean,
                                 std::span<const double> m2, Running<T> running) noexcept {
  const double n = static_cast<double>(count);
  if (count == 0) return Status::kEmptyBatch;
  if (!fits(m2.size(), mean.size())) return Status::kLengthMismatch;
  if (const Status status = check_running(running, n, mean.size()); status != Status::kOk) return status;
  for (std::size_t c = 0; c < mean.size(); ++c) update(running, n, c, mean[c], m2[c]);
  return Status::kOk;
}

template <typename T>
Status batch_norm_normalize(Layout given, std::span<const T> x, std::span<const T> gamma,
                            std::span<const T> beta, std::span<const double> mean,
                            std::span<const double> invstd, std::span<T> y) noexcept {
  if (given.size() == 0) return Status::kEmptyBatch;
  if (!fits(x.size(), given) || !fits(y.size(), given.size()) || !fits(mean.size(), given.channels) ||
      !fits(invstd.size(), given.channels) || !fits(gamma.size(), given.channels, Optional::kYes) ||
      !fits(beta.size(), given.channels, Optional::kYes)) {
    return Status::kLengthMismatch;
  }
  const Layout layout = simplest(given);
  for_each_slice(kernels::kernel_for(layout), layout, [&](Kernel kernel, Slice slice) {
    const double* const inverses = invstd.data() + slice.begin;
    kernels::normalize(in_range<T>(kernel, inverses, slice.channels()), slice, x.data(), at(gamma, slice),
                       at(beta, slice), mean.data() + slice.begin, inverses, y.data());
  });
  return Status::kOk;
}

template <typename T>
Status batch_norm_sums(Layout given, std::span<const T> dy, std::span<const T> x,
                       std::span<const double> mean, std::span<const double> invstd, std::span<double> sum_dy,
                       std::span<double> sum_dy_xhat) noexcept {
  if (given.size() == 0) return Status::kEmptyBatch;
  if (!fits(dy.size(), given.size()) || !fits(x.size(), given) || !fits(mean.size(), given.channels) ||
      !fits(invstd.size(), given.channels) || !fits(sum_dy.size(), given.channels) ||
      !fits(sum_dy_xhat.size(), given.channels)) {
    return Status::kLengthMismatch;
  }
  const Layout layout = simplest(given);
  for_each_slice(kernels::kernel_for(layout), layout, [&](Kernel kernel, Slice slice) {
    const double* const inverses = invstd.data() + slice.begin;
    kernels::sums(in_range<T>(kernel, inverses, slice.channels()), slice, dy.data(), x.data(),
                  mean.data() + slice.begin, inverses, sum_dy.data() + slice.begin,
                  sum_dy_xhat.data() + slice.begin);
  });
  return Status::kOk;
}

template <typename T>
Status batch_norm_apply(Layout given, std::span<const T> dy, std::span<const T> x, std::span<const T> gamma,
                        std::uint64_t count, int ddof, std::span<const double> mean,
                        std::span<const double> invstd, std::span<const double> sum_dy,
                        std::span<const double> sum_dy_xhat, std::span<T> dx) noexcept {
  if (given.size() == 0) return Status::kEmptyBatch;
  const double m = static_cast<double>(count);
  if (const Status status = check_ddof(m, ddof); status != Status::kOk) return status;
  if (!fits(dy.size(), given.size()) || !fits(x.size(), given) || !fits(dx.size(), given.size()) ||
      !fits(gamma.size(), given.channels, Optional::kYes) || !fits(mean.size(), given.channels) ||
      !fits(invstd.size(), given.channels) || !fits(sum_dy.size(), given.channels) ||
      !fits(sum_dy_xhat.size(), given.channels)) {
    return Status::kLengthMismatch;
  }
  const Layout layout = simplest(given);
  for_each_slice(kernels::kernel_for(layout), layout, [&](Kernel kernel, Slice slice) {
    const double* const inverses = invstd.data() + slice.begin;
    kernels::apply(in_range<T>(kernel, inverses, slice.channels()), slice, dy.data(), x.data(),
                   at(gamma, slice), m, ddof, mean.data() + slice.begin, inverses,
                   sum_dy.data() + slice.begin, sum_dy_xhat.data() + slice.begin, dx.data());
  });
  return Status::kOk;
}

#define BACKNORM_INSTANTIATE(T)                                                                              \
  template Status batch_norm_forward(Layout, std::span<const T>, std::span<const T>, std::span<const T>,     \
                                     double, int, std::span<double>, std::span<double>,                      \
                                     std::span<T>) noexcept;                                                 \
  template Status batch_norm_forward(Layout, std::span<const T>, std::span<const T>, std::span<const T>,     \
                                     double, int, Running<T>, std::span<double>, std::span<double>,          \
                                     std::span<T>) noexcept;                                                 \
  template Status batch_norm_backward(Layout, std::span<const T>, std::span<const T>, std::span<const T>,    \
                                      int, std::span<const double>, std::span<const double>, std::span<T>,   \
                                      std::span<T>, std::span<T>) noexcept;                                  \
  template Status batch_norm_infer(Layout, std::span<const T>, std::span<const T>, std::span<const T>,       \
                                   double, std::span<const T>, std::span<const T>, std::span<T>) noexcept;   \
  template Status batch_norm_infer_backward(                                                                 \
      Layout, std::span<const T>, std::span<const T>, std::span<const T>, double, std::span<const T>,        \
      std::span<const T>, std::span<T>, std::span<T>, std::span<T>) noexcept;                                \
  template Status batch_norm_statistics(Layout, std::span<const T>, std::span<double>,                       \
                                        std::span<double>) noexcept;                                         \
  template Status batch_norm_update_running(std::uint64_t, std::span<const double>, std::span<const double>, \
                                            Running<T>) noexcept;                                            \
  template Status batch_norm_normalize(Layout, std::span<const T>, std::span<const T>, std::span<const T>,   \
                                       std::span<const double>, std::span<const double>,                     \
                                       std::span<T>) noexcept;                                               \
  template Status batch_norm_sums(Layout, std::span<const T>, std::span<const T>, std::span<const double>,   \
                                  std::span<const double>, std::span<double>, std::span<double>) noexcept;   \
  template Status batch_norm_apply(Layout, std::span<const T>, std::span<const T>, std::span<const T>,       \
                                   std::uint64_t, int, std::span<const double>, std::span<const double>,     \
                                   std::span<const double>, std::span<const double>, std::span<T>) noexcept;
BACKNORM_INSTANTIATE(float)
BACKNORM_INSTANTIATE(double)
#undef BACKNORM_INSTANTIATE

}  // namespace backnorm
