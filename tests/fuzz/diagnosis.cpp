#include "backnorm/diagnosis.hpp"

#include <algorithm>

#include "input.hpp"

/// What a caller's arrays are: right, of a known mistake, off here and there, of any shape, not numbers, not
/// there.
namespace backnorm::fuzz {
namespace {

/// Half of all sizes are more than any memory holds.
std::size_t any_length(Input& input) {
  return input.flip() ? input.size(0, 12) : std::size_t{1} << input.size(42, 63);
}

template <typename T>
void run(Input& input) {
  const Range range = input.range();
  const NormCase<T> one = draw_case<T>(input, range, 6, 4);
  const Case<T> kase = one.view();
  Diagnosis diagnosis;
  const Status status = diagnosis.prepare(kase);
  if (validate(kase) != Status::kOk) {
    EXPECT(status == validate(kase));
    return;
  }
  EXPECT(status == Status::kOk || status == Status::kNotFinite);
  if (status != Status::kOk) return;

  const std::vector<Edit> mistakes = edits(input, kase, 1);
  Trace<T> program;
  EXPECT(program.run(kase, mistakes) == Status::kOk);
  bool is_right = mistakes.empty() && range != Range::kWild;
  const Quantities quantities(kase.graph());
  const std::size_t all = quantities.count();
  std::vector<bool> given(all);
  for (std::size_t count = input.size(1, all); count > 0; --count) {
    const std::size_t number = input.flip() ? all - count : input.size(0, all - 1);
    const Quantity which = quantities[number];
    const std::span<const T> made = tensor(program, number);
    std::size_t rows = which.extent == Extent::kElements ? kase.rows() : 1;
    std::size_t columns = size_of(kase.grouping, which.extent) / rows;
    const bool odd = input.rarely(8);
    if (odd) {
      rows = any_length(input);
      columns = any_length(input);
    } else if (input.flip()) {
      columns *= std::exchange(rows, 0);
    }
    const Status claimed = diagnosis.claim(number, rows, columns);
    EXPECT(claimed == Status::kOk || (odd && claimed == Status::kOutOfMemory));
    if (claimed != Status::kOk) {
      EXPECT(diagnosis.is_claimed(number) == given[number]);
      continue;
    }
    given[number] = true;
    const std::span<double> values = diagnosis.claimed_values(number);
    EXPECT(values.size() == std::max<std::size_t>(rows, 1) * columns);
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = odd && i >= made.size() ? input.wild<double>() : static_cast<double>(made[i % made.size()]);
    }
    is_right &= !odd;
    for (std::size_t pokes = input.rarely(4) ? input.size(0, values.size()) : 0; pokes > 0; --pokes) {
      values[input.size(0, values.size() - 1)] = input.wild<double>();
      is_right = false;
    }
    if (input.rarely(8))
      std::fill(diagnosis.resolution(number).begin(), diagnosis.resolution(number).end(), 5e-5);
  }

  EXPECT(diagnosis.run() == Status::kOk);
  const std::size_t first = diagnosis.first_wrong();
  EXPECT(first <= all && (first == all || given[first]));
  if (is_right) EXPECT(first == all);
  for (std::size_t number = 0; number < all; ++number) {
    EXPECT(diagnosis.is_claimed(number) == given[number]);
    const Finding& finding = diagnosis.finding(number);
    if (is_right && given[number]) EXPECT(finding.truth != Verdict::kFail && finding.local != Verdict::kFail);
    EXPECT(finding.worst == 0 || finding.worst < one.x.size());
    EXPECT(!(finding.max_error < 0) && !(finding.largest_bound < 0));
    EXPECT(finding.relation.other < all);
    EXPECT(finding.relation.node >= 0 && finding.relation.node < static_cast<int>(kNodeCount));
  }
  EXPECT(diagnosis.fits().empty() || first < all);
  double before = 0.0;
  for (const Fit& fit : diagnosis.fits()) {
    EXPECT(fit.mistake < kMistakeCount);
    EXPECT(fit.residual >= before || mistakes.size() != 0 || !is_right);
    before = fit.residual;
  }
  for (const Law law : {Law::kSumOfDx, Law::kSumOfDxXhat, Law::kDvar, Law::kDmean}) {
    for (std::size_t c = 0; c < kase.columns(); ++c) {
      const std::optional<Invariant> told = diagnosis.law(law, c);
      if (is_right && told) EXPECT(told->holds());
    }
  }

  // The same question has the same answer.
  const std::size_t fits = diagnosis.fits().size();
  EXPECT(diagnosis.run() == Status::kOk);
  EXPECT(diagnosis.first_wrong() == first && diagnosis.fits().size() == fits);
}

}  // namespace
}  // namespace backnorm::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace backnorm::fuzz;
  Input input(data, size);
  if (input.flip())
    run<float>(input);
  else
    run<double>(input);
  return 0;
}
