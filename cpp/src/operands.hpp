#pragma once

#include <cstddef>
#include <span>

#include "backnorm/graph.hpp"

/// How tensors are read, and sums over the values that share a parameter.
namespace backnorm::detail {

/// A tensor as a gate reads it: a statistic that meets elements is reused for every row.
template <typename T>
class Operand {
 public:
  Operand(const Tensors<T>& tensors, NodeId id) : Operand(tensors.reading(id)) {}
  explicit Operand(typename Tensors<T>::Reading reading) : data_(reading.data), stride_(reading.stride) {}

  T operator()(std::size_t row, std::size_t column) const { return data_[row * stride_ + column]; }

 private:
  const T* data_;
  std::size_t stride_;
};

/// Writes out[p] = finish(Σ of term(row, column) over the values that use parameter p).
template <typename Wide, typename T, typename Term, typename Finish>
void sum_parameters(const Grouping& grouping, std::span<T> out, Term term, Finish finish) {
  const std::size_t columns = grouping.columns;
  const std::size_t run = grouping.run;
  for (std::size_t turn = 0; turn < grouping.period; ++turn) {
    for (std::size_t part = 0; part * run < grouping.rows; ++part) {
      Wide sum{};
      for (std::size_t row = part * run; row < (part + 1) * run; ++row) {
        for (std::size_t c = turn; c < columns; c += grouping.period) sum = sum + term(row, c);
      }
      out[grouping.parameter(turn, part)] = finish(sum);
    }
  }
}

}  // namespace backnorm::detail
