#include "backnorm/graph.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "gates.hpp"

/// Tensors, and the parts of the forward pass that a check runs for every row: compiled for speed.
namespace backnorm {
namespace {

using namespace detail;

/// Values in a block of rows: three tensors of this many doubles fit in the smallest cache.
constexpr std::size_t kBlock = 2048;

/// A number and its tangent, read by a gate from two tensors.
class DualOperand {
 public:
  DualOperand(const Tensors<double>& values, const Tensors<double>& tangents, NodeId id)
      : value_(values, id), tangent_(tangents, id) {}

  Dual<double> operator()(std::size_t row, std::size_t column) const {
    return {value_(row, column), tangent_(row, column)};
  }

 private:
  Operand<double> value_;
  Operand<double> tangent_;
};

void push_gate(const Node& node, Rows rows, Settings settings, const Tensors<double>& values,
               Tensors<double>& tangents) {
  pass_gate<Dual<double>>(node, rows, settings, DualOperand(values, tangents, node.inputs[0]),
                          DualOperand(values, tangents, node.inputs[1]), tangents,
                          [](Dual<double> number) { return number.tangent; });
}

/// Calls pass(node, rows) for everything that moves with some rows of `changed`, inputs first. Successive
/// matrices go block by block: the next gate finds the output of the last one in the cache.
template <typename Pass>
void follow_rows(const Graph& graph, NodeId changed, Rows changed_rows, std::size_t rows, std::size_t columns,
                 Pass pass) {
  const std::span<const Node> nodes = graph.nodes;
  const std::size_t block = std::max<std::size_t>(1, kBlock / columns);
  const auto goes_in_blocks = [&](std::size_t n) {
    return n < nodes.size() && nodes[n].extent == Extent::kElements &&
           graph.reach(changed, nodes[n].id) == Reach::kAll;
  };
  for (std::size_t n = 0; n < nodes.size();) {
    const Node& first = nodes[n];
    const Reach moved = graph.reach(changed, first.id);
    std::size_t end = n + 1;
    if (goes_in_blocks(n)) {
      while (goes_in_blocks(end)) ++end;
      for (std::size_t begin = 0; begin < rows; begin += block) {
        for (std::size_t i = n; i < end; ++i) pass(nodes[i], Rows{begin, std::min(begin + block, rows)});
      }
    } else if (first.id != changed && moved != Reach::kNone) {
      pass(first, moved == Reach::kRow ? changed_rows : Rows{0, 1});
    }
    n = end;
  }
}

}  // namespace

template <typename T>
Status validate(const Case<T>& kase) noexcept {
  const Grouping& grouping = kase.grouping;
  const std::size_t sizes[] = {grouping.samples, grouping.channels, grouping.positions, grouping.groups};
  if (std::find(std::begin(sizes), std::end(sizes), 0U) != std::end(sizes)) return Status::kEmptyBatch;
  const std::size_t most = kase.x.size();  // so that no product overflows
  if (grouping.samples > most / grouping.channels / grouping.positions) return Status::kLengthMismatch;
  const std::size_t size = grouping.samples * grouping.channels * grouping.positions;
  const Grouping made =
      grouping_of(grouping.norm, grouping.samples, grouping.channels, grouping.positions, grouping.groups);
  if (made.rows == 0 || !(made == grouping)) return Status::kInvalidShape;
  const bool has_beta = kase.graph().has(NodeId::kBeta);
  if (kase.x.size() != size || kase.dy.size() != size) return Status::kLengthMismatch;
  if (kase.gamma.size() != grouping.channels) return Status::kLengthMismatch;
  if (kase.beta.size() != (has_beta ? grouping.channels : 0)) return Status::kLengthMismatch;
  if (!std::isfinite(kase.eps) || kase.eps < 0) return Status::kInvalidEps;
  if (kase.ddof != 0 && (kase.ddof != 1 || !kase.graph().has(NodeId::kMean))) return Status::kInvalidDdof;
  if (kase.ddof == 1 && kase.rows() == 1) return Status::kOneValuePerChannel;
  return Status::kOk;
}

[[gnu::noinline]] void Arrangement::set(const Graph& of, const Grouping& by) noexcept {
  graph = &of;
  grouping = by;
  nodes.fill({});
  end_of_nodes = end_of_edges = 0;
  const std::size_t size = grouping.size();
  for (const Node& node : of.nodes) {
    Place& at = nodes[place(node.id)];
    at.begin = at.read = end_of_nodes;
    at.size = grouping.columns;
    at.lanes = std::max<std::size_t>(1, grouping.columns);
    if (node.extent == Extent::kElements) at.size = size;
    if (node.extent == Extent::kElements) at.stride = grouping.columns;
    at.end = at.begin + at.size;
    bool is_spread = node.extent == Extent::kStatistics && grouping.reads_statistics_by_row;
    if (node.extent == Extent::kParameters) {
      at.size = grouping.channels;
      at.lanes = std::max<std::size_t>(1, grouping.channels);
      at.end = at.begin + at.size;
      at.shares_lanes = grouping.has_parameter_per_column();
      is_spread = !at.shares_lanes || !of.has(NodeId::kBeta);  // RMS norm may add 1
    }
    if (is_spread) {
      at.read = at.end;
      at.stride = grouping.columns;
      at.end += size;
    }
    end_of_nodes = at.end;
  }
  for (std::size_t edge = 0; edge < of.edges.size(); ++edge) {
    edges[edge].begin = end_of_edges;
    edges[edge].size = nodes[place(of.edges[edge].from)].size;
    end_of_edges += edges[edge].size;
  }
}

template <typename T>
Status Tensors<T>::resize(const Graph& graph, const Grouping& grouping) noexcept {
  arrangement_.set(graph, grouping);
  const Status status = memory_.resize(arrangement_.end_of_nodes);
  if (status != Status::kOk) arrangement_.clear();
  return status;
}

template <typename T>
void Tensors<T>::spread(NodeId id, Settings settings) noexcept {
  if (at(id).read == at(id).begin) return;
  const Grouping& grouping = this->grouping();
  const std::span<const T> copied = (*this)[id];
  const bool by_row = graph().node(id).extent == Extent::kStatistics;
  T* out = memory_.span().data() + at(id).read;
  for (std::size_t row = 0; row < grouping.rows; ++row) {
    for (std::size_t column = 0; column < grouping.columns; ++column) {
      const std::size_t parameter = grouping.parameter(column % grouping.period, row / grouping.run);
      const T value = copied[by_row ? row : parameter];
      *out++ = settings.unit_offset && !by_row ? T(1) + value : value;
    }
  }
}

template <typename T>
Status Contributions<T>::resize(const Graph& graph, const Grouping& grouping) noexcept {
  arrangement_.set(graph, grouping);
  const Status status = memory_.resize(arrangement_.end_of_edges + grouping.size());
  if (status != Status::kOk) arrangement_.clear();
  return status;
}

template <typename T>
void evaluate_row_from(NodeId changed, std::size_t row, Settings settings, Tensors<T>& values) noexcept {
  if (values.graph().node(changed).extent == Extent::kParameters) values.spread(changed, settings);
  follow_rows(values.graph(), changed, {row, row + 1}, values.rows(), values.columns(),
              [&](const Node& node, Rows rows) { pass_gate(node, rows, settings, values); });
}

void push(Settings settings, const Tensors<double>& values, Tensors<double>& tangents) noexcept {
  for (const Node& node : values.graph().nodes) {
    if (node.extent == Extent::kParameters) tangents.spread(node.id);
    push_gate(node, all_rows(tangents, node.id), settings, values, tangents);
  }
}

void push_rows(NodeId changed, std::size_t begin, std::size_t end, Settings settings,
               const Tensors<double>& values, Tensors<double>& tangents) noexcept {
  if (values.graph().node(changed).extent == Extent::kParameters) tangents.spread(changed);
  follow_rows(values.graph(), changed, {begin, end}, values.rows(), values.columns(),
              [&](const Node& node, Rows rows) { push_gate(node, rows, settings, values, tangents); });
}

template Status validate(const Case<float>&) noexcept;
template Status validate(const Case<double>&) noexcept;

// Every number type of the passes. Others are not compiled.
template class Tensors<float>;
template class Tensors<double>;
template class Tensors<Bounded<float>>;
template class Tensors<Bounded<double>>;
template class Tensors<ProgramNumber>;
template class Tensors<Magnitude>;
template class Tensors<Ranged>;
template class Contributions<float>;
template class Contributions<double>;
template class Contributions<Bounded<float>>;
template class Contributions<Bounded<double>>;
template class Contributions<ProgramNumber>;
template class Contributions<Magnitude>;

template void evaluate_from(NodeId, Settings, Tensors<float>&) noexcept;
template void evaluate_from(NodeId, Settings, Tensors<double>&) noexcept;
template void evaluate_from(NodeId, Settings, Tensors<Bounded<float>>&) noexcept;
template void evaluate_from(NodeId, Settings, Tensors<Bounded<double>>&) noexcept;
template void evaluate_row_from(NodeId, std::size_t, Settings, Tensors<double>&) noexcept;

}  // namespace backnorm
