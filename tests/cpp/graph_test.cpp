#include "backnorm/graph.hpp"

#include <cstring>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "catch.hpp"
#include "six_steps.hpp"
#include "support.hpp"

namespace backnorm::test {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST_CASE("the table is in topological order, and an id is its index", "[graph][table]") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kNodeCount; ++i) {
    CHECK(place(kNodes[i].id) == i);
    for (std::size_t input = 0; input < kNodes[i].arity; ++input) CHECK(place(kNodes[i].inputs[input]) < i);
    CHECK((kNodes[i].gate == Gate::kInput) == (kNodes[i].arity == 0));
    names.insert(kNodes[i].name);
  }
  CHECK(names.size() == kNodeCount);
}

TEST_CASE("a node is a matrix if an input is one unless its gate averages over the rows", "[graph][table]") {
  for (const Node& one : kNodes) {
    if (one.arity == 0) continue;
    bool matrix = false;
    for (std::size_t input = 0; input < one.arity; ++input) {
      matrix |= node(one.inputs[input]).extent == Extent::kElements;
    }
    const bool averages = one.gate == Gate::kMean || one.gate == Gate::kVariance;
    CAPTURE(one.name);
    CHECK((one.extent == Extent::kElements) == (matrix && !averages));
  }
}

TEST_CASE("the graph has thirteen edges and finds each by its ends", "[graph][table]") {
  REQUIRE(kEdgeCount == 13);
  for (std::size_t i = 0; i < kEdgeCount; ++i) CHECK(edge_index(kEdges[i].from, kEdges[i].to) == i);
  CHECK(edge_index(NodeId::kX, NodeId::kVar) == kEdgeCount);
  CHECK(edge_index(NodeId::kMean, NodeId::kX) == kEdgeCount);
  std::size_t fed[kNodeCount] = {};
  for (const Edge& edge : kEdges) ++fed[place(edge.from)];
  for (const Node& one : kNodes) {
    CAPTURE(one.name);
    const bool two = one.id == NodeId::kX || one.id == NodeId::kXc;  // these two sum two contributions
    CHECK(fed[place(one.id)] == (one.id == NodeId::kY ? 0u : two ? 2u : 1u));
  }
}

TEST_CASE("evaluate_from after moving an input equals a whole evaluate", "[graph][evaluate]") {
  Random random(11);
  const Batch<double> batch = draw<double>(random, 5, 3, 12.0, 5.0, 1e-5);
  const Settings settings{.eps = batch.eps, .ddof = batch.ddof};
  for (const NodeId input : {NodeId::kX, NodeId::kGamma, NodeId::kBeta}) {
    Trace<double> whole;
    REQUIRE(status_code(whole.run(batch.view())) == "ok");
    Trace<double> part;
    REQUIRE(status_code(part.run(batch.view())) == "ok");
    for (std::size_t i = 0; i < whole.values[input].size(); ++i) {
      whole.values[input][i] = part.values[input][i] += random.normal();
    }
    evaluate(settings, whole.values);
    evaluate_from(input, settings, part.values);
    for (const Node& one : kNodes) {
      CAPTURE(node(input).name, one.name);
      CHECK(unequal(part.values[one.id], whole.values[one.id]) == "");
    }
  }
}

TEST_CASE("evaluate_from recomputes only what depends on the node", "[graph][evaluate]") {
  Random random(12);
  const Batch<double> batch = draw<double>(random, 4, 2, 1.0, 2.0, 1e-3, 1);
  const Settings settings{.eps = batch.eps, .ddof = batch.ddof};
  for (const Node& moved : kNodes) {
    Trace<Bounded<double>> trace;
    REQUIRE(status_code(trace.run(batch.view())) == "ok");
    SixSteps<double> expected = six_steps<double>(batch);
    for (std::size_t i = 0; i < trace.values.size(moved.id); ++i) {
      const double value =
          std::abs(trace.values[moved.id][i].value) + random.uniform();  // var stays positive
      trace.values[moved.id][i] = expected.value(moved.id)[i] = value;
    }
    evaluate_from(moved.id, settings, trace.values);
    six_steps_from(moved.id, batch.rows, batch.columns, batch.eps, batch.ddof, expected);
    for (const Node& one : kNodes) {
      CAPTURE(moved.name, one.name);
      // the same operations in the same order: the same bits
      CHECK(unequal(trace.values[one.id], expected.value(one.id)) == "");
    }
  }
}

