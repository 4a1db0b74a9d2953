#include "backnorm/explanation.hpp"

#include <functional>
#include <string>
#include <vector>

#include "backnorm/quantities.hpp"
#include "catch.hpp"
#include "norms.hpp"

/// Wrong arrays written down as formulas, and what they are explained as.
namespace backnorm::test {
namespace {

/// A right pass, and wrong arrays explained in it.
class World {
 public:
  World(Random& random, Norm norm, std::size_t samples, std::size_t channels, std::size_t positions = 1,
        std::size_t groups = 1)
      : one_(draw<double>(random, shaped(norm, samples, channels, positions, groups), 3.0, 2.0, 1e-5)),
        precision_(in_any_order(kRounding<double>)) {
    one_.ddof = 0;
    one_.unit_offset = false;
    REQUIRE(status_code(trace_.run(one_.view())) == "ok");
  }

  double value(NodeId id, std::size_t i) const { return trace_.values[id][i].value; }
  double gradient(NodeId id, std::size_t i) const { return trace_.gradients[id][i].value; }
  double at(std::size_t number, std::size_t i) const { return tensor(trace_, number)[i].value; }
  std::size_t rows() const { return one_.grouping.rows; }
  std::size_t columns() const { return one_.grouping.columns; }
  Quantities quantities() const { return Quantities(trace_.values.graph()); }

  /// given(lane), with so many decimal digits, in place of the array.
  Explanation explain_as(std::size_t number, const std::function<double(std::size_t)>& given,
                         int digits = 17) const {
    const std::span<const ProgramNumber> right = tensor(trace_, number);
    std::vector<double> values, resolution, bounds;
    for (std::size_t i = 0; i < right.size(); ++i) {
      double value = given(i);
      double half = 0.0;
      if (digits < 17) {
        half = 0.5 * std::pow(10.0, -digits);
        value = std::round(value / (2.0 * half)) * 2.0 * half;
      }
      values.push_back(value);
      resolution.push_back(half);
      bounds.push_back(kOtherOrder * right[i].error + 1e-15 * std::abs(right[i].value) + half);
    }
    const WrongArray array{.number = number,
                           .given = values,
                           .resolution = resolution,
                           .has_shape = true,
                           .wanted = right,
                           .bounds = bounds};
    Explanation explanation;
    REQUIRE(explain(array, one_.view().settings(), trace_, explanation) == Status::kOk);
    return explanation;
  }

  /// Σ over a group of term(i), where i is an index of the elements.
  double sum(std::size_t column, const std::function<double(std::size_t)>& term) const {
    double total = 0.0;
    for (std::size_t r = 0; r < rows(); ++r) total += term(r * columns() + column);
    return total;
  }

