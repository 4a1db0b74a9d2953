/// Reader of tests/data/*.txt: what NumPy and PyTorch say about each case. tests/data/reference.py writes
/// the files and describes the format; tests/web/reference.ts is this reader's twin.
#ifndef BACKNORM_TESTS_CPP_REFERENCE_HPP_
#define BACKNORM_TESTS_CPP_REFERENCE_HPP_

#ifndef BACKNORM_TEST_DATA
#error "Define BACKNORM_TEST_DATA as the path of tests/data, a string literal."
#endif

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace backnorm::test {

using Arrays = std::map<std::string, std::vector<double>>;

/// A batch of rows × columns values. Arrays are row major: the inputs x, gamma, beta, dy; every node and
/// gradient as numpy.mean, numpy.dx, ...; gradients as torch.dx, ...; torch.bn_dx and its like where
/// PyTorch's own batch norm takes the case. A float32 case has inputs that float32 holds exactly.
struct ReferenceCase {
  std::string name;
  std::string dtype;  ///< "float64" or "float32"
  std::size_t rows = 0;
  std::size_t columns = 0;
  double eps = 0.0;
  int ddof = 0;
  Arrays arrays;

  /// The array of that name; throws std::runtime_error with both names if the case has none.
  const std::vector<double>& array(const std::string& wanted) const;
};

/// A tensor of rank 3 to 5. Arrays lie in memory order: x, dy, y, dx (dims), gamma, beta, dgamma, dbeta,
/// mean, invstd (channels).
struct ReferenceLayout {
  std::string name;
  std::string dtype;
  std::string layout;  ///< "channels-first" or "channels-last"
  std::vector<std::size_t> dims;
  double eps = 0.0;
  int ddof = 0;
  Arrays arrays;

  const std::vector<double>& array(const std::string& wanted) const;
};

/// What NumPy's legacy generator draws after np.random.seed(seed); it is seeded again before `uniform`.
struct ReferenceRandom {
  std::uint32_t seed = 0;
  std::vector<double> normal;
  std::vector<double> uniform;
};

namespace detail {

inline const std::vector<double>& find_array(const Arrays& arrays, const std::string& owner,
                                             const std::string& wanted) {
  const auto found = arrays.find(wanted);
  if (found == arrays.end()) throw std::runtime_error("case " + owner + " has no array " + wanted);
  return found->second;
}

/// The words of one file, without its comments; knows the line for its complaints.
class Words {
 public:
  explicit Words(std::string_view file) : path_(std::string(BACKNORM_TEST_DATA) + "/" + std::string(file)) {
    std::ifstream in(path_);
    if (!in)
      throw std::runtime_error(path_ + ": cannot be opened; python3 tests/data/reference.py writes it");
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) split(line, number);
    if (in.bad()) throw std::runtime_error(path_ + ": cannot be read to its end");
    if (words_.empty()) fail("holds no case");
  }

  bool at_end() const { return next_ == words_.size(); }
  /// The next word, which stays next; empty at the end.
  std::string_view peek() const { return at_end() ? std::string_view{} : words_[next_].text; }

  std::string take(std::string_view what) {
    if (at_end()) fail("ends where " + std::string(what) + " should follow");
    return words_[next_++].text;
  }

  void expect(std::string_view keyword) {
    const std::string word = take(keyword);
    if (word != keyword) fail("expected " + std::string(keyword) + ", got " + word);
  }

  double take_number() {
    const std::string word = take("a number");
    char* end = nullptr;
    const double value = std::strtod(word.c_str(), &end);
    // No reference is NaN or infinite; a comparison with NaN could pass a test that should fail.
    if (end != word.c_str() + word.size() || !std::isfinite(value)) fail("expected a number, got " + word);
    return value;
  }

  template <class Integer>
  Integer take_integer() {
    const std::string word = take("an integer");
    Integer value{};
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size()) fail("expected an integer, got " + word);
    return value;
  }

  [[noreturn]] void fail(const std::string& complaint) const {
    const int line = next_ > 0 ? words_[next_ - 1].line : 1;
    throw std::runtime_error(path_ + ":" + std::to_string(line) + ": " + complaint);
  }

 private:
  struct Word {
    std::string text;
    int line;
  };

  void split(const std::string& line, int number) {
    constexpr const char* kSpace = " \t\r";
    std::size_t begin = line.find_first_not_of(kSpace);
    if (begin != std::string::npos && line[begin] == '#') return;
    while (begin != std::string::npos) {
      const std::size_t end = line.find_first_of(kSpace, begin);
      words_.push_back({line.substr(begin, end - begin), number});
      begin = line.find_first_not_of(kSpace, end);
    }
  }

  std::string path_;
  std::vector<Word> words_;
  std::size_t next_ = 0;
};

