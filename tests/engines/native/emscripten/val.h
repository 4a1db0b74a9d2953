#pragma once

#include <node_api.h>

#include <concepts>
#include <cstddef>
#include <type_traits>

namespace emscripten {

namespace native {

napi_env env();
napi_value exports();

}  // namespace native

/// Memory, as JavaScript looks into it.
struct View {
  void* begin;
  std::size_t size;
  std::size_t bytes_of_one;
};
template <std::floating_point T>
View typed_memory_view(std::size_t size, T* begin) {
  return {const_cast<std::remove_const_t<T>*>(begin), size, sizeof(T)};
}

struct val {
  explicit val(View view);
  explicit val(const char* text);
  napi_value value = nullptr;
};

}  // namespace emscripten
