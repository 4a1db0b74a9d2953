/// The only file that knows Emscripten, and the owner of the memory that JavaScript looks into.
/// Each class is a run: reserve, fill the inputs through views, run, copy the outputs out, delete.
/// A view is dead after the next call that reserves memory, so that none is ever kept.
#include <emscripten/bind.h>
#include <emscripten/heap.h>
#include <emscripten/val.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "backnorm/batch_norm.hpp"
#include "backnorm/diagnosis.hpp"
#include "backnorm/differences.hpp"
#include "backnorm/direction_tests.hpp"
#include "backnorm/gradcheck.hpp"
#include "backnorm/graph.hpp"
#include "backnorm/measures.hpp"
#include "backnorm/mistakes.hpp"
#include "backnorm/numpy_random.hpp"

namespace {

using namespace backnorm;
using emscripten::val;

template <typename T>
val view(std::span<T> memory) {
  return val(emscripten::typed_memory_view(memory.size(), memory.data()));
}

std::string code(Status status) {
  return std::string(status_code(status));
}

Status first_failure(std::initializer_list<Status> statuses) {
  for (const Status status : statuses) {
    if (status != Status::kOk) return status;
  }
  return Status::kOk;
}

/// A buffer, and how many values it is to have room for.
template <typename T>
struct Room {
  Buffer<T>& buffer;
  std::size_t size;

  double bytes() const { return static_cast<double>(size) * sizeof(T); }
  bool make() const { return buffer.resize(size) == Status::kOk; }
};
template <typename T>
Room(Buffer<T>&, std::size_t) -> Room<T>;

/// Makes room in all buffers, or says kOutOfMemory. What can never fit is refused before the first of them:
/// memory that has grown for it would never shrink again.
template <typename... T>
Status make_all(Room<T>... rooms) {
  const double most = static_cast<double>(emscripten_get_heap_max());
  return (0.0 + ... + rooms.bytes()) < most && (rooms.make() && ...) ? Status::kOk : Status::kOutOfMemory;
}

/// A forward or backward pass of batch_norm.hpp.
template <typename T>
class NormRun {
 public:
  std::string reserve(std::size_t outer, std::size_t channels, std::size_t inner, bool affine_gamma,
                      bool affine_beta) {
    layout_ = {outer, channels, inner};
    const std::size_t size = layout_.size();
    return code(make_all(Room{x_, size}, Room{dy_, size}, Room{gamma_, affine_gamma ? channels : 0},
                         Room{beta_, affine_beta ? channels : 0}, Room{running_mean_, channels},
                         Room{running_var_, channels}, Room{mean_, channels}, Room{invstd_, channels},
                         Room{dgamma_, channels}, Room{dbeta_, channels}, Room{m2_, channels},
                         Room{sum_dy_, channels}, Room{sum_dy_xhat_, channels}));
  }
  val x() { return view(x_.span()); }
  val y() { return view(x_.span()); }  // y is written over x, which was a copy
  val dy() { return view(dy_.span()); }
  val dx() { return view(dy_.span()); }  // and dx over dy
  val gamma() { return view(gamma_.span()); }
  val beta() { return view(beta_.span()); }
  val mean() { return view(mean_.span()); }
  val invstd() { return view(invstd_.span()); }
  val dgamma() { return view(dgamma_.span()); }
  val dbeta() { return view(dbeta_.span()); }
  val running_mean() { return view(running_mean_.span()); }
  val running_var() { return view(running_var_.span()); }

  /// Lets forward and normalize update the running statistics.
  void track(double momentum, bool unbiased) {
    running_ = {running_mean_.span(), running_var_.span(), momentum, unbiased};
  }
  std::string forward(double eps, int ddof) {
    return code(running_ ? batch_norm_forward<T>(layout_, x_.span(), gamma_.span(), beta_.span(), eps, ddof,
                                                 *running_, mean_.span(), invstd_.span(), x_.span())
                         : batch_norm_forward<T>(layout_, x_.span(), gamma_.span(), beta_.span(), eps, ddof,
                                                 mean_.span(), invstd_.span(), x_.span()));
  }
  std::string backward(int ddof) {
    return code(batch_norm_backward<T>(layout_, dy_.span(), x_.span(), gamma_.span(), ddof, mean_.span(),
                                       invstd_.span(), dy_.span(), dgamma_.span(), dbeta_.span()));
  }

