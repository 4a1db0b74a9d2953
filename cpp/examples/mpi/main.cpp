/// Synchronized batch norm over MPI ranks: a few numbers per channel go around, and every rank normalizes its
/// own rows by the statistics of all.
#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "backnorm/batch_norm.hpp"
#include "backnorm/numpy_random.hpp"

using namespace backnorm;
using Values = std::vector<double>;

namespace {

constexpr std::size_t kRows = 103;
constexpr std::size_t kChannels = 7;
constexpr double kEps = 1e-5;

void must(Status status) {
  if (status == Status::kOk) return;
  std::fprintf(stderr, "%s\n", status_code(status).data());
  MPI_Abort(MPI_COMM_WORLD, 1);
}

Values draw(NumpyRandom& random, std::size_t count) {
  Values values(count);
  for (double& value : values) value = random.normal();
  return values;
}

/// A rank's own statistics become those of all ranks, merged in their order, so that every rank gets the same
/// bits.
void merge_all(Statistics<double>& own, int ranks) {
  std::vector<std::uint64_t> counts(static_cast<std::size_t>(ranks));
  Values means(counts.size() * kChannels), squares(means.size());
  constexpr int kSize = static_cast<int>(kChannels);
  MPI_Allgather(&own.count, 1, MPI_UINT64_T, counts.data(), 1, MPI_UINT64_T, MPI_COMM_WORLD);
  MPI_Allgather(own.mean.data(), kSize, MPI_DOUBLE, means.data(), kSize, MPI_DOUBLE, MPI_COMM_WORLD);
  MPI_Allgather(own.m2.data(), kSize, MPI_DOUBLE, squares.data(), kSize, MPI_DOUBLE, MPI_COMM_WORLD);
  own.count = 0;
  for (std::size_t rank = 0; rank < counts.size(); ++rank) {
    must(batch_norm_merge_statistics({.count = counts[rank],
                                      .mean = std::span(means).subspan(rank * kChannels, kChannels),
                                      .m2 = std::span(squares).subspan(rank * kChannels, kChannels)},
                                     own));
  }
}

/// The largest |part - whole| of all ranks, over the largest |whole|.
double furthest(const Values& part, std::span<const double> whole, const Values& all) {
  double most = 0.0;
  for (std::size_t i = 0; i < part.size(); ++i) most = std::max(most, std::abs(part[i] - whole[i]));
  MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  double largest = 0.0;
  for (const double value : all) largest = std::max(largest, std::abs(value));
  return most / largest;
}

}  // namespace

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  int rank = 0;
  int ranks = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);

  NumpyRandom random(4);
  const Values x = draw(random, kRows * kChannels);
  const Values gamma = draw(random, kChannels);
  const Values beta = draw(random, kChannels);
  const Values dy = draw(random, kRows * kChannels);

  // this rank's rows
  const auto begin_of = [&](int r) {
    return kRows * static_cast<std::size_t>(r) / static_cast<std::size_t>(ranks);
  };
  const std::size_t begin = begin_of(rank) * kChannels;
  const std::size_t size = begin_of(rank + 1) * kChannels - begin;
  const Layout mine{size / kChannels, kChannels, 1};
  const std::span<const double> my_x = std::span(x).subspan(begin, size);
  const std::span<const double> my_dy = std::span(dy).subspan(begin, size);

  Values mean(kChannels), invstd(kChannels), sum_dy(kChannels), sum_dy_xhat(kChannels), y(size), dx(size);
  Statistics<double> statistics{.mean = mean, .m2 = invstd};  // which becomes what its name says, below
  must(batch_norm_statistics<double>(mine, my_x, statistics));
  merge_all(statistics, ranks);
  must(batch_norm_invstd(statistics, kEps, 0, invstd));
  const Affine<double> affine{.gamma = gamma, .beta = beta};
  const Saved<double> saved{.mean = mean, .invstd = invstd};
  must(batch_norm_normalize<double>(mine, my_x, affine, saved, y));

  const BackwardInputs<double> inputs{.dy = my_dy, .x = my_x};
  const Sums<double> sums{.dbeta = sum_dy, .dgamma = sum_dy_xhat};
  must(batch_norm_sums<double>(mine, inputs, saved, sums));
  for (Values* sum : {&sum_dy, &sum_dy_xhat}) {
    MPI_Allreduce(MPI_IN_PLACE, sum->data(), static_cast<int>(kChannels), MPI_DOUBLE, MPI_SUM,
                  MPI_COMM_WORLD);
  }
  must(batch_norm_apply<double>(mine, inputs, gamma, statistics.count, 0, saved, sums, dx));

  // the whole batch on one rank, to compare with
  const Layout whole{kRows, kChannels, 1};
  Values all_y(x.size()), all_dx(x.size()), dgamma(kChannels), dbeta(kChannels);
  must(batch_norm_forward<double>(whole, x, affine, kEps, 0, saved, all_y));
  must(batch_norm_backward<double>(whole, {.dy = dy, .x = x}, gamma, 0, saved,
                                   {.dx = all_dx, .dgamma = dgamma, .dbeta = dbeta}));
  const double errors[] = {furthest(y, std::span<const double>(all_y).subspan(begin, size), all_y),
                           furthest(dx, std::span<const double>(all_dx).subspan(begin, size), all_dx),
                           furthest(sum_dy_xhat, dgamma, dgamma), furthest(sum_dy, dbeta, dbeta)};
  if (rank == 0) {
    std::printf("{\"ranks\":%d,\"y\":%g,\"dx\":%g,\"dgamma\":%g,\"dbeta\":%g}\n", ranks, errors[0], errors[1],
                errors[2], errors[3]);
  }
  MPI_Finalize();
  return 0;
}
