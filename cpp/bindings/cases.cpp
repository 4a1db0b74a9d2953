#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>

#include "backnorm/diagnosis.hpp"
#include "backnorm/measures.hpp"
#include "embind.hpp"
#include "runs.hpp"

/// The core's tables, and the trace, check and diagnosis of a case.
namespace {

using namespace backnorm;
using namespace backnorm::bindings;

std::span<const std::uint8_t> bytes_of(Buffer<GroupState>& groups) {
  return {reinterpret_cast<const std::uint8_t*>(groups.span().data()), groups.span().size()};
}

std::span<const double> told(const NodeReport& report) {
  return Numbers()
      .add(report.verdict, report.max_error, report.numeric_error, report.worst, report.checker_at_fault)
      .all();
}
std::span<const double> told(const Measures& measures) {
  return Numbers()
      .add(measures.max_relative, measures.norm_ratio, measures.numpy_excess, measures.pytorch_excess,
           measures.ulps)
      .all();
}
std::span<const double> told(const Invariant& invariant) {
  return Numbers().add(invariant.residual, invariant.bound).all();
}

/// Adds an explanation, which web/src/explanation.ts reads.
class ExplanationTeller {
 public:
  ExplanationTeller(Numbers& numbers, const Graph& graph) : numbers_(numbers), graph_(graph) {}

  void add(const Explanation& one) {
    numbers_.add(one.kind);
    add(one.formula);
    add(one.root);
    add(one.other);
    numbers_.add(one.by, one.columns, one.count, one.first, one.low, one.high, one.cause);
    for (const Share& share : one.shares) {
      add(share.pattern);
      numbers_.add(share.state);
      add(share.formula);
      add(share.root);
    }
  }

 private:
  /// -1 for none.
  void add(std::size_t number) { numbers_.add(number == Formula::kOne ? -1.0 : static_cast<double>(number)); }
  void add(const Factor& factor) {
    numbers_.add(factor.constant);
    for (const std::int8_t exponent : factor.counts) numbers_.add(exponent);
    for (const Factor::Power& power : factor.powers) {
      numbers_.add(graph_.place(power.node), power.halves / 2.0);
    }
  }
  void add(const Formula& formula) {
    add(formula.factor);
    add(formula.first);
    add(formula.second);
    numbers_.add(formula.is_ratio);
    add(formula.ratio);
    numbers_.add(formula.absolute, formula.begin, formula.end, formula.is_sum, formula.is_named,
                 formula.lanes, formula.lane);
  }
  void add(const Root& root) {
    numbers_.add(root.inside, root.outside);
    add(root.scale);
  }

  Numbers& numbers_;
  const Graph& graph_;
};

/// A case, copied in once. Its trace, its check and its diagnosis are each made on demand.
class CaseRun : public Inputs {
 public:
  // With a bound on each number, which nobody reads: passes without would be a tenth of the module.
  Status trace() {
    const ChosenPrecision arithmetic(staged(precision()));
    return trace_.run(kase(), edits());
  }
  /// Reads an array as the program returns it: of a node's value or gradient, or an edge's contribution. The
  /// three methods below are about that array.
  Status read(std::size_t number) {
    const ChosenPrecision arithmetic(staged(precision()));
    const Status status = read_returned(number, edits(), trace_, grouping(), returned_);
    return status == Status::kOk ? keep_values() : status;
  }
  /// The same for a path of the graph.
  Status read_path(std::size_t number) {
    const Path& path = graph().paths[number];
    const Quantities quantities(graph());
    if (graph().node(path.to).extent == Extent::kElements) {
      return read(quantities.contribution_of(graph().edge_index(path.along)));
    }
    const Status status = read(quantities.gradient_of(path.to));
    if (status != Status::kOk) return status;
    const ChosenPrecision arithmetic(staged(precision()));
    backnorm::read_path(path, trace_, returned_.array.span());
    return keep_values();
  }
  std::span<const double> array() { return array_.span(); }
  std::size_t array_rows() { return returned_.rows; }
  std::size_t array_columns() { return returned_.columns; }

