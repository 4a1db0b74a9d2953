#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <optional>
#include <span>

#include "backnorm/explanation.hpp"
#include "backnorm/quantities.hpp"
#include "operands.hpp"

/// Which formula gave numbers per group or per parameter. explanation.cpp alone reads this.
namespace backnorm::detail {

using Number = ProgramNumber;

inline constexpr double kNever = HUGE_VAL;

/// Bits that a constant takes: the more often people write it, the fewer.
struct Fraction {
  double value;
  double cost;
};
inline constexpr std::array kFractions{
    Fraction{1.0, 0.0},       Fraction{2.0, 2.0}, Fraction{0.5, 2.0},  Fraction{3.0, 5.0},
    Fraction{1.0 / 3.0, 5.0}, Fraction{4.0, 4.6}, Fraction{0.25, 4.6}, Fraction{1.5, 5.0},
    Fraction{2.0 / 3.0, 5.0}, Fraction{6.0, 6.0}, Fraction{8.0, 5.0},  Fraction{0.125, 5.0},
    Fraction{10.0, 6.0},      Fraction{0.1, 5.0}, Fraction{0.9, 6.0},
};

/// Powers of counts that people write, by their bits.
struct Counts {
  Factor factor;
  double cost;
};
inline constexpr std::array kCountPowers{
    Counts{{}, 0.0},
    Counts{rows(1), 2.5},
    Counts{rows(-1), 2.5},
    Counts{divisor(1), 3.0},
    Counts{divisor(-1), 3.0},
    Counts{rows(2), 5.0},
    Counts{rows(-2), 5.0},
    Counts{rows(1) * other_divisor(-1), 4.0},
    Counts{rows(-1) * other_divisor(1), 4.0},
    Counts{divisor(1) * other_divisor(-1), 4.0},
    Counts{divisor(-1) * other_divisor(1), 4.0},
    Counts{other_divisor(1), 3.5},
    Counts{other_divisor(-1), 3.5},
    Counts{power(Count::kSamples, 1), 5.0},
    Counts{power(Count::kSamples, -1), 5.0},
    Counts{power(Count::kChannels, 1), 5.0},
    Counts{power(Count::kChannels, -1), 5.0},
    Counts{power(Count::kPositions, 1), 5.0},
    Counts{power(Count::kPositions, -1), 5.0},
    Counts{rows(1) * power(Count::kSamples, -1), 5.0},
    Counts{rows(1) * power(Count::kChannels, -1), 5.0},
    Counts{rows(1) * power(Count::kPositions, -1), 5.0},
    Counts{shares(1), 4.0},
    Counts{shares(-1), 4.0},
};

/// What a variance is multiplied by.
inline constexpr std::array kScales{
    Counts{{}, 0.0},
    Counts{divisor(1) * other_divisor(-1), 3.0},
    Counts{divisor(-1) * other_divisor(1), 3.0},
    Counts{Factor(0.1), 4.0},
    Counts{Factor(0.9), 4.0},
    Counts{Factor(0.01), 5.0},
    Counts{Factor(0.99), 5.0},
    Counts{rows(1) * power(Count::kSamples, -1), 5.0},
};

/// Bits that an exponent takes, by its distance from the right one.
inline double cost_of_power(int distance) {
  constexpr std::array kCosts{0.0, 3.0, 4.5, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0};
  return kCosts[std::min<std::size_t>(static_cast<std::size_t>(std::abs(distance)), kCosts.size() - 1)];
}

template <typename T>
T to_power(T base, int exponent) {
  T product(1.0);
  for (int i = 0; i < std::abs(exponent); ++i) product = product * base;
  return exponent < 0 ? T(1.0) / product : product;
}

/// True if the values of a group share one gamma.
inline bool has_one_gamma(const Grouping& grouping) {
  return grouping.norm == Norm::kBatch || grouping.rows == grouping.positions;
}

inline double log2(double value) {
  return std::log(value) / std::numbers::ln2;  // std::log2 has tables of its own
}

/// log2 of how many times a distance is as large as its slack.
inline double bits_of(double off, double slack) {
  const double least = std::max(slack, std::numeric_limits<double>::min());
  return std::isfinite(off) ? log2(std::max(1.0, std::abs(off) / least)) : 0.0;
}

/// Bits of evidence from one number: how many times nearer a guess lies than the right number and than 0,
/// which any formula with a small enough constant comes near to.
inline double bits_of(double given, double right, double slack) {
  return bits_of(std::min(std::abs(given - right), std::abs(given)), slack);
}

/// One number behind several measured ones: the interval that all allow.
class Fitted {
 public:
  void add(double value, double error) {
    if (std::isnan(value - error)) return refute();
    low_ = std::max(low_, value - error);
    high_ = std::min(high_, value + error);
  }
  void refute() {
    low_ = HUGE_VAL;
    high_ = -HUGE_VAL;
  }
  bool agrees() const { return low_ <= high_; }
  double mean() const { return 0.5 * (low_ + high_); }
  double error() const { return 0.5 * (high_ - low_); }
  bool allows(double value) const { return low_ <= value && value <= high_; }

