#pragma once

#include <algorithm>
#include <type_traits>
#include <utility>

#include "batch_norm_affine.hpp"

namespace backnorm::kernels {

/// Sweeps a matrix row by row, in memory order: walking down a column is 10 to 32 times slower. Lanes are
/// columns. Short planes (N, C, few) form a matrix of C·few columns, of which `few` make one channel.
template <typename T>
struct Sweep {
  static constexpr std::size_t kRows = 4;  // rows summed in registers before the sum goes to memory
  static constexpr std::size_t kColumns =
      kPanel + 64 / sizeof(T);  // columns' numbers alias neither rows nor each other
  /// The size of all tensors of a pass, in bytes, up to which it takes kRows at a time. Larger ones are
  /// faster one row at a time.
  static constexpr std::size_t kMostAbreast = 20 << 20;
  static constexpr std::size_t kTurned = 256;
  static constexpr std::size_t kNear = 64;     // rows summed in T before the sum moves to float64
  static constexpr std::size_t kFirst = 1024;  // rows in the first block
  static constexpr std::size_t kPilot = 8;     // rows that the first shift is guessed from

  /// The slice as a matrix.
  struct Matrix {
    std::size_t rows, columns, stride, begin;
    bool fits;

    /// tensors: the number that a pass reads and writes. Rows of three that alias are too many for the cache.
    Matrix(Slice slice, std::size_t tensors)
        : rows(slice.layout.outer),
          columns(slice.channels() * slice.layout.inner),
          stride(slice.layout.channels * slice.layout.inner),
          begin(slice.begin * slice.layout.inner),
          fits(slice.layout.size() <= kMostAbreast / (tensors * sizeof(T)) &&
               !(tensors > 2 && aliases<T>(stride))) {}
    std::size_t at(std::size_t row, std::size_t column) const { return row * stride + begin + column; }
  };

  /// Both sums of every column.
  template <typename Term>
  struct Sums {
    Matrix matrix;
    Term term;
    double p[kPanel], q[kPanel];

    Sums(Matrix of_matrix, Term of_term) : matrix(of_matrix), term(of_term) {}  // p and q are set by sum()
    Two<double> of(std::size_t column) const { return {p[column], q[column]}; }

    /// Sums rows [begin, end) around k of each column, or around 0 where k is null.
    void sum(std::size_t begin, std::size_t end, const T* k) {
      const bool abreast = matrix.fits || std::is_same_v<T, float>;  // also more accurate
      T near_p[kColumns], near_q[kColumns];
      std::fill_n(p, matrix.columns, 0.0);
      std::fill_n(q, matrix.columns, 0.0);
      while (begin < end) {
        const std::size_t stop = std::min(begin + kNear, end);
        std::fill_n(near_p, matrix.columns, T(0));
        std::fill_n(near_q, matrix.columns, T(0));
        down<1>(matrix, abreast, begin, stop, [&](auto zero, std::size_t j, auto... at) BACKNORM_INLINE {
          using B = decltype(zero);
          B around{};
          if (k) around = B::read(k + j);
          const Two<B> rows =
              (... + term(at, around));  // before they are added to a sum that is large by now
          (B::read(near_p + j) + rows.p).write(near_p + j);
          (B::read(near_q + j) + rows.q).write(near_q + j);
        });
        for (std::size_t j = 0; j < matrix.columns; ++j) {
          p[j] += static_cast<double>(near_p[j]);
          q[j] += static_cast<double>(near_q[j]);
        }
        begin = stop;
      }
    }
  };

  static void statistics(Slice slice, const T* x, double* mean, double* m2) {
    const Matrix matrix(slice, 1);
    Moments found[kPanel];
    bool near[kPanel];
    if (!measure_around_zero<T>(matrix.columns, matrix.rows, matrix.rows < kFirst ? matrix.rows : kNear,
                                found, near, [&] { return Sums<Deviations<T, false>>(matrix, {x}); })) {
      T shift[kPanel];
      guess(matrix, x, shift);
      measure(matrix.columns, matrix.rows, kFirst, shift, Sums<Deviations<T, true>>(matrix, {x}), near,
              found);
    }
    const std::size_t inner = slice.layout.inner;
    for (std::size_t c = 0; c < slice.channels(); ++c) {
      const double n = static_cast<double>(matrix.rows);
      Moments all = found[c * inner];
      for (std::size_t i = 1; i < inner; ++i) {
        all = Moments::merged(n * static_cast<double>(i), all, n, found[c * inner + i]);
      }
      mean[c] = all.mean();
      m2[c] = all.m2;
    }
  }

  static void normalize(Slice slice, const T* x, const T* gamma, const T* beta, const double* mean,
                        const double* invstd, T* y) {
    const Matrix matrix(slice, 2);
    T numbers[3 * kColumns];  // hi, a and b of each column: one address for all three
    for (std::size_t c = 0, j = 0; c < slice.channels(); ++c) {
      const Forward<T> f = Forward<T>::of(gamma, beta, mean[c], invstd[c], c);
      for (const std::size_t end = j + slice.layout.inner; j < end; ++j) {
        numbers[j] = f.hi;
        numbers[kColumns + j] = f.a;
        numbers[2 * kColumns + j] = f.b;
      }
    }
    up<4>(matrix, [&](auto zero, std::size_t j, auto... at) BACKNORM_INLINE {
      using B = decltype(zero);
      const B around = B::read(numbers + j);
      const B scale = B::read(numbers + kColumns + j);
      const B shift = B::read(numbers + 2 * kColumns + j);
      (((B::read(x + at) - around) * scale + shift).write(y + at), ...);
    });
  }

