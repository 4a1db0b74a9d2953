#include <algorithm>
#include <cmath>

#include "backnorm/diagnosis.hpp"

/// Passes over some groups of a large case.
namespace backnorm {

/// Takes some columns of batch norm, or all columns of some samples, and runs the right passes over them.
Status Diagnosis::take_sample() noexcept {
  constexpr std::size_t kLargeCase = 4096;
  constexpr std::size_t kMost = 8;  // columns, or samples
  const Grouping& own = case_.grouping;
  const bool is_batch = own.norm == Norm::kBatch;
  const std::size_t all = is_batch ? own.channels : own.samples;
  const std::size_t width = is_batch ? 1 : own.turns;
  const bool is_worth_it = own.size() >= kLargeCase && all >= 4 * kMost;
  if (const Status status = sample_.columns.resize(is_worth_it ? kMost * width : 0); status != Status::kOk)
    return status;
  if (!is_worth_it) return Status::kOk;
  const std::span<std::size_t> columns = sample_.columns.span();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::size_t one = i / width * all / kMost;
    columns[i] = one * width + i % width;
  }
  const Grouping grouping = is_batch ? grouping_of(own.norm, own.samples, kMost, own.positions)
                                     : grouping_of(own.norm, kMost, own.channels, own.positions, own.groups);
  Inputs& to = sample_.inputs;
  for (const Status status :
       {to.x.resize(grouping.size()), to.dy.resize(grouping.size()), to.gamma.resize(grouping.channels),
        to.beta.resize(case_.beta.empty() ? 0 : grouping.channels)}) {
    if (status != Status::kOk) return status;
  }
  for (std::size_t i = 0; i < grouping.size(); ++i) {
    const std::size_t from = i / columns.size() * own.columns + columns[i % columns.size()];
    to.x.span()[i] = case_.x[from];
    to.dy.span()[i] = case_.dy[from];
  }
  for (std::size_t c = 0; c < grouping.channels; ++c) {
    const std::size_t from = is_batch ? columns[c] : c;
    to.gamma.span()[c] = case_.gamma[from];
    if (!case_.beta.empty()) to.beta.span()[c] = case_.beta[from];
  }
  sample_.kase = case_;
  sample_.kase.grouping = grouping;
  sample_.kase.x = to.x.span();
  sample_.kase.dy = to.dy.span();
  sample_.kase.gamma = to.gamma.span();
  sample_.kase.beta = to.beta.span();
  return sample_.right.run(sample_.kase);
}

/// True if the edits do the same to a sample as to the case.
bool Diagnosis::is_sampled(std::span<const Edit> edits) const noexcept {
  if (sample_.columns.span().empty()) return false;
  const bool is_batch = case_.grouping.norm == Norm::kBatch;
  const auto counts_others = [&](const Factor& factor) {
    const auto has = [&](Count count) { return factor.counts[static_cast<std::size_t>(count)] != 0; };
    return is_batch ? has(Count::kChannels) : has(Count::kSamples) || has(Count::kShares);
  };
  return std::none_of(edits.begin(), edits.end(), [&](const Edit& edit) {
    return edit.kind >= Edit::Kind::kSwap || edit.kind == Edit::Kind::kRegroup || counts_others(edit.factor);
  });
}

/// False if an array that was given is neither what the sample's other passes give nor right.
bool Diagnosis::fits_sample() const noexcept {
  constexpr double kGenerous = 64.0;  // rounded inputs and one-pass variances are left out here
  const std::span<const std::size_t> columns = sample_.columns.span();
  for (std::size_t number = 0; number < quantities().count(); ++number) {
    if (!usable(number)) continue;
    const bool is_parameter = quantities()[number].extent == Extent::kParameters;
    if (is_parameter && case_.grouping.norm != Norm::kBatch) continue;  // sums over all samples
    const Expectation expected = right(number);
    const std::span<const Number> given = tensor(sample_.other, number);
    const std::span<const double> claimed = claims_[number].values.span();
    for (std::size_t i = 0; i < given.size(); ++i) {
      const std::size_t at = i / columns.size() * case_.columns() + columns[i % columns.size()];
      const double slack = kGenerous * (allowance(expected, at) + kOtherOrder * given[i].error) +
                           2.0 * claims_[number].resolution.span()[at];
      const double off =
          std::min(std::abs(claimed[at] - given[i].value), std::abs(claimed[at] - expected.values[at].value));
      if (off > slack) return false;
    }
  }
  return true;
}

}  // namespace backnorm
