#pragma once

#include <cstddef>
#include <string_view>

#include "backnorm/mistakes.hpp"
#include "backnorm/table.hpp"

/// The core's tables, by the rows that JavaScript counts.
namespace backnorm::bindings {

inline const Node& node_row(int row) {
  return kNodes[static_cast<std::size_t>(row)];
}
inline NodeId node_id(int row) {
  return node_row(row).id;
}
inline bool node_is_matrix(int row) {
  return node_row(row).extent == Extent::kMatrix;
}
inline std::string_view node_gate(int row) {
  switch (node_row(row).gate) {
    case Gate::kInput: return "input";
    case Gate::kMean: return "mean";
    case Gate::kVariance: return "variance";
    case Gate::kSubtract: return "subtract";
    case Gate::kSquare: return "square";
    case Gate::kSquareRoot: return "square-root";
    case Gate::kReciprocal: return "reciprocal";
    case Gate::kMultiply: return "multiply";
    case Gate::kAdd: return "add";
  }
  return "unknown";
}
/// The first input of a node, or the second; -1 where it has none.
inline int node_input(int row, std::size_t input) {
  const Node& node = node_row(row);
  return input < node.arity ? static_cast<int>(node.inputs[input]) : -1;
}

inline std::string_view mistake_id(std::size_t mistake) {
  return mistakes()[mistake].id;
}
/// The edge that an edit changes, or -1.
inline int mistake_edge(std::size_t mistake, std::size_t edit) {
  const Edit& of = mistakes()[mistake].edits[edit];
  return of.kind != Edit::Kind::kNothing && of.kind <= Edit::Kind::kFeed ? of.edge : -1;
}
/// The node that an edit changes, or -1.
inline int mistake_node(std::size_t mistake, std::size_t edit) {
  const Edit& of = mistakes()[mistake].edits[edit];
  return of.kind > Edit::Kind::kFeed ? static_cast<int>(of.node) : -1;
}

}  // namespace backnorm::bindings
