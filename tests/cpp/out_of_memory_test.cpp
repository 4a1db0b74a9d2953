#include <array>
#include <bit>
#include <string>
#include <vector>

#include "allocations.hpp"
#include "backnorm/diagnosis.hpp"
#include "backnorm/differences.hpp"
#include "backnorm/direction_tests.hpp"
#include "backnorm/gradcheck.hpp"
#include "catch.hpp"
#include "support.hpp"

/// Everything that asks for memory, refused at each allocation in turn: once alone, and once with all that
/// follow. It says kOutOfMemory, leaks nothing, leaves outputs and other objects as they were, and run again
/// it gives what it gives in peace. The fused passes ask for none (allocation_test).
namespace backnorm::test {
namespace {

/// Results to the last bit: a NaN equals itself, and 0 is not -0.
class Bits {
 public:
  template <typename Number>
  Bits& operator<<(Number number) {
    if constexpr (requires { number.error; }) {
      *this << number.value << number.error;
    } else if constexpr (requires { number.value; }) {
      *this << number.value;
    } else {
      bits_.push_back(std::bit_cast<std::uint64_t>(static_cast<double>(number)));
    }
    return *this;
  }
  template <typename Number>
  Bits& operator<<(std::span<Number> numbers) {
    for (const auto& number : numbers) *this << number;
    return *this;
  }
  template <typename T>
  Bits& operator<<(const Tensors<T>& tensors) {
    for (const Node& one : kNodes) *this << tensors[one.id];
    return *this;
  }
  template <typename T>
  Bits& operator<<(const Trace<T>& trace) {
    for (std::size_t edge = 0; edge < kEdgeCount; ++edge) *this << trace.contributions[edge];
    return *this << trace.values << trace.gradients;
  }
  template <typename T>
  Bits& operator<<(const Gradcheck<T>& check) {
    for (const Node& one : kNodes) {
      const NodeReport report = check.report(one.id);
      *this << check.analytic(one.id) << check.exact(one.id) << check.numeric(one.id) << check.bound(one.id)
            << check.numeric_bound(one.id) << check.signal(one.id) << static_cast<int>(report.verdict)
            << report.max_error << report.numeric_error << report.worst;
    }
    return *this;
  }
  Bits& operator<<(const Diagnosis& diagnosis) {
    for (std::size_t number = 0; number < kQuantityCount; ++number) {
      if (!diagnosis.is_claimed(number)) continue;
      const Finding& found = diagnosis.finding(number);
      *this << number << static_cast<int>(found.truth) << static_cast<int>(found.local) << found.max_error
            << found.largest_bound << found.worst << static_cast<int>(found.relation.kind)
            << found.relation.ratio << found.relation.other;
    }
    for (const Fit& fit : diagnosis.fits()) *this << fit.mistake << fit.residual;
    return *this << diagnosis.first_wrong();
  }

  bool operator==(const Bits&) const = default;

 private:
  std::vector<std::uint64_t> bits_;
};

template <typename T>
Batch<T> batch(std::size_t rows = 5, std::size_t columns = 3) {
  Random random(97);
  return draw<T>(random, rows, columns, 2.0, 3.0, 1e-5);
}

/// A program's arrays, judged. prepare, claim and run in one.
template <typename T>
class Judged {
 public:
  explicit Judged(std::span<const Edit> edits) {
    Trace<T> trace;
    REQUIRE(status_code(trace.run(batch_.view(), edits)) == "ok");
    for (const Node& one : kNodes) {
      REQUIRE(status_code(read_returned(one.id, edits, trace, returned_[place(one.id)])) == "ok");
    }
  }
  Status run() {
    if (const Status status = diagnosis_.prepare(batch_.view()); status != Status::kOk) return status;
    for (const Node& one : kNodes) {
      const Returned<T>& given = returned_[place(one.id)];
      const std::size_t number = gradient_of(one.id);
      const Status status = diagnosis_.claim(number, given.rows, given.columns);
      if (status != Status::kOk) return status;
      const std::span<const T> values = given.array.span();
      std::copy(values.begin(), values.end(), diagnosis_.claimed_values(number).begin());
    }
    return diagnosis_.run();
  }
  Bits bits() const { return Bits() << diagnosis_; }
  std::size_t fits() const { return diagnosis_.fits().size(); }

