#include "backnorm/explanation.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "backnorm/quantities.hpp"
#include "formula_finder.hpp"

namespace backnorm {
namespace {

using detail::bits_of;
using detail::Finder;
using detail::has_one_gamma;
using Number = ProgramNumber;

/// Explains elements as a sum of patterns, with a coefficient of each per group.
class Meter {
 public:
  static constexpr std::size_t kMost = 4;

  Meter(const WrongArray& array, Settings settings, const Trace<Number>& world)
      : array_(array),
        settings_(settings),
        world_(world),
        quantities_(world.values.graph()),
        rows_(world.values.rows()),
        columns_(world.values.columns()) {
    using enum NodeId;
    const Graph& graph = world.values.graph();
    const auto add = [&](std::size_t pattern) { patterns_[count_++] = pattern; };
    const Quantity which = quantities_[array.number];
    if (which.kind == Quantity::Kind::kValue) {
      if (which.node == kXc || which.node == kXhat) add(quantities_.value_of(kX));
      if (which.node == kScaled || which.node == kY) add(quantities_.value_of(kXhat));
      add(Formula::kOne);
      return;
    }
    const bool is_dxhat = which.node == kXhat || which.node == graph.stand_in(kScaled);
    add(is_dxhat ? quantities_.gradient_of(kY) : quantities_.gradient_of(kXhat));
    add(Formula::kOne);
    if (is_dxhat) return;
    add(quantities_.value_of(kXhat));
    if (!has_one_gamma(world.values.grouping())) add(quantities_.gradient_of(kY));
  }

  Status run(Explanation& out) {
    if (count_ == 0 || rows_ <= count_ || (rows_ - count_) * columns_ < 4) return Status::kOk;
    for (const Status status :
         {given_.resize(columns_), right_.resize(columns_), basis_.resize(rows_ * count_)}) {
      if (status != Status::kOk) return status;
    }
    std::array<bool, kMost> used{};
    used.fill(true);
    if (!measure_all(used)) return Status::kOk;
    // without the patterns that play no part, the bars of the others are narrower
    for (std::size_t k = 0; k < count_; ++k) {
      used[k] =
          !all([&](std::size_t g) { return is_small(given_.span()[g], k) && is_small(right_.span()[g], k); });
    }
    if (!measure_all(used)) return Status::kOk;
    out.bits = evidence();
    bool is_wrong = false;
    bool is_said = false;
    for (std::size_t k = 0; k < count_; ++k) {
      if (!used[k]) continue;
      out.shares[k].pattern = patterns_[k];
      if (const Status status = judge(k, out.shares[k]); status != Status::kOk) return status;
      is_wrong |= out.shares[k].state > Share::State::kRight;
      is_said |= out.shares[k].state != Share::State::kOther;
    }
    if (is_wrong && is_said && out.bits >= kEnoughBits) out.kind = Explanation::Kind::kShares;
    return Status::kOk;
  }

 private:
  /// Coefficients in one group, and their largest errors.
  struct Coefficients {
    std::array<double, kMost> value{}, error{};
  };

  template <typename Holds>
  bool all(Holds holds) const {
    for (std::size_t g = 0; g < columns_; ++g) {
      if (!holds(g)) return false;
    }
    return true;
  }
  static bool is_small(const Coefficients& one, std::size_t k) {
    return std::abs(one.value[k]) <= one.error[k];
  }

  Number pattern(std::size_t k, std::size_t i) const {
    return patterns_[k] == Formula::kOne ? Number(1.0) : tensor(world_, patterns_[k])[i];
  }

  bool measure_all(const std::array<bool, kMost>& used) {
    const std::span<const Number> right = array_.wanted;
    return all([&](std::size_t g) {
      return measure(
                 g, used, right_.span()[g], [&](std::size_t i) { return right[i].value; },
                 [&](std::size_t i) { return kOtherOrder * right[i].error; }) &&
             measure(
                 g, used, given_.span()[g], [&](std::size_t i) { return array_.given[i]; },
                 [&](std::size_t i) { return array_.bounds[i]; });
    });
  }

