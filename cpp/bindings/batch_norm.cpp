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
  std::span<T> y() { return x_.span(); }  // y is written over x, which was a copy
  std::span<T> dy() { return dy_.span(); }
  std::span<T> dx() { return dy_.span(); }  // and dx over dy
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
    running_ = {running_mean_.span(), running_var_.span(), momentum, unbiased};
  }
  Status forward(double eps, int ddof) {
    return running_ ? batch_norm_forward<T>(layout_, x_.span(), gamma_.span(), beta_.span(), eps, ddof,
                                            *running_, mean_.span(), invstd_.span(), x_.span())
                    : batch_norm_forward<T>(layout_, x_.span(), gamma_.span(), beta_.span(), eps, ddof,
                                            mean_.span(), invstd_.span(), x_.span());
  }
  Status backward(int ddof) {
    return batch_norm_backward<T>(layout_, dy_.span(), x_.span(), gamma_.span(), ddof, mean_.span(),
                                  invstd_.span(), dy_.span(), dgamma_.span(), dbeta_.span());
  }

  // The halves of both passes, for a batch in parts.
  std::span<double> m2() { return m2_.span(); }
  std::span<double> sum_dy() { return sum_dy_.span(); }
  std::span<double> sum_dy_xhat() { return sum_dy_xhat_.span(); }
  Status statistics() { return batch_norm_statistics<T>(layout_, x_.span(), mean_.span(), m2_.span()); }
  Status normalize(double count, double eps, int ddof) {
    const auto m = static_cast<std::uint64_t>(count);
    Status status = batch_norm_invstd(m, m2_.span(), eps, ddof, invstd_.span());
    if (status != Status::kOk) return status;
    status = batch_norm_normalize<T>(layout_, x_.span(), gamma_.span(), beta_.span(), mean_.span(),
                                     invstd_.span(), x_.span());
    if (status != Status::kOk || !running_) return status;
    return batch_norm_update_running<T>(m, mean_.span(), m2_.span(), *running_);
  }
  Status sums() {
    return batch_norm_sums<T>(layout_, dy_.span(), x_.span(), mean_.span(), invstd_.span(), sum_dy_.span(),
                              sum_dy_xhat_.span());
  }
  Status apply(double count, int ddof) {
    return batch_norm_apply<T>(layout_, dy_.span(), x_.span(), gamma_.span(),
                               static_cast<std::uint64_t>(count), ddof, mean_.span(), invstd_.span(),
                               sum_dy_.span(), sum_dy_xhat_.span(), dy_.span());
  }

 private:
  Layout layout_;
  std::optional<Running<T>> running_;
  Buffer<T> x_, dy_, gamma_, beta_, dgamma_, dbeta_, running_mean_, running_var_;
  Buffer<double> mean_, invstd_, m2_, sum_dy_, sum_dy_xhat_;
};

/// Statistics of two parts of a batch, which become those of both.
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
    return batch_norm_merge_statistics(static_cast<std::uint64_t>(count), mean_.span(), m2_.span(),
                                       static_cast<std::uint64_t>(other_count), other_mean_.span(),
                                       other_m2_.span());
  }

 private:
  Buffer<double> mean_, m2_, other_mean_, other_m2_;
};

/// A network's layer, whose tensors stay on the heap between calls. Unlike the runs it is kept, and reserved
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
    return batch_norm_forward<T>(layout_, x_.span(), gamma_.span(), beta_.span(), eps_, ddof_,
                                 {running_mean_.span(), running_var_.span(), momentum_, unbiased_},
                                 mean_.span(), invstd_.span(), y_.span());
  }
  Status backward() {
    return batch_norm_backward<T>(layout_, dy_.span(), x_.span(), gamma_.span(), ddof_, mean_.span(),
                                  invstd_.span(), dx_.span(), dgamma_.span(), dbeta_.span());
  }
  Status infer() {
    return batch_norm_infer<T>(layout_, x_.span(), gamma_.span(), beta_.span(), eps_, running_mean_.span(),
                               running_var_.span(), y_.span());
  }
  Status infer_backward() {
    return batch_norm_infer_backward<T>(layout_, dy_.span(), x_.span(), gamma_.span(), eps_,
                                        running_mean_.span(), running_var_.span(), dx_.span(), dgamma_.span(),
                                        dbeta_.span());
  }

 private:
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
