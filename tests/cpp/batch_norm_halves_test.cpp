#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "fused.hpp"

/// The halves of the passes, running statistics and eval mode.
namespace backnorm::test {
namespace {

constexpr double kRoundings = 64 * std::numeric_limits<double>::epsilon();  // another order of the same sums

TEST_CASE("statistics of parts merge into those of the whole, and sums of parts add up", "[halves]") {
  Random random(71);
  const Layout whole{300, 7, 3};
  Fused<double> fused = draw_fused<double>(random, whole);
  fused.run();
  const std::size_t cuts[] = {0, 1, 1, 130, 300};  // one row, no row, many
  std::vector<double> mean(7), m2(7), p(7), q(7);
  Statistics<double> all{.mean = mean, .m2 = m2};
  const auto part = [&](const std::vector<double>& tensor, std::size_t i) {
    return Const<double>(tensor).subspan(cuts[i] * 21, (cuts[i + 1] - cuts[i]) * 21);
  };
  const auto layout = [&](std::size_t i) { return Layout{cuts[i + 1] - cuts[i], 7, 3}; };
  for (std::size_t i = 0; i + 1 < std::size(cuts); ++i) {
    std::vector<double> part_mean(7), part_m2(7);
    Statistics<double> found{.mean = part_mean, .m2 = part_m2};
    const Status status = batch_norm_statistics<double>(layout(i), part(fused.x, i), found);
    REQUIRE(status_code(status) == (cuts[i] == cuts[i + 1] ? "empty-batch" : "ok"));
    CHECK(found.count == layout(i).values_per_channel());
    REQUIRE(status_code(batch_norm_merge_statistics(found, all)) == "ok");
  }
  CHECK(all.count == 900);
  CHECK(outside(mean, fused.mean, [](std::size_t) { return 10 * kRoundings; }) == "");
  std::vector<double> invstd(7);
  REQUIRE(status_code(batch_norm_invstd(all, fused.eps, 0, invstd)) == "ok");
  CHECK(outside(invstd, fused.invstd, [](std::size_t) { return kRoundings; }) == "");

  std::vector<double> y, dx;
  const Saved<double> saved{.mean = mean, .invstd = invstd};
  const auto inputs = [&](std::size_t i) {
    return BackwardInputs<double>{.dy = part(fused.dy, i), .x = part(fused.x, i)};
  };
  for (std::size_t i = 0; i + 1 < std::size(cuts); ++i) {
    if (cuts[i] == cuts[i + 1]) continue;
    std::vector<double> some(part(fused.x, i).size()), some_p(7), some_q(7);
    REQUIRE(status_code(batch_norm_normalize<double>(
                layout(i), part(fused.x, i), {.gamma = fused.gamma, .beta = fused.beta}, saved, some)) ==
            "ok");
    y.insert(y.end(), some.begin(), some.end());
    REQUIRE(status_code(batch_norm_sums<double>(layout(i), inputs(i), saved,
                                                {.dbeta = some_p, .dgamma = some_q})) == "ok");
    for (std::size_t c = 0; c < 7; ++c) {
      p[c] += some_p[c];
      q[c] += some_q[c];
    }
  }
  CHECK(outside(y, fused.y, [](std::size_t) { return 100 * kRoundings; }) == "");
  CHECK(outside(p, fused.dbeta, [](std::size_t) { return 1000 * kRoundings; }) == "");
  CHECK(outside(q, fused.dgamma, [](std::size_t) { return 1000 * kRoundings; }) == "");
  for (std::size_t i = 0; i + 1 < std::size(cuts); ++i) {
    if (cuts[i] == cuts[i + 1]) continue;
    std::vector<double> some(part(fused.x, i).size());
    REQUIRE(status_code(batch_norm_apply<double>(layout(i), inputs(i), fused.gamma, all.count, 0, saved,
                                                 {.dbeta = p, .dgamma = q}, some)) == "ok");
    dx.insert(dx.end(), some.begin(), some.end());
  }
  CHECK(outside(dx, fused.dx, [](std::size_t) { return 100 * kRoundings; }) == "");
}

TEST_CASE("momentum weighs the new value, and decay the old one", "[running]") {
  // One channel of 1, 2, 3, 6: mean 3, Σ (x - mean)² = 14.
  const std::vector<double> x{1, 2, 3, 6};
  const Layout layout{4, 1, 1};
  struct Row {
    double momentum;
    bool unbiased;
    double mean, var;
  };
  const Row table[] = {
      {0.1, true, 0.9 * 10 + 0.1 * 3, 0.9 * 20 + 0.1 * 14 / 3},       // PyTorch
      {1 - 0.9, false, 0.9 * 10 + 0.1 * 3, 0.9 * 20 + 0.1 * 14 / 4},  // Keras, CS231n
      {1, false, 3, 3.5},
      {0, true, 10, 20},
  };
  for (const Row& row : table) {
    for (const int ddof : {0, 1}) {  // by which the pass itself divides: no matter here
      std::vector<double> mean{10}, var{20}, batch_mean(1), invstd(1), y(4);
      const Running<double> running{mean, var, row.momentum, row.unbiased};
      REQUIRE(status_code(batch_norm_forward<double>(
                  layout, x, {}, 1e-5, ddof, {.mean = batch_mean, .invstd = invstd}, y, running)) == "ok");
      CHECK(std::abs(mean[0] - row.mean) <= 1e-14);  // a few roundings of numbers up to 20
      CHECK(std::abs(var[0] - row.var) <= 1e-14);
      CHECK(batch_mean[0] == 3);
    }
    std::vector<double> mean{10}, var{20};  // and by the statistics of a batch that came in parts
    const Running<double> running{mean, var, row.momentum, row.unbiased};
    const std::vector<double> batch_mean{3}, m2{14};
    REQUIRE(status_code(batch_norm_update_running<double>({4, batch_mean, m2}, running)) == "ok");
    CHECK(std::abs(mean[0] - row.mean) <= 1e-14);
    CHECK(std::abs(var[0] - row.var) <= 1e-14);
  }
}

TEST_CASE("a refused update of running statistics changes nothing", "[running][status]") {
  struct Row {
    const char* code;
    std::size_t values;
    double momentum;
    bool unbiased;
    std::size_t channels;
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Row table[] = {
      {"invalid-momentum", 4, -0.1, true, 2}, {"invalid-momentum", 4, 1.1, true, 2},
      {"invalid-momentum", 4, nan, true, 2},  {"one-value-per-channel", 1, 0.1, true, 2},
      {"length-mismatch", 4, 0.1, true, 1},   {"ok", 1, 0.1, false, 2},
  };
  for (const Row& row : table) {
    CAPTURE(row.code, row.values);
    const Layout layout{row.values, 2, 1};
    std::vector<double> x(layout.size(), 3.0), y(layout.size(), -77.0), mean(row.channels, -77.0),
        var(2, -77.0), batch_mean(2, -77.0), invstd(2, -77.0);
    const Running<double> running{mean, var, row.momentum, row.unbiased};
    const Status status = batch_norm_forward<double>(layout, x, {}, 1e-5, 0,
                                                     {.mean = batch_mean, .invstd = invstd}, y, running);
    CHECK(status_code(status) == row.code);
    const bool touched =
        mean[0] != -77.0 || var[0] != -77.0 || batch_mean[0] != -77.0 || invstd[0] != -77.0 || y[0] != -77.0;
    CHECK(touched == (status == Status::kOk));

    std::fill(mean.begin(), mean.end(), -77.0);
    std::fill(var.begin(), var.end(), -77.0);
    const std::vector<double> m2(2, 14.0), other_mean(2, 3.0);
    const Statistics<const double> batch{row.values, other_mean, m2};
    CHECK(status_code(batch_norm_update_running<double>(batch, running)) == row.code);
    CHECK((mean[0] != -77.0 || var[0] != -77.0) == (status == Status::kOk));
  }
}

TEST_CASE("a refused half changes no output", "[halves][status]") {
  const Layout layout{3, 2, 1};
  const std::vector<double> tensor(6, 1.0), channel(2, 1.0);
  std::vector<double> out(6, -77.0), a(2, -77.0), b(2, -77.0);
  using C = Const<double>;
  const C t = tensor, c = channel;
  const auto invstd = [&](std::uint64_t count, double eps, int ddof) {
    return status_code(batch_norm_invstd({count, c, c}, eps, ddof, a));
  };
  CHECK(invstd(0, 1e-5, 0) == "empty-batch");
  CHECK(invstd(1, 1e-5, 1) == "one-value-per-channel");
  CHECK(invstd(3, -1, 0) == "invalid-eps");
  const auto apply = [&](std::uint64_t count, int ddof) {
    return status_code(batch_norm_apply<double>(layout, {t, t}, {}, count, ddof, {c, c}, {c, c}, out));
  };
  CHECK(apply(0, 0) == "empty-batch");
  CHECK(apply(3, 2) == "invalid-ddof");
  CHECK(status_code(batch_norm_update_running<double>({0, c, c}, {a, b})) == "empty-batch");
  CHECK(unequal(out, std::vector<double>(6, -77.0)) == "");
  CHECK(unequal(a, std::vector<double>(2, -77.0)) == "");
  CHECK(unequal(b, std::vector<double>(2, -77.0)) == "");
}

TEMPLATE_TEST_CASE("eval mode uses the training formulas with constant statistics", "[infer]", float,
                   double) {
  Random random(72);
  for (const Layout layout : {Layout{5, 3, 1}, Layout{70, 33, 1}, Layout{3, 5, 49}, Layout{40, 6, 5}}) {
    Fused<TestType> fused = draw_fused<TestType>(random, layout);
    fused.mark_outputs();
    const std::vector<TestType> mean = random.normals<TestType>(layout.channels, 1.0, 2.0);
    std::vector<TestType> var = random.normals<TestType>(layout.channels);
    for (TestType& value : var) value = value * value + TestType(0.5);
    const Frozen<TestType> running{.mean = mean, .var = var};
    REQUIRE(status_code(batch_norm_infer<TestType>(
                layout, fused.x, {.gamma = fused.gamma, .beta = fused.beta}, fused.eps, running, fused.y)) ==
            "ok");
    REQUIRE(status_code(batch_norm_infer_backward<TestType>(
                layout, {.dy = fused.dy, .x = fused.x}, fused.gamma, fused.eps, running,
                {.dx = fused.dx, .dgamma = fused.dgamma, .dbeta = fused.dbeta})) == "ok");
    std::vector<double> y, dx, dgamma(layout.channels), dbeta(layout.channels);
    for (std::size_t i = 0; i < layout.size(); ++i) {
      const std::size_t c = i / layout.inner % layout.channels;
      const double invstd = 1 / std::sqrt(static_cast<double>(var[c]) + fused.eps);
      const double xhat = (static_cast<double>(fused.x[i]) - static_cast<double>(mean[c])) * invstd;
      const double gamma = static_cast<double>(fused.gamma[c]), dy = static_cast<double>(fused.dy[i]);
      y.push_back(xhat * gamma + static_cast<double>(fused.beta[c]));
      dx.push_back(dy * gamma * invstd);
      dgamma[c] += dy * xhat;
      dbeta[c] += dy;
    }
    // Numbers of at most 30 and sums of at most 245 of them, each rounded a few times.
    const double u = std::is_same_v<TestType, float> ? 6e-8 : 1.2e-16;
    CHECK(outside(fused.y, y, [&](std::size_t) { return 100 * u; }) == "");
    CHECK(outside(fused.dx, dx, [&](std::size_t) { return 100 * u; }) == "");
    CHECK(outside(fused.dgamma, dgamma, [&](std::size_t) { return 1000 * u; }) == "");
    CHECK(outside(fused.dbeta, dbeta, [&](std::size_t) { return 1000 * u; }) == "");
  }
}

}  // namespace
}  // namespace backnorm::test
