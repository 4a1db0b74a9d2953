#include <algorithm>
#include <cmath>
#include <optional>

#include "backnorm/graph.hpp"
#include "gates.hpp"

/// The passes that run once per call, with edits and observers. Edits are rare: compiled for size.
namespace backnorm {
namespace {

using namespace detail;

/// value^(halves / 2).
template <typename T>
T raise(T value, int halves) {
  using std::sqrt;
  T result = 1.0F;
  for (int i = 0; i < std::abs(halves) / 2; ++i) result = result * value;
  if (halves % 2 != 0) result = result * narrow<T>(sqrt(widen(value)));
  return halves < 0 ? T(1.0F) / result : result;
}

/// number^exponent, without the tables of std::pow.
double whole_power(double number, int exponent) {
  double power = 1.0;
  for (int i = 0; i < std::abs(exponent); ++i) power *= number;
  return exponent < 0 ? 1.0 / power : power;
}

double count_of(Count count, Settings settings, const Grouping& grouping) {
  const double rows = static_cast<double>(grouping.rows);
  switch (count) {
    case Count::kRows: return rows;
    case Count::kDivisor: return rows - settings.ddof;
    case Count::kOtherDivisor: return rows - (1 - settings.ddof);
    case Count::kShares: return static_cast<double>(grouping.shares());
    case Count::kSamples: return static_cast<double>(grouping.samples);
    case Count::kChannels: return static_cast<double>(grouping.channels);
    case Count::kPositions: return static_cast<double>(grouping.positions);
  }
  return 1.0;
}

}  // namespace

double constant_of(const Factor& factor, Settings settings, const Grouping& grouping) noexcept {
  double product = factor.constant;
  for (std::size_t i = 0; i < kCountCount; ++i) {
    product *= whole_power(count_of(static_cast<Count>(i), settings, grouping), factor.counts[i]);
  }
  return product;
}

namespace {

/// A tensor as gates of an extent read it. What is spread over the elements is not for a statistic that reads
/// another one, nor for a factor of parameters.
template <typename T>
Operand<T> operand(const Tensors<T>& tensors, NodeId id, Extent by) {
  const bool is_alike = tensors.rows(id) <= 1 && (by == Extent::kParameters || tensors.shares_lanes(id));
  return by != Extent::kElements && is_alike ? Operand<T>({tensors[id].data(), 0}) : Operand<T>(tensors, id);
}

/// A factor as a tensor: factor(row, column); where it multiplies parameters, factor(0, parameter).
template <typename T>
class Multiplier {
 public:
  Multiplier(const Factor& factor, Settings settings, const Tensors<T>& values, Extent of)
      : powers_(factor.powers),
        constant_(constant(factor, settings, values.grouping())),
        first_(operand(values, powers_[0].node, of)),
        second_(operand(values, powers_[1].node, of)) {}

  T operator()(std::size_t row, std::size_t column) const {
    T product = constant_;
    if (powers_[0].halves != 0) product = product * raise(first_(row, column), powers_[0].halves);
    if (powers_[1].halves != 0) product = product * raise(second_(row, column), powers_[1].halves);
    return product;
  }

 private:
  static T constant(const Factor& factor, Settings settings, const Grouping& grouping) {
    return narrow<T>(Accumulator<T>(constant_of(factor, settings, grouping)));
  }

