#pragma once

#include <array>
#include <cmath>
#include <type_traits>
#include <utility>

#include "batch_norm_planes.hpp"
#include "norm_scalar.hpp"

/// Groups that lie in one piece, one after the other: a group is still in the cache when the pass that writes
/// follows the one that sums.
namespace backnorm::kernels {

/// Whether squares in float32 neither underflow nor overflow; false for a NaN.
template <typename T>
bool in_range(double invstd) {
  return std::is_same_v<T, double> || (invstd >= 1e-15 && invstd <= 1e15);
}

/// What is subtracted from x before it is scaled.
enum class Center {
  kNothing,  ///< RMS norm has no mean
  kZero,     ///< the mean is within a deviation of 0, so x·invstd - mean·invstd loses nothing
  kMean
};

/// xhat = (x - hi)·a + b, with hi the mean in T, or 0. What hi leaves of the mean is in b.
template <typename T>
struct Standard {
  T hi, a, b;
  double lo;

  /// A mean that T holds exactly may be that of a constant group, of which x - hi has to be 0.
  static Standard of(double mean, double invstd) {
    const T near = static_cast<T>(mean);
    const bool plain = std::abs(mean) * invstd <= 1 && static_cast<double>(near) != mean;
    const T hi = plain ? T(0) : near;
    const double lo = mean - static_cast<double>(hi);
    return {hi, static_cast<T>(invstd), static_cast<T>(-lo * invstd), lo};
  }
  template <Center kCenter, typename B>
  BACKNORM_INLINE B centered(const B& x) const {
    if constexpr (kCenter == Center::kMean) return x - B::all(hi);
    return x;
  }
  template <Center kCenter, typename B>
  BACKNORM_INLINE B xhat(const B& x) const {
    const B scaled = centered<kCenter>(x) * B::all(a);
    if constexpr (kCenter == Center::kNothing) return scaled;
    return scaled + B::all(b);
  }
};

/// dx = ((dy·gamma + q) + (x - hi)·p)·a of a group whose Σ dxhat and Σ dxhat·xhat are `sums`.
template <typename T>
struct Slope {
  T p, q;

