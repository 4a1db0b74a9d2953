#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include "batch_norm_lanes.hpp"

namespace backnorm::kernels {

/// Two sums at once. B is a Block or a number.
template <typename B>
struct Two {
  B p, q;
  BACKNORM_INLINE friend Two operator+(const Two& a, const Two& b) { return {a.p + b.p, a.q + b.q}; }
};

/// Mean and Σ (x - mean)² of a channel. The mean is kept as shift + offset, shift being a value near it: two
/// means rounded to float64 may differ by more than the channel spreads.
struct Moments {
  double shift, offset, m2;

  /// From sums over d = x - shift.
  static Moments of_block(double n, double shift, Two<double> sums) {
    const double offset = sums.p / n;
    const double m2 = sums.q - sums.p * offset;
    return {shift, offset, m2 < 0 ? 0 : m2};  // a NaN stays NaN
  }
  double mean() const { return shift + offset; }
  bool is_far(double n) const { return offset * offset * n > 4 * m2; }
  /// Whether the shift is within a deviation of the mean; false for a NaN.
  bool is_near(double n) const { return offset * offset * n <= m2; }

  /// Chan, Golub & LeVeque 1983. n_a and n_b: the two counts.
  static Moments merged(double n_a, Moments a, double n_b, Moments b) {
    const double delta = (b.shift - a.shift) + (b.offset - a.offset);
    const double share = n_b / (n_a + n_b);
    return {a.shift, a.offset + delta * share, a.m2 + b.m2 + delta * delta * n_a * share};
  }
};

/// Moments of float32 channels whose mean is within a deviation of 0, from sums over x and x² as they are,
/// which saves a subtraction for every value. near tells for which channels they hold: farther away, squares
/// cancel. True if for all. `first` values tell whether there are any. make() gives the sums, as `measure`
/// has them.
template <typename T, typename Make>
bool measure_around_zero(std::size_t channels, std::size_t n, std::size_t first, Moments* found, bool* near,
                         Make make) {
  std::size_t count = std::is_same_v<T, float> ? channels : 0;
  std::fill_n(near, channels, count > 0);
  if constexpr (std::is_same_v<T, float>) {
    auto sums = make();
    for (std::size_t size = 0; size < n && count > 0;) {
      size = size == 0 ? std::min(first, n) : n;
      sums.sum(0, size, nullptr);
      count = 0;
      for (std::size_t c = 0; c < channels; ++c) {
        found[c] = Moments::of_block(static_cast<double>(size), 0, sums.of(c));
        near[c] = near[c] && found[c].is_near(static_cast<double>(size));
        count += near[c];
      }
    }
  }
  return count == channels;
}

/// Moments of those of `channels` channels of n values each that are not `near`, block by block. Each block
/// is summed around a shift, since Σ d² - (Σ d)²/n cancels if the shift is many deviations from the block's
/// mean. The first block, of `first` values, has a shift guessed from a few of its values, so it is summed
/// again where `is_far`. Later blocks are shifted by the mean of all earlier ones, and have at most as many
/// values as all of those. Then what cancels in them is small against the contribution of the two means,
/// n_a·n_b/(n_a + n_b)·(mean_a - mean_b)², for any data.
///
/// sums.sum(begin, end, shift) sums values [begin, end) of every channel around its shift, or around 0 if
/// that is null; sums.of(c) returns both sums.
template <typename T, typename Sums>
void measure(std::size_t channels, std::size_t n, std::size_t first, T* shift, Sums sums, const bool* near,
             Moments* found) {
  const auto for_each = [&](auto use) {
    for (std::size_t c = 0; c < channels; ++c) {
      if (!near[c]) use(c);
    }
  };
  const auto block = [&](std::size_t size, std::size_t c) {
    return Moments::of_block(static_cast<double>(size), static_cast<double>(shift[c]), sums.of(c));
  };
  const auto shift_by_mean = [&] {
    for_each([&](std::size_t c) { shift[c] = static_cast<T>(found[c].mean()); });
  };
  std::size_t done = std::min(first, n);
  const auto begin = [&] {
    sums.sum(0, done, shift);
    for_each([&](std::size_t c) { found[c] = block(done, c); });
  };
  begin();
  bool far = false;
  for_each([&](std::size_t c) { far = far || found[c].is_far(static_cast<double>(done)); });
  if (far) {
    shift_by_mean();
    begin();
  }
  while (done < n) {
    const std::size_t size = std::min(done, n - done);
    shift_by_mean();
    sums.sum(done, done + size, shift);
    for_each([&](std::size_t c) {
      found[c] =
          Moments::merged(static_cast<double>(done), found[c], static_cast<double>(size), block(size, c));
    });
    done += size;
  }
}

}  // namespace backnorm::kernels
