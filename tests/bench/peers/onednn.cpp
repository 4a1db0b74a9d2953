// oneDNN's batch and layer norm on one thread, for kernels.ts, by the protocol of python.py. Batch norm
// computes in the layout that is fastest here, of plain channels-first and those that it blocks for the
// processor's lanes.
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

/// Forward and backward of batch or layer norm: the same classes under two names.
template <class Forward, class Backward>
std::map<std::string, Primitive> passes_of(const memory::desc& tensor, const memory::desc& parameters,
                                           const memory::desc& statistics) {
  const auto flags = normalization_flags::use_scale | normalization_flags::use_shift;
  const typename Forward::primitive_desc forward({prop_kind::forward_training, tensor, 1e-5F, flags}, engine);
  const typename Backward::primitive_desc backward({prop_kind::backward, tensor, tensor, 1e-5F, flags},
                                                   engine, forward);
  const memory x = filled(tensor), dy = filled(tensor), gamma = filled(parameters), beta = filled(parameters);
  const memory mean = filled(statistics), var = filled(statistics), y = filled(tensor), dx = filled(tensor);
  std::map<std::string, Primitive> passes;
  passes["forward"] = {Forward(forward),
                       {{DNNL_ARG_SRC, x},
                        {DNNL_ARG_SCALE, gamma},
                        {DNNL_ARG_SHIFT, beta},
                        {DNNL_ARG_MEAN, mean},
                        {DNNL_ARG_VARIANCE, var},
                        {DNNL_ARG_DST, y}}};
  passes["backward"] = {Backward(backward),
                        {{DNNL_ARG_SRC, x},
                         {DNNL_ARG_MEAN, mean},
                         {DNNL_ARG_VARIANCE, var},
                         {DNNL_ARG_SCALE, gamma},
                         {DNNL_ARG_SHIFT, beta},
                         {DNNL_ARG_DIFF_DST, dy},
                         {DNNL_ARG_DIFF_SRC, dx},
                         {DNNL_ARG_DIFF_SCALE, filled(parameters)},
                         {DNNL_ARG_DIFF_SHIFT, filled(parameters)}}};
  dnnl::stream stream(engine);
  passes["forward"].run(stream);  // backward needs its mean and variance
  return passes;
}

memory::desc vector_of(memory::dim size) {
  return {{size}, memory::data_type::f32, memory::format_tag::x};
}

std::map<std::string, Primitive> batch_norm(const memory::dims& shape, memory::format_tag tag) {
  const memory::desc channels = vector_of(shape[1]);
  return passes_of<dnnl::batch_normalization_forward, dnnl::batch_normalization_backward>(
      {shape, memory::data_type::f32, tag}, channels, channels);
}

std::map<std::string, Primitive> layer_norm(const memory::dims& shape) {
  return passes_of<dnnl::layer_normalization_forward, dnnl::layer_normalization_backward>(
      {shape, memory::data_type::f32, memory::format_tag::ab}, vector_of(shape[1]), vector_of(shape[0]));
}

/// Of each pass the fastest layout's.
std::map<std::string, Primitive> fastest_batch_norm(const memory::dims& shape) {
  using Tag = memory::format_tag;
  std::map<std::string, Primitive> best;
  std::map<std::string, double> times;
  for (const Tag tag : {Tag::nchw, Tag::nChw8c, Tag::nChw16c}) {
    for (auto& [name, pass] : batch_norm(shape, tag)) {
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
    std::string verb, what, dtype;
    int groups = 0;
    words >> verb >> what;
    if (verb == "time") {
      std::cout << microseconds(passes.at(what)) << std::endl;
      continue;
    }
    words >> groups >> dtype;
    memory::dims shape;
    for (memory::dim extent = 0; words >> extent;) shape.push_back(extent);
    passes.clear();
    if (dtype == "float32" && what == "batch" && shape.size() == 4) passes = fastest_batch_norm(shape);
    if (dtype == "float32" && what == "layer" && shape.size() == 2) passes = layer_norm(shape);
    for (const auto& [name, pass] : passes) std::cout << name << ' ';
    std::cout << std::endl;
  }
}
