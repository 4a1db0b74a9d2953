#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "fused.hpp"

/// Every array of every call of batch_norm.hpp, one value short in turn, and every call on a tensor without
/// values.
namespace backnorm::test {
namespace {

struct Arrays {
  Layout layout{3, 2, 1};
  std::vector<double> x{1, 2, 3, 4, 5, 7}, dy{2, 1, 3, 1, 4, 1};
  std::vector<double> gamma{1, 1}, beta{1, 1}, mean{3, 4}, var{2, 2}, other_mean{1, 1}, other_var{1, 1};
  std::vector<double> tensor = std::vector<double>(6, -77.0);
  std::vector<double> out = std::vector<double>(2, -77.0), other_out = out, third_out = out, last_out = out;

  Affine<double> affine() { return {gamma, beta}; }
  Gradients<double> gradients() { return {tensor, out, other_out}; }
};

using Array = std::vector<double> Arrays::*;
using A = Arrays;

struct Call {
  const char* what;
  Status (*run)(Arrays&);
  std::vector<Array> arrays;  // each of the length that the call wants of it
  bool has_layout = true;
};

const Call kCalls[] = {
    {"forward",
     [](A& a) {
       return batch_norm_forward<double>(a.layout, a.x, a.affine(), 1e-5, 0, {a.out, a.other_out}, a.tensor);
     },
     {&A::x, &A::gamma, &A::beta, &A::out, &A::other_out, &A::tensor}},
    {"forward with running statistics",
     [](A& a) {
       return batch_norm_forward<double>(a.layout, a.x, a.affine(), 1e-5, 0, {a.out, a.other_out}, a.tensor,
                                         Running<double>{a.third_out, a.last_out});
     },
     {&A::x, &A::gamma, &A::beta, &A::third_out, &A::last_out, &A::out, &A::other_out, &A::tensor}},
    {"backward",
     [](A& a) {
       return batch_norm_backward<double>(a.layout, {a.dy, a.x}, a.gamma, 0, {a.mean, a.var}, a.gradients());
     },
     {&A::dy, &A::x, &A::gamma, &A::mean, &A::var, &A::tensor, &A::out, &A::other_out}},
    {"infer",
     [](A& a) {
       return batch_norm_infer<double>(a.layout, a.x, a.affine(), 1e-5, {a.mean, a.var}, a.tensor);
     },
     {&A::x, &A::gamma, &A::beta, &A::mean, &A::var, &A::tensor}},
    {"infer_backward",
     [](A& a) {
       return batch_norm_infer_backward<double>(a.layout, {a.dy, a.x}, a.gamma, 1e-5, {a.mean, a.var},
                                                a.gradients());
     },
     {&A::dy, &A::x, &A::gamma, &A::mean, &A::var, &A::tensor, &A::out, &A::other_out}},
    {"statistics",
     [](A& a) {
       Statistics<double> part{0, a.out, a.other_out};
       return batch_norm_statistics<double>(a.layout, a.x, part);
     },
     {&A::x, &A::out, &A::other_out}},
    {"merge_statistics",
     [](A& a) {
       Statistics<double> whole{3, a.out, a.other_out};
       return batch_norm_merge_statistics({3, a.other_mean, a.other_var}, whole);
     },
     {&A::out, &A::other_out, &A::other_mean, &A::other_var},
     false},
    {"invstd",
     [](A& a) {
       return batch_norm_invstd({3, a.mean, a.var}, 1e-5, 0, a.out);
     },
     {&A::mean, &A::var, &A::out},
     false},
    {"update_running",
     [](A& a) {
       return batch_norm_update_running<double>({3, a.mean, a.var}, {a.out, a.other_out});
     },
     {&A::mean, &A::var, &A::out, &A::other_out},
     false},
    {"normalize",
     [](A& a) {
       return batch_norm_normalize<double>(a.layout, a.x, a.affine(), {a.mean, a.var}, a.tensor);
     },
     {&A::x, &A::gamma, &A::beta, &A::mean, &A::var, &A::tensor}},
    {"sums",
     [](A& a) {
       return batch_norm_sums<double>(a.layout, {a.dy, a.x}, {a.mean, a.var}, {a.out, a.other_out});
     },
     {&A::dy, &A::x, &A::mean, &A::var, &A::out, &A::other_out}},
    {"apply",
     [](A& a) {
       return batch_norm_apply<double>(a.layout, {a.dy, a.x}, a.gamma, 3, 0, {a.mean, a.var},
                                       {a.other_mean, a.other_var}, a.tensor);
     },
     {&A::dy, &A::x, &A::gamma, &A::mean, &A::var, &A::other_mean, &A::other_var, &A::tensor}},
};

/// Whether an output holds what it held, however long it is.
bool untouched(const Arrays& arrays) {
  for (const Array array : {&A::tensor, &A::out, &A::other_out, &A::third_out, &A::last_out}) {
    for (const double value : arrays.*array) {
      if (value != -77.0) return false;
    }
  }
  return true;
}

TEST_CASE("each array that is one value short is refused, and no output changes", "[batch-norm][status]") {
  for (const Call& call : kCalls) {
    Arrays whole;
    CAPTURE(call.what);
    CHECK(status_code(call.run(whole)) == "ok");
    CHECK_FALSE(untouched(whole));
    for (std::size_t i = 0; i < call.arrays.size(); ++i) {
      CAPTURE(i);
      Arrays arrays;
      (arrays.*call.arrays[i]).pop_back();
      CHECK(status_code(call.run(arrays)) == "length-mismatch");
      CHECK(untouched(arrays));
    }
  }
}

TEST_CASE("a tensor without values is refused, and no output changes", "[batch-norm][status]") {
  for (const Call& call : kCalls) {
    if (!call.has_layout) continue;
    CAPTURE(call.what);
    for (const Layout layout : {Layout{0, 2, 1}, Layout{3, 0, 1}, Layout{3, 2, 0}}) {
      Arrays arrays;
      arrays.layout = layout;
      CHECK(status_code(call.run(arrays)) == "empty-batch");
      CHECK(untouched(arrays));
    }
  }
}

TEST_CASE("eval mode refuses an invalid eps in both passes", "[infer][status]") {
  for (const double eps : {-1e-9, HUGE_VAL, std::numeric_limits<double>::quiet_NaN()}) {
    Arrays a;
    const Frozen<double> running{a.mean, a.var};
    CHECK(status_code(batch_norm_infer<double>(a.layout, a.x, {}, eps, running, a.tensor)) == "invalid-eps");
    CHECK(status_code(batch_norm_infer_backward<double>(a.layout, {a.dy, a.x}, {}, eps, running,
                                                        a.gradients())) == "invalid-eps");
    CHECK(untouched(a));
  }
}

}  // namespace
}  // namespace backnorm::test
