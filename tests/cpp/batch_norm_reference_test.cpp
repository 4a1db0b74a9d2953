#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "backnorm/graph.hpp"
#include "fused.hpp"

/// The fused kernels against PyTorch and against the staged graph.
namespace backnorm::test {
namespace {

TEMPLATE_TEST_CASE("tensors of rank 3 to 5 agree with PyTorch in both layouts", "[batch-norm][reference]",
                   float, double) {
  for (const ReferenceLayout& reference : read_layouts()) {
    CAPTURE(reference.name);
    Fused<TestType> fused;
    const auto read = reference.layout == "channels-first" ? channels_first : channels_last;
    REQUIRE(status_code(read(reference.dims, fused.layout)) == "ok");
    for (const auto& [name, into] : {std::pair{"x", &fused.x}, std::pair{"gamma", &fused.gamma},
                                     std::pair{"beta", &fused.beta}, std::pair{"dy", &fused.dy}}) {
      *into = rounded_to<TestType>(reference.array(name));
    }
    fused.eps = reference.eps;
    fused.ddof = reference.ddof;
    fused.run();
    const FusedBounds bounds = fused_bounds(fused);
    // The inputs stand in the file as float64; rounded to float32 they move every result by some of its ulps,
    // which at these well-conditioned tensors stays below 16 of the largest.
    double inputs = 0.0;
    if constexpr (std::is_same_v<TestType, float>) {
      for (const double value : reference.array("x")) inputs = std::max(inputs, std::abs(value));
      inputs *= 16 * kUnitRoundoff<float>;
    }
    const auto check = [&](const char* name, const auto& got, const std::vector<Bounded<double>>& bound) {
      CAPTURE(name);
      CHECK(outside(got, reference.array(name),
                    [&](std::size_t i) { return within<TestType>(bound)(i) + inputs; }) == "");
    };
    check("mean", fused.mean, bounds.mean);
    check("invstd", fused.invstd, bounds.invstd);
    check("y", fused.y, bounds.y);
    check("dx", fused.dx, bounds.dx);
    check("dgamma", fused.dgamma, bounds.dgamma);
    check("dbeta", fused.dbeta, bounds.dbeta);
  }
}

TEST_CASE("a matrix agrees with PyTorch's own batch norm", "[batch-norm][reference]") {
  for (const char* file : {"cs231n.txt", "iris.txt", "iris-f32.txt", "edges.txt"}) {
    for (const ReferenceCase& reference : read_cases(file)) {
      if (!reference.arrays.count("torch.bn_dx")) continue;
      const Batch<double> batch = batch_of<double>(reference);
      Fused<double> fused{
          {batch.rows, batch.columns, 1}, batch.x, batch.gamma, batch.beta, batch.dy, batch.eps};
      fused.run();
      const FusedBounds bounds = fused_bounds(fused);
      CAPTURE(reference.name);
      CHECK(outside(fused.y, reference.array("torch.bn_y"), within<double>(bounds.y)) == "");
      CHECK(outside(fused.dx, reference.array("torch.bn_dx"), within<double>(bounds.dx)) == "");
      CHECK(outside(fused.dgamma, reference.array("torch.bn_dgamma"), within<double>(bounds.dgamma)) == "");
      CHECK(outside(fused.dbeta, reference.array("torch.bn_dbeta"), within<double>(bounds.dbeta)) == "");
    }
  }
}

TEMPLATE_TEST_CASE("the fused kernels equal the staged graph within both bounds", "[batch-norm][graph]",
                   float, double) {
  Random random(51);
  Faults faults;
  for (int i = 0; i < 300; ++i) {
    const std::size_t rows = random.size(1, 17);
    const int ddof = rows > 1 ? static_cast<int>(random.integer(0, 1)) : 0;
    const Batch<TestType> batch =
        draw<TestType>(random, rows, random.size(1, 9), random.one_of({0, 12, 1e3, 1e6}),
                       random.one_of({1e-3, 1, 1e3}), random.one_of({1e-12, 1e-5, 1}), ddof);
    Fused<TestType> fused{
        {rows, batch.columns, 1}, batch.x, batch.gamma, batch.beta, batch.dy, batch.eps, ddof};
    fused.run();
    const FusedBounds bounds = fused_bounds(fused);
    Trace<Bounded<double>> staged;  // of the same rounded inputs
    REQUIRE(status_code(staged.run(batch.view())) == "ok");
    const auto check = [&](NodeId id, const auto& got, const auto& want, const auto& bound) {
      faults.note(describe(batch, id), outside(got, want, [&](std::size_t k) {
                    return within<TestType>(bound)(k) + want[k].error;
                  }));
    };
    check(NodeId::kMean, fused.mean, staged.values[NodeId::kMean], bounds.mean);
    check(NodeId::kInvstd, fused.invstd, staged.values[NodeId::kInvstd], bounds.invstd);
    check(NodeId::kY, fused.y, staged.values[NodeId::kY], bounds.y);
    check(NodeId::kX, fused.dx, staged.gradients[NodeId::kX], bounds.dx);
    check(NodeId::kGamma, fused.dgamma, staged.gradients[NodeId::kGamma], bounds.dgamma);
    check(NodeId::kBeta, fused.dbeta, staged.gradients[NodeId::kBeta], bounds.dbeta);
  }
  CHECK(faults.text() == "");
}

}  // namespace
}  // namespace backnorm::test