/// Reads `array`, `rows` and `same` entries up to and with the closing `end`.
inline Arrays take_arrays(Words& words) {
  Arrays arrays;
  for (std::string kind = words.take("end"); kind != "end"; kind = words.take("end")) {
    if (kind != "array" && kind != "rows" && kind != "same") {
      words.fail("expected array, rows, same or end, got " + kind);
    }
    const std::string name = words.take("the name of an array");
    std::vector<double> values;
    if (kind == "same") {
      const std::string other = words.take("the name of an array");
      const auto found = arrays.find(other);
      if (found == arrays.end())
        words.fail(name + " is the same as " + other + ", which does not precede it");
      values = found->second;
    } else {
      const auto rows = words.take_integer<std::size_t>();
      const auto columns = words.take_integer<std::size_t>();
      const std::size_t written = kind == "rows" ? columns : rows * columns;
      for (std::size_t i = 0; i < written; ++i) values.push_back(words.take_number());
      for (std::size_t i = written; i < rows * columns; ++i) values.push_back(values[i - columns]);
    }
    if (!arrays.emplace(name, std::move(values)).second) words.fail(name + " stands twice in one case");
  }
  return arrays;
}

/// `case NAME dtype T`, the same for cases and layouts.
template <class Reference>
void take_opening(Words& words, Reference& reference) {
  words.expect("case");
  reference.name = words.take("the name of a case");
  words.expect("dtype");
  reference.dtype = words.take("float64 or float32");
  if (reference.dtype != "float64" && reference.dtype != "float32") {
    words.fail("expected float64 or float32, got " + reference.dtype);
  }
}

/// `eps E ddof K`, all arrays and `end`.
template <class Reference>
void take_rest(Words& words, Reference& reference) {
  words.expect("eps");
  reference.eps = words.take_number();
  words.expect("ddof");
  reference.ddof = words.take_integer<int>();
  reference.arrays = take_arrays(words);
}

}  // namespace detail

inline const std::vector<double>& ReferenceCase::array(const std::string& wanted) const {
  return detail::find_array(arrays, name, wanted);
}

inline const std::vector<double>& ReferenceLayout::array(const std::string& wanted) const {
  return detail::find_array(arrays, name, wanted);
}

/// The cases of cs231n.txt, iris.txt, iris-f32.txt or edges.txt, in the order of the file.
/// Throws std::runtime_error with file, line and what was expected if the file is missing or malformed.
inline std::vector<ReferenceCase> read_cases(std::string_view file) {
  detail::Words words(file);
  std::vector<ReferenceCase> cases;
  while (!words.at_end()) {
    ReferenceCase& one = cases.emplace_back();
    detail::take_opening(words, one);
    words.expect("shape");
    one.rows = words.take_integer<std::size_t>();
    one.columns = words.take_integer<std::size_t>();
    detail::take_rest(words, one);
    for (const auto& [name, values] : one.arrays) {
      if (values.size() != one.columns && values.size() != one.rows * one.columns) {
        words.fail("case " + one.name + ", " + name + ": fits neither the batch nor a row of it");
      }
    }
  }
  return cases;
}

/// The tensors of layouts.txt. Throws like read_cases.
inline std::vector<ReferenceLayout> read_layouts() {
  detail::Words words("layouts.txt");
  std::vector<ReferenceLayout> layouts;
  while (!words.at_end()) {
    ReferenceLayout& one = layouts.emplace_back();
    detail::take_opening(words, one);
    words.expect("layout");
    one.layout = words.take("channels-first or channels-last");
    if (one.layout != "channels-first" && one.layout != "channels-last") {
      words.fail("expected channels-first or channels-last, got " + one.layout);
    }
    words.expect("dims");
    while (!words.at_end() && words.peek() != "eps") one.dims.push_back(words.take_integer<std::size_t>());
    detail::take_rest(words, one);
  }
  return layouts;
}

/// The seeds of numpy-random.txt. Throws like read_cases.
inline std::vector<ReferenceRandom> read_numpy_random() {
  detail::Words words("numpy-random.txt");
  std::vector<ReferenceRandom> draws;
  while (!words.at_end()) {
    words.expect("seed");
    const auto seed = words.take_integer<std::uint32_t>();
    const Arrays arrays = detail::take_arrays(words);
    const std::string owner = "of seed " + std::to_string(seed);
    draws.push_back(
        {seed, detail::find_array(arrays, owner, "normal"), detail::find_array(arrays, owner, "uniform")});
  }
  return draws;
}

}  // namespace backnorm::test

#endif  // BACKNORM_TESTS_CPP_REFERENCE_HPP_
