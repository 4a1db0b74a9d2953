#pragma once

#include <emscripten/bind.h>
#include <emscripten/val.h>

#include <span>
#include <string>
#include <string_view>

#include "backnorm/status.hpp"

/// How Embind tells JavaScript what a run answers: a status as its code, a span as a view.
namespace backnorm::bindings {

inline std::string tell(std::string_view text) {
  return std::string(text);
}
inline std::string tell(Status status) {
  return tell(status_code(status));
}
template <typename T>
emscripten::val tell(std::span<T> memory) {
  return emscripten::val(emscripten::typed_memory_view(memory.size(), memory.data()));
}

template <auto member>
struct Telling;
template <typename Run, typename Answer, typename... Arguments, Answer (Run::*member)(Arguments...)>
struct Telling<member> {
  static auto call(Run& run, Arguments... arguments) { return tell((run.*member)(arguments...)); }
};
/// A member function whose answer has to be told, for class_::function.
template <auto member>
inline constexpr auto tells = &Telling<member>::call;

}  // namespace backnorm::bindings