  std::array<Factor::Power, 2> powers_;
  T constant_;
  Operand<T> first_;
  Operand<T> second_;
};

/// Applies one edit to a tensor of a node's shape. `other`: read by kTake and kAdd.
template <typename T>
[[gnu::cold]] void amend(const Edit& edit, Settings settings, const Tensors<T>& values, NodeId id,
                         std::span<T> out, std::span<const T> other) {
  using Kind = Edit::Kind;
  const std::size_t lanes = values.lanes(id);
  const Multiplier<T> factor(edit.factor, settings, values, values.graph().node(id).extent);
  const bool from_other = edit.kind == Kind::kTake || edit.kind == Kind::kAdd;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const T by = factor(i / lanes, i % lanes);
    const T product = edit.kind == Kind::kFill ? by : (from_other ? other[i] : out[i]) * by;
    out[i] = edit.kind == Kind::kAdd ? out[i] + product : product;
  }
}

/// Takes the mean over each group off a tensor of elements.
template <typename T>
[[gnu::cold]] void centre(const Tensors<T>& values, std::span<T> out) {
  using Wide = Accumulator<T>;
  const std::size_t columns = values.columns();
  for (std::size_t column = 0; column < columns; ++column) {
    Wide sum{};
    for (std::size_t i = column; i < out.size(); i += columns) sum = sum + widen(out[i]);
    const T mean = narrow<T>(sum / Wide(static_cast<double>(values.rows())));
    for (std::size_t i = column; i < out.size(); i += columns) out[i] = out[i] - mean;
  }
}

/// Σ x²/m - mean²·N/m.
template <typename T>
[[gnu::cold]] void pass_one_pass_variance(Settings settings, Tensors<T>& values) {
  using Wide = Accumulator<T>;
  const Operand<T> x(values, NodeId::kX);
  const std::span<const T> mean = values[NodeId::kMean];
  const Wide rows = static_cast<double>(values.rows());
  const T unbiased = narrow<T>(rows / Wide(divisor(Gate::kVariance, settings, values.rows())));
  const std::span<T> out = values[NodeId::kVar];
  sum_rows<Wide>(
      values.rows(), values.columns(), out, [=](auto r, auto c) { return widen(x(r, c) * x(r, c)); },
      [=](Wide sum) { return narrow<T>(sum / rows); });
  for (std::size_t c = 0; c < out.size(); ++c) out[c] = (out[c] - mean[c] * mean[c]) * unbiased;
}

/// Σ (x - mean)²/M.
template <typename T>
[[gnu::cold]] void pass_centred_squares(const Tensors<T>& values, std::span<T> out) {
  using Wide = Accumulator<T>;
  const Operand<T> x(values, NodeId::kX);
  const Wide rows = static_cast<double>(values.rows());
  const auto finish = [=](Wide sum) { return narrow<T>(sum / rows); };
  sum_rows<Wide>(
      values.rows(), values.columns(), out, [=](auto r, auto c) { return widen(x(r, c)); }, finish);
  const std::span<const T> means = out;
  for (std::size_t column = 0; column < out.size(); ++column) {
    Wide sum{};
    for (std::size_t row = 0; row < values.rows(); ++row) {
      const T centred = x(row, column) - means[column];
      sum = sum + widen(centred * centred);
    }
    out[column] = finish(sum);
  }
}

/// What edits make of a gate.
struct EditedGate {
  Node node;
  Settings settings;
  bool one_pass = false;
  std::optional<double> eps_outside;
};

[[gnu::cold]] EditedGate edited_gate(const Graph& graph, const Node& node, Settings settings,
                                     std::span<const Edit> edits) {
  EditedGate gate{.node = node, .settings = settings, .eps_outside = {}};
  for (const Edit& edit : edits) {
    const Edge edge = graph.stand_in(edit.edge);
    if (edit.kind == Edit::Kind::kFeed && edge.to == node.id) {
      gate.node.inputs[gate.node.inputs[0] == edge.from ? 0 : 1] = edit.instead;
    }
    if (edit.node != node.id) continue;
    switch (edit.kind) {
      case Edit::Kind::kOtherDdof: gate.settings.ddof = 1 - gate.settings.ddof; break;
      case Edit::Kind::kOnePass: gate.one_pass = true; break;
      case Edit::Kind::kEps: gate.settings.eps = edit.factor.constant; break;
      case Edit::Kind::kEpsSquared: gate.settings.eps *= gate.settings.eps; break;
      case Edit::Kind::kEpsOutside: gate.eps_outside = std::exchange(gate.settings.eps, 0.0); break;
      default: break;
    }
  }
  return gate;
}

/// A gate with the edits applied.
template <typename T>
[[gnu::cold]] void pass_edited_gate(const Node& original, Settings unedited, Tensors<T>& values,
                                    std::span<const Edit> edits) {
  const EditedGate gate = edited_gate(values.graph(), original, unedited, edits);
  const NodeId id = original.id;
  if (gate.one_pass) {
    pass_one_pass_variance(gate.settings, values);
  } else {
    const auto& [first, second] = gate.node.inputs;
    pass_gate(gate.node, all_rows(values, id), gate.settings, operand(values, first, original.extent),
              operand(values, second, original.extent), values);
  }
  const std::span<T> out = values[id];
  if (gate.eps_outside) {
    for (T& value : out) value = narrow<T>(widen(value) + Accumulator<T>(*gate.eps_outside));
  }
  for (const Edit& edit : edits) {
    if (edit.node != id) continue;
    if (edit.kind == Edit::Kind::kScaleValue) amend<T>(edit, gate.settings, values, id, out, {});
    if (edit.kind == Edit::Kind::kCentre) centre(values, out);
    if (edit.kind == Edit::Kind::kCentred) pass_centred_squares(values, out);
  }
}

/// Sums elements over the copies of a statistic or a parameter.
template <typename T>
[[gnu::noinline]] void add_copies(const Tensors<T>& values, NodeId id, const T* elements, std::span<T> out) {
  const std::size_t columns = values.columns();
  const auto term = [=](auto r, auto c) { return widen(elements[r * columns + c]); };
  const auto finish = [](Accumulator<T> sum) { return narrow<T>(sum); };
  if (values.shares_lanes(id)) {
    sum_rows<Accumulator<T>>(values.rows(), columns, out, term, finish);
  } else {
    sum_parameters<Accumulator<T>>(values.grouping(), out, term, finish);
  }
}

/// What edits change at an edge.
struct Instead {
  std::optional<NodeId> value;  ///< read by the local gradient
  bool passes = false;          ///< the local gradient is 1
  std::optional<NodeId> gradient;
};

/// The contribution of one edge. A gate of one input sends the gradient back to every value that it read.
template <typename T>
void pull_edge(const Node& to, std::size_t input, const Instead& instead, Settings settings,
               const Tensors<T>& values, const Tensors<T>& gradients, std::span<T> scratch,
               std::span<T> sum) {
  const NodeId from = to.inputs[input];
  const bool has_copies =
      to.extent == Extent::kElements && values.graph().node(from).extent != Extent::kElements;
  const Rows rows = all_rows(values, has_copies ? to.id : from);
  const Extent by = has_copies ? to.extent : values.graph().node(from).extent;
  const std::span<T> out = has_copies ? scratch : sum;
  const std::size_t columns = values.columns();
  const Operand<T> g = operand(gradients, instead.gradient.value_or(to.id), by);
  const Operand<T> self = operand(values, to.id, by);
  const Operand<T> a = operand(values, instead.value.value_or(to.inputs[0]), by);
  const Operand<T> other = operand(values, instead.value.value_or(to.inputs[1 - input]), by);
  switch (instead.passes ? Gate::kAdd : to.gate) {
    case Gate::kInput: break;
    case Gate::kMean:
    case Gate::kVariance: {
      const T count = narrow<T>(Accumulator<T>(divisor(to.gate, settings, values.rows())));
      fill(rows, columns, out, [=](auto r, auto c) { return g(r, c) / count; });
      break;
    }
    case Gate::kSquare:
      fill(rows, columns, out, [=](auto r, auto c) { return g(r, c) * (T(2) * a(r, c)); });
      break;
    case Gate::kSquareRoot:
      fill(rows, columns, out, [=](auto r, auto c) { return g(r, c) / (T(2) * self(r, c)); });
      break;
    case Gate::kReciprocal:
      fill(rows, columns, out, [=](auto r, auto c) { return -g(r, c) * (self(r, c) * self(r, c)); });
      break;
    case Gate::kMultiply:
      fill(rows, columns, out, [=](auto r, auto c) { return g(r, c) * other(r, c); });
      break;
    case Gate::kSubtract:
    case Gate::kAdd: fill(rows, columns, out, [=](auto r, auto c) { return g(r, c); }); break;
  }
  if (has_copies) add_copies(values, from, scratch.data(), sum);
  if (to.gate == Gate::kSubtract && input == 1) {
    for (T& value : sum) value = -value;
  }
}

Instead instead_at(const Graph& graph, Edge edge, std::span<const Edit> edits) {
  Instead instead;
  for (const Edit& edit : edits) {
    if (graph.stand_in(edit.edge) != edge) continue;
    if (edit.kind == Edit::Kind::kRead) instead.value = edit.instead;
    if (edit.kind == Edit::Kind::kPass) instead.passes = true;
    if (edit.kind == Edit::Kind::kReadGradient) instead.gradient = edit.instead;
  }
  return instead;
}

constexpr bool amends(Edit::Kind kind) {
  return kind == Edit::Kind::kScale || kind == Edit::Kind::kFill || kind == Edit::Kind::kTake ||
         kind == Edit::Kind::kAdd;
}

template <typename T, typename Number>
void copy(std::span<const Number> from, std::span<T> to) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = T(from[i]);
}

}  // namespace

