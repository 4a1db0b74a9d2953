#pragma once

#include <cstddef>
#include <span>

#include "backnorm/batch_norm.hpp"

/// Layer, group, instance and RMS norm of a whole tensor: batch norm's siblings, whose statistics stay within
/// a sample.
///
/// | norm            | shape                  | a group is                                | gamma, beta     |
/// |-----------------|------------------------|-------------------------------------------|-----------------|
/// | layer           | (..., normalized dims) | all normalized dims of a sample           | normalized dims |
/// | group, K groups | (N, C, ...)            | C/K channels of a sample, all positions   | (C)             |
/// | instance        | (N, C, ...)            | one channel of a sample: K = C            | (C)             |
/// | RMS             | as layer               | as layer                                  | gamma, as layer |
///
/// | pass     | input                      | output               |
/// |----------|----------------------------|----------------------|
/// | forward  | x, gamma, beta             | mean, invstd, var, y |
/// | backward | dy, x, gamma, mean, invstd | dx, dgamma, dbeta    |
///
/// There are no running statistics, so a network calls the same passes in training and in eval mode.
///
/// x, y, dx, dy: layout.size() values. gamma, beta, dgamma, dbeta: layout.channels values. mean, invstd:
/// layout.statistics() values, float64 for either type of tensor. var has as many, or is empty; for RMS norm
/// it is the mean of squares. An empty gamma means a factor of 1, an empty beta zeros; dgamma and dbeta are
/// written all the same. RMS norm has no mean and no beta: those spans, and dbeta, are empty. Outputs are
/// overwritten, not accumulated. y may be x, and dx may be dy or x: the same span. No other output may
/// overlap an input. A NaN or an infinity spoils its own group, and what dgamma and dbeta sum of it.
///
/// A call returns kEmptyBatch, kLengthMismatch, kInvalidShape if the groups don't divide the channels, or the
/// status of an invalid eps or ddof (status.hpp). Nothing here allocates. A call uses at most 80 KB of stack.
///
/// Arithmetic is float64 for float64 tensors, for tensors of up to 512 values, for channels that come last,
/// and without SIMD lanes; a float32 result then has only its last rounding as error, the mean is within an
/// ulp or 1e-15 standard deviations, and the variance keeps its digits, however far the mean. Other float32
/// tensors are computed in float32, with sums moved to float64 on the way: y, dx, dgamma, dbeta and invstd
/// are within 1e-6 of the largest exact value, and the mean within 1e-6 standard deviations, even if the mean
/// is 1e6 times the spread. A group whose variance is outside [1e-30, 1e30] is computed in float64.
/// norm_kernels.hpp says which loop runs when.
///
/// A constant group has its value as mean, variance 0, and y = beta, exactly; so has a group of one value,
/// with dx = 0 and nothing for dgamma. PyTorch refuses one value per channel in training; here it is a limit
/// like any other. RMS norm of one value gives gamma·x / sqrt(x² + eps). If var + eps is 0, invstd
/// is 4.5e161, as in batch_norm.hpp.
///
/// M is the number of values in a group, layout.values_per_group().
namespace backnorm {

/// A tensor has the extents (samples, before, channels, after), and a sample has `groups` groups of
/// channels / groups channels each, side by side. `before` is 1 unless there are positions before the
/// channels, as in (N, H, W, C).
///
///   layer, RMS    (product of the other dims, 1, product of the normalized dims, 1), one group
///   group         (N, 1, C, product of the rest), K groups; C groups for instance norm
///
/// Value (n, b, c, i) is at ((n·before + b)·channels + c)·after + i, and uses parameter c and the statistics
/// at n·groups + c / (channels / groups).
struct GroupLayout {
  std::size_t samples = 0;
  std::size_t before = 1;
  std::size_t channels = 0;
  std::size_t after = 1;
  std::size_t groups = 1;

  constexpr std::size_t size() const noexcept { return samples * before * channels * after; }
  constexpr std::size_t statistics() const noexcept { return samples * groups; }
  constexpr std::size_t values_per_group() const noexcept { return before * (channels / groups) * after; }
};

/// Reads a shape of rank 1 to 8 for layer or RMS norm over its last `normalized_dims` dims. kInvalidShape for
/// another rank, for fewer dims than 1 or more than the rank, or for too many values (layout.hpp).
Status normalized_dims(std::span<const std::size_t> shape, std::size_t normalized_dims,
                       GroupLayout& layout) noexcept;
/// Reads a shape of rank 2 to 8 for group norm; axis 0 is that of the samples. kInvalidShape for another
/// rank, for an axis that isn't one of the others, or if `groups` doesn't divide the channels.
Status grouped_channels(std::span<const std::size_t> shape, std::ptrdiff_t axis, std::size_t groups,
                        GroupLayout& layout) noexcept;

/// What a group is divided by.
struct NormRule {
  double eps = 1e-5;
  int ddof = 0;              ///< 0: population variance, /M. 1: unbiased variance, /(M - 1). RMS norm: 0
  bool rms = false;          ///< RMS norm
  bool unit_offset = false;  ///< 1 + gamma in place of gamma, as Gemma has it
};

/// Layer, group and instance norm; mean, var and invstd of the group of x:
///
///   mean = Σ x / M    var = Σ (x - mean)² / (M - ddof)    invstd = 1 / sqrt(var + eps)
///   y = (x - mean)·invstd·gamma + beta
///
/// RMS norm:
///
///   ms = Σ x² / M    invstd = 1 / sqrt(ms + eps)    y = x·invstd·gamma
///
/// Sources: Ba, Kiros & Hinton 2016, arXiv:1607.06450; Wu & He 2018, arXiv:1803.08494; Ulyanov, Vedaldi &
/// Lempitsky 2016, arXiv:1607.08022; Zhang & Sennrich 2019, arXiv:1910.07467.
template <typename T>
Status norm_forward(GroupLayout layout, NormRule rule, std::span<const T> x, Affine<T> affine,
                    Saved<double> saved, std::span<T> y) noexcept;

/// Gradients of norm_forward, with xhat = (x - mean)·invstd and dxhat = dy·gamma:
///
///   dbeta = Σ dy    dgamma = Σ dy·xhat          over the samples and positions of a channel
///   dx = invstd·(dxhat - Σ dxhat / M - xhat·Σ dxhat·xhat / (M - ddof))       over the group
///
/// RMS norm: without Σ dxhat / M. Of `rule`, eps isn't read.
/// room: channels values each, in which dbeta and dgamma are summed in float64, and left; dbeta is empty for
/// RMS norm.
template <typename T>
Status norm_backward(GroupLayout layout, NormRule rule, BackwardInputs<T> inputs, std::span<const T> gamma,
                     Saved<const double> saved, Sums<double> room, Gradients<T> gradients) noexcept;

}  // namespace backnorm
