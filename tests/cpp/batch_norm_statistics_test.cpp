#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "backnorm/batch_norm_kernels.hpp"
#include "fused.hpp"

/// Mean and m2 where the mean dwarfs the spread, up to channels without any spread.
namespace backnorm::test {
namespace {

using kernels::Kernel;

std::string text(Layout layout) {
  return std::to_string(layout.outer) + "," + std::to_string(layout.channels) + "," +
         std::to_string(layout.inner);
}

/// Every kernel, around the sizes where its sums are split.
const Layout kLayouts[] = {{1, 5, 1},    {3, 2, 1},    {1000, 1, 1}, {33, 32, 1},   {1030, 3, 1},
                           {2, 1100, 1}, {5000, 1, 1}, {1, 2, 3},    {3, 2, 7},     {1, 1, 600},
                           {40, 6, 5},   {3, 5, 49},   {2, 3, 5000}, {1, 1, 100000}};

// The mean of a float64 channel was Σ x / m, an ulp or more away from x: y was off by that times 1/sqrt(eps).
TEMPLATE_TEST_CASE("a constant channel gives y = beta to the bit, whatever its value and eps", "[statistics]",
                   float, double) {
  Random random(91);
  Faults faults;
  for (const Layout layout : kLayouts) {
    for (const double given : {1.7e9 + .1, 1e15 + .3, -0.1, 1e-30, 1e30, 0.0}) {
      const TestType value = static_cast<TestType>(given);
      Fused<TestType> fused = draw_fused<TestType>(random, layout);
      fused.x.assign(layout.size(), value);
      std::vector<TestType> beta;
      for (std::size_t i = 0; i < layout.size(); ++i) {
        beta.push_back(fused.beta[i / layout.inner % layout.channels]);
      }
      const Affine<TestType> affine{.gamma = fused.gamma, .beta = fused.beta};
      const std::vector<double> mean(layout.channels, static_cast<double>(value)), none(layout.channels, 0.0);
      const auto check = [&](const std::string& what, const auto& got, const auto& want) {
        faults.note(what + " of " + std::to_string(given) + " in " + text(layout), unequal(got, want));
      };

      std::vector<double> part_mean(layout.channels), m2(layout.channels), merged(layout.channels),
          merged_m2(layout.channels);
      Statistics<double> part{.mean = part_mean, .m2 = m2}, whole{.mean = merged, .m2 = merged_m2};
      REQUIRE(status_code(batch_norm_statistics<TestType>(layout, fused.x, part)) == "ok");
      check("mean", part_mean, mean);
      check("m2", m2, none);
      for (int i = 0; i < 3; ++i) REQUIRE(status_code(batch_norm_merge_statistics(part, whole)) == "ok");
      check("merged mean", merged, mean);
      check("merged m2", merged_m2, none);

      for (const double eps : {1e-5, 0.0}) {
        std::vector<TestType> running_mean(layout.channels, value), running_var(layout.channels, TestType(1));
        fused.mark_outputs();
        const Running<TestType> running{
            .mean = running_mean, .var = running_var, .momentum = 0.1, .unbiased = false};
        REQUIRE(status_code(batch_norm_forward<TestType>(layout, fused.x, affine, eps, 0,
                                                         {.mean = fused.mean, .invstd = fused.invstd},
                                                         fused.y, running)) == "ok");
        check("y", fused.y, beta);
        check("running mean", running_mean, mean);
        REQUIRE(status_code(fused.backward()) == "ok");
        check("dgamma", fused.dgamma, none);
        if (layout.values_per_channel() == 1) check("dx", fused.dx, none);

        running_var.assign(layout.channels, TestType(0));
        REQUIRE(status_code(batch_norm_infer<TestType>(
                    layout, fused.x, affine, eps, {.mean = running_mean, .var = running_var}, fused.y)) ==
                "ok");
        check("y of eval mode", fused.y, beta);

        REQUIRE(status_code(batch_norm_invstd(whole, eps, 0, fused.invstd)) == "ok");
        REQUIRE(status_code(batch_norm_normalize<TestType>(
                    layout, fused.x, affine, {.mean = merged, .invstd = fused.invstd}, fused.y)) == "ok");
        check("y of a part", fused.y, beta);
      }
    }
  }
  CHECK(faults.text() == "");
}

TEST_CASE("a running variance below -eps stays NaN, and one of -eps does not", "[statistics]") {
  const std::vector<double> x{1, 1}, mean{1, 1}, var{-2, -1};
  std::vector<double> y(2);
  REQUIRE(status_code(batch_norm_infer<double>({1, 2, 1}, x, {}, 1.0, {.mean = mean, .var = var}, y)) ==
          "ok");
  CHECK(std::isnan(y[0]));
  CHECK(y[1] == 0);
}

/// A shifted sum in long double, by Kahan.
struct Oracle {
  long double first, offset = 0, m2 = 0;

