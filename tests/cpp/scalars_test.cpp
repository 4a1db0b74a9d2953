#include "backnorm/scalars.hpp"

#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "catch.hpp"
#include "quad.hpp"
#include "support.hpp"

namespace backnorm::test {
namespace {

/// A number in three kinds at once: bounded, plain, and exact enough to judge the bound.
template <typename T>
struct Tracked {
  Bounded<T> bounded;
  T bare;
  long double exact;
};

/// long double has 11 bits more than double on x86 and 60 more in wasm: what it loses itself is a small share
/// of any bound.
constexpr double kJudgeShare = 1.01;

TEMPLATE_TEST_CASE("a running bound holds on random expressions", "[scalars][bounded]", float, double) {
  Random random(41);
  Faults faults;
  std::size_t telling = 0;
  for (int expression = 0; expression < 5000; ++expression) {
    std::vector<Tracked<TestType>> pool;
    for (int i = 0; i < 4; ++i) {
      const TestType leaf = static_cast<TestType>(random.normal() * random.one_of({1e-3, 1.0, 1e3}));
      pool.push_back({leaf, leaf, static_cast<long double>(leaf)});
    }
    for (int step = 0; step < 8; ++step) {
      const Tracked<TestType> a = pool[random.size(0, pool.size() - 1)];
      const Tracked<TestType> b = pool[random.size(0, pool.size() - 1)];
      Tracked<TestType> out{};
      switch (random.integer(0, 5)) {
        case 0: out = {a.bounded + b.bounded, a.bare + b.bare, a.exact + b.exact}; break;
        case 1: out = {a.bounded - b.bounded, a.bare - b.bare, a.exact - b.exact}; break;
        case 2: out = {a.bounded * b.bounded, a.bare * b.bare, a.exact * b.exact}; break;
        case 3:
          if (b.bare == 0 || b.exact == 0) continue;
          out = {a.bounded / b.bounded, a.bare / b.bare, a.exact / b.exact};
          break;
        case 4:
          if (!(a.bare >= 0 && a.exact >= 0)) continue;
          out = {sqrt(a.bounded), std::sqrt(a.bare), std::sqrt(a.exact)};
          break;
        default: out = {-a.bounded, -a.bare, -a.exact}; break;
      }
      if (!std::isfinite(out.bare) || !std::isfinite(out.exact) || std::abs(out.exact) > 1e30L) continue;
      if (out.exact != 0 && std::abs(out.exact) < 1e-30L) continue;  // below this float32 is subnormal
      faults.note("value", unequal(std::vector{out.bounded}, std::vector{out.bare}));
      faults.note("bound", outside(std::vector{out.bounded}, std::vector{out.exact},
                                   [&](std::size_t) { return kJudgeShare * out.bounded.error; }));
      telling += out.bounded.error < 1e-3 * std::abs(out.bounded.value);
      pool.push_back(out);
    }
  }
  CHECK(faults.text() == "");
  CHECK(telling > 10000);  // the bounds are not all idle
}

TEMPLATE_TEST_CASE("a running bound holds against exact integers", "[scalars][bounded]", float, double) {
  // Sums of products of 20-bit integers: the sum stays below 2^62, exact in 64 bits, but not in float or
  // double.
  Random random(42);
  Faults faults;
  for (int sum = 0; sum < 2000; ++sum) {
    Bounded<TestType> bounded = TestType(0);
    std::int64_t exact = 0;
    for (int term = 0; term < 8; ++term) {
      Bounded<TestType> product = TestType(1);
      std::int64_t exact_product = 1;
      for (int factor = 0; factor < 2 + term % 2; ++factor) {
        const std::int64_t integer = random.integer(-(1 << 19), 1 << 19);
        product = product * Bounded<TestType>(static_cast<TestType>(integer));  // 20 bits fit a float
        exact_product *= integer;
      }
      bounded = term % 3 == 0 ? bounded - product : bounded + product;
      exact = term % 3 == 0 ? exact - exact_product : exact + exact_product;
    }
    // The difference fits a double: the judge's rounding of exact is at most half of double's ulp.
    const std::int64_t value = static_cast<std::int64_t>(bounded.value);
    const double off = std::abs(static_cast<double>(value - exact));
    faults.note("integer", off <= bounded.error * kJudgeShare ? "" : std::to_string(off));
  }
  CHECK(faults.text() == "");
}

/// A number with its bound, plain, and exact far below the least of float64.
template <typename Bound, typename T>
struct Traced {
  Bound bound;
  T bare;
  Quad exact;
};
/// One operation on all three. Nothing for a division by 0 or the root of a negative number.
template <typename Bound, typename T>
std::optional<Traced<Bound, T>> combine(std::int64_t operation, const Traced<Bound, T>& a,
                                        const Traced<Bound, T>& b) {
  switch (operation) {
    case 0: return Traced<Bound, T>{a.bound + b.bound, a.bare + b.bare, a.exact + b.exact};
    case 1: return Traced<Bound, T>{a.bound - b.bound, a.bare - b.bare, a.exact - b.exact};
    case 2: return Traced<Bound, T>{a.bound * b.bound, a.bare * b.bare, a.exact * b.exact};
    case 3:
      if (b.bare == 0 || !(Quad(0) < abs(b.exact))) return {};
      return Traced<Bound, T>{a.bound / b.bound, a.bare / b.bare, a.exact / b.exact};
    default:
      if (!(a.bare >= 0) || a.exact < Quad(0)) return {};
      return Traced<Bound, T>{sqrt(a.bound), std::sqrt(a.bare), sqrt(a.exact)};
  }
}

TEMPLATE_TEST_CASE("a running bound holds among subnormal numbers", "[scalars][bounded]", float, double) {
  const int least = std::is_same_v<TestType, float> ? -149 : -1074;
  Random random(44);
  Faults faults;
  int subnormal = 0;
  for (int expression = 0; expression < 20000; ++expression) {
    std::vector<Traced<Bounded<TestType>, TestType>> pool;
    for (int i = 0; i < 4; ++i) {
      const int exponent = static_cast<int>(random.integer(least - 8, -least / 4));
      const TestType leaf = static_cast<TestType>(std::ldexp(random.normal(), exponent));
      pool.push_back({leaf, leaf, static_cast<double>(leaf)});
    }
    for (int step = 0; step < 8; ++step) {
      const auto& a = pool[random.size(0, pool.size() - 1)];
      const auto out = combine(random.integer(0, 4), a, pool[random.size(0, pool.size() - 1)]);
      if (!out || !std::isfinite(out->bare)) continue;
      const Quad off = abs(Quad(static_cast<double>(out->bare)) - out->exact);
      // rounding in the bound itself is of second order
      const bool holds = !(Quad(out->bound.error * (1 + 1e-12)) < off);
      faults.note("bound", holds ? "" : std::to_string(expression));
      subnormal += out->bare != 0 && std::abs(out->bare) < std::numeric_limits<TestType>::min();
      pool.push_back(*out);
    }
  }
  CHECK(faults.text() == "");
  CHECK(subnormal > 1000);
}

TEST_CASE("the error of a range bounds the rounding error of every pass through it", "[scalars][ranged]") {
  Random random(45);
  Faults faults;
  int telling = 0;
  for (int expression = 0; expression < 20000; ++expression) {
    std::vector<Traced<Ranged, double>> pool;
    for (int i = 0; i < 4; ++i) {
      const double middle = random.normal(), reach = random.one_of({0, 1e-6, 0.1, 1, 2}) * std::abs(middle);
      const double leaf = middle + (2 * random.uniform() - 1) * 0.999 * reach;
      pool.push_back({Bounded<double>(middle, reach), leaf, leaf});
    }
    for (int step = 0; step < 8; ++step) {
      const auto& a = pool[random.size(0, pool.size() - 1)];
      const auto out = combine(random.integer(0, 4), a, pool[random.size(0, pool.size() - 1)]);
      if (!out || !std::isfinite(out->bare)) continue;
      const Quad off = abs(Quad(out->bare) - out->exact);
      const Quad moved = abs(Quad(out->bare) - Quad(out->bound.range.value));
      faults.note("error", Quad(out->bound.error * (1 + 1e-12)) < off ? std::to_string(expression) : "");
      faults.note("range",
                  Quad(out->bound.range.error * (1 + 1e-12)) < moved ? std::to_string(expression) : "");
      telling += out->bound.error < 1e-12 * std::abs(out->bare);
      pool.push_back(*out);
    }
  }
  CHECK(faults.text() == "");
  CHECK(telling > 10000);
}

TEST_CASE("the bound of a program's sum holds in any order", "[scalars][accumulator]") {
  // The largest term last: the sums before it are small. First, each of the others is added to it.
  const ChosenPrecision guard(in_any_order(kRounding<float>));
  using Number = ProgramNumber;
  std::vector<float> terms(40, 0.1F);
  terms.back() = 1e6F;
  ProgramSum sum;
  float backwards = 0.0F;
  double exact = 0.0;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    sum = sum + widen(Number(static_cast<double>(terms[i])));
    backwards += terms[terms.size() - 1 - i];
    exact += static_cast<double>(terms[i]);
  }
  const Number total = narrow<Number>(sum);
  CHECK(std::abs(total.value - exact) < 1e-8);
  CHECK(std::abs(static_cast<double>(backwards) - exact) > 0.5);  // the running bound is 0.06
  CHECK(std::abs(static_cast<double>(backwards) - exact) <= total.error);
  CHECK(narrow<Number>(widen(Number(0.1))).error == 0.0);
}

TEST_CASE("a divisor that may be zero gives an infinite bound", "[scalars][bounded]") {
  const Bounded<double> one = 1.0;
  CHECK(std::isinf((one / Bounded<double>(1.0, 1.0)).error));
  CHECK(std::isinf((one / Bounded<double>(1.0, 2.0)).error));
  CHECK(std::isfinite((one / Bounded<double>(1.0, 0.5)).error));
  CHECK((one / Bounded<double>(1.0, 0.5)).error >= 1.0);  // 1/0.5 is 1 away from 1/1
}

TEST_CASE("the root of a number near zero has a bound for its whole range", "[scalars][bounded]") {
  // The exact argument may be 2.25 where 1.0 is stored: its root is 0.5 away.
  CHECK(sqrt(Bounded<double>(1.0, 1.25)).error >= 0.5);
  CHECK(sqrt(Bounded<double>(0.0, 1e-10)).error >= 1e-5);
  CHECK(sqrt(Bounded<double>(4.0, 0.0)).error <= 2 * kUnitRoundoff<double>);
}

TEST_CASE("a root keeps a bound that is lost", "[scalars][bounded]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();  // such as of 0 times an infinite bound
  CHECK(std::isnan(sqrt(Bounded<double>(1.0, nan)).error));
  CHECK(std::isnan(sqrt(Ranged(Bounded<double>(1.0), nan)).error));
}

TEST_CASE("a float leaf is exact and each operation adds its own half ulp", "[scalars][bounded]") {
  const Bounded<float> third = Bounded<float>(1.0f) / Bounded<float>(3.0f);
  CHECK(Bounded<float>(0.1f).error == 0.0);
  CHECK(std::abs(static_cast<double>(third.value) - 1.0 / 3.0) <= third.error);
  CHECK(third.error <= std::numeric_limits<float>::epsilon() / 2);
}

TEST_CASE("widening is exact and narrowing adds one rounding", "[scalars][accumulator]") {
  const Bounded<float> number(0.1f, 1e-9);
  const Bounded<double> wide = widen(number);
  CHECK(wide.value == static_cast<double>(0.1f));
  CHECK(wide.error == 1e-9);
  const Bounded<float> back = narrow<Bounded<float>>(Bounded<double>(0.1, 1e-9));
  CHECK(back.value == 0.1f);
  CHECK(std::abs(static_cast<double>(0.1f) - 0.1) + 1e-9 <= back.error);
  CHECK(narrow<float>(widen(0.1f)) == 0.1f);
  CHECK(narrow<double>(widen(0.1)) == 0.1);
}

TEST_CASE("magnitudes never cancel", "[scalars][magnitude]") {
  Random random(43);
  for (int i = 0; i < 200; ++i) {
    const double a = random.normal();
    const double b = random.normal();
    const Magnitude ma = a;
    const Magnitude mb = b;
    CHECK((ma + mb).value == std::abs(a) + std::abs(b));
    CHECK((ma - mb).value == std::abs(a) + std::abs(b));
    CHECK((ma * mb).value == std::abs(a) * std::abs(b));
    CHECK((ma / mb).value == std::abs(a) / std::abs(b));
    CHECK((-ma).value == std::abs(a));
  }
}

}  // namespace
}  // namespace backnorm::test
