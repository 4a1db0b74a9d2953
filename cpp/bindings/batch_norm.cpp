#include "backnorm/batch_norm.hpp"

#include <optional>

#include "backnorm/norm.hpp"
#include "embind.hpp"
#include "runs.hpp"

/// The fused passes.
namespace {

using namespace backnorm;
using namespace backnorm::bindings;

/// The passes of batch_norm.hpp and norm.hpp on tensors of its own.
template <typename T>
class NormRun : public Held {
 public:
  /// Before reserve: a norm of norm.hpp.
  void divide(std::size_t before, std::size_t groups, bool rms, bool unit_offset) {
    is_batch_ = false;
    groups_ = {.before = before, .groups = groups};
    rule_ = {.rms = rms, .unit_offset = unit_offset};
  }
  /// apart: x stays beside y, and dy beside dx, as a layer has them.
  Status reserve(std::size_t outer, std::size_t channels, std::size_t inner, bool affine_gamma,
                 bool affine_beta, bool apart) {
    layout_ = {outer, channels, inner};
    groups_.samples = outer;
    groups_.channels = channels;
    groups_.after = inner;
    apart_ = apart;
    const std::size_t size = groups_.size();
    const std::size_t more = apart ? size : 0;
    const std::size_t statistics = is_batch_ ? channels : groups_.statistics();
    const std::size_t of_batch = is_batch_ ? channels : 0;
    const std::size_t of_a_call = apart ? 0 : statistics;
    const std::size_t shifts = rule_.rms ? 0 : channels;
    return make_all(Room{x_, size}, Room{y_, more}, Room{dy_, size}, Room{dx_, more},
                    Room{gamma_, affine_gamma ? channels : 0}, Room{beta_, affine_beta ? shifts : 0},
                    Room{running_mean_, of_batch}, Room{running_var_, of_batch},
                    Room{mean_, rule_.rms ? 0 : statistics}, Room{invstd_, statistics}, Room{var_, of_a_call},
                    Room{dgamma_, channels}, Room{dbeta_, shifts}, Room{m2_, of_batch}, Room{sum_dy_, shifts},
                    Room{sum_dy_xhat_, channels});
  }
  std::span<T> x() { return x_.span(); }
  std::span<T> y() { return apart_ ? y_.span() : x(); }  // else y overwrites x, which is a copy
  std::span<T> dy() { return dy_.span(); }
  std::span<T> dx() { return apart_ ? dx_.span() : dy(); }
  std::span<T> gamma() { return gamma_.span(); }
  std::span<T> beta() { return beta_.span(); }
  std::span<double> mean() { return mean_.span(); }
  std::span<double> invstd() { return invstd_.span(); }
  std::span<double> var() { return var_.span(); }
  std::span<T> dgamma() { return dgamma_.span(); }
  std::span<T> dbeta() { return dbeta_.span(); }
  std::span<T> running_mean() { return running_mean_.span(); }
  std::span<T> running_var() { return running_var_.span(); }

  /// Lets forward and normalize update the running statistics.
  void track(double momentum, bool unbiased) {
    running_ = {.mean = running_mean(), .var = running_var(), .momentum = momentum, .unbiased = unbiased};
  }
  Status forward(double eps, int ddof) {
    rule_.eps = eps;
    rule_.ddof = ddof;
    if (!is_batch_) return norm_forward<T>(groups_, rule_, x(), affine(), saved(), y());
    return batch_norm_forward<T>(layout_, x(), affine(), eps, ddof, saved(), y(), running_);
  }
  Status backward(int ddof) {
    rule_.ddof = ddof;
    if (!is_batch_) {
      const Sums<double> room{.dbeta = sum_dy(), .dgamma = sum_dy_xhat()};
      return norm_backward<T>(groups_, rule_, inputs(), gamma(), saved(), room, gradients());
    }
    return batch_norm_backward<T>(layout_, inputs(), gamma(), ddof, saved(), gradients());
  }
  Status infer(double eps) { return batch_norm_infer<T>(layout_, x(), affine(), eps, frozen(), y()); }
  Status infer_backward(double eps) {
    return batch_norm_infer_backward<T>(layout_, inputs(), gamma(), eps, frozen(), gradients());
  }

  // The halves of batch norm's passes, for a batch in parts.
  std::span<double> m2() { return m2_.span(); }
  std::span<double> sum_dy() { return sum_dy_.span(); }
  std::span<double> sum_dy_xhat() { return sum_dy_xhat_.span(); }
  Status statistics() {
    Statistics<double> part{.mean = mean(), .m2 = m2()};
    return batch_norm_statistics<T>(layout_, x(), part);
  }
  Status normalize(double count, double eps, int ddof) {
    const Statistics<double> whole{.count = static_cast<std::uint64_t>(count), .mean = mean(), .m2 = m2()};
    Status status = batch_norm_invstd(whole, eps, ddof, invstd());
    if (status != Status::kOk) return status;
    status = batch_norm_normalize<T>(layout_, x(), affine(), saved(), y());
    return status == Status::kOk && running_ ? batch_norm_update_running<T>(whole, *running_) : status;
  }
  Status sums() {
    return batch_norm_sums<T>(layout_, inputs(), saved(), {.dbeta = sum_dy(), .dgamma = sum_dy_xhat()});
  }
  Status apply(double count, int ddof) {
    return batch_norm_apply<T>(layout_, inputs(), gamma(), static_cast<std::uint64_t>(count), ddof, saved(),
                               {.dbeta = sum_dy(), .dgamma = sum_dy_xhat()}, dx());
  }

