#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

/// The number types that the staged passes of graph.hpp run on, besides float and double. The same pass on
/// another type of number answers another question.
namespace backnorm {

/// u: one rounding to T has at most this relative error, unless the result is subnormal.
template <typename T>
inline constexpr double kUnitRoundoff = 0.5 * static_cast<double>(std::numeric_limits<T>::epsilon());

/// The larger of two errors. NaN counts as the largest.
inline double larger_error(double a, double b) noexcept {
  return std::isnan(a) || b <= a ? a : b;
}

/// How an arithmetic rounds: kUnitRoundoff, and the smallest subnormal number.
struct Rounding {
  double unit;
  double least;
};
template <typename T>
inline constexpr Rounding kRounding{kUnitRoundoff<T>,
                                    static_cast<double>(std::numeric_limits<T>::denorm_min())};

/// The smallest normal number.
constexpr double least_normal(Rounding rounding) noexcept {
  return rounding.least / (2.0 * rounding.unit);
}

/// The arithmetics of programs, from the finest to the coarsest.
enum class Precision : std::uint8_t { kFloat64, kFloat32, kFloat16, kBfloat16 };
inline constexpr std::size_t kPrecisionCount = 4;

constexpr Rounding rounding_of(Precision precision) noexcept {
  constexpr std::array<Rounding, kPrecisionCount> table{
      {kRounding<double>, kRounding<float>, {0x1p-11, 0x1p-24}, {0x1p-8, 0x1p-133}}};
  return table[static_cast<std::size_t>(precision)];
}

/// Rounds to the nearest number of an arithmetic, ties to even, without its overflow.
inline double round_to(double value, Precision precision) noexcept {
  if (value == 0.0 || !std::isfinite(value) || precision == Precision::kFloat64) return value;
  const auto [unit, least] = rounding_of(precision);
  int exponent = 0;
  std::frexp(value, &exponent);  // |value| < 2^exponent
  const double spacing = std::max(std::ldexp(unit, exponent), least);
  return std::nearbyint(value / spacing) * spacing;
}

/// An arithmetic that is chosen at run time, so that one set of passes serves all. Like the rounding
/// direction of <cfenv>, it is a state of the thread.
struct AnyPrecision {
  Rounding rounding = kRounding<double>;
  /// Values are rounded to float. Else they stay in double, and only the bounds are those of `rounding`.
  bool rounds_values = false;
  /// The bound on a sum holds for any order of its terms, in `rounding`. Else for a sum in double from first
  /// to last.
  bool any_order = false;

  static AnyPrecision& now() noexcept {
#ifdef __EMSCRIPTEN__  // a module without threads has no thread_local
    static constinit AnyPrecision state;
#else
    static constinit thread_local AnyPrecision state;
#endif
    return state;
  }
};

/// Chooses an arithmetic for its own lifetime.
class ChosenPrecision {
 public:
  explicit ChosenPrecision(AnyPrecision arithmetic) noexcept
      : before_(std::exchange(AnyPrecision::now(), arithmetic)) {}
  ~ChosenPrecision() { AnyPrecision::now() = before_; }
  ChosenPrecision(const ChosenPrecision&) = delete;
  ChosenPrecision& operator=(const ChosenPrecision&) = delete;

 private:
  AnyPrecision before_;
};

/// The staged passes in float64 or float32.
constexpr AnyPrecision staged(Precision precision) noexcept {
  return {.rounding = rounding_of(precision), .rounds_values = precision == Precision::kFloat32};
}

/// The precision of the numbers of a type.
template <typename T>
inline constexpr Precision kPrecisionOf =
    std::is_same_v<T, float> ? Precision::kFloat32 : Precision::kFloat64;

/// Programs of a precision, whose order of operations isn't known.
constexpr AnyPrecision in_any_order(Rounding rounding) noexcept {
  return {.rounding = rounding, .any_order = true};
}

/// A number and a bound on its rounding error.
///
/// The bound is a running one (Higham, Accuracy and Stability of Numerical Algorithms, section 3.3): each
/// operation adds its own half ulp to the errors of its operands. `value` is bit for bit the result in T, or
/// in the arithmetic that is chosen: an operation in double that is rounded to float is that of float, since
/// double has more than twice its digits. A bound of a coarser arithmetic than the values' says how far a
/// program in it may be from them.
template <typename T, typename Arithmetic = T>
struct Bounded {
  T value{};
  double error = 0.0;  ///< absolute; rounding in the bound itself is of second order

  constexpr Bounded() = default;
  constexpr Bounded(T exact) noexcept : value(exact) {}
  constexpr Bounded(T number, double bound) noexcept : value(number), error(bound) {}

