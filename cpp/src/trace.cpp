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

/// A factor as a tensor: factor(row, column).
template <typename T>
class Multiplier {
 public:
  Multiplier(const Factor& factor, Settings settings, const Tensors<T>& values)
      : powers_(factor.powers),
        constant_(constant(factor, settings, values.rows())),
        first_(values, powers_[0].node),
        second_(values, powers_[1].node) {}

  T operator()(std::size_t row, std::size_t column) const {
    T product = constant_;
    if (powers_[0].halves != 0) product = product * raise(first_(row, column), powers_[0].halves);
    if (powers_[1].halves != 0) product = product * raise(second_(row, column), powers_[1].halves);
    return product;
  }

 private:
  static T constant(const Factor& factor, Settings settings, std::size_t rows) {
    const double n = static_cast<double>(rows);
    const double product = factor.constant * whole_power(n, factor.rows) *
                           whole_power(n - settings.ddof, factor.divisor) *
                           whole_power(n - (1 - settings.ddof), factor.other_divisor);
    return narrow<T>(Accumulator<T>(product));
  }

  std::array<Factor::Power, 2> powers_;
  T constant_;
  Operand<T> first_;
  Operand<T> second_;
};

/// Applies one edit to a tensor. `other`: read by kTake and kAdd.
template <typename T>
[[gnu::cold]] void amend(const Edit& edit, Settings settings, const Tensors<T>& values, std::span<T> out,
                         std::span<const T> other) {
  using Kind = Edit::Kind;
  const std::size_t columns = values.columns();
  const Multiplier<T> factor(edit.factor, settings, values);
  const bool from_other = edit.kind == Kind::kTake || edit.kind == Kind::kAdd;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const T by = factor(i / columns, i % columns);
    const T product = edit.kind == Kind::kFill ? by : (from_other ? other[i] : out[i]) * by;
    out[i] = edit.kind == Kind::kAdd ? out[i] + product : product;
  }
}

/// Σ x²/m - mean²·N/m.
template <typename T>
[[gnu::cold]] void pass_one_pass_variance(Settings settings, Tensors<T>& values) {
  using Wide = Accumulator<T>;
  const Operand<T> x(values, NodeId::kX);
  const Operand<T> mean(values, NodeId::kMean);
  const Wide rows = static_cast<double>(values.rows());
  const T unbiased = narrow<T>(rows / Wide(divisor(Gate::kVariance, settings, values.rows())));
  const std::span<T> out = values[NodeId::kVar];
  sum_rows<Wide>(
      values.rows(), values.columns(), out, [=](auto r, auto c) { return widen(x(r, c) * x(r, c)); },
      [=](Wide sum) { return narrow<T>(sum / rows); });
  for (std::size_t c = 0; c < out.size(); ++c) out[c] = (out[c] - mean(0, c) * mean(0, c)) * unbiased;
}

/// A gate with the edits applied.
template <typename T>
[[gnu::cold]] void pass_edited_gate(Node node, Settings settings, Tensors<T>& values,
                                    std::span<const Edit> edits) {
  bool one_pass = false;
  std::optional<Accumulator<T>> eps_outside;
  for (const Edit& edit : edits) {
    if (edit.kind == Edit::Kind::kFeed && kEdges[edit.edge].to == node.id) {
      node.inputs[node.inputs[0] == kEdges[edit.edge].from ? 0 : 1] = edit.instead;
    }
    if (edit.node != node.id) continue;
    switch (edit.kind) {
      case Edit::Kind::kOtherDdof: settings.ddof = 1 - settings.ddof; break;
      case Edit::Kind::kOnePass: one_pass = true; break;
      case Edit::Kind::kEps: settings.eps = edit.factor.constant; break;
      case Edit::Kind::kEpsSquared: settings.eps *= settings.eps; break;
      case Edit::Kind::kEpsOutside: eps_outside = std::exchange(settings.eps, 0.0); break;
      default: break;
    }
  }
  if (one_pass) {
    pass_one_pass_variance(settings, values);
  } else {
    pass_gate(node, all_rows(values, node.id), settings, values);
  }
  const std::span<T> out = values[node.id];
  if (eps_outside) {
    for (T& value : out) value = narrow<T>(widen(value) + *eps_outside);
  }
  for (const Edit& edit : edits) {
    if (edit.kind == Edit::Kind::kScaleValue && edit.node == node.id)
      amend<T>(edit, settings, values, out, {});
  }
}

/// The contribution of an edge into a gate of two inputs. local(row, column) is the local gradient of one
/// value; a row that was broadcast to N rows sums over them.
template <typename T, typename Local>
void send_back(const Node& to, NodeId from, const Tensors<T>& values, std::span<T> out, Local local) {
  const bool copied = to.extent == Extent::kMatrix && node(from).extent == Extent::kRow;
  if (copied) {
    sum_rows<Accumulator<T>>(
        values.rows(), values.columns(), out, [=](auto r, auto c) { return widen(local(r, c)); },
        [](Accumulator<T> sum) { return narrow<T>(sum); });
  } else {
    fill(all_rows(values, from), values.columns(), out, local);
  }
}

/// The contribution of one edge. A gate of one input sends the gradient back to every value that it read.
template <typename T>
void pull_edge(const Node& to, std::size_t input, std::optional<NodeId> read, Settings settings,
               const Tensors<T>& values, const Tensors<T>& gradients, std::span<T> out) {
  const NodeId from = to.inputs[input];
  const Rows rows = all_rows(values, from);
  const std::size_t columns = values.columns();
  const Operand<T> g(gradients, to.id);
  const Operand<T> self(values, to.id);
  const Operand<T> a(values, read.value_or(to.inputs[0]));
  const Operand<T> other(values, read.value_or(to.inputs[1 - input]));
  switch (to.gate) {
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
      send_back(to, from, values, out, [=](auto r, auto c) { return g(r, c) * other(r, c); });
      break;
    case Gate::kSubtract:
    case Gate::kAdd:
      send_back(to, from, values, out, [=](auto r, auto c) { return g(r, c); });
      if (to.gate == Gate::kSubtract && input == 1) {
        for (T& value : out) value = -value;
      }
      break;
  }
}