template <typename T>
void evaluate(Settings settings, Tensors<T>& values, std::span<const Edit> edits,
              Observer<T>* observer) noexcept {
  for (const Edit& edit : edits) {
    if (edit.kind == Edit::Kind::kUnitOffset) settings.unit_offset = edit.factor.constant != 0;
  }
  for (const Node& node : values.graph().nodes) {
    if (edits.empty()) {
      pass_gate(node, all_rows(values, node.id), settings, values);
    } else {
      pass_edited_gate(node, settings, values, edits);
    }
    if (observer) observer->value(node.id, values[node.id]);
    if (node.extent != Extent::kElements) values.spread(node.id, settings);
  }
}

template <typename T>
void pull_back(Settings settings, const Tensors<T>& values, Tensors<T>& gradients,
               Contributions<T>& contributions, std::span<const Edit> edits, Observer<T>* observer) noexcept {
  const Graph& graph = values.graph();
  std::array<bool, kNodeCount> reached{};
  std::size_t edge = graph.edges.size();
  for (std::size_t n = graph.nodes.size(); n-- > 0;) {
    const Node& to = graph.nodes[n];
    if (observer)
      observer->gradient(to.id, gradients[to.id]);  // complete: all nodes that it feeds come after it
    if (to.extent == Extent::kStatistics) gradients.spread(to.id);
    edge -= to.arity;
    for (std::size_t input = 0; input < to.arity; ++input) {
      const std::size_t e = edge + input;
      const NodeId from = to.inputs[input];
      const std::span<T> contribution = contributions[e];
      pull_edge(to, input, instead_at(graph, graph.edges[e], edits), settings, values, gradients,
                contributions.scratch(), contribution);
      for (const Edit& edit : edits) {
        if (graph.stand_in(edit.edge) != graph.edges[e]) continue;
        if (edit.kind == Edit::Kind::kCentreBack) centre(values, contribution);
        if (!amends(edit.kind)) continue;
        const std::size_t other = graph.edge_index(graph.stand_in(edit.other));
        amend<T>(edit, settings, values, from, contribution,
                 other < graph.edges.size() ? std::as_const(contributions)[other] : std::span<const T>());
      }
      if (observer) observer->contribution(e, contribution);
      const std::span<T> gradient = gradients[from];
      if (std::exchange(reached[place(from)], true)) {
        for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] = gradient[i] + contribution[i];
      } else {
        std::copy(contribution.begin(), contribution.end(), gradient.begin());
      }
    }
  }
}