 private:
  double low_ = -HUGE_VAL;
  double high_ = HUGE_VAL;
};

/// Numbers to be explained, one per lane.
struct Wanted {
  std::span<const double> values;
  std::span<const double> tolerance;
  std::span<const Number> right;
};

/// A sum, or an array, that a formula starts from.
struct Head {
  std::size_t first = Formula::kOne;
  std::size_t second = Formula::kOne;
  bool is_sum = false;
};

/// Explains numbers per group, or per parameter.
class Finder {
 public:
  /// number: of the array that is explained, which explains nothing itself.
  Finder(Settings settings, const Trace<Number>& world, Extent extent, std::size_t number)
      : settings_(settings),
        world_(world),
        grouping_(world.values.grouping()),
        quantities_(world.values.graph()),
        of_parameters_(extent == Extent::kParameters && !grouping_.has_parameter_per_column()),
        has_gamma_(of_parameters_ || has_one_gamma(grouping_)),
        number_(number),
        lanes_(of_parameters_ ? grouping_.channels : grouping_.columns) {
    for (std::size_t i = 0; i < kCountPowers.size(); ++i) {
      counts_[i] = constant_of(kCountPowers[i].factor, settings, grouping_);
    }
    list_heads();
  }

  Status prepare() {
    for (const Status status : {head_.resize(lanes_), guess_.resize(lanes_), right_.resize(lanes_)}) {
      if (status != Status::kOk) return status;
    }
    return Status::kOk;
  }

  /// Sets kind, formula or root, and bits. Leaves kNone if nothing is sure.
  void find(const Wanted& wanted, Explanation& out) {
    if (find_zero(wanted, out)) return;
    copy_values(wanted.right, right_.span());
    const Candidate home = search({.values = right_.span(), .tolerance = {}, .right = wanted.right}, {});
    const Candidate best = search(wanted, home);
    if (best.bits - best.cost >= kEnoughBits) {
      out.kind = Explanation::Kind::kFormula;
      out.formula = best.formula;
      out.bits = best.bits - best.cost;
    }
    if (best.formula.is_named && out.kind != Explanation::Kind::kNone) return;
    find_root(wanted, home, out);
    if (out.kind == Explanation::Kind::kRoot) return;
    find_variants(wanted, home, out);
    find_plain(wanted, out);
  }

 private:
  /// 0 in every lane.
  bool find_zero(const Wanted& wanted, Explanation& out) const {
    double bits = 0.0;
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      if (!(std::abs(wanted.values[lane]) <= tolerance(wanted, lane))) return false;
      const double right = wanted.right[lane].value;
      bits += bits_of(right, 2.0 * right, tolerance(wanted, lane));
    }
    if (bits >= kEnoughBits)
      out = {.kind = Explanation::Kind::kFormula, .formula = {.factor = 0.0}, .bits = bits};
    return true;
  }