  // The halves of both passes, for a batch in parts.
  val m2() { return view(m2_.span()); }
  val sum_dy() { return view(sum_dy_.span()); }
  val sum_dy_xhat() { return view(sum_dy_xhat_.span()); }
  std::string statistics() {
    return code(batch_norm_statistics<T>(layout_, x_.span(), mean_.span(), m2_.span()));
  }
  std::string normalize(double count, double eps, int ddof) {
    const auto m = static_cast<std::uint64_t>(count);
    return code(first_failure(
        {batch_norm_invstd(m, m2_.span(), eps, ddof, invstd_.span()),
         running_ ? batch_norm_update_running<T>(m, mean_.span(), m2_.span(), *running_) : Status::kOk,
         batch_norm_normalize<T>(layout_, x_.span(), gamma_.span(), beta_.span(), mean_.span(),
                                 invstd_.span(), x_.span())}));
  }
  std::string sums() {
    return code(batch_norm_sums<T>(layout_, dy_.span(), x_.span(), mean_.span(), invstd_.span(),
                                   sum_dy_.span(), sum_dy_xhat_.span()));
  }
  std::string apply(double count, int ddof) {
    return code(batch_norm_apply<T>(layout_, dy_.span(), x_.span(), gamma_.span(),
                                    static_cast<std::uint64_t>(count), ddof, mean_.span(), invstd_.span(),
                                    sum_dy_.span(), sum_dy_xhat_.span(), dy_.span()));
  }

 private:
  Layout layout_;
  std::optional<Running<T>> running_;
  Buffer<T> x_, dy_, gamma_, beta_, dgamma_, dbeta_, running_mean_, running_var_;
  Buffer<double> mean_, invstd_, m2_, sum_dy_, sum_dy_xhat_;
};

/// Statistics of two parts of a batch, which become those of both.
class MergeRun {
 public:
  std::string reserve(std::size_t channels) {
    return code(make_all(Room{mean_, channels}, Room{m2_, channels}, Room{other_mean_, channels},
                         Room{other_m2_, channels}));
  }
  val mean() { return view(mean_.span()); }
  val m2() { return view(m2_.span()); }
  val other_mean() { return view(other_mean_.span()); }
  val other_m2() { return view(other_m2_.span()); }
  std::string merge(double count, double other_count) {
    return code(batch_norm_merge_statistics(static_cast<std::uint64_t>(count), mean_.span(), m2_.span(),
                                            static_cast<std::uint64_t>(other_count), other_mean_.span(),
                                            other_m2_.span()));
  }

 private:
  Buffer<double> mean_, m2_, other_mean_, other_m2_;
};

/// A network's layer, whose tensors stay on the heap between calls. Unlike the runs it is kept, and reserved
/// once.
template <typename T>
class Layer {
 public:
  std::string reserve(std::size_t outer, std::size_t channels, std::size_t inner) {
    layout_ = {outer, channels, inner};
    const std::size_t size = layout_.size();
    const Status status = make_all(
        Room{x_, size}, Room{y_, size}, Room{dy_, size}, Room{dx_, size}, Room{gamma_, channels},
        Room{beta_, channels}, Room{dgamma_, channels}, Room{dbeta_, channels}, Room{running_mean_, channels},
        Room{running_var_, channels}, Room{mean_, channels}, Room{invstd_, channels});
    for (T& value : gamma_.span()) value = 1;
    for (T& value : running_var_.span()) value = 1;
    return code(status);
  }
  void configure(double eps, int ddof, double momentum, bool unbiased) {
    eps_ = eps;
    ddof_ = ddof;
    momentum_ = momentum;
    unbiased_ = unbiased;
  }
  val x() { return view(x_.span()); }
  val y() { return view(y_.span()); }
  val dy() { return view(dy_.span()); }
  val dx() { return view(dx_.span()); }
  val gamma() { return view(gamma_.span()); }
  val beta() { return view(beta_.span()); }
  val dgamma() { return view(dgamma_.span()); }
  val dbeta() { return view(dbeta_.span()); }
  val running_mean() { return view(running_mean_.span()); }
  val running_var() { return view(running_var_.span()); }

