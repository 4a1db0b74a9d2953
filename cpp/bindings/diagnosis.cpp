#include "backnorm/diagnosis.hpp"

#include <string>

#include "embind.hpp"
#include "runs.hpp"

namespace {

using namespace backnorm;
using namespace backnorm::bindings;

/// An invariant of arrays that may not all be there.
struct LawResult {
  bool given;
  double residual;
  double bound;
};

template <typename T>
class DiagnosisRun : public CaseRun<T> {
 public:
  Status prepare() { return diagnosis_.prepare(this->kase()); }
  Status claim(std::size_t number, std::size_t rows, std::size_t columns) {
    return diagnosis_.claim(number, rows, columns);
  }
  std::span<double> claimed_values(std::size_t number) { return diagnosis_.claimed_values(number); }
  std::span<double> resolution(std::size_t number) { return diagnosis_.resolution(number); }
  Status run() { return diagnosis_.run(); }
  Finding finding(std::size_t number) { return diagnosis_.finding(number); }
  Relation relation(std::size_t number) { return diagnosis_.finding(number).relation; }
  std::size_t first_wrong() { return diagnosis_.first_wrong(); }
  std::size_t fit_count() { return diagnosis_.fits().size(); }
  Fit fit(std::size_t place) { return diagnosis_.fits()[place]; }
  LawResult law(int law, std::size_t column) {
    const std::optional<Invariant> found = diagnosis_.law(static_cast<Law>(law), column);
    return found ? LawResult{true, found->residual, found->bound} : LawResult{false, 0.0, 0.0};
  }

 private:
  Diagnosis<T> diagnosis_;
};

template <typename T>
void bind_kind(const std::string& kind) {
  using namespace emscripten;
  const auto name = [&](const char* stem) { return stem + kind; };
  class_<DiagnosisRun<T>, base<CaseRun<T>>>(name("DiagnosisRun").c_str())
      .class_function("make", &make<DiagnosisRun<T>>, allow_raw_pointers())
      .function("prepare", tells<&DiagnosisRun<T>::prepare>)
      .function("claim", tells<&DiagnosisRun<T>::claim>)
      .function("claimedValues", tells<&DiagnosisRun<T>::claimed_values>)
      .function("resolution", tells<&DiagnosisRun<T>::resolution>)
      .function("run", tells<&DiagnosisRun<T>::run>)
      .function("finding", tells<&DiagnosisRun<T>::finding>)
      .function("relation", tells<&DiagnosisRun<T>::relation>)
      .function("firstWrong", &DiagnosisRun<T>::first_wrong)
      .function("fitCount", &DiagnosisRun<T>::fit_count)
      .function("fit", tells<&DiagnosisRun<T>::fit>)
      .function("law", tells<&DiagnosisRun<T>::law>);
}

}  // namespace

EMSCRIPTEN_BINDINGS(diagnosis) {
  using namespace emscripten;
  bind_kind<float>("Float32");
  bind_kind<double>("Float64");

  enum_<Relation::Kind>("RelationKind")
      .value("none", Relation::Kind::kNone)
      .value("not-finite", Relation::Kind::kNotFinite)
      .value("shape", Relation::Kind::kShape)
      .value("transposed", Relation::Kind::kTransposed)
      .value("unsummed", Relation::Kind::kUnsummed)
      .value("wrong-axis", Relation::Kind::kWrongAxis)
      .value("ratio", Relation::Kind::kRatio)
      .value("power", Relation::Kind::kPower)
      .value("equals", Relation::Kind::kEquals)
      .value("missing-path", Relation::Kind::kMissingPath)
      .value("only-path", Relation::Kind::kOnlyPath)
      .value("ratio-per-column", Relation::Kind::kRatioPerColumn)
      .value("offset-per-column", Relation::Kind::kOffsetPerColumn)
      .value("single-precision", Relation::Kind::kSinglePrecision);
  value_object<Told<Relation>>("Relation")
      .field("kind", &Relation::kind)
      .field("where", &Relation::where)
      .field("ratio", &Relation::ratio)
      .field("node", &Relation::node)
      .field("exponent", &Relation::exponent)
      .field("other", &Relation::other);
  value_object<Told<Finding>>("Finding")
      .field("truth", &Finding::truth)
      .field("local", &Finding::local)
      .field("maxError", &Finding::max_error)
      .field("largestBound", &Finding::largest_bound)
      .field("worst", &Finding::worst);
  value_object<Told<Fit>>("Fit").field("mistake", &Fit::mistake).field("residual", &Fit::residual);
  value_object<Told<LawResult>>("LawResult")
      .field("given", &LawResult::given)
      .field("residual", &LawResult::residual)
      .field("bound", &LawResult::bound);
  constant("quantityCount", static_cast<int>(kQuantityCount));
}
