#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

#include "backnorm/graph.hpp"
#include "operands.hpp"

/// The gates of the forward pass, for any number type. graph.cpp and trace.cpp share them.
namespace backnorm::detail {

struct Rows {
  std::size_t begin;
  std::size_t end;
};

template <typename T>
Rows all_rows(const Tensors<T>& tensors, NodeId id) {
  return {0, tensors.rows(id)};
}

/// As a parameter, __restrict tells Clang too that `term` reads nothing of `out`, so it vectorises without
/// checks.
template <typename T, typename Term>
void fill_row(std::size_t row, std::size_t columns, T* __restrict out, Term term) {
  for (std::size_t column = 0; column < columns; ++column) out[column] = term(row, column);
}

/// Writes out[row, column] = term(row, column), where term reads nothing of out.
template <typename T, typename Term>
void fill(Rows rows, std::size_t columns, std::span<T> out, Term term) {
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    fill_row(row, columns, out.data() + row * columns, term);
  }
}

/// Writes out[column] = finish(Σ over rows of term(row, column)), summed in Wide. Works in panels of columns,
/// so that memory is read along rows and the sums stay in registers.
template <typename Wide, typename T, typename Term, typename Finish>
void sum_rows(std::size_t rows, std::size_t columns, std::span<T> out, Term term, Finish finish) {
  constexpr std::size_t kPanel = 8;
  for (std::size_t begin = 0; begin < columns; begin += kPanel) {
    const std::size_t width = std::min(kPanel, columns - begin);
    std::array<Wide, kPanel> sums{};
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t i = 0; i < width; ++i) sums[i] = sums[i] + term(row, begin + i);
    }
    for (std::size_t i = 0; i < width; ++i) out[begin + i] = finish(sums[i]);
  }
}

/// The same for code that runs N times per check: panels of a constant width, and of half of it for the
/// remaining columns.
template <typename Wide, std::size_t kPanel = 8, typename T, typename Term, typename Finish>
void sum_rows_fast(std::size_t rows, std::size_t columns, std::span<T> out, Term term, Finish finish,
                   std::size_t begin = 0) {
  for (; begin + kPanel <= columns; begin += kPanel) {
    std::array<Wide, kPanel> sums{};
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t i = 0; i < kPanel; ++i) sums[i] = sums[i] + term(row, begin + i);
    }
    for (std::size_t i = 0; i < kPanel; ++i) out[begin + i] = finish(sums[i]);
  }
  if constexpr (kPanel > 1) sum_rows_fast<Wide, kPanel / 2>(rows, columns, out, term, finish, begin);
}

inline double divisor(Gate gate, Settings settings, std::size_t rows) {
  return static_cast<double>(gate == Gate::kVariance ? rows - static_cast<std::size_t>(settings.ddof) : rows);
}

/// Computes the given rows of a node's gate on numbers T, and writes the part that `keep` selects.
template <typename T, typename Reader, typename Kept, typename Keep>
void pass_gate(const Node& node, Rows rows, Settings settings, Reader a, Reader b, Tensors<Kept>& into,
               Keep keep) {
  using std::sqrt;
  using Wide = Accumulator<T>;
  const std::size_t columns = into.columns();
  const std::span<Kept> out = into[node.id];
  switch (node.gate) {
    case Gate::kInput: break;
    case Gate::kMean:
    case Gate::kVariance: {
      const double count = divisor(node.gate, settings, into.rows());
      const auto term = [=](auto r, auto c) { return widen(a(r, c)); };
      const auto finish = [=](Wide sum) { return keep(narrow<T>(sum / count)); };
      if constexpr (std::is_same_v<Kept, double>) {
        sum_rows_fast<Wide>(into.rows(), columns, out, term, finish);
      } else {
        sum_rows<Wide>(into.rows(), columns, out, term, finish);
      }
      break;
    }
    case Gate::kSubtract:
      fill(rows, columns, out, [=](auto r, auto c) { return keep(a(r, c) - b(r, c)); });
      break;
    case Gate::kSquare:
      fill(rows, columns, out, [=](auto r, auto c) { return keep(a(r, c) * a(r, c)); });
      break;
    case Gate::kSquareRoot:
      fill(rows, columns, out,
           [=](auto r, auto c) { return keep(narrow<T>(sqrt(widen(a(r, c)) + Wide(settings.eps)))); });
      break;
    case Gate::kReciprocal:
      fill(rows, columns, out, [=](auto r, auto c) { return keep(T(1) / a(r, c)); });
      break;
    case Gate::kMultiply:
      fill(rows, columns, out, [=](auto r, auto c) { return keep(a(r, c) * b(r, c)); });
      break;
    case Gate::kAdd: fill(rows, columns, out, [=](auto r, auto c) { return keep(a(r, c) + b(r, c)); }); break;
  }
}

template <typename T>
void pass_gate(const Node& node, Rows rows, Settings settings, Operand<T> a, Operand<T> b,
               Tensors<T>& values) {
  pass_gate<T>(node, rows, settings, a, b, values, [](T value) { return value; });
}
template <typename T>
void pass_gate(const Node& node, Rows rows, Settings settings, Tensors<T>& values) {
  pass_gate(node, rows, settings, Operand<T>(values, node.inputs[0]), Operand<T>(values, node.inputs[1]),
            values);
}

}  // namespace backnorm::detail

namespace backnorm {

template <typename T>
void evaluate_from(NodeId changed, Settings settings, Tensors<T>& values) noexcept {
  const Graph& graph = values.graph();
  if (graph.node(changed).extent == Extent::kParameters) values.spread(changed, settings);
  for (const Node& node : graph.nodes) {
    if (node.id == changed || graph.reach(changed, node.id) == Reach::kNone) continue;
    detail::pass_gate(node, detail::all_rows(values, node.id), settings, values);
  }
}

}  // namespace backnorm
