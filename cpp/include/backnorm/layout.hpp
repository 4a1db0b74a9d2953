#pragma once

#include <cstddef>
#include <span>

#include "backnorm/status.hpp"

namespace backnorm {

/// Every tensor has the extents (outer, channels, inner), so that one loop serves all layouts:
///
///   channels-first  N, C, ...    is (N, C, product of the rest)
///   channels-last   N, ..., C    is (product of all but C, C, 1)
///   any axis        ..., C, ...  is (product of what is before, C, product of what is after)
///   a matrix        N, D         is (N, D, 1), channels-first or channels-last
///   a vector        C            is (1, C, 1): one value per channel
///
/// Value (o, c, i) is at index (o * channels + c) * inner + i.
struct Layout {
  std::size_t outer = 0;
  std::size_t channels = 0;
  std::size_t inner = 0;

  constexpr std::size_t size() const noexcept { return outer * channels * inner; }
  /// m: the number of values that share one mean and one variance.
  constexpr std::size_t values_per_channel() const noexcept { return outer * inner; }
};

/// Reads a shape of rank 1 to 8, whose channels are at `axis`; a negative one counts from the end.
/// kInvalidShape for another rank, for an axis that the shape doesn't have, or for more values than memory
/// can hold (2^48, less with 32-bit pointers). kEmptyBatch if a size is 0.
Status channels_at(std::span<const std::size_t> shape, std::ptrdiff_t axis, Layout& layout) noexcept;
/// The same with axis 1, or 0 in a vector; and with axis -1.
Status channels_first(std::span<const std::size_t> shape, Layout& layout) noexcept;
Status channels_last(std::span<const std::size_t> shape, Layout& layout) noexcept;

}  // namespace backnorm