template <typename T>
template <typename Number>
Status Trace<T>::run(const Case<Number>& kase, std::span<const Edit> edits, Observer<T>* observer) noexcept {
  if (const Status status = validate(kase); status != Status::kOk) return status;
  unit_offset = kase.unit_offset;
  const Graph& graph = kase.graph();
  const Grouping grouping = edited(kase.grouping, edits);
  for (const Status status : {values.resize(graph, grouping), gradients.resize(graph, grouping),
                              contributions.resize(graph, grouping)}) {
    if (status != Status::kOk) return status;
  }
  copy(kase.gamma, values[NodeId::kGamma]);
  if (graph.has(NodeId::kBeta)) copy(kase.beta, values[NodeId::kBeta]);
  const Regrouping to(kase.grouping, grouping);
  for (std::size_t i = 0; i < kase.x.size(); ++i) {
    values[NodeId::kX][to(i)] = T(kase.x[i]);
    gradients[NodeId::kY][to(i)] = T(kase.dy[i]);
  }
  evaluate(kase.settings(), values, edits, observer);
  pull_back(kase.settings(), values, gradients, contributions, edits, observer);
  return Status::kOk;
}

template <typename T>
Status size_terms(Settings settings, const Trace<T>& trace, Trace<Magnitude>& magnitudes) noexcept {
  const Graph& graph = trace.values.graph();
  const Grouping& grouping = trace.values.grouping();
  for (const Status status :
       {magnitudes.values.resize(graph, grouping), magnitudes.gradients.resize(graph, grouping),
        magnitudes.contributions.resize(graph, grouping)}) {
    if (status != Status::kOk) return status;
  }
  const auto sizes = [](std::span<const T> from, std::span<Magnitude> to) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = from[i].value;
  };
  sizes(trace.values.all(), magnitudes.values.all());
  sizes(trace.gradients[NodeId::kY], magnitudes.gradients[NodeId::kY]);
  pull_back(settings, magnitudes.values, magnitudes.gradients, magnitudes.contributions);
  return Status::kOk;
}

