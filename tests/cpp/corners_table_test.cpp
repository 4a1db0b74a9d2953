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

The verdicts on 100,000 cases of five norms with odd groups, beside the exact gradients in 113-bit arithmetic.

- Right gradients: the staged ones, and the exact ones rounded to the dtype.
- Wrong gradients: one group or parameter times 1.5, 0.5, 0 or -1, or the direct path alone. One that cancels, or of which only
  rounding is left, counts as silent: a pass may hide it.
- Arrays: those of right programs that round to the dtype at every step, and add up in two orders. `diagnose` gets all of
  them, or dx and dgamma alone.
- float64 also runs the Taylor test, on the exact dx and on 1.001 times it.
- Refused: a value overflows, or there is neither spread nor eps.
)";

template <typename... Cells>
void write_row(std::ostream& table, const Cells&... cells) {
  ((table << "| " << cells << " "), ...) << "|\n";
}

void write_tally(std::ostream& table, std::string_view name, const Tally& t) {
  const auto percent = [](int part, int all) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%.1f %%", 100.0 * part / all);
    return std::string(text.data());
  };
  write_row(table, name, t.cases, t.refused, t.right, t.false_fails.count(), percent(t.undecidable, t.right),
            t.faults_of_checker.count(), t.wrong, t.false_passes.count(), percent(t.missed, t.wrong),
            t.arrays, t.called_wrong.count());
}

void write_head(std::ostream& table, std::string_view title) {
  table << "\n## " << title << "\n\n";
  write_row(table, "", "cases", "refused", "right", "fail", "undecidable", "checker at fault", "wrong",
            "pass", "undecidable", "arrays", "called wrong");
  table << "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";
}

using ByNorm = std::array<Tally, kNormCount>;

/// Every corner, a norm after another.
template <typename T>
void write_corners(std::ostream& table, std::string_view dtype, std::uint32_t seed, int cases,
                   ByNorm& norms) {
  write_head(table, dtype);
  CornerRun<T> run(seed);
  for (const std::string_view corner : kCorners) {
    Tally all;
    for (std::size_t norm = 0; norm < kNormCount; ++norm) {
      Tally tally;
      while (tally.cases < cases) run.add(corner, static_cast<Norm>(norm), tally);
      CAPTURE(dtype, corner, kNormNames[norm]);
      tally.check();
      all += tally;
      norms[norm] += tally;
    }
    write_tally(table, corner, all);
  }
}

TEST_CASE("verdicts hold in 100,000 odd corners", "[.corners]") {
  constexpr int kCases = 100000 / (2 * static_cast<int>(kCorners.size() * kNormCount)) + 1;
  std::ofstream table(BACKNORM_TEST_DATA "/CORNERS.md");
  table << kAbout;
  ByNorm norms;
  write_corners<double>(table, "float64", 182, kCases, norms);
  write_corners<float>(table, "float32", 183, kCases, norms);
  write_head(table, "The same by norm");
  for (std::size_t norm = 0; norm < kNormCount; ++norm) write_tally(table, kNormNames[norm], norms[norm]);
}

}  // namespace
}  // namespace backnorm::test
