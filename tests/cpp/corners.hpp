#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "backnorm/diagnosis.hpp"
#include "backnorm/direction_tests.hpp"
#include "checks.hpp"
#include "norm_steps.hpp"
#include "quad.hpp"

/// Verdicts in odd corners of every norm, with the plain loops of norm_steps.hpp in 113 bits as the oracle.
namespace backnorm::test {

inline constexpr std::array<std::string_view, 19> kCorners{"ordinary",
                                                           "mean far above spread",
                                                           "constant",
                                                           "nearly constant",
                                                           "tiny x",
                                                           "huge x",
                                                           "two values",
                                                           "one outlier",
                                                           "spread far below eps",
                                                           "one row",
                                                           "two rows",
                                                           "dy zero",
                                                           "dy masked",
                                                           "dy constant",
                                                           "dy proportional to y",
                                                           "tiny dy",
                                                           "odd gamma",
                                                           "odd eps",
                                                           "mixed"};

/// The norm of a case with so many rows and columns.
inline Grouping draw_grouping(Random& random, Norm norm, std::size_t rows, std::size_t columns) {
  const bool by_sample = random.uniform() < 0.5;
  const std::size_t samples = by_sample ? columns : 1, per_sample = columns / samples;
  switch (norm) {
    case Norm::kBatch: return batch_grouping(rows, columns);
    case Norm::kInstance: return grouping_of(norm, samples, per_sample, rows);
    case Norm::kGroup: {
      std::size_t positions = random.size(1, rows);
      while (rows % positions != 0) --positions;
      return grouping_of(norm, samples, per_sample * (rows / positions), positions, per_sample);
    }
    default: return grouping_of(norm, columns, rows, 1);
  }
}

/// Draws the columns of a corner.
template <typename T>
class CornerDraw {
 public:
  CornerDraw(Random& random, std::string_view corner, Norm norm) : random_(random) {
    const bool mixed = corner == "mixed";
    const bool many = random.uniform() < (corner == "one outlier" ? 0.5 : 0.05);
    const std::size_t rows = corner == "one row"    ? 1
                             : corner == "two rows" ? 2
                             : many                 ? random.size(10, 40)
                                                    : random.size(mixed ? 1 : 2, 9);
    double eps = 1e-5;
    if (corner == "odd eps" || random.uniform() < 0.4) {
      eps = random.uniform() < 0.2 ? 0.0 : std::pow(10.0, static_cast<double>(random.integer(-12, 10)));
    }
    const double mean = random.one_of({0, 0, 1, 12}), spread = random.one_of({1, 1, 5, 1e-3, 1e3});
    const Grouping grouping = draw_grouping(random, norm, rows, random.size(1, 3));
    batch_ = draw<T>(random, grouping, mean, spread, eps);
    if (!mixed) spoil(corner, 0);
    // the others are ordinary, or several things at once
    for (std::size_t column = mixed ? 0 : 1; column < grouping.columns; ++column) {
      if (!mixed && random.uniform() < 0.7) continue;
      for (std::size_t n = random.size(1, 3); n > 0; --n) {
        spoil(kCorners[random.size(0, kCorners.size() - 1)], column);
      }
    }
  }

  const NormCase<T>& batch() const { return batch_; }

 private:
  static constexpr bool kSingle = std::is_same_v<T, float>;

  /// A power of ten between 10^low and 10^high, with a random sign.
  double power_of_ten(double low, double high) {
    return std::pow(10.0, low + (high - low) * random_.uniform()) * (random_.uniform() < 0.5 ? -1 : 1);
  }

