using System.Runtime.InteropServices;

namespace Subband.Torch.Native;

/// <summary>
/// The fixed entry points of <c>native/subband.h</c>, one to one. Every call returns a status; the text of a failure is
/// read with <see cref="sb_last_error"/> on the same thread, before anything else is called.
/// </summary>
#pragma warning disable IDE1006, CA1707, SA1300 // the names are those of the C header
internal static unsafe partial class NativeMethods
{
    internal const string Library = "subband_native";

    /// <summary>The number of the header these declarations were written against.</summary>
    internal const int AbiVersion = 6;

    [LibraryImport(Library)]
    internal static partial byte* sb_last_error();

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_initialise(NativeLibraryInfo* info);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_configuration(byte* buffer, int capacity);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_get_threads(int* threads);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_set_threads(int threads);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_device_name(int index, byte* buffer, int capacity, long* totalBytes);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_device_capability(int index, int* major, int* minor);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_device_synchronise(int deviceType, int index);

    [LibraryImport(Library)]
    internal static partial void sb_free(nint pointer);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_operator_find(byte* name, byte* overload, nint* op);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_operator_schema(nint op, byte* buffer, int capacity);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_call(
        nint op, NativeValue* arguments, int argumentCount, NativeValue* results, int capacity, int* resultCount);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_tensor_from_data(
        void* data, long bytes, int dtype, long* sizes, int dimensions, nint* tensor);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_tensor_copy_out(nint tensor, void* data, long bytes);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_tensor_data(nint tensor, void** data, long* bytes);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_tensor_info_get(nint tensor, NativeTensorInfo* info);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_tensor_is_contiguous(nint tensor, int channelsLast, int* contiguous);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_tensor_set_requires_grad(nint tensor, int requiresGrad);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_tensor_free(nint tensor);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_grad(
        nint* outputs,
        nint* outputGradients,
        int outputCount,
        nint* inputs,
        int inputCount,
        int retainGraph,
        int createGraph,
        int allowUnused,
        nint* gradients);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_set_grad_mode(int enabled, int* previous);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_set_autocast(
        int deviceType, int enabled, int dtype, int* previousEnabled, int* previousDType);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_clear_autocast_cache();

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_convolutions(int* onednn, byte* fault, int capacity);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_relative_error(nint found, double* expected, long count, double* error);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_generator_new(int deviceType, int deviceIndex, ulong seed, nint* generator);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_generator_seed(nint generator, ulong seed);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_generator_get_state(nint generator, nint* state);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_generator_set_state(nint generator, nint state);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_generator_free(nint generator);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_memory_get(NativeMemoryInfo* info);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_memory_reset_peak();

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_memory_trim(long* releasedBytes);

    [LibraryImport(Library)]
    internal static partial NativeStatus sb_memory_set_cache_limit(long bytes, long* before);
}
