#include "backnorm/batch_norm.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "backnorm/batch_norm_kernels.hpp"
#include "batch_norm_affine.hpp"

namespace backnorm {
namespace {

using kernels::Kernel;
using kernels::Slice;

template <typename... Spans>
bool one_per_channel(Layout layout, Spans... arrays) {
  return ((arrays.size() == layout.channels) && ...);
}

/// True if the arrays have the lengths that the header requires. A span on its own is a tensor. Uses
/// division, since the product of a layout's sizes may overflow a size_t.
template <typename T>
bool fits(Layout layout, std::span<T> tensor) {
  return tensor.size() == layout.size() && tensor.size() / layout.channels / layout.inner == layout.outer;
}
template <typename T>
bool fits(Layout layout, BackwardInputs<T> of) {
  return fits(layout, of.dy) && fits(layout, of.x);
}
template <typename T>
bool fits(Layout layout, Gradients<T> of) {
  return fits(layout, of.dx) && one_per_channel(layout, of.dgamma, of.dbeta);
}
template <typename T>
bool fits(Layout layout, Affine<T> of) {
  return (of.gamma.empty() || one_per_channel(layout, of.gamma)) &&
         (of.beta.empty() || one_per_channel(layout, of.beta));
}
template <typename Number>
bool fits(Layout layout, Saved<Number> of) {
  return one_per_channel(layout, of.mean, of.invstd) && (of.var.empty() || one_per_channel(layout, of.var));
}
/// Of Frozen and Sums.
template <template <typename> typename Pair, typename Number>
bool fits(Layout layout, Pair<Number> of) {
  const auto& [one, other] = of;
  return one_per_channel(layout, one, other);
}
template <typename Number>
bool fits(Layout layout, Statistics<Number> of) {
  return one_per_channel(layout, of.mean, of.m2);
}
template <typename T>
bool fits(Layout layout, Running<T> of) {
  return one_per_channel(layout, of.mean, of.var);
}

template <typename... Arrays>
Status check(Layout layout, Status settings, Arrays... arrays) {
  if (layout.size() == 0) return Status::kEmptyBatch;
  if (settings != Status::kOk) return settings;
  return (fits(layout, arrays) && ...) ? Status::kOk : Status::kLengthMismatch;
}

Status check_eps(double eps) {
  return std::isfinite(eps) && eps >= 0 ? Status::kOk : Status::kInvalidEps;
}

Status check_ddof(double count, int ddof) {
  if (count == 0) return Status::kEmptyBatch;
  if (ddof != 0 && ddof != 1) return Status::kInvalidDdof;
  return ddof == 1 && count == 1 ? Status::kOneValuePerChannel : Status::kOk;
}

Status check_settings(double count, int ddof, double eps) {
  const Status status = check_ddof(count, ddof);
  return status == Status::kOk ? check_eps(eps) : status;
}

template <typename T>
Status check_running(Layout layout, Running<T> running, double count) {
  if (!fits(layout, running)) return Status::kLengthMismatch;
  if (!(running.momentum >= 0 && running.momentum <= 1)) return Status::kInvalidMomentum;
  return running.unbiased && count == 1 ? Status::kOneValuePerChannel : Status::kOk;
}

Layout channels_of(Statistics<const double> whole) {
  return {1, whole.mean.size(), 1};
}

double values_per_channel(Layout layout) {
  return static_cast<double>(layout.values_per_channel());
}

/// One channel is one long plane.
Layout simplest(Layout layout) {
  return layout.channels == 1 && layout.size() > kernels::kMostDoubles ? Layout{1, 1, layout.size()} : layout;
}

/// 1 / sqrt(var + eps). Finite if both are 0, since 0·infinity is NaN where y should be beta.
double invstd_of(double var, double eps) {
  const double sum = var + eps;
  return 1.0 / std::sqrt(sum == 0 ? std::numeric_limits<double>::denorm_min() : sum);
}
double invstd_of(double m2, double count, int ddof, double eps) {
  return invstd_of(m2 / (count - ddof), eps);
}

/// Where the kernels in T would lose squares to underflow or overflow, the twin in float64 runs instead.
template <typename T>
Kernel in_range(Kernel kernel, const double* invstd, std::size_t channels) {
  if (std::is_same_v<T, double>) return kernel;
  const auto leaves = [](double value) { return value > 1e15 || value < 1e-15; };  // false for a NaN
  return std::any_of(invstd, invstd + channels, leaves) ? Kernel::kScalar : kernel;
}

/// Sums in float32 that overflow midway give a NaN although x is finite. The twin gives the right sum.
[[gnu::noinline]] void mend(Slice slice, const float* x, double* mean, double* m2) {
  for (std::size_t c = 0; c < slice.channels(); ++c) {
    const std::size_t channel = slice.begin + c;
    if (std::isnan(m2[c])) {
      kernels::statistics(Kernel::kScalar, {slice.layout, channel, channel + 1}, x, mean + c, m2 + c);
    }
  }
}
void mend(Slice, const double*, double*, double*) {}

/// The values of a slice in an array over all channels, or null.
template <typename T>
const T* at(std::span<const T> per_channel, Slice slice) {
  return per_channel.empty() ? nullptr : per_channel.data() + slice.begin;
}

template <typename T>
void update(Running<T> running, double count, std::size_t c, double mean, double m2) {
  const auto blend = [&](T& old, double batch) {
    if (static_cast<double>(old) == batch) return;  // 0.9·old + 0.1·old may differ from old by an ulp
    old = static_cast<T>((1 - running.momentum) * static_cast<double>(old) + running.momentum * batch);
  };
  blend(running.mean[c], mean);
  blend(running.var[c], m2 / (running.unbiased ? count - 1 : count));
}

/// Calls use(kernel, slice) from the first channel to the last.
template <typename Use>
void for_each_slice(Layout given, Use use) {
  const Layout layout = simplest(given);
  kernels::for_each_slice(kernels::kernel_for(layout), layout, use);
}

/// Computes invstd from running statistics, one slice at a time.
struct FrozenSlice {
  double mean[kernels::kPanel], invstd[kernels::kPanel];