 private:
  Batch<T> batch_ = batch<T>();
  std::array<Returned<T>, kNodeCount> returned_;
  Diagnosis diagnosis_;
};

/// What was there before, and is to stay.
struct Witness {
  Trace<double> trace;
  Gradcheck<float> check;
  Judged<double> judged{mistakes()[0].edits};
  Bits before;

  Witness() {
    REQUIRE(status_code(trace.run(batch<double>(7, 2).view())) == "ok");
    REQUIRE(status_code(check.prepare(batch<float>(4, 4).view())) == "ok");
    check.check();
    REQUIRE(status_code(judged.run()) == "ok");
    before = bits();
  }
  Bits bits() const { return Bits() << trace << check; }
  bool is_as_before() const { return bits() == before; }
};

/// Counts from now on, for as long as it lives.
class Refusal {
 public:
  Refusal(std::size_t at, std::size_t refusals) {
    allocations().first = allocations().asked + at;
    allocations().refusals = refusals;
  }
  Refusal(const Refusal&) = delete;
  ~Refusal() {
    allocations().first = Allocations::kNever;
    allocations().refusals = 0;
  }
  bool happened() const { return allocations().asked > allocations().first; }
};

/// make() gives an operation: run() answers a status, bits() tells the results. Where these go into memory of
/// the caller's, marked() says whether that is untouched.
/// Returns how many allocations a run asks for.
template <typename Make>
std::size_t starve(Make make) {
  const Witness witness;
  auto unharmed = make();
  REQUIRE(status_code(unharmed.run()) == "ok");
  const Bits right = unharmed.bits();
  std::size_t count = 0;
  for (const std::size_t refusals : {std::size_t{1}, Allocations::kNever}) {
    bool refused = true;
    for (std::size_t at = 0; refused; ++at) {
      CAPTURE(at, refusals);
      const std::ptrdiff_t held = allocations().held;
      Status status, again;
      bool same = false;
      bool marked = true;
      {
        auto operation = make();
        {
          const Refusal refusal(at, refusals);
          status = operation.run();
          refused = refusal.happened();
        }
        if constexpr (requires { operation.marked(); }) marked = operation.marked() == refused;
        again = operation.run();
        same = operation.bits() == right;
      }
      const std::ptrdiff_t leaked = allocations().held - held;
      CHECK(leaked == 0);
      CHECK(status_code(status) == (refused ? "out-of-memory" : "ok"));
      CHECK(marked);
      CHECK(status_code(again) == "ok");
      CHECK(same);
      CHECK(witness.is_as_before());
      if (refused) count = at + 1;
    }
  }
  return count;
}

/// An operation of its parts.
template <typename State, typename Run, typename Tell>
struct Parts {
  State state{};
  Run do_run;
  Tell tell;

  Status run() { return do_run(state); }
  Bits bits() const { return tell(state); }
};
template <typename State, typename Run, typename Tell>
std::size_t starve_parts(Run run, Tell tell) {
  return starve([&] { return Parts<State, Run, Tell>{.do_run = run, .tell = tell}; });
}

const auto tell_it = [](const auto& state) { return Bits() << state; };

/// Doubles of the caller's, which a run that fails must not touch.
template <typename Run>
class Outputs {
 public:
  explicit Outputs(Run run) : run_(run) { numbers_.fill(kMark); }
  Status run() { return run_(std::span<double>(numbers_)); }
  Bits bits() const { return Bits() << std::span<const double>(numbers_); }
  bool marked() const {
    for (const double number : numbers_) {
      if (number != kMark) return false;
    }
    return true;
  }

