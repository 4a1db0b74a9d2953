#pragma once

#include <string>
#include <vector>

#include "backnorm/diagnosis.hpp"
#include "checks.hpp"

/// What the tests of Diagnosis share.
namespace backnorm::test {

inline std::span<const Edit> edits_of(std::string_view id) {
  for (const Mistake& mistake : mistakes()) {
    if (mistake.id == id) return mistake.edits;
  }
  return {};
}

/// A batch and a diagnosis of it, to which arrays are handed one after another.
template <typename T>
struct Patient {
  Batch<T> batch;
  Diagnosis diagnosis;

  explicit Patient(Batch<T> drawn) : batch(std::move(drawn)) {
    REQUIRE(status_code(diagnosis.prepare(batch.view())) == "ok");
  }
  template <typename Values>
  void give(std::size_t number, const Values& values, std::size_t rows = 0, std::size_t columns = 0) {
    REQUIRE(status_code(diagnosis.claim(number, rows, rows ? columns : values.size())) == "ok");
    std::copy(values.begin(), values.end(), diagnosis.claimed_values(number).begin());
  }
  /// Every value and gradient of a program that makes these mistakes, computed in T.
  void give_all(std::span<const Edit> edits) {
    Trace<T> trace;
    REQUIRE(status_code(trace.run(batch.view(), edits)) == "ok");
    for (const Node& one : kNodes) {
      give(value_of(one.id), trace.values[one.id]);
      Returned<T> returned;
      REQUIRE(status_code(read_returned(one.id, edits, trace, returned)) == "ok");
      give(gradient_of(one.id), returned.array.span(), returned.rows, returned.columns);
    }
  }
  void run() { REQUIRE(status_code(diagnosis.run()) == "ok"); }

  std::string first_wrong() const { return name_of(diagnosis.first_wrong()); }
  std::string_view truth(std::size_t number) const { return name(diagnosis.finding(number).truth); }
  std::string_view local(std::size_t number) const { return name(diagnosis.finding(number).local); }
  bool names(std::string_view id) const {
    for (const Fit& fit : diagnosis.fits()) {
      if (mistakes()[fit.mistake].id == id) return true;
    }
    return false;
  }

  static std::string name_of(std::size_t number) {
    if (number == kQuantityCount) return "none";
    const Quantity which = quantity(number);
    const std::string id(node(which.node).name);
    if (which.kind == Quantity::Kind::kValue) return id;
    if (which.kind == Quantity::Kind::kGradient) return "d" + id;
    return id + "->" + std::string(node(kEdges[which.index].to).name);
  }
};

}  // namespace backnorm::test