  template <typename T>
  FrozenSlice(Slice slice, Frozen<T> of, double eps) {
    std::size_t c = 0;
    do {  // no slice is empty
      mean[c] = static_cast<double>(of.mean[slice.begin + c]);
      invstd[c] = invstd_of(static_cast<double>(of.var[slice.begin + c]), eps);
    } while (++c < slice.channels());
  }
};

/// Writes dbeta and dgamma of a slice from its sums.
template <typename T>
void write_sums(Slice slice, const double* sum_dy, const double* sum_dy_xhat, Gradients<T> out) {
  for (std::size_t c = 0; c < slice.channels(); ++c) {
    out.dbeta[slice.begin + c] = static_cast<T>(sum_dy[c]);
    out.dgamma[slice.begin + c] = static_cast<T>(sum_dy_xhat[c]);
  }
}

}  // namespace

template <typename T>
Status batch_norm_forward(Layout layout, std::span<const T> x, Affine<T> affine, double eps, int ddof,
                          Saved<double> saved, std::span<T> y, std::optional<Running<T>> running) noexcept {
  const double m = values_per_channel(layout);
  Status status = check(layout, check_settings(m, ddof, eps), x, affine, saved, y);
  if (status == Status::kOk && running) status = check_running(layout, *running, m);
  if (status != Status::kOk) return status;
  for_each_slice(layout, [&](Kernel kernel, Slice slice) {
    double* const means = saved.mean.data() + slice.begin;
    double* const inverses = saved.invstd.data() + slice.begin;
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
    for (std::size_t c = 0; !saved.var.empty() && c < slice.channels(); ++c) {
      saved.var[slice.begin + c] = m2[c] / (m - ddof);
    }
    for (std::size_t c = 0; running && c < slice.channels(); ++c) {
      update(*running, m, slice.begin + c, means[c], m2[c]);
    }
    kernels::normalize(kernel, slice, x.data(), at(affine.gamma, slice), at(affine.beta, slice), means,
                       inverses, y.data());
  });
  return Status::kOk;
}

template <typename T>
Status batch_norm_backward(Layout layout, BackwardInputs<T> inputs, std::span<const T> gamma, int ddof,
                           Saved<const double> saved, Gradients<T> gradients) noexcept {
  const double m = values_per_channel(layout);
  const Status status = check(layout, check_ddof(m, ddof), inputs, Affine<T>{gamma}, saved, gradients);
  if (status != Status::kOk) return status;
  for_each_slice(layout, [&](Kernel wanted, Slice slice) {
    const double* const means = saved.mean.data() + slice.begin;
    const double* const inverses = saved.invstd.data() + slice.begin;
    const Kernel kernel = in_range<T>(wanted, inverses, slice.channels());
    double p[kernels::kPanel];
    double q[kernels::kPanel];
    kernels::sums(kernel, slice, inputs.dy.data(), inputs.x.data(), means, inverses, p, q);
    write_sums(slice, p, q, gradients);
    kernels::apply(kernel, slice, inputs.dy.data(), inputs.x.data(), at(gamma, slice), m, ddof, means,
                   inverses, p, q, gradients.dx.data());
  });
  return Status::kOk;
}

template <typename T>
Status batch_norm_infer(Layout layout, std::span<const T> x, Affine<T> affine, double eps, Frozen<T> running,
                        std::span<T> y) noexcept {
  const Status status = check(layout, check_eps(eps), x, affine, running, y);
  if (status != Status::kOk) return status;
  for_each_slice(layout, [&](Kernel kernel, Slice slice) {
    const FrozenSlice by(slice, running, eps);
    kernels::normalize(in_range<T>(kernel, by.invstd, slice.channels()), slice, x.data(),
                       at(affine.gamma, slice), at(affine.beta, slice), by.mean, by.invstd, y.data());
  });
  return Status::kOk;
}

template <typename T>
Status batch_norm_infer_backward(Layout layout, BackwardInputs<T> inputs, std::span<const T> gamma,
                                 double eps, Frozen<T> running, Gradients<T> gradients) noexcept {
  const Status status = check(layout, check_eps(eps), inputs, Affine<T>{gamma}, running, gradients);
  if (status != Status::kOk) return status;
  for_each_slice(layout, [&](Kernel wanted, Slice slice) {
    const FrozenSlice by(slice, running, eps);
    const Kernel kernel = in_range<T>(wanted, by.invstd, slice.channels());
    double p[kernels::kPanel];
    double q[kernels::kPanel];
    kernels::sums(kernel, slice, inputs.dy.data(), inputs.x.data(), by.mean, by.invstd, p, q);
    write_sums(slice, p, q, gradients);
    std::fill_n(p, slice.channels(), 0.0);  // a mean of 0: the pass only scales
    kernels::normalize<T>(kernel, slice, inputs.dy.data(), at(gamma, slice), nullptr, p, by.invstd,
                          gradients.dx.data());
  });
  return Status::kOk;
}

template <typename T>
Status batch_norm_statistics(Layout layout, std::span<const T> x, Statistics<double>& part) noexcept {
  if (const Status status = check(layout, Status::kOk, x, part); status != Status::kOk) return status;
  for_each_slice(layout, [&](Kernel kernel, Slice slice) {
    double* const means = part.mean.data() + slice.begin;
    double* const m2 = part.m2.data() + slice.begin;
    kernels::statistics(kernel, slice, x.data(), means, m2);
    mend(slice, x.data(), means, m2);
    double invstd[kernels::kPanel];
    for (std::size_t c = 0; c < slice.channels(); ++c) {
      invstd[c] = m2[c] == 0 ? 1 : invstd_of(m2[c], values_per_channel(layout), 0, 0);
    }
    const Kernel safe = in_range<T>(kernel, invstd, slice.channels());
    if (safe != kernel) kernels::statistics(safe, slice, x.data(), means, m2);
  });
  part.count = layout.values_per_channel();
  return Status::kOk;
}

Status batch_norm_merge_statistics(Statistics<const double> part, Statistics<double>& whole) noexcept {
  if (!fits(channels_of(whole), part) || !fits(channels_of(whole), whole)) return Status::kLengthMismatch;
  if (part.count == 0) return Status::kOk;
  for (std::size_t c = 0; c < part.mean.size(); ++c) {
    kernels::Moments merged{part.mean[c], 0, part.m2[c]};
    if (whole.count > 0) {
      merged = kernels::Moments::merged(static_cast<double>(whole.count), {whole.mean[c], 0, whole.m2[c]},
                                        static_cast<double>(part.count), merged);
    }
    whole.mean[c] = merged.mean();
    whole.m2[c] = merged.m2;
  }
  whole.count += part.count;
  return Status::kOk;
}

Status batch_norm_invstd(Statistics<const double> whole, double eps, int ddof,
                         std::span<double> invstd) noexcept {
  const double m = static_cast<double>(whole.count);
  if (const Status status = check_settings(m, ddof, eps); status != Status::kOk) return status;
  if (!one_per_channel(channels_of(whole), whole.m2, invstd)) return Status::kLengthMismatch;
  for (std::size_t c = 0; c < invstd.size(); ++c) invstd[c] = invstd_of(whole.m2[c], m, ddof, eps);
  return Status::kOk;
}

template <typename T>
Status batch_norm_update_running(Statistics<const double> whole, Running<T> running) noexcept {
  const double m = static_cast<double>(whole.count);
  const Layout layout = channels_of(whole);
  if (whole.count == 0) return Status::kEmptyBatch;
  if (!fits(layout, whole)) return Status::kLengthMismatch;
  if (const Status status = check_running(layout, running, m); status != Status::kOk) return status;
  for (std::size_t c = 0; c < layout.channels; ++c) update(running, m, c, whole.mean[c], whole.m2[c]);
  return Status::kOk;
}

template <typename T>
Status batch_norm_normalize(Layout layout, std::span<const T> x, Affine<T> affine, Saved<const double> saved,
                            std::span<T> y) noexcept {
  const Status status = check(layout, Status::kOk, x, affine, saved, y);
  if (status != Status::kOk) return status;
  for_each_slice(layout, [&](Kernel kernel, Slice slice) {
    const double* const inverses = saved.invstd.data() + slice.begin;
    kernels::normalize(in_range<T>(kernel, inverses, slice.channels()), slice, x.data(),
                       at(affine.gamma, slice), at(affine.beta, slice), saved.mean.data() + slice.begin,
                       inverses, y.data());
  });
  return Status::kOk;
}

template <typename T>
Status batch_norm_sums(Layout layout, BackwardInputs<T> inputs, Saved<const double> saved,
                       Sums<double> sums) noexcept {
  const Status status = check(layout, Status::kOk, inputs, saved, sums);
  if (status != Status::kOk) return status;
  for_each_slice(layout, [&](Kernel kernel, Slice slice) {
    const double* const inverses = saved.invstd.data() + slice.begin;
    kernels::sums(in_range<T>(kernel, inverses, slice.channels()), slice, inputs.dy.data(), inputs.x.data(),
                  saved.mean.data() + slice.begin, inverses, sums.dbeta.data() + slice.begin,
                  sums.dgamma.data() + slice.begin);
  });
  return Status::kOk;
}

template <typename T>
Status batch_norm_apply(Layout layout, BackwardInputs<T> inputs, std::span<const T> gamma,
                        std::uint64_t count, int ddof, Saved<const double> saved, Sums<const double> sums,
                        std::span<T> dx) noexcept {
  const double m = static_cast<double>(count);
  const Status status = check(layout, check_ddof(m, ddof), inputs, Affine<T>{gamma}, saved, sums, dx);
  if (status != Status::kOk) return status;
  for_each_slice(layout, [&](Kernel kernel, Slice slice) {
    const double* const inverses = saved.invstd.data() + slice.begin;
    kernels::apply(in_range<T>(kernel, inverses, slice.channels()), slice, inputs.dy.data(), inputs.x.data(),
                   at(gamma, slice), m, ddof, saved.mean.data() + slice.begin, inverses,
                   sums.dbeta.data() + slice.begin, sums.dgamma.data() + slice.begin, dx.data());
  });
  return Status::kOk;
}

#define BACKNORM_INSTANTIATE(T)                                                 \
  template decltype(batch_norm_forward<T>) batch_norm_forward<T>;               \
  template decltype(batch_norm_backward<T>) batch_norm_backward<T>;             \
  template decltype(batch_norm_infer<T>) batch_norm_infer<T>;                   \
  template decltype(batch_norm_infer_backward<T>) batch_norm_infer_backward<T>; \
  template decltype(batch_norm_statistics<T>) batch_norm_statistics<T>;         \
  template decltype(batch_norm_update_running<T>) batch_norm_update_running<T>; \
  template decltype(batch_norm_normalize<T>) batch_norm_normalize<T>;           \
  template decltype(batch_norm_sums<T>) batch_norm_sums<T>;                     \
  template decltype(batch_norm_apply<T>) batch_norm_apply<T>;
BACKNORM_INSTANTIATE(float)
BACKNORM_INSTANTIATE(double)
#undef BACKNORM_INSTANTIATE

}  // namespace backnorm