  static Slope of(const Standard<T>& by, double invstd, Two<double> sums, double m, int ddof) {
    const double p = -invstd * sums.q / (m - ddof);
    return {static_cast<T>(p), static_cast<T>(-sums.p / m - by.lo * p)};
  }
};

/// The sum of a vector's lanes in float64.
template <typename V, typename T>
BACKNORM_INLINE inline double total(const Block<V, T, 1>& block) {
  if constexpr (std::is_same_v<V, T>) {
    return static_cast<double>(block.at[0]);
  } else {
    const Doubles2 two = widened(block.at[0]);
    return two[0] + two[1];
  }
}

/// Adds up R rows of term(Block, i, add) over [0, size), which calls add(row, p, q): W vectors at a time, in
/// T over `near` values, then in float64. Only q if not kBoth.
template <std::size_t R, bool kBoth, std::size_t W, typename T, typename Term>
BACKNORM_INLINE inline std::array<Two<double>, R> sum_up(std::size_t size, std::size_t near, Term term) {
  std::array<Two<double>, R> all{};
  for (std::size_t begin = 0; begin < size; begin += near) {
    using One = Block<Vec<T>, T, 1>;
    using Rest = Block<T, T, 1>;
    One p[R]{}, q[R]{};
    Rest rest_p[R]{}, rest_q[R]{};
    for_blocks<T, W>(std::min(near, size - begin), [&](auto zero, std::size_t i) BACKNORM_INLINE {
      term(zero, begin + i, [&](std::size_t r, const auto& one_p, const auto& one_q) BACKNORM_INLINE {
        if constexpr (std::is_same_v<decltype(zero), Rest>) {
          if constexpr (kBoth) rest_p[r] = rest_p[r] + one_p;
          rest_q[r] = rest_q[r] + one_q;
        } else {
          if constexpr (kBoth) p[r] = p[r] + folded(one_p);
          q[r] = q[r] + folded(one_q);
        }
      });
    });
    for (std::size_t r = 0; r < R; ++r) {
      if constexpr (kBoth) all[r].p += total(p[r]) + total(rest_p[r]);
      all[r].q += total(q[r]) + total(rest_q[r]);
    }
  }
  return all;
}

/// Saves the statistics of the group of `size` values from x on: from sums over x and x² as they are, or,
/// where the mean is more than a deviation from 0, so that squares cancel, from sums around a value of the
/// group.
template <typename T>
[[gnu::noinline]] void measure(const NormForward<T>& of, std::size_t at, const T* x, std::size_t size,
                               NormRule rule) {
  constexpr std::size_t kNear = Planes<T>::kNear;
  const double m = static_cast<double>(size);
  const auto squares = [&](auto zero, std::size_t i, auto add) BACKNORM_INLINE {
    using B = decltype(zero);
    const B d = B::read(x + i);
    add(0, d, d * d);
  };
  if (rule.rms) return save(of, at, m, rule, 0, sum_up<1, false, 4, T>(size, kNear, squares)[0].q);
  Moments found{0, 0, 0};
  if constexpr (std::is_same_v<T, float>) {
    found = Moments::of_block(m, 0, sum_up<1, true, 4, T>(size, kNear, squares)[0]);
    if (found.is_near(m)) return save(of, at, m, rule, found.mean(), found.m2);
  }
  T shift = *x;  // of a constant group it is the constant
  const auto around_shift = [&] {
    const auto sums =
        sum_up<1, true, 4, T>(size, kNear, [&](auto zero, std::size_t i, auto add) BACKNORM_INLINE {
          using B = decltype(zero);
          const B d = B::read(x + i) - B::all(shift);
          add(0, d, d * d);
        });
    found = Moments::of_block(m, static_cast<double>(shift), sums[0]);
  };
  for (int tries = 0; tries < 3; ++tries) {
    around_shift();
    if (!found.is_far(m)) return save(of, at, m, rule, found.mean(), found.m2);
    shift = static_cast<T>(found.mean());
  }
  double mean;
  statistics(Kernel::kPlanes, {{1, 1, size}, 0, 1}, x, &mean, &found.m2);  // block by block
  save(of, at, m, rule, mean, found.m2);
}

/// Groups of channels side by side, as layer and RMS norm have them. Lanes run along a group.
template <typename T>
class Rows {
 public:
  Rows(const GroupLayout& layout, NormRule rule)
      : layout_(layout), size_(layout.channels / layout.groups), rule_(rule) {}

  void forward(const NormForward<T>& of) const {
    const ScalarNorm<T> twin{layout_, rule_};
    by_rows(
        [&](auto count, std::size_t at) {
          for (std::size_t r = 0; r < count(); ++r) {
            const std::size_t group = at + r * layout_.groups;
            measure(of, group, of.x + group * size_, size_, rule_);
          }
          with_rows<count()>(
              of.mean, of.invstd, at, [&](std::size_t group) { twin.forward(of, group); },
              [&](auto center, std::size_t first, const auto& rows) { write<center()>(of, first, rows); });
        },
        [](std::size_t) {});
  }
  void backward(const NormBackward<T>& of) const {
    const ScalarNorm<T> twin{layout_, rule_};
    by_rows(
        [&](auto count, std::size_t at) {
          with_rows<count()>(
              of.mean, of.invstd, at, [&](std::size_t group) { twin.backward(of, group); },
              [&](auto center, std::size_t first, const auto& rows) { back<center()>(of, first, rows); });
        },
        [&](std::size_t first) { settle(of, first); });
  }