  static void sums(Slice slice, const T* dy, const T* x, const double* mean, const double* invstd,
                   double* sum_dy, double* sum_dy_xhat) {
    const Matrix matrix(slice, 2);
    const std::size_t inner = slice.layout.inner;
    T hi[kPanel];
    for (std::size_t j = 0; j < matrix.columns; ++j) {
      hi[j] = static_cast<T>(mean[j / inner]);
    }
    Sums<Products<T>> sums(matrix, {dy, x});
    sums.sum(0, matrix.rows, hi);
    for (std::size_t c = 0, j = 0; c < slice.channels(); ++c) {
      double p = 0.0;
      double q = 0.0;
      for (const std::size_t end = j + inner; j < end; ++j) {
        p += sums.p[j];
        q += sums.q[j];
      }
      sum_dy[c] = p;
      sum_dy_xhat[c] = sum_of_dy_xhat<T>(mean[c], invstd[c], p, q);
    }
  }

  static void apply(Slice slice, const T* dy, const T* x, const T* gamma, double m, int ddof,
                    const double* mean, const double* invstd, const double* sum_dy, const double* sum_dy_xhat,
                    T* dx) {
    const Matrix matrix(slice, 3);
    T numbers[4 * kColumns];  // hi, p, q and a of each column
    for (std::size_t c = 0, j = 0; c < slice.channels(); ++c) {
      const Backward<T> f = Backward<T>::of(gamma, m, ddof, mean[c], invstd[c], sum_dy[c], sum_dy_xhat[c], c);
      for (const std::size_t end = j + slice.layout.inner; j < end; ++j) {
        numbers[j] = f.hi;
        numbers[kColumns + j] = f.p;
        numbers[2 * kColumns + j] = f.q;
        numbers[3 * kColumns + j] = f.a;
      }
    }
    up<2>(matrix, [&](auto zero, std::size_t j, auto... at) BACKNORM_INLINE {
      using B = decltype(zero);
      const B around = B::read(numbers + j);
      const B of_var = B::read(numbers + kColumns + j);
      const B of_mean = B::read(numbers + 2 * kColumns + j);
      const B scale = B::read(numbers + 3 * kColumns + j);
      ((((B::read(dy + at) + of_mean) + (B::read(x + at) - around) * of_var) * scale).write(dx + at), ...);
    });
  }

 private:
  /// Calls body(Block, column, places) over R rows from `row`, W lanes at a time, so that a column's
  /// coefficients are read once for all of them.
  template <std::size_t R, std::size_t W, typename Body>
  BACKNORM_INLINE static void along(const Matrix& matrix, std::size_t row, Body body) {
    const std::size_t first = matrix.at(row, 0);
    const std::size_t stride = matrix.stride;
    [&]<std::size_t... r>(std::index_sequence<r...>) BACKNORM_INLINE {
      for_blocks<T, W>(matrix.columns, [&](auto zero, std::size_t j)
                                           BACKNORM_INLINE { body(zero, j, (first + r * stride + j)...); });
    }
    (std::make_index_sequence<R>{});
  }

  /// Rows [begin, end).
  template <std::size_t W, typename Body>
  BACKNORM_INLINE static void down(const Matrix& matrix, bool abreast, std::size_t begin, std::size_t end,
                                   Body body) {
    if (abreast) {
      for (; begin + kRows <= end; begin += kRows) along<kRows, W>(matrix, begin, body);
    }
    for (; begin < end; ++begin) along<1, W>(matrix, begin, body);
  }

  /// All rows, the last kTurned first: they are still in the cache.
  template <std::size_t W, typename Body>
  BACKNORM_INLINE static void up(const Matrix& matrix, Body body) {
    for (std::size_t end = matrix.rows, begin; end > 0; end = begin) {
      begin = end - std::min(kTurned, end);
      down<W>(matrix, matrix.fits, begin, end, body);
    }
  }

  /// A shift from the first rows: any value near the column's mean works. Of a constant column it is the
  /// constant, so that all d are 0.
  static void guess(const Matrix& matrix, const T* x, T* shift) {
    const std::size_t rows = std::min(kPilot, matrix.rows);
    const T part = T(1) / static_cast<T>(rows);
    const T* const first = x + matrix.at(0, 0);
    std::copy_n(first, matrix.columns, shift);
    for (std::size_t row = 1; row < rows; ++row) {
      const T* const at = x + matrix.at(row, 0);
      for (std::size_t j = 0; j < matrix.columns; ++j) shift[j] += (at[j] - first[j]) * part;
    }
  }
};

}  // namespace backnorm::kernels
