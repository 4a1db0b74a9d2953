#include <array>

#include "passes.hpp"

/// What the page opens with: the graph's table, and trace and check in float64.
namespace {

using namespace backnorm;
using namespace backnorm::bindings;

std::string mistake_id(std::size_t mistake) {
  return std::string(mistakes()[mistake].id);
}
/// The edge that an edit changes, or -1.
int mistake_edge(std::size_t mistake, std::size_t edit) {
  const Edit& of = mistakes()[mistake].edits[edit];
  return of.kind != Edit::Kind::kNothing && of.kind <= Edit::Kind::kFeed ? of.edge : -1;
}
/// The node that an edit changes, or -1.
int mistake_node(std::size_t mistake, std::size_t edit) {
  const Edit& of = mistakes()[mistake].edits[edit];
  return of.kind > Edit::Kind::kFeed ? static_cast<int>(of.node) : -1;
}

/// A row of the graph's table, as JavaScript reads it.
struct NodeRow {
  std::string id;
  bool matrix;
  std::string gate;
  std::array<int, 2> inputs;  // -1 where there is none
};

std::string gate_name(Gate gate) {
  switch (gate) {
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

NodeRow node_row(int row) {
  const Node& node = kNodes[static_cast<std::size_t>(row)];
  const auto input = [&](std::size_t i) { return i < node.arity ? static_cast<int>(node.inputs[i]) : -1; };
  return {std::string(node.name), node.extent == Extent::kMatrix, gate_name(node.gate), {input(0), input(1)}};
}

int warning_count() {
  return static_cast<int>(kWarningCount);
}
std::string name_of_warning(int warning) {
  return std::string(warning_name(static_cast<Warning>(warning)));
}

int node_count() {
  return static_cast<int>(kNodeCount);
}

}  // namespace

EMSCRIPTEN_BINDINGS(checker) {
  using namespace emscripten;
  bind_passes<double>("Float64");

  enum_<Verdict>("Verdict")
      .value("pass", Verdict::kPass)
      .value("fail", Verdict::kFail)
      .value("undecidable", Verdict::kUndecidable);
  value_object<NodeReport>("NodeReport")
      .field("verdict", &NodeReport::verdict)
      .field("maxError", &NodeReport::max_error)
      .field("numericError", &NodeReport::numeric_error)
      .field("checkerAtFault", &NodeReport::checker_at_fault)
      .field("worst", &NodeReport::worst);
  value_object<Invariant>("Invariant")
      .field("residual", &Invariant::residual)
      .field("bound", &Invariant::bound);
  value_object<Measures>("Measures")
      .field("maxRelative", &Measures::max_relative)
      .field("normRatio", &Measures::norm_ratio)
      .field("numpyExcess", &Measures::numpy_excess)
      .field("pytorchExcess", &Measures::pytorch_excess)
      .field("ulps", &Measures::ulps);
  constant("mistakeCount", static_cast<int>(kMistakeCount));
  function("mistakeId", &mistake_id);
  function("mistakeEdge", &mistake_edge);
  function("mistakeNode", &mistake_node);
  value_array<std::array<int, 2>>("Inputs").element(emscripten::index<0>()).element(emscripten::index<1>());
  value_object<NodeRow>("NodeRow")
      .field("id", &NodeRow::id)
      .field("matrix", &NodeRow::matrix)
      .field("gate", &NodeRow::gate)
      .field("inputs", &NodeRow::inputs);
  function("nodeCount", &node_count);
  function("nodeRow", &node_row);
  function("warningCount", &warning_count);
  function("warningName", &name_of_warning);
}