  std::string forward() {
    return code(batch_norm_forward<T>(layout_, x_.span(), gamma_.span(), beta_.span(), eps_, ddof_,
                                      {running_mean_.span(), running_var_.span(), momentum_, unbiased_},
                                      mean_.span(), invstd_.span(), y_.span()));
  }
  std::string backward() {
    return code(batch_norm_backward<T>(layout_, dy_.span(), x_.span(), gamma_.span(), ddof_, mean_.span(),
                                       invstd_.span(), dx_.span(), dgamma_.span(), dbeta_.span()));
  }
  std::string infer() {
    return code(batch_norm_infer<T>(layout_, x_.span(), gamma_.span(), beta_.span(), eps_,
                                    running_mean_.span(), running_var_.span(), y_.span()));
  }
  std::string infer_backward() {
    return code(batch_norm_infer_backward<T>(layout_, dy_.span(), x_.span(), gamma_.span(), eps_,
                                             running_mean_.span(), running_var_.span(), dx_.span(),
                                             dgamma_.span(), dbeta_.span()));
  }

 private:
  Layout layout_;
  double eps_ = 0.0;
  int ddof_ = 0;
  double momentum_ = 0.0;
  bool unbiased_ = true;
  Buffer<T> x_, y_, dy_, dx_, gamma_, beta_, dgamma_, dbeta_, running_mean_, running_var_;
  Buffer<double> mean_, invstd_;
};

/// The inputs of a Case, on the heap.
template <typename T>
class CaseRun {
 public:
  std::string reserve(std::size_t rows, std::size_t columns, double eps, int ddof) {
    rows_ = rows;
    columns_ = columns;
    eps_ = eps;
    ddof_ = ddof;
    return code(make_all(Room{x_, rows * columns}, Room{dy_, rows * columns}, Room{gamma_, columns},
                         Room{beta_, columns}));
  }
  val x() { return view(x_.span()); }
  val dy() { return view(dy_.span()); }
  val gamma() { return view(gamma_.span()); }
  val beta() { return view(beta_.span()); }
  /// Puts a mistake into the passes, after those that were put there before.
  void add_mistake(std::size_t mistake) {
    for (const Edit& edit : mistakes()[mistake].edits) {
      if (edit.kind != Edit::Kind::kNothing) edits_.push_back(edit);
    }
  }

 protected:
  std::span<const Edit> edits() const { return edits_; }
  Case<T> kase() const {
    return {rows_, columns_, x_.span(), gamma_.span(), beta_.span(), dy_.span(), eps_, ddof_};
  }

 private:
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  double eps_ = 0.0;
  int ddof_ = 0;
  Buffer<T> x_, dy_, gamma_, beta_;
  std::vector<Edit> edits_;
};

/// A row of a table, as JavaScript counts it.
NodeId node_id(int row) {
  return kNodes[static_cast<std::size_t>(row)].id;
}

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

/// An invariant of arrays that may not all be there.
struct LawResult {
  bool given;
  double residual;
  double bound;
};

template <typename T>
class DiagnosisRun : public CaseRun<T> {
 public:
  std::string prepare() { return code(diagnosis_.prepare(this->kase())); }
  std::string claim(std::size_t number, std::size_t rows, std::size_t columns) {
    return code(diagnosis_.claim(number, rows, columns));
  }
  val claimed_values(std::size_t number) { return view(diagnosis_.claimed_values(number)); }
  val resolution(std::size_t number) { return view(diagnosis_.resolution(number)); }
  std::string run() { return code(diagnosis_.run()); }
  Finding finding(std::size_t number) { return diagnosis_.finding(number); }
  std::size_t first_wrong() { return diagnosis_.first_wrong(); }
  std::size_t fit_count() { return diagnosis_.fits().size(); }
  Fit fit(std::size_t place) { return diagnosis_.fits()[place]; }
  LawResult law(int law, std::size_t column) {
    const std::optional<Invariant> found = diagnosis_.law(static_cast<Law>(law), column);
    return found ? LawResult{true, found->residual, found->bound} : LawResult{false, 0.0, 0.0};
  }

 private:
  Diagnosis<T> diagnosis_;
};

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

/// What differences.hpp and direction_tests.hpp find out about a case.
class DifferencesRun : public CaseRun<double> {
 public:
  /// Room for `size` values more, in and out: derivatives and their bars, steps and errors, dx.
  std::string make_room(std::size_t size) {
    return code(first_failure({given_.resize(size), found_.resize(size), bars_.resize(size)}));
  }
  val given() { return view(given_.span()); }
  val found() { return view(found_.span()); }
  val bars() { return view(bars_.span()); }

