#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "backnorm/graph.hpp"
#include "backnorm/numpy_random.hpp"
#include "batch_graph.hpp"
#include "reference.hpp"

/// What several tests need: batches that own their numbers, and comparisons that say where they break.
namespace backnorm::test {

template <typename T>
struct Batch {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<T> x{}, gamma{}, beta{}, dy{};
  double eps = 1e-5;
  int ddof = 0;

  Case<T> view() const {
    return {.grouping = batch_grouping(rows, columns),
            .x = x,
            .gamma = gamma,
            .beta = beta,
            .dy = dy,
            .eps = eps,
            .ddof = ddof};
  }
};

template <typename T>
std::vector<T> rounded_to(const std::vector<double>& values) {
  std::vector<T> out;
  for (const double value : values) out.push_back(static_cast<T>(value));
  return out;
}

template <typename T>
Batch<T> batch_of(const ReferenceCase& reference) {
  return {reference.rows,
          reference.columns,
          rounded_to<T>(reference.array("x")),
          rounded_to<T>(reference.array("gamma")),
          rounded_to<T>(reference.array("beta")),
          rounded_to<T>(reference.array("dy")),
          reference.eps,
          reference.ddof};
}

inline ReferenceCase reference_case(const std::string& file, const std::string& name) {
  for (const ReferenceCase& one : read_cases(file)) {
    if (one.name == name) return one;
  }
  throw std::runtime_error(file + " has no case " + name);
}

/// The case of the course's notebook: 4x5, mean 12, deviation 5.
template <typename T>
Batch<T> course_batch() {
  return batch_of<T>(reference_case("cs231n.txt", std::is_same_v<T, float> ? "cs231n-f32" : "cs231n"));
}

/// Draws for property tests. The seed stands in the test, so that a failure comes back.
class Random {
 public:
  explicit Random(std::uint32_t seed) : numpy_(seed) {}

  double normal() { return numpy_.normal(); }
  double uniform() { return numpy_.uniform(); }
  /// An integer of [low, high].
  std::int64_t integer(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(uniform() * static_cast<double>(high - low + 1));
  }
  std::size_t size(std::size_t low, std::size_t high) {
    return static_cast<std::size_t>(integer(static_cast<std::int64_t>(low), static_cast<std::int64_t>(high)));
  }
  double one_of(std::initializer_list<double> values) { return values.begin()[size(0, values.size() - 1)]; }

  template <typename T>
  std::vector<T> normals(std::size_t count, double spread = 1.0, double mean = 0.0) {
    std::vector<T> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(static_cast<T>(mean + spread * normal()));
    return out;
  }

 private:
  NumpyRandom numpy_;
};

/// x of the given mean and spread; gamma, beta, dy standard normal; drawn in the order of the course's case.
template <typename T>
Batch<T> draw(Random& random, std::size_t rows, std::size_t columns, double mean, double spread, double eps,
              int ddof = 0) {
  Batch<T> batch{.rows = rows, .columns = columns, .eps = eps, .ddof = ddof};
  batch.x = random.normals<T>(rows * columns, spread, mean);
  batch.gamma = random.normals<T>(columns);
  batch.beta = random.normals<T>(columns);
  batch.dy = random.normals<T>(rows * columns);
  return batch;
}

/// What the edge brings, times a number.
inline Edit scaled(std::size_t edge, double factor) {
  return scale(kEdges[edge].from, kEdges[edge].to, factor);
}

template <typename T>
long double plain(T value) {
  return static_cast<long double>(value);
}
template <typename T, typename Arithmetic>
long double plain(Bounded<T, Arithmetic> number) {
  return static_cast<long double>(number.value);
}

/// Empty if |got[i] - want[i]| <= bound(i) for every i; else how many lie outside, and the first of them.
/// A NaN on either side lies outside; a bound that is NaN (0 times infinity) bounds nothing.
template <typename Got, typename Want, typename Bound>
std::string outside(const Got& got, const Want& want, Bound bound) {
  std::ostringstream text;
  text.precision(17);
  if (got.size() != want.size()) {
    text << got.size() << " values, expected " << want.size();
    return text.str();
  }
  std::size_t count = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const long double difference = std::abs(plain(got[i]) - plain(want[i]));
    const long double most = static_cast<long double>(bound(i));
    if (difference <= most || (std::isnan(most) && !std::isnan(difference))) continue;
    if (count++ == 0) {
      text << "[" << i << "] is " << static_cast<double>(plain(got[i])) << ", expected "
           << static_cast<double>(plain(want[i])) << " within " << static_cast<double>(most) << ", off by "
           << static_cast<double>(difference);
    }
  }
  if (count > 1) text << "; and " << count - 1 << " more";
  return text.str();
}

/// Equal as numbers, tolerance 0.
template <typename Got, typename Want>
std::string unequal(const Got& got, const Want& want) {
  return outside(got, want, [](std::size_t) { return 0.0; });
}

/// The largest absolute value, 0 of none.
template <typename Values>
double largest(const Values& values) {
  double most = 0.0;
  for (const auto value : values) most = std::max(most, std::abs(static_cast<double>(value)));
  return most;
}

/// What went wrong in a loop too long for an assertion a turn.
class Faults {
 public:
  void note(const std::string& context, const std::string& complaint) {
    if (complaint.empty()) return;
    if (count_++ == 0) first_ = context + ": " + complaint;
  }
  Faults& operator+=(const Faults& other) {
    if (count_ == 0) first_ = other.first_;
    count_ += other.count_;
    return *this;
  }
  std::size_t count() const { return count_; }
  /// Empty if nothing did.
  std::string text() const {
    return count_ == 0 ? "" : std::to_string(count_) + " faults, the first at " + first_;
  }

 private:
  std::size_t count_ = 0;
  std::string first_;
};

template <typename T>
std::string describe(const Batch<T>& batch, NodeId id) {
  std::ostringstream text;
  text << node(id).name << " of " << batch.rows << "x" << batch.columns << ", x[0] " << batch.x[0] << ", eps "
       << batch.eps << ", ddof " << batch.ddof;
  return text.str();
}

}  // namespace backnorm::test