TEST_CASE("evaluate_row_from gives the bits of evaluate_from, whatever row of whatever node moved",
          "[graph][evaluate]") {
  Random random(14);
  struct Shape {
    std::size_t rows, columns;
  };
  // panels of sums, and what is left over; several blocks of rows
  for (const auto [drawn, columns] :
       {Shape{5, 1}, Shape{5, 3}, Shape{5, 8}, Shape{5, 11}, Shape{5, 23}, Shape{40, 30}, Shape{3, 1025}}) {
    const Batch<double> batch = draw<double>(random, drawn, columns, 12.0, 5.0, 1e-5);
    const Settings settings{.eps = batch.eps, .ddof = batch.ddof};
    Trace<double> whole;
    REQUIRE(status_code(whole.run(batch.view())) == "ok");
    Trace<double> part;
    REQUIRE(status_code(part.run(batch.view())) == "ok");
    for (const Node& moved : kNodes) {
      const std::size_t rows = moved.extent == Extent::kElements ? batch.rows : 1;
      for (std::size_t row = 0; row < rows; row += 1 + rows / 6) {
        for (const double step : {1e-3, 0.0}) {  // there and back
          for (std::size_t i = row * columns; i < (row + 1) * columns; ++i) {
            const double base = part.values[moved.id][i];
            whole.values[moved.id][i] = part.values[moved.id][i] = step > 0 ? base * (1 + step) : base;
          }
          evaluate_from(moved.id, settings, whole.values);
          evaluate_row_from(moved.id, row, settings, part.values);
          for (const Node& one : kNodes) {
            CAPTURE(columns, moved.name, row, one.name);
            CHECK(unequal(part.values[one.id], whole.values[one.id]) == "");
          }
        }
      }
    }
  }
}

TEST_CASE("the table knows what a moved row reaches", "[graph][table]") {
  using enum NodeId;
  for (const Node& one : kNodes) CHECK(reach(one.id, one.id) != Reach::kNone);
  CHECK(reach(kX, kMean) == Reach::kAll);
  CHECK(reach(kX, kXc) == Reach::kAll);  // the mean moves, and every row of xc with it
  CHECK(reach(kXc, kSq) == Reach::kRow);
  CHECK(reach(kXc, kVar) == Reach::kAll);
  CHECK(reach(kXc, kXhat) == Reach::kAll);
  CHECK(reach(kSq, kY) == Reach::kAll);
  CHECK(reach(kXhat, kY) == Reach::kRow);
  CHECK(reach(kScaled, kY) == Reach::kRow);
  CHECK(reach(kGamma, kY) == Reach::kAll);
  CHECK(reach(kY, kX) == Reach::kNone);
  CHECK(reach(kGamma, kXhat) == Reach::kNone);
}