  std::string extrapolate(int node) {
    return code(backnorm::extrapolate(kase(), kNodes[static_cast<std::size_t>(node)].id, found_.span(),
                                      bars_.span()));
  }
  /// By the given steps; the errors in float64 are found, and those in float32 stand where bars do.
  std::string sweep(int node) {
    const NodeId id = kNodes[static_cast<std::size_t>(node)].id;
    return code(first_failure({sweep_steps<double>(kase(), id, given_.span(), found_.span()),
                               sweep_steps<float>(kase(), id, given_.span(), bars_.span())}));
  }
  std::string taylor(std::uint32_t seed) { return code(taylor_test(kase(), given_.span(), seed, taylor_)); }
  val steps() { return view(std::span<double>(taylor_.steps)); }
  val remainders() { return view(std::span<double>(taylor_.remainders)); }
  double slope() { return taylor_.slope; }
  Verdict verdict() { return taylor_.verdict; }
  std::string dot_product(std::uint32_t seed) { return code(dot_product_test(kase(), seed, dot_)); }
  DotProductReport dot() { return dot_; }

 private:
  Buffer<double> given_, found_, bars_;
  TaylorReport taylor_;
  DotProductReport dot_;
};

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

class Random {
 public:
  explicit Random(std::uint32_t seed) : random_(seed) {}
  double normal() { return random_.normal(); }

 private:
  NumpyRandom random_;
};

template <typename T>
void bind_kind(const std::string& kind) {
  using namespace emscripten;
  const auto name = [&](const char* stem) { return stem + kind; };
  class_<NormRun<T>>(name("NormRun").c_str())
      .template constructor<>()
      .function("reserve", &NormRun<T>::reserve)
      .function("x", &NormRun<T>::x)
      .function("y", &NormRun<T>::y)
      .function("dy", &NormRun<T>::dy)
      .function("dx", &NormRun<T>::dx)
      .function("gamma", &NormRun<T>::gamma)
      .function("beta", &NormRun<T>::beta)
      .function("mean", &NormRun<T>::mean)
      .function("invstd", &NormRun<T>::invstd)
      .function("dgamma", &NormRun<T>::dgamma)
      .function("dbeta", &NormRun<T>::dbeta)
      .function("forward", &NormRun<T>::forward)
      .function("backward", &NormRun<T>::backward)
      .function("runningMean", &NormRun<T>::running_mean)
      .function("runningVar", &NormRun<T>::running_var)
      .function("track", &NormRun<T>::track)
      .function("m2", &NormRun<T>::m2)
      .function("sumDy", &NormRun<T>::sum_dy)
      .function("sumDyXhat", &NormRun<T>::sum_dy_xhat)
      .function("statistics", &NormRun<T>::statistics)
      .function("normalize", &NormRun<T>::normalize)
      .function("sums", &NormRun<T>::sums)
      .function("apply", &NormRun<T>::apply);
  class_<Layer<T>>(name("Layer").c_str())
      .template constructor<>()
      .function("reserve", &Layer<T>::reserve)
      .function("configure", &Layer<T>::configure)
      .function("x", &Layer<T>::x)
      .function("y", &Layer<T>::y)
      .function("dy", &Layer<T>::dy)
      .function("dx", &Layer<T>::dx)
      .function("gamma", &Layer<T>::gamma)
      .function("beta", &Layer<T>::beta)
      .function("dgamma", &Layer<T>::dgamma)
      .function("dbeta", &Layer<T>::dbeta)
      .function("runningMean", &Layer<T>::running_mean)
      .function("runningVar", &Layer<T>::running_var)
      .function("forward", &Layer<T>::forward)
      .function("backward", &Layer<T>::backward)
      .function("infer", &Layer<T>::infer)
      .function("inferBackward", &Layer<T>::infer_backward);
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
  class_<DiagnosisRun<T>, base<CaseRun<T>>>(name("DiagnosisRun").c_str())
      .template constructor<>()
      .function("prepare", &DiagnosisRun<T>::prepare)
      .function("claim", &DiagnosisRun<T>::claim)
      .function("claimedValues", &DiagnosisRun<T>::claimed_values)
      .function("resolution", &DiagnosisRun<T>::resolution)
      .function("run", &DiagnosisRun<T>::run)
      .function("finding", &DiagnosisRun<T>::finding)
      .function("firstWrong", &DiagnosisRun<T>::first_wrong)
      .function("fitCount", &DiagnosisRun<T>::fit_count)
      .function("fit", &DiagnosisRun<T>::fit)
      .function("law", &DiagnosisRun<T>::law);
}

}  // namespace

