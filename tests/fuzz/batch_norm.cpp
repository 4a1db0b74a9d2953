#include "backnorm/batch_norm.hpp"

#include <algorithm>
#include <memory>

#include "backnorm/batch_norm_kernels.hpp"
#include "input.hpp"
#include "twin.hpp"

/// The fused passes: shapes, spans that begin anywhere, overlaps that are allowed, lengths that are not.
namespace backnorm::fuzz {
namespace {

constexpr double kMark = -77.0;

/// Memory that ends where its values end, so that AddressSanitizer sees the first one too many; it may begin
/// beside an address that vectors like.
template <typename T>
class Block {
 public:
  Block(std::size_t size, std::size_t offset, T value = T(kMark))
      : memory_(std::make_unique<T[]>(size + offset)), span_(memory_.get() + offset, size) {
    std::fill(span_.begin(), span_.end(), value);
  }
  Block(const std::vector<T>& values, std::size_t offset) : Block(values.size(), offset) {
    std::copy(values.begin(), values.end(), span_.begin());
  }
  std::span<T> span() const { return span_; }
  std::span<const T> view() const { return span_; }
  bool is_untouched() const {
    return std::all_of(span_.begin(), span_.end(), [](T value) { return value == T(kMark); });
  }

 private:
  std::unique_ptr<T[]> memory_;
  std::span<T> span_;
};

Layout draw_layout(Input& input) {
  constexpr std::size_t kMost = 6000;
  Layout layout{1, 1, 1};
  layout.channels = input.length(1100);
  layout.outer = input.length(std::max<std::size_t>(1, kMost / layout.channels));
  if (input.flip())
    layout.inner = input.length(std::max<std::size_t>(1, kMost / layout.outer / layout.channels));
  return layout;
}

template <typename T>
void run(Input& input) {
  const Layout layout = draw_layout(input);
  const Range range = input.range();
  const std::size_t offset = input.size(0, 3);
  const Block<T> x(input.numbers<T>(layout.size(), range), offset);
  const Block<T> dy(input.numbers<T>(layout.size(), range), input.size(0, 3));
  const Block<T> gamma(input.numbers<T>(input.flip() ? layout.channels : 0, range), offset);
  const Block<T> beta(input.numbers<T>(input.flip() ? layout.channels : 0, range), offset);
  const double eps = input.eps(range);
  const int ddof = input.rarely(16) ? input.bits<std::int8_t>() : input.flip();
  const double m = static_cast<double>(layout.values_per_channel());

  Block<double> mean(layout.channels, 0), invstd(layout.channels, 1);
  Block<T> y(layout.size(), offset), dx(layout.size(), offset);
  Block<T> dgamma(layout.channels, offset), dbeta(layout.channels, 0);
  Block<T> running_mean(layout.channels, 0), running_var(layout.channels, 0);
  const double momentum = input.rarely(8) ? input.wild<double>() : 0.1;
  const Running<T> running{running_mean.span(), running_var.span(), momentum, input.flip()};

  Status expected = Status::kOk;
  if (ddof != 0 && ddof != 1)
    expected = Status::kInvalidDdof;
  else if (ddof == 1 && m == 1)
    expected = Status::kOneValuePerChannel;
  const Status expected_backward = expected;
  if (expected == Status::kOk && !(std::isfinite(eps) && eps >= 0)) expected = Status::kInvalidEps;

  const bool runs = input.flip();
  if (runs && expected == Status::kOk) {
    if (!(momentum >= 0 && momentum <= 1))
      expected = Status::kInvalidMomentum;
    else if (running.unbiased && m == 1)
      expected = Status::kOneValuePerChannel;
  }
  const Affine<T> affine{.gamma = gamma.view(), .beta = beta.view()};
  const Saved<double> saved{.mean = mean.span(), .invstd = invstd.span()};
  const auto gradients = [&](std::span<T> to) {
    return Gradients<T>{.dx = to, .dgamma = dgamma.span(), .dbeta = dbeta.span()};
  };
  const auto forward = [&](std::span<const T> from, std::span<T> to) {
    return batch_norm_forward<T>(layout, from, affine, eps, ddof, saved, to,
                                 runs ? std::optional(running) : std::nullopt);
  };
  const auto backward = [&](std::span<const T> of_dy, std::span<const T> of_x, std::span<T> to) {
    return batch_norm_backward<T>(layout, {.dy = of_dy, .x = of_x}, gamma.view(), ddof, saved, gradients(to));
  };

  // One span that is shorter than the layout says, and nothing is read or written.
  const std::span<const T> short_x = x.view().first(layout.size() - 1);
  const Status refused = expected == Status::kOk || runs ? Status::kLengthMismatch : expected;
  if (const Status status = forward(short_x, y.span()); refused == Status::kLengthMismatch) {
    EXPECT(status != Status::kOk);
  } else {
    EXPECT(status == expected);
  }
  EXPECT(backward(dy.view(), short_x, dx.span()) != Status::kOk);
  EXPECT(y.is_untouched() && mean.is_untouched() && invstd.is_untouched());
  EXPECT(dx.is_untouched() && dgamma.is_untouched() && dbeta.is_untouched());
  EXPECT(running_mean.is_untouched() && running_var.is_untouched());

  EXPECT(forward(x.view(), y.span()) == expected);
  if (expected != Status::kOk) {
    EXPECT(y.is_untouched() && mean.is_untouched() && invstd.is_untouched());
    EXPECT(running_mean.is_untouched() && running_var.is_untouched());
    EXPECT(expected_backward == Status::kOk || backward(dy.view(), x.view(), dx.span()) == expected_backward);
    return;
  }
  EXPECT(backward(dy.view(), x.view(), dx.span()) == Status::kOk);

  const Twin twin(layout, x.view(), dy.view(), gamma.view(), beta.view(), eps, ddof);
  const kernels::Kernel kernel = kernels::kernel_for(layout);
  const bool lanes = kernel == kernels::Kernel::kSweep || kernel == kernels::Kernel::kPlanes;
  const bool in_float = std::is_same_v<T, float> && lanes;  // promises 1e-6, of mild numbers
  const auto more = [&](double largest) { return in_float ? 1e-6 * largest : 0.0; };
  // gamma·invstd comes first in some kernels, which overflows where their product with x - mean need not
  const bool compares = range == Range::kMild || (range == Range::kBroad && !in_float);
  for (std::size_t i = 0; compares && i < layout.size(); ++i) {
    const std::size_t c = i / layout.inner % layout.channels;
    EXPECT(is_near(y.view()[i], twin.y[i], more(twin.largest_y[c])));
    EXPECT(is_near(dx.view()[i], twin.dx[i], more(twin.largest_dx[c])));
    EXPECT(is_near(dbeta.view()[c], twin.sum_dy[c], more(twin.largest_sum[c])));
    EXPECT(is_near(dgamma.view()[c], twin.sum_dy_xhat[c], more(twin.largest_sum[c])));
  }
  for (std::size_t c = 0; c < layout.channels; ++c) {  // what is not a number spoils its own channel only
    // without a variance that the twin is sure of, 1 / 0 is an answer; past 1e300 the sums of some kernels
    // overflow
    if (!std::isfinite(twin.invstd[c].value) || !std::isfinite(twin.invstd[c].error) ||
        twin.invstd[c].value < 1e-150) {
      continue;
    }
    EXPECT(std::isfinite(mean.view()[c]) && std::isfinite(invstd.view()[c]));
  }

  // In place: the same bits.
  const std::vector<double> mean_before(mean.view().begin(), mean.view().end());
  const Block<T> over_x({x.view().begin(), x.view().end()}, offset);
  EXPECT(backward(dy.view(), over_x.view(), over_x.span()) == Status::kOk);
  EXPECT(same_bits(over_x.view(), dx.view()));
  const Block<T> over_dy({dy.view().begin(), dy.view().end()}, offset);
  EXPECT(backward(over_dy.view(), x.view(), over_dy.span()) == Status::kOk);
  EXPECT(same_bits(over_dy.view(), dx.view()));
  const Block<T> in_place({x.view().begin(), x.view().end()}, offset);
  EXPECT(forward(in_place.view(), in_place.span()) == Status::kOk);
  EXPECT(same_bits(in_place.view(), y.view()));
  EXPECT(same_bits<double>(mean.view(), mean_before));

  // Eval mode by those statistics, and in place as well.
  const Block<T> still_mean(input.numbers<T>(layout.channels, range), 0);
  const Block<T> still_var(input.numbers<T>(layout.channels, range), 0);
  const Frozen<T> still{.mean = still_mean.view(), .var = still_var.view()};
  const BackwardInputs<T> inputs{.dy = dy.view(), .x = x.view()};
  const Block<T> eval(layout.size(), offset), eval_over({x.view().begin(), x.view().end()}, offset);
  const auto infer = [&](const Block<T>& from, const Block<T>& to) {
    return batch_norm_infer<T>(layout, from.view(), affine, eps, still, to.span());
  };
  EXPECT(infer(x, eval) == Status::kOk);
  EXPECT(infer(eval_over, eval_over) == Status::kOk);
  EXPECT(same_bits(eval.view(), eval_over.view()));
  EXPECT(batch_norm_infer_backward<T>(layout, inputs, gamma.view(), eps, still, gradients(dx.span())) ==
         Status::kOk);

  // The halves, on all of the batch at once.
  Block<double> m2(layout.channels, 0), p(layout.channels, 0), q(layout.channels, 1);
  Statistics<double> whole{.mean = mean.span(), .m2 = m2.span()};
  EXPECT(batch_norm_statistics<T>(layout, x.view(), whole) == Status::kOk);
  EXPECT(batch_norm_merge_statistics({.mean = mean.view(), .m2 = m2.view()}, whole) == Status::kOk);
  EXPECT(batch_norm_invstd(whole, eps, ddof, invstd.span()) == Status::kOk);
  EXPECT(batch_norm_normalize<T>(layout, x.view(), affine, saved, eval.span()) == Status::kOk);
  const Sums<double> sums{.dbeta = p.span(), .dgamma = q.span()};
  EXPECT(batch_norm_sums<T>(layout, inputs, saved, sums) == Status::kOk);
  EXPECT(batch_norm_apply<T>(layout, inputs, gamma.view(), whole.count, ddof, saved, sums,
                             eval_over.span()) == Status::kOk);
  for (std::size_t i = 0; compares && i < layout.size(); ++i) {
    const std::size_t c = i / layout.inner % layout.channels;
    EXPECT(is_near(eval.view()[i], twin.y[i], more(twin.largest_y[c])));
    EXPECT(is_near(eval_over.view()[i], twin.dx[i], more(twin.largest_dx[c])));
  }
}

/// A layout that nobody checked: its product may be anything, modulo 2^64.
template <typename T>
void run_unchecked(Input& input) {
  const auto any = [&] {
    return input.size(0, 9) + (input.flip() ? std::size_t{1} << input.one_of({8, 31, 32, 62, 63}) : 0);
  };
  const Layout layout{any(), any(), any()};
  const std::size_t size = std::min<std::size_t>(layout.size(), 64);
  const std::size_t channels = std::min<std::size_t>(layout.channels, 64);
  const Block<T> x(size, 0, T(1)), y(size, 0), dx(size, 0), dgamma(channels, 0), dbeta(channels, 0);
  const Block<double> mean(channels, 0), invstd(channels, 0);
  const Saved<double> saved{.mean = mean.span(), .invstd = invstd.span()};
  const Status forward = batch_norm_forward<T>(layout, x.view(), {}, 1e-5, 0, saved, y.span());
  const Status backward =
      batch_norm_backward<T>(layout, {.dy = x.view(), .x = x.view()}, {}, 0, saved,
                             {.dx = dx.span(), .dgamma = dgamma.span(), .dbeta = dbeta.span()});
  EXPECT((forward == Status::kOk) == (backward == Status::kOk));
  const __uint128_t whole = __uint128_t{layout.outer} * layout.channels;
  const bool fits = layout.size() > 0 && layout.size() <= 64 && layout.channels <= 64 && whole <= 64 &&
                    whole * layout.inner == layout.size();
  EXPECT((forward == Status::kOk) == fits);
}

}  // namespace
}  // namespace backnorm::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace backnorm::fuzz;
  Input input(data, size);
  const bool single = input.flip();
  if (input.rarely(8)) {
    single ? run_unchecked<float>(input) : run_unchecked<double>(input);
  } else {
    single ? run<float>(input) : run<double>(input);
  }
  return 0;
}
