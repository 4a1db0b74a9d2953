#include "backnorm/differences.hpp"

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "checks.hpp"
#include "six_steps.hpp"

namespace backnorm::test {
namespace {

struct Extrapolated {
  std::vector<double> derivative, bar;

  Extrapolated(const Batch<double>& batch, NodeId id) {
    const std::size_t size =
        node(id).extent == Extent::kElements ? batch.rows * batch.columns : batch.columns;
    derivative.resize(size);
    bar.resize(size);
    REQUIRE(status_code(extrapolate(batch.view(), id, derivative, bar)) == "ok");
  }
};

TEST_CASE("an extrapolated derivative is within its error bar at every node", "[differences][ridders]") {
  Random random(101);
  Faults faults;
  std::size_t derivatives = 0;
  for (int turn = 0; turn < 1500; ++turn) {
    const std::size_t rows = random.size(1, 9);
    const int ddof = rows > 1 ? static_cast<int>(random.integer(0, 1)) : 0;
    const Batch<double> batch =
        draw<double>(random, rows, random.size(1, 4), random.one_of({0, 12, 1e3, 1e6, 1e8}),
                     random.one_of({1e-3, 1, 1e3}), random.one_of({1e-12, 1e-5, 1}), ddof);
    Trace<Bounded<double>> trace;
    REQUIRE(status_code(trace.run(batch.view())) == "ok");
    const SixSteps<long double> exact = derivatives_at(trace.values, batch);
    for (const Node& one : kNodes) {
      const Extrapolated found(batch, one.id);
      faults.note(describe(batch, one.id), outside(found.derivative, exact.gradient(one.id),
                                                   [&](std::size_t i) { return 1.001 * found.bar[i]; }));
      derivatives += found.bar.size();
    }
  }
  CHECK(faults.text() == "");
  CHECK(derivatives > 100000);
}

TEST_CASE("extrapolation gives two digits more than a single difference", "[differences][ridders]") {
  const Batch<double> batch = course_batch<double>();
  const Checked<double> checked(batch);
  for (const Node& one : kNodes) {
    const Extrapolated found(batch, one.id);
    double largest = 0.0, error = 0.0, bar = 0.0;
    for (std::size_t i = 0; i < found.bar.size(); ++i) {
      const double exact = checked.check.exact(one.id)[i];
      largest = std::max(largest, std::abs(exact));
      error = std::max(error, std::abs(found.derivative[i] - exact));
      bar = std::max(bar, found.bar[i]);
    }
    CAPTURE(one.name, error / largest, bar / largest);
    CHECK(error <= 1e-11 * largest);
    CHECK(bar <= 1e-9 * largest);
  }
}

TEST_CASE("the sweep of the course's case draws the notes' V", "[differences][sweep]") {
  const Batch<double> batch = course_batch<double>();
  const std::array<double, 10> steps{1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10};
  const std::array<double, 10> noted{2e-4, 2e-6, 2e-8, 3e-10, 1e-9, 8e-9, 2e-7, 2e-6, 4e-5, 1e-4};
  std::array<double, 10> errors{};
  REQUIRE(status_code(sweep_steps<double>(batch.view(), NodeId::kX, steps, errors)) == "ok");
  for (std::size_t i = 0; i < steps.size(); ++i) {
    CAPTURE(steps[i], errors[i], noted[i]);
    // noted to one digit where truncation rules; where round-off does, another order of sums may have twice
    const double factor = i < 3 ? 1.2 : 2.0;
    CHECK(errors[i] < factor * noted[i]);
    CHECK(errors[i] > noted[i] / factor);
  }
  REQUIRE(status_code(sweep_steps<float>(batch.view(), NodeId::kX, steps, errors)) == "ok");
  CAPTURE(errors[0], errors[1], errors[2], errors[4]);
  for (const double error : errors) CHECK(!(error < errors[0]));  // the widest step is the best one
  CHECK(errors[0] > 1e-4);
  CHECK(errors[0] < 4e-4);
  CHECK(errors[2] > 3e-3);
  CHECK(errors[2] < 1.2e-2);
  CHECK(errors[4] > 0.2);  // no digit left
}

TEST_CASE("a step too small to move a value has no difference", "[differences][sweep]") {
  const Batch<double> batch = course_batch<double>();
  const std::array<double, 2> steps{1e-4, 1e-17};
  std::array<double, 2> errors{};
  REQUIRE(status_code(sweep_steps<double>(batch.view(), NodeId::kX, steps, errors)) == "ok");
  CHECK(errors[0] < 1e-8);
  CHECK(std::isnan(errors[1]));
  REQUIRE(status_code(sweep_steps<float>(batch.view(), NodeId::kX, std::array{1e-8},
                                         std::span(errors).first(1))) == "ok");
  CHECK(std::isnan(errors[0]));
}

TEST_CASE("a value that no step can move has no derivative and an infinite error bar",
          "[differences][ridders]") {
  Batch<double> batch{.rows = 2, .columns = 1, .x = {1e30, 1e30}, .gamma = {1}, .beta = {1}, .dy = {1, 2}};
  const Extrapolated found(batch, NodeId::kX);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(std::isnan(found.derivative[i]));
    CHECK(std::isinf(found.bar[i]));
  }
}

TEST_CASE("outputs of a wrong length are refused", "[differences][status]") {
  const Batch<double> batch = course_batch<double>();
  std::vector<double> five(5), twenty(20);
  CHECK(status_code(extrapolate(batch.view(), NodeId::kX, five, twenty)) == "length-mismatch");
  CHECK(status_code(extrapolate(batch.view(), NodeId::kVar, five, twenty)) == "length-mismatch");
  CHECK(status_code(sweep_steps<double>(batch.view(), NodeId::kX, five, twenty)) == "length-mismatch");
  Batch<double> bad = batch;
  bad.gamma.pop_back();
  CHECK(status_code(extrapolate(bad.view(), NodeId::kX, twenty, twenty)) == "length-mismatch");
  CHECK(status_code(sweep_steps<float>(bad.view(), NodeId::kX, five, five)) == "length-mismatch");
}

}  // namespace
}  // namespace backnorm::test
