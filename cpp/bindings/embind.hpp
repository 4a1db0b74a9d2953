#pragma once

#include <emscripten/bind.h>
#include <emscripten/val.h>

#include <cstddef>
#include <span>
#include <string_view>

#include "backnorm/status.hpp"

/// How Embind returns results to JavaScript: a status as its code, a span as a view, a record as an object.
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

/// A record, which Embind allocates with `new` and deletes once its fields are read. A single static place
/// serves them all.
template <typename Record>
struct Told : Record {
  static void* operator new(std::size_t) noexcept { return place; }
  static void operator delete(void*) noexcept {}

 private:
  alignas(Record) static inline std::byte place[sizeof(Record)];
};
template <typename Record>
Told<Record> tell(const Record& record) {
  return {record};
}

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
