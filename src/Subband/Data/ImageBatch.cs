using System.Collections.Concurrent;

namespace Subband.Data;

/// <summary>A batch of images in memory that its loader uses again once the batch is disposed.</summary>
public sealed class ImageBatch : IDisposable
{
    private readonly ConcurrentBag<BatchBuffers> _pool;
    private BatchBuffers? _buffers;

    internal ImageBatch(long number, BatchPlan plan, BatchBuffers buffers, ConcurrentBag<BatchBuffers> pool)
    {
        Number = number;
        Count = plan.BatchSize;
        Height = plan.Height;
        Width = plan.Width;
        _buffers = buffers;
        _pool = pool;
    }

    /// <summary>The number of the batch, from 0.</summary>
    public long Number { get; }

    /// <summary>How many images there are.</summary>
    public int Count { get; }

    /// <summary>Their height in pixels.</summary>
    public int Height { get; }

    /// <summary>Their width in pixels.</summary>
    public int Width { get; }

    /// <summary>The images, <c>[N, 3, H, W]</c> in <c>[-1,1]</c>. The array does not move in memory, so that native code
    /// may read it. Not to be used after <see cref="Dispose"/>.</summary>
    public float[] Pixels => Buffers.Pixels;

    /// <summary>The class of each image, <c>[N]</c>; -1 for none.</summary>
    public long[] Labels => Buffers.Labels;

    /// <summary>Which item of the source each image is, <c>[N]</c>.</summary>
    public long[] Indices => Buffers.Indices;

    private BatchBuffers Buffers => _buffers ?? throw new ObjectDisposedException(nameof(ImageBatch));

    /// <summary>Gives the memory back to the loader.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffers, null) is BatchBuffers buffers)
        {
            _pool.Add(buffers);
        }
    }
}

/// <summary>The memory of a batch.</summary>
internal sealed class BatchBuffers(BatchPlan plan)
{
    public float[] Pixels { get; } = GC.AllocateArray<float>(3 * plan.Height * plan.Width * plan.BatchSize, pinned: true);

    public long[] Labels { get; } = GC.AllocateArray<long>(plan.BatchSize, pinned: true);

    public long[] Indices { get; } = GC.AllocateArray<long>(plan.BatchSize, pinned: true);
}
