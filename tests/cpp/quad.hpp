#pragma once

#include <cfloat>
#include <cmath>
#include <limits>

/// Numbers of 113 bits with exponents up to ±4932. Products of values that underflow in float64 stay exact to
/// 34 digits.
namespace backnorm::test {

struct Quad {
#if LDBL_MANT_DIG == 113
  using Number = long double;
#else
  using Number = __float128;
#endif
  Number value = 0;

  constexpr Quad() = default;
  constexpr Quad(double number) noexcept : value(number) {}
  explicit Quad(Number number, int) noexcept : value(number) {}

  friend Quad operator+(Quad a, Quad b) {
    return Quad(a.value + b.value, 0);
  }
  friend Quad operator-(Quad a, Quad b) {
    return Quad(a.value - b.value, 0);
  }
  friend Quad operator-(Quad a) {
    return Quad(-a.value, 0);
  }
  friend Quad operator*(Quad a, Quad b) {
    return Quad(a.value * b.value, 0);
  }
  friend Quad operator/(Quad a, Quad b) {
    return Quad(a.value / b.value, 0);
  }
  friend bool operator<(Quad a, Quad b) {
    return a.value < b.value;
  }
  friend Quad abs(Quad a) {
    return a.value < 0 ? -a : a;
  }

  /// By Newton's method from a root in double, which has 53 of the 113 bits.
  friend Quad sqrt(Quad a) {
    if (!(a.value > 0)) return a;
    Number scaled = a.value;
    Number scale = 1;
    for (; scaled >= Number(0x1p128); scaled /= Number(0x1p128)) scale *= Number(0x1p64);
    for (; scaled < Number(0x1p-128); scaled *= Number(0x1p128)) scale /= Number(0x1p64);
    Number root = std::sqrt(static_cast<double>(scaled));
    for (int i = 0; i < 2; ++i) root = (root + scaled / root) / 2;
    return Quad(root * scale, 0);
  }
};

}  // namespace backnorm::test
