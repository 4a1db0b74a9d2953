#include "backnorm/diagnosis.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <type_traits>
#include <utility>

#include "programs_rounding.hpp"

namespace backnorm {
namespace {

template <typename Number>
bool is_finite(const Trace<Number>& trace) {
  const Quantities quantities(trace.values.graph());
  for (std::size_t number = 0; number < quantities.count(); ++number) {
    for (const Number& value : tensor(trace, number)) {
      if (!std::isfinite(value.value)) return false;
    }
  }
  return true;
}

/// No quantity.
constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

bool is_finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

/// Half a unit of the last decimal digit that isn't 0: 0.0005 of 0.123, 5 of 20. 0 of a subnormal number.
double half_a_unit(double value) {
  constexpr int kMostDigits = 17;
  constexpr std::array kTens{1e256, 1e128, 1e64, 1e32, 1e16, 1e8, 1e4, 1e2, 1e1};
  const double size = std::abs(value);
  if (size < std::numeric_limits<double>::min()) return 0.0;
  double units = size;  // one digit before the point, without the tables of std::pow
  for (const double power : kTens) {
    if (units >= power) {
      units /= power;
    } else if (units * power < 10.0) {
      units *= power;
    }
  }
  for (int digits = 1; digits < kMostDigits; ++digits) {
    if (std::abs(units - std::nearbyint(units)) < 1e-14 * units) break;
    units *= 10.0;
  }
  return 0.5 * size / units;
}

/// The inputs that a program may have read as float32, the likeliest first.
constexpr std::array<RoundedInputs, 5> kRoundedInputs{{{.x = true, .affine = true, .dy = true},
                                                       {.x = true, .dy = true},
                                                       {.x = true},
                                                       {.dy = true},
                                                       {.affine = true}}};

bool returns_otherwise(std::span<const Edit> edits) {
  return std::any_of(edits.begin(), edits.end(), [](const Edit& edit) {
    return edit.kind >= Edit::Kind::kSwap || edit.kind == Edit::Kind::kRegroup;
  });
}

bool changes_edge(std::span<const Edit> edits, Quantity quantity, const Graph& graph) {
  if (quantity.kind != Quantity::Kind::kContribution) return false;
  return std::any_of(edits.begin(), edits.end(), [&](const Edit& edit) {
    return is_at_edge(edit.kind) && edit.kind != Edit::Kind::kFeed &&
           graph.stand_in(edit.edge) == graph.edges[quantity.index];
  });
}

}  // namespace

/// Runs the passes again. Each of the caller's arrays replaces the computed one once the two have been
/// compared.
class Diagnosis::CallersWorld final : public ProgramsRounding {
 public:
  /// explained: the number of an array that is explained where it is wrong, or kNone.
  CallersWorld(Diagnosis& diagnosis, const Tensors<Number>& values, std::size_t explained)
      : ProgramsRounding(diagnosis, values), explained_(explained) {}

  void value(NodeId id, std::span<Number> tensor) noexcept override {
    ProgramsRounding::value(id, tensor);
    meet(diagnosis_.quantities().value_of(id), tensor);
  }
  void gradient(NodeId id, std::span<Number> tensor) noexcept override {
    ProgramsRounding::gradient(id, tensor);
    meet(diagnosis_.quantities().gradient_of(id), tensor);
  }
  void contribution(std::size_t edge, std::span<Number> tensor) noexcept override {
    meet(diagnosis_.quantities().contribution_of(edge), tensor);
  }

  /// Status of the comparisons so far: kOutOfMemory or kOk.
  Status status() const noexcept { return status_; }

 private:
  void meet(std::size_t number, std::span<Number> tensor) noexcept {
    const Claim& claim = diagnosis_.claims_[number];
    if (!claim.given || status_ != Status::kOk) return;
    Finding& finding = diagnosis_.findings_[number];
    if (finding.explanation.kind != Explanation::Kind::kNone && finding.truth == Verdict::kPass) {
      finding.local = Verdict::kPass;  // a convention: what follows is computed from the right numbers
      return;
    }
    Expectation expected = diagnosis_.right(number);
    expected.values = tensor;
    if (explained_ == kNone) {  // else all has been judged
      const Finding here = diagnosis_.judge(claim, expected);
      finding.local = here.truth;
      finding.cut |= here.cut;
    }
    if (number == explained_ && finding.local == Verdict::kFail) {
      status_ = diagnosis_.explain(number, expected, finding);
    }
    if (!diagnosis_.usable(number)) return;
    for (std::size_t i = 0; i < tensor.size(); ++i) {
      // It keeps the error of the array it replaces: sums that are 0 by the invariants are so only up to that
      // error, and another program may have left them out.
      tensor[i] = {claim.values.span()[i],
                   tensor[i].error + (finding.cut ? 2.0 : 1.0) * claim.resolution.span()[i]};
    }
    const Quantities quantities = diagnosis_.quantities();
    const bool knows_std = diagnosis_.claims_[quantities.value_of(NodeId::kStd)].given;
    if (number == quantities.value_of(NodeId::kInvstd) && !knows_std) {
      // a program that has only one of the two has the other nowhere
      const std::span<Number> std = diagnosis_.other_.values[NodeId::kStd];
      for (std::size_t i = 0; i < std.size(); ++i) std[i] = Number(1.0) / tensor[i];
    }
  }