  /// Fits one group by orthogonal columns. False if the values are no sum of the patterns.
  template <typename Value, typename Tolerance>
  bool measure(std::size_t group, const std::array<bool, kMost>& used, Coefficients& out, Value value,
               Tolerance tolerance) {
    std::array<std::size_t, kMost> places{};
    std::size_t count = 0;
    for (std::size_t k = 0; k < count_; ++k) {
      if (used[k]) places[count++] = k;
    }
    std::array<std::array<double, kMost>, kMost> r{};  // pattern j = Σ r[k][j]·column k
    const auto column = [&](std::size_t k) { return basis_.span().subspan(k * rows_, rows_); };
    for (std::size_t j = 0; j < count; ++j) {
      const std::span<double> own = column(j);
      double size = 0.0;
      for (std::size_t row = 0; row < rows_; ++row) {
        own[row] = pattern(places[j], row * columns_ + group).value;
        size += own[row] * own[row];
      }
      for (int turn = 0; turn < 2; ++turn) {  // twice is enough (Kahan)
        for (std::size_t k = 0; k < j; ++k) {
          double along = 0.0;
          for (std::size_t row = 0; row < rows_; ++row) along += own[row] * column(k)[row];
          for (std::size_t row = 0; row < rows_; ++row) own[row] -= along * column(k)[row];
          r[k][j] += along;
        }
      }
      double rest = 0.0;
      for (const double one : own) rest += one * one;
      if (!(rest > 1e-12 * size)) return false;  // two patterns are one
      r[j][j] = std::sqrt(rest);
      for (double& one : own) one /= r[j][j];
    }
    // r⁻¹, by columns
    std::array<std::array<double, kMost>, kMost> inverse{};
    for (std::size_t j = 0; j < count; ++j) {
      for (std::size_t k = j + 1; k-- > 0;) {
        double sum = k == j ? 1.0 : 0.0;
        for (std::size_t l = k + 1; l <= j; ++l) sum -= r[k][l] * inverse[l][j];
        inverse[k][j] = sum / r[k][k];
      }
    }
    out = {};
    for (int turn = 0; turn < 3; ++turn) {  // refined, for the last digits
      std::array<double, kMost> along{};
      for (std::size_t row = 0; row < rows_; ++row) {
        const double left = value(row * columns_ + group) - sum_at(out, row * columns_ + group);
        for (std::size_t k = 0; k < count; ++k) along[k] += left * column(k)[row];
      }
      for (std::size_t k = 0; k < count; ++k) {
        for (std::size_t j = k; j < count; ++j) out.value[places[k]] += inverse[k][j] * along[j];
      }
    }
    double largest = 0.0;
    for (std::size_t row = 0; row < rows_; ++row) {
      largest = std::max(largest, std::abs(value(row * columns_ + group)));
    }
    const double own = 16.0 * kUnitRoundoff<double> * largest;  // of the coefficients
    for (std::size_t row = 0; row < rows_; ++row) {
      const std::size_t i = row * columns_ + group;
      double slack = tolerance(i) + own;
      for (std::size_t k = 0; k < count; ++k) {
        const Number one = pattern(places[k], i);
        const double size = one.error + kUnitRoundoff<double> * std::abs(one.value);
        slack += kOtherOrder * std::abs(out.value[places[k]]) * size;
      }
      if (!(std::abs(value(i) - sum_at(out, i)) <= 2.0 * slack)) return false;
      for (std::size_t k = 0; k < count; ++k) {
        double weight = 0.0;
        for (std::size_t j = k; j < count; ++j) weight += inverse[k][j] * column(j)[row];
        out.error[places[k]] += std::abs(weight) * slack;
      }
    }
    return true;
  }

  double sum_at(const Coefficients& one, std::size_t i) const {
    double sum = 0.0;
    for (std::size_t k = 0; k < count_; ++k) {
      if (one.value[k] != 0.0) sum += one.value[k] * pattern(k, i).value;
    }
    return sum;
  }

  /// Bits of the fit: how many times nearer the sums lie than the right values, less what the coefficients
  /// took.
  double evidence() const {
    double bits = 0.0;
    for (std::size_t i = 0; i < array_.given.size(); ++i) {
      bits += bits_of(array_.given[i], array_.wanted[i].value, array_.bounds[i]);
    }
    for (std::size_t g = 0; g < columns_; ++g) {
      for (std::size_t k = 0; k < count_; ++k) {
        const Coefficients& given = given_.span()[g];
        bits -= bits_of(given.value[k] - right_.span()[g].value[k], given.error[k]);
      }
    }
    return bits;
  }