template <typename T>
bool same_bits(std::span<const T> a, std::span<const T> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

TEMPLATE_TEST_CASE("an edit by 1 changes no bit", "[graph][edit]", float, double) {
  Random random(13);
  const Batch<TestType> batch = draw<TestType>(random, 6, 4, 3.0, 2.0, 1e-5);
  Trace<TestType> plain_run;
  REQUIRE(status_code(plain_run.run(batch.view())) == "ok");
  for (std::size_t edge = 0; edge < kEdgeCount; ++edge) {
    const Edit edit = scaled(edge, 1.0);
    Trace<TestType> edited;
    REQUIRE(status_code(edited.run(batch.view(), {&edit, 1})) == "ok");
    for (const Node& one : kNodes) {
      CAPTURE(edge, one.name);
      CHECK(same_bits<TestType>(edited.gradients[one.id], plain_run.gradients[one.id]));
    }
  }
}

TEST_CASE("an edit multiplies its own edge, and by 0 drops it", "[graph][edit]") {
  Random random(14);
  const Batch<double> batch = draw<double>(random, 6, 4, 3.0, 2.0, 1e-5);
  Trace<double> plain_run;
  REQUIRE(status_code(plain_run.run(batch.view())) == "ok");
  for (std::size_t edge = 0; edge < kEdgeCount; ++edge) {
    for (const double factor : {0.0, -1.0, 2.0}) {  // multiplying by these is exact
      const Edit edit = scaled(edge, factor);
      Trace<double> edited;
      REQUIRE(status_code(edited.run(batch.view(), {&edit, 1})) == "ok");
      std::vector<double> expected;
      for (const double value : plain_run.contributions[edge]) expected.push_back(factor * value);
      CAPTURE(edge, factor);
      CHECK(unequal(edited.contributions[edge], expected) == "");

      // With the other edge out of the same node, if there is one, the gradient is what remains.
      const NodeId from = kEdges[edge].from;
      for (std::size_t other = 0; other < kEdgeCount; ++other) {
        if (other == edge || kEdges[other].from != from) continue;
        for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += edited.contributions[other][i];
      }
      CHECK(unequal(edited.gradients[from], expected) == "");
      for (const Node& one : kNodes) CHECK(unequal(edited.values[one.id], plain_run.values[one.id]) == "");
    }
  }
}

TEST_CASE("two edits of one edge multiply and edits of two edges join", "[graph][edit]") {
  Random random(15);
  const Batch<double> batch = draw<double>(random, 5, 3, 0.0, 1.0, 1e-5);
  constexpr std::size_t kSq = edge_index(NodeId::kXc, NodeId::kSq);
  constexpr std::size_t kMean = edge_index(NodeId::kX, NodeId::kMean);
  const Edit twice[] = {scaled(kSq, 2.0), scaled(kMean, -1.0), scaled(kSq, 4.0)};
  const Edit once[] = {scaled(kSq, 8.0), scaled(kMean, -1.0)};
  Trace<double> a;
  Trace<double> b;
  REQUIRE(status_code(a.run(batch.view(), twice)) == "ok");
  REQUIRE(status_code(b.run(batch.view(), once)) == "ok");
  CHECK(unequal(a.gradients[NodeId::kX], b.gradients[NodeId::kX]) == "");
}

TEMPLATE_TEST_CASE("validate names what is wrong with a case", "[graph][validate]", float, double) {
  const std::vector<TestType> numbers(100);
  const std::span<const TestType> all = numbers;
  const Case<TestType> good{.grouping = batch_grouping(4, 5),
                            .x = all.first(20),
                            .gamma = all.first(5),
                            .beta = all.first(5),
                            .dy = all.first(20)};
  struct Row {
    const char* what;
    void (*spoil)(Case<TestType>&, std::span<const TestType>);
    const char* code;
  };
  using Kase = Case<TestType>;
  using Numbers = std::span<const TestType>;
  const Row table[] = {
      {"nothing", [](Kase&, Numbers) {}, "ok"},
      {"eps 0", [](Kase& k, Numbers) { k.eps = 0.0; }, "ok"},
      {"ddof 1", [](Kase& k, Numbers) { k.ddof = 1; }, "ok"},
      {"no rows", [](Kase& k, Numbers) { k.grouping.samples = 0; }, "empty-batch"},
      {"no columns", [](Kase& k, Numbers) { k.grouping.channels = 0; }, "empty-batch"},
      {"x short", [](Kase& k, Numbers all_) { k.x = all_.first(19); }, "length-mismatch"},
      {"x long", [](Kase& k, Numbers all_) { k.x = all_.first(21); }, "length-mismatch"},
      {"x empty", [](Kase& k, Numbers) { k.x = {}; }, "length-mismatch"},
      {"dy short", [](Kase& k, Numbers all_) { k.dy = all_.first(19); }, "length-mismatch"},
      {"dy long", [](Kase& k, Numbers all_) { k.dy = all_.first(21); }, "length-mismatch"},
      {"gamma short", [](Kase& k, Numbers all_) { k.gamma = all_.first(4); }, "length-mismatch"},
      {"gamma empty", [](Kase& k, Numbers) { k.gamma = {}; }, "length-mismatch"},
      {"beta long", [](Kase& k, Numbers all_) { k.beta = all_.first(6); }, "length-mismatch"},
      {"size overflows",  // rows·columns wraps round to the 20 of x and dy
       [](Kase& k, Numbers all_) {
         k.grouping.channels = 4;
         k.gamma = k.beta = all_.first(4);
         k.grouping.samples = std::numeric_limits<std::size_t>::max() / 4 + 1 + 5;
       },
       "length-mismatch"},
      {"eps negative", [](Kase& k, Numbers) { k.eps = -1e-9; }, "invalid-eps"},
      {"eps NaN", [](Kase& k, Numbers) { k.eps = kNaN; }, "invalid-eps"},
      {"eps infinite", [](Kase& k, Numbers) { k.eps = kInfinity; }, "invalid-eps"},
      {"ddof 2", [](Kase& k, Numbers) { k.ddof = 2; }, "invalid-ddof"},
      {"ddof -1", [](Kase& k, Numbers) { k.ddof = -1; }, "invalid-ddof"},
      {"ddof 1 with one row",
       [](Kase& k, Numbers all_) {
         k.grouping = batch_grouping(1, 5);
         k.x = k.dy = all_.first(5);
         k.ddof = 1;
       },
       "one-value-per-channel"},
  };
  for (const Row& row : table) {
    CAPTURE(row.what);
    Case<TestType> kase = good;
    row.spoil(kase, all);
    CHECK(status_code(validate(kase)) == row.code);
    Trace<Bounded<TestType>> trace;
    CHECK(status_code(trace.run(kase)) == row.code);
  }
}

}  // namespace
}  // namespace backnorm::test