  Status prepare_check() {
    const Status room = groups_.resize(std::max(grouping().columns, grouping().channels));
    return room == Status::kOk ? check_.prepare(kase(), edits(), precision()) : room;
  }
  std::size_t rows(int node) { return check_.rows(id(node)); }
  void check(int node, std::size_t begin, std::size_t end) { check_.check(id(node), begin, end); }
  std::span<const double> analytic(int node) { return check_.analytic(id(node)); }
  std::span<const double> exact(int node) { return check_.exact(id(node)); }
  std::span<const double> numeric(int node) { return check_.numeric(id(node)); }
  std::span<const double> bound(int node) { return check_.bound(id(node)); }
  std::span<const double> numeric_bound(int node) { return check_.numeric_bound(id(node)); }
  std::span<const double> signal(int node) { return check_.signal(id(node)); }
  std::span<const double> sum_of_dx(std::size_t column) { return told(check_.sum_of_dx(column)); }
  std::span<const double> sum_of_dx_xhat(std::size_t column) { return told(check_.sum_of_dx_xhat(column)); }
  bool is_blinded_by(int warning) { return check_.is_blinded_by(static_cast<Warning>(warning)); }
  std::span<const double> report(int node) {
    group_count_ = check_.signal(id(node)).size();
    return told(check_.report(id(node), groups_.span().first(group_count_)));
  }
  /// Of the node that was reported last: 0 tells, 1 silent, 2 lost.
  std::span<const std::uint8_t> groups() { return bytes_of(groups_).first(group_count_); }
  std::span<const double> measures(int node, bool against_numeric) {
    return told(measure<double>(check_.analytic(id(node)),
                                against_numeric ? check_.numeric(id(node)) : check_.exact(id(node)),
                                precision()));
  }

  /// named: the coarsest precision that an array names, in the order of Precision.
  Status prepare_diagnosis(int named) {
    return diagnosis_.prepare(kase(), std::max(precision(), static_cast<Precision>(named)));
  }
  void take_claimed_inputs() { diagnosis_.take_claimed_inputs(); }
  Status claim(std::size_t number, std::size_t rows, std::size_t columns) {
    return diagnosis_.claim(number, rows, columns);
  }
  std::span<double> claimed_values(std::size_t number) { return diagnosis_.claimed_values(number); }
  std::span<double> resolution(std::size_t number) { return diagnosis_.resolution(number); }
  /// Claims every value and gradient of the trace, as the program returns it.
  Status claim_trace() {
    for (std::size_t number = 0; number < 2 * graph().nodes.size(); ++number) {
      if (const Status status = read(number); status != Status::kOk) return status;
      const Status status = diagnosis_.claim(number, returned_.rows, returned_.columns);
      if (status != Status::kOk) return status;
      std::copy(array().begin(), array().end(), claimed_values(number).begin());
    }
    return Status::kOk;
  }
  std::span<const double> recognition() {
    const Recognition& found = diagnosis_.recognition();
    Numbers numbers;
    numbers.add(found.kind, found.norm, found.groups, found.hidden);
    ExplanationTeller(numbers, graph()).add(found.explanation);
    return numbers.all();
  }
  double distance(std::size_t number) { return diagnosis_.distance(number); }
  void begin_diagnosis() { diagnosis_.begin(); }
  bool has_step() { return diagnosis_.has_step(); }
  Status step() { return diagnosis_.step(); }
  Status judge() { return diagnosis_.judge(); }
  std::span<const double> arithmetic() {
    const Arithmetic& found = diagnosis_.arithmetic();
    return Numbers().add(found.precision, found.one_pass, found.inputs != RoundedInputs{}).all();
  }
  std::span<const double> finding(std::size_t number) {
    const Finding& found = diagnosis_.finding(number);
    const Relation& relation = found.relation;
    Numbers numbers;
    numbers.add(found.truth, found.local, found.max_error, found.largest_bound, found.worst, found.limit);
    numbers.add(relation.kind, relation.where, relation.ratio, relation.node, relation.exponent,
                relation.other);
    ExplanationTeller(numbers, graph()).add(found.explanation);
    return numbers.all();
  }
  std::size_t first_wrong() { return diagnosis_.first_wrong(); }
  std::size_t fit_count() { return diagnosis_.fits().size(); }
  std::span<const double> fit(std::size_t place) {
    const Fit& fit = diagnosis_.fits()[place];
    return Numbers().add(fit.mistake, fit.residual).all();
  }
  /// Nothing if an array of the law was not given.
  std::span<const double> law(int law, std::size_t column) {
    const std::optional<Invariant> found = diagnosis_.law(static_cast<Law>(law), column);
    return found ? told(*found) : Numbers().all();
  }

 private:
  Status keep_values() {
    const std::span<const ProgramNumber> numbers = returned_.array.span();
    if (const Status status = array_.resize(numbers.size()); status != Status::kOk) return status;
    for (std::size_t i = 0; i < numbers.size(); ++i) array_.span()[i] = numbers[i].value;
    return Status::kOk;
  }

