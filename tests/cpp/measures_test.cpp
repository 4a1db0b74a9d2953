#include "backnorm/measures.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "checks.hpp"

namespace backnorm::test {
namespace {

template <typename T = double>
Measures of(const std::vector<T>& a, const std::vector<double>& n) {
  return measure<T>(a, n);
}

TEST_CASE("each measure by hand", "[measures][hand]") {
  const Measures found = of({3.0, 4.5}, {3.0, 4.0});
  CHECK(found.max_relative == 0.5 / 8.5);
  // scaled by the largest value, which 4.5 does with rounding
  CHECK(std::abs(found.norm_ratio - 0.5 / (std::sqrt(29.25) + 5.0)) <= kUnitRoundoff<double>);
  CHECK(found.numpy_excess == 0.5 - (1e-8 + 4e-5));
  CHECK(found.pytorch_excess == 0.5 - (1e-5 + 4e-3));
  CHECK(found.ulps == std::ldexp(1.0, 49));  // an ulp of 4 is 2^-50
  CHECK_FALSE(found.numpy_allclose());
  CHECK_FALSE(found.pytorch_allclose());
  CHECK(of<float>({4.5f}, {4.0}).ulps == std::ldexp(1.0, 20));
}

TEST_CASE("equal arrays have distance zero, even if all zeros or empty", "[measures]") {
  for (const std::vector<double>& values :
       {std::vector<double>{1.5, -2.0}, std::vector<double>{0.0, 0.0}, std::vector<double>{}}) {
    const Measures found = of(values, values);
    CHECK(found.max_relative == 0.0);
    CHECK(found.norm_ratio == 0.0);
    CHECK(found.ulps == 0.0);
    CHECK(found.numpy_allclose());
    CHECK(found.pytorch_allclose());
  }
}

TEST_CASE("PyTorch's defaults pass what NumPy's don't", "[measures]") {
  const Measures found = of({1.0005}, {1.0});
  CHECK_FALSE(found.numpy_allclose());
  CHECK(found.pytorch_allclose());
}

TEST_CASE("squares of huge and of tiny values stay in range", "[measures]") {
  CHECK(std::abs(of({2e300}, {1e300}).norm_ratio - 1.0 / 3.0) <= kUnitRoundoff<double>);
  CHECK(std::abs(of({2e305}, {1e305}).norm_ratio - 1.0 / 3.0) <= kUnitRoundoff<double>);
  CHECK(std::abs(of({2e-300}, {1e-300}).norm_ratio - 1.0 / 3.0) <= kUnitRoundoff<double>);
}

TEST_CASE("a NaN makes every measure a NaN", "[measures]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Measures& found : {of({1.0, nan, 2.0}, {1.0, 1.0, 1.0}), of({1.0, 1.0}, {nan, 1.0})}) {
    CHECK(std::isnan(found.max_relative));
    CHECK(std::isnan(found.norm_ratio));
    CHECK(std::isnan(found.numpy_excess));
    CHECK(std::isnan(found.pytorch_excess));
    CHECK(std::isnan(found.ulps));
    CHECK_FALSE(found.numpy_allclose());
  }
}

}  // namespace
}  // namespace backnorm::test
