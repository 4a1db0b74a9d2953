#include "backnorm/norm.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "backnorm/norm_kernels.hpp"
#include "catch.hpp"
#include "fused.hpp"
#include "normed.hpp"

/// Layer, group, instance and RMS norm: by hand, beside long double, by their invariances, beside each other.
namespace backnorm::test::norms {
namespace {

TEST_CASE("layer norm of four values by hand", "[norm]") {
  // mean 4, var 5, eps 4: 1/std = 1/3; the second sample is the first one twice as far apart, with eps hidden
  Normed<double> of{layer(1, 4), {.eps = 4}};
  of.x = {1, 3, 5, 7};
  of.gamma = {3, 6, 3, 3};
  of.beta = {0, 0, 1, -1};
  of.dy = {3, 0, 3, 0};
  of.run();
  CHECK(of.mean == std::vector<double>{4});
  CHECK(of.invstd == std::vector<double>{1 / std::sqrt(9.0)});
  CHECK(distance(of.y, {-3, -2, 2, 2}) < 1e-15);
  CHECK(distance(of.dgamma, {-3, 0, 1, 0}) < 1e-15);
  CHECK(of.dbeta == std::vector<double>{3, 0, 3, 0});
  // dxhat = 9 0 9 0, its mean 4.5, Σ dxhat·xhat / 4 = (-9 + 3)/4 = -1.5, xhat = -1 -1/3 1/3 1
  CHECK(distance(of.dx, {(4.5L - 1.5L) / 3, (-4.5L - 0.5L) / 3, (4.5L + 0.5L) / 3, (-4.5L + 1.5L) / 3}) <
        1e-15);
}

TEST_CASE("RMS norm of two values by hand, with gamma and with 1 + gamma", "[norm]") {
  // ms = (9 + 1)/2 = 5, eps 4: rms 3
  Normed<double> of{layer(1, 2), {.eps = 4, .rms = true}};
  of.x = {3, 1};
  of.gamma = {2, 3};
  of.dy = {1, 1};
  of.run();
  CHECK(of.mean.empty());
  CHECK(of.dbeta.empty());
  CHECK(distance(of.y, {2, 1}) < 1e-15);
  CHECK(distance(of.dgamma, {1, 1 / 3.0L}) < 1e-15);
  // dxhat = 2 3, Σ dxhat·xhat / 2 = (2 + 1)/2 = 1.5
  CHECK(distance(of.dx, {(2 - 1.5L) / 3, (3 - 0.5L) / 3}) < 1e-15);

  Normed<double> gemma = of;
  gemma.rule.unit_offset = true;
  gemma.gamma = {1, 2};
  gemma.run();
  CHECK(gemma.y == of.y);
  CHECK(gemma.dx == of.dx);
  CHECK(gemma.dgamma == of.dgamma);
}

TEST_CASE("group norm of data with exact means and roots has no error at all", "[norm]") {
  // two groups of two channels of two positions; x - mean is ±1, ±2 per group, var 1 and 4, eps 0
  Normed<float> of{{1, 1, 4, 2, 2}, {.eps = 0}};
  of.x = {11, 9, 9, 11, -2, 2, 2, -2};
  of.gamma = {1, 2, 3, 4};
  of.beta = {0, 0, 0, 100};
  of.dy = {1, 1, 0, 0, 4, 0, 0, 0};
  of.run();
  CHECK(of.mean == std::vector<double>{10, 0});
  CHECK(of.invstd == std::vector<double>{1, 0.5});
  CHECK(of.y == std::vector<float>{1, -1, -2, 2, -3, 3, 104, 96});
  CHECK(of.dgamma == std::vector<float>{0, 0, -4, 0});
  CHECK(of.dbeta == std::vector<float>{2, 0, 4, 0});
  // first: dxhat 1 1 0 0, mean 1/2, nothing along xhat; second: dxhat 12 0 0 0, mean 3, along xhat -3
  CHECK(of.dx == std::vector<float>{0.5, 0.5, -0.5, -0.5, 3, 0, 0, -3});
}

template <typename T>
void check_against_long_double() {
  Random random(301);
  for (const GroupLayout& layout : kLayouts) {
    for (const NormRule rule : {NormRule{}, NormRule{.eps = 0.3, .ddof = 1}, NormRule{.rms = true},
                                NormRule{.rms = true, .unit_offset = true}}) {
      if (rule.ddof == 1 && layout.values_per_group() == 1) continue;
      for (const double mean : {0.0, 3.0, -1e6, 1e6}) {
        CAPTURE(layout.samples, layout.before, layout.channels, layout.after, layout.groups);
        CAPTURE(rule.ddof, rule.rms, rule.unit_offset, mean);
        Normed<T> of = draw_normed<T>(random, layout, rule, mean);
        of.run();
        const LongDoubles want = in_long_double(of);
        // Arithmetic is float64 for either type: a mean is rounded by an ulp, which moves every xhat, and the
        // terms of a sum by half an ulp each. float32 adds its last rounding, to 1e-6 at the very most.
        // With lanes, float32 arithmetic has the 1e-6 alone.
        const bool lanes = kernels::norm_kernel_for(layout, rule) != kernels::NormKernel::kScalar;
        const bool rounds = std::is_same_v<T, float> && lanes;
        const double last = std::is_same_v<T, float> ? 0x1p-24 * 1.001 : 0.0;
        const double spread = largest(want.invstd);
        const double inside = 0x1p-44 + std::abs(mean) * spread * 0x1p-51;
        const auto bound = [&](const std::vector<long double>& values, double term) {
          const double most = largest(values);
          const double documented = std::is_same_v<T, float> ? 1e-6 * std::max(most, 1e-5) : 1.0;
          return rounds ? documented : std::min(last * most + inside * std::max(most, term), documented);
        };
        double dxhat = 0;
        for (std::size_t i = 0; i < of.dy.size(); ++i) {
          const std::size_t c = i / layout.after % layout.channels;
          dxhat = std::max(dxhat, std::abs(static_cast<double>(of.dy[i])) *
                                      (std::abs(static_cast<double>(of.gamma[c])) + rule.unit_offset));
        }
        CHECK(distance(of.y, want.y) <= bound(want.y, 0));
        CHECK(distance(of.dx, want.dx) <= bound(want.dx, 2 * spread * dxhat));
        CHECK(distance(of.dgamma, want.dgamma) <= bound(want.dgamma, 0));
        CHECK(distance(of.dbeta, want.dbeta) <= bound(want.dbeta, 0));
        CHECK(distance(of.mean, want.mean) <=
              std::max(0x1p-52 * std::abs(mean), rounds ? 1e-6 : 1e-15));  // the spread is 1
        CHECK(distance(of.invstd, want.invstd) <= (rounds ? 1e-6 : inside) * spread);
      }
    }
  }
}

TEST_CASE("every output equals long double up to the last rounding, around any mean", "[norm][numerics]") {
  check_against_long_double<float>();
  check_against_long_double<double>();
}

TEST_CASE("a constant group gives y = beta and dx without a NaN, even with eps 0", "[norm]") {
  Random random(302);
  for (const GroupLayout& layout :
       {GroupLayout{2, 1, 4, 3, 2}, layer(3, 400), GroupLayout{2, 1, 4, 300, 2}}) {
    for (const double eps : {0.0, 1e-5}) {
      for (const float value : {0.1f, 1e6f, -3e38f, 1e-4f}) {
        Normed<float> of = draw_normed<float>(random, layout, {.eps = eps});
        of.x.assign(layout.size(), value);
        of.run();
        std::vector<float> shifts;
        for (std::size_t i = 0; i < of.y.size(); ++i) {
          shifts.push_back(of.beta[i / layout.after % layout.channels]);
        }
        CHECK(of.y == shifts);
        CHECK(of.mean == std::vector<double>(layout.statistics(), static_cast<double>(value)));
        CHECK(of.dgamma == std::vector<float>(layout.channels, 0.0f));
        CHECK(std::none_of(of.dx.begin(), of.dx.end(), [](float gradient) { return std::isnan(gradient); }));
      }
    }
  }
}

TEST_CASE("a group of one value gives y = beta and no gradients but dbeta", "[norm]") {
  Normed<double> of{{3, 1, 2, 1, 2}};
  of.x = {1, 2, 3, 4, 5, 6};
  of.gamma = {7, 8};
  of.beta = {0.5, -0.5};
  of.dy = {1, 1, 1, 1, 1, 1};
  of.run();
  CHECK(of.y == std::vector<double>{0.5, -0.5, 0.5, -0.5, 0.5, -0.5});
  CHECK(of.dx == std::vector<double>(6, 0.0));
  CHECK(of.dgamma == std::vector<double>(2, 0.0));
  CHECK(of.dbeta == std::vector<double>(2, 3.0));
}

/// One number for each group of a layout in order.
template <typename T, typename Number>
std::vector<T> per_group(const Normed<T>& of, Number number) {
  std::vector<T> out;
  for (std::size_t i = 0; i < of.x.size(); ++i) out.push_back(number(i / (of.x.size() / of.layout.samples)));
  return out;
}

TEST_CASE("a sample that is scaled by powers of 2, with eps by their squares, gives the same bits",
          "[norm][invariants]") {
  Random random(303);
  for (const NormRule rule : {NormRule{}, NormRule{.rms = true}}) {
    for (const GroupLayout& layout : kLayouts) {
      const Normed<double> drawn = draw_normed<double>(random, layout, rule);
      for (const double scale : {0x1p-20, 0x1p30}) {
        Normed<double> plain = drawn;
        plain.run();
        Normed<double> scaled = drawn;
        for (double& value : scaled.x) value *= scale;
        scaled.rule.eps *= scale * scale;
        scaled.run();
        CHECK(scaled.y == plain.y);
        CHECK(scaled.dgamma == plain.dgamma);
        CHECK(scaled.dbeta == plain.dbeta);
        for (double& value : scaled.dx) value *= scale;
        CHECK(scaled.dx == plain.dx);
      }
    }
  }
}

TEST_CASE("layer norm doesn't change when a sample is shifted, RMS norm does", "[norm][invariants]") {
  Random random(304);
  for (const bool rms : {false, true}) {
    Normed<double> plain = draw_normed<double>(random, layer(4, 64), {.rms = rms}, 0.0);
    for (double& value : plain.x) value = std::round(value * 1024) / 1024;  // so that a shift is exact
    Normed<double> shifted = plain;
    const std::vector<double> by =
        per_group(plain, [](std::size_t n) { return 8.0 * static_cast<double>(n) - 8.0; });
    for (std::size_t i = 0; i < by.size(); ++i) shifted.x[i] += by[i];
    plain.run();
    shifted.run();
    const auto near = [&](std::size_t i) { return std::abs(plain.dx[i] - shifted.dx[i]) < 1e-13; };
    std::size_t same = 0;
    for (std::size_t i = 0; i < by.size(); ++i) same += near(i);
    CHECK(same == (rms ? 64 : 256));  // the second sample isn't shifted
  }
}

TEST_CASE("dx keeps the laws of its group: Σ dx, and Σ dx·xhat", "[norm][invariants]") {
  Random random(305);
  for (const bool rms : {false, true}) {
    const GroupLayout layout{3, 1, 6, 10, 2};
    Normed<double> of = draw_normed<double>(random, layout, {.eps = 0.5, .rms = rms});
    of.run();
    for (std::size_t g = 0; g < layout.statistics(); ++g) {
      double sum = 0, along = 0, of_dxhat = 0;
      for (std::size_t i = g * 30; i < (g + 1) * 30; ++i) {
        const double xhat = (of.x[i] - (rms ? 0.0 : of.mean[g])) * of.invstd[g];
        sum += of.dx[i];
        along += of.dx[i] * xhat;
        of_dxhat += of.dy[i] * of.gamma[i / 10 % 6] * xhat;
      }
      CHECK((std::abs(sum) < 1e-13) == !rms);
      // eps·Σ dxhat·xhat / V^1.5
      CHECK(std::abs(along - of.rule.eps * of_dxhat * std::pow(of.invstd[g], 3)) < 1e-13);
    }
  }
}

TEST_CASE("layer norm over all of a sample is group norm with one group, but for its parameters", "[norm]") {
  Random random(306);
  Normed<double> group = draw_normed<double>(random, {3, 1, 6, 100, 1});
  Normed<double> whole{layer(3, 600)};
  whole.x = group.x;
  whole.dy = group.dy;
  for (std::size_t i = 0; i < 600; ++i) {
    whole.gamma.push_back(group.gamma[i / 100]);
    whole.beta.push_back(group.beta[i / 100]);
  }
  group.run();
  whole.run();
  CHECK(whole.mean == group.mean);
  CHECK(whole.invstd == group.invstd);
  const auto off = [](const auto& a, const auto& b) {
    return outside(a, b, [](std::size_t) { return 1e-13; });
  };
  CHECK(off(whole.y, group.y) == "");  // rounded in another order
  CHECK(off(whole.dx, group.dx) == "");
  for (std::size_t c = 0; c < 6; ++c) {
    double sum = 0;
    for (std::size_t i = 0; i < 100; ++i) sum += whole.dgamma[c * 100 + i];
    CHECK(std::abs(sum - group.dgamma[c]) < 1e-12);  // in another order
  }
}

TEST_CASE("channels at the end give what channels at the front give, in another order", "[norm]") {
  Random random(307);
  Normed<double> first = draw_normed<double>(random, {2, 1, 6, 35, 3});
  Normed<double> last = first;
  last.layout = {2, 35, 6, 1, 3};
  const auto turned = [](const std::vector<double>& values) {
    std::vector<double> out;
    for (std::size_t n = 0; n < 2; ++n) {
      for (std::size_t s = 0; s < 35; ++s) {
        for (std::size_t c = 0; c < 6; ++c) out.push_back(values[(n * 6 + c) * 35 + s]);
      }
    }
    return out;
  };
  last.x = turned(first.x);
  last.dy = turned(first.dy);
  first.run();
  last.run();
  const auto long_of = [](const std::vector<double>& values) {
    return std::vector<long double>(values.begin(), values.end());
  };
  CHECK(distance(last.y, long_of(turned(first.y))) < 1e-13);
  CHECK(distance(last.dx, long_of(turned(first.dx))) < 1e-13);
  CHECK(distance(last.dgamma, long_of(first.dgamma)) < 1e-12);
  CHECK(distance(last.dbeta, long_of(first.dbeta)) < 1e-12);
  CHECK(distance(last.mean, long_of(first.mean)) < 1e-15);
}

TEST_CASE("a sample's layer norm has the statistics of a feature's batch norm, bit for bit", "[norm]") {
  Random random(308);
  for (const std::size_t values : {3U, 20U, 513U}) {
    Normed<double> rows = draw_normed<double>(random, layer(2, values));
    Fused<double> columns{{values, 2, 1}};
    for (std::size_t r = 0; r < values; ++r) {
      for (std::size_t c = 0; c < 2; ++c) columns.x.push_back(rows.x[c * values + r]);
    }
    columns.mark_outputs();
    rows.make_room();
    rows.gamma.clear();
    rows.beta.clear();
    REQUIRE(status_code(columns.forward()) == "ok");
    REQUIRE(status_code(rows.forward()) == "ok");
    if (values > 512) continue;  // batch norm has lanes then
    CHECK(rows.mean == columns.mean);
    CHECK(rows.invstd == columns.invstd);
    for (std::size_t i = 0; i < rows.y.size(); ++i) {
      CHECK(rows.y[i] == columns.y[i % values * 2 + i / values]);
    }
  }
}

TEMPLATE_TEST_CASE("var is what invstd was made of", "[norm]", float, double) {
  Random random(310);
  for (const GroupLayout& layout : kLayouts) {
    for (const NormRule rule : {NormRule{.eps = 0.1}, NormRule{.eps = 0.1, .rms = true}}) {
      Normed<TestType> of = draw_normed<TestType>(random, layout, rule);
      of.make_room();
      std::vector<double> var(layout.statistics(), -77.0);
      REQUIRE(status_code(norm_forward<TestType>(layout, rule, of.x, {.gamma = of.gamma, .beta = of.beta},
                                                 {.mean = of.mean, .invstd = of.invstd, .var = var}, of.y)) ==
              "ok");
      for (std::size_t i = 0; i < var.size(); ++i) CHECK(of.invstd[i] == 1.0 / std::sqrt(var[i] + rule.eps));
      var.resize(layout.statistics() + 1);
      CHECK(status_code(norm_forward<TestType>(layout, rule, of.x, {.gamma = of.gamma, .beta = of.beta},
                                               {.mean = of.mean, .invstd = of.invstd, .var = var}, of.y)) ==
            "length-mismatch");
    }
  }
}

TEST_CASE("y may be x, and dx may be dy or x", "[norm]") {
  Random random(309);
  for (const GroupLayout& layout : kLayouts) {
    Normed<float> of = draw_normed<float>(random, layout);
    of.run();
    Normed<float> same = of;
    const Saved<double> saved{.mean = same.mean, .invstd = same.invstd};
    const Sums<double> room{.dbeta = same.of_dbeta, .dgamma = same.of_dgamma};
    const auto back = [&](std::span<float> dx) {
      return norm_backward<float>(layout, same.rule, {.dy = same.dy, .x = same.x}, same.gamma, saved, room,
                                  {.dx = dx, .dgamma = same.dgamma, .dbeta = same.dbeta});
    };
    CHECK(status_code(back(same.dy)) == "ok");
    CHECK(same.dy == of.dx);
    same.dy = of.dy;
    CHECK(status_code(back(same.x)) == "ok");
    CHECK(same.x == of.dx);
    same.x = of.x;
    CHECK(status_code(norm_forward<float>(layout, same.rule, same.x, {.gamma = same.gamma, .beta = same.beta},
                                          saved, same.x)) == "ok");
    CHECK(same.x == of.y);
  }
}

struct Refused {
  std::string code;
  void (*spoil)(Normed<double>& of);
};

TEST_CASE("what doesn't fit is refused by its status, and nothing is written", "[norm][refusals]") {
  const Refused table[] = {
      {"empty-batch", [](auto& of) { of.layout.samples = 0; }},
      {"empty-batch", [](auto& of) { of.layout.after = 0; }},
      {"invalid-shape", [](auto& of) { of.layout.groups = 0; }},
      {"invalid-shape", [](auto& of) { of.layout.groups = 4; }},
      {"invalid-eps", [](auto& of) { of.rule.eps = -1; }},
      {"invalid-eps", [](auto& of) { of.rule.eps = std::nan(""); }},
      {"invalid-ddof", [](auto& of) { of.rule.ddof = 2; }},
      {"invalid-ddof", [](auto& of) { of.rule = {.ddof = 1, .rms = true}; }},
      {"length-mismatch", [](auto& of) { of.rule.rms = true; }},  // with beta and a mean
      {"length-mismatch", [](auto& of) { of.layout.samples = 3; }},
      {"length-mismatch", [](auto& of) { of.x.pop_back(); }},
      {"length-mismatch", [](auto& of) { of.y.pop_back(); }},
      {"length-mismatch", [](auto& of) { of.gamma.pop_back(); }},
      {"length-mismatch", [](auto& of) { of.beta.pop_back(); }},
      {"length-mismatch", [](auto& of) { of.mean.pop_back(); }},
      {"length-mismatch", [](auto& of) { of.invstd.pop_back(); }},
      // 2^63·2 values wrap round to 0, and 2^62·8·... to few
      {"length-mismatch",
       [](auto& of) { of.layout.samples += std::size_t{1} << (sizeof(std::size_t) * 8 - 3); }},
  };
  Random random(310);
  for (const Refused& row : table) {
    Normed<double> of = draw_normed<double>(random, {2, 1, 6, 4, 3});
    of.make_room();
    row.spoil(of);
    CAPTURE(row.code);
    CHECK(status_code(of.forward()) == row.code);
    CHECK(std::all_of(of.y.begin(), of.y.end(), [](double value) { return value == -77; }));
    CHECK(std::all_of(of.mean.begin(), of.mean.end(), [](double value) { return value == -77; }));
  }
  const Refused back[] = {
      {"invalid-ddof", [](auto& of) { of.rule.ddof = -1; }},
      {"length-mismatch", [](auto& of) { of.dy.pop_back(); }},
      {"length-mismatch", [](auto& of) { of.dx.pop_back(); }},
      {"length-mismatch", [](auto& of) { of.dgamma.pop_back(); }},
      {"length-mismatch", [](auto& of) { of.dbeta.pop_back(); }},
      {"length-mismatch", [](auto& of) { of.of_dgamma.pop_back(); }},
      {"length-mismatch", [](auto& of) { of.of_dbeta.pop_back(); }},
      {"length-mismatch", [](auto& of) { of.invstd.pop_back(); }},
  };
  for (const Refused& row : back) {
    Normed<double> of = draw_normed<double>(random, {2, 1, 6, 4, 3});
    of.make_room();
    row.spoil(of);
    CHECK(status_code(of.backward()) == row.code);
    CHECK(std::all_of(of.dx.begin(), of.dx.end(), [](double value) { return value == -77; }));
    CHECK(std::all_of(of.of_dgamma.begin(), of.of_dgamma.end(), [](double value) { return value == -77; }));
  }
  Normed<double> single = draw_normed<double>(random, {2, 1, 6, 1, 6}, {.ddof = 1});
  single.make_room();
  CHECK(status_code(single.forward()) == "one-value-per-channel");
}

bool equal(const GroupLayout& a, const GroupLayout& b) {
  return a.samples == b.samples && a.before == b.before && a.channels == b.channels && a.after == b.after &&
         a.groups == b.groups;
}

TEST_CASE("a shape is read for layer and RMS norm by its last dims", "[norm][layout]") {
  const std::size_t shape[] = {2, 3, 4, 5};
  const GroupLayout expected[] = {layer(24, 5), layer(6, 20), layer(2, 60), layer(1, 120)};
  for (std::size_t dims = 1; dims <= 4; ++dims) {
    GroupLayout read;
    CHECK(status_code(normalized_dims(shape, dims, read)) == "ok");
    CHECK(equal(read, expected[dims - 1]));
  }
  for (const std::size_t dims : {0U, 5U}) {
    GroupLayout read{7, 7, 7, 7, 7};
    CHECK(status_code(normalized_dims(shape, dims, read)) == "invalid-shape");
    CHECK(equal(read, {7, 7, 7, 7, 7}));
  }
}

TEST_CASE("a shape is read for group norm by its samples and its channels", "[norm][layout]") {
  const std::size_t shape[] = {2, 6, 4, 9};
  GroupLayout read;
  CHECK(status_code(grouped_channels(shape, 1, 3, read)) == "ok");
  CHECK(equal(read, {2, 1, 6, 36, 3}));
  CHECK(status_code(grouped_channels(shape, -1, 9, read)) == "ok");
  CHECK(equal(read, {2, 24, 9, 1, 9}));
  CHECK(status_code(grouped_channels(shape, 2, 1, read)) == "ok");
  CHECK(equal(read, {2, 6, 4, 9, 1}));
  for (const auto& [axis, groups] : {std::pair{1, 4}, {1, 0}, {0, 1}, {-4, 1}, {4, 1}, {-5, 1}}) {
    CHECK(status_code(grouped_channels(shape, axis, static_cast<std::size_t>(groups), read)) ==
          "invalid-shape");
  }
  const std::size_t vector[] = {6};
  CHECK(status_code(grouped_channels(vector, -1, 1, read)) == "invalid-shape");
  const std::size_t empty[] = {0, 6};
  CHECK(status_code(grouped_channels(empty, 1, 1, read)) == "empty-batch");
}

}  // namespace
}  // namespace backnorm::test::norms
