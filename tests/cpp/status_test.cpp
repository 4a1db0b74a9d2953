#include "backnorm/status.hpp"

#include <set>
#include <string>

#include "catch.hpp"

namespace backnorm::test {
namespace {

TEST_CASE("every status has the code that JavaScript callers rely on", "[status]") {
  struct Row {
    Status status;
    std::string_view code;
  };
  const Row table[] = {
      {Status::kOk, "ok"},
      {Status::kEmptyBatch, "empty-batch"},
      {Status::kLengthMismatch, "length-mismatch"},
      {Status::kInvalidShape, "invalid-shape"},
      {Status::kInvalidEps, "invalid-eps"},
      {Status::kInvalidDdof, "invalid-ddof"},
      {Status::kInvalidMomentum, "invalid-momentum"},
      {Status::kOneValuePerChannel, "one-value-per-channel"},
      {Status::kNotFinite, "not-finite"},
      {Status::kOutOfMemory, "out-of-memory"},
  };
  std::set<std::string_view> codes;
  for (const Row& row : table) {
    CHECK(status_code(row.status) == row.code);
    codes.insert(status_code(row.status));
  }
  CHECK(codes.size() == std::size(table));
  CHECK(status_code(static_cast<Status>(std::size(table))) == "unknown-status");
}

}  // namespace
}  // namespace backnorm::test
