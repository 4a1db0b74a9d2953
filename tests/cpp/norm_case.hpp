#pragma once

#include <array>
#include <sstream>
#include <string>
#include <vector>

#include "backnorm/graph.hpp"

/// Cases of all norms, for tests and for fuzzers.
namespace backnorm::test {

constexpr std::array<const char*, kNormCount> kNormNames{"batch", "layer", "group", "instance", "rms"};

/// A case that owns its numbers, in the order of its grouping.
template <typename T>
struct NormCase {
  Grouping grouping;
  std::vector<T> x{}, gamma{}, beta{}, dy{};
  double eps = 1e-5;
  int ddof = 0;
  bool unit_offset = false;

  Case<T> view() const {
    return {.grouping = grouping,
            .x = x,
            .gamma = gamma,
            .beta = beta,
            .dy = dy,
            .eps = eps,
            .ddof = ddof,
            .unit_offset = unit_offset};
  }
  std::string text() const {
    std::ostringstream text;
    text << kNormNames[static_cast<std::size_t>(grouping.norm)] << " N " << grouping.samples << " C "
         << grouping.channels << " S " << grouping.positions << " K " << grouping.groups << " x[0] " << x[0]
         << " eps " << eps << " ddof " << ddof << " offset " << unit_offset;
    return text.str();
  }
};

/// Layer and RMS norm have no positions, and only group norm has groups.
inline Grouping shaped(Norm norm, std::size_t samples, std::size_t channels, std::size_t positions,
                       std::size_t groups = 1) {
  const bool is_flat = norm == Norm::kLayer || norm == Norm::kRms;
  return grouping_of(norm, samples, channels, is_flat ? 1 : positions, norm == Norm::kGroup ? groups : 1);
}

}  // namespace backnorm::test
