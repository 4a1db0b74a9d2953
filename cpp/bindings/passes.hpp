#pragma once

#include "backnorm/gradcheck.hpp"
#include "backnorm/measures.hpp"
#include "runs.hpp"
#include "tables.hpp"

/// Trace and check of a case in T.
namespace backnorm::bindings {

template <typename T>
class TraceRun : public CaseRun<T> {
 public:
  Status run() {
    return first_failure({path_.resize(this->kase().x.size()), trace_.run(this->kase(), this->edits())});
  }
  std::span<const T> value(int node) { return trace_.values[node_id(node)]; }
  /// Reads a gradient as the program returns it; the three below are then about that.
  Status read_gradient(int node) { return read_returned(node_id(node), this->edits(), trace_, returned_); }
  std::span<const T> gradient() { return returned_.gradient.span(); }
  std::size_t returned_rows() { return returned_.rows; }
  std::size_t returned_columns() { return returned_.columns; }
  std::span<const T> contribution(int edge) { return trace_.contributions[static_cast<std::size_t>(edge)]; }
  /// 0, 1, 2: dx direct, through var, through mean; 3, 4: dmean direct, through var.
  std::span<const T> path(int path) {
    const bool ends_at_x = path < 3;
    const std::span<T> out =
        path_.span().first(trace_.gradients.size(ends_at_x ? NodeId::kX : NodeId::kMean));
    read_path(static_cast<Path>(path), trace_, out);
    return out;
  }

 private:
  Trace<T> trace_;
  Returned<T> returned_;
  Buffer<T> path_;
};

template <typename T>
class GradcheckRun : public CaseRun<T> {
 public:
  Status prepare() { return check_.prepare(this->kase(), this->edits()); }
  std::size_t rows(int node) { return check_.rows(id(node)); }
  void check(int node, std::size_t begin, std::size_t end) { check_.check(id(node), begin, end); }
  std::span<const T> analytic(int node) { return check_.analytic(id(node)); }
  std::span<const double> exact(int node) { return check_.exact(id(node)); }
  std::span<const double> numeric(int node) { return check_.numeric(id(node)); }
  std::span<const double> bound(int node) { return check_.bound(id(node)); }
  std::span<const double> numeric_bound(int node) { return check_.numeric_bound(id(node)); }
  std::span<const double> signal(int node) { return check_.signal(id(node)); }
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

}  // namespace backnorm::bindings
