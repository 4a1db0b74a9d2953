#include "backnorm/batch_norm.hpp"

#include <optional>

#include "embind.hpp"
#include "runs.hpp"

/// The fused passes.
namespace {

using namespace backnorm;
using namespace backnorm::bindings;

/// A forward or backward pass of batch_norm.hpp.
template <typename T>
class NormRun : public Held {
 public:
  Status reserve(std::size_t outer, std::size_t channels, std::size_t inner, bool affine_gamma,
                 bool affine_beta) {
    layout_ = {outer, channels, inner};
    const std::size_t size = layout_.size();
    return make_all(Room{x_, size}, Room{dy_, size}, Room{gamma_, affine_gamma ? channels : 0},
                    Room{beta_, affine_beta ? channels : 0}, Room{running_mean_, channels},
                    Room{running_var_, channels}, Room{mean_, channels}, Room{invstd_, channels},
                    Room{dgamma_, channels}, Room{dbeta_, channels}, Room{m2_, channels},
                    Room{sum_dy_, channels}, Room{sum_dy_xhat_, channels});
  }
  std::span<T> x() { return x_.span(); }
  std::span<T> y() { return x_.span(); }  // y overwrites x, which is a copy
  std::span<T> dy() { return dy_.span(); }
  std::span<T> dx() { return dy_.span(); }  // dx overwrites dy
  std::span<T> gamma() { return gamma_.span(); }
  std::span<T> beta() { return beta_.span(); }
  std::span<double> mean() { return mean_.span(); }
  std::span<double> invstd() { return invstd_.span(); }
  std::span<T> dgamma() { return dgamma_.span(); }
  std::span<T> dbeta() { return dbeta_.span(); }
  std::span<T> running_mean() { return running_mean_.span(); }
  std::span<T> running_var() { return running_var_.span(); }

  /// Lets forward and normalize update the running statistics.
  void track(double momentum, bool unbiased) {
    running_ = {.mean = running_mean(), .var = running_var(), .momentum = momentum, .unbiased = unbiased};
  }
  Status forward(double eps, int ddof) {
    return batch_norm_forward<T>(layout_, x(), affine(), eps, ddof, saved(), y(), running_);
  }
  Status backward(int ddof) {
    return batch_norm_backward<T>(layout_, inputs(), gamma(), ddof, saved(),
                                  {.dx = dx(), .dgamma = dgamma(), .dbeta = dbeta()});
  }

  // The halves of both passes, for a batch in parts.
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
  Saved<double> saved() { return {.mean = mean(), .invstd = invstd()}; }

  Layout layout_;
  std::optional<Running<T>> running_;
  Buffer<T> x_, dy_, gamma_, beta_, dgamma_, dbeta_, running_mean_, running_var_;
  Buffer<double> mean_, invstd_, m2_, sum_dy_, sum_dy_xhat_;
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

/// A network's layer, whose tensors stay on the heap between calls. Unlike a run, it is kept, and reserved
/// once.
template <typename T>
class Layer : public Held {
 public:
  Status reserve(std::size_t outer, std::size_t channels, std::size_t inner) {
    layout_ = {outer, channels, inner};
    const std::size_t size = layout_.size();
    const Status status = make_all(
        Room{x_, size}, Room{y_, size}, Room{dy_, size}, Room{dx_, size}, Room{gamma_, channels},
        Room{beta_, channels}, Room{dgamma_, channels}, Room{dbeta_, channels}, Room{running_mean_, channels},
        Room{running_var_, channels}, Room{mean_, channels}, Room{invstd_, channels});
    for (T& value : gamma_.span()) value = 1;
    for (T& value : running_var_.span()) value = 1;
    return status;
  }
  void configure(double eps, int ddof, double momentum, bool unbiased) {
    eps_ = eps;
    ddof_ = ddof;
    momentum_ = momentum;
    unbiased_ = unbiased;
  }
  std::span<T> x() { return x_.span(); }
  std::span<T> y() { return y_.span(); }
  std::span<T> dy() { return dy_.span(); }
  std::span<T> dx() { return dx_.span(); }
  std::span<T> gamma() { return gamma_.span(); }
  std::span<T> beta() { return beta_.span(); }
  std::span<T> dgamma() { return dgamma_.span(); }
  std::span<T> dbeta() { return dbeta_.span(); }
  std::span<T> running_mean() { return running_mean_.span(); }
  std::span<T> running_var() { return running_var_.span(); }

