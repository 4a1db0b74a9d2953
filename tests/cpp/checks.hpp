#pragma once

#include <string_view>

#include "backnorm/gradcheck.hpp"
#include "catch.hpp"
#include "support.hpp"

/// What the tests of Gradcheck share.
namespace backnorm::test {

constexpr std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass: return "pass";
    case Verdict::kFail: return "fail";
    case Verdict::kUndecidable: return "undecidable";
  }
  return "unknown";
}

/// A check of the whole graph, all rows taken.
template <typename T>
struct Checked {
  Gradcheck<T> check;

  explicit Checked(const Batch<T>& batch, std::span<const Edit> edits = {}) {
    REQUIRE(status_code(check.prepare(batch.view(), edits)) == "ok");
    check.check();
  }
  std::string_view verdict(NodeId id) const { return name(check.report(id).verdict); }
};

}  // namespace backnorm::test
