#pragma once

#include <cmath>
#include <limits>

#include "backnorm/norm_kernels.hpp"
#include "batch_norm_moments.hpp"

namespace backnorm::kernels {

/// One group of a tensor.
struct Group {
  const GroupLayout& layout;
  std::size_t at;  ///< index of its statistics

  std::size_t channels() const { return layout.channels / layout.groups; }
  std::size_t first_channel() const { return at % layout.groups * channels(); }
  /// The index of its first value.
  std::size_t begin() const {
    return (at / layout.groups * layout.before * layout.channels + first_channel()) * layout.after;
  }
  /// Calls visit(index of a value, its channel) in the order of memory.
  template <typename Visit>
  void for_each(Visit visit) const {
    const std::size_t first = first_channel();
    const std::size_t end_channel = first + channels();
    for (std::size_t before = 0; before < layout.before; ++before) {
      std::size_t i = begin() + before * layout.channels * layout.after;
      for (std::size_t c = first; c < end_channel; ++c) {
        for (const std::size_t end = i + layout.after; i < end; ++i) visit(i, c);
      }
    }
  }
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

/// gamma as a factor.
template <typename T>
double factor_of(const T* gamma, NormRule rule, std::size_t c) {
  return gamma ? static_cast<double>(gamma[c]) + (rule.unit_offset ? 1.0 : 0.0) : 1.0;
}

/// Saves the statistics of a group; m2 is Σ (x - mean)².
template <typename T>
void save(const NormForward<T>& to, std::size_t at, double m, NormRule rule, double mean, double m2) {
  const double var = m2 / (m - rule.ddof);
  const double sum = var + rule.eps;
  if (to.mean) to.mean[at] = mean;
  if (to.var) to.var[at] = var;
  // finite if var and eps are 0, since 0·infinity is NaN where y should be beta
  to.invstd[at] = 1.0 / std::sqrt(sum == 0 ? std::numeric_limits<double>::denorm_min() : sum);
}

/// The twin of the kernels with lanes: the formulas as written, in float64, one value at a time.
template <typename T>
struct ScalarNorm {
  const GroupLayout& layout;
  NormRule rule;
  double m = static_cast<double>(layout.values_per_group());

  /// Mean and Σ (x - mean)², as batch_norm_scalar.hpp has them; 0 and Σ x² for RMS norm.
  Moments moments_of(const Group& group, const T* x) const {
    double near = 0.0;
    if (!rule.rms) {
      const double first = static_cast<double>(x[group.begin()]);
      double sum = 0.0;
      group.for_each([&](std::size_t i, std::size_t) { sum += static_cast<double>(x[i]) - first; });
      near = first + sum / m;
    }
    LongSums around;
    group.for_each([&](std::size_t i, std::size_t) {
      const double xc = static_cast<double>(x[i]) - near;
      around.add(rule.rms ? 0.0 : xc, xc * xc);
    });
    return Moments::of_block(m, near, around.total());
  }

  [[gnu::noinline]] void forward(const NormForward<T>& of, std::size_t at) const {
    const Group group{layout, at};
    const Moments found = moments_of(group, of.x);
    const double mean = found.mean();
    save(of, at, m, rule, mean, found.m2);
    group.for_each([&](std::size_t i, std::size_t c) {
      const double scale = of.invstd[at] * factor_of(of.gamma, rule, c);
      const double shift = of.beta ? static_cast<double>(of.beta[c]) : 0.0;
      of.y[i] = static_cast<T>((static_cast<double>(of.x[i]) - mean) * scale + shift);
    });
  }

  /// Adds to sum_dy and sum_dy_xhat, and writes dx.
  [[gnu::noinline]] void backward(const NormBackward<T>& of, std::size_t at) const {
    const Group group{layout, at};
    const double mean = rule.rms ? 0.0 : of.mean[at];
    const double invstd = of.invstd[at];
    LongSums sums;  // Σ dxhat and Σ dxhat·xhat
    group.for_each([&](std::size_t i, std::size_t c) {
      const double dy = static_cast<double>(of.dy[i]);
      const double product = dy * ((static_cast<double>(of.x[i]) - mean) * invstd);
      const double scale = factor_of(of.gamma, rule, c);
      sums.add(scale * dy, scale * product);
      of.sum_dy_xhat[c] += product;
      if (!rule.rms) of.sum_dy[c] += dy;
    });
    const double of_mean = rule.rms ? 0.0 : sums.total().p / m;
    const double of_var = sums.total().q / (m - rule.ddof);
    group.for_each([&](std::size_t i, std::size_t c) {
      const double xhat = (static_cast<double>(of.x[i]) - mean) * invstd;
      const double dxhat = factor_of(of.gamma, rule, c) * static_cast<double>(of.dy[i]);
      of.dx[i] = static_cast<T>(invstd * (dxhat - of_mean - xhat * of_var));
    });
  }
};

}  // namespace backnorm::kernels