  /// The error of one rounding to `value`, and what the bound's own products lose to underflow.
  static double half_ulp(T value) noexcept {
    constexpr double kLost = 3.0 * std::numeric_limits<double>::denorm_min();
    const Rounding rounding = [] {
      if constexpr (std::is_same_v<Arithmetic, AnyPrecision>)
        return AnyPrecision::now().rounding;
      else
        return kRounding<Arithmetic>;
    }();
    return std::max(std::abs(static_cast<double>(value)) * rounding.unit, rounding.least) + kLost;
  }
  static T rounded(T value) noexcept {
    if constexpr (std::is_same_v<Arithmetic, AnyPrecision>) {
      if (AnyPrecision::now().rounds_values) return static_cast<double>(static_cast<float>(value));
    }
    return value;
  }
  /// The largest size of the exact number.
  double largest() const noexcept { return magnitude(*this) + error; }
  /// The smallest size of the exact number. 0 or less if it may be 0.
  double smallest() const noexcept { return magnitude(*this) - error; }

  friend Bounded operator+(Bounded a, Bounded b) noexcept {
    const T sum = rounded(a.value + b.value);
    return {sum, a.error + b.error + half_ulp(sum)};
  }
  friend Bounded operator-(Bounded a, Bounded b) noexcept { return a + -b; }
  friend Bounded operator-(Bounded a) noexcept { return {-a.value, a.error}; }
  friend Bounded operator*(Bounded a, Bounded b) noexcept {
    const T product = rounded(a.value * b.value);
    return {product, magnitude(a) * b.error + magnitude(b) * a.error + a.error * b.error + half_ulp(product)};
  }
  friend Bounded operator/(Bounded a, Bounded b) noexcept {
    const T quotient = rounded(a.value / b.value);
    const double least = b.smallest();
    // a quotient each: the product of |quotient| and b.error may underflow
    const double inherited = a.error / least + std::abs(static_cast<double>(quotient)) * (b.error / least);
    return {quotient, least > 0 ? inherited + half_ulp(quotient) : std::numeric_limits<double>::infinity()};
  }
  friend Bounded sqrt(Bounded a) noexcept {
    const T root = rounded(std::sqrt(a.value));
    const double least = std::sqrt(std::max(0.0, a.smallest()));
    const double inherited = a.error == 0 ? 0.0 : a.error / (static_cast<double>(root) + least);
    return {root, inherited + half_ulp(root)};
  }

 private:
  static double magnitude(Bounded a) noexcept { return std::abs(static_cast<double>(a.value)); }
};

/// A number that a pass may meet anywhere in a range, and a bound on its rounding error wherever that is.
///
/// A running bound as well, with the largest size in the range where Bounded has the size of one value. So a
/// move that brings a number near 0 doesn't hide the error that it has elsewhere.
struct Ranged {
  Bounded<double> range;  ///< range.error: the largest distance from range.value, by moves and by rounding
  double error = 0.0;

  constexpr Ranged() = default;
  constexpr Ranged(double exact) noexcept : range(exact) {}
  constexpr Ranged(Bounded<double> within, double bound = 0.0) noexcept : range(within), error(bound) {}

  static double half_ulp(Bounded<double> range) noexcept {
    return Bounded<double>::half_ulp(range.largest());
  }

  friend Ranged operator+(Ranged a, Ranged b) noexcept {
    const Bounded<double> sum = a.range + b.range;
    return {sum, a.error + b.error + half_ulp(sum)};
  }
  friend Ranged operator-(Ranged a, Ranged b) noexcept { return a + -b; }
  friend Ranged operator-(Ranged a) noexcept { return {-a.range, a.error}; }
  friend Ranged operator*(Ranged a, Ranged b) noexcept {
    const Bounded<double> product = a.range * b.range;
    return {product, a.range.largest() * b.error + b.range.largest() * a.error + half_ulp(product)};
  }
  friend Ranged operator/(Ranged a, Ranged b) noexcept {
    const Bounded<double> quotient = a.range / b.range;
    const double least = b.range.smallest();
    const double inherited = a.error / least + quotient.largest() * (b.error / least);
    return {quotient, least > 0 ? inherited + half_ulp(quotient) : std::numeric_limits<double>::infinity()};
  }
  friend Ranged sqrt(Ranged a) noexcept {
    const Bounded<double> root = sqrt(a.range);
    const double least = std::sqrt(std::max(0.0, a.range.smallest()));
    const double inherited = a.error == 0 ? 0.0 : a.error / (2.0 * least);
    return {root, inherited + half_ulp(root)};
  }
};

/// A sum of absolute terms. A gradient on magnitudes has the size that it would have if nothing cancelled.
/// The share that survives in the real gradient shows whether a check can tell right from wrong.
struct Magnitude {
  double value = 0.0;

  constexpr Magnitude() = default;
  Magnitude(double number) noexcept : value(std::abs(number)) {}

