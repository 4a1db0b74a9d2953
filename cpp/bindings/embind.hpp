#pragma once

#include <emscripten/bind.h>
#include <emscripten/val.h>

#include <cstddef>
#include <span>
#include <string_view>

#include "backnorm/status.hpp"

/// How Embind returns results to JavaScript: a status as its code, a span as a view, a record as numbers.
/// Nothing here allocates wasm memory, since the result may be that memory is full.
namespace backnorm::bindings {

/// A run, or null. Embind's own constructors can't return null.
template <typename Run, typename... Given>
Run* make(Given... given) {
  return new Run(given...);
}

/// text: a literal, as all of the core's texts are, so that it ends in a 0.
inline emscripten::val tell(std::string_view text) {
  return emscripten::val(text.data());
}
inline emscripten::val tell(Status status) {
  return tell(status_code(status));
}
template <typename T>
emscripten::val tell(std::span<T> memory) {
  return emscripten::val(emscripten::typed_memory_view(memory.size(), memory.data()));
}

/// A record, told as numbers that JavaScript reads in the same order, before the next one is told.
class Numbers {
 public:
  template <typename... Number>
  Numbers& add(Number... numbers) {
    ((place[count_++] = static_cast<double>(numbers)), ...);
    return *this;
  }
  std::span<const double> all() const { return {place, count_}; }

 private:
  static inline double place[512];
  std::size_t count_ = 0;
};

template <auto member>
struct Telling;
template <typename Run, typename Answer, typename... Arguments, Answer (Run::*member)(Arguments...)>
struct Telling<member> {
  static auto call(Run& run, Arguments... arguments) { return tell((run.*member)(arguments...)); }
};
/// A member function with a converted result, for class_::function.
template <auto member>
inline constexpr auto tells = &Telling<member>::call;

}  // namespace backnorm::bindings
