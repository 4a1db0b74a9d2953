#include "backnorm/differences.hpp"

#include "backnorm/direction_tests.hpp"
#include "input.hpp"

/// What a reader asks for beside the check: extrapolation, the sweep of steps, both tests along a direction.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace backnorm;
  using fuzz::Range;
  fuzz::Input input(data, size);
  const Range range = input.range();
  const auto one = fuzz::draw_case<double>(input, range, 6, 4);
  Case<double> kase = one.view();
  if (input.rarely(8)) (void)fuzz::spoil(input, kase);
  const Status expected = validate(kase);

  const Node& node = fuzz::one_of(input, kase.graph().nodes);
  const std::size_t length = fuzz::size_of(one.grouping, node.extent);
  const auto of_length = [expected](Status status, bool fits) {
    return status == (expected != Status::kOk || fits ? expected : Status::kLengthMismatch);
  };
  std::vector<double> derivative(length), bar(input.rarely(8) ? length + 1 : length);
  EXPECT(of_length(extrapolate(kase, node.id, derivative, bar), bar.size() == length));
  for (const double width : bar) EXPECT(!(width < 0));

  std::vector<double> steps(input.size(1, 4));
  for (double& step : steps) step = std::ldexp(1.0, int(input.size(0, input.flip() ? 60 : 2000)) - 1060);
  std::vector<double> errors(input.rarely(8) ? steps.size() + 1 : steps.size());
  const bool fits = errors.size() == steps.size();
  EXPECT(of_length(sweep_steps<float>(kase, node.id, steps, errors), fits));
  EXPECT(of_length(sweep_steps<double>(kase, node.id, steps, errors), fits));
  for (const double error : errors) EXPECT(!(error < 0));

  const std::uint32_t seed = input.bits<std::uint16_t>();
  TaylorReport taylor;
  EXPECT(taylor_test(kase, {}, seed, taylor) == expected);
  EXPECT(of_length(taylor_test(kase, std::span(one.x).subspan(1), seed, taylor), one.x.size() == 1));
  if (expected == Status::kOk) EXPECT((taylor.verdict == Verdict::kUndecidable) == std::isnan(taylor.slope));

  DotProductReport right, wrong;
  EXPECT(dot_product_test(kase, seed, right) == expected);
  EXPECT(right.holds());
  const std::vector<Edit> mistakes = fuzz::edits(input, one.view(), 1);
  EXPECT(dot_product_test(kase, seed, wrong, mistakes) == expected);
  return 0;
}
