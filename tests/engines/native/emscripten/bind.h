#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "val.h"

/// As much of Embind as cpp/bindings uses, on top of Node-API: the same declarations make a module of native
/// code that web/src takes for the WebAssembly one.
namespace emscripten {

namespace native {

/// What the declarations of every file do once Node loads the module.
std::vector<void (*)()>& declarations();
void set(napi_value object, const char* name, napi_value value);
napi_value number(double value);
napi_value text(const std::string& value);
napi_value truth(bool value);

using Method = std::function<napi_value(void* self, const napi_value* arguments)>;
/// A function of the module's own; a method without an object.
void export_function(const char* name, Method body);

struct Class {
  std::string name;
  std::function<void*(const napi_value* arguments)> make;  // none: only a base of others
  std::string make_name;
  std::function<void(void* self)> destroy;
  std::map<std::string, Method> methods;
  Class* base = nullptr;
  std::function<void*(void* self)> to_base;
};
std::vector<Class*>& classes();
template <typename T>
inline Class of_class;

template <typename Enum>
inline std::map<Enum, napi_ref> of_enum;
napi_value read(napi_ref kept);
napi_ref refer(napi_value value);

template <typename T>
struct Field {
  std::string name;
  std::function<napi_value(const T& object)> read;
};
template <typename T>
inline std::vector<Field<T>> fields;

inline napi_value tell(val told) {
  return told.value;
}
inline napi_value tell(const std::string& value) {
  return text(value);
}
inline napi_value tell(bool value) {
  return truth(value);
}
template <typename T>
requires std::is_arithmetic_v<T> napi_value tell(T value) {
  return number(static_cast<double>(value));
}
template <typename Enum>
requires std::is_enum_v<Enum> napi_value tell(Enum value) {
  return read(of_enum<Enum>.at(value));
}
napi_value tell(const std::array<int, 2>& pair);
template <typename T>
requires std::is_class_v<T> napi_value tell(const T& object) {
  napi_value told = nullptr;
  napi_create_object(env(), &told);
  for (const Field<T>& field : fields<T>) set(told, field.name.c_str(), field.read(object));
  return told;
}

template <typename T>
T hear(napi_value value) {
  if constexpr (std::same_as<T, bool>) {
    bool heard = false;
    napi_get_value_bool(env(), value, &heard);
    return heard;
  } else {
    double heard = 0.0;
    napi_get_value_double(env(), value, &heard);
    return static_cast<T>(heard);
  }
}

/// Calls `body` with the arguments that Node hands over, each as the type that stands in its place.
template <typename... Arguments, typename Body>
napi_value call(const napi_value* arguments, Body body) {
  return [&]<std::size_t... at>(std::index_sequence<at...>)->napi_value {
    using Answer = decltype(body(hear<Arguments>(arguments[at])...));
    if constexpr (std::is_void_v<Answer>) {
      body(hear<Arguments>(arguments[at])...);
      return nullptr;
    } else {
      return tell(body(hear<Arguments>(arguments[at])...));
    }
  }
  (std::index_sequence_for<Arguments...>());
}

}  // namespace native

struct allow_raw_pointers {};
template <typename T>
struct base {
  using type = T;
};

template <typename T, typename Base = base<void>>
class class_ {
 public:
  explicit class_(const char* name) {
    native::Class& own = native::of_class<T>;
    own.name = name;
    own.destroy = [](void* self) { delete static_cast<T*>(self); };
    if constexpr (!std::is_void_v<typename Base::type>) {
      own.base = &native::of_class<typename Base::type>;
      own.to_base = [](void* self) -> void* {
        return static_cast<typename Base::type*>(static_cast<T*>(self));
      };
    }
    native::classes().push_back(&own);
  }
  /// A function of the class that makes an object, or answers null; there is no other kind.
  template <typename... Arguments>
  class_& class_function(const char* name, T* (*make)(Arguments...), allow_raw_pointers) {
    native::of_class<T>.make_name = name;
    native::of_class<T>.make = [make](const napi_value* arguments) -> void* {
      return [&]<std::size_t... at>(std::index_sequence<at...>) {
        return make(native::hear<Arguments>(arguments[at])...);
      }
      (std::index_sequence_for<Arguments...>());
    };
    return *this;
  }
  template <typename Owner, typename Answer, typename... Arguments>
  class_& function(const char* name, Answer (Owner::*member)(Arguments...)) {
    native::of_class<T>.methods[name] = [member](void* self, const napi_value* arguments) {
      return native::call<Arguments...>(
          arguments, [&](Arguments... heard) { return (static_cast<T*>(self)->*member)(heard...); });
    };
    return *this;
  }
  template <typename Answer, typename... Arguments>
  class_& function(const char* name, Answer (*body)(T&, Arguments...)) {
    native::of_class<T>.methods[name] = [body](void* self, const napi_value* arguments) {
      return native::call<Arguments...>(
          arguments, [&](Arguments... heard) { return body(*static_cast<T*>(self), heard...); });
    };
    return *this;
  }
};

template <typename Enum>
class enum_ {
 public:
  explicit enum_(const char* name) {
    napi_create_object(native::env(), &all_);
    native::set(native::exports(), name, all_);
  }
  enum_& value(const char* name, Enum value) {
    napi_value one = nullptr;
    napi_create_object(native::env(), &one);
    native::set(one, "value", native::number(static_cast<double>(value)));
    native::set(all_, name, one);
    native::of_enum<Enum>[value] = native::refer(one);
    return *this;
  }

 private:
  napi_value all_ = nullptr;
};

template <typename T>
class value_object {
 public:
  explicit value_object(const char*) {}
  template <typename Member>
  value_object& field(const char* name, Member member) {
    native::fields<T>.push_back({name, [member](const T& object) { return native::tell(object.*member); }});
    return *this;
  }
};

template <std::size_t>
struct index {};
/// Only of two integers, which native::tell knows.
template <typename>
class value_array {
 public:
  explicit value_array(const char*) {}
  template <std::size_t at>
  value_array& element(index<at>) {
    return *this;
  }
};

inline void constant(const char* name, int value) {
  native::set(native::exports(), name, native::number(value));
}
template <typename Answer, typename... Arguments>
void function(const char* name, Answer (*body)(Arguments...)) {
  native::export_function(name, [body](void*, const napi_value* arguments) {
    return native::call<Arguments...>(arguments, body);
  });
}

}  // namespace emscripten

#define EMSCRIPTEN_BINDINGS(topic)                                            \
  static void declare_##topic();                                              \
  [[maybe_unused]] static const bool topic##_is_declared =                    \
      (emscripten::native::declarations().push_back(&declare_##topic), true); \
  static void declare_##topic()
