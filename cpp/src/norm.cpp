#include "backnorm/norm.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <type_traits>

#include "batch_norm_moments.hpp"

namespace backnorm {
namespace {

using kernels::Moments;
using kernels::Two;

/// An array of either type. One loop for both takes half the code of a template.
class Values {
 public:
  template <typename T>
  Values(std::span<T> values)
      : data_(const_cast<std::remove_const_t<T>*>(values.data())),
        size_(values.size()),
        is_float_(std::is_same_v<std::remove_const_t<T>, float>) {}

  std::size_t size() const { return size_; }
  double operator[](std::size_t i) const {
    return is_float_ ? static_cast<double>(static_cast<float*>(data_)[i]) : static_cast<double*>(data_)[i];
  }
  void set(std::size_t i, double value) const {
    if (is_float_) {
      static_cast<float*>(data_)[i] = static_cast<float>(value);
    } else {
      static_cast<double*>(data_)[i] = value;
    }
  }

 private:
  void* data_;
  std::size_t size_;
  bool is_float_;
};

/// Two long sums, of partial ones over 512 values, which keep the rounding small.
class LongSums {
 public:
  void add(double p, double q) {
    part_ = part_ + Two<double>{p, q};
    if (++count_ % kNear != 0) return;
    all_ = all_ + part_;
    part_ = {};
  }
  Two<double> total() const { return all_ + part_; }

 private:
  static constexpr std::size_t kNear = 512;  // as in batch_norm_scalar.hpp: equal data have equal sums
  Two<double> all_{}, part_{};
  std::size_t count_ = 0;
};

/// One group.
struct Group {
  const GroupLayout& layout;
  std::size_t first_channel;
  std::size_t begin;  ///< index of its first value

