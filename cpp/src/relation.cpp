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
bool leads_to(std::size_t edge, NodeId id) {
  return kEdges[edge].from == id || (id == NodeId::kX && kEdges[edge].from == NodeId::kXc);
}

/// Tries one relation after another.
class Relator {
 public:
  Relator(const WrongArray& array, const Trace<Number>& right, const Trace<Number>& world)
      : array_(array),
        right_(right),
        world_(world),
        id_(quantity(array.number).node()),
        is_gradient_(quantity(array.number).kind == Quantity::Kind::kGradient),
        is_matrix_(quantity(array.number).is_matrix()),
        rows_(right.values.rows()),
        columns_(right.values.columns()) {}

  Status run(Relation& relation) {
    using Attempt = std::optional<Relation> (Relator::*)();
    for (const Attempt attempt :
         {&Relator::not_finite, &Relator::transposed, &Relator::unsummed, &Relator::wrong_axis,
          &Relator::shape, &Relator::ratio, &Relator::power, &Relator::path, &Relator::equal,
          &Relator::ratio_per_column, &Relator::offset_per_column}) {
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

  /// True if every given[i] is guess(i) within `factor` times the bound of a right number.
  template <typename Guess>
  bool all(Guess guess, double factor = 1.0) const {
    for (std::size_t i = 0; i < array_.given.size(); ++i) {
      const double slack = array_.bounds[i] * std::max(1.0, std::abs(factor));
      if (!(std::abs(array_.given[i] - guess(i)) <= slack)) return false;
    }
    return true;
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

  std::optional<Relation> unsummed() {
    if (is_matrix_ || !is_gradient_ || array_.given.size() != rows_ * columns_ || rows_ == 1) return {};
    for (std::size_t c = 0; c < columns_; ++c) {
      Number sum = 0.0;
      double resolution = 0.0;
      for (std::size_t i = c; i < array_.given.size(); i += columns_) {
        sum = sum + Number(array_.given[i]);
        resolution += array_.resolution[i];
      }
      const double slack = kOtherOrder * sum.error + array_.bounds[c] + resolution;
      if (!(std::abs(sum.value - wanted(c)) <= slack)) return {};
    }
    return only(Kind::kUnsummed);
  }

  std::optional<Relation> wrong_axis() {
    if (is_matrix_ || !is_gradient_ || array_.given.size() != rows_) return {};
    const Edit edit = at_node(Edit::Kind::kWrongAxis, id_);
    Returned<Number> folded;
    status_ = read_returned(id_, {&edit, 1}, right_, folded);
    if (status_ != Status::kOk) return {};
    for (std::size_t i = 0; i < rows_; ++i) {
      const Number sum = folded.gradient.span()[i];
      const double slack = kOtherOrder * sum.error + array_.resolution[i];
      if (!(std::abs(array_.given[i] - sum.value) <= slack)) return {};
    }
    return only(Kind::kWrongAxis);
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
      for (const int exponent : {1, -1, 2, -2, 3, -3}) {
        const auto factor = [&](std::size_t i) {
          return std::pow(right_.values[by][i % columns_].value, exponent);
        };
        double largest = 0.0;
        for (std::size_t c = 0; c < columns_; ++c) largest = std::max(largest, std::abs(factor(c)));
        if (!all([&](std::size_t i) { return factor(i) * wanted(i); }, largest)) continue;
        Relation relation = only(Kind::kPower);
        relation.node = static_cast<int>(place(by));
        relation.exponent = exponent;
        return relation;
      }
    }
    return {};
  }

  std::optional<Relation> path() {
    if (!is_gradient_) return {};
    for (const Kind kind : {Kind::kMissingPath, Kind::kOnlyPath}) {
      for (std::size_t edge = 0; edge < kEdgeCount; ++edge) {
        if (!leads_to(edge, id_)) continue;
        const std::span<const Number> path = world_.contributions[edge];
        const auto guess = [&](std::size_t i) {
          return kind == Kind::kOnlyPath ? path[i].value : wanted(i) - path[i].value;
        };
        if (!all(guess)) continue;
        Relation relation = only(kind);
        relation.other = contribution_of(edge);
        return relation;
      }
    }
    return {};
  }

  std::optional<Relation> equal() {
    for (std::size_t other = 0; other < 2 * kNodeCount; ++other) {
      const std::span<const Number> values = tensor(right_, other);
      if (other == array_.number || quantity(other).is_matrix() != is_matrix_) continue;
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
  NodeId id_;
  bool is_gradient_;
  bool is_matrix_;
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