  struct Candidate {
    Formula formula{};
    double cost = kNever;
    double bits = 0.0;
    int gamma = 0;  ///< exponents
    int std = 0;
  };
  struct Name {
    Factor factor{};
    Factor ratio{};  ///< to the home's constant
    double value = 0.0;
    double cost = kNever;
    bool is_known = true;
  };
  static constexpr int kMostGamma = 2;
  static constexpr int kMostStd = 6;
  static constexpr double kRareCost = 8.0;         // bits
  static constexpr std::size_t kMostPieces = 256;  // rows; all of them are tried

  void list_heads() {
    using enum NodeId;
    const Graph& graph = world_.values.graph();
    std::array<std::size_t, 7> factors{};
    std::size_t count = 0;
    // of two equal sums, the first is told
    for (const NodeId id : {kX, kXc, kXhat}) {
      if (graph.has(id)) factors[count++] = quantities_.value_of(id);
    }
    for (const NodeId id : {kXhat, kY}) factors[count++] = quantities_.gradient_of(id);
    factors[count++] = quantities_.value_of(kY);
    add({});
    for (std::size_t i = 0; i < count; ++i) {
      add({.first = factors[i], .is_sum = true});
      for (std::size_t j = 0; j <= i; ++j) add({.first = factors[i], .second = factors[j], .is_sum = true});
    }
    for (std::size_t number = 0; number < quantities_.contribution_of(0); ++number) {
      const Quantity which = quantities_[number];
      const bool fits =
          of_parameters_ ? which.extent == Extent::kParameters : which.extent == Extent::kStatistics;
      // powers of these two are tried with every head
      const bool is_power = number == quantities_.value_of(kStd) || number == quantities_.value_of(kInvstd);
      if (fits && !is_power && number != number_) add({.first = number});
    }
  }
  void add(Head head) { heads_[head_count_++] = head; }

  /// Writes a head's numbers into head_. False if all are 0.
  bool compute(const Head& head) { return compute(head, lanes_); }
  /// Only the sums of the first groups.
  bool compute(const Head& head, std::size_t lanes) {
    const std::span<Number> out = head_.span();
    if (!head.is_sum) {
      if (head.first == Formula::kOne) {
        std::fill(out.begin(), out.end(), Number(1.0));
      } else {
        const std::span<const Number> from = tensor(world_, head.first);
        std::copy(from.begin(), from.end(), out.begin());
      }
    } else if (of_parameters_) {
      const auto term = [&](std::size_t r, std::size_t c) {
        return term_of(head, r * grouping_.columns + c);
      };
      sum_parameters<ProgramSum>(grouping_, out, term, [](ProgramSum sum) { return sum.number(); });
    } else {
      for (std::size_t lane = 0; lane < lanes; ++lane) out[lane] = sum_of(head, lane, 0, grouping_.rows);
    }
    return std::any_of(out.begin(), out.end(),
                       [](const Number& number) { return std::abs(number.value) > 64.0 * number.error; });
  }

  ProgramSum term_of(const Head& head, std::size_t i) const {
    const Number& first = tensor(world_, head.first)[i];
    return ProgramSum(head.second == Formula::kOne ? first : first * tensor(world_, head.second)[i]);
  }
  /// The sum over some rows of a group.
  Number sum_of(const Head& head, std::size_t lane, std::size_t begin, std::size_t end) const {
    ProgramSum sum;
    for (std::size_t r = begin; r < end; ++r) sum = sum + term_of(head, r * grouping_.columns + lane);
    return sum.number();
  }