  std::size_t explained_;
  Status status_ = Status::kOk;
};

template <typename T>
Status Diagnosis::prepare(const Case<T>& kase, Precision coarsest) noexcept {
  if (const Status status = validate(kase); status != Status::kOk) return status;
  finest_ = std::max(kPrecisionOf<T>, coarsest);
  for (const auto& [from, given, rounded] :
       {std::tuple(kase.x, &inputs_.x, &rounded_.x), std::tuple(kase.gamma, &inputs_.gamma, &rounded_.gamma),
        std::tuple(kase.beta, &inputs_.beta, &rounded_.beta),
        std::tuple(kase.dy, &inputs_.dy, &rounded_.dy)}) {
    for (Buffer<double>* const buffer : {given, rounded}) {
      if (const Status status = buffer->resize(from.size()); status != Status::kOk) return status;
    }
    std::copy(from.begin(), from.end(), given->span().begin());
  }
  case_ = {.grouping = kase.grouping,
           .x = rounded_.x.span(),
           .gamma = rounded_.gamma.span(),
           .beta = rounded_.beta.span(),
           .dy = rounded_.dy.span(),
           .eps = kase.eps,
           .ddof = kase.ddof,
           .unit_offset = kase.unit_offset};
  for (Claim& claim : claims_) claim = {};
  takes_claimed_inputs_ = false;
  fit_count_ = 0;
  if (const Status status = bounds_.resize(std::max(kase.x.size(), kase.gamma.size())); status != Status::kOk)
    return status;
  const ChosenPrecision guard(AnyPrecision::now());  // suppose() sets it
  if (const Status status = suppose({finest_, false}); status != Status::kOk) return status;
  return is_finite(right_) ? Status::kOk : Status::kNotFinite;
}

/// Runs the right passes in an arithmetic.
Status Diagnosis::suppose(Arithmetic arithmetic) noexcept {
  arithmetic_ = arithmetic;
  AnyPrecision::now() = in_any_order(rounding_of(arithmetic.precision));
  const auto [x, affine, dy] = arithmetic.inputs;
  for (const auto& [given, rounded, is_float32] :
       {std::tuple(&inputs_.x, &rounded_.x, x), std::tuple(&inputs_.gamma, &rounded_.gamma, affine),
        std::tuple(&inputs_.beta, &rounded_.beta, affine), std::tuple(&inputs_.dy, &rounded_.dy, dy)}) {
    const Precision precision = is_float32 ? Precision::kFloat32 : arithmetic.precision;
    std::transform(given->span().begin(), given->span().end(), rounded->span().begin(),
                   [&](double value) { return round_to(value, precision); });
  }
  ProgramsRounding rounding(*this, right_.values);
  if (const Status status = right_.run(case_, {}, &rounding); status != Status::kOk) return status;
  return size_terms(case_.settings(), right_, magnitudes_);
}

std::span<const double> Diagnosis::rounded_input(NodeId id) const noexcept {
  switch (id) {
    case NodeId::kX: return case_.x;
    case NodeId::kGamma: return case_.gamma;
    case NodeId::kBeta: return case_.beta;
    default: return case_.dy;
  }
}

Status Diagnosis::claim(std::size_t number, std::size_t shape_rows, std::size_t shape_columns) noexcept {
  const std::size_t rows = std::max<std::size_t>(shape_rows, 1);
  if (shape_columns > std::numeric_limits<std::size_t>::max() / rows) return Status::kOutOfMemory;
  // beside the earlier array, which stays if there is no memory
  Claim claim{.given = true, .rows = shape_rows, .columns = shape_columns, .values = {}, .resolution = {}};
  if (const Status status = claim.values.resize(rows * shape_columns); status != Status::kOk) return status;
  if (const Status status = claim.resolution.resize(rows * shape_columns); status != Status::kOk)
    return status;
  claims_[number] = std::move(claim);
  return Status::kOk;
}

Diagnosis::Expectation Diagnosis::right(std::size_t number) const noexcept {
  const Quantity which = quantities()[number];
  const Tensors<Number>& values = right_.values;
  Expectation expected{values.rows(which.node), values.lanes(which.node), tensor(right_, number), {}};
  if (which.kind != Quantity::Kind::kValue) expected.terms = tensor(magnitudes_, number);
  return expected;
}

bool Diagnosis::has_shape(const Claim& claim, std::size_t rows, std::size_t columns) const noexcept {
  if (claim.rows == 0) return claim.columns == rows * columns;
  return claim.rows == rows && claim.columns == columns;
}

/// Given, of the right shape, and finite.
bool Diagnosis::usable(std::size_t number) const noexcept {
  const Claim& claim = claims_[number];
  const Expectation expected = right(number);
  return claim.given && has_shape(claim, expected.rows, expected.columns) && is_finite(claim.values.span());
}

/// The largest error at index i that rounding explains in a right array of the caller's.
double Diagnosis::allowance(const Expectation& expected, std::size_t i) const noexcept {
  const double terms = expected.terms.empty() ? 0.0 : expected.terms[i].value;
  return kOtherOrder * expected.values[i].error +
         roundings(case_.grouping) * AnyPrecision::now().rounding.unit * terms;
}

Finding Diagnosis::judge(const Claim& claim, const Expectation& expected) const noexcept {
  Finding finding;
  if (!has_shape(claim, expected.rows, expected.columns)) {
    finding.truth = Verdict::kFail;
    finding.max_error = std::numeric_limits<double>::quiet_NaN();
    return finding;
  }
  const auto size = expected.values.size();
  const auto rounding = [&](std::size_t i) {
    const double allowed = allowance(expected, i);
    return std::isnan(allowed) ? HUGE_VAL : allowed;
  };
  // Digits can be rounded, or cut off: then each number is at most a whole unit nearer to 0.
  bool rounded = true;
  bool cut = true;
  bool exact = true;  // digits that agree in full limit nothing
  double largest_of_node = 0.0;
  for (std::size_t i = 0; i < size; ++i) {
    const double claimed = claim.values.span()[i];
    const double wanted = expected.values[i].value;
    if (!std::isfinite(wanted)) {  // the caller's own arrays led to overflow
      exact = false;
      continue;
    }
    largest_of_node = std::max(largest_of_node, std::abs(wanted));
    const double half = claim.resolution.span()[i];
    const double error = std::isfinite(claimed) ? std::abs(claimed - wanted) : HUGE_VAL;
    const double allowed = rounding(i);
    exact &= error <= allowed && std::isfinite(claimed);
    rounded &= error <= allowed + half && std::isfinite(claimed);
    cut &= error <= allowed + 2.0 * half && std::isfinite(claimed) &&
           std::abs(claimed) <= std::abs(wanted) + allowed;
  }
  finding.cut = cut && !rounded;
  bool tells = false;
  bool loses = false;
  bool tells_in_full = false;
  bool loses_in_full = false;
  bool nothing = true;
  double worst_excess = -1.0;
  for (std::size_t column = 0; column < expected.columns; ++column) {
    double largest = 0.0;
    double largest_bound = 0.0;
    double largest_rounding = 0.0;
    double sent = 0.0;
    for (std::size_t i = column; i < size; i += expected.columns) {
      const double claimed = claim.values.span()[i];
      const double wanted = expected.values[i].value;
      if (!std::isfinite(wanted)) {
        largest_bound = largest_rounding = HUGE_VAL;
        continue;
      }
      const double allowed = rounding(i);
      const double bound = allowed + (finding.cut ? 2.0 : 1.0) * claim.resolution.span()[i];
      const double error = std::isfinite(claimed) ? std::abs(claimed - wanted) : HUGE_VAL;
      finding.max_error = std::max(finding.max_error, error);
      finding.largest_bound = std::max(finding.largest_bound, bound);
      const double excess = error == 0.0 ? 0.0 : std::isinf(error) ? HUGE_VAL : error / bound;
      if (excess > worst_excess) {
        worst_excess = excess;
        finding.worst = i;
      }
      largest = std::max(largest, std::abs(wanted));
      largest_bound = std::max(largest_bound, exact ? allowed : bound);
      largest_rounding = std::max(largest_rounding, allowed);
      if (!expected.terms.empty()) sent = std::max(sent, expected.terms[i].value);
    }
    const double signal = sent > 0 ? largest / sent : expected.terms.empty() ? 1.0 : 0.0;
    const double least = least_normal(AnyPrecision::now().rounding);
    nothing &= signal < kLeastSignal;
    const auto state = [&](double bound) {
      const GroupState found = group_state(bound, largest, signal, largest_of_node, least);
      // a gradient that only the print hides is not silent
      const bool is_hidden = signal >= kLeastSignal && largest > largest_rounding;
      return found == GroupState::kSilent && is_hidden ? GroupState::kLost : found;
    };
    tells |= state(largest_bound) == GroupState::kTells;
    loses |= state(largest_bound) == GroupState::kLost;
    tells_in_full |= state(largest_rounding) == GroupState::kTells;
    loses_in_full |= state(largest_rounding) == GroupState::kLost;
  }
  const bool decides = tells && !loses;
  finding.truth = !rounded && !cut ? Verdict::kFail : decides ? Verdict::kPass : Verdict::kUndecidable;
  if (finding.truth == Verdict::kUndecidable) {
    finding.limit = tells_in_full && !loses_in_full ? Limit::kDigits
                    : loses_in_full && !nothing     ? Limit::kRounding
                                                    : Limit::kNone;
  }
  return finding;
}

double Diagnosis::distance(std::size_t number) const noexcept {
  const Expectation expected = right(number);
  const Claim& claim = claims_[number];
  if (!has_shape(claim, expected.rows, expected.columns)) return HUGE_VAL;
  double largest = 0.0;
  for (std::size_t i = 0; i < expected.values.size(); ++i)
    largest = larger_error(largest, std::abs(claim.values.span()[i] - expected.values[i].value));
  return std::isnan(largest) ? HUGE_VAL : largest;
}

Status Diagnosis::explain(std::size_t number, const Expectation& expected, Finding& out) noexcept {
  const Claim& claim = claims_[number];
  const bool has_shape = this->has_shape(claim, expected.rows, expected.columns);
  const std::span<double> bounds = bounds_.span().first(expected.values.size());
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    bounds[i] = allowance(expected, i) + (has_shape ? claim.resolution.span()[i] : 0.0);
  }
  const WrongArray array{.number = number,
                         .given = claim.values.span(),
                         .resolution = claim.resolution.span(),
                         .has_shape = has_shape,
                         .wanted = expected.values,
                         .bounds = bounds};
  if (const Status status = relate(array, right_, other_, out.relation); status != Status::kOk) return status;
  if (out.truth != Verdict::kFail) return Status::kOk;  // right, though it doesn't follow
  return backnorm::explain(array, case_.settings(), other_, out.explanation);
}

