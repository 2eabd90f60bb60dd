using System.Runtime.InteropServices;
using Subband.Torch.Native;

namespace Subband.Torch;

/// <summary>The state of the CPU memory that tensors use.</summary>
/// <param name="LiveBytes">Bytes in use by tensors.</param>
/// <param name="PeakLiveBytes">The most bytes in use at once since the last <see cref="Engine.ResetPeakMemory"/>.</param>
/// <param name="CachedBytes">Bytes given back by tensors and kept for the next ones.</param>
/// <param name="LiveBlocks">Blocks in use.</param>
/// <param name="SystemAllocations">Requests that had to go to the operating system.</param>
/// <param name="ReusedAllocations">Requests that were served from the cache.</param>
public readonly record struct MemoryStatistics(
    long LiveBytes, long PeakLiveBytes, long CachedBytes, long LiveBlocks, long SystemAllocations, long ReusedAllocations);

/// <summary>What computes convolutions on the processor.</summary>
/// <param name="HasOneDnn">Whether oneDNN does, which is fast; otherwise libtorch's own plain code, which is many times slower.</param>
/// <param name="Fault">
/// What oneDNN computed wrong when it was tried, for which it was switched off in this process; null if it computes right,
/// or if this libtorch is without it.
/// </param>
public readonly record struct ConvolutionLibrary(bool HasOneDnn, string? Fault);

/// <summary>Settings and statistics of libtorch in this process.</summary>
public static unsafe class Engine
{
    private static long _made;
    private static long _freed;

    /// <summary>Whether each lost tensor is reported on standard error with the place where it was made. Slow; for tests.</summary>
    public static bool TraceLostTensors { get; set; }

    /// <summary>Tensors that were collected without having been disposed, since the process began.</summary>
    public static long LostTensors => Native.LostTensors.Count;

    /// <summary>Tensors that exist now.</summary>
    public static long LiveTensors => Interlocked.Read(ref _made) - Interlocked.Read(ref _freed);

    /// <summary>The number of threads that one operator may use; at least 1.</summary>
    public static int Threads
    {
        get
        {
            int threads;
            NativeError.Check(NativeMethods.sb_get_threads(&threads), nameof(Threads));
            return threads;
        }

        set => NativeError.Check(NativeMethods.sb_set_threads(value), nameof(Threads));
    }

    /// <summary>The version of libtorch in use, such as 1.13.0.</summary>
    public static string TorchVersion
    {
        get
        {
            TorchLibrary.Require();
            return TorchLibrary.TryLoad().TorchVersion!;
        }
    }

    /// <summary>How many CUDA devices can be used now; 0 when libtorch has no CUDA.</summary>
    public static int CudaDevices
    {
        get
        {
            TorchLibrary.Require();
            return TorchLibrary.TryLoad().CudaDevices;
        }
    }

    /// <summary>
    /// What computes convolutions on the processor. oneDNN is tried at the first call, or before the first convolution, on a
    /// few small ones with a known outcome, which takes milliseconds; where its numbers are wrong, it is switched off for
    /// this process.
    /// </summary>
    public static ConvolutionLibrary Convolutions
    {
        get
        {
            const int capacity = 1024;
            var fault = stackalloc byte[capacity];
            int hasOneDnn;
            NativeError.Check(NativeMethods.sb_convolutions(&hasOneDnn, fault, capacity), nameof(Convolutions));
            return new ConvolutionLibrary(
                hasOneDnn != 0, Marshal.PtrToStringUTF8((nint)fault) is { Length: > 0 } text ? text : null);
        }
    }

    /// <summary>
    /// The instructions with which Subband's own operator computes most convolutions of 3×3 and 1×1: <c>AVX-512 BF16</c>, <c>AVX-512</c> or
    /// <c>AVX2</c>; null where the processor has none of them, or the variable <c>SUBBAND_CPU</c> (<c>avx512bf16</c>, <c>avx512</c>,
    /// <c>avx2</c>, <c>any</c>) forbids them.
    /// </summary>
    public static string? OwnConvolutions => PackedFilters.Instructions;

