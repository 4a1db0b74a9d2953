#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "backnorm/mistakes.hpp"
#include "catch.hpp"
#include "support.hpp"

/// What each edit makes of an array, beside plain loops over the arrays of an unedited run.
namespace backnorm::test {
namespace {

using enum NodeId;

/// An unedited and an edited run of one case.
struct Runs {
  Batch<double> batch;
  Trace<double> plain, edited;

  explicit Runs(Edit edit, int ddof = 1, double mean = 3.0) {
    Random random(16);
    batch = draw<double>(random, 5, 3, mean, 2.0, 1e-2, ddof);
    REQUIRE(status_code(plain.run(batch.view())) == "ok");
    REQUIRE(status_code(edited.run(batch.view(), {&edit, 1})) == "ok");
  }
  double value(NodeId id, std::size_t i) const {
    return plain.values[id][node(id).extent == Extent::kElements ? i : i % batch.columns];
  }
  double brings(NodeId from, NodeId to, std::size_t i) const {
    return plain.contributions[edge_index(from, to)][i];
  }
  /// Empty if got[i] is want(i): a few roundings of numbers that do not cancel.
  static std::string differs(std::span<const double> got, const std::function<double(std::size_t)>& want) {
    std::vector<double> wanted;
    for (std::size_t i = 0; i < got.size(); ++i) wanted.push_back(want(i));
    return outside(got, wanted, [&](std::size_t i) { return 1e-13 * std::abs(wanted[i]); });
  }
};

TEST_CASE("an edit of an edge changes its contribution as documented", "[graph][edit][hand]") {
  struct Row {
    const char* what;
    NodeId from, to;
    Edit edit;
    double (*want)(const Runs&, std::size_t);
  };
  const Row table[] = {
      {"filled with a number", kScaled, kY, fill(kScaled, kY, 3),
       [](const Runs&, std::size_t) { return 3.0; }},
      {"filled with N", kBeta, kY, fill(kBeta, kY, rows(1)), [](const Runs&, std::size_t) { return 5.0; }},
      {"taken from another edge", kXhat, kScaled, take(kXhat, kScaled, 2, {kScaled, kY}),
       [](const Runs& r, std::size_t i) { return 2 * r.brings(kScaled, kY, i); }},
      {"another edge added", kX, kXc, add(kX, kXc, -0.5, {kXc, kXhat}),
       [](const Runs& r, std::size_t i) { return r.brings(kX, kXc, i) - 0.5 * r.brings(kXc, kXhat, i); }},
      {"read from another node", kXhat, kScaled, read(kXhat, kScaled, kBeta),
       [](const Runs& r, std::size_t i) { return r.batch.dy[i] * r.value(kBeta, i); }},
      {"read from another node by a gate of one input", kXc, kSq, read(kXc, kSq, kXhat),
       [](const Runs& r, std::size_t i) { return r.plain.gradients[kSq][i] * 2 * r.value(kXhat, i); }},
      {"scaled by counts", kVar, kStd,
       scale(kVar, kStd, Factor(-2) * rows(2) * divisor(-1) * other_divisor(-2)),
       [](const Runs& r, std::size_t i) { return r.brings(kVar, kStd, i) * -2 * 25 / 4 / 25; }},
      {"scaled by powers", kXc, kXhat, scale(kXc, kXhat, power(kStd, -1.5) * power(kVar, 2)),
       [](const Runs& r, std::size_t i) {
         return r.brings(kXc, kXhat, i) * std::pow(r.value(kStd, i), -1.5) * std::pow(r.value(kVar, i), 2);
       }},
  };
  for (const Row& row : table) {
    const Runs runs(row.edit);
    CAPTURE(row.what);
    CHECK(Runs::differs(runs.edited.contributions[edge_index(row.from, row.to)],
                        [&](std::size_t i) { return row.want(runs, i); }) == "");
    for (const Node& one : kNodes)
      CHECK(unequal(runs.edited.values[one.id], runs.plain.values[one.id]) == "");
  }
}

TEST_CASE("an edit of the forward pass changes its node as documented", "[graph][edit][hand]") {
  struct Row {
    const char* what;
    NodeId id;
    Edit edit;
    double (*want)(const Runs&, std::size_t);
  };
  const Row table[] = {
      {"fed with another node", kXhat, feed(kXc, kXhat, kX),
       [](const Runs& r, std::size_t i) { return r.value(kX, i) * r.value(kInvstd, i); }},
      {"its second input fed with another", kScaled, feed(kGamma, kScaled, kBeta),
       [](const Runs& r, std::size_t i) { return r.value(kXhat, i) * r.value(kBeta, i); }},
      {"its value scaled", kXhat, at_node(Edit::Kind::kScaleValue, kXhat, power(kStd, -1)),
       [](const Runs& r, std::size_t i) { return r.value(kXhat, i) / r.value(kStd, i); }},
      {"the other ddof", kVar, at_node(Edit::Kind::kOtherDdof, kVar),
       [](const Runs& r, std::size_t i) { return r.value(kVar, i) * 4 / 5; }},
      {"another eps", kStd, at_node(Edit::Kind::kEps, kStd, 0.25),
       [](const Runs& r, std::size_t i) { return std::sqrt(r.value(kVar, i) + 0.25); }},
      {"eps squared", kStd, at_node(Edit::Kind::kEpsSquared, kStd),
       [](const Runs& r, std::size_t i) { return std::sqrt(r.value(kVar, i) + 1e-4); }},
      {"eps outside", kStd, at_node(Edit::Kind::kEpsOutside, kStd),
       [](const Runs& r, std::size_t i) { return std::sqrt(r.value(kVar, i)) + 1e-2; }},
  };
  for (const Row& row : table) {
    const Runs runs(row.edit);
    CAPTURE(row.what);
    CHECK(Runs::differs(runs.edited.values[row.id], [&](std::size_t i) { return row.want(runs, i); }) == "");
  }
}

TEST_CASE("a one-pass variance is right until the mean dwarfs the spread", "[graph][edit][hand]") {
  const Edit edit = at_node(Edit::Kind::kOnePass, kVar);
  for (const int ddof : {0, 1}) {
    const auto error = [&](double mean) {
      const Runs runs(edit, ddof, mean);
      double most = 0.0;
      for (std::size_t c = 0; c < runs.batch.columns; ++c)
        most = std::max(most, std::abs(runs.edited.values[kVar][c] / runs.plain.values[kVar][c] - 1));
      return most;
    };
    CHECK(error(0) < 1e-14);
    CHECK(error(3) < 1e-14);
    CHECK(error(1e6) > 1e-6);  // mean² is 1e12 times the rounding of var
  }
}

TEST_CASE("the size of a mistake matches its name", "[graph][edit][hand]") {
  struct Row {
    const char* mistake;
    NodeId id;
    double (*want)(const Runs&, std::size_t);
  };
  const Row table[] = {
      {"dbeta-averaged", kBeta, [](const Runs& r, std::size_t c) { return r.plain.gradients[kBeta][c] / 5; }},
      {"dvar-half", kVar, [](const Runs& r, std::size_t c) { return r.plain.gradients[kVar][c] * 2; }},
      {"no-direct-path", kX,
       [](const Runs& r, std::size_t i) { return r.plain.gradients[kX][i] - r.brings(kXc, kXhat, i); }},
  };
  for (const Row& row : table) {
    const std::span<const Mistake> all = mistakes();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const Mistake& one) { return one.id == std::string(row.mistake); });
    REQUIRE(found != all.end());
    const Runs runs(found->edits[0]);
    CAPTURE(row.mistake);
    const std::span<const double> got = runs.edited.gradients[row.id];
    std::vector<double> wanted;
    for (std::size_t i = 0; i < got.size(); ++i) wanted.push_back(row.want(runs, i));
    double most = 0.0;  // dx without a path is a difference, which is rounded as its terms are
    for (const double one : runs.plain.gradients[row.id]) most = std::max(most, std::abs(one));
    CHECK(outside(got, wanted, [&](std::size_t) { return 1e-13 * most; }) == "");
  }
}

}  // namespace
}  // namespace backnorm::test
