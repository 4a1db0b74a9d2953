#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

#include "../cpp/norm_case.hpp"
#include "backnorm/graph.hpp"
#include "backnorm/mistakes.hpp"
#include "backnorm/status.hpp"

/// What has to hold, whatever the input. libFuzzer keeps the input of an abort.
#define EXPECT(condition)                                                          \
  do {                                                                             \
    if (!(condition)) {                                                            \
      std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                \
    }                                                                              \
  } while (false)

/// The bytes of a fuzzer as sizes, numbers, cases and edits.
namespace backnorm::fuzz {

using namespace test;

enum class Range {
  kMild,   ///< means up to 1e6 spreads, spreads from 1e-6 to 1e6: what float32 is promised to keep
  kBroad,  ///< spreads from 1e-38 to 1e38 in float64: products of five neither overflow nor underflow
  kWild,   ///< any bits
};

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : bytes_(data, size) {}

  bool flip() { return bytes_.ConsumeBool(); }
  /// One time in n.
  bool rarely(std::size_t n) { return size(1, n) == n; }
  std::size_t size(std::size_t low, std::size_t high) {
    return bytes_.ConsumeIntegralInRange<std::size_t>(low, high);
  }
  Range range() { return one_of({Range::kMild, Range::kBroad, Range::kWild}); }
  template <typename Integer>
  Integer bits() {
    return bytes_.ConsumeIntegral<Integer>();
  }
  template <typename Value>
  Value one_of(std::initializer_list<Value> values) {
    return values.begin()[size(0, values.size() - 1)];
  }

  /// A size that lies on or beside a width of vectors, blocks or panels, or anywhere up to `most`.
  std::size_t length(std::size_t most) {
    return std::min(
        most, flip() ? size(1, most)
                     : one_of<std::size_t>({1,  2,  3,  4,  5,   7,   8,   9,   15,  16,  17,   31,   32,
                                            33, 63, 64, 65, 127, 128, 129, 511, 512, 513, 1023, 1024, 1025}));
  }

  template <typename T>
  T wild() {
    using Limits = std::numeric_limits<T>;
    using Bits = std::conditional_t<std::is_same_v<T, float>, std::uint32_t, std::uint64_t>;
    switch (size(0, 9)) {
      case 0: return Limits::quiet_NaN();
      case 1: return Limits::infinity();
      case 2: return -Limits::infinity();
      case 3: return Limits::max();
      case 4: return Limits::lowest();
      case 5: return Limits::denorm_min();
      case 6: return Limits::min();
      case 7: return T(-0.0);
      default: {
        const Bits bits = this->bits<Bits>();
        T value;
        std::memcpy(&value, &bits, sizeof value);
        return value;
      }
    }
  }

  /// Numbers about a mean, drawn from a seed so that few bytes fill a large tensor, and a few of them put in
  /// by hand.
  template <typename T>
  std::vector<T> numbers(std::size_t count, Range range) {
    std::vector<T> out(count);
    constexpr int kLargest = std::numeric_limits<T>::max_exponent10;
    const int most = range == Range::kMild ? 6 : range == Range::kBroad ? kLargest / 8 : kLargest;
    const double spread = rarely(8) ? 0.0 : std::pow(10.0, int(size(0, 2 * std::size_t(most))) - most);
    const double mean = flip() ? 0.0 : std::pow(10.0, int(size(0, 7)) - 1) * (spread > 0 ? spread : 1.0);
    seed_ = bits<std::uint16_t>();
    for (T& value : out) value = static_cast<T>(mean + spread * draw());
    for (std::size_t pokes = count > 0 ? size(0, 3) : 0; pokes > 0; --pokes) {
      const T poke =
          range == Range::kWild && flip() ? wild<T>() : static_cast<T>(spread * bits<std::int8_t>());
      out[size(0, count - 1)] = poke;
    }
    return out;
  }

  double eps(Range range) {
    if (range == Range::kWild && rarely(4)) return wild<double>();
    return one_of({1e-5, 1e-3, 1e-12, 0.0, 1.0});
  }

 private:
  /// Splitmix64, as a number of [-1, 1).
  double draw() {
    std::uint64_t z = seed_ += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return static_cast<double>(z ^ (z >> 31)) * 0x1p-63 - 1.0;
  }

