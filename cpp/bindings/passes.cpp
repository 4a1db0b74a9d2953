#include "passes.hpp"

#include <array>
#include <string>

#include "embind.hpp"

/// The core's tables, and trace and check in either kind of number, for Embind. checker.cpp has the same in
/// float64.
namespace {

using namespace backnorm;
using namespace backnorm::bindings;

/// A row of the graph's table, as JavaScript reads it.
struct NodeRow {
  std::string id;
  bool matrix;
  std::string gate;
  std::array<int, 2> inputs;  // -1 where there is none
};

/// kind: "Float32" or "Float64", which ends the names in JavaScript.
template <typename T>
void bind_kind(const std::string& kind) {
  using namespace emscripten;
  const auto name = [&](const char* stem) { return stem + kind; };
  class_<CaseRun<T>>(name("CaseRun").c_str())
      .function("reserve", tells<&CaseRun<T>::reserve>)
      .function("x", tells<&CaseRun<T>::x>)
      .function("dy", tells<&CaseRun<T>::dy>)
      .function("gamma", tells<&CaseRun<T>::gamma>)
      .function("beta", tells<&CaseRun<T>::beta>)
      .function("addMistake", tells<&CaseRun<T>::add_mistake>);
  class_<TraceRun<T>, base<CaseRun<T>>>(name("TraceRun").c_str())
      .class_function("make", &make<TraceRun<T>>, allow_raw_pointers())
      .function("run", tells<&TraceRun<T>::run>)
      .function("value", tells<&TraceRun<T>::value>)
      .function("readGradient", tells<&TraceRun<T>::read_gradient>)
      .function("gradient", tells<&TraceRun<T>::gradient>)
      .function("returnedRows", &TraceRun<T>::returned_rows)
      .function("returnedColumns", &TraceRun<T>::returned_columns)
      .function("contribution", tells<&TraceRun<T>::contribution>)
      .function("path", tells<&TraceRun<T>::path>);
  class_<GradcheckRun<T>, base<CaseRun<T>>>(name("GradcheckRun").c_str())
      .class_function("make", &make<GradcheckRun<T>>, allow_raw_pointers())
      .function("prepare", tells<&GradcheckRun<T>::prepare>)
      .function("rows", &GradcheckRun<T>::rows)
      .function("check", &GradcheckRun<T>::check)
      .function("analytic", tells<&GradcheckRun<T>::analytic>)
      .function("exact", tells<&GradcheckRun<T>::exact>)
      .function("numeric", tells<&GradcheckRun<T>::numeric>)
      .function("bound", tells<&GradcheckRun<T>::bound>)
      .function("numericBound", tells<&GradcheckRun<T>::numeric_bound>)
      .function("signal", tells<&GradcheckRun<T>::signal>)
      .function("sumOfDx", tells<&GradcheckRun<T>::sum_of_dx>)
      .function("sumOfDxXhat", tells<&GradcheckRun<T>::sum_of_dx_xhat>)
      .function("isBlindedBy", &GradcheckRun<T>::is_blinded_by)
      .function("measures", tells<&GradcheckRun<T>::measures>)
      .function("report", tells<&GradcheckRun<T>::report>);
}

}  // namespace

EMSCRIPTEN_BINDINGS(passes) {
  using namespace emscripten;
  bind_kind<float>("Float32");
  bind_kind<double>("Float64");

  enum_<Verdict>("Verdict")
      .value("pass", Verdict::kPass)
      .value("fail", Verdict::kFail)
      .value("undecidable", Verdict::kUndecidable);
  value_object<Told<NodeReport>>("NodeReport")
      .field("verdict", &NodeReport::verdict)
      .field("maxError", &NodeReport::max_error)
      .field("numericError", &NodeReport::numeric_error)
      .field("checkerAtFault", &NodeReport::checker_at_fault)
      .field("worst", &NodeReport::worst);
  value_object<Told<Invariant>>("Invariant")
      .field("residual", &Invariant::residual)
      .field("bound", &Invariant::bound);
  value_object<Told<Measures>>("Measures")
      .field("maxRelative", &Measures::max_relative)
      .field("normRatio", &Measures::norm_ratio)
      .field("numpyExcess", &Measures::numpy_excess)
      .field("pytorchExcess", &Measures::pytorch_excess)
      .field("ulps", &Measures::ulps);
  constant("mistakeCount", static_cast<int>(kMistakeCount));
  function(
      "mistakeId", +[](std::size_t mistake) { return tell(mistake_id(mistake)); });
  function("mistakeEdge", &mistake_edge);
  function("mistakeNode", &mistake_node);
  value_array<std::array<int, 2>>("Inputs").element(emscripten::index<0>()).element(emscripten::index<1>());
  value_object<NodeRow>("NodeRow")
      .field("id", &NodeRow::id)
      .field("matrix", &NodeRow::matrix)
      .field("gate", &NodeRow::gate)
      .field("inputs", &NodeRow::inputs);
  function(
      "nodeCount", +[] { return static_cast<int>(kNodeCount); });
  function(
      "nodeRow", +[](int row) {
        return NodeRow{std::string(node_row(row).name),
                       node_is_matrix(row),
                       std::string(node_gate(row)),
                       {node_input(row, 0), node_input(row, 1)}};
      });
  function(
      "warningCount", +[] { return static_cast<int>(kWarningCount); });
  function(
      "warningName", +[](int warning) { return tell(warning_name(static_cast<Warning>(warning))); });
}