  Status judge(std::size_t k, Share& out) {
    using State = Share::State;
    const auto given = [&](std::size_t g) -> const Coefficients& { return given_.span()[g]; };
    const auto right = [&](std::size_t g) -> const Coefficients& { return right_.span()[g]; };
    const auto is_right = [&](std::size_t g) {
      return std::abs(given(g).value[k] - right(g).value[k]) <= given(g).error[k] + right(g).error[k];
    };
    const bool has_right = !all([&](std::size_t g) { return is_small(right(g), k); });
    if (all(is_right)) {
      out.state = has_right ? State::kRight : State::kAbsent;
      return Status::kOk;
    }
    out.state = State::kOther;
    if (all([&](std::size_t g) { return is_small(given(g), k); })) {
      out.state = State::kMissing;
      return Status::kOk;
    }
    Buffer<double> values, tolerance;
    Buffer<Number> wanted;
    for (const Status status :
         {values.resize(columns_), tolerance.resize(columns_), wanted.resize(columns_)}) {
      if (status != Status::kOk) return status;
    }
    for (std::size_t g = 0; g < columns_; ++g) {
      values.span()[g] = given(g).value[k];
      tolerance.span()[g] = given(g).error[k];
      wanted.span()[g] = {right(g).value[k], right(g).error[k] / kOtherOrder};
    }
    Finder finder(settings_, world_, Extent::kStatistics, Formula::kOne);
    if (const Status status = finder.prepare(); status != Status::kOk) return status;
    Explanation found;
    finder.find({.values = values.span(), .tolerance = tolerance.span(), .right = wanted.span()}, found);
    if (found.kind == Explanation::Kind::kRoot) {
      out.state = State::kRoot;
      out.root = found.root;
    } else if (found.kind == Explanation::Kind::kFormula) {
      out.state = State::kFormula;
      out.formula = found.formula;
    }
    return Status::kOk;
  }

  const WrongArray& array_;
  Settings settings_;
  const Trace<Number>& world_;
  Quantities quantities_;
  std::size_t rows_;
  std::size_t columns_;
  std::array<std::size_t, kMost> patterns_{};
  std::size_t count_ = 0;
  Buffer<Coefficients> given_, right_;
  Buffer<double> basis_;
};

/// The right numbers in other rows or columns, as np.roll moves them.
bool find_moved(const WrongArray& array, std::size_t lanes, Explanation& out) {
  const std::size_t size = array.given.size();
  const std::size_t rows = size / lanes;
  const auto matches = [&](std::size_t down, std::size_t along) {
    double bits = 0.0;
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t from = (i / lanes + rows - down) % rows * lanes + (i % lanes + lanes - along) % lanes;
      if (!(std::abs(array.given[i] - array.wanted[from].value) <= array.bounds[i] + array.bounds[from]))
        return 0.0;
      bits += bits_of(array.given[i], array.wanted[i].value, array.bounds[i] + array.bounds[from]);
    }
    return bits;
  };
  for (const bool columns : {false, true}) {
    const std::size_t count = columns ? lanes : rows;
    for (std::size_t by = 1; by < count; ++by) {
      const double bits = columns ? matches(0, by) : matches(by, 0);
      if (bits - detail::log2(2.0 * static_cast<double>(count)) < kEnoughBits) continue;
      out = {.kind = Explanation::Kind::kMoved, .by = by, .columns = columns, .bits = bits};
      return true;
    }
  }
  return false;
}

/// The right numbers, but none above or below a limit.
void find_clipped(const WrongArray& array, Explanation& out) {
  constexpr double kCost = 8.0;
  const std::span<const double> given = array.given;
  const auto [lowest, highest] = std::minmax_element(given.begin(), given.end());
  double bits = -kCost;
  double most = 0.0;
  std::size_t clipped = 0;
  bool is_low = false;
  bool is_high = false;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const double off = given[i] - array.wanted[i].value;
    if (std::abs(off) <= array.bounds[i]) continue;
    const double limit = off > 0.0 ? *lowest : *highest;
    if (!(std::abs(given[i] - limit) <= array.bounds[i])) return;
    (off > 0.0 ? is_low : is_high) = true;
    ++clipped;
    const double more = bits_of(given[i], array.wanted[i].value, array.bounds[i]);
    bits += more;
    most = std::max(most, more);
  }
  // a limit that isn't a round number takes one number up, unless it is a right one
  const auto is_free = [&](double limit) {
    const double rounded = std::nearbyint(limit * 20.0) / 20.0;
    if (std::abs(limit - rounded) <= 1e-12 * std::abs(rounded)) return true;
    for (std::size_t i = 0; i < given.size(); ++i) {
      const bool is_right = std::abs(given[i] - array.wanted[i].value) <= array.bounds[i];
      if (is_right && std::abs(given[i] - limit) <= array.bounds[i]) return true;
    }
    return false;
  };
  if ((is_low && !is_free(*lowest)) || (is_high && !is_free(*highest))) bits -= most;
  if (clipped == 0 || 2 * clipped > given.size() || bits < kEnoughBits) return;
  out = {.kind = Explanation::Kind::kClipped, .bits = bits};
  if (is_low) out.low = *lowest;
  if (is_high) out.high = *highest;
}