 private:
  NormCase<double> one_;
  ChosenPrecision precision_;
  Trace<ProgramNumber> trace_;
};

/// The formula in words, for messages: "-0.5 · rows^-1 · std^-3 · Σ dxhat·x".
std::string text(const Explanation& explanation, const Quantities& quantities) {
  std::ostringstream out;
  const auto name = [&](std::size_t number) {
    const Quantity which = quantities[number];
    const std::string id(quantities.graph().node(which.node).name);
    return (which.kind == Quantity::Kind::kValue ? "" : "d") + id;
  };
  const auto tell_factor = [&](const Factor& factor) {
    out << factor.constant;
    constexpr std::array kCounts{"M", "m", "m'", "shares", "N", "C", "S"};
    for (std::size_t i = 0; i < kCountCount; ++i) {
      if (factor.counts[i] != 0) out << " " << kCounts[i] << "^" << int(factor.counts[i]);
    }
    for (const Factor::Power& power : factor.powers) {
      if (power.halves != 0) {
        out << " " << quantities.graph().node(power.node).name << "^" << power.halves / 2.0;
      }
    }
  };
  const auto tell_root = [&](const Root& root) {
    out << "root(";
    tell_factor(root.scale);
    out << " var";
    if (root.inside != 0.0 || root.outside == 0.0) out << " + " << root.inside;
    out << ")";
    if (root.outside != 0.0) out << " + " << root.outside;
  };
  const auto tell_formula = [&](const Formula& formula) {
    tell_factor(formula.factor);
    if (formula.absolute) out << " with |gamma|";
    if (formula.is_sum) out << " sum";
    if (formula.end != 0) out << " of rows " << formula.begin << " to " << formula.end;
    if (formula.first != Formula::kOne) out << " " << name(formula.first);
    if (formula.second != Formula::kOne) out << "*" << name(formula.second);
    if (formula.lanes == Formula::Lanes::kOne) out << " of lane " << formula.lane;
    if (formula.lanes == Formula::Lanes::kMean) out << " of all";
    if (!formula.is_named) out << " (unnamed)";
  };
  switch (explanation.kind) {
    case Explanation::Kind::kRoot: tell_root(explanation.root); break;
    case Explanation::Kind::kFormula: tell_formula(explanation.formula); break;
    case Explanation::Kind::kShares:
      for (const Share& share : explanation.shares) {
        if (share.state == Share::State::kAbsent) continue;
        out << (share.pattern == Formula::kOne ? "1" : name(share.pattern)) << ": ";
        switch (share.state) {
          case Share::State::kRight: out << "right"; break;
          case Share::State::kMissing: out << "missing"; break;
          case Share::State::kFormula: tell_formula(share.formula); break;
          case Share::State::kRoot: tell_root(share.root); break;
          default: out << "off";
        }
        out << "; ";
      }
      break;
    case Explanation::Kind::kMoved:
      out << (explanation.columns ? "columns" : "rows") << " by " << explanation.by;
      break;
    case Explanation::Kind::kOffset: out << "offset " << explanation.low; break;
    case Explanation::Kind::kClipped:
      out << "clipped to " << explanation.low << ", " << explanation.high;
      break;
    case Explanation::Kind::kNotFinite:
      out << explanation.count << " not finite from " << explanation.first << ", cause "
          << int(explanation.cause);
      break;
    case Explanation::Kind::kElements:
      out << explanation.count << " values from " << explanation.first;
      break;
    default: out << "none";
  }
  return out.str();
}

TEST_CASE("numbers per group are explained by the formula that gave them", "[explanation]") {
  using enum NodeId;
  Random random(1);
  const World w(random, Norm::kBatch, 8, 5);
  const Quantities q = w.quantities();
  const auto m = static_cast<double>(w.rows());
  const auto std = [&](std::size_t c) { return w.value(kStd, c); };
  const auto var = [&](std::size_t c) { return w.value(kVar, c); };
  const auto x = [&](std::size_t i) { return w.value(kX, i); };
  const auto xc = [&](std::size_t i) { return w.value(kXc, i); };
  const auto dy = [&](std::size_t i) { return w.gradient(kY, i); };
  const auto dxhat = [&](std::size_t i) { return w.gradient(kXhat, i); };
  const auto told = [&](std::size_t number, const std::function<double(std::size_t)>& given,
                        int digits = 17) { return text(w.explain_as(number, given, digits), q); };
  const auto sum = [&](std::size_t c, const std::function<double(std::size_t)>& term) {
    return w.sum(c, term);
  };
  const auto square = [&](std::size_t i) { return x(i) * x(i); };
  const auto dy_xc = [&](std::size_t c) { return sum(c, [&](std::size_t i) { return dy(i) * xc(i); }); };

  const auto dvar_of_x = [&](std::size_t c) {
    return -0.5 * sum(c, [&](std::size_t i) { return dxhat(i) * x(i); }) * std::pow(std(c), -3);
  };
  CHECK(told(q.gradient_of(kVar), dvar_of_x) == "-0.5 std^-3 sum dxhat*x");
  CHECK(told(q.gradient_of(kVar), dvar_of_x, 8) == "-0.5 std^-3 sum dxhat*x");
  CHECK(told(q.gradient_of(kBeta), [&](std::size_t c) { return sum(c, x); }) == "1 sum x");
  CHECK(told(q.gradient_of(kBeta), [&](std::size_t c) { return sum(c, dy) / m; }) == "1 M^-1 sum dy");
  CHECK(told(q.gradient_of(kGamma), dy_xc) == "1 sum dy*xc");
  CHECK(told(q.gradient_of(kMean), [&](std::size_t c) { return sum(c, dxhat) / std(c); }) ==
        "1 std^-1 sum dxhat");
  CHECK(told(q.value_of(kVar), [&](std::size_t c) { return sum(c, square) / m; }) == "1 M^-1 sum x*x");
  CHECK(told(q.value_of(kStd), var) == "1 var");
}

TEST_CASE("rows left out, other columns and |gamma| are told", "[explanation]") {
  using enum NodeId;
  Random random(5);
  const World w(random, Norm::kBatch, 8, 5);
  const Quantities q = w.quantities();
  const auto m = static_cast<double>(w.rows());
  const auto told = [&](std::size_t number, const std::function<double(std::size_t)>& given,
                        int digits = 17) { return text(w.explain_as(number, given, digits), q); };
  const auto sum = [&](std::size_t number, std::size_t c, std::size_t begin, std::size_t end) {
    double total = 0.0;
    for (std::size_t r = begin; r < end; ++r) total += w.at(number, r * w.columns() + c);
    return total;
  };
  const std::size_t dy = q.gradient_of(kY);
  const std::size_t x = q.value_of(kX);
  CHECK(told(q.gradient_of(kBeta), [&](std::size_t c) { return sum(dy, c, 0, 7); }) ==
        "1 sum of rows 0 to 7 dy");
  CHECK(told(q.gradient_of(kBeta), [&](std::size_t c) { return w.gradient(kY, 5 + c); }) ==
        "1 sum of rows 1 to 2 dy");
  CHECK(told(q.value_of(kMean), [&](std::size_t c) { return sum(x, c, 0, 4) / 4; }) ==
        "2 M^-1 sum of rows 0 to 4 x");
  CHECK(told(
            q.value_of(kMean), [&](std::size_t c) { return sum(x, c, 0, 7) / m; }, 8) ==
        "1 M^-1 sum of rows 0 to 7 x");
  CHECK(told(q.value_of(kVar), [&](std::size_t c) { return w.value(kVar, (c + 4) % 5); }) == "columns by 1");
  CHECK(told(q.gradient_of(kX), [&](std::size_t i) { return w.gradient(kX, (i + 35) % 40); }) == "rows by 1");
  CHECK(told(
            q.gradient_of(kX), [&](std::size_t i) { return i == 7 ? 5.0 : w.gradient(kX, i); }, 8) ==
        "1 values from 7");
  REQUIRE(w.value(kGamma, 0) < 0);
  const auto with_size = [&](std::size_t i) {
    return w.gradient(kXhat, i) * std::copysign(1.0, w.value(kGamma, i % 5));
  };
  CHECK(told(q.gradient_of(kXhat), with_size) == "dy: 1 gamma^1 with |gamma|; ");
}

TEST_CASE("offsets, powers, limits and numbers of other groups are told", "[explanation]") {
  using enum NodeId;
  Random random(6);
  const World w(random, Norm::kBatch, 8, 5);
  const Quantities q = w.quantities();
  const auto told = [&](std::size_t number, const std::function<double(std::size_t)>& given,
                        int digits = 17) { return text(w.explain_as(number, given, digits), q); };
  const auto var = [&](std::size_t c) { return w.value(kVar, c); };
  const auto std = [&](std::size_t c) { return w.value(kStd, c); };
  for (const int digits : {17, 8}) {
    CHECK(told(
              q.value_of(kVar), [&](std::size_t c) { return var(c) + 1e-3; }, digits) == "offset 0.001");
    CHECK(told(
              q.value_of(kVar), [&](std::size_t c) { return std::sqrt(var(c)); }, digits) == "1 var^0.5");
    CHECK(told(
              q.value_of(kXhat), [&](std::size_t i) { return std::clamp(w.value(kXhat, i), -1.0, 1.5); },
              digits) == "clipped to -1, 1.5");
    std::array<double, 5> sorted{};
    for (std::size_t c = 0; c < 5; ++c) sorted[c] = std(c);
    std::sort(sorted.begin(), sorted.end());
    std::ostringstream floor;
    floor << "clipped to " << sorted[2] << ", inf";
    CHECK(told(
              q.value_of(kStd), [&](std::size_t c) { return std::max(std(c), sorted[2]); }, digits) ==
          floor.str());
    double all = 0.0;
    for (std::size_t i = 0; i < 40; ++i) all += w.gradient(kXhat, i) / 40;
    CHECK(told(
              q.gradient_of(kMean), [&](std::size_t c) { return -8 * all / std(c); }, digits) ==
          "-1 std^-1 sum dxhat of all");
    const auto of_first = [&](std::size_t i) { return w.value(kX, i) - w.value(kMean, 0); };
    CHECK(told(q.value_of(kXc), of_first, digits) == "x: right; 1: -1 M^-1 sum x of lane 0; ");
  }
  CHECK(told(q.gradient_of(kMean), [&](std::size_t) { return w.gradient(kMean, 1); }) == "1 dmean of lane 1");
  const double nan = std::nan("");
  CHECK(told(q.value_of(kMean), [&](std::size_t c) { return c == 1 ? nan : w.value(kMean, c); }) ==
        "1 not finite from 1, cause 0");
  CHECK(told(q.gradient_of(kX), [&](std::size_t i) { return i % 5 == 2 ? nan : w.gradient(kX, i); }) ==
        "8 not finite from 2, cause 0");
}

TEST_CASE("a single number is not clipped, nor is a variance of 0 scaled", "[explanation]") {
  using enum NodeId;
  Random random(7);
  const World narrow(random, Norm::kBatch, 6, 1);
  const Quantities q = narrow.quantities();
  for (const NodeId id : {kVar, kMean}) {
    CHECK(text(narrow.explain_as(q.value_of(id), [](std::size_t) { return 0.35; }), q).find("clipped") ==
          std::string::npos);
  }
}

TEST_CASE("another root is explained by what was added, and by what it was added to", "[explanation]") {
  using enum NodeId;
  for (const Norm norm : {Norm::kBatch, Norm::kLayer, Norm::kGroup, Norm::kInstance, Norm::kRms}) {
    Random random(3);
    const World w(random, norm, 6, 8, 5, 2);
    const Quantities q = w.quantities();
    CAPTURE(kNormNames[static_cast<std::size_t>(norm)]);
    const auto m = static_cast<double>(w.rows());
    const auto var = [&](std::size_t c) { return w.value(kVar, c); };
    const auto told = [&](std::size_t number, const std::function<double(double)>& of_var, int digits = 17) {
      return text(w.explain_as(
                      number, [&](std::size_t c) { return of_var(var(c)); }, digits),
                  q);
    };
    const std::size_t std = q.value_of(kStd);
    const std::size_t invstd = q.value_of(kInvstd);
    for (const double eps : {1e-3, 1e-4, 2e-5, 1e-7, 1e-8, 1e-12}) {
      std::ostringstream want;
      want << "root(1 var + " << eps << ")";
      CHECK(told(invstd, [&](double v) { return 1 / std::sqrt(v + eps); }) == want.str());
    }
    CHECK(told(std, [](double v) { return std::sqrt(v) + 1e-5; }) == "root(1 var) + 1e-05");
    CHECK(told(std, [](double v) { return std::sqrt(v); }) == "root(1 var + 0)");
    CHECK(told(
              invstd, [](double v) { return 1 / (std::sqrt(v) + 1e-5); }, 8) == "root(1 var) + 1e-05");
    CHECK(told(
              std, [](double v) { return std::sqrt(v + 1e-3); }, 6) == "root(1 var + 0.001)");
    if (norm == Norm::kBatch) {  // xhat hides the root; elsewhere gamma meets many of them
      const auto dgamma = [&](std::size_t c) {
        return w.gradient(kGamma, c) * w.value(kStd, c) / (std::sqrt(var(c)) + 1e-5);
      };
      CHECK(text(w.explain_as(q.gradient_of(kGamma), dgamma), q) == "root(1 var) + 1e-05");
    }
    CHECK(told(std, [&](double v) { return std::sqrt(v * m / (m - 1) + 1e-5); }) ==
          "root(1 m^1 m'^-1 var + 1e-05)");
    CHECK(told(std, [&](double v) { return std::sqrt(v * m / (m - 1)) + 1e-6; }) ==
          "root(1 m^1 m'^-1 var) + 1e-06");
    CHECK(told(std, [](double v) { return std::sqrt(v + 1e-5) + 1e-5; }) == "root(1 var + 1e-05) + 1e-05");
    CHECK(told(std, [](double v) { return std::sqrt(0.1 * v + 0.9 + 1e-5); }) == "root(0.1 var + 0.90001)");
    CHECK(told(std, [](double v) { return std::sqrt(0.5 * v + 1e-5); }) == "root(0.5 var + 1e-05)");
  }
}

TEST_CASE("elements are explained by their shares", "[explanation]") {
  using enum NodeId;
  for (const Norm norm : {Norm::kBatch, Norm::kLayer, Norm::kGroup, Norm::kInstance, Norm::kRms}) {
    Random random(2);
    const World w(random, norm, 8, 6, 4, 2);
    const Quantities q = w.quantities();
    const auto m = static_cast<double>(w.rows());
    const std::size_t columns = w.columns();
    const auto std = [&](std::size_t i) { return w.value(kStd, i % columns); };
    const auto xhat = [&](std::size_t i) { return w.value(kXhat, i); };
    const auto dxhat = [&](std::size_t i) { return w.gradient(kXhat, i); };
    const auto mean_of = [&](std::size_t i, const std::function<double(std::size_t)>& term) {
      return w.sum(i % columns, term) / m;
    };
    const auto along = [&](std::size_t i) { return dxhat(i) * xhat(i); };
    const auto told = [&](const std::function<double(std::size_t)>& given, int digits = 17) {
      return text(w.explain_as(q.gradient_of(kX), given, digits), q);
    };
    const double has_mean = norm == Norm::kRms ? 0.0 : 1.0;
    const auto dx = [&](std::size_t i, double mean, double variance, double direct = 1.0) {
      return (direct * dxhat(i) - has_mean * mean * mean_of(i, dxhat) -
              variance * xhat(i) * mean_of(i, along)) /
             std(i);
    };
    // what a share is told as, in every norm
    const std::string direct = "dxhat: right; ";
    const std::string mean = norm == Norm::kRms ? "" : "1: right; ";
    const std::string variance = "xhat: right; ";
    const std::string sd(w.quantities().graph().node(kStd).name);
    const std::string half = "xhat: -0.5 M^-1 " + sd + "^-1 sum dxhat*xhat; ";
    for (const int digits : {17, 8, 6}) {
      CHECK(told([&](std::size_t i) { return dx(i, 1, 0.5); }, digits) == direct + mean + half);
      CHECK(told([&](std::size_t i) { return dx(i, 1, 0); }, digits) == direct + mean + "xhat: missing; ");
      CHECK(told([&](std::size_t i) { return dx(i, 1, 1, 0); }, digits) ==
            "dxhat: missing; " + mean + variance);
      if (norm == Norm::kRms) continue;
      CHECK(told([&](std::size_t i) { return dx(i, 0, 1); }, digits) == direct + "1: missing; " + variance);
    }
    const auto of_x = [&](std::size_t i) { return dx(i, 1, 1) + dxhat(i) * (1 - 1 / std(i)); };
    CHECK(told(of_x) == "dxhat: 1; " + mean + variance);
    const auto other_eps = [&](std::size_t i) {
      return dx(i, 1, 1) * std(i) / std::sqrt(w.value(kVar, i % columns) + 1e-3);
    };
    const std::string root = "root(1 var + 0.001); ";
    CHECK(told(other_eps) == "dxhat: " + root + (mean.empty() ? "" : "1: " + root) + "xhat: " + root);
  }
}

TEST_CASE("random numbers are explained by nothing", "[explanation]") {
  Random random(4);
  Faults faults;
  std::size_t tried = 0;
  for (int turn = 0; turn < 400; ++turn) {
    const auto norm = static_cast<Norm>(random.size(0, kNormCount - 1));
    const World w(random, norm, random.size(2, 9), 2 * random.size(1, 4), random.size(1, 4), 2);
    const Quantities q = w.quantities();
    for (std::size_t number = 0; number < q.count(); ++number) {
      const int digits = static_cast<int>(random.one_of({17, 8, 4, 3}));
      const double size = random.one_of({1.0, 1e-3});
      const auto mixed = [&](std::size_t i) { return w.at(number, i) + size * random.normal(); };
      const Explanation found = w.explain_as(number, mixed, digits);
      ++tried;
      if (found.kind == Explanation::Kind::kNone || found.kind == Explanation::Kind::kElements) continue;
      std::ostringstream what;
      what << kNormNames[static_cast<std::size_t>(norm)] << " " << number << " " << digits << " " << size
           << " bits " << found.bits << ": " << text(found, q);
      faults.note("explained", what.str());
    }
  }
  CHECK(faults.text() == "");
  CHECK(tried > 10000);
}

}  // namespace
}  // namespace backnorm::test
