#include "backnorm/numpy_random.hpp"

#include <vector>

#include "catch.hpp"
#include "support.hpp"

namespace backnorm::test {
namespace {

// The file was written by NumPy on glibc. Another C library's log may be off by an ulp in its own way, which
// sqrt halves and two roundings follow: 4 units of round-off.
#ifdef __GLIBC__
constexpr double kLibraryError = 0.0;
#else
constexpr double kLibraryError = 4 * kUnitRoundoff<double>;
#endif

TEST_CASE("randn draws NumPy's numbers digit for digit", "[random]") {
  const std::vector<ReferenceRandom> seeds = read_numpy_random();
  REQUIRE(seeds.size() >= 5);
  for (const ReferenceRandom& reference : seeds) {
    CAPTURE(reference.seed);
    NumpyRandom random(reference.seed);
    std::vector<double> drawn(reference.normal.size());
    random.normal(drawn);
    CHECK(outside(drawn, reference.normal,
                  [&](std::size_t i) { return kLibraryError * std::abs(reference.normal[i]); }) == "");
  }
}

TEST_CASE("random_sample draws NumPy's numbers bit for bit", "[random]") {
  for (const ReferenceRandom& reference : read_numpy_random()) {
    CAPTURE(reference.seed);
    NumpyRandom random(reference.seed);
    std::vector<double> drawn;
    for (std::size_t i = 0; i < reference.uniform.size(); ++i) drawn.push_back(random.uniform());
    CHECK(unequal(drawn, reference.uniform) == "");
  }
}

TEST_CASE("seed 231 starts with the numbers in the course's notes", "[random]") {
  NumpyRandom random(231);
  // printed with 8 decimals
  for (const double printed : {0.41794341, 1.39710028, -1.78590431, -0.70882773}) {
    CHECK(std::abs(random.normal() - printed) <= 0.5e-8);
  }
}

TEST_CASE("randn draws the course's batch: x, then gamma, beta, dy", "[random]") {
  const ReferenceCase reference = reference_case("cs231n.txt", "cs231n");
  Random random(231);
  const Batch<double> batch = draw<double>(random, 4, 5, 12.0, 5.0, 1e-5);
  // 5·randn + 12 hands on the error of randn, at most 5·|randn| + its own rounding
  const auto bound = [](const std::vector<double>& wanted) {
    return [&wanted](std::size_t i) { return 10 * kLibraryError * std::abs(wanted[i]); };
  };
  for (const auto& [name, drawn] : {std::pair{"x", batch.x}, std::pair{"gamma", batch.gamma},
                                    std::pair{"beta", batch.beta}, std::pair{"dy", batch.dy}}) {
    CAPTURE(name);
    CHECK(outside(drawn, reference.array(name), bound(reference.array(name))) == "");
  }
}

TEST_CASE("drawing one by one and drawing a whole array give the same stream", "[random]") {
  NumpyRandom one(7);
  NumpyRandom whole(7);
  std::vector<double> drawn(5);  // odd, so that half of a pair is left over
  whole.normal(drawn);
  for (const double value : drawn) CHECK(one.normal() == value);
  CHECK(one.normal() == whole.normal());
}

}  // namespace
}  // namespace backnorm::test
