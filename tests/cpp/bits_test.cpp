#include <cstdio>
#include <cstring>

#include "backnorm/differences.hpp"
#include "backnorm/direction_tests.hpp"
#include "backnorm/norm.hpp"
#include "diagnosis.hpp"
#include "fused.hpp"

/// Prints a digest of every call's results on seeded cases. tests/slow/proofs/native-bits.test.ts compares
/// what native code and WebAssembly print. Inputs are uniform: a normal number takes the C library's
/// logarithm.
namespace backnorm::test {
namespace {

/// FNV-1a, 64 bits. A double holds every float, size and enumerator exactly; all NaN are one.
template <typename Result>
std::uint64_t digest(const Result& result, std::uint64_t hash) {
  if constexpr (std::is_arithmetic_v<Result> || std::is_enum_v<Result>) {
    double number = static_cast<double>(result);
    if (std::isnan(number)) number = std::numeric_limits<double>::quiet_NaN();
    unsigned char bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    for (const unsigned char byte : bytes) hash = (hash ^ byte) * 0x100000001b3u;
  } else {
    for (const auto& one : result) hash = digest(one, hash);
  }
  return hash;
}

template <typename... Results>
void print(const std::string& call, Status status, const Results&... results) {
  REQUIRE(status_code(status) == "ok");
  std::uint64_t hash = 0xcbf29ce484222325u;
  ((hash = digest(results, hash)), ...);
  std::printf("bits %s: %016llx\n", call.c_str(), static_cast<unsigned long long>(hash));
}

template <typename T>
void print_fused(const std::string& name, Fused<T> f) {
  const Layout at = f.layout;
  const Affine<T> affine{.gamma = f.gamma, .beta = f.beta};
  const BackwardInputs<T> inputs{.dy = f.dy, .x = f.x};
  f.mark_outputs();
  const Saved<double> saved{.mean = f.mean, .invstd = f.invstd};
  const Gradients<T> gradients{.dx = f.dx, .dgamma = f.dgamma, .dbeta = f.dbeta};
  print("forward " + name, f.forward(), f.mean, f.invstd, f.y);
  print("backward " + name, f.backward(), f.dx, f.dgamma, f.dbeta);

  std::vector<T> mean = f.gamma, var(at.channels, T(1.5));
  const Frozen<T> frozen{.mean = mean, .var = var};
  print("infer " + name, batch_norm_infer<T>(at, f.x, affine, 0.1, frozen, f.y), f.y);
  const Status back = batch_norm_infer_backward<T>(at, inputs, affine.gamma, 0.1, frozen, gradients);
  print("infer_backward " + name, back, f.dx, f.dgamma, f.dbeta);

  std::vector<double> m2 = f.mean, sum_dy = f.mean, sum_dy_xhat = f.mean, ones(at.channels, 1.0);
  Statistics<double> all{.mean = f.mean, .m2 = m2};
  const Sums<double> sums{.dbeta = sum_dy, .dgamma = sum_dy_xhat};
  print("statistics " + name, batch_norm_statistics<T>(at, f.x, all), f.mean, m2);
  print("merge " + name, batch_norm_merge_statistics({3, ones, ones}, all), f.mean, m2);
  print("running " + name, batch_norm_update_running<T>(all, {mean, var}), mean, var);
  print("invstd " + name, batch_norm_invstd(all, 0.1, 1, f.invstd), f.invstd);
  print("normalize " + name, batch_norm_normalize<T>(at, f.x, affine, saved, f.y), f.y);
  print("sums " + name, batch_norm_sums<T>(at, inputs, saved, sums), sum_dy, sum_dy_xhat);
  const Status in = batch_norm_apply<T>(at, inputs, affine.gamma, all.count, 1, saved, sums, f.dx);
  print("apply " + name, in, f.dx);
}

template <typename T>
void print_norms(const std::string& name, Fused<T> f) {
  const auto& [outer, channels, inner] = f.layout;
  const BackwardInputs<T> inputs{.dy = f.dy, .x = f.x};
  for (const std::size_t groups : {std::size_t{1}, channels}) {
    const GroupLayout at{outer, 1, channels, inner, groups};
    for (const bool rms : {false, true}) {
      const NormRule rule{.eps = 0.1, .rms = rms};
      const std::size_t shifts = rms ? 0 : channels;
      std::vector<double> mean(rms ? 0 : at.statistics()), invstd(at.statistics()), p(shifts), q(channels);
      std::vector<T> y(at.size()), dx(at.size()), dgamma(channels), dbeta(shifts);
      const Saved<double> saved{.mean = mean, .invstd = invstd};
      const Status forward = norm_forward<T>(at, rule, f.x, {.gamma = f.gamma}, saved, y);
      print("norm_forward " + name, forward, mean, invstd, y);
      const Status backward = norm_backward<T>(at, rule, inputs, f.gamma, saved, {.dbeta = p, .dgamma = q},
                                               {.dx = dx, .dgamma = dgamma, .dbeta = dbeta});
      print("norm_backward " + name, backward, dx, dgamma, dbeta);
    }
  }
}

template <typename T>
void print_graph(const std::string& name, const Batch<T>& batch) {
  Trace<T> trace;
  const Status status = trace.run(batch.view());
  for (std::size_t i = 0; i < kQuantityCount; ++i) print("trace " + name, status, i, tensor(trace, i));

  const Checked<T> done(batch);
  for (const Node& one : kNodes) {
    const NodeReport report = done.check.report(one.id);
    print("gradcheck " + name, status, report.verdict, report.max_error, report.numeric_error,
          done.check.exact(one.id), done.check.numeric(one.id), done.check.bound(one.id));
  }
  for (const Mistake& mistake : mistakes()) {
    if (!is_of_batch_norm(mistake)) continue;
    Patient<T> patient(batch);
    patient.give_all(mistake.edits);
    const Status ran = patient.diagnosis.run();
    const Finding& found = patient.diagnosis.finding(gradient_of(NodeId::kX));
    print("diagnose " + name, ran, found.truth, found.local, found.max_error, found.largest_bound);
    for (const Fit& fit : patient.diagnosis.fits()) print("fit " + name, ran, fit.mistake, fit.residual);
  }
  if constexpr (std::is_same_v<T, double>) {
    const Case<double> kase = batch.view();
    for (const Node& one : kNodes) {
      std::vector<double> derivative(one.extent == Extent::kElements ? kase.x.size() : kase.columns());
      std::vector<double> bar = derivative, errors(3), steps{1e-1, 1e-4, 1e-9};
      print("extrapolate " + name, extrapolate(kase, one.id, derivative, bar), derivative, bar);
      print("sweep_steps " + name, sweep_steps<double>(kase, one.id, steps, errors), errors);
    }
    TaylorReport taylor;
    print("taylor_test " + name, taylor_test(kase, {}, 1, taylor), taylor.remainders, taylor.slope);
    DotProductReport product;
    print("dot_product_test " + name, dot_product_test(kase, 1, product), product.forward, product.backward);
  }
}

TEMPLATE_TEST_CASE("every call prints the bits of its results", "[.][bits]", double, float) {
  Random random(231);
  const auto draw = [&](std::size_t count, double spread = 1.0, double mean = 0.0) {
    std::vector<TestType> out(count);
    for (TestType& value : out) value = static_cast<TestType>(mean + spread * (2 * random.uniform() - 1));
    return out;
  };
  for (const double mean : {0.0, 1e6}) {
    const std::string kind = std::to_string(sizeof(TestType)) + " bytes, mean " + std::to_string(mean);
    for (const Layout at : {Layout{4, 5, 1}, {3, 5, 7}, {40, 31, 1}, {2, 5, 99}, {99, 10, 1}}) {
      const std::size_t size = at.size(), channels = at.channels;
      const Fused<TestType> fused{at, draw(size, 2, mean), draw(channels), draw(channels), draw(size)};
      print_fused(std::to_string(size) + " values of " + kind, fused);
      print_norms(std::to_string(size) + " values of " + kind, fused);
    }
    for (const std::size_t rows : {2u, 7u, 16u}) {
      const Batch<TestType> batch{rows, 3, draw(rows * 3, 2, mean), draw(3), draw(3), draw(rows * 3)};
      print_graph(std::to_string(rows) + " rows of " + kind, batch);
    }
  }
}

}  // namespace
}  // namespace backnorm::test
