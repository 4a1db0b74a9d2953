#include "backnorm/mistakes.hpp"

#include <algorithm>

namespace backnorm {
namespace {

using enum NodeId;
using Kind = Edit::Kind;

constexpr Edge kDirect{kXc, kXhat};    // dx straight from dxhat
constexpr Edge kThroughVar{kXc, kSq};  // dx through the variance
constexpr Edge kIntoVar{kSq, kVar};    // dsq

// clang-format off: a mistake a line
constexpr std::array kMistakes{
    // The gradient of the loss.
    Mistake{"dy-ones", {fill(kScaled, kY, 1), fill(kBeta, kY, rows(1))}},
    Mistake{"divided-by-n-again", {scale(kScaled, kY, rows(-1)), scale(kBeta, kY, rows(-1))}},

    // dbeta and dgamma.
    Mistake{"swapped", {swap_gradients(kGamma, kBeta)}},
    Mistake{"dbeta-averaged", {scale(kBeta, kY, rows(-1))}},
    Mistake{"dgamma-averaged", {scale(kGamma, kScaled, rows(-1))}},
    Mistake{"averaged", {scale(kBeta, kY, rows(-1)), scale(kGamma, kScaled, rows(-1))}},
    Mistake{"wrong-axis", {at_node(Kind::kWrongAxis, kBeta), at_node(Kind::kWrongAxis, kGamma)}},
    Mistake{"unsummed", {at_node(Kind::kUnsummed, kBeta), at_node(Kind::kUnsummed, kGamma)}},
    Mistake{"dbeta-from-dxhat", {scale(kBeta, kY, power(kGamma, 1))}},
    Mistake{"dgamma-from-x", {read(kGamma, kScaled, kX)}},
    Mistake{"dgamma-from-xc", {read(kGamma, kScaled, kXc)}},
    Mistake{"dgamma-from-scaled", {read(kGamma, kScaled, kScaled)}},
    Mistake{"dgamma-from-y", {read(kGamma, kScaled, kY)}},

    // dxhat.
    Mistake{"no-gamma", {take(kXhat, kScaled, 1, {kScaled, kY})}},
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
    Mistake{"dvar-unsummed",
            {at_node(Kind::kUnsummed, kVar), scale(kXc, kSq, 0),
             add(kX, kXc, Factor(-1) * divisor(-1) * power(kSq, 1) * power(kStd, -2), kDirect)}},
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
    Mistake{"eval-backward", {scale(kVar, kStd, 0), scale(kMean, kXc, 0)}},
    Mistake{"no-mean-path", {scale(kX, kMean, 0)}},
    Mistake{"no-variance-path", {scale(kXc, kSq, 0)}},
    Mistake{"no-direct-path", {add(kX, kXc, -1, kDirect)}},
    Mistake{"overwrite-at-xc", {scale(kXc, kXhat, 0)}},
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
    Mistake{"direct-unscaled", {add(kX, kXc, -1, kDirect), add(kX, kXc, power(kStd, 1), kDirect)}},
    Mistake{"direct-over-var", {add(kX, kXc, -1, kDirect), add(kX, kXc, power(kStd, -1), kDirect)}},
    Mistake{"direct-times-std", {add(kX, kXc, -1, kDirect), add(kX, kXc, power(kStd, 2), kDirect)}},
    Mistake{"gamma-twice", {scale(kX, kXc, power(kGamma, 1)), scale(kX, kMean, power(kGamma, 1))}},
    Mistake{"dx-times-n", {scale(kX, kXc, rows(1)), scale(kX, kMean, rows(1))}},
    Mistake{"dx-over-n", {scale(kX, kXc, rows(-1)), scale(kX, kMean, rows(-1))}},
    Mistake{"transposed", {at_node(Kind::kTranspose, kX)}},
    Mistake{"no-eps-backward",
            {scale(kStd, kInvstd, power(kStd, 2) * power(kVar, -1)),
             scale(kVar, kStd, power(kStd, 1) * power(kVar, -0.5)),
             scale(kXc, kXhat, power(kStd, 1) * power(kVar, -0.5))}},
    Mistake{"other-ddof-backward", {scale(kSq, kVar, divisor(1) * other_divisor(-1))}},

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
    Mistake{"uncentred-forward", {feed(kXc, kXhat, kX)}},
    Mistake{"no-gamma-forward", {feed(kScaled, kY, kXhat)}},
    Mistake{"gamma-beta-swapped-forward", {feed(kGamma, kScaled, kBeta), feed(kBeta, kY, kGamma)}},
    Mistake{"one-pass-variance", {at_node(Kind::kOnePass, kVar)}, true},
};
// clang-format on
static_assert(kMistakes.size() == kMistakeCount);

const Edit* of_output(NodeId id, std::span<const Edit> edits) {
  for (const Edit& edit : edits) {
    switch (edit.kind) {
      case Kind::kSwap:
        if (edit.node == id || edit.instead == id) return &edit;
        break;
      case Kind::kTranspose:
      case Kind::kUnsummed:
      case Kind::kWrongAxis:
        if (edit.node == id) return &edit;
        break;
      default: break;
    }
  }
  return nullptr;
}

/// The terms whose sum over rows is a row's gradient, one per cell.
template <typename T>
T term(NodeId id, const Trace<T>& trace, std::size_t row, std::size_t column) {
  const std::size_t i = row * trace.values.columns() + column;
  switch (id) {
    case kGamma: return trace.gradients[kScaled][i] * trace.values[kXhat][i];
    case kMean: return -trace.contributions[edge_index(kXc, kXhat)][i];  // the sum through var is 0
    case kVar: {                                                         // dxhat·xc·(-1/2)·invstd³
      const T invstd = trace.values[kInvstd][column];
      return trace.gradients[kXhat][i] * trace.values[kXc][i] * T(-0.5F) * (invstd * invstd * invstd);
    }
    default: return trace.gradients[kY][i];
  }
}

}  // namespace

std::span<const Mistake> mistakes() noexcept {
  return kMistakes;
}

template <typename T>
Status read_returned(NodeId id, std::span<const Edit> edits, const Trace<T>& trace,
                     Returned<T>& out) noexcept {
  const std::size_t rows = trace.values.rows();
  const std::size_t columns = trace.values.columns();
  const bool matrix = node(id).extent == Extent::kMatrix;
  const Edit* const edit = of_output(id, edits);
  const Kind kind = edit ? edit->kind : Kind::kNothing;

  out.rows = matrix || kind == Kind::kUnsummed ? rows : 1;
  out.columns = columns;
  if (kind == Kind::kTranspose) std::swap(out.rows, out.columns);
  if (kind == Kind::kWrongAxis) out.columns = rows;
  if (const Status status = out.gradient.resize(out.rows * out.columns); status != Status::kOk) return status;
  const std::span<T> gradient = out.gradient.span();

  switch (kind) {
    case Kind::kTranspose:
      for (std::size_t i = 0; i < gradient.size(); ++i) {
        gradient[i % columns * rows + i / columns] = trace.gradients[id][i];
      }
      break;
    case Kind::kUnsummed:
      for (std::size_t i = 0; i < gradient.size(); ++i)
        gradient[i] = term(id, trace, i / columns, i % columns);
      break;
    case Kind::kWrongAxis:
      for (std::size_t row = 0; row < rows; ++row) {
        Accumulator<T> sum = widen(term(id, trace, row, 0));
        for (std::size_t c = 1; c < columns; ++c) sum = sum + widen(term(id, trace, row, c));
        gradient[row] = narrow<T>(sum);
      }
      break;
    case Kind::kSwap: id = edit->node == id ? edit->instead : edit->node; [[fallthrough]];
    default: std::copy(trace.gradients[id].begin(), trace.gradients[id].end(), gradient.begin());
  }
  return Status::kOk;
}

template Status read_returned(NodeId, std::span<const Edit>, const Trace<float>&, Returned<float>&) noexcept;
template Status read_returned(NodeId, std::span<const Edit>, const Trace<double>&,
                              Returned<double>&) noexcept;
template Status read_returned(NodeId, std::span<const Edit>, const Trace<Bounded<float>>&,
                              Returned<Bounded<float>>&) noexcept;
template Status read_returned(NodeId, std::span<const Edit>, const Trace<Bounded<double>>&,
                              Returned<Bounded<double>>&) noexcept;
template Status read_returned(NodeId, std::span<const Edit>, const Trace<Bounded<double, AnyPrecision>>&,
                              Returned<Bounded<double, AnyPrecision>>&) noexcept;

}  // namespace backnorm
