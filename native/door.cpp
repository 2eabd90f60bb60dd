// The one door: any operator of libtorch's dispatcher, found by name, called with tagged values.
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/stack.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "compat.h"
#include "convolutions.h"
#include "guard.h"
#include "handles.h"

namespace subband {

namespace {

using c10::IValue;
using c10::TypeKind;

// What an argument's schema type asks for, read once when the operator is found.
struct Parameter {
  std::string name;
  TypeKind kind;
  TypeKind element;       // of a list
  bool element_optional;  // of a list: Tensor?[]
  bool has_default;
  IValue default_value;
};

struct Operator {
  c10::OperatorHandle handle;
  std::vector<Parameter> parameters;
};

Parameter describe(const c10::Argument& argument) {
  c10::TypePtr type = argument.type();
  if (auto optional = type->cast<c10::OptionalType>()) {
    type = optional->getElementType();
  }
  Parameter parameter{
      argument.name(), type->kind(), TypeKind::AnyType, false, argument.default_value().has_value(),
      IValue()};
  if (auto list = type->cast<c10::ListType>()) {
    c10::TypePtr element = list->getElementType();
    if (auto optional = element->cast<c10::OptionalType>()) {
      element = optional->getElementType();
      parameter.element_optional = true;
    }
    parameter.element = element->kind();
  }
  if (argument.default_value().has_value()) {
    parameter.default_value = *argument.default_value();
  }
  return parameter;
}

[[noreturn]] void mismatch(const Parameter& parameter, const char* given) {
  throw std::invalid_argument("argument '" + parameter.name + "' of the schema cannot take " + given);
}

// Of processors there is one, which libtorch gives no number: with one it counts as another device, and is
// copied to.
c10::Device device_of(const sb_value& value) {
  const auto type = static_cast<c10::DeviceType>(value.i);
  return {type,
          type == c10::DeviceType::CPU ? c10::DeviceIndex{-1} : static_cast<c10::DeviceIndex>(value.count)};
}

IValue tensor_list(const Parameter& parameter, const sb_value& value) {
  auto* handles = static_cast<sb_tensor*>(value.p);
  if (parameter.element_optional) {
    c10::List<c10::optional<at::Tensor>> list;
    for (int32_t i = 0; i < value.count; ++i) {
      list.push_back(handles[i] == nullptr ? c10::optional<at::Tensor>() : borrow(handles[i]));
    }
    return list;
  }
  c10::List<at::Tensor> list;
  list.reserve(static_cast<size_t>(value.count));
  for (int32_t i = 0; i < value.count; ++i) {
    list.push_back(borrow_required(handles[i]));
  }
  return list;
}

IValue to_ivalue(const Parameter& parameter, const sb_value& value) {
  switch (value.kind) {
    case SB_NONE:
      return IValue();
    case SB_DEFAULT:
      if (!parameter.has_default) {
        mismatch(parameter, "its default, for it has none");
      }
      return parameter.default_value;
    case SB_TENSOR:
      return borrow_required(static_cast<sb_tensor>(value.p));
    case SB_INT:
      if (parameter.kind == TypeKind::FloatType) {
        return static_cast<double>(value.i);
      }
      return value.i;
    case SB_DOUBLE:
      if (compat::is_integer_kind(parameter.kind)) {
        mismatch(parameter, "a real number");
      }
      return value.d;
    case SB_BOOL:
      return value.i != 0;
    case SB_INT_LIST: {
      const auto* items = static_cast<const int64_t*>(value.p);
      if (parameter.element == TypeKind::FloatType) {
        return c10::List<double>(std::vector<double>(items, items + value.count));
      }
      return c10::List<int64_t>(at::IntArrayRef(items, static_cast<size_t>(value.count)));
    }
    case SB_DOUBLE_LIST: {
      const auto* items = static_cast<const double*>(value.p);
      return c10::List<double>(at::ArrayRef<double>(items, static_cast<size_t>(value.count)));
    }
    case SB_BOOL_LIST: {
      const auto* items = static_cast<const int64_t*>(value.p);
      c10::List<bool> list;
      for (int32_t i = 0; i < value.count; ++i) {
        list.push_back(items[i] != 0);
      }
      return list;
    }
    case SB_TENSOR_LIST:
      return tensor_list(parameter, value);
    case SB_STRING:
      return std::string(static_cast<const char*>(value.p), static_cast<size_t>(value.count));
    case SB_DEVICE:
      return device_of(value);
    case SB_GENERATOR:
      return generator_of(static_cast<sb_generator>(value.p));
    default:
      mismatch(parameter, "a value of unknown kind");
  }
}

sb_value from_ivalue(IValue&& result) {
  sb_value value{};
  if (result.isTensor()) {
    at::Tensor tensor = std::move(result).toTensor();
    value.kind = tensor.defined() ? SB_TENSOR : SB_NONE;
    value.p = tensor.defined() ? release(std::move(tensor)) : nullptr;
  } else if (result.isTensorList()) {
    const auto list = std::move(result).toTensorVector();
    auto* handles = static_cast<sb_tensor*>(std::malloc(sizeof(sb_tensor) * (list.size() + 1)));
    if (handles == nullptr) {
      throw std::bad_alloc();
    }
    for (size_t i = 0; i < list.size(); ++i) {
      handles[i] = release(list[i]);
    }
    value.kind = SB_TENSOR_LIST;
    value.count = static_cast<int32_t>(list.size());
    value.p = handles;
  } else if (result.isInt()) {
    value.kind = SB_INT;
    value.i = result.toInt();
  } else if (result.isDouble()) {
    value.kind = SB_DOUBLE;
    value.d = result.toDouble();
  } else if (result.isBool()) {
    value.kind = SB_BOOL;
    value.i = result.toBool() ? 1 : 0;
  } else if (result.isNone()) {
    value.kind = SB_NONE;
  } else {
    throw std::invalid_argument("the operator returned a value of a kind the door does not know: " +
                                result.tagKind());
  }
  return value;
}

}  // namespace

}  // namespace subband

