#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "backnorm/layout.hpp"
#include "backnorm/status.hpp"

/// Batch normalization of a whole tensor without intermediates, for use in a network.
///
/// | pass           | input                                    | output                | normalizes by      |
/// |----------------|------------------------------------------|-----------------------|--------------------|
/// | forward        | x, gamma, beta                           | mean, invstd, var, y  | the batch          |
/// |   with running | and the running mean and var             | which are updated     | the batch          |
/// | backward       | dy, x, gamma, mean, invstd               | dx, dgamma, dbeta     | the batch          |
/// | infer          | x, gamma, beta, running mean and var     | y                     | running statistics |
/// | infer_backward | dy, x, gamma, running mean and var       | dx, dgamma, dbeta     | running statistics |
///
/// Each training pass has two halves, for tensors that come in parts:
///
/// | half       | input                                    | output                | between parts      |
/// |------------|------------------------------------------|-----------------------|--------------------|
/// | statistics | x                                        | mean, m2              | merge_statistics   |
/// | normalize  | x, gamma, beta, mean, invstd             | y                     |                    |
/// | sums       | dy, x, mean, invstd                      | dbeta, dgamma         | add them           |
/// | apply      | dy, x, gamma, mean, invstd, both sums    | dx                    |                    |
///
/// Arrays are passed by name:
///
///   batch_norm_backward<float>(layout, {.dy = dy, .x = x}, gamma, 0, {.mean = mean, .invstd = invstd},
///                              {.dx = dx, .dgamma = dgamma, .dbeta = dbeta});
///
/// x, y, dx, dy: layout.size() values. All others: layout.channels values; var may be empty. Tensors may
/// start at any multiple of a value's size. Saved statistics and sums are float64 for either type of tensor:
/// a float32 mean of 1e6 is off by 1/32. An empty gamma means ones, an empty beta zeros; dgamma and dbeta are
/// written all the same. Outputs are overwritten, not accumulated; only running statistics are also inputs. y
/// may be x, and dx may be dy or x: the same span, not one that starts elsewhere in it. No other output may
/// overlap an input. A NaN or an infinity spoils only its own channel.
///
/// A call returns kEmptyBatch, kLengthMismatch, or the status of an invalid eps, ddof or momentum
/// (status.hpp). Nothing here allocates. A call uses at most 96 KB of stack.
///
/// Arithmetic is float64 for float64 tensors, for matrices of up to 1024 values, and without SIMD lanes; a
/// float32 result then has only its last rounding as error. Larger float32 tensors are computed in float32
/// around the mean, or around 0 for the statistics of a mean within a deviation of 0, with sums moved to
/// float64 every 64 rows or 512 values: var, y, dx and dgamma are within
/// 1e-6 of the largest exact value, and the mean within 1e-6 standard deviations, even if the mean is 1e6
/// times the spread. If the variance of a channel is outside [1e-30, 1e30], it and its neighbours are
/// computed in float64, more slowly. batch_norm_kernels.hpp says which loop runs when.
///
/// In float64 arithmetic the mean is within an ulp or 1e-15 standard deviations, and the variance keeps its
/// digits, however far the mean and however long the channel.
///
/// A constant channel has its value as mean, variance 0, and y = beta, exactly. If var + eps is 0, invstd is
/// that of the smallest positive float64, 4.5e161: 0·infinity would make such a y NaN.
///
/// m is the number of values in a channel, layout.values_per_channel().
namespace backnorm {

template <typename T>
struct Affine {
  std::span<const T> gamma{}, beta{};
};

template <typename T>
struct BackwardInputs {
  std::span<const T> dy, x;
};

template <typename T>
struct Gradients {
  std::span<T> dx, dgamma, dbeta;
};

/// The forward pass saves mean and invstd for the backward pass. var is for the caller alone, of the ddof of
/// the pass; leave it empty if it isn't wanted. Number: double as an output, const double as an input.
template <typename Number>
struct Saved {
  std::span<Number> mean, invstd, var{};

