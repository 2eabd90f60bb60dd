// The C ABI of Subband's native library: a small set of fixed entry points and one door to every libtorch
// operator.
//
// Rules that every function here keeps:
// - it returns a status; results go through out pointers and are untouched after a failure;
// - nothing thrown crosses the boundary; the text of a failure is read with sb_last_error on the same thread;
// - an sb_tensor that comes out is owned by the caller, who gives it back with sb_tensor_free;
// - an sb_tensor that goes in is borrowed for the time of the call.
#pragma once

#include <stdint.h>

#define SB_EXPORT extern "C" __attribute__((visibility("default")))

// Raised whenever a signature or a struct below changes, or what an operator takes; the managed side refuses
// any other number.
#define SB_ABI_VERSION 6

typedef int32_t sb_status;
enum {
  SB_OK = 0,
  SB_BAD_ARGUMENT = 1,
  SB_SHAPE = 2,
  SB_OUT_OF_MEMORY = 3,
  SB_IO = 4,
  SB_INTERRUPTED = 5,
  SB_INTERNAL = 6,
};

typedef struct sb_tensor_opaque* sb_tensor;
typedef struct sb_operator_opaque* sb_operator;
typedef struct sb_generator_opaque* sb_generator;

// One argument or result of an operator.
enum {
  SB_NONE = 0,
  SB_DEFAULT = 1,  // what libtorch's schema says; only as an argument
  SB_TENSOR = 2,   // p: sb_tensor
  SB_INT = 3,
  SB_DOUBLE = 4,
  SB_BOOL = 5,         // i: 0 or 1
  SB_INT_LIST = 6,     // p: const int64_t*, count
  SB_DOUBLE_LIST = 7,  // p: const double*, count
  SB_BOOL_LIST = 8,    // p: const int64_t* of 0 or 1, count
  SB_TENSOR_LIST =
      9,  // p: sb_tensor*, count; null entries are absent tensors. A result's array is freed with sb_free
  SB_STRING = 10,     // p: const char*, UTF-8, count bytes; only as an argument
  SB_DEVICE = 11,     // i: device type, count: index (-1 = current)
  SB_GENERATOR = 12,  // p: sb_generator; only as an argument
};

typedef struct sb_value {
  int32_t kind;
  int32_t count;
  union {
    int64_t i;
    double d;
    void* p;
  };
} sb_value;

#define SB_MAX_DIMENSIONS 8

typedef struct sb_tensor_info {
  int32_t dtype;
  int32_t device_type;
  int32_t device_index;
  int32_t dimensions;
  int64_t sizes[SB_MAX_DIMENSIONS];
  int64_t strides[SB_MAX_DIMENSIONS];
  int64_t elements;
  int32_t requires_grad;
  int32_t is_leaf;
} sb_tensor_info;

typedef struct sb_library_info {
  int32_t abi_version;
  int32_t value_size;
  int32_t tensor_info_size;
  int32_t memory_info_size;
  int32_t torch_major;
  int32_t torch_minor;
  int32_t torch_patch;
  int32_t cuda_built;    // compiled against a libtorch with CUDA
  int32_t cuda_devices;  // usable now
} sb_library_info;

typedef struct sb_memory_info {
  int64_t live_bytes;       // handed out and not yet given back
  int64_t peak_live_bytes;  // the largest live_bytes since the last reset
  int64_t cached_bytes;     // given back and kept for reuse
  int64_t live_blocks;
  int64_t system_allocations;  // requests that had to go to the system
  int64_t reused_allocations;  // requests served from the cache
} sb_memory_info;

