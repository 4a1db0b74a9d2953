#include "backnorm/layout.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace backnorm {
namespace {

/// 2^48, or as many doubles as a pointer can address.
constexpr std::size_t kMostValues =
    std::min<std::uint64_t>(std::uint64_t{1} << 48, std::numeric_limits<std::size_t>::max() / sizeof(double));

Status check(std::span<const std::size_t> shape) noexcept {
  if (shape.size() < 2 || shape.size() > 5) return Status::kInvalidShape;
  std::size_t size = 1;
  for (const std::size_t length : shape) {
    if (length == 0) return Status::kEmptyBatch;
    if (length > kMostValues / size) return Status::kInvalidShape;
    size *= length;
  }
  return Status::kOk;
}

std::size_t product(std::span<const std::size_t> lengths) noexcept {
  std::size_t result = 1;
  for (const std::size_t length : lengths) result *= length;
  return result;
}

}  // namespace

Status channels_first(std::span<const std::size_t> shape, Layout& layout) noexcept {
  if (const Status status = check(shape); status != Status::kOk) return status;
  layout = {.outer = shape[0], .channels = shape[1], .inner = product(shape.subspan(2))};
  return Status::kOk;
}

Status channels_last(std::span<const std::size_t> shape, Layout& layout) noexcept {
  if (const Status status = check(shape); status != Status::kOk) return status;
  layout = {.outer = product(shape.first(shape.size() - 1)), .channels = shape.back(), .inner = 1};
  return Status::kOk;
}

}  // namespace backnorm