  Trace<ProgramNumber> trace_;
  Returned<ProgramNumber> returned_;
  Buffer<double> array_;
  Gradcheck<double> check_;
  Buffer<GroupState> groups_;
  std::size_t group_count_ = 0;
  Diagnosis diagnosis_;
};

/// The evidence for the verdict on one node, gathered from checks of some columns at a time.
class EvidenceRun : public Held {
 public:
  Status reserve(std::size_t size, std::size_t columns, bool is_single) {
    precision_ = is_single ? Precision::kFloat32 : Precision::kFloat64;
    return make_all(Room{analytic_, size}, Room{exact_, size}, Room{numeric_, size}, Room{bound_, size},
                    Room{numeric_bound_, size}, Room{signal_, columns}, Room{groups_, columns});
  }
  std::span<double> analytic() { return analytic_.span(); }
  std::span<double> exact() { return exact_.span(); }
  std::span<double> numeric() { return numeric_.span(); }
  std::span<double> bound() { return bound_.span(); }
  std::span<double> numeric_bound() { return numeric_bound_.span(); }
  std::span<double> signal() { return signal_.span(); }
  std::span<const double> report() {
    return told(judge<double>({analytic_.span(), exact_.span(), numeric_.span(), bound_.span(),
                               numeric_bound_.span(), signal_.span()},
                              groups_.span(), precision_));
  }
  /// Of the last report: 0 tells, 1 silent, 2 lost.
  std::span<const std::uint8_t> groups() { return bytes_of(groups_); }
  std::span<const double> measures(bool against_numeric) {
    return told(
        measure<double>(analytic_.span(), against_numeric ? numeric_.span() : exact_.span(), precision_));
  }