  operator Saved<const Number>() const noexcept { return {mean, invstd, var}; }
};

/// Constants that eval mode normalizes by.
template <typename T>
struct Frozen {
  std::span<const T> mean, var;
};

/// The statistics for eval mode, a moving average over batches:
///
///   running = (1 - momentum)·running + momentum·batch
///
/// | convention           | the number weighs | running var of the batch | in this struct                   |
/// |----------------------|-------------------|--------------------------|----------------------------------|
/// | PyTorch              | the new value     | unbiased, /(m - 1)       | momentum 0.1, the default        |
/// | TensorFlow fused     | the old value     | unbiased, /(m - 1)       | momentum 1 - decay               |
/// | Keras, CS231n, ONNX  | the old value     | population, /m           | momentum 1 - decay, not unbiased |
///
/// This is independent of the ddof of the pass itself. The unbiased variance needs two values per channel;
/// else the call returns kOneValuePerChannel.
template <typename T>
struct Running {
  std::span<T> mean, var;
  double momentum = 0.1;
  bool unbiased = true;
};

/// The training-mode pass. It normalizes by the batch's own statistics, and updates `running` if given:
///
///   mean = Σ x / m    var = Σ (x - mean)² / (m - ddof)    invstd = 1 / sqrt(var + eps)
///   y = (x - mean)·invstd·gamma + beta
///
/// ddof 0: population variance (/m), as networks use it; 1: unbiased variance (/(m - 1)).
/// Source: Ioffe & Szegedy 2015, arXiv:1502.03167, algorithm 1.
template <typename T>
Status batch_norm_forward(Layout layout, std::span<const T> x, Affine<T> affine, double eps, int ddof,
                          Saved<double> saved, std::span<T> y,
                          std::optional<Running<T>> running = {}) noexcept;

/// Gradients of the training-mode pass, where mean and var depend on x:
///
///   dbeta = Σ dy    dgamma = Σ dy·xhat    xhat = (x - mean)·invstd
///   dx = gamma·invstd·(dy - dbeta/m - xhat·dgamma/(m - ddof))
///
/// Source: Ioffe & Szegedy 2015, arXiv:1502.03167, section 3.
template <typename T>
Status batch_norm_backward(Layout layout, BackwardInputs<T> inputs, std::span<const T> gamma, int ddof,
                           Saved<const double> saved, Gradients<T> gradients) noexcept;

/// The eval-mode pass, y = (x - mean) / sqrt(var + eps)·gamma + beta.
template <typename T>
Status batch_norm_infer(Layout layout, std::span<const T> x, Affine<T> affine, double eps, Frozen<T> running,
                        std::span<T> y) noexcept;

/// Gradients of the eval-mode pass, where mean and var are constants:
///
///   dbeta = Σ dy    dgamma = Σ dy·xhat    dx = gamma·invstd·dy
template <typename T>
Status batch_norm_infer_backward(Layout layout, BackwardInputs<T> inputs, std::span<const T> gamma,
                                 double eps, Frozen<T> running, Gradients<T> gradients) noexcept;

/// The mean and m2 = Σ (x - mean)² of `count` values per channel.
template <typename Number>
struct Statistics {
  std::uint64_t count = 0;
  std::span<Number> mean, m2;

  operator Statistics<const Number>() const noexcept { return {count, mean, m2}; }
};

/// First half of the forward pass. Also sets the count.
template <typename T>
Status batch_norm_statistics(Layout layout, std::span<const T> x, Statistics<double>& part) noexcept;

/// Merges `part` into `whole`. A count of 0 is an empty part; its arrays are ignored.
/// Source: Chan, Golub & LeVeque 1983, "Algorithms for computing the sample variance".
Status batch_norm_merge_statistics(Statistics<const double> part, Statistics<double>& whole) noexcept;

/// invstd = 1 / sqrt(m2/(count - ddof) + eps). invstd may be m2.
Status batch_norm_invstd(Statistics<const double> whole, double eps, int ddof,
                         std::span<double> invstd) noexcept;

/// Updates running statistics with a batch that came in parts.
template <typename T>
Status batch_norm_update_running(Statistics<const double> whole, Running<T> running) noexcept;

/// Second half of the forward pass: y = (x - mean)·invstd·gamma + beta.
template <typename T>
Status batch_norm_normalize(Layout layout, std::span<const T> x, Affine<T> affine, Saved<const double> saved,
                            std::span<T> y) noexcept;

/// Sums of a part: dbeta = Σ dy and dgamma = Σ dy·xhat. The sums of two parts add up.
template <typename Number>
struct Sums {
  std::span<Number> dbeta, dgamma;

  operator Sums<const Number>() const noexcept { return {dbeta, dgamma}; }
};

/// First half of the backward pass.
template <typename T>
Status batch_norm_sums(Layout layout, BackwardInputs<T> inputs, Saved<const double> saved,
                       Sums<double> sums) noexcept;

/// Second half of the backward pass: dx from the sums over all parts, which have `count` values per channel.
template <typename T>
Status batch_norm_apply(Layout layout, BackwardInputs<T> inputs, std::span<const T> gamma,
                        std::uint64_t count, int ddof, Saved<const double> saved, Sums<const double> sums,
                        std::span<T> dx) noexcept;

}  // namespace backnorm