using subband::guarded;
using subband::Operator;

sb_status sb_operator_find(const char* name, const char* overload, sb_operator* op) {
  return guarded([&] {
    if (std::strstr(name, "conv") != nullptr) {
      subband::convolutions();  // here, so that what convolves nothing does not wait for it
    }
    static std::mutex mutex;
    static auto* known = new std::map<std::pair<std::string, std::string>, Operator*>();
    std::lock_guard<std::mutex> lock(mutex);
    Operator*& entry = (*known)[{name, overload}];
    if (entry == nullptr) {
      auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
      if (!handle.has_value()) {
        throw std::invalid_argument(std::string("this libtorch has no operator ") + name +
                                    (*overload ? std::string(".") + overload : std::string()));
      }
      auto made = new Operator{*handle, {}};
      for (const auto& argument : handle->schema().arguments()) {
        made->parameters.push_back(subband::describe(argument));
      }
      entry = made;
    }
    *op = reinterpret_cast<sb_operator>(entry);
  });
}

sb_status sb_operator_schema(sb_operator op, char* buffer, int32_t capacity) {
  return guarded([&] {
    std::ostringstream text;
    text << reinterpret_cast<Operator*>(op)->handle.schema();
    subband::copy_text(text.str(), buffer, capacity);
  });
}

sb_status sb_call(sb_operator op, const sb_value* arguments, int32_t argument_count, sb_value* results,
                  int32_t capacity, int32_t* result_count) {
  return guarded([&] {
    const auto& callee = *reinterpret_cast<Operator*>(op);
    const auto parameter_count = static_cast<int32_t>(callee.parameters.size());
    if (argument_count > parameter_count) {
      throw std::invalid_argument("too many arguments: the schema has " + std::to_string(parameter_count));
    }
    torch::jit::Stack stack;
    stack.reserve(static_cast<size_t>(parameter_count));
    for (int32_t i = 0; i < parameter_count; ++i) {
      const auto& parameter = callee.parameters[static_cast<size_t>(i)];
      if (i < argument_count) {
        stack.push_back(subband::to_ivalue(parameter, arguments[i]));
      } else if (parameter.has_default) {
        stack.push_back(parameter.default_value);
      } else {
        throw std::invalid_argument("argument '" + parameter.name + "' is missing");
      }
    }
    callee.handle.callBoxed(&stack);
    if (static_cast<int32_t>(stack.size()) > capacity) {
      throw std::invalid_argument("the operator returned " + std::to_string(stack.size()) +
                                  " values, there is room for " + std::to_string(capacity));
    }
    for (size_t i = 0; i < stack.size(); ++i) {
      results[i] = subband::from_ivalue(std::move(stack[i]));
    }
    *result_count = static_cast<int32_t>(stack.size());
  });
}