// --- errors and the library itself (runtime.cpp) ---
SB_EXPORT const char* sb_last_error(void);
SB_EXPORT sb_status sb_initialise(sb_library_info* info);
SB_EXPORT sb_status sb_configuration(char* buffer, int32_t capacity);
SB_EXPORT sb_status sb_get_threads(int32_t* threads);
SB_EXPORT sb_status sb_set_threads(int32_t threads);
SB_EXPORT sb_status sb_device_name(int32_t index, char* buffer, int32_t capacity, int64_t* total_bytes);
SB_EXPORT sb_status sb_device_capability(int32_t index, int32_t* major, int32_t* minor);
SB_EXPORT sb_status sb_device_synchronise(int32_t device_type, int32_t index);
SB_EXPORT void sb_free(void* pointer);

// --- the door (door.cpp) ---
SB_EXPORT sb_status sb_operator_find(const char* name, const char* overload, sb_operator* op);
SB_EXPORT sb_status sb_operator_schema(sb_operator op, char* buffer, int32_t capacity);
SB_EXPORT sb_status sb_call(sb_operator op, const sb_value* arguments, int32_t argument_count,
                            sb_value* results, int32_t capacity, int32_t* result_count);

// --- tensors (tensor.cpp) ---
SB_EXPORT sb_status sb_tensor_from_data(const void* data, int64_t bytes, int32_t dtype, const int64_t* sizes,
                                        int32_t dimensions, sb_tensor* tensor);
SB_EXPORT sb_status sb_tensor_copy_out(sb_tensor tensor, void* data, int64_t bytes);
SB_EXPORT sb_status sb_tensor_data(sb_tensor tensor, void** data, int64_t* bytes);
SB_EXPORT sb_status sb_tensor_info_get(sb_tensor tensor, sb_tensor_info* info);
SB_EXPORT sb_status sb_tensor_is_contiguous(sb_tensor tensor, int32_t channels_last, int32_t* contiguous);
SB_EXPORT sb_status sb_tensor_set_requires_grad(sb_tensor tensor, int32_t requires_grad);
SB_EXPORT sb_status sb_tensor_free(sb_tensor tensor);

// --- gradients and precision (autograd.cpp) ---
SB_EXPORT sb_status sb_grad(const sb_tensor* outputs, const sb_tensor* output_gradients, int32_t output_count,
                            const sb_tensor* inputs, int32_t input_count, int32_t retain_graph,
                            int32_t create_graph, int32_t allow_unused, sb_tensor* gradients);
SB_EXPORT sb_status sb_set_grad_mode(int32_t enabled, int32_t* previous);
SB_EXPORT sb_status sb_set_autocast(int32_t device_type, int32_t enabled, int32_t dtype,
                                    int32_t* previous_enabled, int32_t* previous_dtype);
SB_EXPORT sb_status sb_clear_autocast_cache(void);

// --- which library convolves on the processor (convolutions.cpp) ---
// onednn: 1 if oneDNN does. fault: what it computed wrong, for which it was switched off; empty otherwise.
SB_EXPORT sb_status sb_convolutions(int32_t* onednn, char* fault, int32_t capacity);
// The largest difference as a part of the largest value expected; infinite if anything found is not finite.
SB_EXPORT sb_status sb_relative_error(sb_tensor found, const double* expected, int64_t count, double* error);

// --- random numbers (random.cpp) ---
SB_EXPORT sb_status sb_generator_new(int32_t device_type, int32_t device_index, uint64_t seed,
                                     sb_generator* generator);
SB_EXPORT sb_status sb_generator_seed(sb_generator generator, uint64_t seed);
SB_EXPORT sb_status sb_generator_get_state(sb_generator generator, sb_tensor* state);
SB_EXPORT sb_status sb_generator_set_state(sb_generator generator, sb_tensor state);
SB_EXPORT sb_status sb_generator_free(sb_generator generator);

// --- CPU memory (allocator.cpp) ---
SB_EXPORT sb_status sb_memory_get(sb_memory_info* info);
SB_EXPORT sb_status sb_memory_reset_peak(void);
SB_EXPORT sb_status sb_memory_trim(int64_t* released_bytes);
SB_EXPORT sb_status sb_memory_set_cache_limit(int64_t bytes, int64_t* before);