EMSCRIPTEN_BINDINGS(backnorm) {
  using namespace emscripten;
  bind_kind<float>("Float32");
  bind_kind<double>("Float64");

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
  enum_<Relation::Kind>("RelationKind")
      .value("none", Relation::Kind::kNone)
      .value("not-finite", Relation::Kind::kNotFinite)
      .value("shape", Relation::Kind::kShape)
      .value("transposed", Relation::Kind::kTransposed)
      .value("unsummed", Relation::Kind::kUnsummed)
      .value("wrong-axis", Relation::Kind::kWrongAxis)
      .value("ratio", Relation::Kind::kRatio)
      .value("power", Relation::Kind::kPower)
      .value("equals", Relation::Kind::kEquals)
      .value("missing-path", Relation::Kind::kMissingPath)
      .value("only-path", Relation::Kind::kOnlyPath)
      .value("ratio-per-column", Relation::Kind::kRatioPerColumn)
      .value("offset-per-column", Relation::Kind::kOffsetPerColumn)
      .value("single-precision", Relation::Kind::kSinglePrecision);
  value_object<Relation>("Relation")
      .field("kind", &Relation::kind)
      .field("where", &Relation::where)
      .field("ratio", &Relation::ratio)
      .field("node", &Relation::node)
      .field("exponent", &Relation::exponent)
      .field("other", &Relation::other);
  value_object<Finding>("Finding")
      .field("truth", &Finding::truth)
      .field("local", &Finding::local)
      .field("maxError", &Finding::max_error)
      .field("largestBound", &Finding::largest_bound)
      .field("worst", &Finding::worst)
      .field("relation", &Finding::relation);
  value_object<Fit>("Fit").field("mistake", &Fit::mistake).field("residual", &Fit::residual);
  value_object<LawResult>("LawResult")
      .field("given", &LawResult::given)
      .field("residual", &LawResult::residual)
      .field("bound", &LawResult::bound);
  constant("quantityCount", static_cast<int>(kQuantityCount));
  constant("mistakeCount", static_cast<int>(kMistakeCount));
  function("mistakeId", &mistake_id);
  function("mistakeEdge", &mistake_edge);
  function("mistakeNode", &mistake_node);
  value_object<Measures>("Measures")
      .field("maxRelative", &Measures::max_relative)
      .field("normRatio", &Measures::norm_ratio)
      .field("numpyExcess", &Measures::numpy_excess)
      .field("pytorchExcess", &Measures::pytorch_excess)
      .field("ulps", &Measures::ulps);
  value_object<DotProductReport>("DotProductReport")
      .field("forward", &DotProductReport::forward)
      .field("backward", &DotProductReport::backward)
      .field("bound", &DotProductReport::bound);
  class_<DifferencesRun, base<CaseRun<double>>>("DifferencesRun")
      .constructor<>()
      .function("makeRoom", &DifferencesRun::make_room)
      .function("given", &DifferencesRun::given)
      .function("found", &DifferencesRun::found)
      .function("bars", &DifferencesRun::bars)
      .function("extrapolate", &DifferencesRun::extrapolate)
      .function("sweep", &DifferencesRun::sweep)
      .function("taylor", &DifferencesRun::taylor)
      .function("steps", &DifferencesRun::steps)
      .function("remainders", &DifferencesRun::remainders)
      .function("slope", &DifferencesRun::slope)
      .function("verdict", &DifferencesRun::verdict)
      .function("dotProduct", &DifferencesRun::dot_product)
      .function("dot", &DifferencesRun::dot);
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
  class_<MergeRun>("MergeRun")
      .constructor<>()
      .function("reserve", &MergeRun::reserve)
      .function("mean", &MergeRun::mean)
      .function("m2", &MergeRun::m2)
      .function("otherMean", &MergeRun::other_mean)
      .function("otherM2", &MergeRun::other_m2)
      .function("merge", &MergeRun::merge);
  class_<Random>("Random").constructor<std::uint32_t>().function("normal", &Random::normal);
}
