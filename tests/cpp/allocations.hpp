#pragma once

#include <cstddef>
#include <limits>

/// The linker sends every malloc and free of the test program to allocations.cpp (tests/cpp/CMakeLists.txt);
/// Linux only.
namespace backnorm::test {

struct Allocations {
  static constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

  std::size_t asked = 0;       ///< how often memory was asked for
  std::ptrdiff_t held = 0;     ///< what was given and not freed yet
  std::size_t first = kNever;  ///< from which `asked` on memory is refused
  std::size_t refusals = 0;    ///< and how often
};

Allocations& allocations() noexcept;

}  // namespace backnorm::test
