#pragma once

#include <cstddef>
#include <string>

#include "support.hpp"

/// Data that take every digit from careless float32 arithmetic.
namespace backnorm::test {

struct Hostile {
  std::string name;
  /// Value r of the m that share statistics.
  double (*value)(Random& random, std::size_t r, std::size_t m);
  /// Tried on a tensor of megabytes, too.
  bool also_large = false;
};

inline double around(Random& random, double mean) {
  return mean + random.normal();
}

inline const Hostile kHostile[] = {
    {"mean 0", [](Random& g, std::size_t, std::size_t) { return around(g, 0); }},
    {"mean 1", [](Random& g, std::size_t, std::size_t) { return around(g, 1); }},
    {"mean 1e2", [](Random& g, std::size_t, std::size_t) { return around(g, 1e2); }},
    {"mean 1e4", [](Random& g, std::size_t, std::size_t) { return around(g, 1e4); }},
    {"mean 1e6", [](Random& g, std::size_t, std::size_t) { return around(g, 1e6); }, true},
    {"mean -1e6", [](Random& g, std::size_t, std::size_t) { return around(g, -1e6); }},
    {"8 outliers 1e3 first",
     [](Random& g, std::size_t r, std::size_t) { return around(g, r < 8 ? 1e3 : 0); }},
    {"8 outliers 1e6 first", [](Random& g, std::size_t r, std::size_t) { return around(g, r < 8 ? 1e6 : 0); },
     true},
    {"64 outliers 1e6 first",
     [](Random& g, std::size_t r, std::size_t) { return around(g, r < 64 ? 1e6 : 0); }},
    {"drift to 1e4",
     [](Random& g, std::size_t r, std::size_t m) {
       return around(g, 1e4 * static_cast<double>(r) / static_cast<double>(m));
     }},
    {"step of 1e4", [](Random& g, std::size_t r, std::size_t m) { return around(g, r < m / 2 ? 0 : 1e4); }},
    {"late step of 1e6",
     [](Random& g, std::size_t r, std::size_t m) { return around(g, r < m - 5 ? 0 : 1e6); }},
    {"constant 1e6", [](Random&, std::size_t, std::size_t) { return 1e6; }},
    {"constant 0.1", [](Random&, std::size_t, std::size_t) { return 0.1; }},
    {"only the first large", [](Random&, std::size_t r, std::size_t) { return r == 0 ? 1e6 : 0.0; }, true},
    {"two values", [](Random&, std::size_t r, std::size_t) { return r % 2 ? 0.1 : 0.7316; }},
    {"spread 1e-20", [](Random& g, std::size_t, std::size_t) { return 1e-20 * g.normal(); }},
    {"spread 1e20", [](Random& g, std::size_t, std::size_t) { return 1e20 * g.normal(); }},
    {"mean 1e37, spread 1e36", [](Random& g, std::size_t, std::size_t) { return 1e36 * around(g, 10); }},
};

}  // namespace backnorm::test
