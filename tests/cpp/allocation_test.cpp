#include "allocations.hpp"
#include "backnorm/batch_norm.hpp"
#include "backnorm/gradcheck.hpp"
#include "backnorm/graph.hpp"
#include "backnorm/norm.hpp"
#include "backnorm/numeric_gradient.hpp"
#include "catch.hpp"
#include "fused.hpp"
#include "support.hpp"

/// The inner loops ask for no memory: a page differences within a frame, and a frame has no time for malloc.
namespace backnorm::test {
namespace {

template <typename Work>
std::size_t allocations_of(Work work) {
  const std::size_t before = allocations().asked;
  work();
  return allocations().asked - before;
}

TEST_CASE("the counter sees allocations", "[allocation]") {
  Buffer<double> buffer;
  CHECK(allocations_of([&] { REQUIRE(buffer.resize(8) == Status::kOk); }) >= 1);
  std::vector<double> numbers;
  CHECK(allocations_of([&] { numbers.resize(1000); }) >= 1);
}

TEST_CASE("the passes and the differences allocate nothing", "[allocation]") {
  Random random(91);
  const Batch<double> batch = draw<double>(random, 9, 11, 3.0, 2.0, 1e-5);
  const Settings settings{.eps = batch.eps, .ddof = batch.ddof};
  Trace<double> trace;
  REQUIRE(status_code(trace.run(batch.view())) == "ok");
  Trace<ProgramNumber> bounded;
  REQUIRE(status_code(bounded.run(batch.view())) == "ok");
  NumericGradient numeric;
  REQUIRE(status_code(numeric.prepare(settings, bounded.values, batch.dy)) == "ok");
  Gradcheck<double> check;
  REQUIRE(status_code(check.prepare(batch.view())) == "ok");
  const Edit edit = scaled(3, 2.0);
  Trace<Magnitude> sizes;  // the only kind of number on which pull_back can be called from outside the core
  REQUIRE(resize(sizes.values, 9, 11) == Status::kOk);
  REQUIRE(resize(sizes.gradients, 9, 11) == Status::kOk);
  REQUIRE(sizes.contributions.resize(kBatchNorm, batch_grouping(9, 11)) == Status::kOk);

  CHECK(allocations_of([&] { evaluate(settings, trace.values); }) == 0);
  CHECK(allocations_of([&] { evaluate(settings, bounded.values); }) == 0);
  CHECK(allocations_of([&] { evaluate_from(NodeId::kXc, settings, trace.values); }) == 0);
  CHECK(allocations_of([&] {
          pull_back(settings, sizes.values, sizes.gradients, sizes.contributions, {&edit, 1});
        }) == 0);
  for (const Node& one : kNodes) {
    CAPTURE(one.name);
    CHECK(allocations_of([&] { numeric.difference(one.id, 0, numeric.rows(one.id)); }) == 0);
    CHECK(allocations_of([&] { check.check(one.id, 0, check.rows(one.id)); }) == 0);
    CHECK(allocations_of([&] { static_cast<void>(check.report(one.id)); }) == 0);
  }
}

TEST_CASE("the fused passes allocate nothing, whichever kernel runs", "[allocation]") {
  Random random(92);
  for (const Layout layout : {Layout{20, 9, 1}, Layout{70, 33, 1}, Layout{40, 6, 5}, Layout{3, 5, 49}}) {
    Fused<float> fused = draw_fused<float>(random, layout);
    fused.mark_outputs();
    CHECK(allocations_of([&] { static_cast<void>(fused.forward()); }) == 0);
    CHECK(allocations_of([&] { static_cast<void>(fused.backward()); }) == 0);
  }
}

TEST_CASE("the passes of the norms within a sample allocate nothing", "[allocation]") {
  Random random(93);
  const GroupLayout layout{2, 3, 4, 600, 2};
  std::vector<float> x = random.normals<float>(layout.size());
  std::vector<float> dy = random.normals<float>(layout.size());
  std::vector<double> mean(4), invstd(4), of_dbeta(4), of_dgamma(4);
  std::vector<float> dbeta(4), dgamma(4);
  const Saved<double> saved{.mean = mean, .invstd = invstd};
  const Sums<double> room{.dbeta = of_dbeta, .dgamma = of_dgamma};
  const Gradients<float> gradients{.dx = dy, .dgamma = dgamma, .dbeta = dbeta};
  CHECK(allocations_of([&] { REQUIRE(norm_forward<float>(layout, {}, x, {}, saved, x) == Status::kOk); }) ==
        0);
  CHECK(allocations_of([&] {
          REQUIRE(norm_backward<float>(layout, {}, {.dy = dy, .x = x}, {}, saved, room, gradients) ==
                  Status::kOk);
        }) == 0);
}

}  // namespace
}  // namespace backnorm::test