 private:
  /// Float64 fills the registers with one row already, as do rows around their means.
  static constexpr std::size_t kAbreast = std::is_same_v<T, float> ? 2 : 1;
  static constexpr std::size_t kNearRows = 64;  // rows of dgamma and dbeta in T before they move to float64
  static constexpr std::size_t kNearValues = 256;  // values of a group

  /// Calls body(number of rows, index of the first one's statistics) down each column of groups, and
  /// settle(its first channel) after every kNearRows.
  template <typename Body, typename Settle>
  void by_rows(Body body, Settle settle) const {
    const bool abreast = !aliases<T>(layout_.channels);
    for (std::size_t k = 0; k < layout_.groups; ++k) {
      for (std::size_t n = 0; n < layout_.samples;) {
        const std::size_t end = std::min(n + kNearRows, layout_.samples);
        for (; abreast && n + kAbreast <= end; n += kAbreast) {
          body(std::integral_constant<std::size_t, kAbreast>{}, n * layout_.groups + k);
        }
        for (; n < end; ++n) body(std::integral_constant<std::size_t, 1>{}, n * layout_.groups + k);
        settle(k * size_);
      }
    }
  }
  /// Calls use(center, at, the R rows from there on): each row by itself where one has a center or is out of
  /// range, and twin(at) for that.
  template <std::size_t R, typename Twin, typename Use>
  void with_rows(const double* mean, const double* invstd, std::size_t at, Twin twin, Use use) const {
    std::array<Standard<T>, R> rows;
    bool fits = true;
    bool centers = false;
    for (std::size_t r = 0; r < R; ++r) {
      const std::size_t group = at + r * layout_.groups;
      fits = fits && in_range<T>(invstd[group]);
      rows[r] = Standard<T>::of(mean ? mean[group] : 0.0, invstd[group]);
      centers = centers || rows[r].hi != 0;
    }
    if constexpr (R > 1) {
      if (!fits || centers) {
        for (std::size_t r = 0; r < R; ++r) with_rows<1>(mean, invstd, at + r * layout_.groups, twin, use);
        return;
      }
    }
    if (!fits) return twin(at);
    if (rule_.rms) return use(std::integral_constant<Center, Center::kNothing>{}, at, rows);
    if constexpr (R == 1) {
      if (centers || std::is_same_v<T, double>) {
        return use(std::integral_constant<Center, Center::kMean>{}, at, rows);
      }
    }
    if constexpr (std::is_same_v<T, float>) use(std::integral_constant<Center, Center::kZero>{}, at, rows);
  }
  /// gamma or beta of a group's channels; without one, the same number for all of them.
  struct PerChannel {
    const T* from;
    std::size_t step;

    template <typename B>
    BACKNORM_INLINE B at(std::size_t j) const {
      return B::read(from + j * step);
    }
  };
  template <int kWithout>
  static PerChannel per_channel(const T* values, std::size_t first) {
    static constexpr auto kSame = [] {
      std::array<T, 64 / sizeof(T)> same{};
      for (T& one : same) one = kWithout;
      return same;
    }();
    return values ? PerChannel{values + first, 1} : PerChannel{kSame.data(), 0};
  }
  /// gamma as a factor: RMS norm may have 1 + gamma.
  template <Center kCenter, typename B>
  BACKNORM_INLINE static B factor(const PerChannel& gamma, T offset, std::size_t j) {
    const B value = gamma.template at<B>(j);
    if constexpr (kCenter == Center::kNothing) return value + B::all(offset);
    return value;
  }
  T offset(const T* gamma) const { return gamma && rule_.unit_offset ? T(1) : T(0); }