 private:
  BackwardInputs<T> inputs() { return {.dy = dy(), .x = x()}; }
  Affine<T> affine() { return {.gamma = gamma(), .beta = beta()}; }
  Saved<double> saved() { return {.mean = mean(), .invstd = invstd(), .var = var()}; }
  Frozen<T> frozen() { return {.mean = running_mean(), .var = running_var()}; }
  Gradients<T> gradients() { return {.dx = dx(), .dgamma = dgamma(), .dbeta = dbeta()}; }

  bool is_batch_ = true;
  bool apart_ = false;
  Layout layout_;
  GroupLayout groups_;
  NormRule rule_;
  std::optional<Running<T>> running_;
  Buffer<T> x_, y_, dy_, dx_, gamma_, beta_, dgamma_, dbeta_, running_mean_, running_var_;
  Buffer<double> mean_, invstd_, var_, m2_, sum_dy_, sum_dy_xhat_;
};

/// Merges the statistics of two parts of a batch.
class MergeRun : public Held {
 public:
  Status reserve(std::size_t channels) {
    return make_all(Room{mean_, channels}, Room{m2_, channels}, Room{other_mean_, channels},
                    Room{other_m2_, channels});
  }
  std::span<double> mean() { return mean_.span(); }
  std::span<double> m2() { return m2_.span(); }
  std::span<double> other_mean() { return other_mean_.span(); }
  std::span<double> other_m2() { return other_m2_.span(); }
  Status merge(double count, double other_count) {
    Statistics<double> whole{.count = static_cast<std::uint64_t>(count), .mean = mean(), .m2 = m2()};
    return batch_norm_merge_statistics(
        {.count = static_cast<std::uint64_t>(other_count), .mean = other_mean(), .m2 = other_m2()}, whole);
  }

 private:
  Buffer<double> mean_, m2_, other_mean_, other_m2_;
};

template <typename T>
void bind_kind(const char* name) {
  using namespace emscripten;
  class_<NormRun<T>>(name)
      .class_function("make", &make<NormRun<T>>, allow_raw_pointers())
      .function("divide", &NormRun<T>::divide)
      .function("reserve", tells<&NormRun<T>::reserve>)
      .function("x", tells<&NormRun<T>::x>)
      .function("y", tells<&NormRun<T>::y>)
      .function("dy", tells<&NormRun<T>::dy>)
      .function("dx", tells<&NormRun<T>::dx>)
      .function("gamma", tells<&NormRun<T>::gamma>)
      .function("beta", tells<&NormRun<T>::beta>)
      .function("mean", tells<&NormRun<T>::mean>)
      .function("invstd", tells<&NormRun<T>::invstd>)
      .function("var", tells<&NormRun<T>::var>)
      .function("dgamma", tells<&NormRun<T>::dgamma>)
      .function("dbeta", tells<&NormRun<T>::dbeta>)
      .function("forward", tells<&NormRun<T>::forward>)
      .function("backward", tells<&NormRun<T>::backward>)
      .function("runningMean", tells<&NormRun<T>::running_mean>)
      .function("runningVar", tells<&NormRun<T>::running_var>)
      .function("track", &NormRun<T>::track)
      .function("m2", tells<&NormRun<T>::m2>)
      .function("sumDy", tells<&NormRun<T>::sum_dy>)
      .function("sumDyXhat", tells<&NormRun<T>::sum_dy_xhat>)
      .function("statistics", tells<&NormRun<T>::statistics>)
      .function("normalize", tells<&NormRun<T>::normalize>)
      .function("sums", tells<&NormRun<T>::sums>)
      .function("apply", tells<&NormRun<T>::apply>)
      .function("infer", tells<&NormRun<T>::infer>)
      .function("inferBackward", tells<&NormRun<T>::infer_backward>);
}

}  // namespace

EMSCRIPTEN_BINDINGS(batch_norm) {
  using namespace emscripten;
  bind_kind<float>("NormRunFloat32");
  bind_kind<double>("NormRunFloat64");
  class_<MergeRun>("MergeRun")
      .class_function("make", &make<MergeRun>, allow_raw_pointers())
      .function("reserve", tells<&MergeRun::reserve>)
      .function("mean", tells<&MergeRun::mean>)
      .function("m2", tells<&MergeRun::m2>)
      .function("otherMean", tells<&MergeRun::other_mean>)
      .function("otherM2", tells<&MergeRun::other_m2>)
      .function("merge", tells<&MergeRun::merge>);
}