/// The steps in which every given array is judged in an arithmetic.
void Diagnosis::judge_in(Arithmetic arithmetic) noexcept {
  const bool is_ready = arithmetic == arithmetic_ && !takes_claimed_inputs_;
  search_.tried = arithmetic;
  search_.part = is_ready ? Search::Part::kTruth : Search::Part::kSuppose;
}

Status Diagnosis::judge_part() noexcept {
  using Part = Search::Part;
  switch (search_.part) {
    case Part::kSuppose: search_.part = Part::kTruth; return suppose(search_.tried);
    case Part::kTruth:
      for (std::size_t number = 0; number < quantities().count(); ++number) {
        findings_[number] = claims_[number].given ? judge(claims_[number], right(number)) : Finding{};
      }
      search_.part = Part::kLocal;
      return Status::kOk;
    case Part::kLocal:
      search_.part = Part::kNone;
      if (const Status status = meet_all(kNone); status != Status::kOk) return status;
      return settle_conventions() ? meet_all(kNone) : Status::kOk;
    case Part::kNone: break;
  }
  return Status::kOk;
}

/// Compares every given array with what follows from the caller's earlier ones. explained: the number of one
/// to explain, or kNone.
Status Diagnosis::meet_all(std::size_t explained) noexcept {
  CallersWorld world(*this, other_.values, explained);
  if (const Status status = other_.run(case_, {}, &world); status != Status::kOk) return status;
  // nothing before the first wrong array is wrong enough to be seen, so it can't have inherited its error
  const std::size_t first = first_wrong();
  if (first < quantities().count() && findings_[first].local == Verdict::kPass)
    findings_[first].local = Verdict::kUndecidable;
  return world.status();
}

