#include "backnorm/batch_norm_kernels.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string>
#include <vector>

#include "backnorm/batch_norm.hpp"
#include "catch.hpp"
#include "support.hpp"

/// Every kernel with lanes against its scalar twin.
namespace backnorm::test {
namespace {

using kernels::Kernel;
using kernels::Slice;

/// What one kernel makes of a tensor, both passes.
template <typename T>
struct Passes {
  std::vector<double> mean, m2, invstd, sum_dy, sum_dy_xhat;
  std::vector<T> y, dx;

  Passes(Kernel kernel, Layout layout, const T* x, const T* dy, const T* gamma, const T* beta, int ddof = 0)
      : mean(layout.channels),
        m2(layout.channels),
        invstd(layout.channels),
        sum_dy(layout.channels),
        sum_dy_xhat(layout.channels),
        y(layout.size() + 1),
        dx(layout.size() + 1) {
    const double m = static_cast<double>(layout.values_per_channel());
    for_each_slice(kernel, layout, [&](Kernel by, Slice slice) {
      const std::size_t c = slice.begin;
      kernels::statistics(by, slice, x, &mean[c], &m2[c]);
      for (std::size_t i = c; i < slice.end; ++i) invstd[i] = 1 / std::sqrt(m2[i] / (m - ddof) + 1e-5);
      kernels::normalize(by, slice, x, gamma + c, beta + c, &mean[c], &invstd[c], &y[1]);
      kernels::sums(by, slice, dy, x, &mean[c], &invstd[c], &sum_dy[c], &sum_dy_xhat[c]);
      kernels::apply(by, slice, dy, x, gamma + c, m, ddof, &mean[c], &invstd[c], &sum_dy[c], &sum_dy_xhat[c],
                     &dx[1]);
    });
  }
};

/// Both passes of `kernel` and of the twin, on subarrays that begin one value into their buffers.
template <typename T>
void compare(Faults& faults, Random& random, Kernel kernel, Layout layout, double tolerance) {
  const std::size_t size = layout.size();
  const std::vector<T> x = random.normals<T>(size + 1, 1.0, 3.0), dy = random.normals<T>(size + 1);
  const std::vector<T> gamma = random.normals<T>(layout.channels), beta = random.normals<T>(layout.channels);
  const auto run = [&](Kernel by) {
    return Passes<T>(by, layout, x.data() + 1, dy.data() + 1, gamma.data(), beta.data());
  };
  const Passes<T> got = run(kernel);
  const Passes<T> want = run(Kernel::kScalar);
  const auto check = [&](const char* name, const auto& a, const auto& b, double scale) {
    faults.note(std::string(name) + " of " + std::to_string(layout.outer) + "," +
                    std::to_string(layout.channels) + "," + std::to_string(layout.inner),
                outside(a, b, [&](std::size_t) { return tolerance * scale; }));
  };
  check("mean", got.mean, want.mean, largest(want.mean));
  check("m2", got.m2, want.m2, largest(want.m2) + 1e-5);
  check("y", got.y, want.y, largest(want.y) + largest(want.invstd));
  // Sums and dx may cancel to nothing: what they are relative to is the size of their terms.
  const double terms = largest(dy) * std::sqrt(static_cast<double>(layout.values_per_channel()));
  check("sum of dy", got.sum_dy, want.sum_dy, terms);
  check("sum of dy times xhat", got.sum_dy_xhat, want.sum_dy_xhat, terms * (1 + largest(want.invstd)));
  check("dx", got.dx, want.dx, largest(gamma) * largest(want.invstd) * largest(dy));
}

/// A float32 kernel rounds each number a few times, 6e-8 each, and cancels at most a factor of 5 in its first
/// block (Moments::is_far). A float64 kernel adds in another order than the twin, and of x - mean,
/// where x is up to 8 deviations large, both lose some bits.
template <typename T>
constexpr double kTolerance = std::is_same_v<T, float> ? 1e-6 : 1e-14;

TEMPLATE_TEST_CASE("every kernel equals its twin on matrices around the width of its vectors",
                   "[kernels][grid]", float, double) {
  Random random(61);
  Faults faults;
  const std::size_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65};
  for (const std::size_t rows : sizes) {
    for (const std::size_t columns : sizes) {
      const Layout layout{rows, columns, 1};
      compare<TestType>(faults, random, Kernel::kDoubles, layout, 0);  // to the bit
      compare<TestType>(faults, random, Kernel::kSweep, layout, kTolerance<TestType>);
      compare<TestType>(faults, random, Kernel::kPlanes, layout, kTolerance<TestType>);
    }
  }
  CHECK(faults.text() == "");
}

TEMPLATE_TEST_CASE("every kernel equals its twin on planes of 1 to 20, 49 and 196 values", "[kernels][grid]",
                   float, double) {
  Random random(62);
  Faults faults;
  std::vector<std::size_t> inners{49, 196};
  for (std::size_t inner = 1; inner <= 20; ++inner) inners.push_back(inner);
  for (const std::size_t inner : inners) {
    for (const std::size_t outer : std::initializer_list<std::size_t>{1, 2, 3, 7, 8, 9, 17}) {
      for (const std::size_t channels : std::initializer_list<std::size_t>{1, 2, 3, 5, 8, 17}) {
        const Layout layout{outer, channels, inner};
        compare<TestType>(faults, random, Kernel::kPlanes, layout, kTolerance<TestType>);
        if (inner <= kernels::kLongestSwept) {
          compare<TestType>(faults, random, Kernel::kSweep, layout, kTolerance<TestType>);
        }
      }
    }
  }
  CHECK(faults.text() == "");
}

TEMPLATE_TEST_CASE("kernels equal their twin if rows, planes and panels are split", "[kernels][grid]", float,
                   double) {
  Random random(63);
  Faults faults;
  const double tolerance = kTolerance<TestType>;
  for (const std::size_t rows :
       std::initializer_list<std::size_t>{127, 129, 255, 257, 1023, 1024, 1025,
                                          2051}) {  // sums of 64, turns of 256, blocks of 1024, 1024, ...
    compare<TestType>(faults, random, Kernel::kSweep, {rows, 5, 1}, tolerance);
  }
  compare<TestType>(faults, random, Kernel::kSweep, {1401, 1300, 1}, tolerance);  // outgrows the caches
  for (const std::size_t channels : {kernels::kPanel - 1, kernels::kPanel, 2 * kernels::kPanel + 1}) {
    compare<TestType>(faults, random, Kernel::kSweep, {4, channels, 1}, tolerance);
    compare<TestType>(faults, random, Kernel::kDoubles, {4, channels, 1}, 0);
  }
  compare<TestType>(faults, random, Kernel::kSweep, {9, kernels::kPanel / 7 + 1, 7}, tolerance);
  for (const std::size_t inner : std::initializer_list<std::size_t>{
           511, 512, 513, 4095, 4097, 9000}) {  // sums of 512, blocks of 4096, 4096, ...
    compare<TestType>(faults, random, Kernel::kPlanes, {2, 2, inner}, tolerance);
  }
  // slices of 33 channels, of the most there may be, and of all 3
  compare<TestType>(faults, random, Kernel::kPlanes, {60, 70, 33}, tolerance);
  compare<TestType>(faults, random, Kernel::kPlanes, {2, kernels::kMostPlanes + 1, 9}, tolerance);
  compare<TestType>(faults, random, Kernel::kPlanes, {5, 3, 5000}, tolerance);
  CHECK(faults.text() == "");
}

TEMPLATE_TEST_CASE("every kernel is exact on data with exact mean and variance", "[kernels]", float, double) {
  // x is 5 ± 1 by turns, gamma 1, beta 0, dy ± 1 every second pair: every sum is a small whole number.
  for (const Layout layout : {Layout{128, 33, 1}, Layout{4, 16, 64}, Layout{64, 3, 2}, Layout{2, 3, 8192}}) {
    const std::size_t inner = layout.inner;
    const auto place = [&](std::size_t i) {  // of a value among those of its channel
      return i / (layout.channels * inner) * inner + i % inner;
    };
    std::vector<TestType> x(layout.size()), dy(layout.size());
    for (std::size_t i = 0; i < layout.size(); ++i) {
      x[i] = TestType(place(i) % 2 == 0 ? 6 : 4);
      dy[i] = TestType(place(i) % 4 < 2 ? 1 : -1);
    }
    const std::vector<TestType> gamma(layout.channels, TestType(1)), beta(layout.channels, TestType(0));
    for (const Kernel kernel : {Kernel::kScalar, Kernel::kDoubles, Kernel::kSweep, Kernel::kPlanes}) {
      if ((kernel == Kernel::kDoubles && inner > 1) || (kernel == Kernel::kSweep && inner > 8)) continue;
      std::vector<double> mean(layout.channels), m2(layout.channels), p(layout.channels), q(layout.channels);
      const std::vector<double> one(layout.channels, 1.0);
      std::vector<TestType> y(layout.size()), dx(layout.size());
      for_each_slice(kernel, layout, [&](Kernel by, Slice slice) {
        const std::size_t c = slice.begin;
        kernels::statistics(by, slice, x.data(), &mean[c], &m2[c]);
        kernels::normalize(by, slice, x.data(), &gamma[c], &beta[c], &mean[c], &one[c], y.data());
        kernels::sums(by, slice, dy.data(), x.data(), &mean[c], &one[c], &p[c], &q[c]);
        kernels::apply(by, slice, dy.data(), x.data(), &gamma[c], 2.0, 0, &mean[c], &one[c], &p[c], &q[c],
                       dx.data());
      });
      CAPTURE(layout.outer, layout.channels, inner, static_cast<int>(kernel));
      const double m = static_cast<double>(layout.values_per_channel());
      CHECK(unequal(mean, std::vector<double>(layout.channels, 5.0)) == "");
      CHECK(unequal(m2, std::vector<double>(layout.channels, m)) == "");
      CHECK(unequal(p, std::vector<double>(layout.channels, 0.0)) == "");
      CHECK(unequal(q, std::vector<double>(layout.channels, 0.0)) == "");
      CHECK(unequal(dx, dy) == "");  // both sums are 0, scale is 1
      for (TestType& value : y) value += TestType(5);
      CHECK(unequal(y, x) == "");
    }
  }
}

TEST_CASE("the layout determines the kernel, with the documented largest sizes", "[kernels]") {
  const auto chosen = [](Layout layout) { return kernels::kernel_for(layout); };
#if defined(__EMSCRIPTEN__) && !defined(__wasm_simd128__)
  CHECK(chosen({4096, 512, 1}) == Kernel::kScalar);
#else
  CHECK(chosen({32, 32, 1}) == Kernel::kDoubles);
  CHECK(chosen({33, 32, 1}) == Kernel::kSweep);
  CHECK(chosen({8, 8, 8}) == Kernel::kScalar);
  CHECK(chosen({8, 9, 8}) == Kernel::kSweep);
  CHECK(chosen({8, 9, 9}) == Kernel::kPlanes);
#endif
  const auto width = [](Layout layout) { return kernels::slice_width(Kernel::kPlanes, layout); };
  CHECK(width({60, 70, 33}) == kernels::kMostPlaneValues / (60 * 33));
  CHECK(width({2, 2000, 9}) == kernels::kMostPlanes);
  CHECK(width({5, 3, 5000}) == 3);  // too few would fit: all of them
}

}  // namespace
}  // namespace backnorm::test