/// Where NaN and infinities stand, and what makes them.
bool find_not_finite(const WrongArray& array, Quantity which, Settings settings, const Trace<Number>& world,
                     Explanation& out) {
  using Cause = Explanation::Cause;
  const Grouping& grouping = world.values.grouping();
  const Graph& graph = world.values.graph();
  const bool is_after_var =
      which.kind != Quantity::Kind::kValue || graph.place(which.node) > graph.place(NodeId::kVar);
  const bool has_groups =
      is_after_var && (which.extent != Extent::kParameters || grouping.has_parameter_per_column());
  const std::span<const Number> var = world.values[NodeId::kVar];
  std::size_t count = 0;
  std::size_t first = 0;
  bool is_zero = has_groups;
  bool is_negative = has_groups;
  bool is_large = true;
  constexpr double kLargest = 65504.0;  // of float16
  for (std::size_t i = 0; i < array.given.size(); ++i) {
    if (std::isfinite(array.given[i])) continue;
    if (count++ == 0) first = i;
    const Number& one = var[has_groups ? i % grouping.columns : 0];
    is_zero &= one.value == 0.0;
    is_negative &= one.value + settings.eps < 0.0;
    is_large &= std::abs(array.wanted[i].value) > kLargest;
  }
  if (count == 0) return false;
  out = {.kind = Explanation::Kind::kNotFinite, .count = count, .first = first};
  out.cause = is_zero       ? Cause::kZeroStd
              : is_negative ? Cause::kNegativeVar
              : is_large    ? Cause::kRange
                            : Cause::kUnknown;
  return true;
}

/// Right but for a few values. They stand out: else the error of others may be hidden by their few digits.
void find_elements(const WrongArray& array, Explanation& out) {
  constexpr double kStandsOut = 16.0;
  std::size_t count = 0;
  std::size_t first = 0;
  for (std::size_t i = 0; i < array.given.size(); ++i) {
    const double error = std::abs(array.given[i] - array.wanted[i].value);
    if (error <= array.bounds[i]) continue;
    if (!(error > kStandsOut * array.bounds[i])) return;
    if (count++ == 0) first = i;
  }
  if (count == 0 || 10 * count > 3 * array.given.size()) return;
  out = {.kind = Explanation::Kind::kElements, .count = count, .first = first};
}

/// Numbers per group or parameter, or elements.
Status explain_all(const WrongArray& array, Extent extent, Settings settings, const Trace<Number>& world,
                   Explanation& out) {
  if (extent == Extent::kElements) return Meter(array, settings, world).run(out);
  Finder finder(settings, world, extent, array.number);
  if (const Status status = finder.prepare(); status != Status::kOk) return status;
  finder.find({.values = array.given, .tolerance = array.bounds, .right = array.wanted}, out);
  return Status::kOk;
}

}  // namespace

Status explain(const WrongArray& array, Settings settings, const Trace<Number>& world,
               Explanation& explanation) noexcept {
  explanation = {};
  const Quantity which = Quantities(world.values.graph())[array.number];
  if (!array.has_shape || array.given.empty()) return Status::kOk;
  if (find_not_finite(array, which, settings, world, explanation)) return Status::kOk;
  if (find_moved(array, world.values.lanes(which.node), explanation)) return Status::kOk;
  if (const Status status = explain_all(array, which.extent, settings, world, explanation);
      status != Status::kOk)
    return status;
  if (explanation.kind == Explanation::Kind::kNone) find_clipped(array, explanation);
  if (explanation.kind == Explanation::Kind::kNone) find_elements(array, explanation);
  return Status::kOk;
}

}  // namespace backnorm
