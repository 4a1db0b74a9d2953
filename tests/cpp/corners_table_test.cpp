#include <array>
#include <cstdio>
#include <fstream>

#include "corners.hpp"

/// Hidden: `npm run corners` runs it by its tag, and it writes tests/data/CORNERS.md.
namespace backnorm::test {
namespace {

constexpr const char* kAbout =
    R"(<!-- Written by `npm run corners`. -->

# Odd corners

The verdicts on 100,000 cases with odd columns, beside the exact gradients in 113-bit arithmetic.

- Right gradients: the staged ones, and the exact ones rounded to the dtype.
- Wrong gradients: one column times 1.5, 0.5, 0 or -1, or its direct path alone. A wrong column that cancels, or of which only
  rounding is left, counts as silent: a pass may hide it.
- Arrays: those of right programs that round to the dtype at every step, and add up in two orders. `diagnose` gets all of
  them, or dx and dgamma alone.
- float64 also runs the Taylor test, on the exact dx and on 1.001 times it.
- Refused: a value overflows, or there is neither spread nor eps.
)";

template <typename T>
void write_corners(std::ostream& table, std::string_view dtype, std::uint32_t seed, int cases) {
  const auto row = [&](const auto&... cells) { ((table << "| " << cells << " "), ...) << "|\n"; };
  const auto percent = [](int part, int all) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%.1f %%", 100.0 * part / all);
    return std::string(text.data());
  };
  table << "\n## " << dtype << "\n\n";
  row("", "cases", "refused", "right", "fail", "undecidable", "checker at fault", "wrong", "pass",
      "undecidable", "arrays", "called wrong");
  table << "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";
  CornerRun<T> run(seed);
  for (const std::string_view corner : kCorners) {
    Tally t;
    while (t.cases < cases) run.add(corner, t);
    CAPTURE(dtype, corner);
    CHECK(t.false_fails.text() == "");
    CHECK(t.false_passes.text() == "");
    CHECK(t.faults_of_checker.text() == "");
    CHECK(t.called_wrong.text() == "");
    row(corner, t.cases, t.refused, t.right, t.false_fails.count(), percent(t.undecidable, t.right),
        t.faults_of_checker.count(), t.wrong, t.false_passes.count(), percent(t.missed, t.wrong), t.arrays,
        t.called_wrong.count());
  }
}

TEST_CASE("verdicts hold in 100,000 odd corners", "[.corners]") {
  constexpr int kCases = 100000 / (2 * static_cast<int>(kCorners.size())) + 1;
  std::ofstream table(BACKNORM_TEST_DATA "/CORNERS.md");
  table << kAbout;
  write_corners<double>(table, "float64", 182, kCases);
  write_corners<float>(table, "float32", 183, kCases);
}

}  // namespace
}  // namespace backnorm::test
