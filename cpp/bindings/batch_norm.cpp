#include "backnorm/batch_norm.hpp"

#include <optional>

#include "runs.hpp"

/// The fused passes.
namespace {

using namespace backnorm;
using namespace backnorm::bindings;

/// A forward or backward pass of batch_norm.hpp.
template <typename T>
class NormRun {
 public:
  std::string reserve(std::size_t outer, std::size_t channels, std::size_t inner, bool affine_gamma,
                      bool affine_beta) {
    layout_ = {outer, channels, inner};
    const std::size_t size = layout_.size();
    return code(make_all(Room{x_, size}, Room{dy_, size}, Room{gamma_, affine_gamma ? channels : 0},
                         Room{beta_, affine_beta ? channels : 0}, Room{running_mean_, channels},
                         Room{running_var_, channels}, Room{mean_, channels}, Room{invstd_, channels},
                         Room{dgamma_, channels}, Room{dbeta_, channels}, Room{m2_, channels},
                         Room{sum_dy_, channels}, Room{sum_dy_xhat_, channels}));
  }
  val x() { return view(x_.span()); }
  val y() { return view(x_.span()); }  // y is written over x, which was a copy
  val dy() { return view(dy_.span()); }
  val dx() { return view(dy_.span()); }  // and dx over dy
  val gamma() { return view(gamma_.span()); }
  val beta() { return view(beta_.span()); }
  val mean() { return view(mean_.span()); }
  val invstd() { return view(invstd_.span()); }
  val dgamma() { return view(dgamma_.span()); }
  val dbeta() { return view(dbeta_.span()); }
  val running_mean() { return view(running_mean_.span()); }
  val running_var() { return view(running_var_.span()); }

  /// Lets forward and normalize update the running statistics.
  void track(double momentum, bool unbiased) {
    running_ = {running_mean_.span(), running_var_.span(), momentum, unbiased};
  }
  std::string forward(double eps, int ddof) {
    return code(running_ ? batch_norm_forward<T>(layout_, x_.span(), gamma_.span(), beta_.span(), eps, ddof,
                                                 *running_, mean_.span(), invstd_.span(), x_.span())
                         : batch_norm_forward<T>(layout_, x_.span(), gamma_.span(), beta_.span(), eps, ddof,
                                                 mean_.span(), invstd_.span(), x_.span()));
  }
  std::string backward(int ddof) {
    return code(batch_norm_backward<T>(layout_, dy_.span(), x_.span(), gamma_.span(), ddof, mean_.span(),
                                       invstd_.span(), dy_.span(), dgamma_.span(), dbeta_.span()));
  }

  // The halves of both passes, for a batch in parts.
  val m2() { return view(m2_.span()); }
  val sum_dy() { return view(sum_dy_.span()); }
  val sum_dy_xhat() { return view(sum_dy_xhat_.span()); }
  std::string statistics() {
    return code(batch_norm_statistics<T>(layout_, x_.span(), mean_.span(), m2_.span()));
  }
  std::string normalize(double count, double eps, int ddof) {
    const auto m = static_cast<std::uint64_t>(count);
    return code(first_failure(
        {batch_norm_invstd(m, m2_.span(), eps, ddof, invstd_.span()),
         running_ ? batch_norm_update_running<T>(m, mean_.span(), m2_.span(), *running_) : Status::kOk,
         batch_norm_normalize<T>(layout_, x_.span(), gamma_.span(), beta_.span(), mean_.span(),
                                 invstd_.span(), x_.span())}));
  }
  std::string sums() {
    return code(batch_norm_sums<T>(layout_, dy_.span(), x_.span(), mean_.span(), invstd_.span(),
                                   sum_dy_.span(), sum_dy_xhat_.span()));
  }
  std::string apply(double count, int ddof) {
    return code(batch_norm_apply<T>(layout_, dy_.span(), x_.span(), gamma_.span(),
                                    static_cast<std::uint64_t>(count), ddof, mean_.span(), invstd_.span(),
                                    sum_dy_.span(), sum_dy_xhat_.span(), dy_.span()));
  }

 private:
  Layout layout_;
  std::optional<Running<T>> running_;
  Buffer<T> x_, dy_, gamma_, beta_, dgamma_, dbeta_, running_mean_, running_var_;
  Buffer<double> mean_, invstd_, m2_, sum_dy_, sum_dy_xhat_;
};

/// Statistics of two parts of a batch, which become those of both.
class MergeRun {
 public:
  std::string reserve(std::size_t channels) {
    return code(make_all(Room{mean_, channels}, Room{m2_, channels}, Room{other_mean_, channels},
                         Room{other_m2_, channels}));
  }
  val mean() { return view(mean_.span()); }
  val m2() { return view(m2_.span()); }
  val other_mean() { return view(other_mean_.span()); }
  val other_m2() { return view(other_m2_.span()); }
  std::string merge(double count, double other_count) {
    return code(batch_norm_merge_statistics(static_cast<std::uint64_t>(count), mean_.span(), m2_.span(),
                                            static_cast<std::uint64_t>(other_count), other_mean_.span(),
                                            other_m2_.span()));
  }

