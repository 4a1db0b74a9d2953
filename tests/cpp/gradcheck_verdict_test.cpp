#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "checks.hpp"

/// Where agreement means nothing the verdict is undecidable; where all is right it is never fail.
namespace backnorm::test {
namespace {

bool contains(std::initializer_list<NodeId> ids, NodeId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// The listed nodes are undecidable, the others pass.
template <typename T>
void check_undecidable(const std::string& what, const Batch<T>& batch,
                       std::initializer_list<NodeId> undecidable) {
  const Checked<T> checked(batch);
  for (const Node& one : kNodes) {
    CAPTURE(what, batch.rows, one.name);
    CHECK(checked.verdict(one.id) == (contains(undecidable, one.id) ? "undecidable" : "pass"));
  }
}

TEMPLATE_TEST_CASE("one row leaves dx, dgamma and the variance's chain undecidable",
                   "[gradcheck][undecidable]", float, double) {
  Random random(71);
  for (const double mean : {0.0, 12.0, 1e3}) {
    check_undecidable<TestType>(
        "N = 1", draw<TestType>(random, 1, 4, mean, 1.0, 1e-5),
        {NodeId::kX, NodeId::kGamma, NodeId::kInvstd, NodeId::kStd, NodeId::kVar, NodeId::kSq});
  }
}

TEMPLATE_TEST_CASE("two rows whose spread dwarfs eps cancel dx", "[gradcheck][undecidable]", float, double) {
  // dx is eps / S of its terms: 1e-5 / 1e2 and less lies below kLeastSignal.
  Random random(72);
  Batch<TestType> batch = draw<TestType>(random, 2, 3, 12.0, 1.0, 1e-5);
  for (std::size_t c = 0; c < 3; ++c) batch.x[3 + c] = batch.x[c] + TestType(40);  // std 20, S 400
  check_undecidable<TestType>("N = 2", batch, {NodeId::kX});
}

TEMPLATE_TEST_CASE("a constant dy cancels dgamma and dx", "[gradcheck][undecidable]", float, double) {
  Random random(73);
  Batch<TestType> batch = draw<TestType>(random, 6, 3, 12.0, 5.0, 1e-5);
  batch.dy.assign(batch.dy.size(), TestType(0.75));
  check_undecidable<TestType>(
      "dy constant", batch,
      {NodeId::kX, NodeId::kGamma, NodeId::kInvstd, NodeId::kStd, NodeId::kVar, NodeId::kSq});
}

TEMPLATE_TEST_CASE("a dy proportional to y cancels dx", "[gradcheck][undecidable]", float, double) {
  Random random(74);
  Batch<TestType> batch = draw<TestType>(random, 6, 3, 12.0, 20.0, 1e-5);
  batch.beta.assign(3, TestType(0));
  Trace<TestType> trace;
  REQUIRE(status_code(trace.run(batch.view())) == "ok");
  for (std::size_t i = 0; i < batch.dy.size(); ++i) batch.dy[i] = TestType(2) * trace.values[NodeId::kY][i];
  // With beta 0 the columns of y sum to 0, and so dbeta and dmean vanish too, and dxc is dx less dmean's
  // share.
  check_undecidable<TestType>("dy = 2y", batch, {NodeId::kX, NodeId::kXc, NodeId::kMean, NodeId::kBeta});
}

TEST_CASE("a wrong gradient fails even where a right one would be undecidable", "[gradcheck][undecidable]") {
  Random random(75);
  Checked<double> checked(draw<double>(random, 1, 4, 12.0, 1.0, 1e-5));
  CHECK(checked.verdict(NodeId::kX) == "undecidable");
  REQUIRE(status_code(checked.check.claim(NodeId::kX, std::vector<double>{0, 0, 1, 0})) == "ok");
  CHECK(checked.verdict(NodeId::kX) == "fail");
  CHECK(checked.check.report(NodeId::kX).worst == 2);
}

TEST_CASE("a dy of zeros is undecidable", "[gradcheck][undecidable]") {
  Random random(76);
  Batch<double> batch = draw<double>(random, 4, 3, 1.0, 1.0, 1e-5);
  batch.dy.assign(batch.dy.size(), 0.0);
  const Checked<double> checked(batch);
  for (const Node& one : kNodes) CHECK(checked.verdict(one.id) == "undecidable");
}

TEST_CASE("a gamma of zeros hides everything upstream", "[gradcheck][undecidable]") {
  Random random(77);
  Batch<double> batch = draw<double>(random, 4, 3, 1.0, 1.0, 1e-5);
  batch.gamma.assign(3, 0.0);
  const Checked<double> checked(batch);
  for (const Node& one : kNodes) {
    CAPTURE(one.name);
    const bool behind = contains({NodeId::kGamma, NodeId::kBeta, NodeId::kScaled, NodeId::kY}, one.id);
    CHECK(checked.verdict(one.id) == (behind ? "pass" : "undecidable"));
  }
}

TEMPLATE_TEST_CASE("a constant column among good ones passes where its own rounding is small",
                   "[gradcheck][pass]", float, double) {
  const bool single = std::is_same_v<TestType, float>;
  const Checked<TestType> checked(
      batch_of<TestType>(reference_case("edges.txt", single ? "constant-channel-f32" : "constant-channel")));
  for (const Node& one : kNodes) {
    CAPTURE(one.name);
    // in float, 1/eps^1.5 makes the rounding of these larger than the gradients of the other columns
    const bool lost = single && contains({NodeId::kSq, NodeId::kVar, NodeId::kStd}, one.id);
    CHECK(checked.verdict(one.id) == (lost ? "undecidable" : "pass"));
  }
}

/// tells, silent or lost, for every column of a node.
template <typename T>
std::vector<std::string> states(const Checked<T>& checked, NodeId id, std::size_t columns) {
  std::vector<GroupState> groups(columns);
  checked.check.report(id, groups);
  std::vector<std::string> names;
  for (const GroupState state : groups) {
    names.push_back(state == GroupState::kTells ? "tells" : state == GroupState::kSilent ? "silent" : "lost");
  }
  return names;
}

/// Timestamps in microseconds beside ordinary numbers: the spread of the second column drowns in its mean.
Batch<double> timestamps(double offset) {
  Batch<double> batch;
  batch.rows = 4;
  batch.columns = 2;
  batch.x = {0.2, offset + 1, 1.1, offset + 2, -0.5, offset + 0, 0.3, offset + 3};
  batch.gamma = {1, 3};
  batch.beta = {0, 0};
  batch.dy = {1, 1, 0, 0, 2, -1, -1, 0.5};
  batch.eps = 1e-5;
  return batch;
}

std::span<const Edit> mistake(std::string_view id) {
  for (const Mistake& one : mistakes()) {
    if (one.id == id) return one.edits;
  }
  return {};
}

TEST_CASE("a column that tells does not let one pass that is lost", "[gradcheck][undecidable]") {
  const Checked<double> checked(timestamps(1.7e15), mistake("gamma-twice"));
  CHECK(checked.verdict(NodeId::kX) == "undecidable");
  CHECK(states(checked, NodeId::kX, 2) == std::vector<std::string>{"tells", "lost"});
}

TEST_CASE("a forgotten gamma fails as long as the spread can be told from the mean", "[gradcheck][fail]") {
  for (const double offset : {0.0, 1e3, 1e6, 1e9, 1e12, 1e13}) {
    CAPTURE(offset);
    const Checked<double> checked(timestamps(offset), mistake("gamma-twice"));
    CHECK(checked.verdict(NodeId::kX) == "fail");
  }
}

TEST_CASE("columns that a ReLU has masked are silent, and the others decide", "[gradcheck][pass]") {
  Random random(80);
  for (int round = 0; round < 300; ++round) {
    Batch<double> batch = draw<double>(random, 4, 5, 1.0, 2.0, 1e-5);
    for (double& value : batch.dy) value = value > 0 ? value : 0.0;
    for (std::size_t row = 0; row < 4; ++row) batch.dy[row * 5 + static_cast<std::size_t>(round) % 5] = 0.0;
    const Checked<double> checked(batch);
    for (const Node& one : kNodes) {
      CAPTURE(round, one.name);
      CHECK(checked.verdict(one.id) == "pass");
    }
  }
}

TEST_CASE("the signal is between 0 and 1 and explains the verdict", "[gradcheck][signal]") {
  const Checked<double> course(batch_of<double>(reference_case("cs231n.txt", "cs231n")));
  const Checked<double> one_row(batch_of<double>(reference_case("edges.txt", "one-row")));
  for (const Node& one : kNodes) {
    for (std::size_t column = 0; column < 5; ++column) {
      CAPTURE(one.name, column);
      CHECK(course.check.signal(one.id)[column] <= 1.0 + 1e-12);  // numerator and denominator round apart
      CHECK(course.check.signal(one.id)[column] > 1e-3);          // random dy: nothing vanishes
    }
  }
  for (std::size_t column = 0; column < 3; ++column) {
    CHECK(one_row.check.signal(NodeId::kX)[column] == 0.0);
    CHECK(one_row.check.signal(NodeId::kY)[column] == 1.0);
  }
}

TEST_CASE("a difference that contradicts the exact derivative is the checker's fault, and no verdict",
          "[gradcheck][fault]") {
  // No case is known on which this happens; so two values in two columns are made up.
  const std::vector<double> exact{1.0, 2.0}, bound{1e-12, 1e-12}, numeric_bound{1e-9, 1e-9}, signal{1.0, 1.0};
  struct Row {
    const char* what;
    std::vector<double> claimed, numeric;
    bool at_fault;
    const char* verdict;
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Row table[] = {
      {"all agree", {1.0, 2.0}, {1.0, 2.0 + 0.9e-9}, false, "pass"},
      {"the difference lies elsewhere", {1.0, 2.0}, {1.0, 2.0 + 1.1e-9}, true, "undecidable"},
      {"claim and difference agree against the judge", {1.5, 2.0}, {1.5, 2.0}, true, "fail"},
      {"no step could move the value", {1.0, 2.0}, {1.0, nan}, false, "pass"},
  };
  for (const Row& row : table) {
    const NodeReport report = judge<double>({row.claimed, exact, row.numeric, bound, numeric_bound, signal});
    CAPTURE(row.what);
    CHECK(report.checker_at_fault == row.at_fault);
    CHECK(name(report.verdict) == row.verdict);
  }
}

TEST_CASE("a derivative lost to overflow leaves numbers undecidable, but a NaN still fails",
          "[gradcheck][undecidable]") {
  const std::vector<double> exact{HUGE_VAL}, bound{1.0}, one{1.0};
  const std::vector<double> nan{std::numeric_limits<double>::quiet_NaN()};
  CHECK(name(judge<double>({one, exact, one, bound, bound, one}).verdict) == "undecidable");
  CHECK(name(judge<double>({nan, exact, one, bound, bound, one}).verdict) == "fail");
  CHECK(name(judge<double>({one, one, one, nan, bound, one}).verdict) == "undecidable");
  CHECK(name(judge<double>({nan, one, one, nan, bound, one}).verdict) == "fail");
}

TEST_CASE("a gradient whose length edits change fails", "[gradcheck][fail]") {
  Random random(79);
  const Batch<double> batch = draw<double>(random, 4, 3, 1.0, 1.0, 1e-5);
  for (const Edit::Kind kind : {Edit::Kind::kUnsummed, Edit::Kind::kWrongAxis}) {
    const Edit edit = at_node(kind, NodeId::kGamma);
    const Checked<double> checked(batch, {&edit, 1});
    CHECK(checked.verdict(NodeId::kGamma) == "fail");
    CHECK(checked.verdict(NodeId::kBeta) == "pass");
  }
}

TEMPLATE_TEST_CASE("overflow, NaN and infinity are refused", "[gradcheck][status]", float, double) {
  using Limits = std::numeric_limits<TestType>;
  const TestType huge = Limits::max() / TestType(2);
  Random random(78);
  const Batch<TestType> good = draw<TestType>(random, 4, 2, 1.0, 1.0, 1e-5);
  struct Row {
    const char* what;
    void (*spoil)(Batch<TestType>&, TestType);
    const char* code;
  };
  using B = Batch<TestType>;
  const Row table[] = {
      {"nothing", [](B&, TestType) {}, "ok"},
      {"x overflows", [](B& b, TestType big) { b.x[0] = big; }, "not-finite"},
      {"dy and gamma overflow", [](B& b, TestType big) { b.dy[0] = b.gamma[0] = big; }, "not-finite"},
      {"x has a NaN", [](B& b, TestType) { b.x[3] = Limits::quiet_NaN(); }, "not-finite"},
      {"dy has an infinity", [](B& b, TestType) { b.dy[3] = Limits::infinity(); }, "not-finite"},
      {"beta has a NaN", [](B& b, TestType) { b.beta[1] = Limits::quiet_NaN(); }, "not-finite"},
      {"constant column without eps",
       [](B& b, TestType) {
         b.eps = 0.0;
         for (std::size_t row = 0; row < b.rows; ++row) b.x[row * b.columns] = TestType(3);
       },
       "not-finite"},
      {"eps negative", [](B& b, TestType) { b.eps = -1.0; }, "invalid-eps"},
      {"gamma short", [](B& b, TestType) { b.gamma.pop_back(); }, "length-mismatch"},
      {"ddof 3", [](B& b, TestType) { b.ddof = 3; }, "invalid-ddof"},
  };
  for (const Row& row : table) {
    CAPTURE(row.what);
    Batch<TestType> batch = good;
    row.spoil(batch, huge);
    Gradcheck<TestType> check;
    CHECK(status_code(check.prepare(batch.view())) == row.code);
  }
}

TEMPLATE_TEST_CASE("a correct backward pass never fails", "[gradcheck][random]", float, double) {
  constexpr int kBatches = 2000;  // 100,000 are in scale_test.cpp
  Random random(79);
  Faults faults;
  int passes = 0;
  for (int i = 0; i < kBatches; ++i) {
    const std::size_t rows = random.size(1, 9);
    const double mean = random.one_of({0, 1, 12, 1e3, 1e6, 1e8});
    const double spread = random.one_of({1e-3, 1, 5, 1e3});
    const double eps = random.one_of({0, 1e-12, 1e-8, 1e-5, 1e-3, 1});
    const int ddof = rows > 1 ? static_cast<int>(random.integer(0, 1)) : 0;
    Batch<TestType> batch = draw<TestType>(random, rows, random.size(1, 5), mean, spread, eps, ddof);
    switch (random.integer(0, 7)) {  // half of the batches as drawn, half with something odd about them
      case 0: batch.gamma[0] = TestType(0); break;
      case 1: batch.dy.assign(batch.dy.size(), TestType(1)); break;
      case 2: batch.dy = batch.x; break;
      case 3:
        // A constant column whose mean is exact; for one whose mean is not, see the next test.
        for (std::size_t row = 0; row < rows; ++row) batch.x[row * batch.columns] = TestType(0.125);
        break;
      default: break;
    }
    Gradcheck<TestType> check;
    const Status status = check.prepare(batch.view());
    if (status == Status::kNotFinite && eps == 0) continue;  // a column without spread has no derivative
    REQUIRE(status_code(status) == "ok");
    check.check();
    for (const Node& one : kNodes) {
      const NodeReport report = check.report(one.id);
      std::ostringstream text;
      if (report.verdict == Verdict::kFail) text << "fails at " << report.worst << " by " << report.max_error;
      faults.note(describe(batch, one.id), text.str());
      passes += report.verdict == Verdict::kPass;
    }
  }
  CHECK(faults.text() == "");
  CHECK(passes > kBatches * static_cast<int>(kNodeCount) / 2);  // nor is everything undecidable
}

TEMPLATE_TEST_CASE("a column below the resolution of its numbers is undecidable", "[gradcheck][undecidable]",
                   float, double) {
  // The spread lies below the last digit of x, so that no step can move x: the difference is 0 / 0.
  struct Row {
    double x, eps;
  };
  Random random(81);
  for (const Row& row : {Row{0.1, 0.0}, Row{1e14, 1e-5}, Row{-1e14, 1e-12}}) {
    Batch<TestType> batch = draw<TestType>(random, 7, 2, 0.0, 1.0, row.eps);
    for (std::size_t i = 0; i < batch.rows; ++i) batch.x[2 * i] = static_cast<TestType>(row.x);
    Gradcheck<TestType> check;
    const Status status = check.prepare(batch.view());
    if (status == Status::kNotFinite) continue;  // 0.1 averages to 0.1 in float32: no spread at all
    REQUIRE(status_code(status) == "ok");
    check.check();
    for (const Node& one : kNodes) {
      CAPTURE(row.x, row.eps, one.name, check.report(one.id).max_error);
      CHECK(name(check.report(one.id).verdict) != "fail");
    }
  }
}

TEMPLATE_TEST_CASE("a gradient wrong by its whole size never passes", "[gradcheck][random]", float, double) {
  // The other side of the coin, on random batches: what is wrong may be undecidable, but it does not pass.
  Random random(80);
  Faults faults;
  int fails = 0;
  int undecidable = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::size_t rows = random.size(1, 9);
    const Batch<TestType> batch =
        draw<TestType>(random, rows, random.size(1, 3), random.one_of({0, 12, 1e3, 1e6, 1e8}),
                       random.one_of({1e-3, 1, 5, 1e3}), random.one_of({1e-12, 1e-5, 1}));
    const Edit edit = scaled(random.size(0, kEdgeCount - 1), random.one_of({0, -1, 2}));
    const NodeId from = edit.edge.from;
    // x and xc sum two contributions, of which the edited one may be 0: then nothing is wrong.
    if (from == NodeId::kX || from == NodeId::kXc) continue;
    const Checked<TestType> checked(batch, {&edit, 1});
    faults.note(describe(batch, from), checked.verdict(from) == "pass" ? "passes" : "");
    (checked.verdict(from) == "fail" ? fails : undecidable) += 1;
  }
  CHECK(faults.text() == "");
  CHECK(fails > 2 * undecidable);
}

// gamma·xhat' of the dual pass came to 1e-469, and by dy of 1e277 what was lost looked like a wrong dstd.
TEST_CASE("underflow in the dual pass doesn't fail the gradient", "[gradcheck][bound]") {
  Random random(77);
  for (const double gamma : {5e-324, 1e-320, 1e-310}) {
    for (const double spread : {1e120, 1e146, 1e150}) {
      Batch<double> batch = draw<double>(random, 6, 3, 0.0, spread, 1e-5);
      for (double& factor : batch.gamma) factor = gamma;
      for (double& sent : batch.dy) sent *= 1e277;
      const Checked<double> checked(batch);
      for (const Node& one : kNodes) {
        CAPTURE(gamma, spread, one.name);
        CHECK(checked.verdict(one.id) != "fail");
        CHECK(!checked.check.report(one.id).checker_at_fault);
      }
    }
  }
}

// The bound on its rounding error was that of dy of 1e-310, which underflowed.
TEST_CASE("a right gradient below the smallest normal number doesn't fail", "[gradcheck][bound]") {
  Batch<double> batch{.rows = 33, .columns = 1, .gamma = {1.0}, .beta = {0.0}};
  for (int i = 0; i < 33; ++i) {
    batch.x.push_back(6 * i % 7);
    batch.dy.push_back(((i * i + 4) % 5 - 1) * 1e-310);
  }
  const Checked<double> checked(batch);
  for (const Node& one : kNodes) {
    CAPTURE(one.name);
    CHECK(checked.verdict(one.id) == "pass");
    CHECK(!checked.check.report(one.id).checker_at_fault);
  }
}

// A step as long as the spread moves xc to 0, where it has no rounding error; the rows that stay have theirs.
TEST_CASE("a step that moves a value to 0 doesn't put the checker at fault", "[gradcheck][fault]") {
  struct Row {
    std::vector<double> x;
    double eps;
  };
  for (const Row& row : {Row{{-6e-8, -4e-8, -4e-8, -4e-8}, 1e-5}, Row{{-1.3, -0.7, -0.7, -0.7}, 1e10}}) {
    const Batch<double> batch{.rows = 4,
                              .columns = 1,
                              .x = row.x,
                              .gamma = {1.0},
                              .beta = {0.0},
                              .dy = {1.0, 0.0, 0.0, 0.0},
                              .eps = row.eps};
    const Checked<double> checked(batch);
    for (const Node& one : kNodes) {
      CAPTURE(row.eps, one.name);
      CHECK(checked.verdict(one.id) == "pass");
      CHECK(!checked.check.report(one.id).checker_at_fault);
    }
  }
}

}  // namespace
}  // namespace backnorm::test