 private:
  static constexpr double kMark = 12345.0;
  Run run_;
  std::array<double, 30> numbers_{};
};
template <typename Run>
std::size_t starve_outputs(Run run) {
  return starve([&] { return Outputs<Run>(run); });
}

}  // namespace

TEST_CASE("the tests notice a refused allocation", "[allocation]") {
  Buffer<double> buffer;
  const std::ptrdiff_t held = allocations().held;
  std::array<Status, 3> got;
  bool early, late;
  {
    const Refusal refusal(1, 1);  // under which Catch2 must not be asked for anything
    got[0] = buffer.resize(8);
    early = refusal.happened();
    got[1] = buffer.resize(9);
    late = refusal.happened();
    got[2] = buffer.resize(10);
  }
  const std::ptrdiff_t more = allocations().held - held;
  CHECK(got == std::array{Status::kOk, Status::kOutOfMemory, Status::kOk});
  CHECK_FALSE(early);
  CHECK(late);
  CHECK(more == 1);
}

TEST_CASE("the passes survive the failure of each allocation", "[allocation]") {
  const Batch<double> wide = batch<double>();
  const Batch<float> narrow = batch<float>();
  CHECK(starve_parts<Trace<double>>([&](auto& trace) { return trace.run(wide.view()); }, tell_it) == 3);
  CHECK(starve_parts<Trace<float>>([&](auto& trace) { return trace.run(narrow.view(), mistakes()[5].edits); },
                                   tell_it) == 3);
  Trace<ProgramNumber> bounded;
  REQUIRE(status_code(bounded.run(wide.view())) == "ok");
  CHECK(starve_parts<Trace<Magnitude>>([&](auto& sizes) { return size_terms({}, bounded, sizes); },
                                       tell_it) == 3);
}

TEST_CASE("tensors that don't fit in memory are 0 by 0", "[allocation]") {
  Trace<double> trace;
  REQUIRE(status_code(trace.run(batch<double>().view())) == "ok");
  const Batch<double> next = batch<double>(6, 4);
  Status status;
  {
    const Refusal refusal(0, Allocations::kNever);
    status = trace.run(next.view());
  }
  REQUIRE(status_code(status) == "out-of-memory");
  for (const Node& one : kNodes) {
    CHECK(trace.values[one.id].empty());
    CHECK(trace.gradients[one.id].empty());
  }
  for (std::size_t edge = 0; edge < kEdgeCount; ++edge) CHECK(trace.contributions[edge].empty());
}

TEST_CASE("a gradient in another shape survives the failure of each allocation", "[allocation]") {
  Trace<double> trace;
  REQUIRE(status_code(trace.run(batch<double>().view())) == "ok");
  for (const Edit::Kind kind : {Edit::Kind::kTranspose, Edit::Kind::kUnsummed, Edit::Kind::kWrongAxis}) {
    const NodeId id = kind == Edit::Kind::kTranspose ? NodeId::kX : NodeId::kGamma;
    const Edit edit = at_node(kind, id);
    const auto run = [&](auto& out) { return read_returned(id, std::span(&edit, 1), trace, out); };
    const auto tell = [](const Returned<double>& out) {
      return Bits() << out.rows << out.columns << out.array.span();
    };
    CHECK(starve_parts<Returned<double>>(run, tell) == 1);
  }
}

TEST_CASE("a check survives the failure of each allocation", "[allocation]") {
  const Batch<double> wide = batch<double>();
  const Batch<float> narrow = batch<float>();
  const auto check_all = [](auto& check, const auto& kase, std::span<const Edit> edits) {
    const Status status = check.prepare(kase, edits);
    if (status == Status::kOk) check.check();
    return status;
  };
  CHECK(starve_parts<Gradcheck<double>>([&](auto& c) { return check_all(c, wide.view(), {}); }, tell_it) >
        20);
  CHECK(starve_parts<Gradcheck<float>>([&](auto& c) { return check_all(c, narrow.view(), {}); }, tell_it) >
        20);
  CHECK(starve_parts<Gradcheck<double>>(
            [&](auto& c) { return check_all(c, wide.view(), mistakes()[20].edits); }, tell_it) > 20);
}

TEST_CASE("a check that is prepared again survives the failure of each allocation", "[allocation]") {
  const Batch<double> first = batch<double>(9, 4);
  const Batch<double> second = batch<double>();
  struct Twice {
    Gradcheck<double> check;
    const Batch<double>& batch;
    explicit Twice(const Batch<double>& before, const Batch<double>& after) : batch(after) {
      REQUIRE(status_code(check.prepare(before.view(), mistakes()[3].edits)) == "ok");
      check.check();
    }
    Status run() {
      const Status status = check.prepare(batch.view());
      if (status == Status::kOk) check.check();
      return status;
    }
    Bits bits() const { return Bits() << check; }
  };
  CHECK(starve([&] { return Twice(first, second); }) > 20);
}

TEST_CASE("a diagnosis survives the failure of each allocation, and still finds every mistake",
          "[allocation]") {
  // It once took a mistake that it had no memory to try for one that does not fit.
  for (std::size_t m = 0; m < kMistakeCount; m += 6) {
    if (mistakes()[m].of_rounding || !is_of_batch_norm(mistakes()[m])) continue;  // not wrong on this case
    CAPTURE(mistakes()[m].id);
    CHECK(starve([&] { return Judged<double>(mistakes()[m].edits); }) > 60);
  }
  CHECK(starve([] { return Judged<float>(mistakes()[0].edits); }) > 60);
  CHECK(starve([] { return Judged<double>(std::span<const Edit>()); }) > 30);
  // Whether an array was summed over the wrong axis is asked of one more array.
  const Edit edit = at_node(Edit::Kind::kWrongAxis, NodeId::kGamma);
  CHECK(starve([&] { return Judged<double>({&edit, 1}); }) > 60);
}

TEST_CASE("differences survive the failure of each allocation with unchanged outputs", "[allocation]") {
  const Batch<double> wide = batch<double>();
  const std::array<double, 15> steps{1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6,  1e-7, 1e-8,
                                     1e-9, 1,    2,    4,    8,    1e-10, 1e-11};
  CHECK(starve_outputs([&](std::span<double> out) {
          return extrapolate(wide.view(), NodeId::kX, out.first(15), out.last(15));
        }) > 8);
  CHECK(starve_outputs([&](std::span<double> out) {
          return sweep_steps<double>(wide.view(), NodeId::kX, steps, out.first(15));
        }) > 12);
  CHECK(starve_outputs([&](std::span<double> out) {
          return sweep_steps<float>(wide.view(), NodeId::kVar, steps, out.first(15));
        }) > 12);
}

TEST_CASE("direction tests survive the failure of each allocation", "[allocation]") {
  const Batch<double> wide = batch<double>();
  const auto tell_taylor = [](const TaylorReport& report) {
    using Numbers = std::span<const double>;
    return Bits() << Numbers(report.steps) << Numbers(report.remainders) << Numbers(report.noise)
                  << report.slope << static_cast<int>(report.verdict);
  };
  CHECK(starve_parts<TaylorReport>([&](auto& report) { return taylor_test(wide.view(), {}, 3, report); },
                                   tell_taylor) == 5);
  CHECK(starve_parts<TaylorReport>([&](auto& report) { return taylor_test(wide.view(), wide.dy, 3, report); },
                                   tell_taylor) == 12);
  const auto tell_dot = [](const DotProductReport& report) {
    return Bits() << report.forward << report.backward << report.bound;
  };
  CHECK(starve_parts<DotProductReport>([&](auto& report) { return dot_product_test(wide.view(), 3, report); },
                                       tell_dot) == 9);
}

}  // namespace backnorm::test
