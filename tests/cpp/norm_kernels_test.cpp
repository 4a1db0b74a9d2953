#include "backnorm/norm_kernels.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string>
#include <vector>

#include "catch.hpp"
#include "hostile.hpp"
#include "normed.hpp"

/// The kernels of layer, group, instance and RMS norm against their scalar twin, and float32 against float64.
namespace backnorm::test::norms {
namespace {

using kernels::NormKernel;

/// Both passes by one kernel.
template <typename T>
void run_by(NormKernel kernel, Normed<T>& of) {
  const auto start = [](auto& values) { return values.empty() ? nullptr : values.data(); };
  of.make_room();
  kernels::norm_forward<T>(kernel, of.layout, of.rule,
                           {.x = of.x.data(),
                            .gamma = start(of.gamma),
                            .beta = start(of.beta),
                            .mean = start(of.mean),
                            .invstd = of.invstd.data(),
                            .y = of.y.data()});
  kernels::norm_backward<T>(kernel, of.layout, of.rule,
                            {.dy = of.dy.data(),
                             .x = of.x.data(),
                             .gamma = start(of.gamma),
                             .mean = start(of.mean),
                             .invstd = of.invstd.data(),
                             .sum_dy = start(of.of_dbeta),
                             .sum_dy_xhat = of.of_dgamma.data(),
                             .dx = of.dx.data(),
                             .dgamma = of.dgamma.data(),
                             .dbeta = start(of.dbeta)});
}

std::string name_of(const GroupLayout& layout, NormRule rule) {
  std::string name = rule.rms ? "RMS" : "norm";
  for (const std::size_t extent :
       {layout.samples, layout.before, layout.channels, layout.after, layout.groups}) {
    name += " " + std::to_string(extent);
  }
  return name;
}

/// The kernel against the twin. It rounds in T, and adds in another order: 1e-6 as the batch norm kernels.
template <typename T>
void compare(Faults& faults, NormKernel kernel, const Normed<T>& drawn) {
  Normed<T> got = drawn;
  Normed<T> want = drawn;
  run_by(kernel, got);
  run_by(NormKernel::kScalar, want);
  const double tolerance = std::is_same_v<T, float> ? 1e-6 : 1e-14;
  const auto check = [&](const char* what, const auto& a, const auto& b, double scale) {
    faults.note(what + (" of " + name_of(drawn.layout, drawn.rule)),
                outside(a, b, [&](std::size_t) { return tolerance * scale; }));
  };
  const double gamma = (drawn.gamma.empty() ? 1 : largest(drawn.gamma)) + (drawn.rule.unit_offset ? 1 : 0);
  const double spread = largest(want.invstd);
  const double terms = largest(drawn.dy) * std::sqrt(static_cast<double>(drawn.layout.size()) /
                                                     static_cast<double>(drawn.layout.channels));
  check("mean", got.mean, want.mean, largest(want.mean));
  check("invstd", got.invstd, want.invstd, spread);
  check("y", got.y, want.y, largest(want.y) + spread * gamma);
  check("dbeta", got.dbeta, want.dbeta, terms);
  check("dgamma", got.dgamma, want.dgamma, terms * (1 + spread));
  check("dx", got.dx, want.dx, gamma * spread * largest(drawn.dy));
}

const NormRule kRules[] = {{}, {.eps = 0.3, .ddof = 1}, {.rms = true}, {.rms = true, .unit_offset = true}};

TEMPLATE_TEST_CASE("rows equal their twin around the width of vectors, for any parameters",
                   "[norm][kernels][grid]", float, double) {
  Random random(321);
  Faults faults;
  for (const std::size_t groups : std::initializer_list<std::size_t>{1, 3}) {
    for (const std::size_t size :
         std::initializer_list<std::size_t>{1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 33, 255, 256, 257, 513}) {
      for (const std::size_t samples : std::initializer_list<std::size_t>{1, 2, 3, 65, 130}) {
        if (size * samples > 9000) continue;
        for (const NormRule rule : kRules) {
          if (rule.ddof == 1 && size == 1) continue;
          for (const double mean : {0.1, 3.0}) {  // within a deviation of 0, and not
            Normed<TestType> of =
                draw_normed<TestType>(random, {samples, 1, groups * size, 1, groups}, rule, mean);
            if (size % 2 == 0) of.beta.clear();
            if (size % 4 == 1 && !rule.unit_offset) of.gamma.clear();
            compare(faults, NormKernel::kRows, of);
          }
        }
      }
    }
  }
  CHECK(faults.text() == "");
}

TEMPLATE_TEST_CASE("groups of planes equal their twin", "[norm][kernels][grid]", float, double) {
  Random random(322);
  Faults faults;
  for (const std::size_t after : std::initializer_list<std::size_t>{1, 2, 4, 7, 16, 17, 49, 196, 513, 5000}) {
    for (const GroupLayout& shape :
         {GroupLayout{1, 1, 1, 1, 1}, {2, 1, 6, 1, 3}, {3, 1, 5, 1, 5}, {2, 1, 4, 1, 1}}) {
      for (const int ddof : {0, 1}) {
        GroupLayout layout = shape;
        layout.after = after;
        if (ddof == 1 && layout.values_per_group() == 1) continue;
        Normed<TestType> of = draw_normed<TestType>(random, layout, {.ddof = ddof}, after % 2 ? 3.0 : 0.1);
        if (after % 4 == 0) of.gamma.clear();
        if (after % 4 == 1) of.beta.clear();
        compare(faults, NormKernel::kPlanes, of);
      }
    }
  }
  Normed<TestType> most = draw_normed<TestType>(random, {1, 1, 2 * kernels::kMostGroupChannels, 5, 2});
  compare(faults, NormKernel::kPlanes, most);
  CHECK(faults.text() == "");
}

/// Layouts of each kernel with lanes.
const GroupLayout kLarge[] = {layer(40, 96),    layer(9, 768),     layer(70, 33),      layer(3, 5000),
                              {3, 1, 40, 1, 4}, {2, 1, 8, 196, 2}, {2, 1, 3, 3136, 3}, {2, 1, 64, 16, 4}};

template <typename T>
Normed<double> widened(const Normed<T>& of) {
  const auto wide = [](const std::vector<T>& values) {
    return std::vector<double>(values.begin(), values.end());
  };
  Normed<double> out{of.layout, of.rule};
  out.x = wide(of.x);
  out.gamma = wide(of.gamma);
  out.beta = wide(of.beta);
  out.dy = wide(of.dy);
  return out;
}

TEST_CASE("float32 y, dx, dgamma and dbeta are within 1e-6 of the largest float64 value, the mean of the std",
          "[norm][accuracy]") {
  Random random(323);
  for (const GroupLayout& layout : kLarge) {
    for (const bool rms : {false, true}) {
      if (rms && layout.after > 1) continue;
      for (const Hostile& hostile : kHostile) {
        CAPTURE(name_of(layout, {.rms = rms}), hostile.name);
        Normed<float> of = draw_normed<float>(random, layout, {.rms = rms});
        const std::size_t m = layout.values_per_group();
        for (std::size_t i = 0; i < of.x.size(); ++i)
          of.x[i] = static_cast<float>(hostile.value(random, i % m, m));
        of.run();
        Normed<double> oracle = widened(of);
        run_by(NormKernel::kScalar, oracle);
        const auto check = [&](const char* name, const auto& got, const std::vector<double>& want,
                               double least) {
          CAPTURE(name);
          double most = least;
          for (const double value : want) most = std::max(most, std::abs(value));
          CHECK(outside(got, want, [&](std::size_t) { return 1e-6 * most; }) == "");
        };
        // the mean within 1e-6 deviations or an ulp
        for (std::size_t g = 0; g < of.mean.size(); ++g) {
          CHECK(std::abs(of.mean[g] - oracle.mean[g]) <=
                std::max(1e-6 / oracle.invstd[g], 0x1p-52 * std::abs(oracle.mean[g])));
        }
        check("invstd", of.invstd, oracle.invstd, 0);
        check("y", of.y, oracle.y, of.rule.eps);
        check("dx", of.dx, oracle.dx, of.rule.eps);
        // a sum of n such terms comes to √n, and may cancel
        const double terms =
            std::sqrt(static_cast<double>(layout.size()) / static_cast<double>(layout.channels)) / 4;
        check("dgamma", of.dgamma, oracle.dgamma, terms);
        check("dbeta", of.dbeta, oracle.dbeta, terms);
      }
    }
  }
}

TEST_CASE("the largest float32 values give the y, dx and dgamma of float64 in a group too",
          "[norm][accuracy]") {
  Random random(324);
  for (const GroupLayout& layout : kLarge) {
    CAPTURE(name_of(layout, {}));
    Normed<float> of = draw_normed<float>(random, layout);
    for (std::size_t i = 0; i < layout.size(); i += 5) of.x[i] = 3e38F;
    of.run();
    Normed<double> wide = widened(of);
    run_by(NormKernel::kScalar, wide);
    const auto check = [](const std::vector<float>& got, const std::vector<double>& want) {
      CHECK(outside(got, want, [&](std::size_t i) { return 1e-7 * std::abs(want[i]) + 1e-45; }) == "");
    };
    check(of.y, wide.y);
    check(of.dx, wide.dx);
    check(of.dgamma, wide.dgamma);
  }
}

TEST_CASE("a NaN spoils its own group, dx by dy too, and what dgamma and dbeta sum of it",
          "[norm][kernels]") {
  Random random(325);
  for (const GroupLayout& layout : kLarge) {
    CAPTURE(name_of(layout, {}));
    const std::size_t m = layout.values_per_group();
    Normed<float> sound = draw_normed<float>(random, layout);
    Normed<float> of = sound;
    of.x[m + 1] = std::nanf("");
    sound.run();
    of.run();
    for (std::size_t i = 0; i < layout.size(); ++i) {
      const bool spoilt = i / m == 1;
      REQUIRE(std::isnan(of.y[i]) == spoilt);
      REQUIRE(std::isnan(of.dx[i]) == spoilt);
      if (!spoilt) REQUIRE((of.y[i] == sound.y[i] && of.dx[i] == sound.dx[i]));
    }
    // the spoilt group moves from float32 to float64
    CHECK(outside(of.dbeta, sound.dbeta, [&](std::size_t) { return 1e-6 * largest(sound.dbeta); }) == "");
  }
}

TEST_CASE("the layout determines the kernel", "[norm][kernels]") {
  const auto chosen = [](GroupLayout layout, NormRule rule = {}) {
    return kernels::norm_kernel_for(layout, rule);
  };
#if defined(__EMSCRIPTEN__) && !defined(__wasm_simd128__)
  CHECK(chosen(layer(512, 768)) == NormKernel::kScalar);
#else
  CHECK(chosen(layer(32, 16)) == NormKernel::kScalar);
  CHECK(chosen(layer(33, 16)) == NormKernel::kRows);
  CHECK(chosen(layer(33, 16), {.rms = true}) == NormKernel::kRows);
  CHECK(chosen({8, 1, 64, 49, 8}) == NormKernel::kPlanes);
  CHECK(chosen({8, 1, 64, 3, 8}) == NormKernel::kScalar);
  CHECK(chosen({8, 49, 64, 1, 8}) == NormKernel::kScalar);
  CHECK(chosen({1, 1, 2050, 4, 2}) == NormKernel::kScalar);
#endif
}

}  // namespace
}  // namespace backnorm::test::norms