  Number gamma_of(std::size_t lane) const {
    return world_.values[NodeId::kGamma][of_parameters_ ? lane : grouping_.channel(0, lane)];
  }
  Number factor(std::size_t lane, int gamma, int std) const {
    Number product = 1.0;
    if (gamma != 0) product = product * to_power(gamma_of(lane), gamma);
    if (std != 0) product = product * to_power(world_.values[NodeId::kStd][lane], std);
    return product;
  }

  /// False if a few lanes show that no powers give the numbers from a head.
  bool may_fit(const Wanted& wanted, const Head& head, int gammas, int stds) {
    constexpr std::size_t kFew = 4;
    if (!head.is_sum || of_parameters_ || lanes_ <= 4 * kFew) return true;
    compute(head, kFew);
    for (int gamma = -gammas; gamma <= gammas; ++gamma) {
      for (int std = -stds; std <= stds; ++std) {
        if (agree(wanted, gamma, std, kFew)) return true;
      }
    }
    return false;
  }

  /// Guesses the first lanes. False if no constant gives them the numbers: most guesses are refuted by two.
  bool agree(const Wanted& wanted, int gamma, int std, std::size_t lanes) {
    Fitted ratio;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      Number& guess = guess_.span()[lane];
      guess = head_.span()[lane] * factor(lane, gamma, std);
      if (guess.value == 0.0) continue;
      const double one = wanted.values[lane] / guess.value;
      ratio.add(one, 2.1 * slack(wanted, lane, one) / std::abs(guess.value));
      if (!ratio.agrees()) return false;
    }
    return true;
  }

  /// The cheapest formula for the numbers. With a home, costs count from there; without, it is the home of
  /// the right numbers themselves.
  Candidate search(const Wanted& wanted, const std::optional<Candidate>& home) {
    Candidate best;
    const int gammas = has_gamma_ ? kMostGamma : 0;
    const int stds = of_parameters_ ? 0 : kMostStd;
    for (const Head& head : std::span(heads_.data(), head_count_)) {
      const bool is_array = !head.is_sum && head.first != Formula::kOne;
      if (!home && is_array) continue;
      const double head_cost = home ? distance(head, home->formula) : 3.0;
      if (head_cost >= best.cost || !may_fit(wanted, head, gammas, stds) || !compute(head)) continue;
      for (int gamma = -gammas; gamma <= gammas; ++gamma) {
        for (int std = -stds; std <= stds; ++std) {
          const double cost = head_cost + cost_of_power(gamma - (home ? home->gamma : 0)) +
                              cost_of_power(std - (home ? home->std : 0));
          if (cost < best.cost) try_one(wanted, head, gamma, std, cost, home, best);
        }
      }
    }
    return best;
  }

  static bool is_same(const Head& head, const Formula& home) {
    return head.is_sum == home.is_sum && head.first == home.first && head.second == home.second;
  }
  static double distance(const Head& head, const Formula& home) {
    if (is_same(head, home)) return 0.0;
    if (!head.is_sum) return head.first == Formula::kOne ? 4.0 : home.is_sum ? 5.0 : 3.0;
    if (!home.is_sum) return 6.0;
    const auto shares = [&](std::size_t one) {
      return one != Formula::kOne && (one == home.first || one == home.second);
    };
    return shares(head.first) || shares(head.second) ? 3.0 : 4.0;
  }

  void try_one(const Wanted& wanted, const Head& head, int gamma, int std, double cost,
               const std::optional<Candidate>& home, Candidate& best) {
    const std::span<Number> guess = guess_.span();
    double above = 0.0;
    double below = 0.0;
    if (!agree(wanted, gamma, std, lanes_)) return;
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      const double weight = 1.0 / tolerance(wanted, lane);
      const double g = guess[lane].value * weight;
      above += g * (wanted.values[lane] * weight);
      below += g * g;
    }
    const double q = above / below;
    if (!std::isfinite(q) || q == 0.0 || !fits(wanted, q, 2.0)) return;
    const double error = std::sqrt(static_cast<double>(lanes_) / below);
    const Name name =
        named(q, error + 4.0 * kUnitRoundoff<double> * std::abs(q), home ? home->formula.factor : Factor());
    if (!home && !name.is_known) return;
    cost += name.cost;
    if (cost >= best.cost || (name.is_known && !fits(wanted, name.value, 1.5))) return;
    best.cost = cost;
    best.gamma = gamma;
    best.std = std;
    const bool is_ratio = home && is_same(head, home->formula) && gamma == home->gamma && std == home->std;
    best.formula = {.factor = name.factor,
                    .first = head.first,
                    .second = head.second,
                    .is_ratio = is_ratio && name.is_known,
                    .ratio = name.ratio,
                    .is_sum = head.is_sum,
                    .is_named = name.is_known};
    if (gamma != 0) best.formula.factor = best.formula.factor * power(NodeId::kGamma, gamma);
    if (std != 0) best.formula.factor = best.formula.factor * power(NodeId::kStd, std);
    best.bits = 0.0;
    double most = 0.0;
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      const double bits = evidence(wanted, lane, slack(wanted, lane, q));
      best.bits += bits;
      most = std::max(most, bits);
    }
    if (!name.is_known) best.bits -= most;  // the constant uses one number up
  }

  static double tolerance(const Wanted& wanted, std::size_t lane) {
    const double least = std::numeric_limits<double>::min();
    const double own = kOtherOrder * wanted.right[lane].error;
    return std::max(wanted.tolerance.empty() ? own : wanted.tolerance[lane], least);
  }
  double slack(const Wanted& wanted, std::size_t lane, double q) const {
    return tolerance(wanted, lane) + kOtherOrder * std::abs(q) * guess_.span()[lane].error;
  }
  bool fits(const Wanted& wanted, double q, double times, std::size_t lane) const {
    const double error = std::abs(wanted.values[lane] - q * guess_.span()[lane].value);
    return error <= times * slack(wanted, lane, q);
  }
  bool fits(const Wanted& wanted, double q, double times) const {
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      if (!fits(wanted, q, times, lane)) return false;
    }
    return true;
  }
  static double evidence(const Wanted& wanted, std::size_t lane, double slack) {
    return bits_of(wanted.values[lane], wanted.right[lane].value, slack);
  }

  /// The constant that q can be, as a multiple of the home's.
  Name named(double q, double error, const Factor& home) const {
    Factor own = home;
    own.powers = {};
    const double unit = constant_of(own, settings_, grouping_);
    Name best;
    for (const Fraction& fraction : kFractions) {
      for (std::size_t i = 0; i < kCountPowers.size(); ++i) {
        for (const double sign : {1.0, -1.0}) {
          const double cost = fraction.cost + kCountPowers[i].cost + (sign < 0 ? 1.0 : 0.0);
          const double value = sign * fraction.value * counts_[i] * unit;
          if (cost >= best.cost || !(std::abs(value - q) <= error)) continue;
          const Factor ratio = Factor(sign * fraction.value) * kCountPowers[i].factor;
          best = {.factor = ratio * own, .ratio = ratio, .value = value, .cost = cost};
        }
      }
    }
    if (best.cost < 10.0) return best;
    return {.factor = Factor(q), .value = q, .cost = 8.0, .is_known = false};
  }

  /// Numbers that go with std^p, where the root is another one.
  void find_root(const Wanted& wanted, const Candidate& home, Explanation& out) {
    if (of_parameters_ || home.cost == kNever) return;
    // xhat is xc over std, also where it is the pattern whose coefficients these are
    const std::size_t xhat = quantities_.value_of(NodeId::kXhat);
    const int hidden = (home.formula.first == xhat) + (home.formula.second == xhat);
    int before = 0;
    for (const int exponent : {home.std, home.std - hidden, home.std - hidden - 1}) {
      if (out.kind == Explanation::Kind::kRoot) return;
      if (exponent != before && exponent != 0 && std::abs(exponent) <= 3) find_root(wanted, exponent, out);
      before = exponent;
    }
  }

  /// Numbers that go with std^exponent.
  void find_root(const Wanted& wanted, int exponent, Explanation& out) {
    std::optional<Root> best;
    double least = kNever;
    const auto offer = [&](Root root, double cost) {
      if (cost >= least) return;
      least = cost;
      best = root;
    };
    double bits = 0.0;
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      const Number right = wanted.right[lane];
      const double ratio = wanted.values[lane] / right.value;
      const Number std = world_.values[NodeId::kStd][lane];
      // not before it is computed
      if (!(ratio > 0.0) || !std::isfinite(ratio) || !(std.value > 0.0)) return;
      const double relative = (tolerance(wanted, lane) / std::abs(wanted.values[lane]) +
                               kOtherOrder * right.error / std::abs(right.value)) /
                              std::abs(exponent);
      const double own = std.value * root_of(ratio, exponent);
      guess_.span()[lane] = {
          own, own * (relative + 8.0 * AnyPrecision::now().rounding.unit) + kOtherOrder * std.error};
      bits += evidence(wanted, lane, tolerance(wanted, lane) + kOtherOrder * right.error);
    }
    const double eps = settings_.eps;
    for (const Counts& scale : kScales) {
      const double by = constant_of(scale.factor, settings_, grouping_);
      const bool is_own = by == 1.0;
      if ((is_own && scale.cost > 0.0) || !std::isfinite(by)) continue;
      if (const auto added = eps_named(fit_root(RootPart::kInside, by, 0.0), is_own ? eps : kNever, 1.0 - by))
        offer({.inside = added->value, .scale = scale.factor}, added->cost + scale.cost);
      for (const double within : {0.0, eps}) {
        const double cost = scale.cost + (within == 0.0 ? 3.0 : 4.0);
        if (const auto added = eps_named(fit_root(RootPart::kOutside, by, within), 0.0))
          offer({.inside = within, .outside = added->value, .scale = scale.factor}, added->cost + cost);
      }
    }
    // any other constant
    for (const double within : {eps, 0.0}) {
      const Fitted scale = fit_root(RootPart::kScale, 1.0, within);
      if (!scale.agrees()) continue;
      const Name name = named(scale.mean(), scale.error(), {});
      const bool is_other = name.is_known && name.value != 1.0;
      if (is_other) offer({.inside = within, .scale = name.factor}, name.cost + (within == eps ? 2.0 : 4.0));
    }
    if (!best || bits - least - 1.0 < kEnoughBits) return;
    out.kind = Explanation::Kind::kRoot;
    out.root = *best;
    out.bits = bits - least - 1.0;
  }

  /// What is left to be found of a root.
  enum class RootPart { kInside, kOutside, kScale };

  /// Its values that give every lane's own std, which is in guess_.
  Fitted fit_root(RootPart part, double by, double within) const {
    Fitted all;
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      const Number own = guess_.span()[lane];
      const Number var = world_.values[NodeId::kVar][lane];
      const double square = own.value * own.value - within;
      const double error = 2.0 * own.value * own.error + by * kOtherOrder * var.error;
      const double root = std::sqrt(by * var.value + within);
      switch (part) {
        case RootPart::kInside: all.add(square - by * var.value, error); break;
        case RootPart::kScale:
          if (var.value > kOtherOrder * var.error)
            all.add(square / var.value, error / var.value);
          else if (std::abs(square) > error)
            all.refute();
          break;
        case RootPart::kOutside:
          all.add(own.value - root, own.error + by * kOtherOrder * var.error / std::max(root, own.value));
          break;
      }
    }
    return all;
  }

  /// Takes an explanation if its numbers, times the constant, are the given ones, and the evidence exceeds
  /// the cost and that of the last one. guess: the number of a lane.
  template <typename Guess>
  void offer(const Wanted& wanted, double constant, const Explanation& what, double cost, Explanation& out,
             Guess guess) {
    double bits = -cost;
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      guess_.span()[lane] = guess(lane);
      if (!fits(wanted, constant, 1.0, lane)) return;
      bits += evidence(wanted, lane, slack(wanted, lane, constant));
    }
    if (bits < std::max(kEnoughBits, out.bits)) return;
    out = what;
    out.bits = bits;
  }

  /// The right formula over some rows only, with the number of one group in all of them, with the mean of
  /// all, or with |gamma|. The sum over some rows may be divided by their number, not by M.
  void find_variants(const Wanted& wanted, const Candidate& home, Explanation& out) {
    using Lanes = Formula::Lanes;
    const bool is_said = out.kind == Explanation::Kind::kFormula && out.formula.is_named;
    if (is_said || home.cost == kNever) return;
    const Head head{home.formula.first, home.formula.second, home.formula.is_sum};
    Factor own = home.formula.factor;
    own.powers = {};
    const double constant = constant_of(own, settings_, grouping_);
    Explanation one{.kind = Explanation::Kind::kFormula, .formula = home.formula};
    const auto power = [&](std::size_t lane) { return factor(lane, home.gamma, home.std); };
    if (!compute(head)) return;
    if (has_gamma_ && home.gamma % 2 != 0) {
      one.formula.absolute = true;
      offer(wanted, constant, one, kRareCost, out, [&](std::size_t lane) {
        const Number number = head_.span()[lane] * power(lane);
        return gamma_of(lane).value < 0.0 ? Number(0.0) - number : number;
      });
      one.formula.absolute = false;
    }
    if (lanes_ > 1) {
      const double cost = kRareCost + log2(static_cast<double>(lanes_));
      ProgramSum sum;
      for (const Number& number : head_.span()) sum = sum + ProgramSum(number);
      const Number mean = sum.number() / Number(static_cast<double>(lanes_));
      for (std::size_t from = 0; from <= std::min(lanes_, kMostPieces); ++from) {
        const bool is_mean = from == 0;
        const Number shared = is_mean ? mean : head_.span()[from - 1];
        one.formula.lanes = is_mean ? Lanes::kMean : Lanes::kOne;
        one.formula.lane = is_mean ? 0 : from - 1;
        offer(wanted, constant, one, cost, out, [&](std::size_t lane) { return shared * power(lane); });
      }
      // the array's own number, powers and all
      one.formula = {.factor = 1.0, .first = number_};
      Number all = 0.0;
      for (const Number& number : wanted.right) all = all + number;
      for (std::size_t from = 0; number_ != Formula::kOne && from <= std::min(lanes_, kMostPieces); ++from) {
        const bool is_mean = from == 0;
        const Number shared = is_mean ? all / Number(static_cast<double>(lanes_)) : wanted.right[from - 1];
        one.formula.lanes = is_mean ? Lanes::kMean : Lanes::kOne;
        one.formula.lane = is_mean ? 0 : from - 1;
        offer(wanted, 1.0, one, cost, out, [&](std::size_t) { return shared; });
      }
      one.formula = home.formula;
    }
    const std::size_t rows = grouping_.rows;
    if (of_parameters_ || !home.formula.is_sum || rows < 3 || rows > kMostPieces) return;
    const double cost = kRareCost + log2(4.0 * static_cast<double>(rows));
    const bool by_rows = own.counts[static_cast<std::size_t>(Count::kRows)] < 0;
    const bool divides = by_rows || own.counts[static_cast<std::size_t>(Count::kDivisor)] < 0;
    const double divided_by = static_cast<double>(rows) - (by_rows ? 0 : settings_.ddof);
    const auto try_rows = [&](std::size_t begin, std::size_t end) {
      for (const bool of_all : {true, false}) {
        if (!of_all && !divides) continue;
        const double by = of_all ? 1.0 : divided_by / static_cast<double>(end - begin);
        one.formula.factor.constant = home.formula.factor.constant * by;
        one.formula.begin = begin;
        one.formula.end = end;
        offer(wanted, constant * by, one, cost, out,
              [&](std::size_t lane) { return sum_of(head, lane, begin, end) * power(lane); });
      }
    };
    for (std::size_t row = 1; row < rows; ++row) {
      try_rows(0, row);
      try_rows(row, rows);
      if (row + 1 < rows) try_rows(row, row + 1);
    }
  }

  /// The right numbers plus one that people add; their root, square or reciprocal.
  void find_plain(const Wanted& wanted, Explanation& out) {
    if (of_parameters_ || out.kind != Explanation::Kind::kNone) return;
    Fitted offset;
    bool is_positive = true;
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      const Number right = wanted.right[lane];
      offset.add(wanted.values[lane] - right.value, tolerance(wanted, lane) + kOtherOrder * right.error);
      is_positive &= right.value > 0.0;
    }
    if (const auto added = eps_named(offset, 0.0)) {
      offer(wanted, 1.0, {.kind = Explanation::Kind::kOffset, .low = added->value}, kRareCost, out,
            [&](std::size_t lane) { return wanted.right[lane] + Number(added->value); });
    }
    const bool is_value = number_ != Formula::kOne && quantities_[number_].kind == Quantity::Kind::kValue;
    if (!is_value || !is_positive) return;
    for (const int halves : {1, 4, -2, -1}) {
      Explanation one{.kind = Explanation::Kind::kFormula};
      one.formula.factor.powers[0] = {quantities_[number_].node, static_cast<std::int8_t>(halves)};
      offer(wanted, 1.0, one, kRareCost, out, [&](std::size_t lane) {
        const Number right = wanted.right[lane];
        return halves % 2 == 0 ? to_power(right, halves / 2) : to_power(sqrt(right), halves);
      });
    }
  }

  /// ratio^(1/power).
  static double root_of(double ratio, int power) {
    const int size = std::abs(power);
    const double root = size == 1 ? ratio : size == 2 ? std::sqrt(ratio) : std::cbrt(ratio);
    return power < 0 ? 1.0 / root : root;
  }

  /// The number that people add and that is allowed. right: what can't have been added; kNever if anything
  /// can, and the case's eps is likely. start: a running variance starts from 1, whose share this is.
  std::optional<Name> eps_named(const Fitted& eps, double right, double start = 0.0) const {
    const double usual = settings_.eps;
    std::optional<Name> best;
    const auto offer = [&](double value, double cost) {
      const double apart = std::abs(value - (right == kNever && value != usual ? usual : right));
      const bool is_sure = eps.error() <= 0.3 * apart && apart > 0.0;
      if (!eps.agrees() || !eps.allows(value) || !is_sure || (best && cost >= best->cost)) return;
      best = Name{.value = value, .cost = cost};
    };
    offer(usual, 0.0);
    offer(0.0, 2.0);
    offer(2.0 * usual, 3.0);
    offer(usual * usual, 4.0);
    if (start > 0.0) offer(start + usual, 4.0);
    double ten = 1.0;
    for (int digits = 1; digits <= 12; ++digits) {
      ten *= 10.0;
      for (const double first : {1.0, 2.0, 5.0}) offer(first / ten, 5.0);
    }
    return best;
  }

  Settings settings_;
  const Trace<Number>& world_;
  const Grouping& grouping_;
  Quantities quantities_;
  bool of_parameters_;
  bool has_gamma_;
  std::size_t number_;
  std::size_t lanes_;
  std::array<Head, 64> heads_{};
  std::size_t head_count_ = 0;
  std::array<double, kCountPowers.size()> counts_{};
  Buffer<Number> head_, guess_;
  Buffer<double> right_;
};

}  // namespace backnorm::detail