bool Diagnosis::any_wrong() const noexcept {
  return first_wrong() < quantities().count();
}

/// The arrays that are wrong, but not through others alone.
Diagnosis::Numbers Diagnosis::wrong_here() const noexcept {
  Numbers numbers;
  for (std::size_t number = 0; number < quantities().count(); ++number) {
    const bool is_wrong = claims_[number].given && findings_[number].truth == Verdict::kFail;
    if (is_wrong && findings_[number].local != Verdict::kPass) numbers.add(number);
  }
  return numbers;
}

bool Diagnosis::is_input_value(std::size_t number) const noexcept {
  const Quantity which = quantities()[number];
  return which.kind == Quantity::Kind::kValue && case_.graph().node(which.node).gate == Gate::kInput;
}

/// The arrays that the program computed.
Diagnosis::Numbers Diagnosis::computed() const noexcept {
  Numbers numbers;
  for (std::size_t number = 0; number < quantities().count(); ++number) {
    const bool is_input = is_input_value(number) || number == quantities().gradient_of(NodeId::kY);
    if (claims_[number].given && !is_input) numbers.add(number);
  }
  return numbers;
}

/// If these arrays hold only numbers of a precision, as far as their digits show: the chance that numbers of
/// any precision would look so.
std::optional<double> Diagnosis::chance_of(Precision precision, const Numbers& numbers) const noexcept {
  const auto [unit, least] = rounding_of(precision);
  double chance = 1.0;  // that numbers of any precision look like this
  for (const std::size_t number : numbers.span()) {
    const std::span<const double> values = claims_[number].values.span();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] == 0.0) continue;
      if (!std::isfinite(values[i])) return {};
      const double nearest = round_to(values[i], precision);
      // a number may be printed with just the digits that tell it from its neighbours
      const double window = std::max(claims_[number].resolution.span()[i], half_a_unit(values[i])) +
                            rounding_of(finest_).unit * std::abs(values[i]);
      if (std::abs(values[i] - nearest) > window) return {};
      // a number with few bits is one of every precision
      const double short_unit = std::sqrt(unit);
      int exponent = 0;
      const double fraction = std::frexp(nearest, &exponent);
      const double steps = fraction / short_unit;
      if (steps != std::floor(steps)) chance *= std::min(1.0, window / std::ldexp(unit, exponent - 1));
    }
  }
  return chance;
}

