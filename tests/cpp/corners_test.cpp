#include "corners.hpp"

#include "diagnosis.hpp"

namespace backnorm::test {
namespace {

TEMPLATE_TEST_CASE("verdicts hold in odd corners of every norm", "[gradcheck][diagnosis][corners]", float,
                   double) {
  // 20 cases of each norm in each. `npm run corners` tries 100,000 in all.
  CornerRun<TestType> run(181);
  for (const std::string_view corner : kCorners) {
    Tally tally;
    for (int turn = 0; turn < 100; ++turn) run.add(corner, static_cast<Norm>(turn % 5), tally);
    CAPTURE(corner);
    CHECK(tally.refused < 50);
    tally.check();
  }
}

TEST_CASE("a right mean is not called wrong for the order of its sum", "[diagnosis][corners]") {
  // The largest value comes last in x, and first in the program's sum.
  Batch<float> batch{.rows = 40, .columns = 1, .x = std::vector<float>(40, 0.1F), .gamma = {1}, .beta = {0}};
  batch.x.back() = 1e6F;
  batch.dy.assign(40, 1.0F);
  float sum = 0.0F;
  for (std::size_t i = batch.rows; i-- > 0;) sum += batch.x[i];
  Patient<float> patient(batch);
  patient.give(value_of(NodeId::kMean), std::vector<float>{sum / 40});
  patient.run();
  CHECK(patient.truth(value_of(NodeId::kMean)) != "fail");
}

}  // namespace
}  // namespace backnorm::test