  /// Calls visit(index of a value, its channel) in the order of memory.
  template <typename Visit>
  void for_each(Visit visit) const {
    const std::size_t end_channel = first_channel + layout.channels / layout.groups;
    for (std::size_t before = 0; before < layout.before; ++before) {
      std::size_t i = begin + before * layout.channels * layout.after;
      for (std::size_t c = first_channel; c < end_channel; ++c) {
        for (const std::size_t end = i + layout.after; i < end; ++i) visit(i, c);
      }
    }
  }
};

/// Calls use(group, index of its statistics).
template <typename Use>
void for_each_group(const GroupLayout& layout, Use use) {
  const std::size_t channels = layout.channels / layout.groups;
  for (std::size_t at = 0; at < layout.statistics(); ++at) {
    const std::size_t first = at % layout.groups * channels;
    const std::size_t sample = at / layout.groups;
    use(Group{layout, first, (sample * layout.before * layout.channels + first) * layout.after}, at);
  }
}

/// gamma as a factor.
double factor(Values gamma, NormRule rule, std::size_t c) {
  return gamma.size() == 0 ? 1.0 : gamma[c] + (rule.unit_offset ? 1.0 : 0.0);
}

/// Mean and Σ (x - mean)², as batch_norm_scalar.hpp has them; 0 and Σ x² for RMS norm.
Moments moments_of(const Group& group, NormRule rule, Values x, double m) {
  double near = 0.0;
  if (!rule.rms) {
    const double first = x[group.begin];
    double sum = 0.0;
    group.for_each([&](std::size_t i, std::size_t) { sum += x[i] - first; });
    near = first + sum / m;
  }
  LongSums around;
  group.for_each([&](std::size_t i, std::size_t) {
    const double xc = x[i] - near;
    around.add(rule.rms ? 0.0 : xc, xc * xc);
  });
  return Moments::of_block(m, near, around.total());
}

Status check(const GroupLayout& layout, NormRule rule, Values x, Values y, Values gamma, std::size_t shifts,
             Saved<const double> saved) {
  const std::size_t size = layout.size();
  if (size == 0) return Status::kEmptyBatch;
  if (layout.groups == 0 || layout.channels % layout.groups != 0) return Status::kInvalidShape;
  if (!(std::isfinite(rule.eps) && rule.eps >= 0)) return Status::kInvalidEps;
  if (rule.ddof != 0 && (rule.ddof != 1 || rule.rms)) return Status::kInvalidDdof;
  if (rule.ddof == 1 && layout.values_per_group() == 1) return Status::kOneValuePerChannel;
  // a division, since the product may overflow
  const bool fits =
      size / layout.channels / layout.after / layout.before == layout.samples && x.size() == size &&
      y.size() == size && (gamma.size() == 0 || gamma.size() == layout.channels) &&
      shifts == (rule.rms ? 0 : layout.channels) && saved.invstd.size() == layout.statistics() &&
      saved.mean.size() == (rule.rms ? 0 : layout.statistics());
  return fits ? Status::kOk : Status::kLengthMismatch;
}

Status forward(const GroupLayout& layout, NormRule rule, Values x, Values gamma, Values beta,
               Saved<double> saved, Values y) {
  const bool shifts = beta.size() > 0;
  const Status status =
      check(layout, rule, x, y, gamma, shifts || rule.rms ? beta.size() : layout.channels, saved);
  if (status != Status::kOk) return status;
  const double m = static_cast<double>(layout.values_per_group());
  for_each_group(layout, [&](const Group& group, std::size_t at) {
    const Moments found = moments_of(group, rule, x, m);
    const double mean = found.mean();
    const double sum = found.m2 / (m - rule.ddof) + rule.eps;
    // finite if var and eps are 0, since 0·infinity is NaN where y should be beta
    const double invstd = 1.0 / std::sqrt(sum == 0 ? std::numeric_limits<double>::denorm_min() : sum);
    if (!rule.rms) saved.mean[at] = mean;
    saved.invstd[at] = invstd;
    group.for_each([&](std::size_t i, std::size_t c) {
      const double scale = invstd * factor(gamma, rule, c);
      y.set(i, (x[i] - mean) * scale + (shifts ? beta[c] : 0.0));
    });
  });
  return Status::kOk;
}

Status backward(const GroupLayout& layout, NormRule rule, Values dy, Values x, Values gamma,
                Saved<const double> saved, Sums<double> room, Values dx, Values dgamma, Values dbeta) {
  rule.eps = 0;
  const Status status = check(layout, rule, x, dx, gamma, dbeta.size(), saved);
  if (status != Status::kOk) return status;
  if (dy.size() != x.size() || dgamma.size() != layout.channels || room.dgamma.size() != dgamma.size() ||
      room.dbeta.size() != dbeta.size()) {
    return Status::kLengthMismatch;
  }
  std::fill(room.dgamma.begin(), room.dgamma.end(), 0.0);
  std::fill(room.dbeta.begin(), room.dbeta.end(), 0.0);
  const double m = static_cast<double>(layout.values_per_group());
  for_each_group(layout, [&](const Group& group, std::size_t at) {
    const double mean = rule.rms ? 0.0 : saved.mean[at];
    const double invstd = saved.invstd[at];
    LongSums sums;  // Σ dxhat and Σ dxhat·xhat
    group.for_each([&](std::size_t i, std::size_t c) {
      const double product = dy[i] * ((x[i] - mean) * invstd);
      const double scale = factor(gamma, rule, c);
      sums.add(scale * dy[i], scale * product);
      room.dgamma[c] += product;
      if (!rule.rms) room.dbeta[c] += dy[i];
    });
    const double of_mean = rule.rms ? 0.0 : sums.total().p / m;
    const double of_var = sums.total().q / (m - rule.ddof);
    group.for_each([&](std::size_t i, std::size_t c) {
      const double xhat = (x[i] - mean) * invstd;
      dx.set(i, invstd * (factor(gamma, rule, c) * dy[i] - of_mean - xhat * of_var));
    });
  });
  for (std::size_t c = 0; c < dgamma.size(); ++c) dgamma.set(c, room.dgamma[c]);
  for (std::size_t c = 0; c < dbeta.size(); ++c) dbeta.set(c, room.dbeta[c]);
  return Status::kOk;
}

}  // namespace

template <typename T>
Status norm_forward(GroupLayout layout, NormRule rule, std::span<const T> x, Affine<T> affine,
                    Saved<double> saved, std::span<T> y) noexcept {
  return forward(layout, rule, x, affine.gamma, affine.beta, saved, y);
}

template <typename T>
Status norm_backward(GroupLayout layout, NormRule rule, BackwardInputs<T> inputs, std::span<const T> gamma,
                     Saved<const double> saved, Sums<double> room, Gradients<T> gradients) noexcept {
  return backward(layout, rule, inputs.dy, inputs.x, gamma, saved, room, gradients.dx, gradients.dgamma,
                  gradients.dbeta);
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