/// How much is wrong: arrays that are wrong themselves count before those that are wrong through others.
double Diagnosis::wrongness() const noexcept {
  double sum = 0.0;
  for (std::size_t number = 0; number < quantities().count(); ++number) {
    if (!claims_[number].given || findings_[number].truth != Verdict::kFail) continue;
    sum += findings_[number].local == Verdict::kFail ? kMostQuantities + 1.0 : 1.0;
  }
  return sum;
}

/// False if a gradient is further from the right one than its terms' rounding makes likely. The bounds of
/// float16 and bfloat16 are so wide that a wrong sign can be within them.
bool Diagnosis::is_likely() const noexcept {
  constexpr double kMostRoundings = 16.0;
  for (std::size_t number = 0; number < quantities().count(); ++number) {
    if (!usable(number)) continue;
    const Expectation expected = right(number);
    double most = 0.0;
    for (const Magnitude& term : expected.terms) most = std::max(most, term.value);
    for (std::size_t i = 0; i < expected.terms.size(); ++i) {
      const double error = std::abs(claims_[number].values.span()[i] - expected.values[i].value);
      const double allowed = kMostRoundings * AnyPrecision::now().rounding.unit * most +
                             2.0 * claims_[number].resolution.span()[i];
      if (error > allowed) return false;
    }
  }
  return true;
}

void Diagnosis::enter(Search::Stage stage) noexcept {
  search_.stage = stage;
  search_.at = 0;
}

/// Judges in other arithmetics until one explains every array. Else in the one in which most are right.
Status Diagnosis::try_arithmetic() noexcept {
  constexpr double kCoincidence = 1e-9;
  constexpr std::size_t kOnePass = kRoundedInputs.size();
  if (search_.is_tried) {
    search_.is_tried = false;
    weigh_arithmetic();
  }
  const std::size_t at = search_.at++;
  Arithmetic next{finest_};
  search_.is_known = true;
  if (search_.least == 0.0) {
    enter(Search::Stage::kSettle);
    return Status::kOk;
  }
  if (at < kOnePass) {
    if (finest_ != Precision::kFloat64) return Status::kOk;
    next.inputs = kRoundedInputs[at];
  } else if (at == kOnePass) {
    next.one_pass = true;
  } else {
    const std::size_t p = static_cast<std::size_t>(finest_) + at - kOnePass;
    if (p >= kPrecisionCount) {
      enter(Search::Stage::kSettle);
      return Status::kOk;
    }
    next.precision = static_cast<Precision>(p);
    const bool is_half = next.precision > Precision::kFloat32;
    const std::optional<double> chance = chance_of(next.precision, is_half ? computed() : search_.wrong);
    // float16 and bfloat16 explain so much that some number must have been likely to show the contrary
    if (!chance || (is_half && *chance == 1.0)) return Status::kOk;
    search_.is_known = *chance < kCoincidence;
    if (is_half && !search_.has_names) {  // a named mistake says more
      search_.has_names = true;
      enter(Search::Stage::kHalfNames);
      search_.resume = at;
      if (!(arithmetic_ == search_.best)) judge_in(search_.best);
      return Status::kOk;
    }
  }
  judge_in(next);
  search_.is_tried = true;
  return Status::kOk;
}

