#include "backnorm/layout.hpp"

#include <cstdint>
#include <limits>
#include <vector>

#include "catch.hpp"

namespace backnorm::test {
namespace {

struct GoodRow {
  std::vector<std::size_t> shape;
  Layout first;
  Layout last;
};

bool equal(const Layout& a, const Layout& b) {
  return a.outer == b.outer && a.channels == b.channels && a.inner == b.inner;
}

TEST_CASE("a shape of rank 1 to 8 is read as outer x channels x inner", "[layout]") {
  const GoodRow table[] = {
      {{5}, {1, 5, 1}, {1, 5, 1}},
      {{4, 5}, {4, 5, 1}, {4, 5, 1}},
      {{1, 1}, {1, 1, 1}, {1, 1, 1}},
      {{2, 3, 5}, {2, 3, 5}, {6, 5, 1}},
      {{2, 3, 4, 5}, {2, 3, 20}, {24, 5, 1}},
      {{2, 3, 4, 5, 6}, {2, 3, 120}, {120, 6, 1}},
      {{2, 3, 1, 1, 4, 1, 1, 5}, {2, 3, 20}, {24, 5, 1}},
  };
  for (const GoodRow& row : table) {
    Layout first;
    Layout last;
    CHECK(status_code(channels_first(row.shape, first)) == "ok");
    CHECK(status_code(channels_last(row.shape, last)) == "ok");
    CHECK(equal(first, row.first));
    CHECK(equal(last, row.last));
    CHECK(first.size() == last.size());
    CHECK(first.values_per_channel() * first.channels == first.size());
  }
}

TEST_CASE("channels may be at any axis, counted from either end", "[layout]") {
  const std::size_t shape[] = {2, 3, 4, 5};
  const Layout expected[] = {{1, 2, 60}, {2, 3, 20}, {6, 4, 5}, {24, 5, 1}};
  for (std::ptrdiff_t axis = -4; axis < 4; ++axis) {
    Layout layout;
    CHECK(status_code(channels_at(shape, axis, layout)) == "ok");
    CHECK(equal(layout, expected[(axis + 4) % 4]));
  }
  for (const std::ptrdiff_t axis : {-5, 4}) {
    Layout layout{7, 8, 9};
    CHECK(status_code(channels_at(shape, axis, layout)) == "invalid-shape");
    CHECK(equal(layout, {7, 8, 9}));
  }
}

struct BadRow {
  std::vector<std::size_t> shape;
  std::string_view code;
};

void check_refused(const BadRow& row) {
  CAPTURE(row.shape);
  for (const auto read : {channels_first, channels_last}) {
    Layout layout{7, 8, 9};
    CHECK(status_code(read(row.shape, layout)) == row.code);
    CHECK(equal(layout, {7, 8, 9}));
  }
}

TEST_CASE("an invalid shape is refused and leaves the layout unchanged", "[layout]") {
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  const BadRow table[] = {
      {{}, "invalid-shape"},
      {{1, 1, 1, 1, 1, 1, 1, 1, 1}, "invalid-shape"},
      {{0}, "empty-batch"},
      {{0, 5}, "empty-batch"},
      {{5, 0}, "empty-batch"},
      {{2, 3, 0}, "empty-batch"},
      {{2, 3, 4, 0, 5}, "empty-batch"},
      {{kMost, kMost, 2}, "invalid-shape"},                  // the product wraps round to 2
      {{1u << 16, 1u << 16, 1u << 16, 2}, "invalid-shape"},  // 2^49, one bit too many
  };
  for (const BadRow& row : table) check_refused(row);
}

#if SIZE_MAX > UINT32_MAX
TEST_CASE("a shape of 2^48 values is the largest", "[layout]") {
  Layout layout;
  const std::size_t shape[] = {std::size_t{1} << 24, std::size_t{1} << 24};
  CHECK(status_code(channels_first(shape, layout)) == "ok");
  CHECK(layout.size() == std::size_t{1} << 48);
}
#else
TEST_CASE("a shape whose size overflows 32 bits is refused", "[layout]") {
  // 65537 · 65536 wraps round to 65536: a span of 65536 values would fit, and the loops run past its end.
  const BadRow table[] = {{{65537, 65536}, "invalid-shape"}, {{65536, 2, 65536}, "invalid-shape"}};
  for (const BadRow& row : table) check_refused(row);
}
#endif

}  // namespace
}  // namespace backnorm::test
