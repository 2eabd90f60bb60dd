using Subband.Imaging;
using Subband.Torch;

namespace Subband.Data;

/// <summary>Makes batch number i of a plan, whenever and on whatever thread it is asked to.</summary>
internal sealed class BatchBuilder
{
    /// <summary>The random stream of crops and mirroring.</summary>
    public const ulong AugmentStream = 0x4155_474D;

    private readonly IImageSource _source;
    private readonly BatchPlan _plan;
    private readonly ItemOrder _order;
    private readonly PreparedImages _images;

    /// <summary>Checks that the plan suits the source.</summary>
    /// <exception cref="UsageException">It does not.</exception>
    public BatchBuilder(IImageSource source, BatchPlan plan, long cacheBytes)
    {
        plan.Validate();
        if (plan.RequireLabels)
        {
            RequireLabels(source);
        }

        _source = source;
        _plan = plan;
        _images = new PreparedImages(source, plan, cacheBytes);
        _order = new ItemOrder(plan, _images.Count);
    }

    /// <summary>Whether there was an image that no memory was left to keep, so that it is prepared anew whenever it is shown.</summary>
    public bool IsFull => _images.IsFull;

    /// <summary>Fills the buffers with a batch. A cancelled build leaves them in any state.</summary>
    /// <exception cref="SubbandException">The data could not be reached.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public void Build(long number, BatchBuffers buffers, CancellationToken stop)
    {
        for (int i = 0; i < _plan.BatchSize; i++)
        {
            stop.ThrowIfCancellationRequested();
            long place = checked((number * _plan.BatchSize) + i);
            PreparedImage image = _images.Get(_order.At(place), out long index);
            if (_plan.Coarse is { } coarse)
            {
                DrawPair(image, coarse, place, buffers, i);
            }
            else
            {
                Draw(image.Pixels, place, buffers.Image(i));
            }

            buffers.Indices[i] = index;
            buffers.Labels[i] = _source.Label(index);
        }
    }

    private void Draw(Image8 image, long place, Span<float> target)
    {
        PatchCut cut = new((image.Width - _plan.Width) / 2, (image.Height - _plan.Height) / 2, IsMirrored: false);
        if (_plan.Flip || _plan.Crop == CropRule.Random)
        {
            // All three are drawn in any case, so that one setting does not change what another does.
            SeededRandom random = SeededRandom.For(_plan.Seed, AugmentStream, (ulong)place);
            int randomX = random.Next(image.Width - _plan.Width + 1);
            int randomY = random.Next(image.Height - _plan.Height + 1);
            bool isMirrored = random.Next(2) == 1 && _plan.Flip;
            cut = _plan.Crop == CropRule.Random ? new PatchCut(randomX, randomY, isMirrored) : cut with { IsMirrored = isMirrored };
        }

        cut.CopyTo(image, _plan.Width, _plan.Height, target);
    }

    private void DrawPair(PreparedImage image, CoarseImages coarse, long place, BatchBuffers buffers, int i)
    {
        SeededRandom random = SeededRandom.For(_plan.Seed, AugmentStream, (ulong)place);
        int chosen = random.Next(coarse.Scales.Count);
        int scale = coarse.Scales[chosen];

        // A patch begins where a pixel of the small image does.
        int step = coarse.IsEnlarged ? 1 : scale;
        int x = random.Next((((image.Pixels.Width / scale * scale) - _plan.Width) / step) + 1) * step;
        int y = random.Next((((image.Pixels.Height / scale * scale) - _plan.Height) / step) + 1) * step;
        bool isMirrored = random.Next(2) == 1 && _plan.Flip;
        bool isUpsideDown = random.Next(2) == 1 && _plan.Turn;
        bool isTransposed = random.Next(2) == 1 && _plan.Turn;
        PatchCut cut = new(x, y, isMirrored, isUpsideDown, isTransposed);
        CoarseImage pair = image.Coarse[chosen];
        cut.CopyTo(pair.Wanted, _plan.Width, _plan.Height, buffers.Image(i));
        cut.Shrunk(step).CopyTo(pair.Pixels, coarse.Side(_plan.Width), coarse.Side(_plan.Height), buffers.CoarseImage(i));
    }

    private static void RequireLabels(IImageSource source)
    {
        if (source.Classes.Count == 0)
        {
            throw new UsageException($"The images of {source.Name} have no classes, which a class-conditional model needs; "
                + "put those of each class into a folder of its own, or name their classes in a dataset.json.");
        }

        for (long i = 0; i < source.Count; i++)
        {
            if (source.Label(i) < 0)
            {
                throw new UsageException($"{source.ItemName(i)} of {source.Name} has no class, which a class-conditional model needs; "
                    + "choose a part that has, as in split=train.");
            }
        }
    }
}
