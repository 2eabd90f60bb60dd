using Subband.Imaging;
using Subband.Torch;

namespace Subband.Data;

/// <summary>Makes batch number i of a plan, whenever and on whatever thread it is asked to.</summary>
internal sealed class BatchBuilder
{
    /// <summary>The random stream of crops and mirroring.</summary>
    public const ulong AugmentStream = 0x4155_474D;

    // v/127.5 - 1 for every byte.
    private static readonly float[] Centred = [.. Enumerable.Range(0, 256).Select(v => (float)((v / 127.5) - 1))];

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
        _order = new ItemOrder(plan, source.Count);
        _images = new PreparedImages(source, plan, cacheBytes);
    }

    /// <summary>Fills the buffers with a batch. A cancelled build leaves them in any state.</summary>
    /// <exception cref="SubbandException">The data could not be reached.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public void Build(long number, BatchBuffers buffers, CancellationToken stop)
    {
        int length = 3 * _plan.Height * _plan.Width;
        for (int i = 0; i < _plan.BatchSize; i++)
        {
            stop.ThrowIfCancellationRequested();
            long place = checked((number * _plan.BatchSize) + i);
            Rgb8Image image = _images.Get(_order.At(place), out long index);
            Draw(image, place, buffers.Pixels.AsSpan(i * length, length));
            buffers.Indices[i] = index;
            buffers.Labels[i] = _source.Label(index);
        }
    }

    private void Draw(Rgb8Image image, long place, Span<float> target)
    {
        int x = (image.Width - _plan.Width) / 2;
        int y = (image.Height - _plan.Height) / 2;
        bool isMirrored = false;
        if (_plan.Flip || _plan.Crop == CropRule.Random)
        {
            // All three are drawn in any case, so that one setting does not change what another does.
            SeededRandom random = SeededRandom.For(_plan.Seed, AugmentStream, (ulong)place);
            int randomX = random.Next(image.Width - _plan.Width + 1);
            int randomY = random.Next(image.Height - _plan.Height + 1);
            isMirrored = random.Next(2) == 1 && _plan.Flip;
            (x, y) = _plan.Crop == CropRule.Random ? (randomX, randomY) : (x, y);
        }

        int plane = _plan.Height * _plan.Width;
        Span<float> red = target[..plane];
        Span<float> green = target.Slice(plane, plane);
        Span<float> blue = target.Slice(2 * plane, plane);
        int step = isMirrored ? -3 : 3;
        int to = 0;
        for (int row = 0; row < _plan.Height; row++)
        {
            int from = 3 * (((y + row) * image.Width) + x + (isMirrored ? _plan.Width - 1 : 0));
            for (int column = 0; column < _plan.Width; column++, from += step, to++)
            {
                red[to] = Centred[image.Pixels[from]];
                green[to] = Centred[image.Pixels[from + 1]];
                blue[to] = Centred[image.Pixels[from + 2]];
            }
        }
    }

    private static void RequireLabels(IImageSource source)
    {
        if (source.Classes.Count == 0)
        {
            throw new UsageException($"The images of {source.Name} have no classes, which a class-conditional model needs; "
                + "put those of each class into a folder of its own.");
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