/// Whether the arithmetic that was tried is the best so far.
void Diagnosis::weigh_arithmetic() noexcept {
  const Arithmetic& next = search_.tried;
  const double rest = wrongness();
  // numbers that may be of any precision don't say that a coarser one is theirs: what is wrong must be less
  const auto arrays_wrong = [](double wrongness) { return std::floor(wrongness / (kMostQuantities + 1.0)); };
  if (!search_.is_known && rest > 0.0 && arrays_wrong(rest) == arrays_wrong(search_.least)) return;
  // one pass and rounded inputs explain all or nothing: else something else is wrong
  const bool is_whole = rest == 0.0 || next == Arithmetic{next.precision};
  const bool is_likely = next.precision <= Precision::kFloat32 || this->is_likely();
  if (rest < search_.least && is_whole && is_likely) {
    search_.least = rest;
    search_.best = next;
  }
}

void Diagnosis::settle_arithmetic() noexcept {
  if (search_.least > 0.0 && search_.best == Arithmetic{Precision::kFloat64}) {
    // nothing became right, but these numbers are no coincidence
    constexpr double kCoincidence = 1e-9;
    const std::optional<double> chance = chance_of(Precision::kFloat32, computed());
    if (chance && *chance < kCoincidence) search_.best = {Precision::kFloat32};
  }
  if (!(arithmetic_ == search_.best)) judge_in(search_.best);
}

/// Explains the next array that is wrong here.
Status Diagnosis::explain_next() noexcept {
  for (; search_.at < quantities().count(); ++search_.at) {
    const std::size_t number = search_.at;
    if (!claims_[number].given || findings_[number].local != Verdict::kFail) continue;
    ++search_.at;
    return meet_all(number);
  }
  enter(Search::Stage::kNames);
  return Status::kOk;
}

/// Tries the next mistake: first those that any arithmetic shows, then those of rounding.
Status Diagnosis::name_next() noexcept {
  if (search_.at == 0) {
    fit_count_ = 0;
    if (const Status status = take_sample(); status != Status::kOk) return status;
  }
  for (; search_.at < 2 * kMistakeCount; ++search_.at) {
    const bool of_rounding = search_.at >= kMistakeCount;
    if (search_.at == kMistakeCount && fit_count_ > 0) break;
    const std::size_t m = search_.at % kMistakeCount;
    const Mistake& mistake = mistakes()[m];
    if (mistake.of_rounding != of_rounding) continue;
    if (!applies(mistake, case_.grouping, case_.unit_offset)) continue;
    ++search_.at;
    std::optional<double> residual;
    if (const Status status = reproduces(mistake, residual); status != Status::kOk) return status;
    if (!residual) return Status::kOk;
    std::size_t place = fit_count_++;  // by residual, then by number
    for (; place > 0 && fits_[place - 1].residual > *residual; --place) fits_[place] = fits_[place - 1];
    fits_[place] = {m, *residual};
    return Status::kOk;
  }
  if (search_.stage == Search::Stage::kHalfNames) {
    const bool is_named = fit_count_ > 0;
    enter(is_named ? Search::Stage::kSettle : Search::Stage::kArithmetic);
    if (!is_named) search_.at = search_.resume;
    return Status::kOk;
  }
  const bool is_open = recognition_.kind == Recognition::Kind::kNone && fit_count_ == 0 && !is_explained();
  enter(is_open ? Search::Stage::kHidden : Search::Stage::kInputs);
  search_.bits = 0.0;
  return Status::kOk;
}

Status Diagnosis::judge() noexcept {
  begin();
  while (search_.part != Search::Part::kNone) {
    if (const Status status = step(); status != Status::kOk) return status;
  }
  enter(Search::Stage::kDone);
  return Status::kOk;
}

Status Diagnosis::run() noexcept {
  begin();
  while (has_step()) {
    if (const Status status = step(); status != Status::kOk) return status;
  }
  return Status::kOk;
}

void Diagnosis::begin() noexcept {
  fit_count_ = 0;
  recognition_ = {};
  search_ = {.stage = Search::Stage::kJudge};
  judge_in({finest_});
}

Status Diagnosis::step() noexcept {
  using Stage = Search::Stage;
  const ChosenPrecision guard(in_any_order(rounding_of(arithmetic_.precision)));  // suppose() sets it
  Status status = Status::kOk;
  if (search_.part != Search::Part::kNone) {
    status = judge_part();
    if (status != Status::kOk) enter(Stage::kDone);
    return status;
  }
  switch (search_.stage) {
    case Stage::kJudge:
      enter(any_wrong() ? Stage::kArithmetic : Stage::kDone);
      search_.best = arithmetic_;
      search_.least = wrongness();
      search_.wrong = wrong_here();
      break;
    case Stage::kArithmetic: status = try_arithmetic(); break;
    case Stage::kSettle:
      if (search_.at++ == 0)
        settle_arithmetic();
      else
        enter(any_wrong() ? Stage::kNorm : Stage::kDone);
      break;
    case Stage::kNorm: status = try_norm(); break;
    case Stage::kExplain: status = explain_next(); break;
    case Stage::kHalfNames:
    case Stage::kNames: status = name_next(); break;
    case Stage::kHidden: status = suppose_next(); break;
    case Stage::kInputs:
      recognise_inputs();
      enter(Stage::kDone);
      break;
    case Stage::kDone: break;
  }
  if (status != Status::kOk) {
    fit_count_ = 0;
    enter(Stage::kDone);
  }
  return status;
}

