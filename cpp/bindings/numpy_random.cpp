#include "backnorm/numpy_random.hpp"

#include <emscripten/bind.h>

#include <cstdint>

namespace {

class Random {
 public:
  explicit Random(std::uint32_t seed) : random_(seed) {}
  double normal() { return random_.normal(); }

 private:
  backnorm::NumpyRandom random_;
};

}  // namespace

EMSCRIPTEN_BINDINGS(numpy_random) {
  emscripten::class_<Random>("Random").constructor<std::uint32_t>().function("normal", &Random::normal);
}