template <typename T>
void read_path(const Path& path, const Trace<T>& trace, std::span<T> out) noexcept {
  const Graph& graph = trace.values.graph();
  const std::span<const T> contribution = trace.contributions[graph.edge_index(path.along)];
  if (graph.node(path.to).extent == Extent::kElements) return copy(contribution, out);
  // The subtraction passes the gradient to x unchanged, and to the mean negated and summed.
  add_copies(trace.values, path.to, contribution.data(), out);
  for (T& value : out) value = -value;
}

template void evaluate_from(NodeId, Settings, Tensors<Ranged>&) noexcept;
template void evaluate(Settings, Tensors<float>&, std::span<const Edit>, Observer<float>*) noexcept;
template void evaluate(Settings, Tensors<double>&, std::span<const Edit>, Observer<double>*) noexcept;
template void evaluate(Settings, Tensors<Bounded<float>>&, std::span<const Edit>,
                       Observer<Bounded<float>>*) noexcept;
template void evaluate(Settings, Tensors<Bounded<double>>&, std::span<const Edit>,
                       Observer<Bounded<double>>*) noexcept;
template void pull_back(Settings, const Tensors<float>&, Tensors<float>&, Contributions<float>&,
                        std::span<const Edit>, Observer<float>*) noexcept;
template void pull_back(Settings, const Tensors<double>&, Tensors<double>&, Contributions<double>&,
                        std::span<const Edit>, Observer<double>*) noexcept;
template void pull_back(Settings, const Tensors<Bounded<float>>&, Tensors<Bounded<float>>&,
                        Contributions<Bounded<float>>&, std::span<const Edit>,
                        Observer<Bounded<float>>*) noexcept;
template void pull_back(Settings, const Tensors<Bounded<double>>&, Tensors<Bounded<double>>&,
                        Contributions<Bounded<double>>&, std::span<const Edit>,
                        Observer<Bounded<double>>*) noexcept;
template void pull_back(Settings, const Tensors<Magnitude>&, Tensors<Magnitude>&, Contributions<Magnitude>&,
                        std::span<const Edit>, Observer<Magnitude>*) noexcept;
template Status Trace<float>::run(const Case<float>&, std::span<const Edit>, Observer<float>*) noexcept;
template Status Trace<double>::run(const Case<float>&, std::span<const Edit>, Observer<double>*) noexcept;
template Status Trace<double>::run(const Case<double>&, std::span<const Edit>, Observer<double>*) noexcept;
template Status Trace<Bounded<float>>::run(const Case<float>&, std::span<const Edit>,
                                           Observer<Bounded<float>>*) noexcept;
template Status Trace<Bounded<double>>::run(const Case<float>&, std::span<const Edit>,
                                            Observer<Bounded<double>>*) noexcept;
template Status Trace<Bounded<double>>::run(const Case<double>&, std::span<const Edit>,
                                            Observer<Bounded<double>>*) noexcept;
template Status Trace<ProgramNumber>::run(const Case<float>&, std::span<const Edit>,
                                          Observer<ProgramNumber>*) noexcept;
template Status Trace<ProgramNumber>::run(const Case<double>&, std::span<const Edit>,
                                          Observer<ProgramNumber>*) noexcept;
template Status size_terms(Settings, const Trace<Bounded<double>>&, Trace<Magnitude>&) noexcept;
template Status size_terms(Settings, const Trace<ProgramNumber>&, Trace<Magnitude>&) noexcept;
template void read_path(const Path&, const Trace<float>&, std::span<float>) noexcept;
template void read_path(const Path&, const Trace<Bounded<float>>&, std::span<Bounded<float>>) noexcept;
template void read_path(const Path&, const Trace<Bounded<double>>&, std::span<Bounded<double>>) noexcept;
template void read_path(const Path&, const Trace<double>&, std::span<double>) noexcept;
template void read_path(const Path&, const Trace<ProgramNumber>&, std::span<ProgramNumber>) noexcept;
template void evaluate(Settings, Tensors<ProgramNumber>&, std::span<const Edit>,
                       Observer<ProgramNumber>*) noexcept;

}  // namespace backnorm
