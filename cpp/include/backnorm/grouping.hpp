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
/// What a group is, M and G, and the row and column of value (n, c, s):
///
/// - batch: a channel; M = N·S, G = C; row n·S + s, column c
/// - layer, RMS: a sample; M = C·S, G = N; row c·S + s, column n
/// - group, K groups: C/K channels of a sample; M = C/K·S, G = N·K; row (c mod C/K)·S + s,
///   column n·K + floor(c / (C/K))
/// - instance: a channel of a sample; M = S, G = N·C; row s, column n·C + c
///
/// Layer and RMS norm over several dims have their product as channels. Value (row, column) uses the
/// parameter of its channel.
///
/// Made by grouping_of: the other fields follow from the first five.
struct Grouping {
  Norm norm = Norm::kBatch;
  std::size_t samples = 0;    ///< N
  std::size_t channels = 0;   ///< C: the number of values of gamma
  std::size_t positions = 1;  ///< S
  std::size_t groups = 1;     ///< K, of group norm; divides C

  std::size_t rows = 0;     ///< M
  std::size_t columns = 0;  ///< G
  std::size_t turns = 1;    ///< groups of a sample; of batch norm all
  /// Channel = turn·turn_step + part·part_step, where turn is column mod turns, and part the row's run of S
  /// rows.
  std::size_t turn_step = 0, part_step = 0;
  /// The same for the parameter: turn is column mod period, and part the row's run of `run` rows. Only
  /// mistakes use other parameters than the channel's.
  std::size_t period = 1, run = 1;
  std::size_t parameter_turn_step = 0, parameter_part_step = 0;
  /// An element reads the statistics of the column that has its row's number, where M = G: a mistake.
  bool reads_statistics_by_row = false;

  /// The parameter of the values in column `turn` mod period and in run `part`.
  constexpr std::size_t parameter(std::size_t turn, std::size_t part) const noexcept {
    return turn * parameter_turn_step + part * parameter_part_step;
  }
  constexpr std::size_t channel(std::size_t row, std::size_t column) const noexcept {
    return column % turns * turn_step + (norm == Norm::kBatch ? 0 : row / positions) * part_step;
  }
  constexpr std::size_t sample(std::size_t row, std::size_t column) const noexcept {
    return norm == Norm::kBatch ? row / positions : column / turns;
  }
  constexpr std::size_t size() const noexcept { return rows * columns; }
  /// Values that share a parameter.
  constexpr std::size_t shares() const noexcept { return samples * positions; }
  /// How many parameters are used.
  constexpr std::size_t used() const noexcept { return period * (rows / run); }
  /// True if each column has its own parameter: so gamma is constant in a group, and sums over parameters are
  /// sums over rows.
  constexpr bool has_parameter_per_column() const noexcept { return norm == Norm::kBatch; }

  friend constexpr bool operator==(const Grouping&, const Grouping&) = default;
};

/// Other groups, or parameters, of the same tensor: mistakes.
enum class Regroup : std::uint8_t {
  kNone,
  kOverTheBatch,   ///< statistics per channel, as in batch norm
  kOverTheSample,  ///< statistics per sample, as in layer norm
  kInterleaved,    ///< channel c is in group c mod K, not floor(c / (C/K))
  kSwapped,        ///< C/K groups of K channels
  kPerGroup,       ///< the parameter at the group's place in the sample, or the sample's, in place of the
                   ///< channel's
  kByRow,          ///< where M = G, elements meet the statistics of the column that has their row's number
};

/// Sizes that validate refuses give a grouping of 0 rows.
Grouping grouping_of(Norm norm, std::size_t samples, std::size_t channels, std::size_t positions = 1,
                     std::size_t groups = 1, Regroup regroup = Regroup::kNone) noexcept;

/// N rows and D columns: batch norm of a matrix.
inline Grouping batch_grouping(std::size_t rows, std::size_t columns) noexcept {
  return grouping_of(Norm::kBatch, rows, columns);
}

/// Converts the index of a value from one grouping to another, of the same samples, channels and positions.
class Regrouping {
 public:
  constexpr Regrouping(const Grouping& from, const Grouping& to) noexcept
      : from_(from), to_(to), changes_(!(from == to)) {}

  std::size_t operator()(std::size_t index) const noexcept { return changes_ ? moved(index) : index; }

 private:
  std::size_t moved(std::size_t index) const noexcept;

  Grouping from_;
  Grouping to_;
  bool changes_;
};

}  // namespace backnorm
