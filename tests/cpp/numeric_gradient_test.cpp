#include "backnorm/numeric_gradient.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "catch.hpp"
#include "six_steps.hpp"
#include "support.hpp"

namespace backnorm::test {
namespace {

/// Both passes over a batch, and every node differenced.
struct Differenced {
  Trace<ProgramNumber> trace;
  NumericGradient numeric;

  explicit Differenced(const Batch<double>& batch, bool difference = true) {
    REQUIRE(status_code(trace.run(batch.view())) == "ok");
    const Settings settings{.eps = batch.eps, .ddof = batch.ddof};
    REQUIRE(status_code(numeric.prepare(settings, trace.values, batch.dy)) == "ok");
    if (!difference) return;
    for (const Node& one : kNodes) numeric.difference(one.id, 0, numeric.rows(one.id));
  }
};

TEST_CASE("a difference is within its bound of the derivative at every node", "[numeric][bound]") {
  Random random(61);
  Faults faults;
  std::size_t derivatives = 0;
  for (const double mean : {0.0, 12.0, 1e3, 1e6, 1e8}) {
    for (const double spread : {1e-3, 1.0, 1e3}) {
      for (const double eps : {1e-12, 1e-8, 1e-5, 1e-3, 1.0}) {
        for (std::size_t turn = 0; turn < 72; ++turn) {
          const std::size_t rows = 1 + turn % 9;
          const int ddof = rows > 1 ? static_cast<int>(random.integer(0, 1)) : 0;
          const Batch<double> batch = draw<double>(random, rows, random.size(1, 5), mean, spread, eps, ddof);
          const Differenced run(batch);
          const SixSteps<long double> exact = derivatives_at(run.trace.values, batch);
          for (const Node& one : kNodes) {
            const std::span<const double> bound = run.numeric.bound(one.id);
            // The judge rounds as well, in long double: 2^-11 of a float64 pass, a share of the bound.
            faults.note(describe(batch, one.id), outside(run.numeric.gradient(one.id), exact.gradient(one.id),
                                                         [&](std::size_t i) { return 1.001 * bound[i]; }));
            derivatives += bound.size();
          }
        }
      }
    }
  }
  CHECK(faults.text() == "");
  CHECK(derivatives > 500000);
}

TEST_CASE("the largest bound of a node is within 100 times of its largest error", "[numeric][bound]") {
  // Round-off and truncation are about equal at the step that is taken, and both are bounded at their worst.
  Random random(66);
  for (const NodeId id : {NodeId::kX, NodeId::kMean, NodeId::kXc, NodeId::kSq, NodeId::kVar, NodeId::kStd}) {
    double worst = 0.0;
    double bound = 0.0;
    for (int turn = 0; turn < 50; ++turn) {
      const Batch<double> batch = draw<double>(random, random.size(2, 9), 3, 0.0, 1.0, 1e-5);
      const Differenced run(batch);
      const SixSteps<long double> exact = derivatives_at(run.trace.values, batch);
      for (std::size_t i = 0; i < run.numeric.bound(id).size(); ++i) {
        worst = std::max(worst,
                         static_cast<double>(std::abs(run.numeric.gradient(id)[i] - exact.gradient(id)[i])));
        bound = std::max(bound, run.numeric.bound(id)[i]);
      }
    }
    CAPTURE(node(id).name, worst, bound);
    CHECK(bound < 100 * worst);
  }
}

TEST_CASE("a difference that underflows is within its bound", "[numeric][bound]") {
  // dy·(y₊ - y₋) is 0 although neither factor is: it was taken for a fault of the checker.
  const std::vector<double> least(1, 1e-308);
  const Batch<double> batch{.rows = 1, .columns = 1, .x = least, .gamma = least, .beta = least, .dy = least};
  const Differenced run(batch);
  for (const NodeId id : {NodeId::kBeta, NodeId::kScaled, NodeId::kY}) {
    CAPTURE(node(id).name, run.numeric.gradient(id)[0], run.numeric.bound(id)[0]);
    CHECK(std::abs(run.numeric.gradient(id)[0] - 1e-308) <= run.numeric.bound(id)[0]);
  }
}

TEST_CASE("a difference and the staged gradient agree within both bounds", "[numeric][bound]") {
  Random random(62);
  Faults faults;
  for (int i = 0; i < 2000; ++i) {
    const std::size_t rows = random.size(1, 9);
    const Batch<double> batch =
        draw<double>(random, rows, random.size(1, 5), random.one_of({0, 12, 1e3, 1e6, 1e8}),
                     random.one_of({1e-3, 1, 1e3}), random.one_of({1e-12, 1e-5, 1}));
    const Differenced run(batch);
    for (const Node& one : kNodes) {
      const auto& gradient = run.trace.gradients[one.id];
      const auto bound = run.numeric.bound(one.id);
      // Twice the gradient's error: the base point is itself off, and the derivative there with it.
      faults.note(describe(batch, one.id),
                  outside(run.numeric.gradient(one.id), gradient,
                          [&](std::size_t k) { return bound[k] + 2 * gradient[k].error; }));
    }
  }
  CHECK(faults.text() == "");
}

TEST_CASE("the bound is tight: below 1e-8 of the gradient at every node of the course's case",
          "[numeric][bound]") {
  const Differenced run(batch_of<double>(reference_case("cs231n.txt", "cs231n")));
  for (const Node& one : kNodes) {
    CAPTURE(one.name, largest(run.numeric.bound(one.id)), largest(run.numeric.gradient(one.id)));
    CHECK(largest(run.numeric.bound(one.id)) < 1e-8 * largest(run.numeric.gradient(one.id)));
  }
}

TEST_CASE("rows differenced in slices give the bits of one call", "[numeric][slices]") {
  Random random(63);
  const Batch<double> batch = draw<double>(random, 7, 3, 12.0, 5.0, 1e-5);
  const Differenced whole(batch);
  Differenced sliced(batch, false);
  // Nodes interleaved and rows back to front: no slice may see what another left behind.
  for (std::size_t end = batch.rows; end > 0; --end) {
    for (const Node& one : kNodes) {
      if (end <= sliced.numeric.rows(one.id)) sliced.numeric.difference(one.id, end - 1, end);
    }
  }
  for (const Node& one : kNodes) {
    CAPTURE(one.name);
    CHECK(unequal(sliced.numeric.gradient(one.id), whole.numeric.gradient(one.id)) == "");
    CHECK(unequal(sliced.numeric.bound(one.id), whole.numeric.bound(one.id)) == "");
  }
}

TEST_CASE("a row not yet differenced reads 0 and an empty slice changes nothing", "[numeric][slices]") {
  Random random(64);
  Differenced run(draw<double>(random, 4, 2, 0.0, 1.0, 1e-5), false);
  run.numeric.difference(NodeId::kX, 1, 1);
  CHECK(largest(run.numeric.gradient(NodeId::kX)) == 0.0);
  run.numeric.difference(NodeId::kX, 1, 2);
  const std::span<const double> dx = run.numeric.gradient(NodeId::kX);
  CHECK(largest(dx.first(2)) == 0.0);
  CHECK(largest(dx.subspan(2, 2)) > 0.0);
  CHECK(largest(dx.subspan(4)) == 0.0);
  CHECK(run.numeric.rows(NodeId::kX) == 4);
  CHECK(run.numeric.rows(NodeId::kVar) == 1);
}

TEST_CASE("the step keeps the accuracy of x at any mean and spread", "[numeric][step]") {
  // Errors relative to max|dx|, measured on one draw for each mean and spread, where h = 1e-5 has up to 2e-3
  // and h = u^(1/3) max(1, |x|) up to 1. They are round-off, which another draw may have up to 10 times as
  // large.
  struct Row {
    double mean, spread, error;
  };
  const Row table[] = {
      {12, 5, 9.4e-11}, {0, 1e-3, 5.1e-11}, {1e3, 1, 2.5e-9}, {1e6, 1, 1.6e-7}, {1e8, 1, 4.6e-6}};
  for (const Row& row : table) {
    Random random(231);
    const Batch<double> batch = draw<double>(random, 4, 5, row.mean, row.spread, 1e-5);
    const Differenced run(batch);
    const SixSteps<long double> exact = derivatives_at(run.trace.values, batch);
    double most = 0.0;
    double error = 0.0;
    for (std::size_t i = 0; i < batch.x.size(); ++i) {
      const double dx = static_cast<double>(exact.gradient(NodeId::kX)[i]);
      most = std::max(most, std::abs(dx));
      error = std::max(error, std::abs(run.numeric.gradient(NodeId::kX)[i] - dx));
    }
    CAPTURE(row.mean, row.spread, error / most);
    CHECK(error <= 10 * row.error * most);
  }
}

TEST_CASE("the step balances truncation and rounding where the loss bends", "[numeric][step]") {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  // Linear: as large as the values, whatever the value.
  CHECK(difference_step(3.0, kInfinity, 7.0) == 7.0);
  CHECK(difference_step(0.0, kInfinity, 0.5) == 0.5);
  struct Row {
    double value, length;
  };
  for (const Row& row : {Row{0, 1}, Row{12, 5}, Row{-12, 5}, Row{1e8, 1}, Row{1e-9, 1e3}, Row{2, 1e-6}}) {
    const double expected =
        std::pow(kUnitRoundoff<double> * std::max(std::abs(row.value), row.length) * row.length * row.length,
                 1.0 / 3.0);
    CAPTURE(row.value, row.length);
    // cbrt against pow: the exponent 1/3 is off by half an ulp, which the logarithm (up to 50 here)
    // multiplies.
    CHECK(std::abs(difference_step(row.value, row.length, 1.0) - expected) <=
          100 * kUnitRoundoff<double> * expected);
  }
}

TEST_CASE("columns of very different scale don't disturb each other", "[numeric]") {
  Random random(65);
  Batch<double> batch = draw<double>(random, 5, 3, 0.0, 1.0, 1e-5);
  const Differenced before(batch);
  for (std::size_t row = 0; row < batch.rows; ++row) batch.x[row * 3 + 1] = 1e6 + 1e3 * batch.x[row * 3 + 1];
  const Differenced after(batch);
  for (const Node& one : kNodes) {
    for (std::size_t i = 0; i < before.trace.values.size(one.id); ++i) {
      if (i % 3 == 1) continue;
      CAPTURE(one.name, i);
      CHECK(after.numeric.gradient(one.id)[i] == before.numeric.gradient(one.id)[i]);
      CHECK(after.numeric.bound(one.id)[i] == before.numeric.bound(one.id)[i]);
    }
  }
}

}  // namespace
}  // namespace backnorm::test
