#include "backnorm/grouping.hpp"

namespace backnorm {

std::size_t Regrouping::operator()(std::size_t index) const noexcept {
  if (!changes()) return index;
  const std::size_t row = index / from_.columns();
  const std::size_t column = index % from_.columns();
  const std::size_t position = row % from_.positions;
  const std::size_t channel = from_.channel(row, column);
  const std::size_t sample = from_.sample(row, column);

  if (to_.norm == Norm::kBatch) return (sample * to_.positions + position) * to_.channels + channel;
  const std::size_t turns = to_.columns_per_sample();
  const std::size_t in_turn = to_.channels / turns;
  const std::size_t turn = to_.interleaved ? channel % turns : channel / in_turn;
  const std::size_t part = to_.interleaved ? channel / turns : channel % in_turn;
  return (part * to_.positions + position) * to_.columns() + sample * turns + turn;
}

}  // namespace backnorm
