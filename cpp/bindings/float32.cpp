#include "passes.hpp"

/// Trace and check in float32.
EMSCRIPTEN_BINDINGS(float32) {
  backnorm::bindings::bind_passes<float>("Float32");
}
