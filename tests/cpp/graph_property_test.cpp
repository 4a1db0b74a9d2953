#include <cmath>
#include <string>
#include <vector>

#include "backnorm/graph.hpp"
#include "catch.hpp"
#include "six_steps.hpp"
#include "support.hpp"

/// What holds on every batch, tried on random ones: 1 to 17 rows, means 0 to 1e6, spreads 1e-3 to 1e3.
namespace backnorm::test {
namespace {

constexpr int kBatches = 1000;

template <typename T>
Batch<T> draw_any(Random& random) {
  const std::size_t rows = random.size(1, 17);
  const std::size_t columns = random.size(1, 17);
  const double mean = random.one_of({0.0, 1.0, -12.0, 1e3, 1e6});
  const double spread = random.one_of({1e-3, 1.0, 5.0, 1e3});
  const double eps = random.one_of({1e-12, 1e-5, 1e-3, 1.0});
  const int ddof = rows > 1 ? static_cast<int>(random.integer(0, 1)) : 0;
  return draw<T>(random, rows, columns, mean, spread, eps, ddof);
}

template <typename T>
Trace<T> run(const auto& batch) {
  Trace<T> trace;
  REQUIRE(status_code(trace.run(batch.view())) == "ok");
  return trace;
}

TEMPLATE_TEST_CASE("a bound changes no bit of the value that it bounds", "[graph][bounded]", float, double) {
  Random random(31);
  Faults faults;
  for (int i = 0; i < kBatches; ++i) {
    const Batch<TestType> batch = draw_any<TestType>(random);
    const auto plain_run = run<TestType>(batch);
    const auto bounded = run<Bounded<TestType>>(batch);
    for (const Node& one : kNodes) {
      faults.note("value, " + describe(batch, one.id),
                  unequal(bounded.values[one.id], plain_run.values[one.id]));
      faults.note("gradient, " + describe(batch, one.id),
                  unequal(bounded.gradients[one.id], plain_run.gradients[one.id]));
    }
    for (std::size_t edge = 0; edge < kEdgeCount; ++edge) {
      faults.note("edge", unequal(bounded.contributions[edge], plain_run.contributions[edge]));
    }
  }
  CHECK(faults.text() == "");
}

TEST_CASE("float32 is within its bound of float64 at every node", "[graph][bounded]") {
  Random random(32);
  Faults faults;
  std::size_t numbers = 0;
  std::size_t bounded = 0;
  for (int i = 0; i < kBatches; ++i) {
    const Batch<float> batch = draw_any<float>(random);
    const auto narrow_run = run<Bounded<float>>(batch);
    const auto wide_run = run<Bounded<double>>(batch);
    for (const Node& one : kNodes) {
      const auto check = [&](const char* what, const auto& narrow_side, const auto& wide_side) {
        const auto bound = [&](std::size_t k) { return narrow_side[k].error + wide_side[k].error; };
        faults.note(what + describe(batch, one.id), outside(narrow_side, wide_side, bound));
        numbers += narrow_side.size();
        for (std::size_t k = 0; k < narrow_side.size(); ++k) bounded += std::isfinite(bound(k));
      };
      check("value, ", narrow_run.values[one.id], wide_run.values[one.id]);
      check("gradient, ", narrow_run.gradients[one.id], wide_run.gradients[one.id]);
    }
  }
  CHECK(faults.text() == "");
  // At mean 1e6 and spread 1e-3 float32 holds nothing of x, and no bound is right; elsewhere there is one.
  CHECK(bounded > numbers * 9 / 10);
}

TEST_CASE("the table and the hand-written six steps agree within both bounds", "[graph][bounded]") {
  Random random(33);
  Faults faults;
  for (int i = 0; i < kBatches; ++i) {
    const Batch<double> batch = draw_any<double>(random);
    const auto staged = run<Bounded<double>>(batch);
    const auto by_hand = six_steps<Bounded<double>>(batch);
    const auto exact = six_steps<long double>(batch);
    for (const Node& one : kNodes) {
      const auto check = [&](const char* what, const auto& ours, const auto& theirs, const auto& truth) {
        faults.note(what + describe(batch, one.id),
                    outside(ours, theirs, [&](std::size_t k) { return ours[k].error + theirs[k].error; }));
        // long double rounds too, 2^-11 of what double does or less: a share of the bound
        faults.note(std::string("exact ") + what + describe(batch, one.id),
                    outside(ours, truth, [&](std::size_t k) { return ours[k].error * 1.001; }));
      };
      check("value, ", staged.values[one.id], by_hand.value(one.id), exact.value(one.id));
      check("gradient, ", staged.gradients[one.id], by_hand.gradient(one.id), exact.gradient(one.id));
    }
  }
  CHECK(faults.text() == "");
}

TEMPLATE_TEST_CASE("a gradient is the sum of its edges' contributions", "[graph][edges]", float, double) {
  Random random(34);
  Faults faults;
  for (int i = 0; i < kBatches; ++i) {
    const Batch<TestType> batch = draw_any<TestType>(random);
    const auto trace = run<TestType>(batch);
    for (const Node& one : kNodes) {
      if (one.id == NodeId::kY) continue;
      // At most two terms, so the order of the sum is no matter: tolerance 0.
      std::vector<TestType> sum(trace.gradients.size(one.id));
      for (std::size_t edge = 0; edge < kEdgeCount; ++edge) {
        if (kEdges[edge].from != one.id) continue;
        for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += trace.contributions[edge][k];
      }
      faults.note(describe(batch, one.id), unequal(trace.gradients[one.id], sum));
    }
  }
  CHECK(faults.text() == "");
}

TEMPLATE_TEST_CASE("three paths add up to dx and two to dmean", "[graph][paths]", float, double) {
  Random random(35);
  Faults faults;
  for (int i = 0; i < kBatches; ++i) {
    const Batch<TestType> batch = draw_any<TestType>(random);
    const auto trace = run<TestType>(batch);
    const auto path = [&](Path which, NodeId end) {
      std::vector<TestType> out(trace.values.size(end));
      read_path<TestType>(which, trace, out);
      return out;
    };
    const auto direct = path(kXDirect, NodeId::kX);
    const auto var = path(kXThroughVar, NodeId::kX);
    const auto mean = path(kXThroughMean, NodeId::kX);
    std::vector<TestType> sum;
    for (std::size_t k = 0; k < direct.size(); ++k) sum.push_back((direct[k] + var[k]) + mean[k]);
    // dxc is direct + through var, and dx adds through mean: the same two additions, tolerance 0.
    faults.note("dx, " + describe(batch, NodeId::kX), unequal(trace.gradients[NodeId::kX], sum));

    const auto mean_direct = path(kMeanDirect, NodeId::kMean);
    const auto mean_var = path(kMeanThroughVar, NodeId::kMean);
    std::vector<double> mean_sum;
    std::vector<double> terms(batch.columns);
    for (std::size_t c = 0; c < batch.columns; ++c) {
      mean_sum.push_back(static_cast<double>(mean_direct[c]) + static_cast<double>(mean_var[c]));
    }
    for (std::size_t k = 0; k < direct.size(); ++k) {
      terms[k % batch.columns] +=
          std::abs(static_cast<double>(direct[k])) + std::abs(static_cast<double>(var[k]));
    }
    // One rounding to T for each term of dxc and for each of the three results, and N additions in float64 a
    // sum.
    const double most =
        3 * kUnitRoundoff<TestType> + 3 * kUnitRoundoff<double> * static_cast<double>(batch.rows);
    faults.note(
        "dmean, " + describe(batch, NodeId::kMean),
        outside(trace.gradients[NodeId::kMean], mean_sum, [&](std::size_t c) { return most * terms[c]; }));
  }
  CHECK(faults.text() == "");
}

TEST_CASE("dmean's path through the variance is zero up to rounding", "[graph][paths]") {
  Random random(36);
  Faults faults;
  for (int i = 0; i < kBatches; ++i) {
    const Batch<double> batch = draw_any<double>(random);
    const auto trace = run<double>(batch);
    const auto bounded = run<Bounded<double>>(batch);
    std::vector<double> path(batch.columns);
    read_path<double>(kMeanThroughVar, trace, path);
    constexpr std::size_t kEdge = edge_index(NodeId::kXc, NodeId::kSq);
    std::vector<double> bound(batch.columns);
    for (std::size_t k = 0; k < batch.rows * batch.columns; ++k) {
      const Bounded<double> term = bounded.contributions[kEdge][k];
      // The exact terms sum to 0, so the sum is at most what the terms are off, and what adding them loses.
      bound[k % batch.columns] +=
          term.error + static_cast<double>(batch.rows) * kUnitRoundoff<double> * std::abs(term.value);
    }
    faults.note(describe(batch, NodeId::kMean),
                outside(path, std::vector<double>(batch.columns), [&](std::size_t c) { return bound[c]; }));
  }
  CHECK(faults.text() == "");
}

TEST_CASE("the closed invariants hold within the bounds of both sides", "[graph][invariants]") {
  // In Bounded arithmetic each side of an equation carries its own bound.
  using Number = Bounded<double>;
  Random random(37);
  Faults faults;
  for (int i = 0; i < kBatches; ++i) {
    const Batch<double> batch = draw_any<double>(random);
    const auto trace = run<Number>(batch);
    for (std::size_t c = 0; c < batch.columns; ++c) {
      const auto value = [&](NodeId id, std::size_t row = 0) {
        return trace.values[id][row * batch.columns + c];
      };
      const auto gradient = [&](NodeId id, std::size_t row = 0) {
        return trace.gradients[id][row * batch.columns + c];
      };
      const Number s = value(NodeId::kVar) + Number(batch.eps);
      const Number std = value(NodeId::kStd);
      const Number gamma = value(NodeId::kGamma);
      const Number dgamma = gradient(NodeId::kGamma);
      Number dx_sum = 0.0;
      Number dx_xhat = 0.0;
      for (std::size_t row = 0; row < batch.rows; ++row) {
        dx_sum = dx_sum + gradient(NodeId::kX, row);
        dx_xhat = dx_xhat + gradient(NodeId::kX, row) * value(NodeId::kXhat, row);
      }
      const auto equal = [&](const char* equation, Number left, Number right) {
        faults.note(std::string(equation) + ", " + describe(batch, NodeId::kX),
                    outside(std::vector{left}, std::vector{right},
                            [&](std::size_t) { return left.error + right.error; }));
      };
      equal("I1: sum of dx = 0", dx_sum, Number(0.0, 0.0));
      equal("I2: sum of dx xhat = gamma dgamma eps / S^1.5", dx_xhat,
            gamma * dgamma * Number(batch.eps) / (s * std));
      equal("dvar = -gamma dgamma / 2S", gradient(NodeId::kVar), -(gamma * dgamma) / (Number(2.0) * s));
      equal("dmean = -gamma dbeta / sqrt(S)", gradient(NodeId::kMean),
            -(gamma * gradient(NodeId::kBeta)) / std);
    }
  }
  CHECK(faults.text() == "");
}

TEST_CASE("one row gives y = beta and no gradient to x or gamma", "[graph][edges]") {
  Random random(38);
  for (const double mean : {0.0, 12.0, 1e6}) {
    const Batch<double> batch = draw<double>(random, 1, 7, mean, 1.0, 1e-5);
    const auto trace = run<double>(batch);
    // x - mean is exactly 0 where mean is x / 1
    CHECK(unequal(trace.values[NodeId::kY], batch.beta) == "");
    CHECK(unequal(trace.gradients[NodeId::kX], std::vector<double>(7)) == "");
    CHECK(unequal(trace.gradients[NodeId::kGamma], std::vector<double>(7)) == "");
    CHECK(unequal(trace.gradients[NodeId::kBeta], batch.dy) == "");
  }
}

TEST_CASE("a column computes the same alone as among others", "[graph][edges]") {
  Random random(39);
  const Batch<double> batch = draw<double>(random, 9, 11, 3.0, 2.0, 1e-5);  // 11: a whole panel and a part
  const auto trace = run<double>(batch);
  const auto column = [&](const std::vector<double>& from, std::size_t c) {
    std::vector<double> out;
    for (std::size_t i = c; i < from.size(); i += batch.columns) out.push_back(from[i]);
    return out;
  };
  for (std::size_t c = 0; c < batch.columns; ++c) {
    const Batch<double> alone{
        batch.rows,          1,         column(batch.x, c), {batch.gamma[c]}, {batch.beta[c]},
        column(batch.dy, c), batch.eps, batch.ddof};
    const auto single = run<double>(alone);
    for (const Node& one : kNodes) {
      CAPTURE(c, one.name);
      const auto values = trace.values[one.id];
      const auto gradients = trace.gradients[one.id];
      CHECK(unequal(single.values[one.id], column({values.begin(), values.end()}, c)) == "");
      CHECK(unequal(single.gradients[one.id], column({gradients.begin(), gradients.end()}, c)) == "");
    }
  }
}

TEST_CASE("a constant column gives dy minus its mean, over sqrt(eps)", "[graph][edges]") {
  const ReferenceCase reference = reference_case("edges.txt", "constant-channel");
  const Batch<double> batch = batch_of<double>(reference);
  const auto trace = run<Bounded<double>>(batch);
  constexpr std::size_t kConstant = 2;
  CHECK(trace.values[NodeId::kVar][kConstant].value == 0.0);  // 3.25 and its mean are exact
  double mean_dy = 0.0;
  for (std::size_t row = 0; row < batch.rows; ++row) mean_dy += batch.dy[row * batch.columns + kConstant];
  mean_dy /= static_cast<double>(batch.rows);
  for (std::size_t row = 0; row < batch.rows; ++row) {
    const std::size_t i = row * batch.columns + kConstant;
    const double expected = batch.gamma[kConstant] * (batch.dy[i] - mean_dy) / std::sqrt(batch.eps);
    const Bounded<double> dx = trace.gradients[NodeId::kX][i];
    CHECK(std::abs(dx.value - expected) <= 2 * dx.error);  // the line above rounds no more often than dx does
  }
}

}  // namespace
}  // namespace backnorm::test
