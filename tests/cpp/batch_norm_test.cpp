#include "backnorm/batch_norm.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "fused.hpp"

namespace backnorm::test {
namespace {

TEMPLATE_TEST_CASE("up to 512 values, channels-first equals channels-last after a transpose to the bit",
                   "[batch-norm][grid]", float, double) {
  Random random(52);
  Faults faults;
  const std::size_t sizes[] = {1, 3, 4, 5, 7, 8, 9};  // around the widths of vectors
  for (const std::size_t outer : sizes) {
    for (const std::size_t channels : sizes) {
      for (const std::size_t inner : sizes) {
        if (outer * channels * inner > 512) continue;  // then lanes split the sums of a channel
        Fused<TestType> first = draw_fused<TestType>(random, {outer, channels, inner});
        Fused<TestType> last = first;
        last.layout = {outer * inner, channels, 1};
        const auto transposed = [&](const std::vector<TestType>& from) {
          std::vector<TestType> to(from.size());
          for (std::size_t o = 0; o < outer; ++o) {
            for (std::size_t c = 0; c < channels; ++c) {
              for (std::size_t i = 0; i < inner; ++i) {
                to[(o * inner + i) * channels + c] = from[(o * channels + c) * inner + i];
              }
            }
          }
          return to;
        };
        last.x = transposed(first.x);
        last.dy = transposed(first.dy);
        first.run();
        last.run();
        const std::string size =
            std::to_string(outer) + "," + std::to_string(channels) + "," + std::to_string(inner);
        faults.note("y " + size, unequal(last.y, transposed(first.y)));
        faults.note("dx " + size, unequal(last.dx, transposed(first.dx)));
        faults.note("mean " + size, unequal(last.mean, first.mean));
        faults.note("invstd " + size, unequal(last.invstd, first.invstd));
        faults.note("dgamma " + size, unequal(last.dgamma, first.dgamma));
        faults.note("dbeta " + size, unequal(last.dbeta, first.dbeta));
      }
    }
  }
  CHECK(faults.text() == "");
}

/// A tensor for each kernel: kDoubles, kScalar, kSweep of a matrix and of short planes, kPlanes, and one
/// channel.
const Layout kOfEveryKernel[] = {{4, 5, 1}, {3, 2, 7}, {70, 33, 1}, {40, 6, 5}, {3, 5, 49}, {5000, 1, 1}};

TEMPLATE_TEST_CASE("y may overwrite x, and dx may overwrite dy or x", "[batch-norm][aliasing]", float,
                   double) {
  Random random(53);
  for (const Layout layout : kOfEveryKernel) {
    Fused<TestType> apart = draw_fused<TestType>(random, layout);
    apart.run();
    Fused<TestType> one = apart;
    one.mark_outputs();
    const Saved<double> saved{.mean = one.mean, .invstd = one.invstd};
    const Status forward = batch_norm_forward<TestType>(layout, one.x, {.gamma = one.gamma, .beta = one.beta},
                                                        one.eps, 0, saved, one.x);
    REQUIRE(status_code(forward) == "ok");
    CHECK(unequal(one.x, apart.y) == "");
    const auto backward = [&](std::span<TestType> dy, std::span<TestType> x, std::span<TestType> dx) {
      const Status status =
          batch_norm_backward<TestType>(layout, {.dy = dy, .x = x}, one.gamma, 0, saved,
                                        {.dx = dx, .dgamma = one.dgamma, .dbeta = one.dbeta});
      REQUIRE(status_code(status) == "ok");
    };
    backward(one.dy, apart.x, one.dy);
    CHECK(unequal(one.dy, apart.dx) == "");
    CHECK(unequal(one.dgamma, apart.dgamma) == "");
    one.x = apart.x;
    backward(apart.dy, one.x, one.x);
    CHECK(unequal(one.x, apart.dx) == "");
  }
}

TEMPLATE_TEST_CASE("var is what invstd of batch norm was made of", "[batch-norm]", float, double) {
  Random random(56);
  for (const Layout layout : kOfEveryKernel) {
    for (const int ddof : {0, 1}) {
      Fused<TestType> fused = draw_fused<TestType>(random, layout);
      fused.mark_outputs();
      std::vector<double> var(layout.channels, -77.0);
      const auto forward = [&] {
        return batch_norm_forward<TestType>(layout, fused.x, {.gamma = fused.gamma, .beta = fused.beta}, 0.1,
                                            ddof, {.mean = fused.mean, .invstd = fused.invstd, .var = var},
                                            fused.y);
      };
      REQUIRE(status_code(forward()) == "ok");
      for (std::size_t c = 0; c < var.size(); ++c) CHECK(fused.invstd[c] == 1.0 / std::sqrt(var[c] + 0.1));
      var.push_back(0);
      CHECK(status_code(forward()) == "length-mismatch");
    }
  }
}

TEMPLATE_TEST_CASE("an empty gamma means ones and an empty beta zeros", "[batch-norm]", float, double) {
  Random random(54);
  for (const Layout layout : kOfEveryKernel) {
    Fused<TestType> full = draw_fused<TestType>(random, layout);
    full.gamma.assign(full.gamma.size(), TestType(1));
    full.beta.assign(full.beta.size(), TestType(0));
    Fused<TestType> empty = full;
    empty.gamma.clear();
    empty.beta.clear();
    full.run();
    empty.run();
    CHECK(unequal(empty.y, full.y) == "");
    CHECK(unequal(empty.dx, full.dx) == "");
    CHECK(unequal(empty.dgamma, full.dgamma) == "");  // written all the same
    CHECK(unequal(empty.dbeta, full.dbeta) == "");
  }
}

TEST_CASE("outputs are overwritten, not accumulated", "[batch-norm]") {
  Random random(55);
  Fused<double> fused = draw_fused<double>(random, {3, 4, 2});
  fused.run();
  const Fused<double> first = fused;
  REQUIRE(status_code(fused.forward()) == "ok");
  REQUIRE(status_code(fused.backward()) == "ok");
  CHECK(unequal(fused.dgamma, first.dgamma) == "");
  CHECK(unequal(fused.dx, first.dx) == "");
}

TEMPLATE_TEST_CASE("a NaN or an infinity spoils only its own channel", "[batch-norm]", float, double) {
  Random random(56);
  const Layout layout =
      GENERATE(Layout{3, 4, 2}, Layout{4, 5, 1}, Layout{70, 33, 1}, Layout{40, 6, 5}, Layout{3, 5, 49});
  Fused<TestType> good = draw_fused<TestType>(random, layout);
  good.run();
  for (const TestType poison :
       {std::numeric_limits<TestType>::quiet_NaN(), std::numeric_limits<TestType>::infinity()}) {
    for (const bool in_x : {true, false}) {
      Fused<TestType> bad = good;
      constexpr std::size_t kChannel = 2;
      (in_x ? bad.x : bad.dy)[(1 * layout.channels + kChannel) * layout.inner] = poison;
      bad.run();
      for (std::size_t i = 0; i < layout.size(); ++i) {
        if (i / layout.inner % layout.channels == kChannel) {
          CHECK_FALSE(std::isfinite(bad.dx[i]));
        } else {
          CHECK(bad.y[i] == good.y[i]);
          CHECK(bad.dx[i] == good.dx[i]);
        }
      }
      for (std::size_t c = 0; c < layout.channels; ++c) {
        CHECK((bad.dgamma[c] == good.dgamma[c]) == (c != kChannel));
      }
    }
  }
}

TEMPLATE_TEST_CASE("a layout whose size overflows is refused, whatever it wraps to", "[batch-norm][status]",
                   float, double) {
  // Two values by the product modulo 2^64 (2^32 in wasm), as many as are there: they were taken for all, and
  // read past.
  constexpr std::size_t kHalf = ~(std::numeric_limits<std::size_t>::max() / 2);
  for (const Layout layout : {Layout{kHalf + 1, 2, 1}, Layout{kHalf + 1, 1, 2}, Layout{2, 1, kHalf + 1}}) {
    REQUIRE(layout.size() == 2);
    Fused<TestType> fused{layout, {1, 2}, {}, {}, {1, 2}};
    fused.mark_outputs();
    const std::vector<TestType> marked = fused.y;
    CHECK(status_code(fused.forward()) == "length-mismatch");
    CHECK(status_code(fused.backward()) == "length-mismatch");
    CHECK(fused.y == marked);
    CHECK(fused.dx == marked);
  }
}

TEMPLATE_TEST_CASE("a refused call changes no output", "[batch-norm][status]", float, double) {
  using F = Fused<TestType>;
  struct Row {
    const char* what;
    void (*spoil)(F&);
    const char* forward;
    const char* backward;
  };
  const Row table[] = {
      {"no channels", [](F& f) { f.layout.channels = 0; }, "empty-batch", "empty-batch"},
      {"no rows", [](F& f) { f.layout.outer = 0; }, "empty-batch", "empty-batch"},
      {"no inner", [](F& f) { f.layout.inner = 0; }, "empty-batch", "empty-batch"},
      {"ddof 2", [](F& f) { f.ddof = 2; }, "invalid-ddof", "invalid-ddof"},
      {"ddof -1", [](F& f) { f.ddof = -1; }, "invalid-ddof", "invalid-ddof"},
      {"eps negative", [](F& f) { f.eps = -1e-9; }, "invalid-eps", nullptr},
      {"eps NaN", [](F& f) { f.eps = std::numeric_limits<double>::quiet_NaN(); }, "invalid-eps", nullptr},
      {"eps infinite", [](F& f) { f.eps = HUGE_VAL; }, "invalid-eps", nullptr},
      {"x short", [](F& f) { f.x.pop_back(); }, "length-mismatch", "length-mismatch"},
      {"x long", [](F& f) { f.x.push_back(0); }, "length-mismatch", "length-mismatch"},
      {"gamma short", [](F& f) { f.gamma.pop_back(); }, "length-mismatch", "length-mismatch"},
      {"beta short", [](F& f) { f.beta.pop_back(); }, "length-mismatch", nullptr},
      {"dy short", [](F& f) { f.dy.pop_back(); }, nullptr, "length-mismatch"},
      {"mean short", [](F& f) { f.mean.pop_back(); }, "length-mismatch", "length-mismatch"},
      {"invstd long", [](F& f) { f.invstd.push_back(0); }, "length-mismatch", "length-mismatch"},
      {"y short", [](F& f) { f.y.pop_back(); }, "length-mismatch", nullptr},
      {"dx short", [](F& f) { f.dx.pop_back(); }, nullptr, "length-mismatch"},
      {"dgamma empty", [](F& f) { f.dgamma.clear(); }, nullptr, "length-mismatch"},
      {"dbeta long", [](F& f) { f.dbeta.push_back(0); }, nullptr, "length-mismatch"},
      {"one value, ddof 1",
       [](F& f) {
         f.layout = {1, 4, 1};
         f.ddof = 1;
       },
       "one-value-per-channel", "one-value-per-channel"},
  };
  Random random(57);
  for (const Row& row : table) {
    CAPTURE(row.what);
    F fused = draw_fused<TestType>(random, {3, 4, 2});
    fused.mark_outputs();
    row.spoil(fused);
    const F before = fused;
    const auto same = [&] {
      return fused.mean == before.mean && fused.invstd == before.invstd && fused.y == before.y &&
             fused.dx == before.dx && fused.dgamma == before.dgamma && fused.dbeta == before.dbeta;
    };
    if (row.forward) {
      CHECK(status_code(fused.forward()) == row.forward);
      CHECK(same());
    }
    if (row.backward) {
      CHECK(status_code(fused.backward()) == row.backward);
      CHECK(same());
    }
  }
}

}  // namespace
}  // namespace backnorm::test
