#include "backnorm/relation.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "backnorm/mistakes.hpp"

namespace backnorm {
namespace {

using Kind = Relation::Kind;
using Number = ProgramNumber;

Relation only(Kind kind) {
  return {.kind = kind};
}

/// The edges through which a gradient reaches a node; x gets those of xc unchanged.
bool leads_to(const Edge& edge, NodeId id) {
  return edge.from == id || (id == NodeId::kX && edge.from == NodeId::kXc);
}

/// Tries one relation after another.
class Relator {
 public:
  Relator(const WrongArray& array, const Trace<Number>& right, const Trace<Number>& world)
      : array_(array),
        right_(right),
        world_(world),
        quantities_(right.values.graph()),
        which_(quantities_[array.number]),
        is_gradient_(which_.kind == Quantity::Kind::kGradient),
        is_matrix_(which_.extent == Extent::kElements),
        shares_lanes_(right.values.shares_lanes(which_.node)),
        rows_(right.values.rows()),
        columns_(right.values.columns()) {}

  Status run(Relation& relation) {
    using Attempt = std::optional<Relation> (Relator::*)();
    for (const Attempt attempt :
         {&Relator::not_finite, &Relator::transposed, &Relator::unsummed, &Relator::per_sample,
          &Relator::wrong_axis, &Relator::shape, &Relator::ratio, &Relator::power, &Relator::path,
          &Relator::equal, &Relator::ratio_per_column, &Relator::offset_per_column}) {
      const std::optional<Relation> found = (this->*attempt)();
      if (status_ != Status::kOk) return status_;
      if (!found) continue;
      relation = *found;
      return Status::kOk;
    }
    relation = only(Kind::kNone);
    return Status::kOk;
  }

 private:
  double wanted(std::size_t i) const { return array_.wanted[i].value; }

  /// True if every given[i] is guess(i) within `factor` times the bound of a right number. A large factor
  /// must leave more of some number than of its bound: else it explains whatever is given.
  template <typename Guess>
  bool all(Guess guess, double factor = 1.0) const {
    bool tells = std::abs(factor) <= 1.0;
    for (std::size_t i = 0; i < array_.given.size(); ++i) {
      const double slack = array_.bounds[i] * std::max(1.0, std::abs(factor));
      if (!(std::abs(array_.given[i] - guess(i)) <= slack)) return false;
      tells |= std::abs(guess(i)) > slack;
    }
    return tells;
  }

  std::optional<Relation> not_finite() {
    const auto is_bad = [](double value) { return !std::isfinite(value); };
    const auto bad = std::find_if(array_.given.begin(), array_.given.end(), is_bad);
    if (bad == array_.given.end()) return {};
    Relation relation = only(Kind::kNotFinite);
    relation.where = static_cast<std::size_t>(bad - array_.given.begin());
    return relation;
  }

  std::optional<Relation> transposed() {
    if (!is_matrix_ || array_.given.size() != rows_ * columns_ || rows_ == 1 || columns_ == 1) return {};
    for (std::size_t i = 0; i < array_.given.size(); ++i) {
      const std::size_t at = i % rows_ * columns_ + i / rows_;
      if (!(std::abs(array_.given[i] - wanted(at)) <= array_.bounds[at])) return {};
    }
    return only(Kind::kTransposed);
  }

  /// The lane of the node whose sum has the term at index i of the elements.
  std::size_t lane_of(std::size_t i) const {
    const std::size_t column = i % columns_;
    const Grouping& grouping = right_.values.grouping();
    return shares_lanes_ ? column : grouping.channel(i / columns_, column);
  }

