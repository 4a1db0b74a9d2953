#pragma once

#include <algorithm>
#include <cmath>
#include <span>

#include "backnorm/diagnosis.hpp"

namespace backnorm {

/// Adds to the passes what the program's arithmetic does to inputs and, in one pass, to the variance.
class Diagnosis::ProgramsRounding : public Observer<Number> {
 public:
  /// values: of the passes that are observed.
  ProgramsRounding(Diagnosis& diagnosis, const Tensors<Number>& values)
      : diagnosis_(diagnosis), values_(values) {}

  void value(NodeId id, std::span<Number> tensor) noexcept override {
    const Inputs& given = diagnosis_.inputs_;
    const auto [x, affine, dy] = diagnosis_.arithmetic_.inputs;
    if (id == NodeId::kX && !x) round(given.x, tensor, id);
    if (id == NodeId::kGamma && !affine) round(given.gamma, tensor, id);
    if (id == NodeId::kBeta && !affine) round(given.beta, tensor, id);
    if (id == NodeId::kVar && diagnosis_.arithmetic_.one_pass) cancel(tensor);
    blur(diagnosis_.quantities().value_of(id), id, tensor);
  }
  void gradient(NodeId id, std::span<Number> tensor) noexcept override {
    if (id == NodeId::kY && !diagnosis_.arithmetic_.inputs.dy) round(diagnosis_.inputs_.dy, tensor, id);
    if (id == NodeId::kY) blur(diagnosis_.quantities().gradient_of(id), id, tensor);
  }
  void contribution(std::size_t, std::span<Number>) noexcept override {}

 protected:
  Diagnosis& diagnosis_;

 private:
  /// The program may have read the inputs before they were rounded.
  void round(const Buffer<double>& given, std::span<Number> tensor, NodeId id) const {
    const Regrouping to = places(id);
    const std::span<const double> rounded = diagnosis_.rounded_input(id);
    for (std::size_t i = 0; i < tensor.size(); ++i)
      tensor[to(i)].error += std::abs(given.span()[i] - rounded[i]);
  }

  /// The digits of a printed input.
  void blur(std::size_t number, NodeId id, std::span<Number> tensor) const {
    if (!diagnosis_.takes_claimed_inputs_ || !diagnosis_.claims_[number].given) return;
    if (number != diagnosis_.quantities().gradient_of(NodeId::kY) && !diagnosis_.is_input_value(number))
      return;
    const std::span<const double> resolution = diagnosis_.claims_[number].resolution.span();
    const std::span<const double> values = diagnosis_.claims_[number].values.span();
    const auto is_whole = [](double value) { return value == std::nearbyint(value); };
    if (std::all_of(values.begin(), values.end(), is_whole)) return;  // typed, not measured
    if (resolution.size() != tensor.size()) return;
    const Regrouping to = places(id);
    for (std::size_t i = 0; i < tensor.size(); ++i) tensor[to(i)].error += resolution[i];
  }

  /// From the places of the case to those of these passes.
  Regrouping places(NodeId id) const {
    const bool is_elements = values_.graph().node(id).extent == Extent::kElements;
    const Grouping& own = values_.grouping();
    return {is_elements ? diagnosis_.case_.grouping : own, own};
  }

  /// The mean of x² less mean² has the rounding of both.
  void cancel(std::span<Number> var) {
    const std::span<const Number> x = values_[NodeId::kX];
    const double count = static_cast<double>(values_.rows()) - diagnosis_.case_.ddof;
    const double rounding = roundings(values_.grouping()) * AnyPrecision::now().rounding.unit;
    for (std::size_t c = 0; c < var.size(); ++c) {
      double squares = 0.0;
      for (std::size_t i = c; i < x.size(); i += var.size()) squares += x[i].value * x[i].value;
      const double lost = rounding * squares / count;
      if (lost < kLeastSignal * (var[c].value + diagnosis_.case_.eps)) var[c].error += lost;
    }
  }

  const Tensors<Number>& values_;
};

}  // namespace backnorm
