#pragma once

#include "batch_norm_affine.hpp"

namespace backnorm::kernels {

/// A matrix swept row by row, as it lies in memory: walking down a column is 10 to 32 times slower. Lanes are
/// columns. Short planes, N, C, few, are a matrix of C·few columns, of which `few` then make one channel.
template <typename T>
struct Sweep {
  static constexpr std::size_t kRows = 8;     // summed before they are added to what lies in memory
  static constexpr std::size_t kAbreast = 2;  // four do not fit into the registers that V8 has
  static constexpr std::size_t kNear = 64;    // summed in T before they are added in float64
  static constexpr std::size_t kPilot = 8;    // rows that the first shift is guessed from

  /// The slice as a matrix.
  struct Matrix {
    std::size_t rows, columns, stride, begin;

    explicit Matrix(Slice slice)
        : rows(slice.layout.outer),
          columns(slice.channels() * slice.layout.inner),
          stride(slice.layout.channels * slice.layout.inner),
          begin(slice.begin * slice.layout.inner) {}
    std::size_t at(std::size_t row, std::size_t column) const { return row * stride + begin + column; }
  };

  struct Sums {
    double p[kPanel], q[kPanel];

    /// Of rows [begin, end), around k of each column.
    template <typename Term>
    void sum(const Matrix& matrix, std::size_t begin, std::size_t end, const T* k, Term term) {
      T near_p[kPanel], near_q[kPanel];
      std::fill_n(p, matrix.columns, 0.0);
      std::fill_n(q, matrix.columns, 0.0);
      while (begin < end) {
        const std::size_t stop = std::min(begin + kNear, end);
        std::fill_n(near_p, matrix.columns, T(0));
        std::fill_n(near_q, matrix.columns, T(0));
        while (begin < stop) {
          const std::size_t rows = std::min(kRows, stop - begin);
          for_blocks<T, kAbreast>(matrix.columns, [&](auto zero, std::size_t j) BACKNORM_INLINE {
            using B = decltype(zero);
            const B around = B::read(k + j);
            std::size_t at = matrix.at(begin, j);
            Two<B> all = term(at, around);
            for (std::size_t r = 1; r < rows; ++r) all = all + term(at += matrix.stride, around);
            (B::read(near_p + j) + all.p).write(near_p + j);
            (B::read(near_q + j) + all.q).write(near_q + j);
          });
          begin += rows;
        }
        for (std::size_t j = 0; j < matrix.columns; ++j) {
          p[j] += static_cast<double>(near_p[j]);
          q[j] += static_cast<double>(near_q[j]);
        }
      }
    }
  };

  static void statistics(Slice slice, const T* x, double* mean, double* m2) {
    const Matrix matrix(slice);
    Sums sums;
    T shift[kPanel]{};
    Moments found[kPanel];
    guess(matrix, x, shift);
    const auto sum = [&](std::size_t begin, std::size_t end) {
      sums.sum(matrix, begin, end, shift, Deviations<T>{x});
    };
    const auto block = [&](double n, std::size_t j) {
      return Moments::of_block(n, static_cast<double>(shift[j]), sums.p[j], sums.q[j]);
    };

    const std::size_t first = std::min(kNear, matrix.rows);
    const double n_first = static_cast<double>(first);
    sum(0, first);
    bool far = false;
    for (std::size_t j = 0; j < matrix.columns; ++j) {
      found[j] = block(n_first, j);
      far = far || found[j].is_far(n_first, static_cast<double>(shift[j]));
    }
    if (far) {
      for (std::size_t j = 0; j < matrix.columns; ++j) shift[j] = static_cast<T>(found[j].mean);
      sum(0, first);
      for (std::size_t j = 0; j < matrix.columns; ++j) found[j] = block(n_first, j);
    }
    for (std::size_t done = first; done < matrix.rows;) {
      const std::size_t rows = std::min(done, matrix.rows - done);
      for (std::size_t j = 0; j < matrix.columns; ++j) shift[j] = static_cast<T>(found[j].mean);
      sum(done, done + rows);
      const double n = static_cast<double>(rows);
      for (std::size_t j = 0; j < matrix.columns; ++j) {
        found[j] = Moments::merged(static_cast<double>(done), found[j], n, block(n, j));
      }
      done += rows;
    }

    const std::size_t inner = slice.layout.inner;
    for (std::size_t c = 0; c < slice.channels(); ++c) {
      const double n = static_cast<double>(matrix.rows);
      Moments all = found[c * inner];
      for (std::size_t i = 1; i < inner; ++i) {
        all = Moments::merged(n * static_cast<double>(i), all, n, found[c * inner + i]);
      }
      mean[c] = all.mean;
      m2[c] = all.m2;
    }
  }