  /// True if the values at lane(i) add up to the right ones.
  template <typename Lane>
  bool adds_up(Lane lane) {
    Buffer<Number> sums;
    Buffer<double> resolutions;
    const std::size_t lanes = array_.wanted.size();
    for (const Status status : {sums.resize(lanes), resolutions.resize(lanes)}) {
      if (status != Status::kOk) status_ = status;
    }
    if (status_ != Status::kOk) return false;
    for (std::size_t i = 0; i < array_.given.size(); ++i) {
      sums.span()[lane(i)] = sums.span()[lane(i)] + Number(array_.given[i]);
      resolutions.span()[lane(i)] += array_.resolution[i];
    }
    for (std::size_t at = 0; at < lanes; ++at) {
      const Number sum = sums.span()[at];
      const double slack = kOtherOrder * sum.error + array_.bounds[at] + resolutions.span()[at];
      if (!(std::abs(sum.value - wanted(at)) <= slack)) return false;
    }
    return true;
  }

  std::optional<Relation> unsummed() {
    if (is_matrix_ || !is_gradient_ || array_.given.size() != rows_ * columns_) return {};
    if (array_.given.size() == array_.wanted.size()) return {};
    if (!adds_up([&](std::size_t i) { return lane_of(i); })) return {};
    return only(Kind::kUnsummed);
  }

  /// The relation if the array is what a program with this edit of the node returns.
  std::optional<Relation> summed(Edit::Kind how, Kind kind) {
    const Edit edit = at_node(how, which_.node);
    Returned<Number> folded;
    status_ = read_returned(array_.number, {&edit, 1}, right_, right_.values.grouping(), folded);
    if (status_ != Status::kOk || folded.array.span().size() != array_.given.size()) return {};
    for (std::size_t i = 0; i < array_.given.size(); ++i) {
      const Number sum = folded.array.span()[i];
      const double slack = kOtherOrder * sum.error + array_.resolution[i];
      if (!(std::abs(array_.given[i] - sum.value) <= slack)) return {};
    }
    return only(kind);
  }

  std::optional<Relation> per_sample() {
    const Grouping& grouping = right_.values.grouping();
    if (which_.extent != Extent::kParameters || !is_gradient_ || grouping.positions == 1) return {};
    if (grouping.samples == 1 || array_.given.size() != grouping.samples * grouping.channels) return {};
    return summed(Edit::Kind::kPerSample, Kind::kPerSample);
  }

  std::optional<Relation> wrong_axis() {
    if (is_matrix_ || !is_gradient_ || array_.given.size() != (shares_lanes_ ? rows_ : columns_)) return {};
    return summed(Edit::Kind::kWrongAxis, Kind::kWrongAxis);
  }

  std::optional<Relation> shape() {
    if (array_.has_shape) return {};
    return only(Kind::kShape);
  }

  std::optional<Relation> ratio() {
    double given_wanted = 0.0;
    double wanted_wanted = 0.0;
    for (std::size_t i = 0; i < array_.given.size(); ++i) {
      given_wanted += array_.given[i] * wanted(i);
      wanted_wanted += wanted(i) * wanted(i);
    }
    const double ratio = given_wanted / wanted_wanted;
    const auto guess = [&](std::size_t i) { return ratio * wanted(i); };
    if (array_.given.size() < 2 || !std::isfinite(ratio) || !all(guess, ratio)) return {};
    Relation relation = only(Kind::kRatio);
    relation.ratio = ratio;
    return relation;
  }

  std::optional<Relation> power() {
    for (const NodeId by : {NodeId::kStd, NodeId::kGamma}) {
      const bool of_parameters = which_.extent == Extent::kParameters;
      const bool is_gamma = by == NodeId::kGamma;
      // one value for each of the array's: of its group, or of its parameter
      if (!shares_lanes_ && is_gamma != of_parameters) continue;
      if (!is_matrix_ && is_gamma && !right_.values.shares_lanes(by) && !of_parameters) continue;
      const auto reading = right_.values.reading(by);
      const std::size_t stride = of_parameters ? 0 : reading.stride;
      const Number* const data = of_parameters ? right_.values[by].data() : reading.data;
      const std::size_t lanes = right_.values.lanes(which_.node);
      for (const int exponent : {1, -1, 2, -2, 3, -3}) {
        const auto factor = [&](std::size_t i) {
          const double base = data[i / lanes * stride + i % lanes].value;
          double power = 1.0;  // std::pow brings tables along
          for (int times = 0; times < std::abs(exponent); ++times) power *= base;
          return exponent < 0 ? 1.0 / power : power;
        };
        double largest = 0.0;
        for (std::size_t i = 0; i < array_.given.size(); ++i)
          largest = std::max(largest, std::abs(factor(i)));
        if (!all([&](std::size_t i) { return factor(i) * wanted(i); }, largest)) continue;
        Relation relation = only(Kind::kPower);
        relation.node = static_cast<int>(quantities_.value_of(by));
        relation.exponent = exponent;
        return relation;
      }
    }
    return {};
  }

