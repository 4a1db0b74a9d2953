#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "diagnosis.hpp"

/// Where a diagnosis has little to go by: one row or column, arrays that are not there, numbers beyond all
/// others, mistakes that no array tells apart.
namespace backnorm::test {
namespace {

using Kind = Relation::Kind;

std::vector<double> values_of(std::span<const double> values) {
  return {values.begin(), values.end()};
}

/// The relation of an array of a drawn case to the right one.
Relation relation_of(std::size_t rows, std::size_t columns, NodeId id, const std::vector<double>& given,
                     std::size_t shape_rows = 0, std::size_t shape_columns = 0) {
  Random random(94);
  Patient<double> patient(draw<double>(random, rows, columns, 2.0, 3.0, 1e-1));
  patient.give(gradient_of(id), given, shape_rows, shape_columns);
  patient.run();
  REQUIRE(patient.truth(gradient_of(id)) == "fail");
  return patient.diagnosis.finding(gradient_of(id)).relation;
}

TEST_CASE("an array whose size in bytes overflows is out of memory", "[diagnosis][status]") {
  Patient<double> patient(course_batch<double>());
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  CHECK(status_code(patient.diagnosis.claim(0, 1, kMost / 4)) == "out-of-memory");
}

TEST_CASE("one row, one column or one number has no relation that any numbers would fulfil",
          "[diagnosis][relation]") {
  CHECK(relation_of(1, 3, NodeId::kX, {5, 7, 11}).kind == Kind::kNone);      // no offset or ratio of a column
  CHECK(relation_of(4, 1, NodeId::kX, {5, 7, 11, 2}).kind == Kind::kNone);   // no transpose
  CHECK(relation_of(4, 1, NodeId::kGamma, {5}).kind == Kind::kNone);         // no ratio
  CHECK(relation_of(1, 3, NodeId::kGamma, {5, 7, 11}).kind == Kind::kNone);  // no sum over rows
}

TEST_CASE("a missing or lone path is reported by its edge", "[diagnosis][relation]") {
  const std::size_t through_mean = edge_index(NodeId::kX, NodeId::kMean);
  const std::size_t direct = edge_index(NodeId::kXc, NodeId::kXhat);
  for (const bool alone : {false, true}) {
    Patient<double> patient(course_batch<double>());
    Trace<double> right;
    REQUIRE(status_code(right.run(patient.batch.view())) == "ok");
    std::vector<double> dx = values_of(right.gradients[NodeId::kX]);
    for (std::size_t i = 0; i < dx.size(); ++i) {
      dx[i] = alone ? right.contributions[direct][i] : dx[i] - right.contributions[through_mean][i];
    }
    patient.give(gradient_of(NodeId::kX), dx);
    patient.run();
    const Relation& relation = patient.diagnosis.finding(gradient_of(NodeId::kX)).relation;
    CAPTURE(alone);
    CHECK(relation.kind == (alone ? Kind::kOnlyPath : Kind::kMissingPath));
    CHECK(relation.other == contribution_of(alone ? direct : through_mean));
  }
}

TEST_CASE("an array of a plausible shape with other numbers has a wrong shape", "[diagnosis][relation]") {
  const std::vector<double> twelve{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  CHECK(relation_of(4, 3, NodeId::kX, {5, 7, 11}).kind == Kind::kShape);
  CHECK(relation_of(4, 3, NodeId::kX, twelve, 3, 4).kind == Kind::kShape);      // as of a transpose
  CHECK(relation_of(4, 3, NodeId::kGamma, twelve, 4, 3).kind == Kind::kShape);  // as without its sum
  CHECK(relation_of(4, 3, NodeId::kGamma, {1, 2, 3, 4}).kind == Kind::kShape);  // as summed over columns
}

TEST_CASE("a column of zeros fits any ratio per column", "[diagnosis][relation]") {
  Batch<double> batch = course_batch<double>();
  batch.gamma[1] = 0.0;
  Patient<double> patient(batch);
  Trace<double> right;
  REQUIRE(status_code(right.run(batch.view())) == "ok");
  std::vector<double> dx = values_of(right.gradients[NodeId::kX]);
  for (std::size_t i = 0; i < dx.size(); ++i) dx[i] *= 2.0 + static_cast<double>(i % batch.columns);
  patient.give(gradient_of(NodeId::kX), dx);
  patient.run();
  CHECK(patient.diagnosis.finding(gradient_of(NodeId::kX)).relation.kind == Kind::kRatioPerColumn);
}

TEST_CASE("mistakes that an array can't tell apart are all named, by residual, then in order",
          "[diagnosis][mistakes]") {
  std::size_t several = 0;
  for (const Mistake& mistake : mistakes()) {
    if (mistake.of_rounding || !is_of_batch_norm(mistake)) continue;
    Patient<double> patient(course_batch<double>());
    Trace<double> trace;
    REQUIRE(status_code(trace.run(patient.batch.view(), mistake.edits)) == "ok");
    patient.give(gradient_of(NodeId::kX), trace.gradients[NodeId::kX]);
    patient.run();
    const std::span<const Fit> fits = patient.diagnosis.fits();
    several += fits.size() > 1;
    CAPTURE(mistake.id);
    for (std::size_t i = 1; i < fits.size(); ++i) {
      const bool in_order = fits[i - 1].residual == fits[i].residual
                                ? fits[i - 1].mistake < fits[i].mistake
                                : fits[i - 1].residual < fits[i].residual;
      CHECK(in_order);
    }
  }
  CHECK(several >= 10);

  Patient<double> patient(course_batch<double>());
  Trace<double> trace;
  REQUIRE(status_code(trace.run(patient.batch.view(), edits_of("eval-backward"))) == "ok");
  patient.give(gradient_of(NodeId::kX), trace.gradients[NodeId::kX]);
  patient.run();
  CHECK(patient.names("eval-backward"));
  CHECK(patient.names("detached-stats"));  // the same dx, by edges further down
}

TEST_CASE("a contribution may be right even if it is dropped afterwards", "[diagnosis][mistakes]") {
  const std::size_t through_var = edge_index(NodeId::kXc, NodeId::kSq);
  for (const bool kept : {true, false}) {
    Patient<double> patient(course_batch<double>());
    Trace<double> right;
    Trace<double> trace;
    REQUIRE(status_code(right.run(patient.batch.view())) == "ok");
    REQUIRE(status_code(trace.run(patient.batch.view(), edits_of("no-variance-path"))) == "ok");
    patient.give(gradient_of(NodeId::kX), trace.gradients[NodeId::kX]);
    patient.give(contribution_of(through_var), (kept ? right : trace).contributions[through_var]);
    patient.run();
    CAPTURE(kept);
    CHECK(patient.names("no-variance-path"));
    CHECK(patient.first_wrong() == (kept ? "dx" : "xc->sq"));
  }
}

TEST_CASE("a contribution that a mistake doesn't change must match", "[diagnosis][mistakes]") {
  Patient<double> patient(course_batch<double>());
  Trace<double> trace;
  REQUIRE(status_code(trace.run(patient.batch.view(), edits_of("no-variance-path"))) == "ok");
  patient.give(gradient_of(NodeId::kX), trace.gradients[NodeId::kX]);
  const std::size_t direct = edge_index(NodeId::kXc, NodeId::kXhat);
  std::vector<double> twice = values_of(trace.contributions[direct]);
  for (double& value : twice) value *= 2;
  patient.give(contribution_of(direct), twice);
  patient.run();
  CHECK_FALSE(patient.names("no-variance-path"));
}

TEST_CASE("a contribution alone names the mistakes at its edge", "[diagnosis][mistakes]") {
  Patient<double> patient(course_batch<double>());
  Trace<double> trace;
  REQUIRE(status_code(trace.run(patient.batch.view(), edits_of("no-factor-2"))) == "ok");
  const std::size_t through_var = edge_index(NodeId::kXc, NodeId::kSq);
  patient.give(contribution_of(through_var), trace.contributions[through_var]);
  patient.run();
  CHECK(patient.diagnosis.is_claimed(contribution_of(through_var)));
  CHECK_FALSE(patient.diagnosis.is_claimed(gradient_of(NodeId::kX)));
  CHECK(patient.first_wrong() == "xc->sq");
  CHECK(patient.names("no-factor-2"));
  CHECK_FALSE(patient.names("no-eps"));
}

TEST_CASE("overflow that follows from a caller's array is no finding", "[diagnosis][local]") {
  Patient<double> patient(course_batch<double>());
  Trace<double> right;
  REQUIRE(status_code(right.run(patient.batch.view())) == "ok");
  patient.give(value_of(NodeId::kStd), std::vector<double>(patient.batch.columns, 0.0));  // 1 / 0 follows
  patient.give(value_of(NodeId::kInvstd), right.values[NodeId::kInvstd]);
  patient.run();
  CHECK(patient.first_wrong() == "std");
  CHECK(patient.truth(value_of(NodeId::kInvstd)) == "pass");
  CHECK(patient.local(value_of(NodeId::kInvstd)) == "undecidable");
}

TEST_CASE("a mistake that divides by zero is named from its result, and no other is",
          "[diagnosis][mistakes]") {
  Batch<double> batch = course_batch<double>();
  for (std::size_t i = 0; i < batch.x.size(); i += batch.columns) batch.x[i] = 3.0;  // a spread of 0
  for (const char* id : {"no-eps", "no-gamma"}) {
    Patient<double> patient(batch);
    patient.give_all(edits_of(id));
    patient.run();
    CAPTURE(id);
    CHECK(patient.names(id));
    CHECK(patient.names("no-eps") == (id == std::string("no-eps")));
  }
}

TEST_CASE("a NaN in an array doesn't match a mistake that gives none", "[diagnosis][mistakes]") {
  Patient<double> patient(course_batch<double>());
  Trace<double> trace;
  REQUIRE(status_code(trace.run(patient.batch.view(), edits_of("no-mean-path"))) == "ok");
  std::vector<double> dx = values_of(trace.gradients[NodeId::kX]);
  dx[3] = std::numeric_limits<double>::quiet_NaN();
  patient.give(gradient_of(NodeId::kX), dx);
  patient.run();
  CHECK(patient.diagnosis.fits().empty());
}

TEST_CASE("the worst value has the largest error relative to its bound", "[diagnosis]") {
  Patient<double> patient(course_batch<double>());
  Trace<double> right;
  REQUIRE(status_code(right.run(patient.batch.view())) == "ok");
  std::vector<double> dx = values_of(right.gradients[NodeId::kX]);
  for (const std::size_t i : {2u, 7u, 11u}) dx[i] *= i == 7 ? 1.1 : 1.001;
  patient.give(gradient_of(NodeId::kX), dx);
  patient.run();
  const Finding& finding = patient.diagnosis.finding(gradient_of(NodeId::kX));
  CHECK(finding.worst == 7);
  CHECK(finding.max_error == std::abs(dx[7] - right.gradients[NodeId::kX][7]));
}

TEST_CASE("a closed form of a cancelled gradient is undecidable, not wrong", "[diagnosis]") {
  // Two rows far apart: dx is eps / S of its terms, and a closed form rounds as large as they are.
  Random random(95);
  Batch<double> batch = draw<double>(random, 2, 3, 12.0, 1.0, 1e-5);
  for (std::size_t c = 0; c < 3; ++c) batch.x[3 + c] = batch.x[c] + 40;
  Patient<double> patient(batch);
  Trace<double> right;
  REQUIRE(status_code(right.run(batch.view())) == "ok");
  std::vector<double> dx;
  for (std::size_t i = 0; i < 6; ++i) {
    const std::size_t c = i % 3;
    const double n = 2.0, xhat = right.values[NodeId::kXhat][i], invstd = right.values[NodeId::kInvstd][c];
    const double dbeta = batch.dy[c] + batch.dy[3 + c];
    const double dgamma =
        batch.dy[c] * right.values[NodeId::kXhat][c] + batch.dy[3 + c] * right.values[NodeId::kXhat][3 + c];
    dx.push_back(batch.gamma[c] * invstd / n * (n * batch.dy[i] - dbeta - xhat * dgamma));
  }
  patient.give(gradient_of(NodeId::kX), dx);
  patient.run();
  CHECK(patient.truth(gradient_of(NodeId::kX)) == "undecidable");
}

TEST_CASE("a diagnosis that is prepared again forgets the mistakes of the last case", "[diagnosis][status]") {
  Patient<double> patient(course_batch<double>());
  patient.give_all(edits_of("no-mean-path"));
  patient.run();
  REQUIRE(patient.names("no-mean-path"));
  REQUIRE(status_code(patient.diagnosis.prepare(patient.batch.view())) == "ok");
  CHECK(patient.diagnosis.fits().empty());
  patient.run();
  CHECK(patient.diagnosis.fits().empty());
}

TEST_CASE("corrected arrays leave no mistake named", "[diagnosis]") {
  Patient<double> patient(course_batch<double>());
  patient.give_all(edits_of("no-mean-path"));
  patient.run();
  REQUIRE(patient.names("no-mean-path"));
  patient.give_all({});
  patient.run();
  CHECK(patient.diagnosis.fits().empty());
}

TEST_CASE("an invariant needs each of its arrays", "[diagnosis][law]") {
  Trace<double> right;
  const Batch<double> batch = course_batch<double>();
  REQUIRE(status_code(right.run(batch.view())) == "ok");
  struct Row {
    Law law;
    std::vector<NodeId> needs;
  };
  const Row table[] = {{Law::kSumOfDx, {NodeId::kX}},
                       {Law::kSumOfDxXhat, {NodeId::kX}},
                       {Law::kDvar, {NodeId::kVar, NodeId::kGamma}},
                       {Law::kDmean, {NodeId::kMean, NodeId::kBeta}}};
  for (const Row& row : table) {
    for (std::size_t lacking = 0; lacking <= row.needs.size(); ++lacking) {
      Patient<double> patient(batch);
      for (std::size_t i = 0; i < row.needs.size(); ++i) {
        if (i != lacking) patient.give(gradient_of(row.needs[i]), right.gradients[row.needs[i]]);
      }
      patient.run();
      CAPTURE(static_cast<int>(row.law), lacking);
      CHECK(patient.diagnosis.law(row.law, 0).has_value() == (lacking == row.needs.size()));
    }
  }
}

}  // namespace
}  // namespace backnorm::test
