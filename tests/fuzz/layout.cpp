#include "backnorm/layout.hpp"

#include "input.hpp"

/// Shapes of any rank and length: a layout, or the status that says why there is none.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace backnorm;
  fuzz::Input input(data, size);
  std::vector<std::size_t> shape(input.size(0, 10));
  for (std::size_t& length : shape) {
    length = input.flip() ? input.size(0, 9) : input.bits<std::uint64_t>() >> input.size(0, 63);
  }

  Status expected = shape.empty() || shape.size() > 8 ? Status::kInvalidShape : Status::kOk;
  __uint128_t values = 1;
  for (const std::size_t length : shape) {
    if (expected != Status::kOk) break;
    values *= length;
    if (length == 0)
      expected = Status::kEmptyBatch;
    else if (values > std::uint64_t{1} << 48)
      expected = Status::kInvalidShape;
  }

  for (const auto read : {channels_first, channels_last}) {
    Layout layout{7, 7, 7};
    EXPECT(read(shape, layout) == expected);
    if (expected != Status::kOk) {
      EXPECT(layout.outer == 7 && layout.channels == 7 && layout.inner == 7);
      continue;
    }
    EXPECT(layout.size() == values);
    EXPECT(layout.values_per_channel() * layout.channels == values);
    const bool is_first = read == channels_first && shape.size() > 1;
    EXPECT(layout.channels == (is_first ? shape[1] : shape.back()));
    EXPECT(is_first ? layout.outer == shape[0] : layout.inner == 1);
  }
  return 0;
}
