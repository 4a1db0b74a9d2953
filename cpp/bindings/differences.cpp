#include "backnorm/differences.hpp"

#include "backnorm/direction_tests.hpp"
#include "embind.hpp"
#include "runs.hpp"

namespace {

using namespace backnorm;
using namespace backnorm::bindings;

/// The results of differences.hpp and direction_tests.hpp on a case.
class DifferencesRun : public Inputs {
 public:
  /// Reserves `size` more values, in and out: derivatives and their bars, steps and errors, dx.
  Status make_room(std::size_t size) {
    return make_all(Room{given_, size}, Room{found_, size}, Room{bars_, size});
  }
  std::span<double> given() { return given_.span(); }
  std::span<double> found() { return found_.span(); }
  std::span<double> bars() { return bars_.span(); }

  Status extrapolate(int node) {
    return backnorm::extrapolate(kase(), id(node), found_.span(), bars_.span());
  }
  /// For the given steps: the errors in float64 go to found(), those in float32 to bars().
  Status sweep(int node) {
    const Status status = sweep_steps<double>(kase(), id(node), given_.span(), found_.span());
    return status == Status::kOk ? sweep_steps<float>(kase(), id(node), given_.span(), bars_.span()) : status;
  }
  Status taylor(std::uint32_t seed, bool single) {
    return taylor_test(kase(), given_.span(), seed, taylor_, single);
  }
  std::span<double> steps() { return taylor_.steps; }
  std::span<double> remainders() { return taylor_.remainders; }
  std::span<const double> taylor_verdict() { return Numbers().add(taylor_.slope, taylor_.verdict).all(); }
  Status dot_product(std::uint32_t seed) { return dot_product_test(kase(), seed, dot_); }
  std::span<const double> dot() { return Numbers().add(dot_.forward, dot_.backward, dot_.bound).all(); }

 private:
  Buffer<double> given_, found_, bars_;
  TaylorReport taylor_;
  DotProductReport dot_;
};

}  // namespace

EMSCRIPTEN_BINDINGS(differences) {
  using namespace emscripten;
  class_<DifferencesRun, base<Inputs>>("DifferencesRun")
      .class_function("make", &make<DifferencesRun>, allow_raw_pointers())
      .function("makeRoom", tells<&DifferencesRun::make_room>)
      .function("given", tells<&DifferencesRun::given>)
      .function("found", tells<&DifferencesRun::found>)
      .function("bars", tells<&DifferencesRun::bars>)
      .function("extrapolate", tells<&DifferencesRun::extrapolate>)
      .function("sweep", tells<&DifferencesRun::sweep>)
      .function("taylor", tells<&DifferencesRun::taylor>)
      .function("steps", tells<&DifferencesRun::steps>)
      .function("remainders", tells<&DifferencesRun::remainders>)
      .function("taylorVerdict", tells<&DifferencesRun::taylor_verdict>)
      .function("dotProduct", tells<&DifferencesRun::dot_product>)
      .function("dot", tells<&DifferencesRun::dot>);
}
