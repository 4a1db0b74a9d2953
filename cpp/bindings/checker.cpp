#include <emscripten/emscripten.h>

#include <array>
#include <concepts>

#include "passes.hpp"

/// What the page opens with: the core's tables, and trace and check in float64. Plain functions, since Embind
/// and its glue would add more than half to what the page has to wait for here.
/// web/src/checker-module.ts makes of them what Embind makes of passes.cpp.
///
/// JavaScript holds a run by its address, which is 0 where there was no memory for it, and is told numbers,
/// or the address of a Told.
namespace {

using namespace backnorm;

using Run = bindings::CaseRun<double>;
using TraceRun = bindings::TraceRun<double>;
using GradcheckRun = bindings::GradcheckRun<double>;

/// Where doubles or characters stand, and how many: read before the next call, which may overwrite them.
struct Told {
  const void* begin;
  std::size_t size;
};

const Told* tell(const void* begin, std::size_t size) {
  static Told told;
  told = {begin, size};
  return &told;
}
const Told* tell(std::span<const double> values) {
  return tell(values.data(), values.size());
}
const Told* tell(std::string_view text) {
  return tell(text.data(), text.size());
}
const Told* tell(Status status) {
  return tell(status_code(status));
}
/// A record, field by field.
const Told* tell(std::same_as<double> auto... fields) {
  static std::array<double, sizeof...(fields)> record;
  record = {fields...};
  return tell(record);
}
const Told* tell(const Invariant& law) {
  return tell(law.residual, law.bound);
}
const Told* tell(const Measures& of) {
  return tell(of.max_relative, of.norm_ratio, of.numpy_excess, of.pytorch_excess, of.ulps);
}
const Told* tell(const NodeReport& of) {
  return tell(static_cast<double>(of.verdict), of.max_error, of.numeric_error, static_cast<double>(of.worst),
              static_cast<double>(of.checker_at_fault));
}

TraceRun& trace(Run* run) {
  return *static_cast<TraceRun*>(run);
}
GradcheckRun& check(Run* run) {
  return *static_cast<GradcheckRun*>(run);
}

}  // namespace

#define EXPORT extern "C" EMSCRIPTEN_KEEPALIVE

// A function a line.
// clang-format off
EXPORT std::size_t node_count() { return kNodeCount; }
EXPORT const Told* node_name(int row) { return tell(bindings::node_row(row).name); }
EXPORT bool node_is_matrix(int row) { return bindings::node_is_matrix(row); }
EXPORT const Told* node_gate(int row) { return tell(bindings::node_gate(row)); }
EXPORT int node_input(int row, std::size_t input) { return bindings::node_input(row, input); }

EXPORT std::size_t mistake_count() { return kMistakeCount; }
EXPORT const Told* mistake_id(std::size_t mistake) { return tell(bindings::mistake_id(mistake)); }
EXPORT int mistake_edge(std::size_t mistake, std::size_t edit) { return bindings::mistake_edge(mistake, edit); }
EXPORT int mistake_node(std::size_t mistake, std::size_t edit) { return bindings::mistake_node(mistake, edit); }

EXPORT std::size_t warning_count() { return kWarningCount; }
EXPORT const Told* warning_name(int row) { return tell(backnorm::warning_name(static_cast<Warning>(row))); }

EXPORT const Told* case_reserve(Run* run, std::size_t rows, std::size_t columns, double eps, int ddof) {
  return tell(run->reserve(rows, columns, eps, ddof));
}
EXPORT const Told* case_x(Run* run) { return tell(run->x()); }
EXPORT const Told* case_dy(Run* run) { return tell(run->dy()); }
EXPORT const Told* case_gamma(Run* run) { return tell(run->gamma()); }
EXPORT const Told* case_beta(Run* run) { return tell(run->beta()); }
EXPORT const Told* case_add_mistake(Run* run, std::size_t mistake) { return tell(run->add_mistake(mistake)); }

EXPORT Run* trace_new() { return new TraceRun; }
EXPORT void trace_delete(Run* run) { delete &trace(run); }
EXPORT const Told* trace_run(Run* run) { return tell(trace(run).run()); }
EXPORT const Told* trace_value(Run* run, int node) { return tell(trace(run).value(node)); }
EXPORT const Told* trace_read_gradient(Run* run, int node) { return tell(trace(run).read_gradient(node)); }
EXPORT const Told* trace_gradient(Run* run) { return tell(trace(run).gradient()); }
EXPORT std::size_t trace_returned_rows(Run* run) { return trace(run).returned_rows(); }
EXPORT std::size_t trace_returned_columns(Run* run) { return trace(run).returned_columns(); }
EXPORT const Told* trace_contribution(Run* run, int edge) { return tell(trace(run).contribution(edge)); }
EXPORT const Told* trace_path(Run* run, int path) { return tell(trace(run).path(path)); }

EXPORT Run* check_new() { return new GradcheckRun; }
EXPORT void check_delete(Run* run) { delete &check(run); }
EXPORT const Told* check_prepare(Run* run) { return tell(check(run).prepare()); }
EXPORT std::size_t check_rows(Run* run, int node) { return check(run).rows(node); }
EXPORT void check_check(Run* run, int node, std::size_t begin, std::size_t end) {
  check(run).check(node, begin, end);
}
EXPORT const Told* check_analytic(Run* run, int node) { return tell(check(run).analytic(node)); }
EXPORT const Told* check_exact(Run* run, int node) { return tell(check(run).exact(node)); }
EXPORT const Told* check_numeric(Run* run, int node) { return tell(check(run).numeric(node)); }
EXPORT const Told* check_bound(Run* run, int node) { return tell(check(run).bound(node)); }
EXPORT const Told* check_numeric_bound(Run* run, int node) { return tell(check(run).numeric_bound(node)); }
EXPORT const Told* check_signal(Run* run, int node) { return tell(check(run).signal(node)); }
EXPORT const Told* check_sum_of_dx(Run* run, std::size_t column) { return tell(check(run).sum_of_dx(column)); }
EXPORT const Told* check_sum_of_dx_xhat(Run* run, std::size_t column) {
  return tell(check(run).sum_of_dx_xhat(column));
}
EXPORT bool check_is_blinded_by(Run* run, int warning) { return check(run).is_blinded_by(warning); }
EXPORT const Told* check_measures(Run* run, int node, bool against_numeric) {
  return tell(check(run).measures(node, against_numeric));
}
EXPORT const Told* check_report(Run* run, int node) { return tell(check(run).report(node)); }
// clang-format on
