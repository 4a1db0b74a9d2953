#pragma once

#include <span>

#include "backnorm/layout.hpp"
#include "backnorm/status.hpp"

/// Batch normalization of a whole tensor, without the intermediates: what a network calls.
///
/// | pass     | input                      | output                |
/// |----------|----------------------------|-----------------------|
/// | forward  | x, gamma, beta             | mean, invstd, y       |
/// | backward | dy, x, gamma, mean, invstd | dx, dgamma, dbeta     |
///
/// x, y, dx, dy: layout.size() values. All others: layout.channels values.
/// An empty gamma is all ones, an empty beta all zeros; dgamma and dbeta are written all the same.
/// Outputs are overwritten, not accumulated. A NaN or an infinity spoils its own channel only.
/// Arithmetic is float64 for either kind of tensor, so that a float32 result is off by its last rounding.
/// These are the plain loops, the twins that faster kernels have to equal.
namespace backnorm {

/// The training-mode pass, which normalizes by the batch's own statistics:
///
///   mean = Σ x / m    var = Σ (x - mean)² / (m - ddof)    invstd = 1 / sqrt(var + eps)
///   y = (x - mean)·invstd·gamma + beta                    m = values per channel
///
/// ddof 0: population variance (/m), which is what a network normalizes by; 1: unbiased (/(m - 1)).
/// y may alias x. Returns kEmptyBatch, kLengthMismatch, kInvalidEps, kInvalidDdof or kOneValuePerChannel.
/// Source: Ioffe & Szegedy 2015, arXiv:1502.03167, algorithm 1.
template <typename T>
Status batch_norm_forward(Layout layout, std::span<const T> x, std::span<const T> gamma,
                          std::span<const T> beta, double eps, int ddof, std::span<double> mean,
                          std::span<double> invstd, std::span<T> y) noexcept;

/// Gradients of the training-mode pass, in which mean and var depend on x:
///
///   dbeta = Σ dy    dgamma = Σ dy·xhat    xhat = (x - mean)·invstd
///   dx = gamma·invstd·(dy - dbeta/m - xhat·dgamma/(m - ddof))
///
/// mean and invstd are those that the forward pass wrote. dx may alias dy.
/// Returns kEmptyBatch, kLengthMismatch, kInvalidDdof or kOneValuePerChannel.
/// Source: Ioffe & Szegedy 2015, arXiv:1502.03167, section 3.
template <typename T>
Status batch_norm_backward(Layout layout, std::span<const T> dy, std::span<const T> x,
                           std::span<const T> gamma, int ddof, std::span<const double> mean,
                           std::span<const double> invstd, std::span<T> dx, std::span<T> dgamma,
                           std::span<T> dbeta) noexcept;

}  // namespace backnorm
