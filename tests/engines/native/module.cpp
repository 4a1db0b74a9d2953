#include <emscripten/bind.h>

#include <deque>

/// What Node loads: everything that cpp/bindings declares, as native code.
namespace emscripten {

namespace native {

namespace {

napi_env the_env = nullptr;
napi_value the_exports = nullptr;

/// Lives as long as the module, so that Node may hold its address.
template <typename T>
T* forever(T value) {
  static std::deque<T> all;
  return &all.emplace_back(std::move(value));
}

struct Call {
  static constexpr std::size_t kMost = 8;
  napi_value arguments[kMost] = {};
  napi_value self = nullptr;
  void* data = nullptr;

  explicit Call(napi_callback_info info) {
    std::size_t count = kMost;
    napi_get_cb_info(the_env, info, &count, arguments, &self, &data);
  }
};

napi_value call_function(napi_env, napi_callback_info info) {
  const Call call(info);
  return (*static_cast<Method*>(call.data))(nullptr, call.arguments);
}
napi_value call_method(napi_env, napi_callback_info info) {
  const Call call(info);
  void* self = nullptr;
  napi_unwrap(the_env, call.self, &self);
  return (*static_cast<Method*>(call.data))(self, call.arguments);
}
napi_value call_delete(napi_env, napi_callback_info info) {
  const Call call(info);
  void* self = nullptr;
  napi_remove_wrap(the_env, call.self, &self);
  static_cast<Class*>(call.data)->destroy(self);
  return nullptr;
}
/// Takes the object that call_make has made.
napi_value call_constructor(napi_env, napi_callback_info info) {
  const Call call(info);
  void* self = nullptr;
  napi_get_value_external(the_env, call.arguments[0], &self);
  napi_wrap(the_env, call.self, self, nullptr, nullptr, nullptr);  // who makes it deletes it
  return nullptr;
}
/// `self` is the class.
napi_value call_make(napi_env, napi_callback_info info) {
  const Call call(info);
  napi_value made = nullptr;
  void* const object = static_cast<Class*>(call.data)->make(call.arguments);
  if (object == nullptr) {
    napi_get_null(the_env, &made);
    return made;
  }
  napi_value external = nullptr;
  napi_create_external(the_env, object, nullptr, nullptr, &external);
  napi_new_instance(the_env, call.self, 1, &external, &made);
  return made;
}

napi_property_descriptor property(const char* name, napi_callback callback, void* data,
                                  int attributes = napi_default_method) {
  return {
      name, nullptr, callback, nullptr, nullptr, nullptr, static_cast<napi_property_attributes>(attributes),
      data};
}

void export_class(Class& of) {
  std::vector<napi_property_descriptor> properties{
      property("delete", call_delete, &of),
      property(of.make_name.c_str(), call_make, &of, napi_default_method | napi_static)};
  for (auto& [name, method] : of.methods) properties.push_back(property(name.c_str(), call_method, &method));
  if (of.base != nullptr) {
    for (auto& [name, method] : of.base->methods) {
      Method* const inherited = forever<Method>([&of, &method](void* self, const napi_value* arguments) {
        return method(of.to_base(self), arguments);
      });
      properties.push_back(property(name.c_str(), call_method, inherited));
    }
  }
  napi_value made = nullptr;
  napi_define_class(the_env, of.name.c_str(), of.name.size(), call_constructor, &of, properties.size(),
                    properties.data(), &made);
  set(the_exports, of.name.c_str(), made);
}

}  // namespace

napi_env env() {
  return the_env;
}
napi_value exports() {
  return the_exports;
}
std::vector<void (*)()>& declarations() {
  static std::vector<void (*)()> all;
  return all;
}
std::vector<Class*>& classes() {
  static std::vector<Class*> all;
  return all;
}
void set(napi_value object, const char* name, napi_value value) {
  napi_set_named_property(the_env, object, name, value);
}
napi_value number(double value) {
  napi_value told = nullptr;
  napi_create_double(the_env, value, &told);
  return told;
}
napi_value text(const std::string& value) {
  napi_value told = nullptr;
  napi_create_string_utf8(the_env, value.data(), value.size(), &told);
  return told;
}
napi_value truth(bool value) {
  napi_value told = nullptr;
  napi_get_boolean(the_env, value, &told);
  return told;
}
napi_value tell(const std::array<int, 2>& pair) {
  napi_value told = nullptr;
  napi_create_array_with_length(the_env, pair.size(), &told);
  for (std::uint32_t at = 0; at < pair.size(); ++at) napi_set_element(the_env, told, at, number(pair[at]));
  return told;
}
napi_ref refer(napi_value value) {
  napi_ref kept = nullptr;
  napi_create_reference(the_env, value, 1, &kept);
  return kept;
}
napi_value read(napi_ref kept) {
  napi_value value = nullptr;
  napi_get_reference_value(the_env, kept, &value);
  return value;
}
void export_function(const char* name, Method body) {
  napi_value made = nullptr;
  napi_create_function(the_env, name, NAPI_AUTO_LENGTH, call_function, forever(std::move(body)), &made);
  set(the_exports, name, made);
}

}  // namespace native

val::val(View view) {
  using namespace native;
  const std::size_t bytes = view.size * view.bytes_of_one;
  napi_value memory = nullptr;
  void* empty = nullptr;
  if (bytes == 0) {
    napi_create_arraybuffer(env(), 0, &empty, &memory);
  } else {
    napi_create_external_arraybuffer(env(), view.begin, bytes, nullptr, nullptr, &memory);
  }
  const bool single = view.bytes_of_one == sizeof(float);
  napi_create_typedarray(env(), single ? napi_float32_array : napi_float64_array, view.size, memory, 0,
                         &value);
}

val::val(const char* text) : value(native::text(text)) {}

}  // namespace emscripten

NAPI_MODULE_INIT() {
  using namespace emscripten::native;
  the_env = env;
  the_exports = exports;
  for (void (*declare)() : declarations()) declare();
  for (Class* of : classes()) {
    if (of->make) export_class(*of);
  }
  return exports;
}