std::optional<NodeId> read_instead(std::size_t edge, std::span<const Edit> edits) {
  std::optional<NodeId> read;
  for (const Edit& edit : edits) {
    if (edit.kind == Edit::Kind::kRead && edit.edge == edge) read = edit.instead;
  }
  return read;
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
  for (const Node& node : kNodes) {
    if (edits.empty()) {
      pass_gate(node, all_rows(values, node.id), settings, values);
    } else {
      pass_edited_gate(node, settings, values, edits);
    }
    if (observer) observer->value(node.id, values[node.id]);
  }
}

template <typename T>
void pull_back(Settings settings, const Tensors<T>& values, Tensors<T>& gradients,
               Contributions<T>& contributions, std::span<const Edit> edits, Observer<T>* observer) noexcept {
  std::array<bool, kNodeCount> reached{};
  std::size_t edge = kEdgeCount;
  for (std::size_t n = kNodeCount; n-- > 0;) {
    const Node& to = kNodes[n];
    if (observer)
      observer->gradient(to.id, gradients[to.id]);  // complete: all nodes that it feeds come after it
    edge -= to.arity;
    for (std::size_t input = 0; input < to.arity; ++input) {
      const std::size_t e = edge + input;
      const std::span<T> contribution = contributions[e];
      pull_edge(to, input, read_instead(e, edits), settings, values, gradients, contribution);
      for (const Edit& edit : edits) {
        if (!amends(edit.kind) || edit.edge != e) continue;
        amend<T>(edit, settings, values, contribution, std::as_const(contributions)[edit.other]);
      }
      if (observer) observer->contribution(e, contribution);
      const NodeId from = to.inputs[input];
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
  for (const Status status :
       {values.resize(kase.rows, kase.columns), gradients.resize(kase.rows, kase.columns),
        contributions.resize(kase.rows, kase.columns)}) {
    if (status != Status::kOk) return status;
  }
  const Settings settings{.eps = kase.eps, .ddof = kase.ddof};
  copy(kase.x, values[NodeId::kX]);
  copy(kase.gamma, values[NodeId::kGamma]);
  copy(kase.beta, values[NodeId::kBeta]);
  copy(kase.dy, gradients[NodeId::kY]);
  evaluate(settings, values, edits, observer);
  pull_back(settings, values, gradients, contributions, edits, observer);
  return Status::kOk;
}

template <typename T>
Status size_terms(Settings settings, const Trace<T>& trace, Trace<Magnitude>& magnitudes) noexcept {
  const std::size_t rows = trace.values.rows();
  const std::size_t columns = trace.values.columns();
  for (const Status status :
       {magnitudes.values.resize(rows, columns), magnitudes.gradients.resize(rows, columns),
        magnitudes.contributions.resize(rows, columns)}) {
    if (status != Status::kOk) return status;
  }
  const auto sizes = [](std::span<const T> from, std::span<Magnitude> to) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = from[i].value;
  };
  for (const Node& node : kNodes) sizes(trace.values[node.id], magnitudes.values[node.id]);
  sizes(trace.gradients[NodeId::kY], magnitudes.gradients[NodeId::kY]);
  pull_back(settings, magnitudes.values, magnitudes.gradients, magnitudes.contributions);
  return Status::kOk;
}

template <typename T>
void read_path(Path path, const Trace<T>& trace, std::span<T> out) noexcept {
  constexpr std::size_t kDirect = edge_index(NodeId::kXc, NodeId::kXhat);
  constexpr std::size_t kThroughVar = edge_index(NodeId::kXc, NodeId::kSq);
  constexpr std::size_t kThroughMean = edge_index(NodeId::kX, NodeId::kMean);
  static_assert(std::max({kDirect, kThroughVar, kThroughMean}) < kEdgeCount);

  // The subtraction passes the gradient to x unchanged, and to the mean negated and summed.
  const auto forward = [&](std::size_t edge) { copy(trace.contributions[edge], out); };
  const auto fold = [&](std::size_t edge) {
    const std::span<const T> contribution = trace.contributions[edge];
    const std::size_t columns = out.size();
    sum_rows<Accumulator<T>>(
        contribution.size() / columns, columns, out,
        [=](auto r, auto c) { return widen(-contribution[r * columns + c]); },
        [](Accumulator<T> sum) { return narrow<T>(sum); });
  };
  switch (path) {
    case Path::kXDirect: return forward(kDirect);
    case Path::kXThroughVar: return forward(kThroughVar);
    case Path::kXThroughMean: return forward(kThroughMean);
    case Path::kMeanDirect: return fold(kDirect);
    case Path::kMeanThroughVar: return fold(kThroughVar);
  }
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
template Status Trace<Bounded<double, AnyPrecision>>::run(const Case<double>&, std::span<const Edit>,
                                                          Observer<Bounded<double, AnyPrecision>>*) noexcept;
template Status size_terms(Settings, const Trace<Bounded<double>>&, Trace<Magnitude>&) noexcept;
template Status size_terms(Settings, const Trace<Bounded<double, AnyPrecision>>&, Trace<Magnitude>&) noexcept;
template void read_path(Path, const Trace<float>&, std::span<float>) noexcept;
template void read_path(Path, const Trace<double>&, std::span<double>) noexcept;

}  // namespace backnorm