  // In functions of their own: inlined, the rows' numbers would be loaded anew for every value.
  template <Center kCenter, std::size_t R>
  [[gnu::noinline]] void write(const NormForward<T>& of, std::size_t at,
                               std::array<Standard<T>, R> rows) const {
    const T more = offset(of.gamma);
    const std::size_t first = at % layout_.groups * size_;
    const T* const x = of.x + at * size_;
    T* const y = of.y + at * size_;
    const PerChannel gamma = per_channel<1>(of.gamma, first);
    const PerChannel beta = per_channel<0>(of.beta, first);
    const std::size_t stride = layout_.channels;
    for_blocks<T, 2>(size_, [&](auto zero, std::size_t j) BACKNORM_INLINE {
      using B = decltype(zero);
      const B scale = factor<kCenter, B>(gamma, more, j);
      const B shift = kCenter == Center::kNothing ? B{} : beta.template at<B>(j);
      for (std::size_t r = 0; r < R; ++r) {
        B value = rows[r].template xhat<kCenter>(B::read(x + r * stride + j));
        value = value * scale;
        if constexpr (kCenter != Center::kNothing) value = value + shift;
        value.write(y + r * stride + j);
      }
    });
  }

  /// The sums of dgamma and dbeta that are near: in T, and in float64 they need no room of their own.
  static T* near_sums(T* in_t, double* in_double) {
    if constexpr (std::is_same_v<T, double>) return in_double;
    return in_t;
  }

  template <Center kCenter, std::size_t R>
  [[gnu::noinline]] void back(const NormBackward<T>& of, std::size_t at,
                              std::array<Standard<T>, R> rows) const {
    constexpr bool kBoth = kCenter != Center::kNothing;
    const T more = offset(of.gamma);
    const std::size_t first = at % layout_.groups * size_;
    const T* const dy = of.dy + at * size_;
    const T* const x = of.x + at * size_;
    T* const dx = of.dx + at * size_;
    const PerChannel gamma = per_channel<1>(of.gamma, first);
    T* const near_q = near_sums(of.dgamma, of.sum_dy_xhat) + first;
    T* const near_p = kBoth ? near_sums(of.dbeta, of.sum_dy) + first : nullptr;
    const std::size_t stride = layout_.channels;
    const auto sums =
        sum_up<R, kBoth, 2, T>(size_, kNearValues, [&](auto zero, std::size_t j, auto add) BACKNORM_INLINE {
          using B = decltype(zero);
          const B scale = factor<kCenter, B>(gamma, more, j);
          B p = kBoth ? B::read(near_p + j) : B{};
          B q = B::read(near_q + j);
          for (std::size_t r = 0; r < R; ++r) {
            const B one = B::read(dy + r * stride + j);
            const B product = one * rows[r].template xhat<kCenter>(B::read(x + r * stride + j));
            if constexpr (kBoth) p = p + one;
            q = q + product;
            add(r, one * scale, product * scale);
          }
          if constexpr (kBoth) p.write(near_p + j);
          q.write(near_q + j);
        });
    std::array<Slope<T>, R> slopes;
    for (std::size_t r = 0; r < R; ++r) {
      slopes[r] = Slope<T>::of(rows[r], of.invstd[at + r * layout_.groups], sums[r],
                               static_cast<double>(size_), rule_.ddof);
    }
    for_blocks<T, 2>(size_, [&](auto zero, std::size_t j) BACKNORM_INLINE {
      using B = decltype(zero);
      const B scale = factor<kCenter, B>(gamma, more, j);
      for (std::size_t r = 0; r < R; ++r) {
        B value = B::read(dy + r * stride + j) * scale;
        if constexpr (kBoth) value = value + B::all(slopes[r].q);
        value = value + rows[r].template centered<kCenter>(B::read(x + r * stride + j)) * B::all(slopes[r].p);
        (value * B::all(rows[r].a)).write(dx + r * stride + j);
      }
    });
  }

  /// Moves the near sums of a group's channels to float64.
  void settle(const NormBackward<T>& of, std::size_t first) const {
    if constexpr (std::is_same_v<T, double>) return;
    const auto move = [&](T* near, double* all) {
      for (std::size_t c = first; c < first + size_; ++c) {
        all[c] += static_cast<double>(near[c]);
        near[c] = 0;
      }
    };
    move(of.dgamma, of.sum_dy_xhat);
    if (!rule_.rms) move(of.dbeta, of.sum_dy);
  }

