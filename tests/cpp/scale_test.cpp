#include <array>
#include <cmath>
#include <cstdio>
#include <string>

#include "checks.hpp"

/// Hidden: tests/slow runs it by its tag. A checker that cries wolf once in 100,000 checks is turned off.
namespace backnorm::test {
namespace {

template <typename T>
Batch<T> draw_any(Random& random, int turn) {
  const std::size_t rows = random.size(1, 9);
  const int ddof = rows > 1 ? static_cast<int>(random.integer(0, 1)) : 0;
  const double mean = turn % 10 == 0 ? 0.0 : std::pow(10.0, 16.0 * random.uniform() - 8.0);
  const double spread = std::pow(10.0, 6.0 * random.uniform() - 3.0);
  const double eps = std::pow(10.0, -12.0 * random.uniform());
  return draw<T>(random, rows, random.size(1, 5), mean, spread, eps, ddof);
}

template <typename T>
void raise_no_alarm(const char* kind, std::uint32_t seed, int batches) {
  Random random(seed);
  Faults faults;
  std::array<int, kNodeCount> undecidable{};
  int checks = 0;
  for (int turn = 0; turn < batches; ++turn) {
    const Batch<T> batch = draw_any<T>(random, turn);
    Gradcheck<T> check;
    const Status status = check.prepare(batch.view());
    if (status == Status::kNotFinite) continue;  // float32 may lose a column's spread, and with it its 1/std
    REQUIRE(status_code(status) == "ok");
    check.check();
    ++checks;
    for (const Node& one : kNodes) {
      const NodeReport report = check.report(one.id);
      undecidable[place(one.id)] += report.verdict == Verdict::kUndecidable;
      if (report.verdict == Verdict::kFail) faults.note(describe(batch, one.id), "fails");
      if (report.checker_at_fault) faults.note(describe(batch, one.id), "the difference contradicts");
    }
    for (std::size_t c = 0; c < batch.columns; ++c) {
      if (!check.sum_of_dx(c).holds()) faults.note(describe(batch, NodeId::kX), "its sum is not 0");
      if (!check.sum_of_dx_xhat(c).holds()) faults.note(describe(batch, NodeId::kX), "its second law breaks");
    }
  }
  CHECK(faults.text() == "");
  CHECK(checks > batches * 99 / 100);
  std::printf("%s: %d right gradients at each node, undecidable %%:", kind, checks);
  for (const Node& one : kNodes) {
    std::printf(" %s %.2f", std::string(one.name).c_str(), 100.0 * undecidable[place(one.id)] / checks);
  }
  std::printf("\n");
}

TEST_CASE("no right gradient fails, in 100,000 of float64", "[.scale]") {
  raise_no_alarm<double>("float64", 121, 100000);
}

TEST_CASE("no right gradient fails, in 100,000 of float32", "[.scale]") {
  raise_no_alarm<float>("float32", 122, 100000);
}

TEST_CASE("on sound batches nothing is undecidable and an error of 1e-5 fails, at every node", "[.scale]") {
  // Four rows or more, random dy, a mean of at most 1e6 standard deviations, a variance not below eps.
  constexpr int kBatches = 20000;
  Random random(123);
  Faults faults;
  int nodes = 0;
  int cancelled = 0;
  for (int turn = 0; turn < kBatches; ++turn) {
    const double spread = std::pow(10.0, 6.0 * random.uniform() - 3.0);
    const double mean = spread * std::pow(10.0, 12.0 * random.uniform() - 6.0);
    Batch<double> batch = draw<double>(random, random.size(4, 9), random.size(1, 5), mean, spread,
                                       std::pow(10.0, -12.0 * random.uniform()));
    Checked<double> checked(batch);
    Trace<double> trace;
    REQUIRE(status_code(trace.run(batch.view())) == "ok");
    double least = HUGE_VAL;
    for (const double var : trace.values[NodeId::kVar]) least = std::min(least, var);
    if (least < batch.eps) continue;
    for (const Node& one : kNodes) {
      const std::string verdict(checked.verdict(one.id));
      if (verdict != "pass") faults.note(describe(batch, one.id), "right, and " + verdict);
      ++nodes;
      const std::span<const double> right = checked.check.analytic(one.id);
      std::vector<double> wrong(right.begin(), right.end());
      std::size_t largest = 0;
      for (std::size_t i = 0; i < wrong.size(); ++i) {
        if (std::abs(wrong[i]) > std::abs(wrong[largest])) largest = i;
      }
      // By chance the terms of a gradient cancel, and 1e-5 of what is left drowns in their own rounding.
      if (1e-5 * std::abs(right[largest]) <= checked.check.bound(one.id)[largest]) {
        ++cancelled;
        continue;
      }
      wrong[largest] *= 1.0 + 1e-5;
      REQUIRE(status_code(checked.check.claim(one.id, wrong)) == "ok");
      const std::string other(checked.verdict(one.id));
      if (other != "fail") faults.note(describe(batch, one.id), "wrong, and " + other);
    }
  }
  CHECK(faults.text() == "");
  CHECK(nodes > 10000);
  CHECK(cancelled < nodes / 100000);
  std::printf("sound: %d nodes, %d of them cancelled by chance and not tried\n", nodes, cancelled);
}

}  // namespace
}  // namespace backnorm::test