 private:
  Precision precision_ = Precision::kFloat64;
  Buffer<double> analytic_, exact_, numeric_, bound_, numeric_bound_, signal_;
  Buffer<GroupState> groups_;
};

/// The graphs, in the order in which JavaScript numbers them.
const Graph& graph_at(int graph) {
  return graph == 0 ? kBatchNorm : kRmsNorm;
}

const char* gate_name(Gate gate) {
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

/// What JavaScript reads of a graph. row: of nodes, of the backward order, of paths or laws. -1: no such row.
enum class Fact { kExtent, kFirstInput, kSecondInput, kBackward, kPathTo, kPathAlong, kHasLaw };

int graph_fact(int number, int what, std::size_t row) {
  const Graph& graph = graph_at(number);
  const std::span<const Law> laws = graph.laws;
  const auto input = [&](std::size_t at) {
    const Node& node = graph.nodes[row];
    return at < node.arity ? static_cast<int>(graph.place(node.inputs[at])) : -1;
  };
  const auto fact = static_cast<Fact>(what);
  const bool is_of_path = fact == Fact::kPathTo || fact == Fact::kPathAlong;
  if (row >= (is_of_path ? graph.paths.size() : graph.nodes.size())) return -1;
  switch (fact) {
    case Fact::kExtent: return static_cast<int>(graph.nodes[row].extent);
    case Fact::kFirstInput: return input(0);
    case Fact::kSecondInput: return input(1);
    case Fact::kBackward: return static_cast<int>(graph.place(graph.backward[row]));
    case Fact::kPathTo: return static_cast<int>(graph.place(graph.paths[row].to));
    case Fact::kPathAlong: return static_cast<int>(graph.edge_index(graph.paths[row].along));
    case Fact::kHasLaw:
      return std::find(laws.begin(), laws.end(), static_cast<Law>(row)) != laws.end() ? 1 : 0;
  }
  return -1;
}
/// 0: the name of a node, 1: of its gate, 2: of a path.
emscripten::val graph_name(int number, int what, std::size_t row) {
  const Graph& graph = graph_at(number);
  return tell(what == 0   ? graph.nodes[row].name
              : what == 1 ? std::string_view(gate_name(graph.nodes[row].gate))
                          : graph.paths[row].name);
}

const Edit& edit_at(std::size_t mistake, std::size_t edit) {
  return mistakes()[mistake].edits[edit];
}
/// The edge that an edit changes, or -1.
int mistake_edge(int number, std::size_t mistake, std::size_t edit) {
  const Graph& graph = graph_at(number);
  const Edit& one = edit_at(mistake, edit);
  const std::size_t edge = graph.edge_index(graph.stand_in(one.edge));
  return is_at_edge(one.kind) && edge < graph.edges.size() ? static_cast<int>(edge) : -1;
}
/// The node that an edit changes, or -1.
int mistake_node(int number, std::size_t mistake, std::size_t edit) {
  const Graph& graph = graph_at(number);
  const Edit& one = edit_at(mistake, edit);
  const bool is_at_node = one.kind > Edit::Kind::kFeed && one.kind != Edit::Kind::kRegroup;
  return is_at_node && graph.has(one.node) ? static_cast<int>(graph.place(one.node)) : -1;
}
/// Whether the mistake can be made in a norm, at a size that lets it.
bool mistake_is_of(std::size_t mistake, int number) {
  const auto norm = static_cast<Norm>(number);
  const std::size_t positions = norm == Norm::kGroup || norm == Norm::kInstance ? 4 : 1;
  const Grouping grouping = grouping_of(norm, 4, 4, positions, norm == Norm::kGroup ? 2 : 1);
  return applies(mistakes()[mistake], grouping) || applies(mistakes()[mistake], grouping, norm == Norm::kRms);
}

}  // namespace

EMSCRIPTEN_BINDINGS(cases) {
  using namespace emscripten;
  class_<Inputs>("Inputs")
      .function("reserve", tells<&Inputs::reserve>)
      .function("x", tells<&Inputs::x>)
      .function("dy", tells<&Inputs::dy>)
      .function("gamma", tells<&Inputs::gamma>)
      .function("beta", tells<&Inputs::beta>)
      .function("configure", &Inputs::configure)
      .function("canHave", &Inputs::can_have)
      .function("addMistake", tells<&Inputs::add_mistake>);
  class_<CaseRun, base<Inputs>>("CaseRun")
      .class_function("make", &make<CaseRun>, allow_raw_pointers())
      .function("trace", tells<&CaseRun::trace>)
      .function("read", tells<&CaseRun::read>)
      .function("readPath", tells<&CaseRun::read_path>)
      .function("array", tells<&CaseRun::array>)
      .function("arrayRows", &CaseRun::array_rows)
      .function("arrayColumns", &CaseRun::array_columns)
      .function("prepareCheck", tells<&CaseRun::prepare_check>)
      .function("rows", &CaseRun::rows)
      .function("check", &CaseRun::check)
      .function("analytic", tells<&CaseRun::analytic>)
      .function("exact", tells<&CaseRun::exact>)
      .function("numeric", tells<&CaseRun::numeric>)
      .function("bound", tells<&CaseRun::bound>)
      .function("numericBound", tells<&CaseRun::numeric_bound>)
      .function("signal", tells<&CaseRun::signal>)
      .function("sumOfDx", tells<&CaseRun::sum_of_dx>)
      .function("sumOfDxXhat", tells<&CaseRun::sum_of_dx_xhat>)
      .function("isBlindedBy", &CaseRun::is_blinded_by)
      .function("measures", tells<&CaseRun::measures>)
      .function("report", tells<&CaseRun::report>)
      .function("groups", tells<&CaseRun::groups>)
      .function("prepareDiagnosis", tells<&CaseRun::prepare_diagnosis>)
      .function("takeClaimedInputs", &CaseRun::take_claimed_inputs)
      .function("claim", tells<&CaseRun::claim>)
      .function("claimedValues", tells<&CaseRun::claimed_values>)
      .function("resolution", tells<&CaseRun::resolution>)
      .function("claimTrace", tells<&CaseRun::claim_trace>)
      .function("distance", &CaseRun::distance)
      .function("beginDiagnosis", &CaseRun::begin_diagnosis)
      .function("hasStep", &CaseRun::has_step)
      .function("step", tells<&CaseRun::step>)
      .function("judge", tells<&CaseRun::judge>)
      .function("recognition", tells<&CaseRun::recognition>)
      .function("arithmetic", tells<&CaseRun::arithmetic>)
      .function("finding", tells<&CaseRun::finding>)
      .function("firstWrong", &CaseRun::first_wrong)
      .function("fitCount", &CaseRun::fit_count)
      .function("fit", tells<&CaseRun::fit>)
      .function("law", tells<&CaseRun::law>);
  class_<EvidenceRun>("EvidenceRun")
      .class_function("make", &make<EvidenceRun>, allow_raw_pointers())
      .function("reserve", tells<&EvidenceRun::reserve>)
      .function("analytic", tells<&EvidenceRun::analytic>)
      .function("exact", tells<&EvidenceRun::exact>)
      .function("numeric", tells<&EvidenceRun::numeric>)
      .function("bound", tells<&EvidenceRun::bound>)
      .function("numericBound", tells<&EvidenceRun::numeric_bound>)
      .function("signal", tells<&EvidenceRun::signal>)
      .function("report", tells<&EvidenceRun::report>)
      .function("groups", tells<&EvidenceRun::groups>)
      .function("measures", tells<&EvidenceRun::measures>);

  constant("mistakeCount", static_cast<int>(kMistakeCount));
  function(
      "mistakeId", +[](std::size_t mistake) { return tell(mistakes()[mistake].id); });
  constant("editCount", static_cast<int>(std::tuple_size_v<decltype(Mistake::edits)>));
  function("mistakeEdge", &mistake_edge);
  function("mistakeNode", &mistake_node);
  function("mistakeIsOf", &mistake_is_of);
  function("graphFact", &graph_fact);
  function("graphName", &graph_name);
  constant("warningCount", static_cast<int>(kWarningCount));
  function(
      "warningName", +[](int warning) { return tell(warning_name(static_cast<Warning>(warning))); });
}
