#pragma once

#include <cstdint>
#include <span>

#include "backnorm/layout.hpp"
#include "backnorm/status.hpp"

/// Batch normalization of a whole tensor, without the intermediates: what a network calls.
///
/// | pass           | input                                    | output                | normalizes by      |
/// |----------------|------------------------------------------|-----------------------|--------------------|
/// | forward        | x, gamma, beta                           | mean, invstd, y       | the batch          |
/// |   with running | and the running mean and var             | which are updated     | the batch          |
/// | backward       | dy, x, gamma, mean, invstd               | dx, dgamma, dbeta     | the batch          |
/// | infer          | x, gamma, beta, running mean and var     | y                     | running statistics |
/// | infer_backward | dy, x, gamma, running mean and var       | dx, dgamma, dbeta     | running statistics |
///
/// Each training pass is two halves, for tensors that come in parts:
///
/// | half       | input                                    | output                | between parts      |
/// |------------|------------------------------------------|-----------------------|--------------------|
/// | statistics | x                                        | mean, m2              | merge_statistics   |
/// | normalize  | x, gamma, beta, mean, invstd             | y                     |                    |
/// | sums       | dy, x, mean, invstd                      | Σ dy, Σ dy·xhat       | add them           |
/// | apply      | dy, x, gamma, mean, invstd, both sums    | dx                    |                    |
///
/// x, y, dx, dy: layout.size() values. All others: layout.channels values. Tensors may begin at any multiple
/// of the size of a value. Saved statistics and sums are float64 for either kind of tensor: a float32 mean of
/// 1e6 is off by 1/32. An empty gamma is all ones, an empty beta all zeros; dgamma and dbeta are written all
/// the same. Outputs are overwritten, not accumulated; of running statistics the old value is an input. y may
/// be x, and dx may be dy or x: the same span, not one that begins elsewhere in it. No other output may
/// overlap an input. A NaN or an infinity spoils its own channel only.
///
/// Nothing here allocates; a call keeps at most 80 KB on the stack.
///
/// Arithmetic is float64 for float64 tensors, for matrices of up to 1024 values, and where WebAssembly's or
/// the processor's lanes are missing; then a float32 result is off by its last rounding. Larger float32
/// tensors are computed in float32 around the mean, with sums that are moved to float64 every 64 rows or 512
/// values: var, y, dx, dgamma keep within 1e-6 of the largest exact value also where the mean is 1e6 times
/// the spread. Where the variance of a channel leaves [1e-30, 1e30], it and those beside it are computed in
/// float64, more slowly.
/// batch_norm_kernels.hpp says which loop runs when.
///
/// m counts the values of a channel, layout.values_per_channel().
namespace backnorm {

/// The training-mode pass, which normalizes by the batch's own statistics:
///
///   mean = Σ x / m    var = Σ (x - mean)² / (m - ddof)    invstd = 1 / sqrt(var + eps)
///   y = (x - mean)·invstd·gamma + beta
///
/// ddof 0: population variance (/m), which is what a network normalizes by; 1: unbiased (/(m - 1)).
/// Returns kEmptyBatch, kLengthMismatch, kInvalidEps, kInvalidDdof or kOneValuePerChannel.
/// Source: Ioffe & Szegedy 2015, arXiv:1502.03167, algorithm 1.
template <typename T>
Status batch_norm_forward(Layout layout, std::span<const T> x, std::span<const T> gamma,
                          std::span<const T> beta, double eps, int ddof, std::span<double> mean,
                          std::span<double> invstd, std::span<T> y) noexcept;

/// What eval mode normalizes by, a moving average over batches:
///
///   running = (1 - momentum)·running + momentum·batch
///
/// | convention       | the number weighs | running var of the batch    | in this struct                 |
/// |------------------|-------------------|-----------------------------|--------------------------------|
/// | PyTorch          | the new value     | unbiased, /(m - 1)          | momentum 0.1, the default      |
/// | TensorFlow fused | the old value     | unbiased, /(m - 1)          | momentum 1 - decay             |
/// | Keras, CS231n    | the old value     | population, /m              | momentum 1 - decay, not unbiased |
/// | ONNX             | the old value     | population, /m              | momentum 1 - decay, not unbiased |
///
/// Whatever ddof the pass itself normalizes by. An unbiased variance needs two values per channel.
template <typename T>
struct Running {
  std::span<T> mean;
  std::span<T> var;
  double momentum = 0.1;
  bool unbiased = true;
};

/// The training-mode pass that also updates running statistics. Moreover returns kInvalidMomentum outside [0,
/// 1], and kOneValuePerChannel where the running variance is unbiased and m is 1.
template <typename T>
Status batch_norm_forward(Layout layout, std::span<const T> x, std::span<const T> gamma,
                          std::span<const T> beta, double eps, int ddof, Running<T> running,
                          std::span<double> mean, std::span<double> invstd, std::span<T> y) noexcept;

/// Gradients of the training-mode pass, in which mean and var depend on x:
///
///   dbeta = Σ dy    dgamma = Σ dy·xhat    xhat = (x - mean)·invstd
///   dx = gamma·invstd·(dy - dbeta/m - xhat·dgamma/(m - ddof))
///
/// mean and invstd are those that the forward pass wrote.
/// Returns kEmptyBatch, kLengthMismatch, kInvalidDdof or kOneValuePerChannel.
/// Source: Ioffe & Szegedy 2015, arXiv:1502.03167, section 3.
template <typename T>
Status batch_norm_backward(Layout layout, std::span<const T> dy, std::span<const T> x,
                           std::span<const T> gamma, int ddof, std::span<const double> mean,
                           std::span<const double> invstd, std::span<T> dx, std::span<T> dgamma,
                           std::span<T> dbeta) noexcept;

/// The eval-mode pass, y = (x - running mean) / sqrt(running var + eps)·gamma + beta.
/// Returns kEmptyBatch, kLengthMismatch or kInvalidEps.
template <typename T>
Status batch_norm_infer(Layout layout, std::span<const T> x, std::span<const T> gamma,
                        std::span<const T> beta, double eps, std::span<const T> running_mean,
                        std::span<const T> running_var, std::span<T> y) noexcept;

/// Gradients of the eval-mode pass, in which mean and var are constants:
///
///   dbeta = Σ dy    dgamma = Σ dy·xhat    dx = gamma·invstd·dy
///
/// Returns kEmptyBatch, kLengthMismatch or kInvalidEps.
template <typename T>
Status batch_norm_infer_backward(Layout layout, std::span<const T> dy, std::span<const T> x,
                                 std::span<const T> gamma, double eps, std::span<const T> running_mean,
                                 std::span<const T> running_var, std::span<T> dx, std::span<T> dgamma,
                                 std::span<T> dbeta) noexcept;

/// First half of the forward pass: mean, and m2 = Σ (x - mean)².
/// Returns kEmptyBatch or kLengthMismatch.
template <typename T>
Status batch_norm_statistics(Layout layout, std::span<const T> x, std::span<double> mean,
                             std::span<double> m2) noexcept;

/// Statistics of two parts become those of both: `count` values per channel with mean and m2, which are
/// overwritten, and `other_count` with the other two. The count is then the sum of the counts; a count of 0
/// is an empty part. Returns kLengthMismatch. Source: Chan, Golub & LeVeque 1983, "Algorithms for computing
/// the sample variance".
Status batch_norm_merge_statistics(std::uint64_t count, std::span<double> mean, std::span<double> m2,
                                   std::uint64_t other_count, std::span<const double> other_mean,
                                   std::span<const double> other_m2) noexcept;

/// invstd = 1 / sqrt(m2/(count - ddof) + eps). invstd may be m2.
/// Returns kEmptyBatch if count is 0, kLengthMismatch, kInvalidEps, kInvalidDdof or kOneValuePerChannel.
Status batch_norm_invstd(std::uint64_t count, std::span<const double> m2, double eps, int ddof,
                         std::span<double> invstd) noexcept;

/// Running statistics take in a batch whose statistics came in parts: `count` values per channel in all.
/// Returns kEmptyBatch if count is 0, kLengthMismatch, kInvalidMomentum, or kOneValuePerChannel where the
/// running variance is unbiased and count is 1.
template <typename T>
Status batch_norm_update_running(std::uint64_t count, std::span<const double> mean,
                                 std::span<const double> m2, Running<T> running) noexcept;

/// Second half of the forward pass: y = (x - mean)·invstd·gamma + beta.
/// Returns kEmptyBatch or kLengthMismatch.
template <typename T>
Status batch_norm_normalize(Layout layout, std::span<const T> x, std::span<const T> gamma,
                            std::span<const T> beta, std::span<const double> mean,
                            std::span<const double> invstd, std::span<T> y) noexcept;

/// First half of the backward pass: Σ dy, which is dbeta, and Σ dy·xhat, which is dgamma. Those of two parts
/// add up. Returns kEmptyBatch or kLengthMismatch.
template <typename T>
Status batch_norm_sums(Layout layout, std::span<const T> dy, std::span<const T> x,
                       std::span<const double> mean, std::span<const double> invstd, std::span<double> sum_dy,
                       std::span<double> sum_dy_xhat) noexcept;

/// Second half of the backward pass: dx from the sums over all parts, which hold `count` values per channel.
/// Returns kEmptyBatch, kLengthMismatch, kInvalidDdof or kOneValuePerChannel.
template <typename T>
Status batch_norm_apply(Layout layout, std::span<const T> dy, std::span<const T> x, std::span<const T> gamma,
                        std::uint64_t count, int ddof, std::span<const double> mean,
                        std::span<const double> invstd, std::span<const double> sum_dy,
                        std::span<const double> sum_dy_xhat, std::span<T> dx) noexcept;

}  // namespace backnorm