  void spoil(std::string_view corner, std::size_t column) {
    const std::size_t columns = batch_.grouping.columns, rows = batch_.grouping.rows;
    const auto set = [&](std::vector<T>& tensor, auto value) {
      for (std::size_t i = column; i < tensor.size(); i += columns) {
        constexpr double kMost = std::numeric_limits<T>::max();
        tensor[i] = static_cast<T>(std::clamp(value(i), -kMost, kMost));
      }
    };
    const auto x = [&](auto value) { set(batch_.x, value); };
    const auto dy = [&](auto value) { set(batch_.dy, value); };
    if (corner == "mean far above spread") {
      const double mean = power_of_ten(0, kSingle ? 8 : 16);
      x([&](auto) { return mean + random_.normal(); });
    } else if (corner == "constant") {
      const double value = random_.one_of({0, 1, 0.1, 12.7, 1e8 + 0.1, 1e15 + 0.3, 1e-8, 1e-200});
      x([&](auto) { return value; });
    } else if (corner == "nearly constant") {
      const double value = power_of_ten(-9, 9);
      const double digit = std::numeric_limits<T>::epsilon() * std::abs(value);
      x([&](auto) { return value + digit * static_cast<double>(random_.integer(-3, 3)); });
    } else if (corner == "tiny x") {
      const double size = power_of_ten(kSingle ? -44 : -310, -30);
      const double shift = random_.one_of({0, 0, 1, 10});
      x([&](auto) { return size * (shift + random_.normal()); });
    } else if (corner == "huge x") {
      const double size = random_.uniform() < 0.8 ? power_of_ten(kSingle ? 8 : 30, kSingle ? 19 : 153)
                                                  : power_of_ten(kSingle ? 8 : 30, kSingle ? 37 : 300);
      x([&](auto) { return size * random_.normal(); });
    } else if (corner == "two values") {
      const double low = random_.normal(), high = low + random_.one_of({1, 1e-3, 1e-7, 1e3});
      x([&](auto) { return random_.uniform() < 0.5 ? low : high; });
    } else if (corner == "one outlier") {
      // last, it is added to everything before it; first, everything is added to it
      const std::size_t row = random_.uniform() < 0.5 ? rows - 1 : random_.size(0, rows - 1);
      batch_.x[row * columns + column] = static_cast<T>(power_of_ten(1, kSingle ? 6 : 12));
    } else if (corner == "spread far below eps") {
      const double size = std::sqrt(batch_.eps) * power_of_ten(-8, 0);
      const double shift = static_cast<double>(random_.integer(-9, 9));
      x([&](auto) { return size * (shift + static_cast<double>(random_.integer(-1, 1))); });
      dy([&](auto) { return static_cast<double>(random_.integer(0, 1)); });
    } else if (corner == "dy zero") {
      dy([](auto) { return 0.0; });
    } else if (corner == "dy masked") {
      dy([&](auto i) { return std::max(0.0, static_cast<double>(batch_.dy[i])); });
    } else if (corner == "dy constant") {
      const double value = random_.normal();
      dy([&](auto) { return value; });
    } else if (corner == "dy proportional to y") {
      const SixSteps<double> pass = norm_steps<double>(batch_);
      const double factor = random_.normal();
      if (std::isfinite(pass.value(NodeId::kY)[column])) {
        dy([&](auto i) { return factor * pass.value(NodeId::kY)[i]; });
      }
    } else if (corner == "tiny dy") {
      const double size = power_of_ten(kSingle ? -45 : -323, kSingle ? -30 : -290);
      dy([&](auto) { return size * static_cast<double>(random_.integer(-2, 2)); });
    } else if (corner == "odd gamma") {
      const double range = kSingle ? 30 : 290;
      batch_.gamma[channel_of(batch_.grouping, random_.size(0, rows - 1), column)] =
          static_cast<T>(random_.uniform() < 0.2   ? 0.0
                         : random_.uniform() < 0.5 ? power_of_ten(kSingle ? -44 : -320, -20)
                                                   : power_of_ten(-range, range));
    }
  }

  Random& random_;
  NormCase<T> batch_;
};

/// The runs of one corner, or of one norm.
struct Tally {
  int cases = 0;
  int refused = 0;      ///< overflow, or neither spread nor eps
  int right = 0;        ///< right gradients of a node
  int undecidable = 0;  ///< of them
  int wrong = 0;        ///< wrong gradients of a node
  int missed = 0;       ///< of them undecidable
  int arrays = 0;       ///< of right programs, given to Diagnosis
  Faults false_fails, false_passes, faults_of_checker, called_wrong;

