#include "backnorm/batch_norm.hpp"

#include <cmath>

namespace backnorm {
namespace {

template <typename Visit>
void for_each_in_channel(Layout layout, std::size_t channel, Visit visit) {
  for (std::size_t outer = 0; outer < layout.outer; ++outer) {
    const std::size_t begin = (outer * layout.channels + channel) * layout.inner;
    for (std::size_t i = begin; i < begin + layout.inner; ++i) visit(i);
  }
}

bool fits(std::size_t size, std::size_t expected, bool optional = false) {
  return size == expected || (optional && size == 0);
}

Status check(Layout layout, int ddof) {
  if (layout.size() == 0) return Status::kEmptyBatch;
  if (ddof != 0 && ddof != 1) return Status::kInvalidDdof;
  if (ddof == 1 && layout.values_per_channel() == 1) return Status::kOneValuePerChannel;
  return Status::kOk;
}

}  // namespace

template <typename T>
Status batch_norm_forward(Layout layout, std::span<const T> x, std::span<const T> gamma,
                          std::span<const T> beta, double eps, int ddof, std::span<double> mean,
                          std::span<double> invstd, std::span<T> y) noexcept {
  if (const Status status = check(layout, ddof); status != Status::kOk) return status;
  if (!std::isfinite(eps) || eps < 0) return Status::kInvalidEps;
  if (!fits(x.size(), layout.size()) || !fits(y.size(), layout.size()) ||
      !fits(mean.size(), layout.channels) || !fits(invstd.size(), layout.channels) ||
      !fits(gamma.size(), layout.channels, true) || !fits(beta.size(), layout.channels, true)) {
    return Status::kLengthMismatch;
  }
  const double m = static_cast<double>(layout.values_per_channel());
  for (std::size_t c = 0; c < layout.channels; ++c) {
    double sum = 0.0;
    for_each_in_channel(layout, c, [&](std::size_t i) { sum += static_cast<double>(x[i]); });
    mean[c] = sum / m;

    double sq = 0.0;  // second pass over x - mean: E[x²] - mean² loses every digit when |mean| >> std
    for_each_in_channel(layout, c, [&](std::size_t i) {
      const double xc = static_cast<double>(x[i]) - mean[c];
      sq += xc * xc;
    });
    invstd[c] = 1.0 / std::sqrt(sq / (m - ddof) + eps);

    const double scale = invstd[c] * (gamma.empty() ? 1.0 : static_cast<double>(gamma[c]));
    const double shift = beta.empty() ? 0.0 : static_cast<double>(beta[c]);
    for_each_in_channel(layout, c, [&](std::size_t i) {
      y[i] = static_cast<T>((static_cast<double>(x[i]) - mean[c]) * scale + shift);
    });
  }
  return Status::kOk;
}

template <typename T>
Status batch_norm_backward(Layout layout, std::span<const T> dy, std::span<const T> x,
                           std::span<const T> gamma, int ddof, std::span<const double> mean,
                           std::span<const double> invstd, std::span<T> dx, std::span<T> dgamma,
                           std::span<T> dbeta) noexcept {
  if (const Status status = check(layout, ddof); status != Status::kOk) return status;
  if (!fits(dy.size(), layout.size()) || !fits(x.size(), layout.size()) || !fits(dx.size(), layout.size()) ||
      !fits(gamma.size(), layout.channels, true) || !fits(mean.size(), layout.channels) ||
      !fits(invstd.size(), layout.channels) || !fits(dgamma.size(), layout.channels) ||
      !fits(dbeta.size(), layout.channels)) {
    return Status::kLengthMismatch;
  }
  const double m = static_cast<double>(layout.values_per_channel());
  for (std::size_t c = 0; c < layout.channels; ++c) {
    const auto xhat = [&](std::size_t i) { return (static_cast<double>(x[i]) - mean[c]) * invstd[c]; };
    double sum_dy = 0.0;
    double sum_dy_xhat = 0.0;
    for_each_in_channel(layout, c, [&](std::size_t i) {
      sum_dy += static_cast<double>(dy[i]);
      sum_dy_xhat += static_cast<double>(dy[i]) * xhat(i);
    });
    dbeta[c] = static_cast<T>(sum_dy);
    dgamma[c] = static_cast<T>(sum_dy_xhat);

    const double scale = invstd[c] * (gamma.empty() ? 1.0 : static_cast<double>(gamma[c]));
    for_each_in_channel(layout, c, [&](std::size_t i) {
      const double kept = static_cast<double>(dy[i]) - sum_dy / m - xhat(i) * (sum_dy_xhat / (m - ddof));
      dx[i] = static_cast<T>(scale * kept);
    });
  }
  return Status::kOk;
}

#define BACKNORM_INSTANTIATE(T)                                                                            \
  template Status batch_norm_forward(Layout, std::span<const T>, std::span<const T>, std::span<const T>,   \
                                     double, int, std::span<double>, std::span<double>,                    \
                                     std::span<T>) noexcept;                                               \
  template Status batch_norm_backward(Layout, std::span<const T>, std::span<const T>, std::span<const T>,  \
                                      int, std::span<const double>, std::span<const double>, std::span<T>, \
                                      std::span<T>, std::span<T>) noexcept;
BACKNORM_INSTANTIATE(float)
BACKNORM_INSTANTIATE(double)
#undef BACKNORM_INSTANTIATE

}  // namespace backnorm
