#include "backnorm/mistakes.hpp"

#include <algorithm>
#include <utility>

namespace backnorm {
namespace {

using enum NodeId;
using Kind = Edit::Kind;

constexpr Edge kDirect{kXc, kXhat};    // dx straight from dxhat
constexpr Edge kThroughVar{kXc, kSq};  // dx through the variance
constexpr Edge kIntoVar{kSq, kVar};    // dsq

constexpr Norms kBatch = only(Norm::kBatch);
constexpr Norms kLayer = only(Norm::kLayer);
constexpr Norms kGroup = only(Norm::kGroup);
constexpr Norms kInstance = only(Norm::kInstance);
constexpr Norms kRms = only(Norm::kRms);

constexpr Mistake made(Mistake mistake, Norms norms) {
  mistake.norms = norms;
  return mistake;
}
/// Its edits of edges into x are given for both graphs.
constexpr Mistake in_parts(Mistake mistake, Norms norms = kAllNorms) {
  mistake.norms = norms;
  mistake.in_parts = true;
  return mistake;
}
constexpr Factor samples(int exponent) {
  return power(Count::kSamples, exponent);
}
/// The divisors of the variance path and of the mean path are replaced.
constexpr Edit variance_divisor(Factor inverse) {
  return scale(kSq, kVar, divisor(1) * inverse);
}
constexpr Edit mean_divisor(Factor inverse) {
  return scale(kX, kMean, rows(1) * inverse);
}

constexpr Factor kPerPositions = power(Count::kPositions, -1);
constexpr Factor kPerChannels = kPerPositions * power(Count::kChannels, -1);
constexpr Factor kUnsummedDvar = Factor(-1) * divisor(-1) * power(kSq, 1) * power(kStd, -2);

// clang-format off: a mistake a line
constexpr std::array kMistakes{
    // The gradient of the loss.
    Mistake{"dy-ones", {fill(kScaled, kY, 1), fill(kBeta, kY, shares(1))}},
    in_parts({"divided-by-n-again",
              {scale(kScaled, kY, samples(-1)), scale(kBeta, kY, samples(-1)), scale(kXhat, kY, samples(-1)),
               scale(kGamma, kY, samples(-1))}}),

    // dbeta and dgamma.
    Mistake{"swapped", {swap_gradients(kGamma, kBeta)}},
    Mistake{"dbeta-averaged", {scale(kBeta, kY, shares(-1))}},
    Mistake{"dgamma-averaged", {scale(kGamma, kScaled, shares(-1))}},
    Mistake{"averaged", {scale(kBeta, kY, shares(-1)), scale(kGamma, kScaled, shares(-1))}},
    in_parts({"wrong-axis", {at_node(Kind::kWrongAxis, kBeta), at_node(Kind::kWrongAxis, kGamma)}},
             kAllNorms & ~kInstance),
    in_parts({"unsummed", {at_node(Kind::kUnsummed, kBeta), at_node(Kind::kUnsummed, kGamma)}}),
    made({"per-sample-dgamma", {at_node(Kind::kPerSample, kBeta), at_node(Kind::kPerSample, kGamma)}},
         kGroup | kInstance),
    Mistake{"dbeta-from-dxhat", {scale(kBeta, kY, power(kGamma, 1))}},
    Mistake{"dgamma-from-x", {read(kGamma, kScaled, kX)}},
    Mistake{"dgamma-from-xc", {read(kGamma, kScaled, kXc)}},
    Mistake{"dgamma-from-scaled", {read(kGamma, kScaled, kScaled)}},
    Mistake{"dgamma-from-y", {read(kGamma, kScaled, kY)}},

    // dxhat.
    Mistake{"no-gamma", {pass(kXhat, kScaled)}},
    Mistake{"beta-for-gamma", {read(kXhat, kScaled, kBeta)}},

    // dstd and dvar.
    Mistake{"dstd-sign", {scale(kStd, kInvstd, -1)}},
    Mistake{"dstd-power", {scale(kStd, kInvstd, power(kStd, 1))}},
    Mistake{"dvar-sign", {scale(kVar, kStd, -1)}},
    Mistake{"dvar-half", {scale(kVar, kStd, 2)}},
    Mistake{"dvar-power-half", {scale(kVar, kStd, power(kStd, 2))}},
    Mistake{"dvar-power-one", {scale(kVar, kStd, power(kStd, 1))}},
    Mistake{"dvar-averaged", {scale(kVar, kStd, rows(-1))}},
    Mistake{"dvar-uncentred", {read(kInvstd, kXhat, kX)}},
    Mistake{"dvar-from-xhat", {read(kInvstd, kXhat, kXhat)}},
    in_parts({"dvar-unsummed",
              {at_node(Kind::kUnsummed, kVar), scale(kXc, kSq, 0), add(kX, kXc, kUnsummedDvar, kDirect),
               add(kX, kXhat, kUnsummedDvar, {kX, kXhat})}}),
    Mistake{"no-eps-dvar", {scale(kVar, kStd, power(kStd, 3) * power(kVar, -1.5))}},

    // dmean.
    Mistake{"dmean-sign", {scale(kMean, kXc, -1)}},
    Mistake{"dmean-over-var", {scale(kMean, kXc, power(kStd, -1))}},
    Mistake{"dmean-averaged", {scale(kMean, kXc, rows(-1))}},
    Mistake{
        "dmean-unsummed",
        {at_node(Kind::kUnsummed, kMean), scale(kX, kMean, 0), add(kX, kXc, Factor(-1) * rows(-1), kDirect)}},

    // The three paths of dx.
    Mistake{"detached-stats", {scale(kXc, kSq, 0), scale(kX, kMean, 0)}},
    made({"eval-backward", {scale(kVar, kStd, 0), scale(kMean, kXc, 0)}}, kBatch | kInstance),
    Mistake{"no-mean-path", {scale(kX, kMean, 0)}},
    made({"no-variance-path", {scale(kXc, kSq, 0)}}, kAllNorms & ~kRms),
    made({"no-rms-path", {scale(kXc, kSq, 0)}}, kRms),
    in_parts({"no-direct-path", {add(kX, kXc, -1, kDirect), scale(kX, kXhat, 0)}}),
    made({"overwrite-at-xc", {scale(kXc, kXhat, 0)}}, kAllNorms & ~kRms),
    Mistake{"overwrite-at-x", {scale(kX, kXc, 0)}},
    Mistake{"no-1/N", {scale(kSq, kVar, divisor(1)), scale(kX, kMean, rows(1))}},
    Mistake{"no-1/N-variance", {scale(kSq, kVar, divisor(1))}},
    Mistake{"no-1/N-mean", {scale(kX, kMean, rows(1))}},
    Mistake{"twice-1/N-mean", {scale(kX, kMean, rows(-1))}},
    Mistake{"no-factor-2", {scale(kXc, kSq, 0.5)}},
    Mistake{"mean-path-sign", {scale(kX, kMean, -1)}},
    Mistake{"variance-path-sign", {scale(kXc, kSq, -1)}},
    Mistake{"uncentred-variance-path",
            {add(kX, kXc, -1, kThroughVar), add(kX, kXc, Factor(2) * power(kX, 1), kIntoVar)}},
    Mistake{"xhat-in-variance-path", {read(kXc, kSq, kXhat)}},
    in_parts({"direct-unscaled",
              {add(kX, kXc, -1, kDirect), add(kX, kXc, power(kStd, 1), kDirect),
               scale(kX, kXhat, power(kStd, 1))}}),
    in_parts({"direct-over-var",
              {add(kX, kXc, -1, kDirect), add(kX, kXc, power(kStd, -1), kDirect),
               scale(kX, kXhat, power(kStd, -1))}}),
    in_parts({"direct-times-std",
              {add(kX, kXc, -1, kDirect), add(kX, kXc, power(kStd, 2), kDirect),
               scale(kX, kXhat, power(kStd, 2))}}),
    in_parts({"gamma-twice",
              {scale(kX, kXc, power(kGamma, 1)), scale(kX, kMean, power(kGamma, 1)),
               scale(kX, kXhat, power(kGamma, 1)), scale(kX, kSq, power(kGamma, 1))}}),
    in_parts({"dx-times-n",
              {scale(kX, kXc, rows(1)), scale(kX, kMean, rows(1)), scale(kX, kXhat, rows(1)),
               scale(kX, kSq, rows(1))}}),
    in_parts({"dx-over-n",
              {scale(kX, kXc, rows(-1)), scale(kX, kMean, rows(-1)), scale(kX, kXhat, rows(-1)),
               scale(kX, kSq, rows(-1))}}),
    in_parts({"gamma-factored-out",
              {pass(kXhat, kScaled), scale(kX, kXc, power(kGamma, 1)), scale(kX, kMean, power(kGamma, 1)),
               scale(kX, kXhat, power(kGamma, 1)), scale(kX, kSq, power(kGamma, 1))}},
             kLayer | kGroup | kRms),
    in_parts({"gamma-outside-means",
              {read_gradient(kInvstd, kXhat, kY), read_gradient(kMean, kXc, kY),
               scale(kMean, kXc, power(kStd, -1))}},
             kLayer | kGroup | kRms),
    made({"samples-in-mean-path", {mean_divisor(samples(-1))}}, kLayer),
    made({"samples-in-variance-path", {variance_divisor(samples(-1))}}, kLayer | kRms),
    made({"samples-for-features", {mean_divisor(samples(-1)), variance_divisor(samples(-1))}}, kLayer),
    made({"all-channels-divisor", {mean_divisor(kPerChannels), variance_divisor(kPerChannels)}}, kGroup),
    made({"positions-divisor", {mean_divisor(kPerPositions), variance_divisor(kPerPositions)}}, kGroup),
    made({"batch-divisor", {mean_divisor(shares(-1)), variance_divisor(shares(-1))}}, kInstance),
    made({"layer-backward", {at_edge(Kind::kCentreBack, kX, kXhat)}}, kRms),
    Mistake{"transposed", {at_node(Kind::kTranspose, kX)}},
    Mistake{"no-eps-backward",
            {scale(kStd, kInvstd, power(kStd, 2) * power(kVar, -1)),
             scale(kVar, kStd, power(kStd, 1) * power(kVar, -0.5)),
             scale(kXc, kXhat, power(kStd, 1) * power(kVar, -0.5))}},
    made({"other-ddof-backward", {scale(kSq, kVar, divisor(1) * other_divisor(-1))}}, kAllNorms & ~kRms),

    // The forward pass.
    Mistake{"uncentred-variance", {feed(kXc, kSq, kX)}},
    Mistake{"other-ddof-forward", {at_node(Kind::kOtherDdof, kVar)}},
    Mistake{"other-ddof",
            {at_node(Kind::kOtherDdof, kVar), scale(kSq, kVar, divisor(1) * other_divisor(-1))}},
    Mistake{"eps-outside", {at_node(Kind::kEpsOutside, kStd)}},
    Mistake{"eps-squared", {at_node(Kind::kEpsSquared, kStd)}},
    Mistake{"keras-eps", {at_node(Kind::kEps, kStd, 1e-3)}},
    Mistake{"no-eps", {at_node(Kind::kEps, kStd, 0)}},
    Mistake{"over-var-forward", {at_node(Kind::kScaleValue, kXhat, power(kStd, -1))}},
    Mistake{"times-std-forward", {at_node(Kind::kScaleValue, kXhat, power(kStd, 2))}},
    Mistake{"uncentred-forward", {feed(kXc, kXhat, kX)}},
    Mistake{"no-gamma-forward", {feed(kScaled, kY, kXhat)}},
    Mistake{"gamma-beta-swapped-forward", {feed(kGamma, kScaled, kBeta), feed(kBeta, kY, kGamma)}},
    Mistake{"one-pass-variance", {at_node(Kind::kOnePass, kVar)}, true},

    // The forward pass of the other norms.
    made({"over-the-batch", {regroup(Regroup::kOverTheBatch)}}, kAllNorms & ~kBatch),
    made({"over-the-sample", {regroup(Regroup::kOverTheSample)}}, kGroup | kInstance),
    made({"interleaved-groups", {regroup(Regroup::kInterleaved)}}, kGroup),
    made({"wrong-reshape", {regroup(Regroup::kSwapped)}}, kGroup),
    made({"gamma-along-samples", {regroup(Regroup::kPerGroup)}}, kLayer | kRms),
    made({"gamma-per-group", {regroup(Regroup::kPerGroup)}}, kGroup),
    made({"no-keepdims", {regroup(Regroup::kByRow)}}, kLayer | kRms),
    made({"annotated-transformer", {at_node(Kind::kOtherDdof, kVar), at_node(Kind::kEpsOutside, kStd)}},
         kLayer),
    made({"mean-subtracted", {at_node(Kind::kCentre, kX), at_edge(Kind::kCentreBack, kX, kXhat)}}, kRms),
    made({"variance-for-ms", {at_node(Kind::kCentred, kVar)}}, kRms),
    made({"sum-of-squares", {at_node(Kind::kScaleValue, kVar, rows(1)), scale(kSq, kVar, rows(1))}}, kRms),
    made({"unit-offset", {at_node(Kind::kUnitOffset, kGamma, 1)}}, kRms),
    made({"no-unit-offset", {at_node(Kind::kUnitOffset, kGamma, 0)}}, kRms),
};
// clang-format on
static_assert(kMistakes.size() == kMistakeCount);

/// True if the edit changes something that the graph and grouping have.
bool makes_sense(const Edit& edit, const Grouping& grouping, bool unit_offset) {
  const Graph& graph = graph_of(grouping.norm);
  const auto has = [&](NodeId id) { return graph.has(id); };
  const auto has_edge = [&](Edge edge) {
    return graph.edge_index(graph.stand_in(edge)) < graph.edges.size();
  };
  for (const Factor::Power& power : edit.factor.powers) {
    if (power.halves != 0 && !has(power.node)) return false;
  }
  if (is_at_edge(edit.kind) && !has_edge(edit.edge)) return false;
  const Edge edge = graph.stand_in(edit.edge);
  switch (edit.kind) {
    case Kind::kTake:
    case Kind::kAdd: return has_edge(edit.other);
    case Kind::kFeed: return has(edit.instead) && edit.instead != edge.from;
    case Kind::kRead: {
      const Node& to = graph.node(edge.to);
      const NodeId right = to.arity == 2 && to.inputs[0] == edge.from ? to.inputs[1] : to.inputs[0];
      return has(edit.instead) && edit.instead != right;
    }
    case Kind::kReadGradient: return has(edit.instead);
    case Kind::kRegroup: {
      const bool has_groups = grouping.groups > 1 && grouping.groups < grouping.channels;
      const bool is_square = grouping.rows == grouping.columns;
      if (edit.regroup == Regroup::kPerGroup) return has_groups || is_square;
      if (edit.regroup == Regroup::kByRow) return is_square;
      if (edit.regroup == Regroup::kOverTheSample) return grouping.turns > 1;
      return edit.regroup == Regroup::kOverTheBatch || has_groups;
    }
    case Kind::kUnitOffset: return unit_offset != (edit.factor.constant != 0);
    case Kind::kOtherDdof:
    case Kind::kOnePass: return has(kMean);
    case Kind::kSwap: return has(edit.node) && has(edit.instead);
    case Kind::kTranspose: return grouping.positions == 1 && grouping.norm != Norm::kGroup;
    case Kind::kPerSample: return has(edit.node) && grouping.positions > 1;
    default: return is_at_edge(edit.kind) || edit.kind == Kind::kNothing || has(edit.node);
  }
}

const Edit* of_output(NodeId id, std::span<const Edit> edits) {
  for (const Edit& edit : edits) {
    if (edit.kind < Kind::kSwap) continue;
    if (edit.node == id || (edit.kind == Kind::kSwap && edit.instead == id)) return &edit;
  }
  return nullptr;
}

/// The terms whose sum is the gradient of a statistic or a parameter, one per element.
template <typename T>
T term(NodeId id, const Trace<T>& trace, std::size_t i) {
  const Graph& graph = trace.values.graph();
  switch (id) {
    case kGamma: return trace.gradients[graph.stand_in(kScaled)][i] * trace.values[kXhat][i];
    case kMean: return -trace.contributions[graph.edge_index({kXc, kXhat})][i];  // the sum through var is 0
    case kVar: {  // dxhat·xc·(-1/2)·invstd³
      const std::size_t columns = trace.values.columns();
      const auto [data, stride] = trace.values.reading(kInvstd);
      const T invstd = data[i / columns * stride + i % columns];
      const T centred = trace.values[graph.stand_in(kXc)][i];
      return trace.gradients[kXhat][i] * centred * T(-0.5F) * (invstd * invstd * invstd);
    }
    default: return trace.gradients[kY][i];
  }
}

struct Range {
  std::size_t begin;
  std::size_t end;
};

/// The rows and columns whose terms add up to the value at an index of a gradient that is summed otherwise.
std::pair<Range, Range> summed(Kind kind, std::size_t at, const Grouping& grouping) {
  if (kind == Kind::kWrongAxis && grouping.has_parameter_per_column())
    return {{at, at + 1}, {0, grouping.columns}};
  if (kind == Kind::kWrongAxis) return {{0, grouping.rows}, {at, at + 1}};
  const std::size_t sample = at / grouping.channels;
  const std::size_t channel = at % grouping.channels;
  const Regrouping to(grouping_of(Norm::kBatch, grouping.samples, grouping.channels, grouping.positions),
                      grouping);
  const std::size_t first = to(sample * grouping.positions * grouping.channels + channel);
  const std::size_t row = first / grouping.columns;
  const std::size_t column = first % grouping.columns;
  return {{row, row + grouping.positions}, {column, column + 1}};
}

}  // namespace

std::span<const Mistake> mistakes() noexcept {
  return kMistakes;
}

bool applies(const Mistake& mistake, const Grouping& grouping, bool unit_offset) noexcept {
  if ((mistake.norms & only(grouping.norm)) == 0) return false;
  const auto counts = [&](const Edit& edit) { return makes_sense(edit, grouping, unit_offset); };
  const auto is_used = [](const Edit& edit) { return edit.kind != Kind::kNothing; };
  if (mistake.in_parts) {
    return std::any_of(mistake.edits.begin(), mistake.edits.end(),
                       [&](const Edit& edit) { return is_used(edit) && counts(edit); });
  }
  return std::all_of(mistake.edits.begin(), mistake.edits.end(), counts);
}

template <typename T>
Status read_returned(std::size_t number, std::span<const Edit> edits, const Trace<T>& trace,
                     const Grouping& grouping, Returned<T>& out) noexcept {
  const Quantities quantities(trace.values.graph());
  const Quantity which = quantities[number];
  const Grouping& own = trace.values.grouping();
  const bool is_gradient = which.kind == Quantity::Kind::kGradient;
  const Edit* const edit = is_gradient ? of_output(which.node, edits) : nullptr;
  const Kind kind = edit ? edit->kind : Kind::kNothing;
  if (kind == Kind::kSwap) {
    number = quantities.gradient_of(edit->node == which.node ? edit->instead : edit->node);
  }
  const std::span<const T> tensor = backnorm::tensor(trace, number);
  const std::size_t size = grouping.rows * grouping.columns;
  const bool is_per_row = kind == Kind::kWrongAxis && own.has_parameter_per_column();

  out.rows = 1;
  out.columns = is_gradient && which.extent == Extent::kParameters ? own.used() : tensor.size();
  if (which.extent == Extent::kElements || kind == Kind::kUnsummed) {
    out.rows = grouping.rows;
    out.columns = grouping.columns;
  }
  if (kind == Kind::kTranspose) std::swap(out.rows, out.columns);
  if (kind == Kind::kWrongAxis) out.columns = is_per_row ? own.rows : own.columns;
  if (kind == Kind::kPerSample) out.rows = own.samples;
  if (const Status status = out.array.resize(out.rows * out.columns); status != Status::kOk) return status;
  const std::span<T> array = out.array.span();

  const Regrouping to(grouping, own);
  switch (kind) {
    case Kind::kTranspose:
      for (std::size_t i = 0; i < size; ++i) {
        array[i % grouping.columns * grouping.rows + i / grouping.columns] = tensor[to(i)];
      }
      break;
    case Kind::kUnsummed:
      for (std::size_t i = 0; i < size; ++i) array[i] = term(which.node, trace, to(i));
      break;
    case Kind::kWrongAxis:
    case Kind::kPerSample:
      for (std::size_t at = 0; at < array.size(); ++at) {
        const auto [rows, columns] = summed(kind, at, own);
        Accumulator<T> sum{};
        for (std::size_t row = rows.begin; row < rows.end; ++row) {
          for (std::size_t column = columns.begin; column < columns.end; ++column)
            sum = sum + widen(term(which.node, trace, row * own.columns + column));
        }
        array[at] = narrow<T>(sum);
      }
      break;
    default:
      if (which.extent != Extent::kElements) {
        std::copy_n(tensor.begin(), array.size(), array.begin());
      } else {
        for (std::size_t i = 0; i < size; ++i) array[i] = tensor[to(i)];
      }
  }
  return Status::kOk;
}

#define BACKNORM_INSTANTIATE(...)                                                              \
  template Status read_returned(std::size_t, std::span<const Edit>, const Trace<__VA_ARGS__>&, \
                                const Grouping&, Returned<__VA_ARGS__>&) noexcept;
BACKNORM_INSTANTIATE(float)
BACKNORM_INSTANTIATE(double)
BACKNORM_INSTANTIATE(Bounded<float>)
BACKNORM_INSTANTIATE(Bounded<double>)
BACKNORM_INSTANTIATE(ProgramNumber)
#undef BACKNORM_INSTANTIATE

}  // namespace backnorm