  Tally& operator+=(const Tally& other) {
    cases += other.cases, refused += other.refused, right += other.right, undecidable += other.undecidable;
    wrong += other.wrong, missed += other.missed, arrays += other.arrays;
    false_fails += other.false_fails, false_passes += other.false_passes;
    faults_of_checker += other.faults_of_checker, called_wrong += other.called_wrong;
    return *this;
  }
  void check() const {
    CHECK(false_fails.text() == "");
    CHECK(false_passes.text() == "");
    CHECK(faults_of_checker.text() == "");
    CHECK(called_wrong.text() == "");
  }
};

/// Judges one case after another: right gradients, wrong ones, and right programs.
template <typename T>
class CornerRun {
 public:
  explicit CornerRun(std::uint32_t seed) : random_(seed) {}

  void add(std::string_view corner, Norm norm, Tally& tally) {
    batch_ = CornerDraw<T>(random_, corner, norm).batch();
    ++tally.cases;
    Gradcheck<T> check;
    const Status status = check.prepare(batch_.view());
    if (status == Status::kNotFinite) {
      ++tally.refused;
      return;
    }
    REQUIRE(status_code(status) == "ok");
    check.check();
    truth_ = norm_steps<Quad>(batch_);
    for (const Node& one : graph_of(norm).nodes) {
      add_right(one.id, check, tally);
      add_wrong(one.id, check, tally);
    }
    add_programs(tally);
    if constexpr (std::is_same_v<T, double>) add_taylor(tally);
  }

 private:
  static double rounded(Quad number) { return static_cast<double>(number.value); }

  /// The whole case, to be copied into a test.
  std::string describe(NodeId id) const {
    std::ostringstream text;
    text.precision(17);
    text << graph_of(batch_.grouping.norm).node(id).name << " of " << batch_.text();
    const auto list = [&](const char* name, const std::vector<T>& values) {
      text << ", " << name;
      for (const T value : values) text << " " << value;
    };
    list("x", batch_.x);
    list("gamma", batch_.gamma);
    list("beta", batch_.beta);
    list("dy", batch_.dy);
    return text.str();
  }

  /// The gradient of the pass under test, and the exact one rounded to T.
  void add_right(NodeId id, Gradcheck<T>& check, Tally& tally) {
    const std::vector<T> own(check.analytic(id).begin(), check.analytic(id).end());
    std::vector<T> exact(own.size());
    for (std::size_t i = 0; i < exact.size(); ++i) {
      exact[i] = static_cast<T>(rounded(truth_.gradient(id)[i]));
      if (!std::isfinite(exact[i])) return;
    }
    for (const std::vector<T>& right : {exact, own}) {
      REQUIRE(status_code(check.claim(id, right)) == "ok");
      const NodeReport report = check.report(id);
      ++tally.right;
      tally.undecidable += report.verdict == Verdict::kUndecidable;
      if (report.verdict == Verdict::kFail) tally.false_fails.note(describe(id), "fails");
      if (report.checker_at_fault) tally.faults_of_checker.note(describe(id), "the checker is at fault");
    }
  }

  /// One lane wrong: scaled, or the direct path alone.
  void add_wrong(NodeId id, Gradcheck<T>& check, Tally& tally) {
    const std::size_t lanes = check.analytic(id).size() / check.rows(id);
    const std::size_t lane = random_.size(0, lanes - 1);
    const bool direct = id == NodeId::kX && random_.uniform() < 0.5;
    const double factor = random_.one_of({1.5, 0.5, 0.0, -1.0});
    std::vector<T> wrong(check.analytic(id).begin(), check.analytic(id).end());
    double largest = 0, error = 0, bound = 0;
    bool beyond_bound = false;
    for (std::size_t i = lane; i < wrong.size(); i += lanes) {
      const Quad exact = truth_.gradient(id)[i];
      wrong[i] = static_cast<T>(
          direct ? rounded(truth_.gradient(NodeId::kXhat)[i] / truth_.value(NodeId::kStd)[lane])
                 : factor * static_cast<double>(wrong[i]));
      if (!std::isfinite(wrong[i])) return;
      const double off = std::abs(rounded(Quad(static_cast<double>(wrong[i])) - exact));
      largest = std::max(largest, std::abs(rounded(exact)));
      error = std::max(error, off);
      bound = std::max(bound, check.bound(id)[i]);
      beyond_bound |= off > 2 * check.bound(id)[i];  // twice: the judge's reference has an error too
    }
    if (!(error > 0.1 * largest)) return;  // nothing was there to get wrong
    REQUIRE(status_code(check.claim(id, wrong)) == "ok");
    const NodeReport report = check.report(id);
    ++tally.wrong;
    tally.missed += report.verdict == Verdict::kUndecidable;
    // a pass may hide a lane of which only rounding is left, or that cancels
    const bool silent = largest <= 2 * bound || check.signal(id)[lane] < 2 * kLeastSignal;
    if (report.verdict == Verdict::kPass && (beyond_bound || !silent)) {
      tally.false_passes.note(describe(id), "passes with lane " + std::to_string(lane) + " wrong");
    }
  }

