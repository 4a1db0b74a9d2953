#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "backnorm/batch_norm_kernels.hpp"
#include "fused.hpp"
#include "hostile.hpp"

/// float32 kernels against float64 arithmetic, on hostile data.
namespace backnorm::test {
namespace {

TEST_CASE("float32 var, y, dx and dgamma are within 1e-6 of the largest float64 value, the mean of the std",
          "[accuracy]") {
  Random random(81);
  for (const Layout layout :
       {Layout{4096, 6, 1}, Layout{256, 33, 1}, Layout{100, 21, 1}, Layout{8, 4, 196}, Layout{4, 3, 3136},
        Layout{300, 7, 4}, Layout{5000, 1, 1}, Layout{2100, 1024, 1}}) {
    for (const Hostile& hostile : kHostile) {
      CAPTURE(layout.outer, layout.channels, layout.inner, hostile.name);
      if (layout.size() > 1'000'000 && !hostile.also_large) continue;
      Fused<float> fused = draw_fused<float>(random, layout);
      const std::size_t m = layout.values_per_channel();
      for (std::size_t i = 0; i < layout.size(); ++i) {
        const std::size_t row = i / (layout.channels * layout.inner) * layout.inner + i % layout.inner;
        fused.x[i] = static_cast<float>(hostile.value(random, row, m));
      }
      fused.run();
      Fused<double> oracle{layout, std::vector<double>(fused.x.begin(), fused.x.end()),
                           std::vector<double>(fused.gamma.begin(), fused.gamma.end()),
                           std::vector<double>(fused.beta.begin(), fused.beta.end()),
                           std::vector<double>(fused.dy.begin(), fused.dy.end())};
      oracle.mark_outputs();
      std::vector<double> m2(layout.channels), got_m2(layout.channels), mean(layout.channels),
          p(layout.channels), q(layout.channels);
      for_each_slice(kernels::Kernel::kScalar, layout, [&](kernels::Kernel by, kernels::Slice slice) {
        const std::size_t c = slice.begin;
        kernels::statistics(by, slice, oracle.x.data(), &oracle.mean[c], &m2[c]);
        oracle.invstd[c] = 1 / std::sqrt(m2[c] / static_cast<double>(m) + oracle.eps);
        kernels::normalize(by, slice, oracle.x.data(), &oracle.gamma[c], &oracle.beta[c], &oracle.mean[c],
                           &oracle.invstd[c], oracle.y.data());
        kernels::sums(by, slice, oracle.dy.data(), oracle.x.data(), &oracle.mean[c], &oracle.invstd[c], &p[c],
                      &q[c]);
        kernels::apply(by, slice, oracle.dy.data(), oracle.x.data(), &oracle.gamma[c], static_cast<double>(m),
                       0, &oracle.mean[c], &oracle.invstd[c], &p[c], &q[c], oracle.dx.data());
      });
      Statistics<double> statistics{.mean = mean, .m2 = got_m2};
      REQUIRE(status_code(batch_norm_statistics<float>(layout, fused.x, statistics)) == "ok");
      const auto check = [&](const char* name, const auto& got, const std::vector<double>& want,
                             double least) {
        CAPTURE(name);
        double largest = least;
        for (const double value : want) largest = std::max(largest, std::abs(value));
        CHECK(outside(got, want, [&](std::size_t) { return 1e-6 * largest; }) == "");
      };
      CHECK(outside(mean, oracle.mean,
                    [&](std::size_t c) { return 1e-6 * std::sqrt(m2[c] / static_cast<double>(m)); }) == "");
      check("m2", got_m2, m2, oracle.eps * static_cast<double>(m));
      check("y", fused.y, oracle.y, oracle.eps);
      check("dx", fused.dx, oracle.dx, oracle.eps);
      // Σ dy·xhat of a single channel may cancel to next to nothing; a sum of m such terms comes to √m.
      check("dgamma", fused.dgamma, q, std::sqrt(static_cast<double>(m)) / 4);
    }
  }
}

// Around 3e38 such sums overflow in float32, and their infinities cancelled to a NaN, which hid that the
// variance was out of range.
TEST_CASE("the largest float32 values give the y, dx and dgamma of float64", "[accuracy]") {
  Random random(82);
  for (const Layout layout :
       {Layout{256, 33, 1}, Layout{4, 3, 3136}, Layout{300, 7, 4}, Layout{5000, 1, 1}}) {
    CAPTURE(layout.outer, layout.channels, layout.inner);
    Fused<float> fused = draw_fused<float>(random, layout);
    for (std::size_t i = 0; i < layout.size(); i += 5) fused.x[i] = 3e38F;
    fused.run();
    const auto widened = [](const std::vector<float>& of) {
      return std::vector<double>(of.begin(), of.end());
    };
    Fused<double> wide{layout, widened(fused.x), widened(fused.gamma), widened(fused.beta),
                       widened(fused.dy)};
    wide.run();
    // the last rounding, and 1e-45, the smallest of all, where dx is below what float32 holds in full
    const auto check = [](const std::vector<float>& got, const std::vector<double>& want) {
      CHECK(outside(got, want, [&](std::size_t i) { return 1e-7 * std::abs(want[i]) + 1e-45; }) == "");
    };
    check(fused.y, wide.y);
    check(fused.dx, wide.dx);
    check(fused.dgamma, wide.dgamma);
  }
}

}  // namespace
}  // namespace backnorm::test