  std::optional<Relation> path() {
    if (!is_gradient_) return {};
    const std::span<const Edge> edges = quantities_.graph().edges;
    for (const Kind kind : {Kind::kMissingPath, Kind::kOnlyPath}) {
      for (std::size_t edge = 0; edge < edges.size(); ++edge) {
        if (!leads_to(edges[edge], which_.node)) continue;
        const std::span<const Number> path = world_.contributions[edge];
        const auto guess = [&](std::size_t i) {
          return kind == Kind::kOnlyPath ? path[i].value : wanted(i) - path[i].value;
        };
        if (!all(guess)) continue;
        Relation relation = only(kind);
        relation.other = quantities_.contribution_of(edge);
        return relation;
      }
    }
    return {};
  }

  std::optional<Relation> equal() {
    for (std::size_t other = 0; other < quantities_.contribution_of(0); ++other) {
      const std::span<const Number> values = tensor(right_, other);
      if (other == array_.number || quantities_[other].extent != which_.extent) continue;
      if (!all([&](std::size_t i) { return values[i].value; })) continue;
      Relation relation = only(Kind::kEquals);
      relation.other = other;
      return relation;
    }
    return {};
  }

  /// True if guess(number, i), with one number per column, gives the array.
  template <typename NumberOf, typename Guess>
  bool in_columns(NumberOf number_of, Guess guess) const {
    if (!is_matrix_ || rows_ == 1) return false;
    for (std::size_t c = 0; c < columns_; ++c) {
      const double number = number_of(c);
      for (std::size_t i = c; i < array_.given.size(); i += columns_) {
        const double slack =
            2.0 * array_.bounds[i] * std::max(1.0, std::abs(number));  // its own error, and that of a value
        if (!(std::abs(array_.given[i] - guess(number, i)) <= slack)) return false;
      }
    }
    return true;
  }

  std::optional<Relation> ratio_per_column() {
    const auto ratio = [&](std::size_t c) {
      double above = 0.0;
      double below = 0.0;
      for (std::size_t i = c; i < array_.given.size(); i += columns_) {
        above += array_.given[i] * wanted(i);
        below += wanted(i) * wanted(i);
      }
      return below > 0 ? above / below : 0.0;
    };
    if (!in_columns(ratio, [&](double k, std::size_t i) { return k * wanted(i); })) return {};
    return only(Kind::kRatioPerColumn);
  }

  std::optional<Relation> offset_per_column() {
    const auto offset = [&](std::size_t c) {
      double sum = 0.0;
      for (std::size_t i = c; i < array_.given.size(); i += columns_) sum += array_.given[i] - wanted(i);
      return sum / static_cast<double>(rows_);
    };
    if (!in_columns(offset, [&](double k, std::size_t i) { return k + wanted(i); })) return {};
    return only(Kind::kOffsetPerColumn);
  }

  const WrongArray& array_;
  const Trace<Number>& right_;
  const Trace<Number>& world_;
  Quantities quantities_;
  Quantity which_;
  bool is_gradient_;
  bool is_matrix_;
  bool shares_lanes_;
  std::size_t rows_;
  std::size_t columns_;
  Status status_ = Status::kOk;
};

}  // namespace

Status relate(const WrongArray& array, const Trace<Number>& right, const Trace<Number>& world,
              Relation& relation) noexcept {
  return Relator(array, right, world).run(relation);
}

}  // namespace backnorm
