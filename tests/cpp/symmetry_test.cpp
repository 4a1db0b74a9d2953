#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "checks.hpp"

/// What a change of the inputs that batch norm can't see, or sees as a factor, does to every gradient.
namespace backnorm::test {
namespace {

using Bounds = Trace<Bounded<double>>;

Bounds run(const Batch<double>& batch) {
  Bounds trace;
  REQUIRE(status_code(trace.run(batch.view())) == "ok");
  return trace;
}

Batch<double> draw_any(Random& random) {
  const std::size_t rows = random.size(1, 17);
  const int ddof = rows > 1 ? static_cast<int>(random.integer(0, 1)) : 0;
  return draw<double>(random, rows, random.size(1, 9), random.one_of({0, 12, 1e3, 1e6}),
                      random.one_of({1e-3, 1, 1e3}), random.one_of({1e-12, 1e-5, 1}), ddof);
}

/// Both are right within their own bounds.
std::string apart(std::span<const Bounded<double>> a, std::span<const Bounded<double>> b) {
  return outside(a, b, [&](std::size_t i) { return a[i].error + b[i].error; });
}

TEST_CASE("permuted rows have permuted gradients", "[symmetry]") {
  Random random(131);
  Faults faults;
  for (int turn = 0; turn < 1000; ++turn) {
    const Batch<double> batch = draw_any(random);
    std::vector<std::size_t> order(batch.rows);
    std::iota(order.begin(), order.end(), 0u);
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.size(0, i - 1)]);
    const auto permuted = [&](const auto& values) {
      auto out = std::vector(values.begin(), values.end());
      for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = values[order[i / batch.columns] * batch.columns + i % batch.columns];
      }
      return out;
    };
    Batch<double> other = batch;
    other.x = permuted(batch.x);
    other.dy = permuted(batch.dy);
    const Bounds before = run(batch);
    const Bounds after = run(other);
    for (const Node& one : kNodes) {
      const std::span<const Bounded<double>> want = before.gradients[one.id];
      faults.note(describe(batch, one.id), one.extent == Extent::kElements
                                               ? apart(after.gradients[one.id], permuted(want))
                                               : apart(after.gradients[one.id], want));
    }
  }
  CHECK(faults.text() == "");
}

TEST_CASE("a shift of x changes no gradient", "[symmetry]") {
  Random random(132);
  Faults faults;
  for (int turn = 0; turn < 1000; ++turn) {
    Batch<double> batch = draw_any(random);
    // whole multiples of 2^-20 below 2^20, so that the shift is exact
    for (double& x : batch.x) x = std::ldexp(std::round(std::ldexp(std::fmod(x, 1e5), 20)), -20);
    Batch<double> other = batch;
    const double shift = static_cast<double>(random.integer(-100000, 100000));
    for (double& x : other.x) x += shift;
    const Bounds before = run(batch);
    const Bounds after = run(other);
    for (const Node& one : kNodes) {
      faults.note(describe(batch, one.id), apart(after.gradients[one.id], before.gradients[one.id]));
    }
  }
  CHECK(faults.text() == "");
}

TEST_CASE("x times k with eps times k² divides dx by k and keeps dgamma and dbeta", "[symmetry]") {
  Random random(133);
  Faults faults;
  for (int turn = 0; turn < 1000; ++turn) {
    const Batch<double> batch = draw_any(random);
    // a power of 2 rounds nothing, and so the bits agree: tolerance 0
    const double k = std::ldexp(1.0, static_cast<int>(random.integer(-20, 20)));
    Batch<double> other = batch;
    for (double& x : other.x) x *= k;
    other.eps *= k * k;
    const Bounds before = run(batch);
    const Bounds after = run(other);
    std::vector<double> dx;
    for (const Bounded<double> value : before.gradients[NodeId::kX]) dx.push_back(value.value / k);
    faults.note(describe(batch, NodeId::kX), unequal(after.gradients[NodeId::kX], dx));
    for (const NodeId id : {NodeId::kGamma, NodeId::kBeta}) {
      faults.note(describe(batch, id), unequal(after.gradients[id], before.gradients[id]));
    }
  }
  CHECK(faults.text() == "");
}

}  // namespace
}  // namespace backnorm::test
