#include "allocations.hpp"

#include <cstdlib>
#include <new>

namespace {

/// Whether this one is to be given.
bool grants() {
  backnorm::test::Allocations& all = backnorm::test::allocations();
  const std::size_t at = all.asked++;
  return at < all.first || at - all.first >= all.refusals;
}

void* counted(void* memory) {
  if (memory) ++backnorm::test::allocations().held;
  return memory;
}

}  // namespace

extern "C" {
void* __real_malloc(std::size_t);
void* __real_calloc(std::size_t, std::size_t);
void* __real_realloc(void*, std::size_t);
void __real_free(void*);

void* __wrap_malloc(std::size_t size) {
  return grants() ? counted(__real_malloc(size)) : nullptr;
}
void* __wrap_calloc(std::size_t count, std::size_t size) {
  return grants() ? counted(__real_calloc(count, size)) : nullptr;
}
void* __wrap_realloc(void* old, std::size_t size) {
  if (!grants()) return nullptr;
  void* const memory = __real_realloc(old, size);
  return old ? memory : counted(memory);
}
void __wrap_free(void* memory) {
  if (memory) --backnorm::test::allocations().held;
  __real_free(memory);
}
}

// The runtime's own operator new lies in a shared library, which the linker does not rewrite.
void* operator new(std::size_t size) {
  if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
  std::abort();  // a throw would be the standard's way; nothing of the core's comes here
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
namespace backnorm::test {

Allocations& allocations() noexcept {
  static Allocations all;
  return all;
}

}  // namespace backnorm::test
