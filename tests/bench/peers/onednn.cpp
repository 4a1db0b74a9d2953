// oneDNN's batch norm on one thread, for kernels.ts, by the protocol of python.py. It computes in the layout
// that is fastest here, of plain channels-first and those that it blocks for the processor's lanes.
#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

#include "dnnl.hpp"

namespace {

using dnnl::memory;
using dnnl::normalization_flags;
using dnnl::prop_kind;
using Arguments = std::unordered_map<int, memory>;

const dnnl::engine engine(dnnl::engine::kind::cpu, 0);

struct Primitive {
  dnnl::primitive primitive;
  Arguments arguments;
  void run(dnnl::stream& stream) const {
    primitive.execute(stream, arguments);
    stream.wait();
  }
};

double microseconds(const Primitive& pass) {
  using Clock = std::chrono::steady_clock;
  dnnl::stream stream(engine);
  for (long count = 1;;) {
    const auto begun = Clock::now();
    for (long i = 0; i < count; ++i) pass.run(stream);
    const double passed = std::chrono::duration<double, std::micro>(Clock::now() - begun).count();
    if (passed >= 20'000) return passed / static_cast<double>(count);
    count = std::max(2 * count, static_cast<long>(static_cast<double>(count) * 25'000 / (passed + 1)) + 1);
  }
}

memory filled(const memory::desc& desc) {
  memory made(desc, engine);
  std::minstd_rand random(1);
  std::uniform_real_distribution<float> value(-1, 1);
  auto* const begin = static_cast<float*>(made.get_data_handle());
  for (std::size_t i = 0; i < desc.get_size() / sizeof(float); ++i) begin[i] = value(random);
  return made;
}

std::map<std::string, Primitive> passes_in(const memory::dims& shape, memory::format_tag tag) {
  const memory::desc tensor(shape, memory::data_type::f32, tag);
  const memory::desc channels({shape[1]}, memory::data_type::f32, memory::format_tag::x);
  const auto flags = normalization_flags::use_scale | normalization_flags::use_shift;
  const dnnl::batch_normalization_forward::primitive_desc forward(
      {prop_kind::forward_training, tensor, 1e-5F, flags}, engine);
  const dnnl::batch_normalization_backward::primitive_desc backward(
      {prop_kind::backward, tensor, tensor, 1e-5F, flags}, engine, forward);
  const memory x = filled(tensor), dy = filled(tensor), gamma = filled(channels), beta = filled(channels);
  const memory mean = filled(channels), var = filled(channels), y = filled(tensor), dx = filled(tensor);
  std::map<std::string, Primitive> passes;
  passes["forward"] = {dnnl::batch_normalization_forward(forward),
                       {{DNNL_ARG_SRC, x},
                        {DNNL_ARG_SCALE, gamma},
                        {DNNL_ARG_SHIFT, beta},
                        {DNNL_ARG_MEAN, mean},
                        {DNNL_ARG_VARIANCE, var},
                        {DNNL_ARG_DST, y}}};
  passes["backward"] = {dnnl::batch_normalization_backward(backward),
                        {{DNNL_ARG_SRC, x},
                         {DNNL_ARG_MEAN, mean},
                         {DNNL_ARG_VARIANCE, var},
                         {DNNL_ARG_SCALE, gamma},
                         {DNNL_ARG_SHIFT, beta},
                         {DNNL_ARG_DIFF_DST, dy},
                         {DNNL_ARG_DIFF_SRC, dx},
                         {DNNL_ARG_DIFF_SCALE, filled(channels)},
                         {DNNL_ARG_DIFF_SHIFT, filled(channels)}}};
  dnnl::stream stream(engine);
  passes["forward"].run(stream);  // backward needs its mean and variance
  return passes;
}

/// Of each pass the fastest layout's.
std::map<std::string, Primitive> fastest(const memory::dims& shape) {
  using Tag = memory::format_tag;
  std::map<std::string, Primitive> best;
  std::map<std::string, double> times;
  for (const Tag tag : {Tag::nchw, Tag::nChw8c, Tag::nChw16c}) {
    for (auto& [name, pass] : passes_in(shape, tag)) {
      const double time = microseconds(pass);
      if (times.count(name) != 0 && times[name] <= time) continue;
      times[name] = time;
      best[name] = pass;
    }
  }
  return best;
}

}  // namespace

int main() {
  const auto* const version = dnnl::version();
  std::cout << version->major << '.' << version->minor << '.' << version->patch << std::endl;
  std::map<std::string, Primitive> passes;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string verb, what;
    words >> verb >> what;
    if (verb == "time") {
      std::cout << microseconds(passes.at(what)) << std::endl;
      continue;
    }
    memory::dims shape;
    for (memory::dim extent = 0; words >> extent;) shape.push_back(extent);
    passes.clear();
    if (shape.size() == 4 && what == "float32") passes = fastest(shape);
    for (const auto& [name, pass] : passes) std::cout << name << ' ';
    std::cout << std::endl;
  }
}
