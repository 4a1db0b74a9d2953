#include <cstdarg>
#include <cstdint>

/// Embind names a type by its address where there is no RTTI, and calls sprintf with "%p" for it, which alone
/// would bring the C library's formats: 4 KB of the module, in which nothing else prints. Emscripten calls
/// siprintf for formats without floating point.
extern "C" int siprintf(char* to, const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  auto address = reinterpret_cast<std::uintptr_t>(va_arg(arguments, const void*));
  va_end(arguments);
  int count = 0;
  for (; address != 0; address >>= 4) to[count++] = "0123456789abcdef"[address % 16];
  to[count] = 0;
  return count;
}