  /// Right programs that round to T at every step and add up in another order, as a user's may.
  void add_programs(Tally& tally) {
    const Quantities quantities(graph_of(batch_.grouping.norm));
    std::vector<std::size_t> order(batch_.grouping.rows);
    std::iota(order.begin(), order.end(), 0);
    for (const bool shuffled : {false, true}) {
      if (shuffled) {
        for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random_.size(0, i - 1)]);
      }
      const SixSteps<T> pass = norm_steps<T>(batch_, order);
      if (!is_finite(pass)) return;
      for (const bool with_values : {true, false}) {
        Diagnosis diagnosis;
        REQUIRE(status_code(diagnosis.prepare(batch_.view())) == "ok");
        const auto give = [&](std::size_t number, const std::vector<T>& array) {
          REQUIRE(status_code(diagnosis.claim(number, 0, array.size())) == "ok");
          std::copy(array.begin(), array.end(), diagnosis.claimed_values(number).begin());
        };
        for (const Node& one : quantities.graph().nodes) {
          if (with_values) give(quantities.value_of(one.id), pass.value(one.id));
          if (with_values || one.id == NodeId::kX || one.id == NodeId::kGamma) {
            give(quantities.gradient_of(one.id), pass.gradient(one.id));
          }
        }
        REQUIRE(status_code(diagnosis.run()) == "ok");
        for (std::size_t number = 0; number < quantities.count(); ++number) {
          if (!diagnosis.is_claimed(number)) continue;
          ++tally.arrays;
          const Finding& finding = diagnosis.finding(number);
          const bool is_value = quantities[number].kind == Quantity::Kind::kValue;
          if (finding.truth == Verdict::kFail || finding.local == Verdict::kFail) {
            tally.called_wrong.note(describe(quantities[number].node),
                                    is_value ? "its value is called wrong" : "its gradient is called wrong");
          }
        }
      }
    }
  }

  static bool is_finite(const SixSteps<T>& pass) {
    for (const auto* tensors : {&pass.values, &pass.gradients}) {
      for (const std::vector<T>& numbers : *tensors) {
        for (const T number : numbers) {
          if (!std::isfinite(number)) return false;
        }
      }
    }
    return true;
  }

  void add_taylor(Tally& tally) {
    std::vector<double> dx;
    for (const Quad exact : truth_.gradient(NodeId::kX)) dx.push_back(rounded(exact));
    for (const double factor : {1.0, 1.001}) {
      TaylorReport report;
      for (double& value : dx) value *= factor;
      REQUIRE(status_code(taylor_test(batch_.view(), dx, static_cast<std::uint32_t>(tally.cases), report)) ==
              "ok");
      if (factor == 1.0 && report.verdict == Verdict::kFail) {
        tally.false_fails.note(describe(NodeId::kX), "fails the Taylor test");
      }
      if (factor > 1.0 && report.verdict == Verdict::kPass) {
        tally.false_passes.note(describe(NodeId::kX), "passes the Taylor test times 1.001");
      }
    }
  }

  Random random_;
  NormCase<T> batch_;
  SixSteps<Quad> truth_;
};

}  // namespace backnorm::test
