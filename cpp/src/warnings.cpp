#include "backnorm/warnings.hpp"

#include <algorithm>
#include <cmath>

namespace backnorm {
namespace {

double plain(double number) {
  return number;
}
double plain(ProgramNumber number) {
  return number.value;
}

/// True if `holds(first, columns)` for every column, where first is the index of the column's first value.
template <typename Holds>
bool in_every_column(std::size_t columns, Holds holds) {
  for (std::size_t column = 0; column < columns; ++column) {
    if (!holds(column)) return false;
  }
  return true;
}

}  // namespace

std::string_view warning_name(Warning warning) noexcept {
  switch (warning) {
    case Warning::kFewRows: return "few-rows";
    case Warning::kConstantDy: return "constant-dy";
    case Warning::kDyProportionalToY: return "dy-proportional-to-y";
    case Warning::kGammaOne: return "gamma-one";
    case Warning::kSquare: return "square";
  }
  return "unknown-warning";
}

template <typename T>
bool is_blinded_by(Warning warning, const Trace<T>& trace) noexcept {
  const Graph& graph = trace.values.graph();
  const Grouping& grouping = trace.values.grouping();
  const std::size_t rows = trace.values.rows();
  const std::size_t columns = trace.values.columns();
  // where gamma varies in a group, dx vanishes with dxhat along xhat, not with dy along y
  const bool one_gamma = grouping.has_parameter_per_column();
  const std::span<const T> dy = trace.gradients[one_gamma ? NodeId::kY : NodeId::kXhat];
  const std::span<const T> y = trace.values[one_gamma ? NodeId::kY : NodeId::kXhat];
  const std::span<const T> gamma = trace.values[NodeId::kGamma];
  const bool has_mean = graph.has(NodeId::kMean);
  switch (warning) {
    case Warning::kFewRows: return rows <= (has_mean ? 2 : 1);
    case Warning::kConstantDy:
      return has_mean && rows > 1 && in_every_column(columns, [&](std::size_t column) {
               for (std::size_t i = column; i < dy.size(); i += columns) {
                 if (plain(dy[i]) != plain(dy[column])) return false;
               }
               return true;
             });
    case Warning::kDyProportionalToY:
      return rows > 1 && in_every_column(columns, [&](std::size_t column) {
               double dy_dy = 0.0;
               double y_y = 0.0;
               double dy_y = 0.0;
               for (std::size_t i = column; i < dy.size(); i += columns) {
                 dy_dy += plain(dy[i]) * plain(dy[i]);
                 y_y += plain(y[i]) * plain(y[i]);
                 dy_y += plain(dy[i]) * plain(y[i]);
               }
               if (dy_dy == 0.0 || y_y == 0.0) return false;
               double apart = 0.0;  // dy minus its projection on y
               for (std::size_t i = column; i < dy.size(); i += columns) {
                 const double rest = plain(dy[i]) - dy_y / y_y * plain(y[i]);
                 apart += rest * rest;
               }
               return std::sqrt(apart) <= kLeastSignal * std::sqrt(dy_dy);
             });
    case Warning::kGammaOne: {
      // a factor of 1, which with unit offset is a gamma of 0
      const double one = trace.unit_offset ? 0.0 : 1.0;
      return std::all_of(gamma.begin(), gamma.end(), [&](T g) { return plain(g) == one; });
    }
    case Warning::kSquare: return rows == columns && rows > 1 && grouping.positions == 1;
  }
  return false;
}

template bool is_blinded_by(Warning, const Trace<double>&) noexcept;
template bool is_blinded_by(Warning, const Trace<ProgramNumber>&) noexcept;

}  // namespace backnorm
