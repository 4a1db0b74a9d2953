#pragma once

#include <cstddef>
#include <cstdint>

#include "backnorm/table.hpp"

namespace backnorm {

enum class Norm : std::uint8_t { kBatch, kLayer, kGroup, kInstance, kRms };
inline constexpr std::size_t kNormCount = 5;

/// kRmsNorm for RMS norm, kBatchNorm for the others.
constexpr const Graph& graph_of(Norm norm) noexcept {
  return norm == Norm::kRms ? kRmsNorm : kBatchNorm;
}

/// Which values share statistics, and which parameter a value uses.
///
/// A tensor has N samples, C channels and S positions. Every case is stored as M rows and G columns, row by
/// row. A column is a group: its M values share statistics. Groups never meet in a reduction.
///
/// | norm            | a group is                       | M     | G   | value (n, c, s) is in row, column |
/// |-----------------|----------------------------------|-------|-----|------------------------------------------|
/// | batch           | a channel                        | N·S   | C   | n·S + s, c | | layer, RMS      | a
/// sample                         | C·S   | N   | c·S + s, n                               | | group, K
/// groups | C/K channels of a sample         | C/K·S | N·K | (c mod C/K)·S + s, n·K + floor(c / (C/K)) | |
/// instance        | a channel of a sample            | S     | N·C | s, n·C + c |
///
/// Layer and RMS norm over several dims have their product as channels. Value (row, column) uses the
/// parameter (column mod period)·(C/period) + floor(row / run): that of its channel.
struct Grouping {
  Norm norm = Norm::kBatch;
  std::size_t samples = 0;    ///< N
  std::size_t channels = 0;   ///< C
  std::size_t positions = 1;  ///< S
  std::size_t groups = 1;     ///< K, of group norm; divides C
  // Mistakes:
  bool interleaved = false;  ///< channel c is in group c mod K, not floor(c / (C/K))
  bool parameter_per_group =
      false;  ///< a group's parameter is that of its number in the sample, not the channel's

  /// M
  constexpr std::size_t rows() const noexcept {
    switch (norm) {
      case Norm::kBatch: return samples * positions;
      case Norm::kInstance: return positions;
      case Norm::kGroup: return channels / groups * positions;
      default: return channels * positions;
    }
  }
  /// G
  constexpr std::size_t columns() const noexcept {
    switch (norm) {
      case Norm::kBatch: return channels;
      case Norm::kInstance: return samples * channels;
      case Norm::kGroup: return samples * groups;
      default: return samples;
    }
  }
  /// After so many columns the parameters repeat.
  constexpr std::size_t period() const noexcept {
    if (parameter_per_group && norm != Norm::kGroup) return columns();
    return columns_per_sample();
  }
  /// So many rows use the same parameter.
  constexpr std::size_t run() const noexcept {
    return norm == Norm::kBatch || parameter_per_group ? rows() : positions;
  }
  constexpr std::size_t parameters() const noexcept { return channels; }
  /// The parameter of the values in column `turn` mod period and in run `part`.
  constexpr std::size_t parameter(std::size_t turn, std::size_t part) const noexcept {
    return parameter_per_group ? turn : channel_of(turn, part);
  }
  /// How many parameters are used.
  constexpr std::size_t used() const noexcept { return parameter_per_group ? period() : channels; }

  constexpr std::size_t channel(std::size_t row, std::size_t column) const noexcept {
    return channel_of(column % columns_per_sample(), norm == Norm::kBatch ? 0 : row / positions);
  }
  constexpr std::size_t sample(std::size_t row, std::size_t column) const noexcept {
    return norm == Norm::kBatch ? row / positions : column / columns_per_sample();
  }
  /// The groups of a sample; of batch norm all.
  constexpr std::size_t columns_per_sample() const noexcept {
    return norm == Norm::kBatch || norm == Norm::kInstance ? channels : norm == Norm::kGroup ? groups : 1;
  }
  /// Values that share a parameter.
  constexpr std::size_t shares() const noexcept { return samples * positions; }
  /// True if each column has its own parameter: so gamma is constant in a group, and sums over parameters are
  /// sums over rows.
  constexpr bool has_parameter_per_column() const noexcept { return norm == Norm::kBatch; }

  friend constexpr bool operator==(const Grouping&, const Grouping&) = default;

 private:
  constexpr std::size_t channel_of(std::size_t turn, std::size_t part) const noexcept {
    return interleaved ? part * groups + turn : turn * (channels / columns_per_sample()) + part;
  }
};

/// N rows and D columns: batch norm of a matrix.
constexpr Grouping batch_grouping(std::size_t rows, std::size_t columns) noexcept {
  return {.norm = Norm::kBatch, .samples = rows, .channels = columns};
}

/// Converts the index of a value from one grouping to another, of the same samples, channels and positions.
class Regrouping {
 public:
  constexpr Regrouping(const Grouping& from, const Grouping& to) noexcept : from_(from), to_(to) {}

  constexpr bool changes() const noexcept { return !(from_ == to_); }
  std::size_t operator()(std::size_t index) const noexcept;

 private:
  Grouping from_;
  Grouping to_;
};

}  // namespace backnorm
