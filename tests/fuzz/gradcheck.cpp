#include "backnorm/gradcheck.hpp"

#include "backnorm/measures.hpp"
#include "input.hpp"

/// The check of a gradient: what is right never fails, what is NaN never passes, and nothing else is
/// undefined.
namespace backnorm::fuzz {
namespace {

template <typename T>
void run(Input& input) {
  const Range range = input.range();
  const NormCase<T> one = draw_case<T>(input, range);
  Case<T> kase = one.view();
  Gradcheck<T> check;
  if (input.rarely(8)) {
    (void)spoil(input, kase);
    EXPECT(check.prepare(kase) == validate(kase) && validate(kase) != Status::kOk);
    return;
  }
  const std::vector<Edit> mistakes = edits(input, kase, 1);
  const Status status = check.prepare(kase, mistakes);
  if (validate(kase) != Status::kOk) {
    EXPECT(status == validate(kase));
    return;
  }
  EXPECT(status == Status::kOk || status == Status::kNotFinite);
  if (status != Status::kOk) return;

  const std::span<const Node> nodes = kase.graph().nodes;
  const NodeId claimed = one_of(input, nodes).id;
  const std::vector<T> right(check.analytic(claimed).begin(), check.analytic(claimed).end());
  EXPECT(check.claim(claimed, std::span<const T>(right).subspan(1)) == Status::kLengthMismatch);
  EXPECT(same_bits<T>(check.analytic(claimed), right));
  const bool poisons = input.rarely(4);
  if (poisons) {
    std::vector<T> wrong = right;
    wrong[input.size(0, wrong.size() - 1)] = std::numeric_limits<T>::quiet_NaN();
    EXPECT(check.claim(claimed, wrong) == Status::kOk);
  }

  // By slices of rows, as the page takes them.
  for (const Node& node : nodes) {
    const std::size_t rows = check.rows(node.id);
    const std::size_t cut = input.size(0, rows);
    check.check(node.id, cut, rows);
    check.check(node.id, 0, cut);
  }
  for (const Node& node : nodes) {
    const NodeReport report = check.report(node.id);
    EXPECT(report.worst < right.size() || node.id != claimed);
    EXPECT(!report.checker_at_fault);
    if (mistakes.empty() && !(poisons && node.id == claimed)) EXPECT(report.verdict != Verdict::kFail);
    if (poisons && node.id == claimed) EXPECT(report.verdict == Verdict::kFail);
    for (const double share : check.signal(node.id)) EXPECT(!(share < 0) && !(share > 1 + 1e-9));

    const Measures measures = measure<T>(check.analytic(node.id), check.exact(node.id));
    if (poisons && node.id == claimed) EXPECT(std::isnan(measures.max_relative) && std::isnan(measures.ulps));
  }
  for (std::size_t c = 0; c < kase.columns(); ++c) {
    const bool right_dx = mistakes.empty() && !(poisons && claimed == NodeId::kX);
    if (right_dx) EXPECT(check.sum_of_dx_xhat(c).holds());
    if (right_dx && kase.grouping.norm != Norm::kRms) EXPECT(check.sum_of_dx(c).holds());
  }
  for (std::size_t i = 0; i < kWarningCount; ++i) (void)check.is_blinded_by(static_cast<Warning>(i));
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