  const GroupLayout& layout_;
  std::size_t size_;
  NormRule rule_;
};

/// Groups of planes, as group and instance norm have them with channels first. Lanes run along a plane.
template <typename T>
class GroupsOfPlanes {
 public:
  GroupsOfPlanes(const GroupLayout& layout, NormRule rule) : layout_(layout), rule_(rule) {}

  void forward(const NormForward<T>& of) const {
    const ScalarNorm<T> twin{layout_, rule_};
    double means[kMostGroupChannels], inverses[kMostGroupChannels];
    for (std::size_t at = 0; at < layout_.statistics(); ++at) {
      const Group group{layout_, at};
      measure(of, at, of.x + group.begin(), layout_.values_per_group(), rule_);
      if (!in_range<T>(of.invstd[at])) {
        twin.forward(of, at);
        continue;
      }
      std::fill_n(means, group.channels(), of.mean[at]);
      std::fill_n(inverses, group.channels(), of.invstd[at]);
      const std::size_t c = group.first_channel();
      normalize(Kernel::kPlanes, slice(group), of.x + group.begin(), of.gamma ? of.gamma + c : nullptr,
                of.beta ? of.beta + c : nullptr, means, inverses, of.y + group.begin());
    }
  }

  void backward(const NormBackward<T>& of) const {
    const ScalarNorm<T> twin{layout_, rule_};
    const double m = static_cast<double>(layout_.values_per_group());
    double means[kMostGroupChannels], inverses[kMostGroupChannels], p[kMostGroupChannels],
        q[kMostGroupChannels];
    for (std::size_t at = 0; at < layout_.statistics(); ++at) {
      if (!in_range<T>(of.invstd[at])) {
        twin.backward(of, at);
        continue;
      }
      const Group group{layout_, at};
      std::fill_n(means, group.channels(), of.mean[at]);
      std::fill_n(inverses, group.channels(), of.invstd[at]);
      const T* const dy = of.dy + group.begin();
      const T* const x = of.x + group.begin();
      T* const dx = of.dx + group.begin();
      kernels::sums(Kernel::kPlanes, slice(group), dy, x, means, inverses, p, q);
      Two<double> sums{};
      for (std::size_t k = 0; k < group.channels(); ++k) {
        const std::size_t c = group.first_channel() + k;
        const double scale = factor_of(of.gamma, rule_, c);
        of.sum_dy[c] += p[k];
        of.sum_dy_xhat[c] += q[k];
        sums = sums + Two<double>{scale * p[k], scale * q[k]};
      }
      const T hi = static_cast<T>(of.mean[at]);
      const Standard<T> by{hi, static_cast<T>(of.invstd[at]), 0, of.mean[at] - static_cast<double>(hi)};
      const Slope<T> slope = Slope<T>::of(by, of.invstd[at], sums, m, rule_.ddof);
      const T* const gamma = of.gamma ? of.gamma + group.first_channel() : nullptr;
      Planes<T>::for_each_plane(slice(group), [&](auto zero, std::size_t i, std::size_t k) BACKNORM_INLINE {
        using B = decltype(zero);
        const B of_var = (B::read(x + i) - B::all(by.hi)) * B::all(slope.p);
        const B dxhat = B::read(dy + i) * B::all(gamma ? gamma[k] : T(1));
        (((dxhat + B::all(slope.q)) + of_var) * B::all(by.a)).write(dx + i);
      });
    }
  }

 private:
  /// The group's channels, as if they were all.
  Slice slice(const Group& group) const {
    return {{1, group.channels(), layout_.after}, 0, group.channels()};
  }

  const GroupLayout& layout_;
  NormRule rule_;
};

}  // namespace backnorm::kernels
