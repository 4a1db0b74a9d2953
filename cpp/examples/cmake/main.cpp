/// CS231n's test case, there and back: its dx, as the course prints it, and what the checker says of it.
#include <backnorm/batch_norm.hpp>
#include <backnorm/gradcheck.hpp>
#include <backnorm/numpy_random.hpp>
#include <cstdio>
#include <cstdlib>

using namespace backnorm;

void must(Status status) {
  if (status == Status::kOk) return;
  std::fprintf(stderr, "%s\n", status_code(status).data());
  std::exit(1);
}

int main() {
  double x[20], gamma[5], beta[5], dy[20], mean[5], invstd[5], y[20], dx[20], dgamma[5], dbeta[5];
  NumpyRandom random(231);
  for (const std::span<double> array : {std::span<double>(x), {gamma}, {beta}, {dy}}) random.normal(array);
  for (double& value : x) value = 5 * value + 12;

  const Layout layout{.outer = 4, .channels = 5, .inner = 1};
  const Saved<double> saved{.mean = mean, .invstd = invstd};
  must(batch_norm_forward<double>(layout, x, {.gamma = gamma, .beta = beta}, 1e-5, 0, saved, y));
  must(batch_norm_backward<double>(layout, {.dy = dy, .x = x}, gamma, 0, saved,
                                   {.dx = dx, .dgamma = dgamma, .dbeta = dbeta}));

  Gradcheck<double> checker;
  must(checker.prepare(
      {.grouping = backnorm::batch_grouping(4, 5), .x = x, .gamma = gamma, .beta = beta, .dy = dy}));
  must(checker.claim(NodeId::kX, dx));
  checker.check();

  for (const double value : dx) std::printf("%.8f\n", value);
  std::puts(checker.report(NodeId::kX).verdict == Verdict::kPass ? "pass" : "not a pass");
}
