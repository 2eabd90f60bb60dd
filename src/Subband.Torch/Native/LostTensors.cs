using System.Collections.Concurrent;

namespace Subband.Torch.Native;

/// <summary>
/// Native tensors whose managed owner was collected without being disposed. A finaliser must not free them, because it
/// runs beside kernels and during shutdown; it queues them here, and the next call through the door frees them.
/// </summary>
internal static class LostTensors
{
    private static readonly ConcurrentQueue<nint> Queue = new();
    private static long _count;

    /// <summary>How many tensors have been lost since the process began.</summary>
    public static long Count => Interlocked.Read(ref _count);

    public static void Add(nint handle, string? madeAt)
    {
        Interlocked.Increment(ref _count);
        Queue.Enqueue(handle);
        if (madeAt is not null)
        {
            Console.Error.WriteLine($"A tensor was lost without being disposed. It was made at:\n{madeAt}");
        }
    }

    public static void Free()
    {
        while (!Queue.IsEmpty && Queue.TryDequeue(out var handle))
        {
            NativeError.Check(NativeMethods.sb_tensor_free(handle), "free");
        }
    }
}
