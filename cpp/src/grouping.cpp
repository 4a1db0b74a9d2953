#include "backnorm/grouping.hpp"

namespace backnorm {

Grouping grouping_of(Norm norm, std::size_t samples, std::size_t channels, std::size_t positions,
                     std::size_t groups, Regroup regroup) noexcept {
  if (regroup == Regroup::kOverTheBatch) norm = Norm::kBatch;
  if (regroup == Regroup::kOverTheSample) norm = Norm::kLayer;
  if (regroup == Regroup::kSwapped) groups = channels / groups;
  Grouping made{
      .norm = norm, .samples = samples, .channels = channels, .positions = positions, .groups = groups};
  if (samples == 0 || channels == 0 || positions == 0 || groups == 0) return made;
  if (norm == Norm::kGroup && channels % groups != 0) return made;
  const bool is_batch = norm == Norm::kBatch;
  made.turns = is_batch || norm == Norm::kInstance ? channels : norm == Norm::kGroup ? groups : 1;
  made.turn_step = channels / made.turns;
  made.part_step = 1;
  made.rows = made.turn_step * positions * (is_batch ? samples : 1);
  made.columns = made.turns * (is_batch ? 1 : samples);
  if (regroup == Regroup::kInterleaved && groups > 1) {
    made.part_step = groups;
    made.turn_step = 1;
  }
  made.period = made.turns;
  made.run = is_batch ? made.rows : positions;
  made.parameter_turn_step = made.turn_step;
  made.parameter_part_step = made.part_step;
  if (regroup == Regroup::kPerGroup) {
    if (norm != Norm::kGroup) made.period = made.columns;
    made.run = made.rows;
    made.parameter_turn_step = 1;
  }
  made.reads_statistics_by_row = regroup == Regroup::kByRow && made.rows == made.columns;
  return made;
}

std::size_t Regrouping::moved(std::size_t index) const noexcept {
  const std::size_t row = index / from_.columns;
  const std::size_t column = index % from_.columns;
  const std::size_t position = row % from_.positions;
  const std::size_t channel = from_.channel(row, column);
  const std::size_t sample = from_.sample(row, column);

  if (to_.norm == Norm::kBatch) return (sample * to_.positions + position) * to_.channels + channel;
  const bool is_interleaved = to_.part_step > 1;
  const std::size_t step = is_interleaved ? to_.part_step : to_.turn_step;
  const std::size_t turn = is_interleaved ? channel % step : channel / step;
  const std::size_t part = is_interleaved ? channel / step : channel % step;
  return (part * to_.positions + position) * to_.columns + sample * to_.turns + turn;
}

}  // namespace backnorm