  FuzzedDataProvider bytes_;
  std::uint64_t seed_ = 0;
};

/// Batch norm of a matrix half of the time, else any norm of a small tensor.
inline Grouping draw_grouping(Input& input, std::size_t most_rows, std::size_t most_columns) {
  if (input.flip()) return batch_grouping(input.size(1, most_rows), input.size(1, most_columns));
  const auto norm = static_cast<Norm>(input.size(0, kNormCount - 1));
  const std::size_t groups = input.size(1, 3);
  const std::size_t channels = groups * input.size(1, 2);
  const std::size_t samples = input.rarely(3) ? channels : input.size(1, 3);  // some mistakes need a square
  return shaped(norm, samples, channels, input.size(1, 3), groups);
}

template <typename T>
NormCase<T> draw_case(Input& input, Range range, std::size_t most_rows = 9, std::size_t most_columns = 5) {
  NormCase<T> one{.grouping = draw_grouping(input, most_rows, most_columns)};
  const bool is_rms = one.grouping.norm == Norm::kRms;
  one.x = input.numbers<T>(one.grouping.size(), range);
  one.dy = input.numbers<T>(one.grouping.size(), range);
  one.gamma = input.numbers<T>(one.grouping.channels, range);
  if (!is_rms) one.beta = input.numbers<T>(one.grouping.channels, range);
  one.eps = input.eps(range);
  one.ddof = !is_rms && one.grouping.rows > 1 && input.flip() ? 1 : 0;
  one.unit_offset = is_rms && input.flip();
  return one;
}

/// The size of a node's tensor.
inline std::size_t size_of(const Grouping& grouping, Extent extent) {
  if (extent == Extent::kElements) return grouping.size();
  return extent == Extent::kStatistics ? grouping.columns : grouping.channels;
}

inline const Node& one_of(Input& input, std::span<const Node> nodes) {
  return nodes[input.size(0, nodes.size() - 1)];
}

/// Breaks a case in a way that must be refused, and returns the status that says so.
template <typename T>
Status spoil(Input& input, Case<T>& kase) {
  switch (input.size(0, 9)) {
    case 0: kase.grouping.samples = 0; return Status::kEmptyBatch;
    case 1: kase.grouping.channels = 0; return Status::kEmptyBatch;
    case 2: kase.x = kase.x.first(kase.x.size() - 1); return Status::kLengthMismatch;
    case 3: kase.dy = kase.dy.first(kase.dy.size() - 1); return Status::kLengthMismatch;
    case 4: kase.gamma = {}; return Status::kLengthMismatch;
    case 5:
      kase.grouping.samples += (std::size_t{1} << 63) | input.size(1, 9);
      return Status::kLengthMismatch;
    case 6: kase.eps = -1.0; return Status::kInvalidEps;
    case 7:
      if (kase.grouping.norm == Norm::kGroup)
        kase.grouping.groups = kase.grouping.channels + 1;
      else
        ++kase.grouping.period;
      return Status::kInvalidShape;
    case 8:
      kase.beta = kase.grouping.norm == Norm::kRms ? kase.gamma : kase.beta.first(0);
      return Status::kLengthMismatch;
    default:
      kase.eps = std::abs(kase.eps) <= std::numeric_limits<double>::max() ? std::abs(kase.eps) : 1.0;
      kase.ddof = 2;
      return Status::kInvalidDdof;
  }
}

/// None, or the edits of one or two known mistakes that the case can have.
template <typename T>
std::vector<Edit> edits(Input& input, const Case<T>& kase, std::size_t most = 2) {
  std::vector<Edit> out;
  for (std::size_t count = input.size(0, most); count > 0; --count) {
    const Mistake& mistake = mistakes()[input.size(0, kMistakeCount - 1)];
    if (!applies(mistake, kase.grouping, kase.unit_offset)) continue;
    for (const Edit& edit : mistake.edits) {
      if (edit.kind != Edit::Kind::kNothing) out.push_back(edit);
    }
  }
  return out;
}

template <typename T>
bool same_bits(std::span<const T> a, std::span<const T> b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    // a NaN has no sign or payload that counts
    if (std::memcmp(&a[i], &b[i], sizeof(T)) != 0 && !(std::isnan(a[i]) && std::isnan(b[i]))) return false;
  }
  return a.size() == b.size();
}

}  // namespace backnorm::fuzz
