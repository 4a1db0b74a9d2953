#include <cmath>
#include <string>
#include <vector>

#include "backnorm/graph.hpp"
#include "catch.hpp"
#include "six_steps.hpp"
#include "support.hpp"

/// The staged passes against NumPy and PyTorch, over every case in tests/data.
namespace backnorm::test {
namespace {

constexpr const char* kFiles[] = {"cs231n.txt", "iris.txt", "iris-f32.txt", "edges.txt"};

/// Holds Trace<Bounded<T>> against one case's numpy.* and torch.*.
///
/// Both sides round. Ours keeps its own running bound; theirs is float64 arithmetic, the six steps of
/// six_steps.hpp, whose running bound stands for NumPy's: the same operations in the same order.
/// PyTorch's autograd runs the same gates and may add in another order, so it gets that bound twice.
template <typename T>
void compare(const ReferenceCase& reference) {
  const Batch<T> batch = batch_of<T>(reference);
  Trace<Bounded<T>> ours;
  REQUIRE(status_code(ours.run(batch.view())) == "ok");
  const SixSteps<Bounded<double>> theirs = six_steps<Bounded<double>>(batch);
  for (const Node& one : kNodes) {
    const std::string name(one.name);
    CAPTURE(reference.name, name);
    const auto check = [&](const std::string& array, const Tensors<Bounded<T>>& tensors,
                           const std::vector<Bounded<double>>& bounds, double share) {
      CAPTURE(array);
      CHECK(outside(tensors[one.id], reference.array(array),
                    [&](std::size_t i) { return tensors[one.id][i].error + share * bounds[i].error; }) == "");
    };
    if (one.gate != Gate::kInput) check("numpy." + name, ours.values, theirs.value(one.id), 1);
    check("numpy.d" + name, ours.gradients, theirs.gradient(one.id), 1);
    check("torch.d" + name, ours.gradients, theirs.gradient(one.id), 2);
  }
}

TEST_CASE("every value and gradient agrees with NumPy and PyTorch within the bounds of both sides",
          "[graph][reference]") {
  std::size_t cases = 0;
  for (const char* file : kFiles) {
    for (const ReferenceCase& reference : read_cases(file)) {
      reference.dtype == "float32" ? compare<float>(reference) : compare<double>(reference);
      ++cases;
    }
  }
  CHECK(cases >= 20);
}

TEST_CASE("the bounds for references are tight on the course's case", "[graph][reference]") {
  // A test within bounds says nothing if the bounds are loose: here none exceeds 200 units of round-off of
  // the node's largest value. dx and dmean are sums of cancelling terms, and this case leaves them most of
  // their size.
  struct Row {
    const char* name;
    double unit;
  };
  const Row rows[] = {{"cs231n", kUnitRoundoff<double>}, {"cs231n-f32", kUnitRoundoff<float>}};
  for (const Row& row : rows) {
    const ReferenceCase reference = reference_case("cs231n.txt", row.name);
    const auto check = [&](const auto& trace) {
      for (const Node& one : kNodes) {
        double largest = 0.0;
        double error = 0.0;
        for (const auto& number : trace.gradients[one.id]) {
          largest = std::max(largest, std::abs(static_cast<double>(number.value)));
          error = std::max(error, number.error);
        }
        CAPTURE(row.name, one.name, error / (largest * row.unit));
        CHECK(error <= 200 * row.unit * largest);
      }
    };
    if (reference.dtype == "float32") {
      Trace<Bounded<float>> trace;
      REQUIRE(status_code(trace.run(batch_of<float>(reference).view())) == "ok");
      check(trace);
    } else {
      Trace<Bounded<double>> trace;
      REQUIRE(status_code(trace.run(batch_of<double>(reference).view())) == "ok");
      check(trace);
    }
  }
}

TEST_CASE("the first row of dx is the one in the course's notes", "[graph][reference][cs231n]") {
  const Batch<double> batch = batch_of<double>(reference_case("cs231n.txt", "cs231n"));
  Trace<double> trace;
  REQUIRE(status_code(trace.run(batch.view())) == "ok");
  const std::vector<double> printed = {-0.00310319, 0.00305468, -0.00156246, 0.17251307, 0.01388029};
  const std::span<const double> first_row = trace.gradients[NodeId::kX].first(5);
  CHECK(outside(first_row, printed, [](std::size_t) { return 0.5e-8; }) == "");  // 8 decimals are printed
}

TEST_CASE("the paths of dx and dmean agree with NumPy's", "[graph][reference][paths]") {
  struct Row {
    Path path;
    NodeId end;
    const char* array;
  };
  const Row table[] = {
      {kXDirect, NodeId::kX, "numpy.dx_direct"},
      {kXThroughVar, NodeId::kX, "numpy.dx_through_var"},
      {kXThroughMean, NodeId::kX, "numpy.dx_through_mean"},
      {kMeanDirect, NodeId::kMean, "numpy.dmean_direct"},
      {kMeanThroughVar, NodeId::kMean, "numpy.dmean_through_var"},
  };
  for (const char* file : kFiles) {
    for (const ReferenceCase& reference : read_cases(file)) {
      if (reference.dtype == "float32") continue;
      const Batch<double> batch = batch_of<double>(reference);
      Trace<double> trace;
      Trace<Bounded<double>> bounded;
      REQUIRE(status_code(trace.run(batch.view())) == "ok");
      REQUIRE(status_code(bounded.run(batch.view())) == "ok");
      for (const Row& row : table) {
        std::vector<double> path(trace.values.size(row.end));
        read_path<double>(row.path, trace, path);
        // A path is one term of its node's gradient, and the node's bound holds the bounds of all its terms.
        // Twice, for both sides round; dx_direct is once dxhat·invstd and once dxhat/std, one rounding more.
        CAPTURE(reference.name, row.array);
        CHECK(outside(path, reference.array(row.array), [&](std::size_t i) {
                return 2 * bounded.gradients[row.end][i].error +
                       2 * kUnitRoundoff<double> * std::abs(path[i]);
              }) == "");
      }
    }
  }
}

}  // namespace
}  // namespace backnorm::test
