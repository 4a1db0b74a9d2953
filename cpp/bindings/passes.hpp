#pragma once

#include "backnorm/gradcheck.hpp"
#include "backnorm/measures.hpp"
#include "runs.hpp"

/// Trace and check of a case in T.
namespace backnorm::bindings {

template <typename T>
class TraceRun : public CaseRun<T> {
 public:
  std::string run() {
    return code(
        first_failure({path_.resize(this->kase().x.size()), trace_.run(this->kase(), this->edits())}));
  }
  val value(int node) { return view(trace_.values[node_id(node)]); }
  /// Reads a gradient as the program returns it; the three below are then about that.
  std::string read_gradient(int node) {
    return code(read_returned(node_id(node), this->edits(), trace_, returned_));
  }
  val gradient() { return view(returned_.gradient.span()); }
  std::size_t returned_rows() { return returned_.rows; }
  std::size_t returned_columns() { return returned_.columns; }
  val contribution(int edge) { return view(trace_.contributions[static_cast<std::size_t>(edge)]); }
  /// 0, 1, 2: dx direct, through var, through mean; 3, 4: dmean direct, through var.
  val path(int path) {
    const bool ends_at_x = path < 3;
    const std::span<T> out =
        path_.span().first(trace_.gradients.size(ends_at_x ? NodeId::kX : NodeId::kMean));
    read_path(static_cast<Path>(path), trace_, out);
    return view(out);
  }

 private:
  Trace<T> trace_;
  Returned<T> returned_;
  Buffer<T> path_;
};

template <typename T>
class GradcheckRun : public CaseRun<T> {
 public:
  std::string prepare() { return code(check_.prepare(this->kase(), this->edits())); }
  std::size_t rows(int node) { return check_.rows(id(node)); }
  void check(int node, std::size_t begin, std::size_t end) { check_.check(id(node), begin, end); }
  val analytic(int node) { return view(check_.analytic(id(node))); }
  val exact(int node) { return view(check_.exact(id(node))); }
  val numeric(int node) { return view(check_.numeric(id(node))); }
  val bound(int node) { return view(check_.bound(id(node))); }
  val numeric_bound(int node) { return view(check_.numeric_bound(id(node))); }
  val signal(int node) { return view(check_.signal(id(node))); }
  Invariant sum_of_dx(std::size_t column) { return check_.sum_of_dx(column); }
  Invariant sum_of_dx_xhat(std::size_t column) { return check_.sum_of_dx_xhat(column); }
  bool is_blinded_by(int warning) { return check_.is_blinded_by(static_cast<Warning>(warning)); }
  NodeReport report(int node) { return check_.report(id(node)); }
  Measures measures(int node, bool against_numeric) {
    return measure<T>(check_.analytic(id(node)),
                      against_numeric ? check_.numeric(id(node)) : check_.exact(id(node)));
  }

 private:
  static NodeId id(int node) { return node_id(node); }
  Gradcheck<T> check_;
};

/// kind: "Float32" or "Float64", which ends the names in JavaScript.
template <typename T>
void bind_passes(const std::string& kind) {
  using namespace emscripten;
  const auto name = [&](const char* stem) { return stem + kind; };
  class_<CaseRun<T>>(name("CaseRun").c_str())
      .function("reserve", &CaseRun<T>::reserve)
      .function("x", &CaseRun<T>::x)
      .function("dy", &CaseRun<T>::dy)
      .function("gamma", &CaseRun<T>::gamma)
      .function("beta", &CaseRun<T>::beta)
      .function("addMistake", &CaseRun<T>::add_mistake);
  class_<TraceRun<T>, base<CaseRun<T>>>(name("TraceRun").c_str())
      .template constructor<>()
      .function("run", &TraceRun<T>::run)
      .function("value", &TraceRun<T>::value)
      .function("readGradient", &TraceRun<T>::read_gradient)
      .function("gradient", &TraceRun<T>::gradient)
      .function("returnedRows", &TraceRun<T>::returned_rows)
      .function("returnedColumns", &TraceRun<T>::returned_columns)
      .function("contribution", &TraceRun<T>::contribution)
      .function("path", &TraceRun<T>::path);
  class_<GradcheckRun<T>, base<CaseRun<T>>>(name("GradcheckRun").c_str())
      .template constructor<>()
      .function("prepare", &GradcheckRun<T>::prepare)
      .function("rows", &GradcheckRun<T>::rows)
      .function("check", &GradcheckRun<T>::check)
      .function("analytic", &GradcheckRun<T>::analytic)
      .function("exact", &GradcheckRun<T>::exact)
      .function("numeric", &GradcheckRun<T>::numeric)
      .function("bound", &GradcheckRun<T>::bound)
      .function("numericBound", &GradcheckRun<T>::numeric_bound)
      .function("signal", &GradcheckRun<T>::signal)
      .function("sumOfDx", &GradcheckRun<T>::sum_of_dx)
      .function("sumOfDxXhat", &GradcheckRun<T>::sum_of_dx_xhat)
      .function("isBlindedBy", &GradcheckRun<T>::is_blinded_by)
      .function("measures", &GradcheckRun<T>::measures)
      .function("report", &GradcheckRun<T>::report);
}

}  // namespace backnorm::bindings
