#include "backnorm/differences.hpp"

#include "backnorm/direction_tests.hpp"
#include "runs.hpp"

namespace {

using namespace backnorm;
using namespace backnorm::bindings;

/// What differences.hpp and direction_tests.hpp find out about a case.
class DifferencesRun : public CaseRun<double> {
 public:
  /// Room for `size` values more, in and out: derivatives and their bars, steps and errors, dx.
  std::string make_room(std::size_t size) {
    return code(first_failure({given_.resize(size), found_.resize(size), bars_.resize(size)}));
  }
  val given() { return view(given_.span()); }
  val found() { return view(found_.span()); }
  val bars() { return view(bars_.span()); }

  std::string extrapolate(int node) {
    return code(backnorm::extrapolate(kase(), kNodes[static_cast<std::size_t>(node)].id, found_.span(),
                                      bars_.span()));
  }
  /// By the given steps; the errors in float64 are found, and those in float32 stand where bars do.
  std::string sweep(int node) {
    const NodeId id = kNodes[static_cast<std::size_t>(node)].id;
    return code(first_failure({sweep_steps<double>(kase(), id, given_.span(), found_.span()),
                               sweep_steps<float>(kase(), id, given_.span(), bars_.span())}));
  }
  std::string taylor(std::uint32_t seed) { return code(taylor_test(kase(), given_.span(), seed, taylor_)); }
  val steps() { return view(std::span<double>(taylor_.steps)); }
  val remainders() { return view(std::span<double>(taylor_.remainders)); }
  double slope() { return taylor_.slope; }
  Verdict verdict() { return taylor_.verdict; }
  std::string dot_product(std::uint32_t seed) { return code(dot_product_test(kase(), seed, dot_)); }
  DotProductReport dot() { return dot_; }

 private:
  Buffer<double> given_, found_, bars_;
  TaylorReport taylor_;
  DotProductReport dot_;
};

}  // namespace

EMSCRIPTEN_BINDINGS(differences) {
  using namespace emscripten;
  value_object<DotProductReport>("DotProductReport")
      .field("forward", &DotProductReport::forward)
      .field("backward", &DotProductReport::backward)
      .field("bound", &DotProductReport::bound);
  class_<DifferencesRun, base<CaseRun<double>>>("DifferencesRun")
      .constructor<>()
      .function("makeRoom", &DifferencesRun::make_room)
      .function("given", &DifferencesRun::given)
      .function("found", &DifferencesRun::found)
      .function("bars", &DifferencesRun::bars)
      .function("extrapolate", &DifferencesRun::extrapolate)
      .function("sweep", &DifferencesRun::sweep)
      .function("taylor", &DifferencesRun::taylor)
      .function("steps", &DifferencesRun::steps)
      .function("remainders", &DifferencesRun::remainders)
      .function("slope", &DifferencesRun::slope)
      .function("verdict", &DifferencesRun::verdict)
      .function("dotProduct", &DifferencesRun::dot_product)
      .function("dot", &DifferencesRun::dot);
}
