using System.Collections.Concurrent;
using Subband.Imaging;

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
        Colour = plan.Colour;
        CoarseHeight = plan.Coarse?.Side(plan.Height) ?? 0;
        CoarseWidth = plan.Coarse?.Side(plan.Width) ?? 0;
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

    /// <summary>What their pixels hold.</summary>
    public PixelColour Colour { get; }

    /// <summary>The images, <c>[N, C, H, W]</c> in <c>[-1,1]</c>. The array does not move in memory, so that native code
    /// may read it. Not to be used after <see cref="Dispose"/>.</summary>
    public float[] Pixels => Buffers.Pixels;

    /// <summary>The height of the small images; 0 where there are none.</summary>
    public int CoarseHeight { get; }

    /// <summary>The width of the small images; 0 where there are none.</summary>
    public int CoarseWidth { get; }

    /// <summary>The small images, <c>[N, 3, h, w]</c> in <c>[-1,1]</c>; empty where the plan has none.</summary>
    public float[] CoarsePixels => Buffers.CoarsePixels;

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
    private readonly int _imageLength = ImageLength(plan);
    private readonly int _coarseLength = CoarseLength(plan);

    public float[] Pixels { get; } = GC.AllocateArray<float>(ImageLength(plan) * plan.BatchSize, pinned: true);

    public float[] CoarsePixels { get; } = GC.AllocateArray<float>(CoarseLength(plan) * plan.BatchSize, pinned: true);

    public long[] Labels { get; } = GC.AllocateArray<long>(plan.BatchSize, pinned: true);

    public long[] Indices { get; } = GC.AllocateArray<long>(plan.BatchSize, pinned: true);

    /// <summary>Where image i of the batch stands.</summary>
    public Span<float> Image(int i) => Pixels.AsSpan(i * _imageLength, _imageLength);

    /// <summary>Where the small version of image i stands.</summary>
    public Span<float> CoarseImage(int i) => CoarsePixels.AsSpan(i * _coarseLength, _coarseLength);

    private static int ImageLength(BatchPlan plan) => plan.Channels * plan.Height * plan.Width;

    private static int CoarseLength(BatchPlan plan) => plan.Coarse is { } coarse ? 3 * coarse.Side(plan.Height) * coarse.Side(plan.Width) : 0;
}