  Status forward() {
    return batch_norm_forward<T>(
        layout_, x(), affine(), eps_, ddof_, saved(), y(),
        Running<T>{
            .mean = running_mean(), .var = running_var(), .momentum = momentum_, .unbiased = unbiased_});
  }
  Status backward() {
    return batch_norm_backward<T>(layout_, inputs(), gamma(), ddof_, saved(), gradients());
  }
  Status infer() { return batch_norm_infer<T>(layout_, x(), affine(), eps_, frozen(), y()); }
  Status infer_backward() {
    return batch_norm_infer_backward<T>(layout_, inputs(), gamma(), eps_, frozen(), gradients());
  }

 private:
  BackwardInputs<T> inputs() { return {.dy = dy(), .x = x()}; }
  Affine<T> affine() { return {.gamma = gamma(), .beta = beta()}; }
  Saved<double> saved() { return {.mean = mean_.span(), .invstd = invstd_.span()}; }
  Frozen<T> frozen() { return {.mean = running_mean(), .var = running_var()}; }
  Gradients<T> gradients() { return {.dx = dx(), .dgamma = dgamma(), .dbeta = dbeta()}; }

  Layout layout_;
  double eps_ = 0.0;
  int ddof_ = 0;
  double momentum_ = 0.0;
  bool unbiased_ = true;
  Buffer<T> x_, y_, dy_, dx_, gamma_, beta_, dgamma_, dbeta_, running_mean_, running_var_;
  Buffer<double> mean_, invstd_;
};

template <typename T>
void bind_kind(const std::string& kind) {
  using namespace emscripten;
  const auto name = [&](const char* stem) { return stem + kind; };
  class_<NormRun<T>>(name("NormRun").c_str())
      .class_function("make", &make<NormRun<T>>, allow_raw_pointers())
      .function("reserve", tells<&NormRun<T>::reserve>)
      .function("x", tells<&NormRun<T>::x>)
      .function("y", tells<&NormRun<T>::y>)
      .function("dy", tells<&NormRun<T>::dy>)
      .function("dx", tells<&NormRun<T>::dx>)
      .function("gamma", tells<&NormRun<T>::gamma>)
      .function("beta", tells<&NormRun<T>::beta>)
      .function("mean", tells<&NormRun<T>::mean>)
      .function("invstd", tells<&NormRun<T>::invstd>)
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
      .function("apply", tells<&NormRun<T>::apply>);
  class_<Layer<T>>(name("Layer").c_str())
      .class_function("make", &make<Layer<T>>, allow_raw_pointers())
      .function("reserve", tells<&Layer<T>::reserve>)
      .function("configure", &Layer<T>::configure)
      .function("x", tells<&Layer<T>::x>)
      .function("y", tells<&Layer<T>::y>)
      .function("dy", tells<&Layer<T>::dy>)
      .function("dx", tells<&Layer<T>::dx>)
      .function("gamma", tells<&Layer<T>::gamma>)
      .function("beta", tells<&Layer<T>::beta>)
      .function("dgamma", tells<&Layer<T>::dgamma>)
      .function("dbeta", tells<&Layer<T>::dbeta>)
      .function("runningMean", tells<&Layer<T>::running_mean>)
      .function("runningVar", tells<&Layer<T>::running_var>)
      .function("forward", tells<&Layer<T>::forward>)
      .function("backward", tells<&Layer<T>::backward>)
      .function("infer", tells<&Layer<T>::infer>)
      .function("inferBackward", tells<&Layer<T>::infer_backward>);
}

}  // namespace

EMSCRIPTEN_BINDINGS(batch_norm) {
  using namespace emscripten;
  bind_kind<float>("Float32");
  bind_kind<double>("Float64");
  class_<MergeRun>("MergeRun")
      .class_function("make", &make<MergeRun>, allow_raw_pointers())
      .function("reserve", tells<&MergeRun::reserve>)
      .function("mean", tells<&MergeRun::mean>)
      .function("m2", tells<&MergeRun::m2>)
      .function("otherMean", tells<&MergeRun::other_mean>)
      .function("otherM2", tells<&MergeRun::other_m2>)
      .function("merge", tells<&MergeRun::merge>);
}