  static void normalize(Slice slice, const T* x, const T* gamma, const T* beta, const double* mean,
                        const double* invstd, T* y) {
    const Matrix matrix(slice);
    T numbers[3 * kPanel];  // hi, a and b of each column, so that one address serves all three
    for (std::size_t c = 0, j = 0; c < slice.channels(); ++c) {
      const Forward<T> f = Forward<T>::of(gamma, beta, mean[c], invstd[c], c);
      for (const std::size_t end = j + slice.layout.inner; j < end; ++j) {
        numbers[j] = f.hi;
        numbers[kPanel + j] = f.a;
        numbers[2 * kPanel + j] = f.b;
      }
    }
    across(matrix, [&](auto zero, std::size_t j, auto... at) BACKNORM_INLINE {
      using B = decltype(zero);
      const B around = B::read(numbers + j);
      const B scale = B::read(numbers + kPanel + j);
      const B shift = B::read(numbers + 2 * kPanel + j);
      (((B::read(x + at) - around) * scale + shift).write(y + at), ...);
    });
  }

  static void sums(Slice slice, const T* dy, const T* x, const double* mean, const double* invstd,
                   double* sum_dy, double* sum_dy_xhat) {
    const Matrix matrix(slice);
    const std::size_t inner = slice.layout.inner;
    Sums sums;
    T hi[kPanel];
    for (std::size_t j = 0; j < matrix.columns; ++j) hi[j] = static_cast<T>(mean[j / inner]);
    sums.sum(matrix, 0, matrix.rows, hi, Products<T>{dy, x});
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
    const Matrix matrix(slice);
    T numbers[4 * kPanel];  // hi, p, q and a of each column
    for (std::size_t c = 0, j = 0; c < slice.channels(); ++c) {
      const Backward<T> f = Backward<T>::of(gamma, m, ddof, mean[c], invstd[c], sum_dy[c], sum_dy_xhat[c], c);
      for (const std::size_t end = j + slice.layout.inner; j < end; ++j) {
        numbers[j] = f.hi;
        numbers[kPanel + j] = f.p;
        numbers[2 * kPanel + j] = f.q;
        numbers[3 * kPanel + j] = f.a;
      }
    }
    across(matrix, [&](auto zero, std::size_t j, auto... at) BACKNORM_INLINE {
      using B = decltype(zero);
      const B around = B::read(numbers + j);
      const B of_var = B::read(numbers + kPanel + j);
      const B of_mean = B::read(numbers + 2 * kPanel + j);
      const B scale = B::read(numbers + 3 * kPanel + j);
      ((((B::read(dy + at) + of_mean) + (B::read(x + at) - around) * of_var) * scale).write(dx + at), ...);
    });
  }

 private:
  /// body(Block, column, places), two rows at a time, so that the numbers of a column are read once for all
  /// of them.
  template <typename Body>
  BACKNORM_INLINE static void across(const Matrix& matrix, Body body) {
    std::size_t row = 0;
    for (; row + 2 <= matrix.rows; row += 2) {
      const std::size_t first = matrix.at(row, 0);
      const std::size_t second = first + matrix.stride;
      for_blocks<T, 1>(matrix.columns, [&](auto zero, std::size_t j)
                                           BACKNORM_INLINE { body(zero, j, first + j, second + j); });
    }
    for (; row < matrix.rows; ++row) {
      const std::size_t at = matrix.at(row, 0);
      for_blocks<T, 1>(matrix.columns,
                       [&](auto zero, std::size_t j) BACKNORM_INLINE { body(zero, j, at + j); });
    }
  }

  /// A shift from the first rows: any value near the column's mean will do.
  static void guess(const Matrix& matrix, const T* x, T* shift) {
    const std::size_t rows = std::min(kPilot, matrix.rows);
    const T part = T(1) / static_cast<T>(rows);
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t j = 0; j < matrix.columns; ++j) shift[j] += x[matrix.at(row, j)] * part;
    }
  }
};

}  // namespace backnorm::kernels
