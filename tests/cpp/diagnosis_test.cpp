#include "diagnosis.hpp"

#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

namespace backnorm::test {
namespace {

using Kind = Relation::Kind;

TEST_CASE("every mistake has its own id and changes something", "[mistakes]") {
  std::set<std::string_view> ids;
  for (const Mistake& mistake : mistakes()) {
    CAPTURE(mistake.id);
    CHECK(ids.insert(mistake.id).second);
    CHECK(mistake.edits[0].kind != Edit::Kind::kNothing);
  }
  CHECK(ids.size() >= 35);
}

TEMPLATE_TEST_CASE("a right program has no findings, whatever its numbers", "[diagnosis][random]", float,
                   double) {
  Random random(91);
  Faults faults;
  for (int i = 0; i < 2000; ++i) {
    const std::size_t rows = random.size(1, 9);
    const Batch<TestType> batch =
        draw<TestType>(random, rows, random.size(1, 5), random.one_of({0, 1, 12, 1e3, 1e6, 1e8}),
                       random.one_of({1e-3, 1, 5, 1e3}), random.one_of({1e-12, 1e-8, 1e-5, 1e-3, 1}),
                       rows > 1 ? static_cast<int>(random.integer(0, 1)) : 0);
    Patient<TestType> patient(batch);
    patient.give_all({});
    patient.run();
    faults.note(describe(batch, NodeId::kX),
                patient.first_wrong() == "none" ? "" : patient.first_wrong() + " is called wrong");
    for (std::size_t number = 0; number < 2 * kNodeCount; ++number) {
      faults.note(describe(batch, quantity(number).node),
                  patient.local(number) == "fail" ? "is called wrong here" : "");
    }
    faults.note("fits", patient.diagnosis.fits().empty() ? "" : "a mistake is named");
  }
  CHECK(faults.text() == "");
}

TEMPLATE_TEST_CASE("every mistake is found and named from the arrays of a program with it",
                   "[diagnosis][mistakes]", float, double) {
  Random random(92);
  const Batch<TestType> batch = draw<TestType>(random, 7, 3, -2.0, 3.0, 1e-1);
  for (const Mistake& mistake : mistakes()) {
    if (mistake.of_rounding || !is_of_batch_norm(mistake)) continue;
    Patient<TestType> patient(batch);
    patient.give_all(mistake.edits);
    patient.run();
    CAPTURE(mistake.id, patient.first_wrong());
    CHECK(patient.first_wrong() != "none");
    CHECK(patient.names(mistake.id));
    CHECK(patient.diagnosis.fits().size() <= 2);
  }
}

TEST_CASE("an inherited error is told apart from one made here", "[diagnosis][local]") {
  Patient<double> patient(course_batch<double>());
  patient.give_all(edits_of("dvar-sign"));
  patient.run();
  CHECK(patient.first_wrong() == "dvar");
  CHECK(patient.local(gradient_of(NodeId::kVar)) == "fail");
  for (const NodeId id : {NodeId::kSq, NodeId::kXc, NodeId::kX}) {
    CAPTURE(node(id).name);
    CHECK(patient.truth(gradient_of(id)) == "fail");
    CHECK(patient.local(gradient_of(id)) == "pass");
  }
  for (const NodeId id : {NodeId::kXhat, NodeId::kStd, NodeId::kGamma, NodeId::kMean}) {
    CAPTURE(node(id).name);
    CHECK(patient.truth(gradient_of(id)) == "pass");
  }
}

TEST_CASE("a right array after a wrong one is wrong here, since it does not follow", "[diagnosis][local]") {
  Patient<double> patient(course_batch<double>());
  Trace<double> right;
  REQUIRE(status_code(right.run(patient.batch.view())) == "ok");
  std::vector<double> twice(right.gradients[NodeId::kVar].begin(), right.gradients[NodeId::kVar].end());
  for (double& value : twice) value *= 2;
  patient.give(gradient_of(NodeId::kVar), twice);
  patient.give(gradient_of(NodeId::kX), right.gradients[NodeId::kX]);
  patient.run();
  CHECK(patient.truth(gradient_of(NodeId::kX)) == "pass");
  CHECK(patient.local(gradient_of(NodeId::kX)) == "fail");
}

TEST_CASE("two mistakes at once: the first wrong node is right and no single one is named", "[diagnosis]") {
  struct Row {
    const char *one, *other, *first;
  };
  const Row table[] = {
      {"no-gamma", "no-mean-path", "dxhat"},        {"dvar-sign", "dmean-sign", "dvar"},
      {"swapped", "no-variance-path", "dbeta"},     {"dgamma-from-x", "no-factor-2", "dgamma"},
      {"no-eps-backward", "no-1/N-mean", "dstd"},   {"other-ddof-forward", "dbeta-averaged", "var"},
      {"dmean-averaged", "mean-path-sign", "dmean"}};
  for (const Row& row : table) {
    std::vector<Edit> both;
    for (const Edit& edit : edits_of(row.one)) both.push_back(edit);
    for (const Edit& edit : edits_of(row.other)) both.push_back(edit);
    Patient<double> patient(course_batch<double>());
    patient.give_all(both);
    patient.run();
    CAPTURE(row.one, row.other);
    CHECK(patient.first_wrong() == row.first);
    CHECK(patient.diagnosis.fits().empty());
  }
}

TEST_CASE("the relation of a wrong array to the right one is found", "[diagnosis][relation]") {
  struct Row {
    const char* mistake;
    std::size_t number;
    Kind kind;
  };
  const Row table[] = {
      {"dvar-sign", gradient_of(NodeId::kVar), Kind::kRatio},
      {"dvar-power-half", gradient_of(NodeId::kVar), Kind::kPower},
      {"no-gamma", gradient_of(NodeId::kXhat), Kind::kPower},
      {"swapped", gradient_of(NodeId::kBeta), Kind::kEquals},
      {"no-mean-path", gradient_of(NodeId::kX), Kind::kMissingPath},
      {"no-variance-path", gradient_of(NodeId::kXc), Kind::kMissingPath},
      {"detached-stats", gradient_of(NodeId::kX), Kind::kMissingPath},
      {"no-1/N-mean", gradient_of(NodeId::kX), Kind::kOffsetPerColumn},
      {"gamma-twice", gradient_of(NodeId::kX), Kind::kPower},
      {"transposed", gradient_of(NodeId::kX), Kind::kTransposed},
      {"unsummed", gradient_of(NodeId::kGamma), Kind::kUnsummed},
      {"wrong-axis", gradient_of(NodeId::kBeta), Kind::kWrongAxis},
      {"dx-times-n", gradient_of(NodeId::kX), Kind::kRatio},
      {"no-gamma-forward", value_of(NodeId::kY), Kind::kNone},
  };
  for (const Row& row : table) {
    Patient<double> patient(course_batch<double>());
    patient.give_all(edits_of(row.mistake));
    patient.run();
    CAPTURE(row.mistake);
    CHECK(static_cast<int>(patient.diagnosis.finding(row.number).relation.kind) ==
          static_cast<int>(row.kind));
  }
  Patient<double> patient(course_batch<double>());
  patient.give_all(edits_of("dvar-sign"));
  patient.run();
  CHECK(std::abs(patient.diagnosis.finding(gradient_of(NodeId::kVar)).relation.ratio + 1.0) < 1e-12);
}

TEST_CASE("a wrong length and a NaN are findings, and the other arrays are still judged",
          "[diagnosis][input]") {
  Patient<double> patient(course_batch<double>());
  Trace<double> right;
  REQUIRE(status_code(right.run(patient.batch.view())) == "ok");
  std::vector<double> dvar(right.gradients[NodeId::kVar].begin(), right.gradients[NodeId::kVar].end());
  dvar[2] = std::numeric_limits<double>::quiet_NaN();
  patient.give(gradient_of(NodeId::kVar), dvar);
  patient.give(gradient_of(NodeId::kMean), std::vector<double>(3, 1.0));
  patient.give(gradient_of(NodeId::kGamma), std::vector<double>{});
  patient.give(gradient_of(NodeId::kX), right.gradients[NodeId::kX]);
  patient.run();
  const Finding& nan = patient.diagnosis.finding(gradient_of(NodeId::kVar));
  CHECK(name(nan.truth) == "fail");
  CHECK(nan.relation.kind == Kind::kNotFinite);
  CHECK(nan.relation.where == 2);
  const Finding& shape = patient.diagnosis.finding(gradient_of(NodeId::kMean));
  CHECK(name(shape.truth) == "fail");
  CHECK(shape.relation.kind == Kind::kShape);
  CHECK(patient.diagnosis.finding(gradient_of(NodeId::kGamma)).relation.kind == Kind::kShape);
  CHECK(patient.truth(gradient_of(NodeId::kX)) == "pass");
  CHECK(patient.local(gradient_of(NodeId::kX)) == "pass");
}

TEST_CASE("an array that doesn't fit in memory leaves the earlier one unchanged", "[diagnosis][status]") {
  // The first was given back before the second was asked for, and judged all the same.
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  Patient<double> patient(course_batch<double>());
  Trace<double> right;
  REQUIRE(status_code(right.run(patient.batch.view())) == "ok");
  const std::size_t dx = gradient_of(NodeId::kX);
  patient.give(dx, right.gradients[NodeId::kX]);
  CHECK(status_code(patient.diagnosis.claim(dx, 1, kMost / 16)) == "out-of-memory");
  CHECK(status_code(patient.diagnosis.claim(dx, kMost / 2 + 2, 2)) ==
        "out-of-memory");  // 2 by what it wraps to
  CHECK(patient.diagnosis.claimed_values(dx).size() == right.gradients[NodeId::kX].size());
  patient.run();
  CHECK(patient.truth(dx) == "pass");
}

TEST_CASE("digits that were not printed don't count as errors", "[diagnosis][resolution]") {
  Patient<double> patient(course_batch<double>());
  Trace<double> trace;
  REQUIRE(status_code(trace.run(patient.batch.view(), edits_of("no-mean-path"))) == "ok");
  for (const NodeId id : {NodeId::kVar, NodeId::kMean, NodeId::kX}) {
    std::vector<double> printed(trace.gradients[id].begin(), trace.gradients[id].end());
    for (double& value : printed) value = std::round(value * 1e8) / 1e8;
    patient.give(gradient_of(id), printed);
    for (double& half : patient.diagnosis.resolution(gradient_of(id))) half = 0.5000001e-8;
  }
  patient.run();
  CHECK(patient.first_wrong() == "dx");
  CHECK(patient.names("no-mean-path"));
  CHECK(patient.diagnosis.fits().size() == 1);
  CHECK(patient.truth(gradient_of(NodeId::kVar)) == "pass");
}

/// Every array of a program that rounds each result to a precision.
void give_rounded(Patient<double>& patient, Precision precision, std::span<const Edit> edits = {}) {
  struct Rounding final : Observer<double> {
    explicit Rounding(Precision to) : precision(to) {}
    void value(NodeId, std::span<double> tensor) noexcept override { round(tensor); }
    void gradient(NodeId, std::span<double> tensor) noexcept override { round(tensor); }
    void contribution(std::size_t, std::span<double> tensor) noexcept override { round(tensor); }
    void round(std::span<double> tensor) const {
      for (double& value : tensor) value = round_to(value, precision);
    }
    Precision precision;
  } rounding(precision);
  Trace<double> trace;
  REQUIRE(status_code(trace.run(patient.batch.view(), edits, &rounding)) == "ok");
  for (const Node& one : kNodes) {
    patient.give(value_of(one.id), trace.values[one.id]);
    patient.give(gradient_of(one.id), trace.gradients[one.id]);
  }
}

TEST_CASE("a right program in a coarser arithmetic is recognized, and none of its arrays is wrong",
          "[diagnosis][precision]") {
  for (const Precision precision : {Precision::kFloat32, Precision::kFloat16, Precision::kBfloat16}) {
    Patient<double> patient(course_batch<double>());
    give_rounded(patient, precision);
    patient.run();
    CAPTURE(static_cast<int>(precision));
    CHECK(patient.first_wrong() == "none");
    CHECK(patient.diagnosis.arithmetic() == Arithmetic{precision, false});
  }
}

TEST_CASE("a mistake in a float32 program is found where it is made", "[diagnosis][precision]") {
  for (const char* const id : {"dvar-sign", "no-mean-path", "no-gamma"}) {
    Patient<double> patient(course_batch<double>());
    give_rounded(patient, Precision::kFloat32, edits_of(id));
    patient.run();
    Patient<double> in_full(course_batch<double>());
    give_rounded(in_full, Precision::kFloat64, edits_of(id));
    in_full.run();
    CAPTURE(id);
    CHECK(patient.diagnosis.arithmetic() == Arithmetic{Precision::kFloat32, false});
    CHECK(in_full.diagnosis.arithmetic() == Arithmetic{Precision::kFloat64, false});
    CHECK(patient.first_wrong() == in_full.first_wrong());
    CHECK(patient.names(id));
  }
}

TEST_CASE("an error that float32 would hide is found in float64 numbers", "[diagnosis][precision]") {
  Patient<double> patient(course_batch<double>());
  give_rounded(patient, Precision::kFloat64);
  for (double& value : patient.diagnosis.claimed_values(gradient_of(NodeId::kX))) value *= 1 + 1e-8;
  patient.run();
  CHECK(patient.first_wrong() == "dx");
  CHECK(patient.diagnosis.arithmetic() == Arithmetic{Precision::kFloat64, false});
}

TEST_CASE("numbers that are whole say nothing about precision", "[diagnosis][precision]") {
  Patient<double> patient(course_batch<double>());
  patient.give(gradient_of(NodeId::kX), std::vector<double>(patient.batch.x.size(), 0.0));
  patient.run();
  CHECK(patient.first_wrong() == "dx");
  patient.give(gradient_of(NodeId::kX), std::vector<double>(patient.batch.x.size(), 0.25));
  patient.run();
  CHECK(patient.first_wrong() == "dx");
}

TEST_CASE("the first wrong array has not inherited its error from arrays that pass", "[diagnosis]") {
  Batch<double> batch = course_batch<double>();
  batch.rows = 2;
  batch.columns = 1;
  batch.x = {8.843901190531852, 18.690275728458012};
  batch.gamma = {-0.6799838273739389};
  batch.beta = {0.9236408860080773};
  batch.dy = {0.6546847793700529, -0.7042201846771283};
  batch.eps = 8.5e-13;
  batch.ddof = 1;
  Patient<double> patient(batch);
  patient.give_all(edits_of("no-eps-backward"));
  REQUIRE(status_code(patient.diagnosis.judge()) == "ok");
  const std::size_t first = patient.diagnosis.first_wrong();
  REQUIRE(first < kQuantityCount);
  CHECK(patient.truth(gradient_of(NodeId::kStd)) == "pass");
  CHECK(patient.truth(first) == "fail");
  CHECK(patient.local(first) == "undecidable");
}

TEST_CASE("the mean of x² less mean² is another right way to the variance", "[diagnosis][precision]") {
  Patient<double> patient(course_batch<double>());
  const Batch<double>& batch = patient.batch;
  Tensors<double> values;
  REQUIRE(status_code(resize(values, batch.rows, batch.columns)) == "ok");
  std::vector<double> var(batch.columns);
  for (std::size_t c = 0; c < batch.columns; ++c) {
    double sum = 0.0;
    double squares = 0.0;
    for (std::size_t i = c; i < batch.x.size(); i += batch.columns) {
      sum += batch.x[i];
      squares += batch.x[i] * batch.x[i];
    }
    const double n = static_cast<double>(batch.rows);
    var[c] = squares / n - (sum / n) * (sum / n);
  }
  patient.give(value_of(NodeId::kVar), var);
  patient.run();
  CHECK(patient.first_wrong() == "none");
  CHECK(patient.truth(value_of(NodeId::kVar)) == "pass");
  for (double& value : patient.diagnosis.claimed_values(value_of(NodeId::kVar))) value *= 1 + 1e-9;
  patient.run();
  CHECK(patient.first_wrong() == "var");
}

/// dx as printed with so many decimals, by rounding or by cutting off.
void give_dx_printed(Patient<double>& patient, int decimals, bool cut, double factor = 1.0) {
  Trace<double> trace;
  REQUIRE(status_code(trace.run(patient.batch.view())) == "ok");
  const std::span<const double> dx = trace.gradients[NodeId::kX];
  const double unit = std::pow(10.0, -decimals);
  std::vector<double> printed(dx.begin(), dx.end());
  for (double& value : printed)
    value = (cut ? std::trunc(factor * value / unit) : std::round(factor * value / unit)) * unit;
  patient.give(gradient_of(NodeId::kX), printed);
  for (double& half : patient.diagnosis.resolution(gradient_of(NodeId::kX))) half = 0.5 * unit;
  patient.run();
}

TEST_CASE("digits may be rounded or cut off, and too few are said to be the limit", "[diagnosis][digits]") {
  for (const bool cut : {false, true}) {
    CAPTURE(cut);
    Patient<double> patient(course_batch<double>());
    const Finding& dx = patient.diagnosis.finding(gradient_of(NodeId::kX));
    give_dx_printed(patient, 8, cut);
    CHECK(name(dx.truth) == "pass");
    CHECK(dx.cut == cut);
    give_dx_printed(patient, 8, cut, 1 + 1e-5);
    CHECK(name(dx.truth) == "fail");
    give_dx_printed(patient, 1, cut);
    CHECK(name(dx.truth) == "undecidable");
    CHECK(dx.limit == Limit::kDigits);
  }
}

TEST_CASE("the invariants are computed from the caller's arrays only", "[diagnosis][law]") {
  const auto holds = [](const Patient<double>& patient, Law law) {
    for (std::size_t column = 0; column < patient.batch.columns; ++column) {
      const std::optional<Invariant> found = patient.diagnosis.law(law, column);
      if (!found) return std::string("absent");
      if (!found->holds()) return std::string("broken");
    }
    return std::string("holds");
  };
  struct Row {
    const char *mistake, *dx, *dx_xhat, *dvar, *dmean;
  };
  const Row table[] = {{"none", "holds", "holds", "holds", "holds"},
                       {"no-mean-path", "broken", "holds", "holds", "holds"},
                       {"no-variance-path", "holds", "broken", "holds", "holds"},
                       {"detached-stats", "broken", "broken", "holds", "holds"},
                       {"dvar-sign", "holds", "broken", "broken", "holds"},
                       {"dmean-sign", "broken", "holds", "holds", "broken"},
                       {"transposed", "absent", "absent", "holds", "holds"}};
  for (const Row& row : table) {
    Patient<double> patient(course_batch<double>());
    patient.give_all(edits_of(row.mistake));
    patient.run();
    CAPTURE(row.mistake);
    CHECK(holds(patient, Law::kSumOfDx) == row.dx);
    CHECK(holds(patient, Law::kSumOfDxXhat) == row.dx_xhat);
    CHECK(holds(patient, Law::kDvar) == row.dvar);
    CHECK(holds(patient, Law::kDmean) == row.dmean);
  }
  Patient<double> nothing(course_batch<double>());
  nothing.run();
  CHECK(nothing.first_wrong() == "none");
  CHECK(holds(nothing, Law::kSumOfDx) == "absent");
}

TEMPLATE_TEST_CASE("diagnosis refuses the cases that gradcheck refuses", "[diagnosis][status]", float,
                   double) {
  Random random(93);
  const Batch<TestType> good = draw<TestType>(random, 4, 2, 1.0, 1.0, 1e-5);
  Diagnosis diagnosis;
  Batch<TestType> batch = good;
  batch.gamma.pop_back();
  CHECK(status_code(diagnosis.prepare(batch.view())) == "length-mismatch");
  batch = good;
  batch.eps = -1;
  CHECK(status_code(diagnosis.prepare(batch.view())) == "invalid-eps");
  batch = good;
  batch.x[0] = std::numeric_limits<TestType>::infinity();
  CHECK(status_code(diagnosis.prepare(batch.view())) == "not-finite");
  CHECK(status_code(diagnosis.prepare(good.view())) == "ok");
}

}  // namespace
}  // namespace backnorm::test
