#include "backnorm/numpy_random.hpp"

#include <cstdint>

#include "embind.hpp"
#include "runs.hpp"

namespace {

using namespace backnorm::bindings;

class Random : public Held {
 public:
  explicit Random(std::uint32_t seed) : random_(seed) {}
  double normal() { return random_.normal(); }

 private:
  backnorm::NumpyRandom random_;
};

}  // namespace

EMSCRIPTEN_BINDINGS(numpy_random) {
  using namespace emscripten;
  class_<Random>("Random")
      .class_function("make", &make<Random, std::uint32_t>, allow_raw_pointers())
      .function("normal", &Random::normal);
}
