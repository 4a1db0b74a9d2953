#pragma once

#include "batch_norm_lanes.hpp"
#include "batch_norm_scalar.hpp"

/// Shared by the kernels that compute in T: the coefficients of a channel, rounded to T without losing the
/// mean, and sums in T that are moved to float64 in time.
namespace backnorm::kernels {

/// y = (x - mean)·scale + shift, with the mean split: x - hi is exact near the mean, and the rest of the mean
/// goes into b. A single float32 for the mean would move every y by half an ulp of the mean, which is 1/32 at
/// 1e6.
template <typename T>
struct Forward {
  T hi, a, b;

  static Forward of(const T* gamma, const T* beta, double mean, double invstd, std::size_t c) {
    const T hi = static_cast<T>(mean);
    const double scale = scale_of(gamma, invstd, c);
    const double lo = mean - static_cast<double>(hi);
    return {hi, static_cast<T>(scale), static_cast<T>(shift_of(beta, c) - lo * scale)};
  }
};

/// dx = a·(dy + (x - hi)·p + q).
template <typename T>
struct Backward {
  T hi, p, q, a;

  static Backward of(const T* gamma, double m, int ddof, double mean, double invstd, double sum_dy,
                     double sum_dy_xhat, std::size_t c) {
    const T hi = static_cast<T>(mean);
    const double p = -invstd * sum_dy_xhat / (m - ddof);
    const double lo = mean - static_cast<double>(hi);
    return {hi, static_cast<T>(p), static_cast<T>(-sum_dy / m - lo * p),
            static_cast<T>(scale_of(gamma, invstd, c))};
  }
};

/// Two sums at once. B is a Block or a number.
template <typename B>
struct Two {
  B p, q;
  BACKNORM_INLINE friend Two operator+(const Two& a, const Two& b) { return {a.p + b.p, a.q + b.q}; }
};

/// Σ d and Σ d², d = x - k.
template <typename T>
struct Deviations {
  const T* x;

  template <typename B>
  BACKNORM_INLINE Two<B> operator()(std::size_t at, const B& k) const {
    const B d = B::read(x + at) - k;
    return {d, d * d};
  }
};

/// Σ dy and Σ dy·(x - k).
template <typename T>
struct Products {
  const T* dy;
  const T* x;

  template <typename B>
  BACKNORM_INLINE Two<B> operator()(std::size_t at, const B& k) const {
    const B d = B::read(dy + at);
    return {d, d * (B::read(x + at) - k)};
  }
};

/// Σ dy·xhat from Σ dy·(x - hi).
template <typename T>
double sum_of_dy_xhat(double mean, double invstd, double sum_dy, double sum_dy_xc) {
  const double lo = mean - static_cast<double>(static_cast<T>(mean));
  return (sum_dy_xc - lo * sum_dy) * invstd;
}

/// Mean and Σ (x - mean)² of a channel.
struct Moments {
  double mean, m2;

  /// From sums around a shift, d = x - shift.
  static Moments of_block(double n, double shift, Two<double> sums) {
    const double d = sums.p / n;
    const double m2 = sums.q - sums.p * d;
    return {shift + d, m2 < 0 ? 0 : m2};  // a NaN stays NaN
  }
  bool is_far(double n, double shift) const { return (mean - shift) * (mean - shift) * n > 4 * m2; }

  /// Chan, Golub & LeVeque 1983. n_a and n_b: the two counts.
  static Moments merged(double n_a, Moments a, double n_b, Moments b) {
    const double delta = b.mean - a.mean;
    const double share = n_b / (n_a + n_b);
    return {a.mean + delta * share, a.m2 + b.m2 + delta * delta * n_a * share};
  }
};

/// Moments of `channels` channels of n values each, block by block. Each block is summed around a shift,
/// since Σ d² - (Σ d)²/n cancels if the shift is many deviations from the block's mean. The first block, of
/// `first` values, has a shift guessed from a few of its values, so it is summed again where `is_far`. Later
/// blocks are shifted by the mean of all earlier ones, and have at most as many values as all of those. Then
/// what cancels in them is small against the contribution of the two means, n_a·n_b/(n_a + n_b)·(mean_a -
/// mean_b)², for any data.
///
/// sums.sum(begin, end, shift) sums values [begin, end) of every channel; sums.of(c) returns both sums.
template <typename T, typename Sums>
void measure(std::size_t channels, std::size_t n, std::size_t first, T* shift, Sums& sums, Moments* found) {
  const auto block = [&](std::size_t size, std::size_t c) {
    return Moments::of_block(static_cast<double>(size), static_cast<double>(shift[c]), sums.of(c));
  };
  const auto shift_by_mean = [&] {
    for (std::size_t c = 0; c < channels; ++c) shift[c] = static_cast<T>(found[c].mean);
  };
  std::size_t done = std::min(first, n);
  const auto begin = [&] {
    sums.sum(0, done, shift);
    for (std::size_t c = 0; c < channels; ++c) found[c] = block(done, c);
  };
  begin();
  bool far = false;
  for (std::size_t c = 0; c < channels; ++c) {
    far = far || found[c].is_far(static_cast<double>(done), static_cast<double>(shift[c]));
  }
  if (far) {
    shift_by_mean();
    begin();
  }
  while (done < n) {
    const std::size_t size = std::min(done, n - done);
    shift_by_mean();
    sums.sum(done, done + size, shift);
    for (std::size_t c = 0; c < channels; ++c) {
      found[c] =
          Moments::merged(static_cast<double>(done), found[c], static_cast<double>(size), block(size, c));
    }
    done += size;
  }
}

}  // namespace backnorm::kernels