/// True if every value is within its bound. Then raises the residual.
bool Diagnosis::matches(const Claim& claim, const Expectation& expected, double& residual) const noexcept {
  if (!has_shape(claim, expected.rows, expected.columns)) return false;
  double worst = 0.0;
  double largest = 0.0;
  for (std::size_t i = 0; i < expected.values.size(); ++i) {
    const double claimed = claim.values.span()[i];
    const double wanted = expected.values[i].value;
    if (std::isfinite(claimed) != std::isfinite(wanted)) return false;
    if (!std::isfinite(claimed)) continue;
    const double error = std::abs(claimed - wanted);
    const double bound = allowance(expected, i) + claim.resolution.span()[i];
    if (error > bound)
      return false;  // where it is NaN, rounding may have led anywhere and contradicts nothing
    worst = std::max(worst, error);
    largest = std::max(largest, std::abs(wanted));
  }
  if (worst > 0) residual = std::max(residual, worst / largest);
  return true;
}

/// True if a wrong array's values lie nearer to these than to the right ones: a wide bound alone explains
/// nothing. of_rounding: rounding in another order leads elsewhere, but not where a single value went wrong.
bool Diagnosis::is_nearer(std::size_t number, const Expectation& expected, bool of_rounding) const noexcept {
  if (findings_[number].truth != Verdict::kFail) return false;
  const Expectation own = right(number);
  if (own.values.size() != expected.values.size()) return true;  // of another shape
  const Claim& claim = claims_[number];
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < own.values.size(); ++i) {
    const double half = claim.resolution.span()[i];
    if (std::isfinite(claim.values.span()[i]) != std::isfinite(own.values[i].value)) {
      ++wrong;  // a mistake that gives NaN where there should be a number explains it
      continue;
    }
    const double off = std::abs(claim.values.span()[i] - own.values[i].value) - half;
    if (!(off > allowance(own, i))) continue;
    ++wrong;
    const double rest = std::abs(claim.values.span()[i] - expected.values[i].value) - half;
    if (!of_rounding && rest > 0.5 * off) return false;
  }
  return wrong > (of_rounding ? 1 : 0);
}

/// True if the bound of every expected value is as large as these numbers.
bool Diagnosis::explains_any(const Expectation& expected, std::span<const Number> numbers) const noexcept {
  double largest = 0.0;
  for (const Number& number : numbers) largest = std::max(largest, std::abs(number.value));
  for (std::size_t i = 0; i < expected.values.size(); ++i) {
    if (allowance(expected, i) < largest) return false;
  }
  return true;
}

/// Sets the residual if a program with these edits returns every given array. kOutOfMemory or kOk.
Status Diagnosis::reproduces(const Mistake& mistake, std::optional<double>& residual) noexcept {
  const std::span<const Edit> edits = mistake.edits;
  if (is_sampled(edits)) {
    if (const Status status = sample_.other.run(sample_.kase, edits); status != Status::kOk) return status;
    if (!fits_sample()) return Status::kOk;
  }
  ProgramsRounding rounding(*this, other_.values);
  if (const Status status = other_.run(case_, edits, &rounding); status != Status::kOk) return status;
  double largest = 0.0;
  bool nearer = false;  // in one of the wrong arrays
  const bool otherwise = returns_otherwise(edits);
  for (std::size_t number = 0; number < quantities().count(); ++number) {
    const Claim& claim = claims_[number];
    if (!claim.given) continue;
    Expectation expected = right(number);
    expected.values = tensor(other_, number);
    if (otherwise) {
      const Status status = read_returned(number, edits, other_, case_.grouping, returned_);
      if (status != Status::kOk) return status;
      expected.rows = returned_.rows;
      expected.columns = returned_.columns;
      expected.values = returned_.array.span();
      // one number per group, or per row, may have dims of its own, such as (N, K)
      if (expected.rows == 1 && claim.rows * claim.columns == expected.columns) {
        expected.rows = claim.rows;
        expected.columns = claim.columns;
      }
      if (expected.values.size() != expected.terms.size()) expected.terms = {};
    }
    // A program that drops or changes a contribution may have computed it rightly first, and its inputs are
    // those of the case.
    const bool may_be_right =
        changes_edge(edits, quantities()[number], case_.graph()) || is_input_value(number);
    const bool kept = may_be_right && matches(claim, right(number), largest);
    if (kept) continue;
    double error = 0.0;
    if (!matches(claim, expected, error)) return Status::kOk;
    largest = std::max(largest, error);
    nearer |= is_nearer(number, expected, mistake.of_rounding);
    // where the bound explains anything, only a close fit is one
    constexpr double kClose = 0.1;
    const bool is_wrong = findings_[number].truth == Verdict::kFail && !mistake.of_rounding;
    if (error > kClose && is_wrong && explains_any(expected, right(number).values)) return Status::kOk;
  }
  if (nearer) residual = largest;
  return Status::kOk;
}

