#include "backnorm/direction_tests.hpp"

#include <cmath>
#include <vector>

#include "checks.hpp"

namespace backnorm::test {
namespace {

TaylorReport taylor(const Batch<double>& batch, std::span<const double> dx = {}, std::uint32_t seed = 1,
                    bool single = false) {
  TaylorReport report;
  REQUIRE(status_code(taylor_test(batch.view(), dx, seed, report, single)) == "ok");
  return report;
}

std::vector<double> dx_of(const Batch<double>& batch) {
  Trace<double> trace;
  REQUIRE(status_code(trace.run(batch.view())) == "ok");
  const std::span<const double> dx = trace.gradients[NodeId::kX];
  return {dx.begin(), dx.end()};
}

TEST_CASE("the remainder shrinks with the square of the step for the right dx", "[direction][taylor]") {
  Random random(111);
  int passes = 0;
  for (int turn = 0; turn < 3000; ++turn) {
    const Batch<double> batch =
        draw<double>(random, random.size(2, 9), random.size(1, 4), random.one_of({0, 12, 1e3, 1e6}),
                     random.one_of({1e-3, 1, 1e3}), random.one_of({1e-12, 1e-5, 1}));
    const TaylorReport report = taylor(batch, {}, static_cast<std::uint32_t>(turn));
    CAPTURE(describe(batch, NodeId::kX), report.slope);
    CHECK(name(report.verdict) != "fail");
    passes += report.verdict == Verdict::kPass;
  }
  CHECK(passes > 1500);
  const std::vector<double> own = dx_of(course_batch<double>());
  CHECK(taylor(course_batch<double>(), own).slope > 1.9);
  CHECK(taylor(course_batch<double>(), own).slope < 2.1);
}

TEST_CASE("the remainder shrinks with the step for a wrong dx", "[direction][taylor]") {
  const Batch<double> batch = course_batch<double>();
  const std::vector<double> right = dx_of(batch);
  for (const double factor : {0.0, -1.0, 2.0, 1.001, 1.0001}) {
    std::vector<double> wrong = right;
    for (double& value : wrong) value *= factor;
    CAPTURE(factor, taylor(batch, wrong).slope);
    CHECK(name(taylor(batch, wrong).verdict) == "fail");
    CHECK(taylor(batch, wrong).slope < 1.2);
  }
}

TEST_CASE("a dx off by a thousandth never passes, however far the mean", "[direction][taylor]") {
  // At a mean of 1e6 the round-off hides the steps at which such an error outweighs the curvature.
  Random random(115);
  for (const double mean : {0.0, 1e3, 1e5, 1e6, 1e7}) {
    int fails = 0;
    for (int turn = 0; turn < 1000; ++turn) {
      const Batch<double> batch = draw<double>(random, random.size(2, 9), random.size(1, 4), mean, 1.0, 1e-5);
      std::vector<double> wrong = dx_of(batch);
      for (double& value : wrong) value *= 1.001;
      const TaylorReport report = taylor(batch, wrong, static_cast<std::uint32_t>(turn));
      CAPTURE(describe(batch, NodeId::kX), turn, report.slope);
      CHECK(name(report.verdict) != "pass");
      fails += report.verdict == Verdict::kFail;
    }
    CAPTURE(mean);
    CHECK(fails > 400);
  }
}

TEST_CASE("a right dx computed in float32 never fails", "[direction][taylor]") {
  // Its rounding errors shrink with the step, as an error does: they were taken for one.
  Random random(117);
  int passes = 0;
  for (int turn = 0; turn < 2000; ++turn) {
    const Batch<float> batch = draw<float>(random, random.size(2, 9), random.size(1, 4),
                                           random.one_of({0, 0, 12, 1e3}), random.one_of({1e-3, 1}), 1e-5);
    Trace<float> trace;
    REQUIRE(status_code(trace.run(batch.view())) == "ok");
    const std::span<const float> gradient = trace.gradients[NodeId::kX];
    const auto wide = [](std::span<const float> from) {
      return std::vector<double>(from.begin(), from.end());
    };
    const Batch<double> same{.rows = batch.rows,
                             .columns = batch.columns,
                             .x = wide(batch.x),
                             .gamma = wide(batch.gamma),
                             .beta = wide(batch.beta),
                             .dy = wide(batch.dy)};
    const TaylorReport report = taylor(same, wide(gradient), static_cast<std::uint32_t>(turn), true);
    CAPTURE(describe(batch, NodeId::kX), turn, report.slope);
    CHECK(name(report.verdict) != "fail");
    passes += report.verdict == Verdict::kPass;
  }
  CHECK(passes > 400);
}

TEST_CASE("a remainder that dips at one step doesn't fail", "[direction][taylor]") {
  // Two values: the quadratic and the cubic term nearly cancel at the widest of the four steps.
  const double low = -0.45267337193293045, high = 999.54732662806703;
  const Batch<double> batch{
      .rows = 7,
      .columns = 1,
      .x = {low, low, high, low, low, low, high},
      .gamma = {0.51456880401447835},
      .beta = {-0.72950049820139862},
      .dy = {1.0665897498140446, 0.043451327096874784, 1.1603034140072104, 0.68541613688995584,
             1.1407703088439904, 0.21153998230636284, 0.4465173106607031},
      .eps = 1e6};
  const std::vector<double> dx = dx_of(batch);
  CHECK(name(taylor(batch, dx, 1482).verdict) == "undecidable");
}

TEST_CASE("one row leaves the remainder undecidable", "[direction][taylor]") {
  Random random(112);
  const TaylorReport report = taylor(draw<double>(random, 1, 4, 12.0, 1.0, 1e-5));
  CHECK(name(report.verdict) == "undecidable");
  CHECK(std::isnan(report.slope));
}

TEST_CASE("a dx of another length is refused", "[direction][status]") {
  TaylorReport report;
  const std::vector<double> five(5);
  CHECK(status_code(taylor_test(course_batch<double>().view(), five, 1, report)) == "length-mismatch");
}

TEST_CASE("a reused report equals a new one", "[direction]") {
  Random random(114);
  const Batch<double> other = draw<double>(random, 5, 2, 1.0, 1.0, 1e-5);
  TaylorReport again = taylor(other);
  REQUIRE(status_code(taylor_test(course_batch<double>().view(), {}, 1, again)) == "ok");
  const TaylorReport once = taylor(course_batch<double>());
  CHECK(unequal(again.steps, once.steps) == "");
  CHECK(unequal(again.remainders, once.remainders) == "");
  CHECK(unequal(again.noise, once.noise) == "");
  CHECK(again.slope == once.slope);
  CHECK(once.steps[0] == std::ldexp(1.0, -6));
  CHECK(once.steps[1] == std::ldexp(1.0, -7));

  DotProductReport first, second;
  REQUIRE(status_code(dot_product_test(course_batch<double>().view(), 7, first)) == "ok");
  REQUIRE(status_code(dot_product_test(other.view(), 7, second)) == "ok");
  REQUIRE(status_code(dot_product_test(course_batch<double>().view(), 7, second)) == "ok");
  CHECK(second.forward == first.forward);
  CHECK(second.backward == first.backward);
  CHECK(second.bound == first.bound);
}

TEST_CASE("direction tests refuse a case that can't be evaluated", "[direction][status]") {
  Batch<double> batch = course_batch<double>();
  batch.eps = -1;
  TaylorReport remainder;
  DotProductReport products;
  CHECK(status_code(taylor_test(batch.view(), {}, 1, remainder)) == "invalid-eps");
  CHECK(status_code(dot_product_test(batch.view(), 1, products)) == "invalid-eps");
}

TEST_CASE("the dot products of forward and backward mode agree within their bound", "[direction][dot]") {
  Random random(113);
  for (int turn = 0; turn < 30000; ++turn) {
    const std::size_t rows = random.size(1, 9);
    const int ddof = rows > 1 ? static_cast<int>(random.integer(0, 1)) : 0;
    const Batch<double> batch =
        draw<double>(random, rows, random.size(1, 5), random.one_of({0, 12, 1e3, 1e6, 1e8}),
                     random.one_of({1e-3, 1, 1e3}), random.one_of({1e-12, 1e-5, 1}), ddof);
    DotProductReport report;
    REQUIRE(status_code(dot_product_test(batch.view(), static_cast<std::uint32_t>(turn), report)) == "ok");
    if (report.holds()) continue;
    CAPTURE(describe(batch, NodeId::kX), report.forward, report.backward, report.bound);
    CHECK(report.holds());
  }
}

TEST_CASE("the dot products agree within their bound where they underflow", "[direction][dot]") {
  Random random(116);
  for (int turn = 0; turn < 3000; ++turn) {
    Batch<double> batch = draw<double>(random, random.size(1, 33), 2, 0.0, random.one_of({1, 1e3}), 1e-5);
    const double size = random.one_of({1e-323, 1e-320, 1e-310, 1e-300});
    for (double& value : batch.dy) value = size * static_cast<double>(random.integer(-3, 3));
    DotProductReport report;
    REQUIRE(status_code(dot_product_test(batch.view(), static_cast<std::uint32_t>(turn), report)) == "ok");
    CAPTURE(describe(batch, NodeId::kX), report.forward, report.backward, report.bound);
    CHECK(report.holds());
  }
}

TEST_CASE("the dot products differ if any edge of the backward pass is wrong", "[direction][dot]") {
  const Batch<double> batch = course_batch<double>();
  for (std::size_t edge = 0; edge < kEdgeCount; ++edge) {
    const Edit edit = scaled(edge, 1.00001);
    DotProductReport report;
    REQUIRE(status_code(dot_product_test(batch.view(), 7, report, {&edit, 1})) == "ok");
    CAPTURE(node(kEdges[edge].from).name, node(kEdges[edge].to).name, report.difference(), report.bound);
    CHECK_FALSE(report.holds());
    CHECK(report.bound < 1e-11 * std::abs(report.forward));
  }
}

}  // namespace
}  // namespace backnorm::test
