#include "backnorm/graph.hpp"

#include "backnorm/quantities.hpp"
#include "input.hpp"

/// The staged passes: on any case, by any known mistake or two, whole and in part.
namespace backnorm::fuzz {
namespace {

template <typename T>
void copy_inputs(const Case<T>& kase, Tensors<T>& values) {
  std::copy(kase.x.begin(), kase.x.end(), values[NodeId::kX].begin());
  std::copy(kase.gamma.begin(), kase.gamma.end(), values[NodeId::kGamma].begin());
  if (kase.graph().has(NodeId::kBeta))
    std::copy(kase.beta.begin(), kase.beta.end(), values[NodeId::kBeta].begin());
}

template <typename T>
bool same(const Tensors<T>& a, const Tensors<T>& b) {
  for (const Node& node : a.graph().nodes) {
    if (!same_bits<T>(a[node.id], b[node.id])) return false;
  }
  return true;
}

template <typename T>
void run(Input& input) {
  const NormCase<T> one = draw_case<T>(input, input.range(), 12, 20);
  Case<T> kase = one.view();
  const bool valid_eps = std::isfinite(kase.eps) && kase.eps >= 0;
  if (input.rarely(8)) {
    const Status why = spoil(input, kase);
    Trace<T> trace;
    EXPECT(validate(kase) == why || (!valid_eps && validate(kase) == Status::kInvalidEps));
    EXPECT(trace.run(kase) == validate(kase));
    return;
  }
  const std::vector<Edit> mistakes = edits(input, kase);
  Trace<T> trace;
  Trace<Bounded<T>> bounded;
  const Status expected = valid_eps ? Status::kOk : Status::kInvalidEps;
  EXPECT(trace.run(kase, mistakes) == expected);
  EXPECT(bounded.run(kase, mistakes) == expected);
  if (expected != Status::kOk) return;

  const Quantities quantities(kase.graph());
  for (std::size_t number = 0; number < quantities.count(); ++number) {
    const auto plain = tensor(trace, number);
    const auto with_bound = tensor(bounded, number);
    std::vector<T> values;
    for (const Bounded<T>& value : with_bound) {
      EXPECT(!(value.error < 0));
      values.push_back(value.value);
    }
    EXPECT(same_bits<T>(plain, values));  // the bound changes no bit of the value
  }
  for (std::size_t number = 0; number < quantities.count(); ++number) {
    Returned<T> returned;
    EXPECT(backnorm::read_returned(number, mistakes, trace, kase.grouping, returned) == Status::kOk);
    EXPECT(returned.array.span().size() == returned.rows * returned.columns);
    if (mistakes.empty()) EXPECT(same_bits<T>(returned.array.span(), tensor(trace, number)));
  }
  for (const Path& path : kase.graph().paths) {
    std::vector<T> out(trace.values.size(path.to));
    read_path<T>(path, trace, out);
  }
}

/// Some of a pass gives the bits of all of it.
void run_in_part(Input& input) {
  const NormCase<double> one = draw_case<double>(input, input.range(), 12, 20);
  const Case<double> kase = one.view();
  if (validate(kase) != Status::kOk) return;
  const Settings settings = kase.settings();
  const Graph& graph = kase.graph();
  const NodeId moved = one_of(input, graph.nodes).id;

  Tensors<double> whole, part;
  EXPECT(whole.resize(graph, kase.grouping) == Status::kOk);
  EXPECT(part.resize(graph, kase.grouping) == Status::kOk);
  const std::size_t row = input.size(0, whole.rows(moved) - 1);
  const std::size_t lanes = whole.lanes(moved);
  for (Tensors<double>* values : {&whole, &part}) {
    copy_inputs(kase, *values);
    evaluate(settings, *values);
  }
  const double by = input.flip() ? input.wild<double>() : 0.5;
  for (Tensors<double>* values : {&whole, &part}) {
    for (std::size_t c = 0; c < lanes; ++c) (*values)[moved][row * lanes + c] += by;
  }
  evaluate_from(moved, settings, whole);
  evaluate_row_from(moved, row, settings, part);
  EXPECT(same(whole, part));

  // Of tangents, which are 0 but in one row of one input.
  const bool has_beta = graph.has(NodeId::kBeta);
  const NodeId id = input.one_of({NodeId::kX, NodeId::kGamma, has_beta ? NodeId::kBeta : NodeId::kX});
  const std::size_t of = input.size(0, whole.rows(id) - 1);
  Tensors<double> all, some;
  EXPECT(all.resize(graph, kase.grouping) == Status::kOk);
  EXPECT(some.resize(graph, kase.grouping) == Status::kOk);
  for (std::size_t c = 0; c < all.lanes(id); ++c) {
    all[id][of * all.lanes(id) + c] = some[id][of * all.lanes(id) + c] = 1.0;
  }
  push(settings, part, all);
  push_rows(id, of, of + 1, settings, part, some);
  for (const Node& node : graph.nodes) {
    for (std::size_t i = 0; i < all.size(node.id); ++i) {
      const double a = all[node.id][i], b = some[node.id][i];
      EXPECT(a == b || std::isnan(a) || std::isnan(b));  // 0 times infinity is what push alone meets
    }
  }
}

}  // namespace
}  // namespace backnorm::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace backnorm::fuzz;
  Input input(data, size);
  switch (input.size(0, 2)) {
    case 0: run<float>(input); break;
    case 1: run<double>(input); break;
    default: run_in_part(input);
  }
  return 0;
}
