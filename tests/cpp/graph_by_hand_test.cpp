#include <vector>

#include "backnorm/graph.hpp"
#include "catch.hpp"
#include "support.hpp"

/// Numbers small enough to follow with a pencil, and chosen so that every intermediate is a binary fraction:
/// no rounding anywhere, tolerance 0 in float32 as in float64.
namespace backnorm::test {
namespace {

struct ByHand {
  const char* what;
  std::size_t rows;
  std::vector<double> x, dy;
  double gamma, beta, eps;
  int ddof;
  double mean, var, std;
  std::vector<double> xhat, y;
  double dbeta, dgamma, dinvstd, dstd, dvar, dsq;
  std::vector<double> dxc;
  double dmean;
  std::vector<double> dx;
};

// clang-format off
const std::vector<ByHand>& table() {
  static const std::vector<ByHand> rows = {
      // what, rows, x, dy, gamma, beta, eps, ddof,
      // mean, var, std, xhat, y, dbeta, dgamma, dinvstd, dstd, dvar, dsq,
      // dxc, dmean, dx
      {"one row: the output is beta, x has no say", 1, {7}, {3}, 2, 5, 0.25, 0,
       7, 0, 0.5, {0}, {5}, 3, 0, 0, 0, 0, 0,
       {12}, -12, {0}},
      {"two rows without eps: a sign, so dx is 0", 2, {1, 3}, {1, 3}, 2, 5, 0, 0,
       2, 1, 1, {-1, 1}, {3, 7}, 4, 2, 4, -4, -2, -1,
       {4, 4}, -8, {0, 0}},
      {"two rows: only eps lets x through", 2, {1, 3}, {1, 3}, 2, 5, 3, 0,
       2, 1, 2, {-0.5, 0.5}, {4, 6}, 4, 1, 4, -1, -0.25, -0.125,
       {1.25, 2.75}, -4, {-0.75, 0.75}},
      {"two rows, unbiased variance", 2, {1, 3}, {1, 3}, 2, 5, 2, 1,
       2, 2, 2, {-0.5, 0.5}, {4, 6}, 4, 1, 4, -1, -0.25, -0.25,
       {1.5, 2.5}, -4, {-0.5, 0.5}},
      {"three rows", 3, {0, 3, 6}, {1, 2, 6}, 2, -1, 10, 0,
       3, 6, 4, {-0.75, 0, 0.75}, {-2.5, -1, 0.5}, 9, 3.75, 30, -1.875, -0.234375, -0.078125,
       {0.96875, 1, 2.53125}, -4.5, {-0.53125, -0.5, 1.03125}},
      {"three rows, unbiased variance", 3, {0, 3, 6}, {1, 2, 6}, 2, -1, 7, 1,
       3, 9, 4, {-0.75, 0, 0.75}, {-2.5, -1, 0.5}, 9, 3.75, 30, -1.875, -0.234375, -0.1171875,
       {1.203125, 1, 2.296875}, -4.5, {-0.296875, -0.5, 0.796875}},
      {"four rows", 4, {11, 13, 11, 13}, {1, 0, 2, -5}, 4, 1, 15, 0,
       12, 1, 4, {-0.25, 0.25, -0.25, 0.25}, {0, 2, 0, 2}, -2, -2, -32, 2, 0.25, 0.0625,
       {0.875, 0.125, 1.875, -4.875}, 2, {1.375, 0.625, 2.375, -4.375}},
      {"a constant column is spread by eps alone", 4, {3, 3, 3, 3}, {1, 2, 3, 6}, 2, 1, 0.0625, 0,
       3, 0, 0.25, {0, 0, 0, 0}, {1, 1, 1, 1}, 12, 0, 0, 0, 0, 0,
       {8, 16, 24, 48}, -96, {-16, -8, 0, 24}},
  };
  return rows;
}
// clang-format on

TEMPLATE_TEST_CASE("four numbers or fewer give the results worked by hand", "[graph][by-hand]", float,
                   double) {
  for (const ByHand& hand : table()) {
    CAPTURE(hand.what);
    Batch<TestType> batch{.rows = hand.rows, .columns = 1, .eps = hand.eps, .ddof = hand.ddof};
    batch.x = rounded_to<TestType>(hand.x);
    batch.dy = rounded_to<TestType>(hand.dy);
    batch.gamma = rounded_to<TestType>({hand.gamma});
    batch.beta = rounded_to<TestType>({hand.beta});
    Trace<TestType> trace;
    REQUIRE(status_code(trace.run(batch.view())) == "ok");

    const auto value = [&](NodeId id, const std::vector<double>& wanted) {
      CAPTURE(node(id).name);
      CHECK(unequal(trace.values[id], wanted) == "");
    };
    const auto gradient = [&](NodeId id, const std::vector<double>& wanted) {
      CAPTURE(node(id).name);
      CHECK(unequal(trace.gradients[id], wanted) == "");
    };
    value(NodeId::kMean, {hand.mean});
    value(NodeId::kVar, {hand.var});
    value(NodeId::kStd, {hand.std});
    value(NodeId::kInvstd, {1 / hand.std});
    value(NodeId::kXhat, hand.xhat);
    value(NodeId::kY, hand.y);
    gradient(NodeId::kY, hand.dy);
    gradient(NodeId::kScaled, hand.dy);
    gradient(NodeId::kBeta, {hand.dbeta});
    gradient(NodeId::kGamma, {hand.dgamma});
    gradient(NodeId::kInvstd, {hand.dinvstd});
    gradient(NodeId::kStd, {hand.dstd});
    gradient(NodeId::kVar, {hand.dvar});
    gradient(NodeId::kSq, std::vector<double>(hand.rows, hand.dsq));
    gradient(NodeId::kXc, hand.dxc);
    gradient(NodeId::kMean, {hand.dmean});
    gradient(NodeId::kX, hand.dx);
  }
}

TEST_CASE("columns are independent: all hand-worked columns of a height in one batch", "[graph][by-hand]") {
  // Rows of two: three columns of eps 0, 3 and 2 can't share a batch; the same column thrice with other
  // gammas can.
  Batch<double> batch{.rows = 2, .columns = 3, .eps = 3.0};
  batch.x = {1, 1, 10, 3, 3, 12};
  batch.dy = {1, 1, 1, 3, 3, 3};
  batch.gamma = {2, 4, -2};
  batch.beta = {5, 5, 0};
  Trace<double> trace;
  REQUIRE(status_code(trace.run(batch.view())) == "ok");
  CHECK(unequal(trace.values[NodeId::kY], std::vector<double>{4, 3, 1, 6, 7, -1}) == "");
  CHECK(unequal(trace.gradients[NodeId::kX], std::vector<double>{-0.75, -1.5, 0.75, 0.75, 1.5, -0.75}) == "");
}

/// x = center ± 2^k, half of the rows each way, N a power of two: mean, var and std are exact by
/// construction.
struct Exact {
  std::size_t rows;
  double center;
  double spread;
  double eps;  // spread² + eps is a power of four
};

TEMPLATE_TEST_CASE("data with exact mean and variance have no rounding error", "[graph][exact]", float,
                   double) {
  const Exact exact_table[] = {
      {2, 0, 1, 0},   {4, 0, 1, 0},    {8, 12, 1, 0},  {16, 12, 4, 0},     {32, -3, 0.5, 0},
      {4, 100, 1, 3}, {8, 100, 1, 15}, {16, 5, 2, 12}, {64, 5, 0.5, 3.75}, {4, 65536, 1, 0},
  };
  Random random(21);
  for (const Exact& exact : exact_table) {
    const std::size_t n = exact.rows;
    const double std = std::sqrt(exact.spread * exact.spread + exact.eps);
    Batch<TestType> batch{.rows = n, .columns = 1, .eps = exact.eps};
    std::vector<double> xhat;
    double dbeta = 0.0;
    double dgamma = 0.0;
    const double gamma = static_cast<double>(random.integer(-8, 8));
    const double beta = static_cast<double>(random.integer(-8, 8));
    for (std::size_t i = 0; i < n; ++i) {
      const double side = i % 2 == 0 ? exact.spread : -exact.spread;
      const double dy = static_cast<double>(random.integer(-16, 16));
      batch.x.push_back(static_cast<TestType>(exact.center + side));
      batch.dy.push_back(static_cast<TestType>(dy));
      xhat.push_back(side / std);
      dbeta += dy;
      dgamma += dy * xhat.back();
    }
    batch.gamma = rounded_to<TestType>({gamma});
    batch.beta = rounded_to<TestType>({beta});
    std::vector<double> y;
    std::vector<double> dx;
    for (std::size_t i = 0; i < n; ++i) {
      const double count = static_cast<double>(n);
      y.push_back(gamma * xhat[i] + beta);
      dx.push_back(gamma / std *
                   (static_cast<double>(batch.dy[i]) - dbeta / count - xhat[i] * dgamma / count));
    }
    Trace<TestType> trace;
    REQUIRE(status_code(trace.run(batch.view())) == "ok");
    CAPTURE(n, exact.center, exact.spread, exact.eps);
    CHECK(unequal(trace.values[NodeId::kMean], std::vector<double>{exact.center}) == "");
    CHECK(unequal(trace.values[NodeId::kVar], std::vector<double>{exact.spread * exact.spread}) == "");
    CHECK(unequal(trace.values[NodeId::kXhat], xhat) == "");
    CHECK(unequal(trace.values[NodeId::kY], y) == "");
    CHECK(unequal(trace.gradients[NodeId::kBeta], std::vector<double>{dbeta}) == "");
    CHECK(unequal(trace.gradients[NodeId::kGamma], std::vector<double>{dgamma}) == "");
    CHECK(unequal(trace.gradients[NodeId::kX], dx) == "");
  }
}

}  // namespace
}  // namespace backnorm::test