  Oracle(const std::vector<double>& x, Layout layout, std::size_t c) : first(x[c * layout.inner]) {
    const auto sum = [&](auto term) {
      long double all = 0, lost = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        if (i / layout.inner % layout.channels != c) continue;
        const long double next = term(static_cast<long double>(x[i])) - lost;
        const long double more = all + next;
        lost = (more - all) - next;
        all = more;
      }
      return all;
    };
    offset = sum([&](long double value) { return value - first; }) /
             static_cast<long double>(layout.values_per_channel());
    m2 = sum([&](long double value) {
      const long double xc = (value - first) - offset;
      return xc * xc;
    });
  }
};

// The twin's mean of 1e15 ± 1 was 13,000 deviations off for a million values. The kernels with lanes merged
// blocks by the difference of two rounded means: m2 was off by 5 % at 1e15 ± 1.
TEST_CASE("float64 mean and m2 keep their digits, however far the mean and however long the channel",
          "[statistics]") {
  Random random(92);
  Faults faults;
  struct Row {
    double mean, spread;
  };
  const auto try_all = [&](Layout layout, std::initializer_list<Kernel> by) {
    for (const Row row :
         {Row{0, 1}, {1e3, 1}, {1e6, 1}, {1.7e9, 1e-3}, {1e15, 1}, {1e15, 0.2}, {-1e15, 10}}) {
      const std::vector<double> x = random.normals<double>(layout.size(), row.spread, row.mean);
      std::vector<double> mean(layout.channels), m2(layout.channels);
      for (const Kernel kernel : by) {
        for_each_slice(kernel, layout, [&](Kernel one, kernels::Slice slice) {
          kernels::statistics(one, slice, x.data(), &mean[slice.begin], &m2[slice.begin]);
        });
        for (std::size_t c = 0; c < layout.channels; ++c) {
          const Oracle oracle(x, layout, c);
          const long double m = static_cast<long double>(layout.values_per_channel());
          const double std = static_cast<double>(std::sqrt(oracle.m2 / m));
          const double ulp = std::nextafter(std::abs(mean[c]), HUGE_VAL) - std::abs(mean[c]);
          const std::string where = "kernel " + std::to_string(static_cast<int>(kernel)) + ", channel " +
                                    std::to_string(c) + " of " + text(layout) + " around " +
                                    std::to_string(row.mean);
          const double off = static_cast<double>(
              std::abs((static_cast<long double>(mean[c]) - oracle.first) - oracle.offset));
          // Half an ulp is what a float64 mean may be off; what partial sums lose comes to a few u
          // deviations.
          if (!(off <= 0.51 * ulp + 1e-15 * std)) {
            faults.note("mean by " + where, "off by " + std::to_string(off / ulp) + " ulps");
          }
          // Partial sums of 1024 squares round some 10 times u in all, at random, and the first block of a
          // kernel with lanes cancels at most a factor of 5 (Moments::is_far).
          const double share = static_cast<double>(std::abs(m2[c] - oracle.m2) / oracle.m2);
          if (!(share <= 1e-14))
            faults.note("m2 by " + where, "off by " + std::to_string(share / 1.1e-16) + " u");
        }
      }
    }
  };
  for (const Layout layout : {Layout{3, 2, 1}, {33, 31, 1}, {1000, 1, 1}, {4100, 3, 1}}) {
    try_all(layout, {Kernel::kScalar, Kernel::kSweep, Kernel::kPlanes});
  }
  try_all({1000, 2, 1}, {Kernel::kDoubles});
  for (const Layout layout : {Layout{3, 2, 7}, {40, 6, 5}, {2100, 3, 8}}) {
    try_all(layout, {Kernel::kScalar, Kernel::kSweep, Kernel::kPlanes});
  }
  for (const Layout layout : {Layout{3, 5, 49}, {2, 3, 5000}, {1, 1, 1000000}}) {
    try_all(layout, {Kernel::kScalar, Kernel::kPlanes});
  }
  try_all({1000000, 1, 1}, {Kernel::kScalar});
  CHECK(faults.text() == "");
}

}  // namespace
}  // namespace backnorm::test
