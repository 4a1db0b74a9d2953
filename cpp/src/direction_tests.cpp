#include "backnorm/direction_tests.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "backnorm/exact_gradient.hpp"
#include "backnorm/numpy_random.hpp"
#include "backnorm/relation.hpp"

namespace backnorm {
namespace {

/// Standard normal, times the spread of each column, or times sqrt(eps) if the spread is 0.
void draw_along_x(NumpyRandom& random, const Tensors<ProgramNumber>& values, std::span<double> v) {
  for (std::size_t i = 0; i < v.size(); ++i) {
    const std::size_t column = i % values.columns();
    const double spread = std::sqrt(values[NodeId::kVar][column].value);
    v[i] = random.normal() * (spread > 0 ? spread : values[NodeId::kStd][column].value);
  }
}

/// The verdict from the four smallest steps above the noise. r: R, s: |⟨g, h·v⟩|, widest step first.
void judge_slope(const double* r, const double* s, double share, TaylorReport& report) {
  const auto slope = [&](std::size_t wide, std::size_t narrow) {
    return std::log(r[wide] / r[narrow]) / std::numbers::ln2;  // std::log2 has tables of its own
  };
  const double fitted = 0.3 * slope(0, 3) + 0.1 * slope(1, 2);  // by least squares
  const bool shows_errors = r[0] <= share * s[0];
  const bool dips = slope(2, 3) > 1.5;
  if (fitted > 1.5 ? !shows_errors : dips) return;
  report.slope = fitted;
  report.verdict = fitted > 1.5 ? Verdict::kPass : Verdict::kFail;
}

/// The largest rounding errors of a right dx that a caller computed in this arithmetic, in any order.
Status bound_own_dx(const Case<double>& kase, Rounding arithmetic, std::span<double> errors) noexcept {
  const ChosenPrecision guard(in_any_order(arithmetic));
  Trace<ProgramNumber> trace;
  Trace<Magnitude> sizes;
  if (const Status status = trace.run(kase); status != Status::kOk) return status;
  if (const Status status = size_terms(kase.settings(), trace, sizes); status != Status::kOk) return status;
  const double rounding = roundings(kase.grouping) * arithmetic.unit;
  for (std::size_t i = 0; i < errors.size(); ++i) {
    errors[i] =
        kOtherOrder * trace.gradients[NodeId::kX][i].error + rounding * sizes.gradients[NodeId::kX][i].value;
  }
  return Status::kOk;
}

}  // namespace

Status taylor_test(const Case<double>& kase, std::span<const double> dx, std::uint32_t seed,
                   TaylorReport& report, bool single) noexcept {
  Trace<ProgramNumber> trace;
  if (const Status status = trace.run(kase); status != Status::kOk) return status;
  const std::size_t columns = kase.columns();
  const std::size_t size = kase.x.size();
  if (!dx.empty() && dx.size() != size) return Status::kLengthMismatch;
  Tensors<ProgramNumber> moved;
  Buffer<double> v;
  Buffer<double> errors;
  for (const Status status :
       {moved.resize(kase.graph(), kase.grouping), v.resize(size), errors.resize(dx.size())}) {
    if (status != Status::kOk) return status;
  }
  if (!dx.empty()) {
    const Rounding arithmetic = single ? kRounding<float> : kRounding<double>;
    const Status status = bound_own_dx(kase, arithmetic, errors.span());
    if (status != Status::kOk) return status;
  }
  NumpyRandom random(seed);
  draw_along_x(random, trace.values, v.span());
  std::copy(trace.values.all().begin(), trace.values.all().end(), moved.all().begin());
  report = {};
  std::array<double, kTaylorSteps> changes{};  // |⟨g, h·v⟩|, summed like the remainders
  std::size_t above = 0;                       // steps before round-off dominates
  bool drowned = false;
  for (std::size_t s = 0; s < kTaylorSteps; ++s) {
    const double h = std::ldexp(1.0, -6 - static_cast<int>(s));
    for (std::size_t i = 0; i < size; ++i) moved[NodeId::kX][i] = kase.x[i] + h * v.span()[i];
    evaluate(kase.settings(), moved);
    report.steps[s] = h;
    for (std::size_t c = 0; c < columns; ++c) {
      // the realised distance after rounding, so that it doesn't count as an error of g
      ProgramNumber rest = 0.0;
      double change = 0.0;
      for (std::size_t i = c; i < size; i += columns) {
        const ProgramNumber step = moved[NodeId::kX][i].value - kase.x[i];
        const ProgramNumber g =
            dx.empty() ? trace.gradients[NodeId::kX][i] : ProgramNumber(dx[i], errors.span()[i]);
        rest = rest + ProgramNumber(kase.dy[i]) * (moved[NodeId::kY][i] - trace.values[NodeId::kY][i]) -
               g * step;
        change += g.value * step.value;
      }
      changes[s] += std::abs(change);
      report.remainders[s] += std::abs(rest.value);
      report.noise[s] += rest.error;
    }
    drowned |= !(report.remainders[s] > 4.0 * report.noise[s]);
    if (!drowned) above = s + 1;
  }
  report.slope = std::numeric_limits<double>::quiet_NaN();
  if (above < 4) return Status::kOk;
  const double share = single ? kTaylorShareSingle : kTaylorShare;
  judge_slope(&report.remainders[above - 4], &changes[above - 4], share, report);
  return Status::kOk;
}

Status dot_product_test(const Case<double>& kase, std::uint32_t seed, DotProductReport& report,
                        std::span<const Edit> edits) noexcept {
  const Settings settings = kase.settings();
  Trace<ProgramNumber> trace;
  if (const Status status = trace.run(kase, edits); status != Status::kOk) return status;
  Trace<Magnitude> magnitudes;
  Tensors<double> values;
  Tensors<double> v;
  Lanes lost;
  for (const Status status :
       {values.resize(kase.graph(), trace.values.grouping()), v.resize(kase.graph(), trace.values.grouping()),
        size_terms(settings, trace, magnitudes)}) {
    if (status != Status::kOk) return status;
  }
  if (const Status status = bound_underflow(magnitudes, lost); status != Status::kOk) return status;
  copy_values(trace.values.all(), values.all());
  NumpyRandom random(seed);
  draw_along_x(random, trace.values, v[NodeId::kX]);
  for (const Node& node : kase.graph().nodes) {
    if (node.extent != Extent::kParameters) continue;
    for (double& value : v[node.id]) value = random.normal();
  }
  push(settings, values, v);

  report = {};
  // in addition to the pass: both products are sums over N·D values
  const double sum = static_cast<double>(kase.x.size());
  const double rounding = (roundings(kase.grouping) + 2.0 * sum) * kUnitRoundoff<double>;
  const std::span<const ProgramNumber> dy =
      trace.gradients[NodeId::kY];  // in the order of the edits' grouping
  for (std::size_t i = 0; i < dy.size(); ++i) report.forward += dy[i].value * v[NodeId::kY][i];
  for (const Node& node : kase.graph().nodes) {
    if (node.gate != Gate::kInput) continue;
    const NodeId id = node.id;
    for (std::size_t i = 0; i < v.size(id); ++i) {
      const ProgramNumber gradient = trace.gradients[id][i];
      report.backward += v[id][i] * gradient.value;
      report.bound +=
          std::abs(v[id][i]) * (2.0 * gradient.error + rounding * magnitudes.gradients[id][i].value);
      report.bound += 2.0 * std::numeric_limits<double>::denorm_min();  // both products may underflow
    }
  }
  for (const double one : lost[NodeId::kX]) report.bound += one;
  // overflow explains everything
  if (!std::isfinite(report.difference())) report.bound = std::numeric_limits<double>::infinity();
  return Status::kOk;
}

}  // namespace backnorm