std::size_t Diagnosis::first_wrong() const noexcept {
  const Numbers order = in_order();
  const auto is_wrong = [&](std::size_t number) {
    return claims_[number].given && findings_[number].truth == Verdict::kFail;
  };
  const auto found = std::find_if(order.span().begin(), order.span().end(), is_wrong);
  return found == order.span().end() ? quantities().count() : *found;
}

/// All numbers in the order of a program.
Diagnosis::Numbers Diagnosis::in_order() const noexcept {
  const Graph& graph = case_.graph();
  Numbers order;
  for (std::size_t number = 0; number < graph.nodes.size(); ++number) order.add(number);
  for (const NodeId id : graph.backward) {
    for (std::size_t edge = 0; edge < graph.edges.size(); ++edge) {
      if (graph.edges[edge].from == id) order.add(quantities().contribution_of(edge));
    }
    order.add(quantities().gradient_of(id));
  }
  return order;
}

std::optional<Invariant> Diagnosis::law(Law law, std::size_t column) const noexcept {
  using enum NodeId;
  const std::span<const Law> laws = case_.graph().laws;
  if (std::find(laws.begin(), laws.end(), law) == laws.end()) return {};
  const ChosenPrecision guard(in_any_order(rounding_of(arithmetic_.precision)));
  const auto is_usable = [&](NodeId id) { return usable(quantities().gradient_of(id)); };
  const auto claimed = [&](NodeId id, std::size_t i) {
    const std::size_t number = quantities().gradient_of(id);
    const Claim& claim = claims_[number];
    return Number(claim.values.span()[i], allowance(right(number), i) + claim.resolution.span()[i]);
  };
  const auto value = [&](NodeId id) { return right_.values[id][column]; };
  const auto invariant = [](Number residual) {
    return Invariant{.residual = std::abs(residual.value), .bound = residual.error};
  };
  // Σ of a·weight over the group
  const auto sum = [&](auto a, bool by_xhat) {
    Number total = 0.0;
    for (std::size_t i = column; i < case_.x.size(); i += case_.columns()) {
      total = total + a(i) * (by_xhat ? right_.values[kXhat][i] : Number(1.0));
    }
    return total;
  };
  const auto dx = [&](std::size_t i) { return claimed(kX, i); };
  const auto right_dxhat = [&](std::size_t i) { return right_.gradients[kXhat][i]; };
  // Where gamma is constant in the group, gamma·dgamma is Σ dxhat·xhat, and gamma·dbeta is Σ dxhat.
  const bool one_gamma = case_.grouping.has_parameter_per_column();
  const auto dxhat = [&](NodeId parameter, bool by_xhat) {
    if (one_gamma) return value(kGamma) * claimed(parameter, column);
    return sum([&](std::size_t i) { return claimed(kXhat, i); }, by_xhat);
  };
  switch (law) {
    case Law::kSumOfDx:
      if (!is_usable(kX)) return {};
      return invariant(sum(dx, false));
    case Law::kSumOfDxXhat: {
      if (!is_usable(kX)) return {};
      const Number cubed = value(kStd) * value(kStd) * value(kStd);
      return invariant(sum(dx, true) - sum(right_dxhat, true) * Number(case_.eps) / cubed);
    }
    case Law::kDvar:
      if (!is_usable(kVar) || !is_usable(one_gamma ? kGamma : kXhat)) return {};
      return invariant(claimed(kVar, column) +
                       dxhat(kGamma, true) / (Number(2.0) * (value(kStd) * value(kStd))));
    case Law::kDmean:
      if (!is_usable(kMean) || !is_usable(one_gamma ? kBeta : kXhat)) return {};
      return invariant(claimed(kMean, column) + dxhat(kBeta, false) / value(kStd));
  }
  return {};
}

template Status Diagnosis::prepare(const Case<float>&, Precision) noexcept;
template Status Diagnosis::prepare(const Case<double>&, Precision) noexcept;

}  // namespace backnorm
