#include "corners.hpp"

namespace backnorm::test {
namespace {

TEMPLATE_TEST_CASE("verdicts hold in odd corners", "[gradcheck][diagnosis][corners]", float, double) {
  // 100 cases of each. `npm run corners` tries 100,000 in all.
  CornerRun<TestType> run(181);
  for (const std::string_view corner : kCorners) {
    Tally tally;
    for (int turn = 0; turn < 100; ++turn) run.add(corner, tally);
    CAPTURE(corner);
    CHECK(tally.refused < 50);
    CHECK(tally.false_fails.text() == "");
    CHECK(tally.faults_of_checker.text() == "");
    CHECK(tally.false_passes.text() == "");
    CHECK(tally.called_wrong.text() == "");
  }
}

}  // namespace
}  // namespace backnorm::test
