#include "backnorm/exact_gradient.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "catch.hpp"
#include "checks.hpp"
#include "six_steps.hpp"
#include "support.hpp"

namespace backnorm::test {
namespace {

TEST_CASE("dual numbers follow the rules of differentiation", "[exact][scalars]") {
  // x = 3 with tangent 1: derivatives by x, all of them exact in binary
  const Dual<double> x(3.0, 1.0);
  const Dual<double> two = 2.0;
  const auto value_and_tangent = [](Dual<double> dual) {
    return std::vector<double>{dual.value, dual.tangent};
  };
  CHECK(value_and_tangent(x + two) == std::vector<double>{5.0, 1.0});
  CHECK(value_and_tangent(two - x) == std::vector<double>{-1.0, -1.0});
  CHECK(value_and_tangent(x * x * x) == std::vector<double>{27.0, 27.0});
  CHECK(value_and_tangent((x + 1.0) / two) == std::vector<double>{2.0, 0.5});
  CHECK(value_and_tangent(two / (x + 1.0)) == std::vector<double>{0.5, -0.125});
  CHECK(value_and_tangent(sqrt(x + 1.0)) == std::vector<double>{2.0, 0.25});
}

TEST_CASE("the exact derivative by hand: two rows, one column", "[exact][hand]") {
  // x = (-1, 1), eps = 3: mean 0, var 1, S = 4, xhat = x/2; dy = (1, 0), gamma = 1.
  // dx = (dy - mean dy - xhat·(Σ dy·xhat)/2)/2 with Σ dy·xhat = -1/2: ((1 - 1/2 - 1/8)/2, (-1/2 + 1/8)/2)
  const std::vector<double> x{-1.0, 1.0}, gamma{1.0}, beta{0.0}, dy{1.0, 0.0};
  Gradcheck<double> check;
  REQUIRE(
      status_code(check.prepare(
          {.grouping = batch_grouping(2, 1), .x = x, .gamma = gamma, .beta = beta, .dy = dy, .eps = 3.0})) ==
      "ok");
  check.check();
  const std::span<const double> dx = check.exact(NodeId::kX);
  CHECK(dx[0] == 0.1875);
  CHECK(dx[1] == -0.1875);
  CHECK(check.exact(NodeId::kVar)[0] == 0.0625);  // -1/2 · Σ dy·x · S^-3/2 = 1/2 · 1/8
  CHECK(check.exact(NodeId::kMean)[0] == -0.5);   // -Σ dy / sqrt(S)
}

TEST_CASE("the exact derivative is within its bound at every node", "[exact][bound]") {
  Random random(81);
  Faults faults;
  for (const double mean : {0.0, 12.0, 1e3, 1e6, 1e8}) {
    for (const double spread : {1e-3, 1.0, 1e3}) {
      for (const double eps : {1e-12, 1e-5, 1.0}) {
        for (std::size_t turn = 0; turn < 36; ++turn) {
          const std::size_t rows = 1 + turn % 9;
          const int ddof = rows > 1 ? static_cast<int>(random.integer(0, 1)) : 0;
          const Batch<double> batch = draw<double>(random, rows, random.size(1, 5), mean, spread, eps, ddof);
          const Checked<double> checked(batch);
          const SixSteps<long double> truth = six_steps<long double>(batch);
          for (const Node& one : kNodes) {
            const std::span<const double> bound = checked.check.bound(one.id);
            // long double rounds as well: 2^-11 of a float64 pass, a share of the bound
            faults.note(describe(batch, one.id), outside(checked.check.exact(one.id), truth.gradient(one.id),
                                                         [&](std::size_t i) { return 1.001 * bound[i]; }));
          }
        }
      }
    }
  }
  CHECK(faults.text() == "");
}

TEMPLATE_TEST_CASE("difference and exact derivative never contradict each other", "[exact][bound]", float,
                   double) {
  Random random(82);
  std::size_t faults = 0;
  for (int i = 0; i < 3000; ++i) {
    const Batch<TestType> batch =
        draw<TestType>(random, random.size(1, 9), random.size(1, 5), random.one_of({0, 12, 1e3, 1e6, 1e8}),
                       random.one_of({1e-3, 1, 1e3}), random.one_of({1e-12, 1e-5, 1}));
    const Checked<TestType> checked(batch);
    for (const Node& one : kNodes) faults += checked.check.report(one.id).checker_at_fault ? 1 : 0;
  }
  CHECK(faults == 0);
}

TEST_CASE("an error in the twelfth digit of any value of the course's case fails", "[exact][gradcheck]") {
  // No difference can see it: their bounds are near 1e-9 there.
  Checked<double> checked(batch_of<double>(reference_case("cs231n.txt", "cs231n")));
  for (const Node& one : kNodes) {
    const std::span<const double> analytic = checked.check.analytic(one.id);
    const std::vector<double> right(analytic.begin(), analytic.end());
    double largest = 0.0;
    for (const double value : right) largest = std::max(largest, std::abs(value));
    for (std::size_t at = 0; at < right.size(); ++at) {
      std::vector<double> wrong = right;
      wrong[at] += 1e-12 * largest;
      REQUIRE(status_code(checked.check.claim(one.id, wrong)) == "ok");
      CAPTURE(one.name, at);
      CHECK(checked.verdict(one.id) == "fail");
      CHECK(checked.check.report(one.id).worst == at);
    }
    REQUIRE(status_code(checked.check.claim(one.id, right)) == "ok");
    CHECK(checked.verdict(one.id) == "pass");
  }
}

TEST_CASE("rows differentiated in slices give the bits of one call", "[exact][slices]") {
  Random random(83);
  const Batch<double> batch = draw<double>(random, 7, 3, 12.0, 5.0, 1e-5);
  const Checked<double> whole(batch);
  Gradcheck<double> sliced;
  REQUIRE(status_code(sliced.prepare(batch.view())) == "ok");
  for (std::size_t end = batch.rows; end > 0; --end) {
    for (const Node& one : kNodes) {
      if (end <= sliced.rows(one.id)) sliced.check(one.id, end - 1, end);
    }
  }
  for (const Node& one : kNodes) {
    CAPTURE(one.name);
    CHECK(unequal(sliced.exact(one.id), whole.check.exact(one.id)) == "");
    CHECK(unequal(sliced.bound(one.id), whole.check.bound(one.id)) == "");
  }
}

}  // namespace
}  // namespace backnorm::test
