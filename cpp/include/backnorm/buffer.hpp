#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <type_traits>

#include "backnorm/status.hpp"

namespace backnorm {

/// Memory that returns kOutOfMemory where std::vector would throw. Freed with its owner.
template <typename T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  /// Reserves `size` values and sets them to zero. The old contents are lost, also on failure.
  Status resize(std::size_t size) noexcept {
    memory_.reset();
    size_ = 0;
    if (size == 0) return Status::kOk;
    if (size > static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()) / sizeof(T))
      return Status::kOutOfMemory;
    memory_.reset(static_cast<T*>(std::malloc(size * sizeof(T))));
    if (!memory_) return Status::kOutOfMemory;
    std::memset(static_cast<void*>(memory_.get()), 0, size * sizeof(T));  // one instruction in WebAssembly
    size_ = size;
    return Status::kOk;
  }

  std::span<T> span() noexcept { return {memory_.get(), size_}; }
  std::span<const T> span() const noexcept { return {memory_.get(), size_}; }

 private:
  struct Free {
    void operator()(T* memory) const noexcept { std::free(memory); }
  };
  std::unique_ptr<T, Free> memory_;
  std::size_t size_ = 0;
};

}  // namespace backnorm
