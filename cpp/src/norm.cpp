#include "backnorm/norm.hpp"

#include <cmath>
#include <iterator>

#include "backnorm/norm_kernels.hpp"

namespace backnorm {
namespace {

template <typename T>
Status check(const GroupLayout& layout, NormRule rule, std::span<const T> x, std::span<T> y,
             std::span<const T> gamma, std::size_t shifts, Saved<const double> saved) {
  const std::size_t size = layout.size();
  if (size == 0) return Status::kEmptyBatch;
  if (layout.groups == 0 || layout.channels % layout.groups != 0) return Status::kInvalidShape;
  if (!(std::isfinite(rule.eps) && rule.eps >= 0)) return Status::kInvalidEps;
  if (rule.ddof != 0 && (rule.ddof != 1 || rule.rms)) return Status::kInvalidDdof;
  if (rule.ddof == 1 && layout.values_per_group() == 1) return Status::kOneValuePerChannel;
  // a division, since the product may overflow
  const bool fits =
      size / layout.channels / layout.after / layout.before == layout.samples && x.size() == size &&
      y.size() == size && (gamma.empty() || gamma.size() == layout.channels) &&
      shifts == (rule.rms ? 0 : layout.channels) && saved.invstd.size() == layout.statistics() &&
      saved.mean.size() == (rule.rms ? 0 : layout.statistics()) &&
      (saved.var.empty() || saved.var.size() == layout.statistics());
  return fits ? Status::kOk : Status::kLengthMismatch;
}

/// Null where there is none.
template <typename T>
T* start(std::span<T> values) {
  return values.empty() ? nullptr : values.data();
}

}  // namespace

template <typename T>
Status norm_forward(GroupLayout layout, NormRule rule, std::span<const T> x, Affine<T> affine,
                    Saved<double> saved, std::span<T> y) noexcept {
  const std::size_t shifts = affine.beta.empty() && !rule.rms ? layout.channels : affine.beta.size();
  const Status status = check(layout, rule, x, y, affine.gamma, shifts, saved);
  if (status != Status::kOk) return status;
  kernels::norm_forward<T>(kernels::norm_kernel_for(layout, rule), layout, rule,
                           {.x = x.data(),
                            .gamma = start(affine.gamma),
                            .beta = start(affine.beta),
                            .mean = start(saved.mean),
                            .invstd = saved.invstd.data(),
                            .y = y.data(),
                            .var = start(saved.var)});
  return Status::kOk;
}

template <typename T>
Status norm_backward(GroupLayout layout, NormRule rule, BackwardInputs<T> inputs, std::span<const T> gamma,
                     Saved<const double> saved, Sums<double> room, Gradients<T> gradients) noexcept {
  rule.eps = 0;
  const auto [dx, dgamma, dbeta] = gradients;
  const Status status = check(layout, rule, inputs.x, dx, gamma, dbeta.size(), saved);
  if (status != Status::kOk) return status;
  if (inputs.dy.size() != inputs.x.size() || dgamma.size() != layout.channels ||
      room.dgamma.size() != dgamma.size() || room.dbeta.size() != dbeta.size()) {
    return Status::kLengthMismatch;
  }
  kernels::norm_backward<T>(kernels::norm_kernel_for(layout, rule), layout, rule,
                            {.dy = inputs.dy.data(),
                             .x = inputs.x.data(),
                             .gamma = start(gamma),
                             .mean = start(saved.mean),
                             .invstd = saved.invstd.data(),
                             .sum_dy = start(room.dbeta),
                             .sum_dy_xhat = room.dgamma.data(),
                             .dx = dx.data(),
                             .dgamma = dgamma.data(),
                             .dbeta = start(dbeta)});
  return Status::kOk;
}

Status normalized_dims(std::span<const std::size_t> shape, std::size_t normalized_dims,
                       GroupLayout& layout) noexcept {
  if (normalized_dims < 1 || normalized_dims > shape.size()) return Status::kInvalidShape;
  Layout read;
  const std::size_t axis = shape.size() - normalized_dims;
  const Status status = channels_at(shape, static_cast<std::ptrdiff_t>(axis), read);
  if (status != Status::kOk) return status;
  layout = {.samples = read.outer, .channels = read.channels * read.inner};
  return Status::kOk;
}

Status grouped_channels(std::span<const std::size_t> shape, std::ptrdiff_t axis, std::size_t groups,
                        GroupLayout& layout) noexcept {
  const std::ptrdiff_t rank = std::ssize(shape);
  if (rank < 2 || axis == 0 || axis == -rank) return Status::kInvalidShape;
  Layout read;
  if (const Status status = channels_at(shape, axis, read); status != Status::kOk) return status;
  if (groups == 0 || read.channels % groups != 0) return Status::kInvalidShape;
  layout = {.samples = shape[0],
            .before = read.outer / shape[0],
            .channels = read.channels,
            .after = read.inner,
            .groups = groups};
  return Status::kOk;
}

#define BACKNORM_INSTANTIATE(T)                       \
  template decltype(norm_forward<T>) norm_forward<T>; \
  template decltype(norm_backward<T>) norm_backward<T>;
BACKNORM_INSTANTIATE(float)
BACKNORM_INSTANTIATE(double)
#undef BACKNORM_INSTANTIATE

}  // namespace backnorm
