#include "backnorm/numpy_random.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "embind.hpp"
#include "runs.hpp"

namespace {

using namespace backnorm::bindings;

class Random : public Held {
 public:
  explicit Random(std::uint32_t seed) : random_(seed) {}
  /// The next draws, as many as fit in a block: a call for each number would take ten times as long.
  std::span<const double> normal(std::size_t most) {
    const std::span<double> block = std::span(block_).first(std::min(most, block_.size()));
    random_.normal(block);
    return block;
  }

 private:
  backnorm::NumpyRandom random_;
  std::array<double, 512> block_;
};

}  // namespace

EMSCRIPTEN_BINDINGS(numpy_random) {
  using namespace emscripten;
  class_<Random>("Random")
      .class_function("make", &make<Random, std::uint32_t>, allow_raw_pointers())
      .function("normal", tells<&Random::normal>);
}