 private:
  Buffer<double> mean_, m2_, other_mean_, other_m2_;
};

/// A network's layer, whose tensors stay on the heap between calls. Unlike the runs it is kept, and reserved
/// once.
template <typename T>
class Layer {
 public:
  std::string reserve(std::size_t outer, std::size_t channels, std::size_t inner) {
    layout_ = {outer, channels, inner};
    const std::size_t size = layout_.size();
    const Status status = make_all(
        Room{x_, size}, Room{y_, size}, Room{dy_, size}, Room{dx_, size}, Room{gamma_, channels},
        Room{beta_, channels}, Room{dgamma_, channels}, Room{dbeta_, channels}, Room{running_mean_, channels},
        Room{running_var_, channels}, Room{mean_, channels}, Room{invstd_, channels});
    for (T& value : gamma_.span()) value = 1;
    for (T& value : running_var_.span()) value = 1;
    return code(status);
  }
  void configure(double eps, int ddof, double momentum, bool unbiased) {
    eps_ = eps;
    ddof_ = ddof;
    momentum_ = momentum;
    unbiased_ = unbiased;
  }
  val x() { return view(x_.span()); }
  val y() { return view(y_.span()); }
  val dy() { return view(dy_.span()); }
  val dx() { return view(dx_.span()); }
  val gamma() { return view(gamma_.span()); }
  val beta() { return view(beta_.span()); }
  val dgamma() { return view(dgamma_.span()); }
  val dbeta() { return view(dbeta_.span()); }
  val running_mean() { return view(running_mean_.span()); }
  val running_var() { return view(running_var_.span()); }

  std::string forward() {
    return code(batch_norm_forward<T>(layout_, x_.span(), gamma_.span(), beta_.span(), eps_, ddof_,
                                      {running_mean_.span(), running_var_.span(), momentum_, unbiased_},
                                      mean_.span(), invstd_.span(), y_.span()));
  }
  std::string backward() {
    return code(batch_norm_backward<T>(layout_, dy_.span(), x_.span(), gamma_.span(), ddof_, mean_.span(),
                                       invstd_.span(), dx_.span(), dgamma_.span(), dbeta_.span()));
  }
  std::string infer() {
    return code(batch_norm_infer<T>(layout_, x_.span(), gamma_.span(), beta_.span(), eps_,
                                    running_mean_.span(), running_var_.span(), y_.span()));
  }
  std::string infer_backward() {
    return code(batch_norm_infer_backward<T>(layout_, dy_.span(), x_.span(), gamma_.span(), eps_,
                                             running_mean_.span(), running_var_.span(), dx_.span(),
                                             dgamma_.span(), dbeta_.span()));
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
      .template constructor<>()
      .function("reserve", &NormRun<T>::reserve)
      .function("x", &NormRun<T>::x)
      .function("y", &NormRun<T>::y)
      .function("dy", &NormRun<T>::dy)
      .function("dx", &NormRun<T>::dx)
      .function("gamma", &NormRun<T>::gamma)
      .function("beta", &NormRun<T>::beta)
      .function("mean", &NormRun<T>::mean)
      .function("invstd", &NormRun<T>::invstd)
      .function("dgamma", &NormRun<T>::dgamma)
      .function("dbeta", &NormRun<T>::dbeta)
      .function("forward", &NormRun<T>::forward)
      .function("backward", &NormRun<T>::backward)
      .function("runningMean", &NormRun<T>::running_mean)
      .function("runningVar", &NormRun<T>::running_var)
      .function("track", &NormRun<T>::track)
      .function("m2", &NormRun<T>::m2)
      .function("sumDy", &NormRun<T>::sum_dy)
      .function("sumDyXhat", &NormRun<T>::sum_dy_xhat)
      .function("statistics", &NormRun<T>::statistics)
      .function("normalize", &NormRun<T>::normalize)
      .function("sums", &NormRun<T>::sums)
      .function("apply", &NormRun<T>::apply);
  class_<Layer<T>>(name("Layer").c_str())
      .template constructor<>()
      .function("reserve", &Layer<T>::reserve)
      .function("configure", &Layer<T>::configure)
      .function("x", &Layer<T>::x)
      .function("y", &Layer<T>::y)
      .function("dy", &Layer<T>::dy)
      .function("dx", &Layer<T>::dx)
      .function("gamma", &Layer<T>::gamma)
      .function("beta", &Layer<T>::beta)
      .function("dgamma", &Layer<T>::dgamma)
      .function("dbeta", &Layer<T>::dbeta)
      .function("runningMean", &Layer<T>::running_mean)
      .function("runningVar", &Layer<T>::running_var)
      .function("forward", &Layer<T>::forward)
      .function("backward", &Layer<T>::backward)
      .function("infer", &Layer<T>::infer)
      .function("inferBackward", &Layer<T>::infer_backward);
}

}  // namespace

EMSCRIPTEN_BINDINGS(batch_norm) {
  using namespace emscripten;
  bind_kind<float>("Float32");
  bind_kind<double>("Float64");
  class_<MergeRun>("MergeRun")
      .constructor<>()
      .function("reserve", &MergeRun::reserve)
      .function("mean", &MergeRun::mean)
      .function("m2", &MergeRun::m2)
      .function("otherMean", &MergeRun::other_mean)
      .function("otherM2", &MergeRun::other_m2)
      .function("merge", &MergeRun::merge);
}