  friend Magnitude operator+(Magnitude a, Magnitude b) noexcept { return a.value + b.value; }
  friend Magnitude operator-(Magnitude a, Magnitude b) noexcept { return a.value + b.value; }
  friend Magnitude operator-(Magnitude a) noexcept { return a; }
  friend Magnitude operator*(Magnitude a, Magnitude b) noexcept { return a.value * b.value; }
  friend Magnitude operator/(Magnitude a, Magnitude b) noexcept { return a.value / b.value; }
  friend Magnitude sqrt(Magnitude a) noexcept { return std::sqrt(a.value); }
};

/// A number and its derivative along one direction: forward-mode differentiation, exact up to rounding. The
/// forward pass on duals gives the effect of a small change of one node on the output.
template <typename T>
struct Dual {
  T value{};
  T tangent{};

  constexpr Dual() = default;
  constexpr Dual(T constant) noexcept : value(constant) {}
  constexpr Dual(T number, T along) noexcept : value(number), tangent(along) {}

  friend Dual operator+(Dual a, Dual b) noexcept { return {a.value + b.value, a.tangent + b.tangent}; }
  friend Dual operator-(Dual a, Dual b) noexcept { return {a.value - b.value, a.tangent - b.tangent}; }
  friend Dual operator*(Dual a, Dual b) noexcept {
    return {a.value * b.value, a.tangent * b.value + a.value * b.tangent};
  }
  friend Dual operator/(Dual a, Dual b) noexcept {
    const T quotient = a.value / b.value;
    return {quotient, (a.tangent - quotient * b.tangent) / b.value};
  }
  friend Dual operator/(Dual a, T b) noexcept { return {a.value / b, a.tangent / b}; }
  friend Dual sqrt(Dual a) noexcept {
    const T root = std::sqrt(a.value);
    return {root, a.tangent / (T(2) * root)};
  }
};

/// A number of the arithmetic that is chosen at run time.
using ProgramNumber = Bounded<double, AnyPrecision>;

/// A sum of such numbers. Its bound in any order is (n - 1)·u·Σ |term| (Higham, section 4.2): the running
/// bound of one order may be much smaller, such as if the largest term comes last.
class ProgramSum {
 public:
  using Wide = Bounded<double>;

  ProgramSum() = default;
  ProgramSum(Wide term) noexcept : sum_(term), size_(std::abs(term.value)), terms_(1.0) {}
  ProgramSum(ProgramNumber term) noexcept : ProgramSum(Wide(term.value, term.error)) {}
  ProgramSum(double term) noexcept : ProgramSum(Wide(term)) {}

  /// Rounded to a number.
  ProgramNumber number() const noexcept {
    const AnyPrecision& now = AnyPrecision::now();
    if (now.any_order)
      return {sum_.value, sum_.error + std::max(terms_ - 1.0, 0.0) * now.rounding.unit * size_};
    if (!now.rounds_values) return {sum_.value, sum_.error};
    const double value = ProgramNumber::rounded(sum_.value);
    return {value, sum_.error + ProgramNumber::half_ulp(value)};
  }

  friend ProgramSum operator+(ProgramSum a, ProgramSum b) noexcept {
    const double sum = a.sum_.value + b.sum_.value;
    const double lost = AnyPrecision::now().any_order ? 0.0 : Wide::half_ulp(sum);
    a.sum_ = {sum, a.sum_.error + b.sum_.error + lost};
    a.size_ += b.size_;
    a.terms_ += b.terms_;
    return a;
  }
  friend ProgramSum operator/(ProgramSum a, ProgramSum b) noexcept {
    return AnyPrecision::now().any_order ? ProgramSum(a.number() / b.number()) : ProgramSum(a.sum_ / b.sum_);
  }
  friend ProgramSum sqrt(ProgramSum a) noexcept {
    return AnyPrecision::now().any_order ? ProgramSum(sqrt(a.number())) : ProgramSum(sqrt(a.sum_));
  }

 private:
  Wide sum_;  // in any order, its error is what the terms bring along
  double size_ = 0.0;
  double terms_ = 0.0;
};

/// The type in which to sum many T. A float sum over a batch would lose the digits that the check needs.
template <typename T>
struct AccumulatorOf {
  using type = T;
};
template <>
struct AccumulatorOf<float> {
  using type = double;
};
template <>
struct AccumulatorOf<Bounded<float>> {
  using type = Bounded<double>;
};
template <>
struct AccumulatorOf<ProgramNumber> {
  using type = ProgramSum;
};
template <typename T>
using Accumulator = typename AccumulatorOf<T>::type;

/// Converts a number to its accumulator, exactly.
template <typename T>
constexpr Accumulator<T> widen(T number) noexcept {
  if constexpr (std::is_same_v<T, Bounded<float>>) {
    return {static_cast<double>(number.value), number.error};
  } else {
    return number;
  }
}

/// Rounds an accumulator to its number.
template <typename T>
constexpr T narrow(Accumulator<T> wide) noexcept {
  if constexpr (std::is_same_v<T, Bounded<float>>) {
    const float value = static_cast<float>(wide.value);
    return {value, wide.error + T::half_ulp(value)};
  } else if constexpr (std::is_same_v<T, ProgramNumber>) {
    return wide.number();
  } else {
    return static_cast<T>(wide);
  }
}

}  // namespace backnorm
