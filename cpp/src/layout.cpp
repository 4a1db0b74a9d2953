#include "backnorm/layout.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>

namespace backnorm {
namespace {

/// 2^48, or as many doubles as a pointer can address.
constexpr std::size_t kMostValues =
    std::min<std::uint64_t>(std::uint64_t{1} << 48, std::numeric_limits<std::size_t>::max() / sizeof(double));

Status check(std::span<const std::size_t> shape) noexcept {
  if (shape.empty() || shape.size() > 8) return Status::kInvalidShape;
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

Status channels_at(std::span<const std::size_t> shape, std::ptrdiff_t axis, Layout& layout) noexcept {
  if (const Status status = check(shape); status != Status::kOk) return status;
  const std::ptrdiff_t rank = std::ssize(shape);
  if (axis < -rank || axis >= rank) return Status::kInvalidShape;
  const std::size_t at = static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
  layout = {
      .outer = product(shape.first(at)), .channels = shape[at], .inner = product(shape.subspan(at + 1))};
  return Status::kOk;
}

Status channels_first(std::span<const std::size_t> shape, Layout& layout) noexcept {
  return channels_at(shape, shape.size() > 1 ? 1 : 0, layout);
}

Status channels_last(std::span<const std::size_t> shape, Layout& layout) noexcept {
  return channels_at(shape, -1, layout);
}

}  // namespace backnorm
