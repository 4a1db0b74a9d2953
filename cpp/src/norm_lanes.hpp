#pragma once

#include <array>
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

/// What is taken off x before it is scaled.
enum class Center {
  kNothing,  ///< RMS norm
  kZero,     ///< nothing: the mean is within a deviation of 0, so x·invstd - mean·invstd loses no digit
  kMean
};

/// xhat = (x - hi)·a + b. hi is 0 unless the center is the mean.
template <typename T>
struct Standard {
  T hi, a, b;
  double lo;

  static Standard of(double mean, double invstd) {
    const T hi = center_of<T>(mean, invstd);
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

/// Saves the statistics of the group of `size` values from x on.
template <typename T>
void measure(const NormForward<T>& of, std::size_t at, const T* x, std::size_t size, NormRule rule) {
  const double m = static_cast<double>(size);
  const auto squares = [&](auto zero, std::size_t i, auto add) BACKNORM_INLINE {
    using B = decltype(zero);
    const B d = B::read(x + i);
    add(0, d, d * d);
  };
  if (rule.rms) return save(of, at, m, rule, 0, sum_up<1, false, 4, T>(size, Planes<T>::kNear, squares)[0].q);
  Moments found = Moments::of_block(m, 0, sum_up<1, true, 4, T>(size, Planes<T>::kNear, squares)[0]);
  double mean = found.mean();
  if (!found.is_near(m)) Planes<T>::statistics({{1, 1, size}, 0, 1}, x, &mean, &found.m2);
  save(of, at, m, rule, mean, found.m2);
}

/// Groups of channels side by side, as layer and RMS norm have them. Lanes run along a group.
template <typename T>
class Rows {
 public:
  Rows(const GroupLayout& layout, NormRule rule)
      : layout_(layout), size_(layout.channels / layout.groups), rule_(rule) {}

  void forward(const NormForward<T>& of) const {
    by_rows([&](auto count, std::size_t at) { forward_rows<count()>(of, at); }, [](std::size_t) {});
  }
  void backward(const NormBackward<T>& of) const {
    by_rows([&](auto count, std::size_t at) { backward_rows<count()>(of, at); },
            [&](std::size_t first) { settle(of, first); });
  }

 private:
  static constexpr std::size_t kAbreast = 2;
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
  /// R rows from `at` on. One out of range takes each on its own, and the twin for that one.
  template <std::size_t R>
  void forward_rows(const NormForward<T>& of, std::size_t at) const {
    for (std::size_t r = 0; r < R; ++r) {
      const std::size_t group = at + r * layout_.groups;
      measure(of, group, of.x + group * size_, size_, rule_);
    }
    std::array<Standard<T>, R> rows;
    if (!standardize(of.mean, of.invstd, at, rows)) {
      if constexpr (R == 1) return ScalarNorm<T>{layout_, rule_}.forward(of, at);
      for (std::size_t r = 0; r < R; ++r) forward_rows<1>(of, at + r * layout_.groups);
      return;
    }
    with_center(rows, [&](auto center) {
      with_flag(of.gamma, [&](auto scales) {
        with_flag(of.beta, [&](auto shifts) { write<center(), scales(), shifts()>(of, at, rows); });
      });
    });
  }
  template <std::size_t R>
  void backward_rows(const NormBackward<T>& of, std::size_t at) const {
    std::array<Standard<T>, R> rows;
    if (!standardize(of.mean, of.invstd, at, rows)) {
      if constexpr (R == 1) return ScalarNorm<T>{layout_, rule_}.backward(of, at);
      for (std::size_t r = 0; r < R; ++r) backward_rows<1>(of, at + r * layout_.groups);
      return;
    }
    with_center(rows, [&](auto center) {
      with_flag(of.gamma, [&](auto scales) { back<center(), scales()>(of, at, rows); });
    });
  }
  /// False if a row is out of range.
  template <std::size_t R>
  bool standardize(const double* mean, const double* invstd, std::size_t at,
                   std::array<Standard<T>, R>& rows) const {
    bool fits = true;
    for (std::size_t r = 0; r < R; ++r) {
      const std::size_t group = at + r * layout_.groups;
      fits = fits && in_range<T>(invstd[group]);
      rows[r] = Standard<T>::of(mean ? mean[group] : 0.0, invstd[group]);
    }
    return fits;
  }
  template <std::size_t R, typename Use>
  void with_center(const std::array<Standard<T>, R>& rows, Use use) const {
    if (rule_.rms) return use(std::integral_constant<Center, Center::kNothing>{});
    const bool far = std::any_of(rows.begin(), rows.end(), [](const auto& row) { return row.hi != 0; });
    if (far) return use(std::integral_constant<Center, Center::kMean>{});
    use(std::integral_constant<Center, Center::kZero>{});
  }
  template <typename Use>
  static void with_flag(bool flag, Use use) {
    flag ? use(std::true_type{}) : use(std::false_type{});
  }
  /// gamma of the group's channels from j on, as a factor.
  template <bool kScales, typename B>
  BACKNORM_INLINE B times_gamma(const B& value, const B& gamma) const {
    if constexpr (kScales) return value * gamma;
    return value;
  }

  template <Center kCenter, bool kScales, bool kShifts, std::size_t R>
  void write(const NormForward<T>& of, std::size_t at, std::array<Standard<T>, R> rows) const {
    const T offset = rule_.unit_offset ? 1 : 0;
    const std::size_t first = at % layout_.groups * size_;
    const T* const x = of.x + at * size_;
    T* const y = of.y + at * size_;
    const T* const gamma = kScales ? of.gamma + first : nullptr;
    const T* const beta = kShifts ? of.beta + first : nullptr;
    const std::size_t stride = layout_.channels;
    for_blocks<T, 4>(size_, [&](auto zero, std::size_t j) BACKNORM_INLINE {
      using B = decltype(zero);
      B scale{};
      B shift{};
      if constexpr (kScales) scale = B::read(gamma + j) + B::all(offset);
      if constexpr (kShifts) shift = B::read(beta + j);
      for (std::size_t r = 0; r < R; ++r) {
        B value = rows[r].template xhat<kCenter>(B::read(x + r * stride + j));
        if constexpr (kScales) value = value * scale;
        if constexpr (kShifts) value = value + shift;
        value.write(y + r * stride + j);
      }
    });
  }

  /// The sums of dgamma and dbeta that are near: in T, and in float64 they need no room of their own.
  static T* near_sums(T* in_t, double* in_double) {
    if constexpr (std::is_same_v<T, double>) return in_double;
    return in_t;
  }

  template <Center kCenter, bool kScales, std::size_t R>
  void back(const NormBackward<T>& of, std::size_t at, std::array<Standard<T>, R> rows) const {
    constexpr bool kBoth = kCenter != Center::kNothing;
    const T offset = rule_.unit_offset ? 1 : 0;
    const std::size_t first = at % layout_.groups * size_;
    const T* const dy = of.dy + at * size_;
    const T* const x = of.x + at * size_;
    T* const dx = of.dx + at * size_;
    const T* const gamma = kScales ? of.gamma + first : nullptr;
    T* const near_q = near_sums(of.dgamma, of.sum_dy_xhat) + first;
    T* const near_p = kBoth ? near_sums(of.dbeta, of.sum_dy) + first : nullptr;
    const std::size_t stride = layout_.channels;
    const auto sums =
        sum_up<R, kBoth, 2, T>(size_, kNearValues, [&](auto zero, std::size_t j, auto add) BACKNORM_INLINE {
          using B = decltype(zero);
          B scale{};
          if constexpr (kScales) scale = B::read(gamma + j) + B::all(offset);
          B p = kBoth ? B::read(near_p + j) : B{};
          B q = B::read(near_q + j);
          for (std::size_t r = 0; r < R; ++r) {
            const B one = B::read(dy + r * stride + j);
            const B product = one * rows[r].template xhat<kCenter>(B::read(x + r * stride + j));
            if constexpr (kBoth) p = p + one;
            q = q + product;
            add(r, times_gamma<kScales>(one, scale), times_gamma<kScales>(product, scale));
          }
          if constexpr (kBoth) p.write(near_p + j);
          q.write(near_q + j);
        });
    std::array<Slope<T>, R> slopes;
    for (std::size_t r = 0; r < R; ++r) {
      slopes[r] = Slope<T>::of(rows[r], of.invstd[at + r * layout_.groups], sums[r],
                               static_cast<double>(size_), rule_.ddof);
    }
    for_blocks<T, 4>(size_, [&](auto zero, std::size_t j) BACKNORM_INLINE {
      using B = decltype(zero);
      B scale{};
      if constexpr (kScales) scale = B::read(gamma + j) + B::all(offset);
      for (std::size_t r = 0; r < R; ++r) {
        B value = times_gamma<kScales>(B::read(dy + r * stride + j), scale);
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
      Planes<T>::normalize(slice(group), of.x + group.begin(), of.gamma ? of.gamma + c : nullptr,
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
      Planes<T>::sums(slice(group), dy, x, means, inverses, p, q);
      Two<double> sums{};
      for (std::size_t k = 0; k < group.channels(); ++k) {
        const std::size_t c = group.first_channel() + k;
        const double scale = factor_of(of.gamma, rule_, c);
        of.sum_dy[c] += p[k];
        of.sum_dy_xhat[c] += q[k];
        sums = sums + Two<double>{scale * p[k], scale * q[k]};
      }
      const Standard<T> by = Standard<T>::of(of.mean[at], of.invstd[at]);
      const Slope<T> slope = Slope<T>::of(by, of.invstd[at], sums, m, rule_.ddof);
      const T* const gamma = of.gamma ? of.gamma + group.first_channel() : nullptr;
      with_centers(by.hi != 0, [&](auto centers) {
        Planes<T>::for_each_plane(slice(group), [&](auto zero, std::size_t i, std::size_t k) BACKNORM_INLINE {
          using B = decltype(zero);
          const B of_var = off_center<centers()>(B::read(x + i), B::all(by.hi)) * B::all(slope.p);
          const B dxhat = B::read(dy + i) * B::all(gamma ? gamma[k] : T(1));
          (((dxhat + B::all(slope.q)) + of_var) * B::all(by.a)).write(dx + i);
        });
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
