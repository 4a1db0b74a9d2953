#include "norms.hpp"

#include <algorithm>
#include <set>

#include "backnorm/diagnosis.hpp"
#include "backnorm/differences.hpp"
#include "backnorm/direction_tests.hpp"
#include "backnorm/gradcheck.hpp"
#include "catch.hpp"
#include "checks.hpp"

/// Layer, group, instance and RMS norm on the graph of batch norm, or on their own.
namespace backnorm::test {
namespace {

constexpr std::array kNorms{Norm::kBatch, Norm::kLayer, Norm::kGroup, Norm::kInstance, Norm::kRms};

TEST_CASE("a value keeps its sample, channel and position in every grouping", "[norms][grouping]") {
  Random random(11);
  for (int i = 0; i < 200; ++i) {
    const std::size_t groups = random.size(1, 3);
    const Grouping plain =
        grouping_of(Norm::kGroup, random.size(1, 3), groups * random.size(1, 3), random.size(1, 4), groups);
    for (const Regroup how : {Regroup::kOverTheBatch, Regroup::kOverTheSample, Regroup::kInterleaved,
                              Regroup::kSwapped, Regroup::kPerGroup, Regroup::kByRow}) {
      const Grouping other =
          grouping_of(Norm::kGroup, plain.samples, plain.channels, plain.positions, groups, how);
      CAPTURE(static_cast<int>(how), plain.samples, plain.channels, plain.positions, groups);
      const Regrouping to(plain, other);
      const Regrouping back(other, plain);
      std::set<std::size_t> seen;
      for (std::size_t at = 0; at < plain.rows * plain.columns; ++at) {
        const std::size_t there = to(at);
        seen.insert(there);
        CHECK(back(there) == at);
        CHECK(other.channel(there / other.columns, there % other.columns) ==
              plain.channel(at / plain.columns, at % plain.columns));
        CHECK(other.sample(there / other.columns, there % other.columns) ==
              plain.sample(at / plain.columns, at % plain.columns));
      }
      CHECK(seen.size() == plain.rows * plain.columns);
    }
  }
}

TEST_CASE("the passes of every norm agree with its formulas", "[norms][reference]") {
  Random random(12);
  for (const Norm norm : kNorms) {
    for (int i = 0; i < 300; ++i) {
      const auto one = draw<double>(random, draw_grouping(random, norm), random.one_of({0, 1, 12}),
                                    random.one_of({1, 5}), random.one_of({1e-5, 1e-1}));
      CAPTURE(one.text());
      const Formulas wanted(one);
      Trace<double> trace;
      REQUIRE(status_code(trace.run(one.view())) == "ok");
      const Regrouping at(plain(one.grouping), one.grouping);
      // a mean of 12 deviations costs two digits, two values nearly alike a few more
      const auto near = [](double got, long double want) {
        return std::abs(static_cast<long double>(got) - want) <= 1e-10L * std::max(1.0L, std::abs(want));
      };
      for (std::size_t v = 0; v < one.x.size(); ++v) {
        CHECK(near(trace.values[NodeId::kY][at(v)], wanted.y[v]));
        CHECK(near(trace.gradients[NodeId::kX][at(v)], wanted.dx[v]));
      }
      for (std::size_t c = 0; c < one.grouping.channels; ++c) {
        CHECK(near(trace.gradients[NodeId::kGamma][c], wanted.dgamma[c]));
        if (norm != Norm::kRms) CHECK(near(trace.gradients[NodeId::kBeta][c], wanted.dbeta[c]));
      }
      for (std::size_t g = 0; g < one.grouping.columns; ++g) {
        CHECK(near(trace.values[NodeId::kVar][g], wanted.var[g]));
      }
    }
  }
}

TEMPLATE_TEST_CASE("an arithmetic chosen at run time gives the bits and bounds of its own type of number",
                   "[norms][scalars]", float, double) {
  const auto same = [](double a, double b) {
    return std::isnan(a) ? std::isnan(b) : a == b && std::signbit(a) == std::signbit(b);
  };
  const ChosenPrecision arithmetic(staged(kPrecisionOf<TestType>));
  Random random(73);
  Faults faults;
  std::size_t passes = 0;
  for (std::size_t turn = 0; turn < 20; ++turn) {
    for (std::size_t n = 0; n < kNormCount; ++n) {
      const Grouping grouping = draw_grouping(random, static_cast<Norm>(n));
      const double mean = random.one_of({0.0, 12.0, 1e6, 1e-42});
      const double spread = random.one_of({1e-3, 5.0, 1e19, 1e-42});
      const auto one = draw<TestType>(random, grouping, mean, spread, 1e-5);
      Trace<Bounded<TestType>> own;
      Trace<ProgramNumber> chosen;
      for (std::size_t m = 0; m <= kMistakeCount; ++m) {  // the last turn: without a mistake
        const bool is_right = m == kMistakeCount;
        if (!is_right && !applies(mistakes()[m], grouping, one.unit_offset)) continue;
        const std::span<const Edit> edits = is_right ? std::span<const Edit>() : mistakes()[m].edits;
        REQUIRE(own.run(one.view(), edits) == chosen.run(one.view(), edits));
        ++passes;
        for (std::size_t number = 0; number < Quantities(own.values.graph()).count(); ++number) {
          const auto want = tensor(own, number);
          const auto got = tensor(chosen, number);
          for (std::size_t i = 0; i < want.size(); ++i) {
            const auto value = static_cast<double>(want[i].value);
            if (same(value, got[i].value) && same(want[i].error, got[i].error)) continue;
            faults.note("quantity " + std::to_string(number) + " of " + one.text(),
                        std::to_string(m) + " at " + std::to_string(i));
          }
        }
      }
    }
  }
  CHECK(faults.text() == "");
  CHECK(passes > 5000);
}

TEMPLATE_TEST_CASE("a right gradient of any norm never fails, and the checker is never at fault",
                   "[norms][gradcheck]", float, double) {
  Random random(13);
  Faults faults;
  for (const Norm norm : kNorms) {
    std::size_t passes = 0;
    std::size_t nodes = 0;
    for (int i = 0; i < 500; ++i) {
      const auto one =
          draw<TestType>(random, draw_grouping(random, norm), random.one_of({0, 1, 12, 1e3, 1e6}),
                         random.one_of({1e-3, 1, 5, 1e3}), random.one_of({1e-12, 1e-8, 1e-5, 1e-3, 1}));
      Gradcheck<TestType> check;
      const Status status = check.prepare(one.view());
      REQUIRE(status_code(status) == "ok");
      check.check();
      for (const Node& node : one.view().graph().nodes) {
        const NodeReport report = check.report(node.id);
        const std::string where = one.text() + " d" + std::string(node.name);
        faults.note(where, report.verdict == Verdict::kFail ? "fails" : "");
        faults.note(where, report.checker_at_fault ? "checker at fault" : "");
        passes += report.verdict == Verdict::kPass;
        ++nodes;
      }
      for (std::size_t g = 0; g < one.grouping.columns; ++g) {
        if (norm != Norm::kRms) faults.note(one.text(), check.sum_of_dx(g).holds() ? "" : "sum of dx");
        faults.note(one.text(), check.sum_of_dx_xhat(g).holds() ? "" : "sum of dx xhat");
      }
    }
    CAPTURE(kNormNames[static_cast<std::size_t>(norm)]);
    CHECK(3 * passes > nodes);  // else the bounds say nothing
  }
  CHECK(faults.text() == "");
}

TEST_CASE("a gradient of any norm that is off by a thousandth fails at every node", "[norms][gradcheck]") {
  Random random(14);
  for (const Norm norm : kNorms) {
    const auto one = draw<double>(random, shaped(norm, 3, 6, 4, 2), 1.0, 2.0, 1e-5);
    Trace<double> trace;
    REQUIRE(status_code(trace.run(one.view())) == "ok");
    for (const Node& node : one.view().graph().nodes) {
      CAPTURE(one.text(), node.name);
      if (node.id == NodeId::kBeta) continue;
      std::vector<double> off(trace.gradients[node.id].begin(), trace.gradients[node.id].end());
      for (double& value : off) value *= 1.001;
      Gradcheck<double> check;
      REQUIRE(status_code(check.prepare(one.view())) == "ok");
      REQUIRE(status_code(check.claim(node.id, off)) == "ok");
      check.check();
      CHECK(check.report(node.id).verdict == Verdict::kFail);
      CHECK(!check.report(node.id).checker_at_fault);
    }
  }
}

TEST_CASE(
    "statistics without their dim are those of the sample that has the feature's number, in both passes",
    "[norms][mistakes]") {
  const auto is_no_keepdims = [](const Mistake& mistake) { return mistake.id == "no-keepdims"; };
  const auto found = std::find_if(mistakes().begin(), mistakes().end(), is_no_keepdims);
  REQUIRE(found != mistakes().end());
  Random random(19);
  for (const Norm norm : {Norm::kLayer, Norm::kRms}) {
    CHECK(!applies(*found, shaped(norm, 3, 4, 1)));
    for (int i = 0; i < 100; ++i) {
      const std::size_t size = random.size(2, 6);
      const auto one = draw<double>(random, shaped(norm, size, size, 1), random.one_of({0, 12}), 2.0, 1e-1);
      CAPTURE(one.text());
      REQUIRE(applies(*found, one.grouping, one.unit_offset));

      // NumPy's program in plain loops: f is a feature, s a sample, and a statistic has one index
      const auto m = static_cast<double>(size);
      const double divisor = m - one.ddof;
      std::vector<double> mean(size), var(size), invstd(size), dinvstd(size), dvar(size), dmean(size);
      std::vector<double> xc(size * size), y(xc), dxhat(xc), dx(xc), dgamma(size), dbeta(size);
      const auto each = [&](auto use) {
        for (std::size_t f = 0; f < size; ++f) {
          for (std::size_t s = 0; s < size; ++s) use(f, s, f * size + s);
        }
      };
      if (norm == Norm::kLayer) each([&](auto, auto s, auto at) { mean[s] += one.x[at] / m; });
      each([&](auto f, auto s, auto at) {
        xc[at] = one.x[at] - mean[f];
        var[s] += xc[at] * xc[at] / divisor;
      });
      for (std::size_t s = 0; s < size; ++s) invstd[s] = 1.0 / std::sqrt(var[s] + one.eps);
      each([&](auto f, auto s, auto at) {
        const double weight = one.unit_offset ? 1.0 + one.gamma[f] : one.gamma[f];
        const double xhat = xc[at] * invstd[f];
        y[at] = xhat * weight + (norm == Norm::kRms ? 0.0 : one.beta[f]);
        dgamma[f] += one.dy[at] * xhat;
        dbeta[f] += one.dy[at];
        dxhat[at] = one.dy[at] * weight;
        dinvstd[s] += dxhat[at] * xc[at];
      });
      for (std::size_t s = 0; s < size; ++s) dvar[s] = -0.5 * dinvstd[s] * std::pow(invstd[s], 3);
      each([&](auto f, auto s, auto at) {
        dx[at] = dxhat[at] * invstd[f] + 2.0 * xc[at] * dvar[f] / divisor;
        if (norm == Norm::kLayer) dmean[s] -= dx[at];
      });
      each([&](auto f, auto, auto at) { dx[at] += dmean[f] / m; });

      Trace<double> trace;
      REQUIRE(status_code(trace.run(one.view(), found->edits)) == "ok");
      const auto check = [](std::span<const double> got, const std::vector<double>& want) {
        REQUIRE(got.size() == want.size());
        double largest = 1.0;
        for (const double value : want) largest = std::max(largest, std::abs(value));
        for (std::size_t at = 0; at < want.size(); ++at)
          CHECK(std::abs(got[at] - want[at]) <= 1e-12 * largest);
      };
      check(trace.values[NodeId::kY], y);
      check(trace.values[NodeId::kVar], var);
      check(trace.gradients[NodeId::kVar], dvar);
      check(trace.gradients[NodeId::kX], dx);
      check(trace.gradients[NodeId::kGamma], dgamma);
      if (norm == Norm::kRms) continue;
      check(trace.gradients[NodeId::kMean], dmean);
      check(trace.gradients[NodeId::kBeta], dbeta);
    }
  }
}

TEST_CASE("sums per sample add up to dgamma in every grouping", "[norms][mistakes]") {
  Random random(20);
  const auto one = draw<double>(random, shaped(Norm::kGroup, 3, 6, 4, 2), 1.0, 2.0, 1e-5);
  const Edit per_sample = at_node(Edit::Kind::kPerSample, NodeId::kGamma);
  for (const Regroup how : {Regroup::kNone, Regroup::kOverTheBatch, Regroup::kOverTheSample,
                            Regroup::kInterleaved, Regroup::kSwapped}) {
    CAPTURE(static_cast<int>(how));
    const std::array edits{regroup(how), per_sample};
    Trace<double> trace;
    Returned<double> returned;
    REQUIRE(status_code(trace.run(one.view(), edits)) == "ok");
    const std::size_t number = Quantities(one.view().graph()).gradient_of(NodeId::kGamma);
    REQUIRE(status_code(read_returned(number, edits, trace, one.grouping, returned)) == "ok");
    REQUIRE(returned.rows == 3);
    REQUIRE(returned.columns == 6);
    for (std::size_t c = 0; c < 6; ++c) {
      double sum = 0.0;
      for (std::size_t n = 0; n < 3; ++n) sum += returned.array.span()[n * 6 + c];
      CHECK(std::abs(sum - trace.gradients[NodeId::kGamma][c]) < 1e-12);
    }
  }
}

TEST_CASE("the dot-product test takes a program of other groups", "[norms][differences]") {
  Random random(21);
  const auto one = draw<double>(random, shaped(Norm::kLayer, 3, 5, 1), 1.0, 2.0, 1e-5);
  const Edit over_the_batch = regroup(Regroup::kOverTheBatch);  // a right backward pass of another norm
  DotProductReport report;
  REQUIRE(status_code(dot_product_test(one.view(), 1, report, {&over_the_batch, 1})) == "ok");
  CHECK(report.holds());
  CHECK(report.bound < 1e-10);
}

/// A diagnosis of the arrays of a program with these edits.
template <typename T>
void give_all(Diagnosis& diagnosis, const NormCase<T>& one, std::span<const Edit> edits) {
  Trace<T> trace;
  REQUIRE(status_code(trace.run(one.view(), edits)) == "ok");
  REQUIRE(status_code(diagnosis.prepare(one.view())) == "ok");
  const Quantities quantities(one.view().graph());
  for (std::size_t number = 0; number < quantities.contribution_of(0); ++number) {
    const Quantity which = quantities[number];
    if (which.kind == Quantity::Kind::kValue && which.node <= NodeId::kBeta) continue;
    Returned<T> returned;
    REQUIRE(status_code(read_returned(number, edits, trace, one.grouping, returned)) == "ok");
    REQUIRE(status_code(diagnosis.claim(number, returned.rows, returned.columns)) == "ok");
    const std::span<const T> values = returned.array.span();
    std::copy(values.begin(), values.end(), diagnosis.claimed_values(number).begin());
  }
  REQUIRE(status_code(diagnosis.run()) == "ok");
}

TEMPLATE_TEST_CASE("a right program for any norm has no findings and keeps every law", "[norms][diagnosis]",
                   float, double) {
  Random random(15);
  Faults faults;
  for (const Norm norm : kNorms) {
    for (int i = 0; i < 200; ++i) {
      const auto one =
          draw<TestType>(random, draw_grouping(random, norm), random.one_of({0, 1, 12, 1e3}),
                         random.one_of({1e-3, 1, 5, 1e3}), random.one_of({1e-12, 1e-8, 1e-5, 1e-3, 1}));
      Diagnosis diagnosis;
      give_all(diagnosis, one, {});
      const Quantities quantities = diagnosis.quantities();
      faults.note(one.text(),
                  diagnosis.first_wrong() == quantities.count() ? "" : "an array is called wrong");
      for (const Law law : one.view().graph().laws) {
        for (std::size_t g = 0; g < one.grouping.columns; ++g) {
          const auto found = diagnosis.law(law, g);
          faults.note(one.text(), found && found->holds() ? "" : "a law is broken");
        }
      }
    }
  }
  CHECK(faults.text() == "");
}

TEMPLATE_TEST_CASE("every mistake of every norm is found and named from the arrays of a program with it",
                   "[norms][diagnosis][mistakes]", float, double) {
  Random random(16);
  for (const Norm norm : kNorms) {
    const std::size_t positions = norm == Norm::kBatch ? 1 : 5;
    // of a large case, most mistakes are first tried on some groups
    for (const Grouping& grouping : {shaped(norm, 3, 8, positions, 2),
                                     shaped(norm, norm == Norm::kBatch ? 160 : 40, 32, positions, 2)}) {
      const bool is_large = grouping.size() > 1000;
      if (is_large && (std::is_same_v<TestType, float> || (norm != Norm::kBatch && norm != Norm::kGroup)))
        continue;
      for (const bool unit_offset : {false, true}) {
        if (unit_offset && norm != Norm::kRms) continue;
        auto one = draw<TestType>(random, grouping, -2.0, 3.0, 1e-1);
        one.ddof = 0;
        one.unit_offset = unit_offset;
        std::size_t count = 0;
        for (const Mistake& mistake : mistakes()) {
          if (mistake.of_rounding || !applies(mistake, one.grouping, unit_offset)) continue;
          ++count;
          CAPTURE(one.text(), mistake.id);
          Diagnosis diagnosis;
          give_all(diagnosis, one, mistake.edits);
          CHECK(diagnosis.first_wrong() != diagnosis.quantities().count());
          const std::span<const Fit> fits = diagnosis.fits();
          CHECK(std::any_of(fits.begin(), fits.end(),
                            [&](const Fit& fit) { return mistakes()[fit.mistake].id == mistake.id; }));
          CHECK(fits.size() <= 2);
        }
        CAPTURE(one.text());
        CHECK(count > 30);
      }
    }
  }
}

TEST_CASE("extrapolated differences and both direction tests hold for every norm", "[norms][differences]") {
  Random random(17);
  for (const Norm norm : kNorms) {
    const auto one = draw<double>(random, shaped(norm, 3, 6, 4, 2), 1.0, 2.0, 1e-5);
    CAPTURE(one.text());
    Trace<double> trace;
    REQUIRE(status_code(trace.run(one.view())) == "ok");
    for (const Node& node : one.view().graph().nodes) {
      const std::span<const double> gradient = trace.gradients[node.id];
      std::vector<double> derivative(gradient.size()), bar(gradient.size()), errors(1);
      REQUIRE(status_code(extrapolate(one.view(), node.id, derivative, bar)) == "ok");
      for (std::size_t i = 0; i < gradient.size(); ++i) {
        CAPTURE(node.name, i);
        CHECK(std::abs(derivative[i] - gradient[i]) <= bar[i] + 1e-12);
        CHECK(bar[i] < 1e-6 * std::max(1.0, std::abs(gradient[i])));
      }
      REQUIRE(status_code(sweep_steps<double>(one.view(), node.id, std::vector{1e-5}, errors)) == "ok");
      CHECK(errors[0] < 1e-4);
    }
    DotProductReport dot;
    REQUIRE(status_code(dot_product_test(one.view(), 1, dot)) == "ok");
    CHECK(dot.holds());
    CHECK(dot.bound < 1e-10);
    TaylorReport taylor;
    REQUIRE(status_code(taylor_test(one.view(), {}, 1, taylor)) == "ok");
    CHECK(taylor.verdict == Verdict::kPass);
  }
}

TEST_CASE("a case of another norm is refused like one of batch norm", "[norms][refusals]") {
  Random random(18);
  const auto code_of = [](const auto& one) { return std::string(status_code(validate(one.view()))); };
  auto group = draw<double>(random, shaped(Norm::kGroup, 2, 6, 3, 2), 0, 1, 1e-5);
  CHECK(code_of(group) == "ok");
  group.grouping = grouping_of(Norm::kGroup, 2, 6, 3, 4);
  CHECK(code_of(group) == "invalid-shape");
  group.grouping = grouping_of(Norm::kGroup, 2, 6, 3, 0);
  CHECK(code_of(group) == "empty-batch");
  auto rms = draw<double>(random, shaped(Norm::kRms, 2, 6, 1), 0, 1, 1e-5);
  rms.beta.assign(6, 0.0);
  CHECK(code_of(rms) == "length-mismatch");
  rms.beta.clear();
  rms.ddof = 1;
  CHECK(code_of(rms) == "invalid-ddof");
}

}  // namespace
}  // namespace backnorm::test
