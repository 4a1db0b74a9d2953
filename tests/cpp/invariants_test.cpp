#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "catch.hpp"
#include "checks.hpp"
#include "support.hpp"

namespace backnorm::test {
namespace {

template <typename T>
bool sums_of_dx_hold(const Gradcheck<T>& check, std::size_t columns) {
  for (std::size_t c = 0; c < columns; ++c) {
    if (!check.sum_of_dx(c).holds()) return false;
  }
  return true;
}

template <typename T>
bool sums_of_dx_xhat_hold(const Gradcheck<T>& check, std::size_t columns) {
  for (std::size_t c = 0; c < columns; ++c) {
    if (!check.sum_of_dx_xhat(c).holds()) return false;
  }
  return true;
}

TEMPLATE_TEST_CASE("both invariants hold for every right dx", "[gradcheck][invariants]", float, double) {
  Random random(91);
  std::size_t broken = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::size_t rows = random.size(1, 9);
    const int ddof = rows > 1 ? static_cast<int>(random.integer(0, 1)) : 0;
    const Batch<TestType> batch =
        draw<TestType>(random, rows, random.size(1, 5), random.one_of({0, 12, 1e3, 1e6}),
                       random.one_of({1e-3, 1, 1e3}), random.one_of({1e-12, 1e-5, 1}), ddof);
    const Checked<TestType> checked(batch);
    broken += sums_of_dx_hold(checked.check, batch.columns) ? 0 : 1;
    broken += sums_of_dx_xhat_hold(checked.check, batch.columns) ? 0 : 1;
  }
  CHECK(broken == 0);
}

TEST_CASE("the invariants show which path of dx is wrong, without a reference", "[gradcheck][invariants]") {
  const std::size_t through_mean = edge_index(NodeId::kX, NodeId::kMean);
  const std::size_t through_var = edge_index(NodeId::kXc, NodeId::kSq);
  const std::size_t above = edge_index(NodeId::kXhat, NodeId::kScaled);
  struct Row {
    std::string mistake;
    std::vector<Edit> edits;
    bool sum_of_dx;
    bool sum_of_dx_xhat;
  };
  const std::vector<Row> table{
      {"none", {}, true, true},
      {"no path through the mean", {scaled(through_mean, 0.0)}, false, true},
      {"N times the path through the mean", {scaled(through_mean, 4.0)}, false, true},
      {"the mean's path with its sign turned", {scaled(through_mean, -1.0)}, false, true},
      {"no path through the variance", {scaled(through_var, 0.0)}, true, false},
      {"half the path through the variance", {scaled(through_var, 0.5)}, true, false},
      {"the variance's path with its sign turned", {scaled(through_var, -1.0)}, true, false},
      {"statistics taken for constants", {scaled(through_mean, 0.0), scaled(through_var, 0.0)}, false, false},
  };
  const Batch<double> batch = batch_of<double>(reference_case("cs231n.txt", "cs231n"));
  for (const Row& row : table) {
    const Checked<double> checked(batch, row.edits);
    CAPTURE(row.mistake);
    CHECK(sums_of_dx_hold(checked.check, batch.columns) == row.sum_of_dx);
    CHECK(sums_of_dx_xhat_hold(checked.check, batch.columns) == row.sum_of_dx_xhat);
  }
  // A factor upstream of xhat scales dx as a whole: the second law compares with the true dgamma, but its
  // right side is eps / S of the terms, 1e-6 here, and sees a factor of 2 all the same.
  const std::array<Edit, 1> twice{scaled(above, 2.0)};
  const Checked<double> doubled(batch, twice);
  CHECK(sums_of_dx_hold(doubled.check, batch.columns));
  CHECK_FALSE(sums_of_dx_xhat_hold(doubled.check, batch.columns));
}

TEST_CASE("the second invariant equals the term in eps, to its last digits",
          "[gradcheck][invariants][hand]") {
  // x = (-1, 1), eps = 3: S = 4, xhat = x/2, dgamma = -1/2, dx = (3/16, -3/16)
  // Σ dx·xhat = -3/16 and gamma·dgamma·eps/S^1.5 = -1/2·3/8 = -3/16
  const std::vector<double> x{-1.0, 1.0}, gamma{1.0}, beta{0.0}, dy{1.0, 0.0};
  Gradcheck<double> check;
  REQUIRE(
      status_code(check.prepare(
          {.grouping = batch_grouping(2, 1), .x = x, .gamma = gamma, .beta = beta, .dy = dy, .eps = 3.0})) ==
      "ok");
  CHECK(check.sum_of_dx(0).residual == 0.0);
  CHECK(check.sum_of_dx_xhat(0).residual == 0.0);
  CHECK(check.sum_of_dx_xhat(0).bound > 0.0);
  CHECK(check.sum_of_dx_xhat(0).bound < 1e-14);
  const std::vector<double> detached{0.5, 0.0};  // dy / std
  REQUIRE(status_code(check.claim(NodeId::kX, detached)) == "ok");
  CHECK(check.sum_of_dx(0).residual == 0.5);
  CHECK(check.sum_of_dx_xhat(0).residual == 0.0625);  // |-1/4 + 3/16|
  const std::vector<double> below{0.0, -0.5};
  REQUIRE(status_code(check.claim(NodeId::kX, below)) == "ok");
  CHECK(check.sum_of_dx(0).residual == 0.5);  // below 0 is off as far as above
  CHECK_FALSE(check.sum_of_dx(0).holds());
}

std::vector<std::string> warnings_of(const Batch<double>& batch) {
  Gradcheck<double> check;
  REQUIRE(status_code(check.prepare(batch.view())) == "ok");
  Trace<double> trace;  // without bounds, and of the same opinion
  REQUIRE(status_code(trace.run(batch.view())) == "ok");
  std::vector<std::string> found;
  for (std::size_t i = 0; i < kWarningCount; ++i) {
    const Warning warning = static_cast<Warning>(i);
    CHECK(is_blinded_by(warning, trace) == check.is_blinded_by(warning));
    if (check.is_blinded_by(warning)) found.emplace_back(warning_name(warning));
  }
  return found;
}

TEST_CASE("a case that blinds the check has the right warning", "[gradcheck][warnings]") {
  Random random(92);
  const Batch<double> plain = draw<double>(random, 6, 3, 12.0, 5.0, 1e-5);
  using Names = std::vector<std::string>;
  CHECK(warnings_of(plain) == Names{});

  Batch<double> constant = plain;
  for (std::size_t i = 0; i < constant.dy.size(); ++i) constant.dy[i] = constant.dy[i % 3];
  CHECK(warnings_of(constant) == Names{"constant-dy"});
  constant.dy[4] += 1e-3;  // one column that says something is enough
  CHECK(warnings_of(constant) == Names{});

  Batch<double> zeros = plain;  // constant, and no multiple that says anything
  zeros.dy.assign(zeros.dy.size(), 0.0);
  CHECK(warnings_of(zeros) == Names{"constant-dy"});
  zeros = plain;
  zeros.gamma[0] = zeros.beta[0] = 0.0;  // a column of y
  CHECK(warnings_of(zeros) == Names{});

  Batch<double> proportional = plain;
  Trace<double> trace;
  REQUIRE(status_code(trace.run(plain.view())) == "ok");
  for (std::size_t i = 0; i < plain.dy.size(); ++i) {
    proportional.dy[i] = (1.0 + static_cast<double>(i % 3)) * trace.values[NodeId::kY][i];
  }
  CHECK(warnings_of(proportional) == Names{"dy-proportional-to-y"});
  proportional.dy[4] *= 1.001;
  CHECK(warnings_of(proportional) == Names{});

  // as proportional where y is 0 in every second row, which lies at the mean
  Batch<double> at_mean = plain;
  for (std::size_t i = 0; i < at_mean.x.size(); ++i) {
    const double steps[] = {0, 1, 0, 1, 0, -2};
    at_mean.x[i] = 12.0 + steps[i / 3];
  }
  at_mean.beta.assign(3, 0.0);
  REQUIRE(status_code(trace.run(at_mean.view())) == "ok");
  for (std::size_t i = 0; i < at_mean.dy.size(); ++i) at_mean.dy[i] = trace.values[NodeId::kY][i];
  CHECK(warnings_of(at_mean) == Names{"dy-proportional-to-y"});

  Batch<double> column = draw<double>(random, 6, 1, 12.0, 5.0, 1e-5);
  CHECK(warnings_of(column) == Names{});
  REQUIRE(status_code(trace.run(column.view())) == "ok");
  for (std::size_t i = 0; i < 6; ++i) column.dy[i] = trace.values[NodeId::kY][i];
  CHECK(warnings_of(column) == Names{"dy-proportional-to-y"});
  column.dy.assign(6, 0.75);
  CHECK(warnings_of(column) == Names{"constant-dy"});
  CHECK(warnings_of(draw<double>(random, 1, 3, 0.0, 1.0, 1e-5)) == Names{"few-rows"});

  Batch<double> ones = plain;
  ones.gamma = {1.0, 1.0, 1.0};
  CHECK(warnings_of(ones) == Names{"gamma-one"});
  ones.gamma[1] = 1.5;
  CHECK(warnings_of(ones) == Names{});

  CHECK(warnings_of(draw<double>(random, 3, 3, 0.0, 1.0, 1e-5)) == Names{"square"});
  CHECK(warnings_of(draw<double>(random, 2, 3, 0.0, 1.0, 1e-5)) == Names{"few-rows"});
  CHECK(warnings_of(draw<double>(random, 1, 1, 0.0, 1.0, 1e-5)) == Names{"few-rows"});
  CHECK(warning_name(static_cast<Warning>(kWarningCount)) == "unknown-warning");
}

}  // namespace
}  // namespace backnorm::test