    /// <summary>
    /// Whether convolutions in bf16 are faster on this processor than in single precision. Where they are by AVX-512 alone, it depends on
    /// the maker: a product of pairs of bf16 takes AMD's processors as long as one of floats, and Intel's about four times as long. By AMX
    /// they are faster.
    /// </summary>
    public static bool IsBf16Faster => PackedFilters.IsBf16Faster;

    /// <summary>
    /// Whether Subband's own convolutions multiply bf16 on this processor, so that <see cref="Bf16Products.InLargeTiles"/> makes them faster.
    /// </summary>
    public static bool IsBf16Multiplied => PackedFilters.IsBf16Multiplied;

    /// <summary>Whether they could, be it slower, see <see cref="Bf16Products.EvenWhereSlower"/>.</summary>
    public static bool CanMultiplyBf16 => PackedFilters.CanMultiplyBf16;

    /// <summary>How libtorch was built and how it works in parallel, in its own words.</summary>
    public static string Configuration()
    {
        const int capacity = 16384;
        var buffer = stackalloc byte[capacity];
        NativeError.Check(NativeMethods.sb_configuration(buffer, capacity), nameof(Configuration));
        return Marshal.PtrToStringUTF8((nint)buffer)!;
    }

    /// <summary>The name and memory of a CUDA device.</summary>
    /// <param name="index">From 0 to <see cref="CudaDevices"/> − 1.</param>
    public static (string Name, long TotalBytes) CudaDevice(int index)
    {
        const int capacity = 256;
        var buffer = stackalloc byte[capacity];
        long bytes;
        NativeError.Check(NativeMethods.sb_device_name(index, buffer, capacity, &bytes), nameof(CudaDevice));
        return (Marshal.PtrToStringUTF8((nint)buffer)!, bytes);
    }

    /// <summary>The compute capability of a CUDA device, such as 8.0 of an A100.</summary>
    /// <param name="index">From 0 to <see cref="CudaDevices"/> − 1.</param>
    public static (int Major, int Minor) CudaCapability(int index)
    {
        int major, minor;
        NativeError.Check(NativeMethods.sb_device_capability(index, &major, &minor), nameof(CudaCapability));
        return (major, minor);
    }

    /// <summary>Waits until all work given to a device is done; at once on the CPU.</summary>
    public static void Synchronise(Device device) =>
        NativeError.Check(NativeMethods.sb_device_synchronise((int)device.Type, device.Index), nameof(Synchronise));

    /// <summary>The CPU memory that tensors use now.</summary>
    public static MemoryStatistics Memory()
    {
        NativeMemoryInfo info;
        NativeError.Check(NativeMethods.sb_memory_get(&info), nameof(Memory));
        return new MemoryStatistics(
            info.LiveBytes,
            info.PeakLiveBytes,
            info.CachedBytes,
            info.LiveBlocks,
            info.SystemAllocations,
            info.ReusedAllocations);
    }

    /// <summary>Starts a new measurement of <see cref="MemoryStatistics.PeakLiveBytes"/>.</summary>
    public static void ResetPeakMemory() => NativeError.Check(NativeMethods.sb_memory_reset_peak(), nameof(ResetPeakMemory));

    /// <summary>Returns all cached memory to the operating system.</summary>
    /// <returns>The bytes returned.</returns>
    public static long Trim()
    {
        Native.LostTensors.Free();
        long released;
        NativeError.Check(NativeMethods.sb_memory_trim(&released), nameof(Trim));
        return released;
    }

    /// <summary>Sets how many bytes may be kept for reuse; half of the machine's (or container's) memory unless set.</summary>
    /// <param name="bytes">At least 0; 0 disables the cache.</param>
    /// <returns>How many might be before.</returns>
    public static long SetCacheLimit(long bytes)
    {
        long before;
        NativeError.Check(NativeMethods.sb_memory_set_cache_limit(bytes, &before), nameof(SetCacheLimit));
        return before;
    }

    internal static void CountMade() => Interlocked.Increment(ref _made);

    internal static void CountFreed() => Interlocked.Increment(ref _freed);
}
