using Subband.Imaging;

namespace Subband.Data;

/// <summary>Some images of a pass through a source.</summary>
/// <param name="Items">Which items of the source they are, in its order.</param>
/// <param name="Height">Their height in pixels.</param>
/// <param name="Width">Their width in pixels.</param>
/// <param name="Pixels">
/// RGB, <c>[N, 3, H, W]</c>, one behind the other; of grey ones the same three times, and what is transparent laid on white.
/// </param>
public sealed record ImageBytes(IReadOnlyList<long> Items, int Height, int Width, byte[] Pixels);

/// <summary>
/// Goes through a source once, in its order, with every image brought to the size that a model works with: what measures and
/// comparisons need, where training wants an endless shuffle. Images are cut from the middle and not mirrored.
/// </summary>
public static class ImagePass
{
    private const int ImagesAtOnce = 128;

    /// <summary>
    /// The images of a source, or a number of them that lie evenly in it. Those that cannot be decoded are left out, and are
    /// among the source's refused items.
    /// </summary>
    /// <param name="source">The images.</param>
    /// <param name="plan">The wanted size; order, cut, mirroring and batch size of it do not matter.</param>
    /// <param name="count">How many items to look at; null for all. Of a source without end the first ones are taken.</param>
    /// <param name="threads">How many threads prepare images.</param>
    /// <param name="stop">Stops it.</param>
    /// <exception cref="UsageException">The source has no end, and no number was given.</exception>
    /// <exception cref="Torch.SubbandException">The data could not be reached, or none can be decoded.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IEnumerable<ImageBytes> Over(
        IImageSource source, BatchPlan plan, long? count = null, int threads = 1, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(plan);
        long length = Length(source, count);
        return Walk(new EvenPart(source, length), Still(plan), length, threads, stop);
    }

    /// <summary>How many items such a pass looks at.</summary>
    /// <exception cref="UsageException">The source has no end, and no number was given.</exception>
    public static long Length(IImageSource source, long? count = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return (source.Count, count) switch
        {
            (null, null) => throw new UsageException($"{source.Name} has no end; say how many images to take, as in {source.Name},take=0..10000."),
            (null, { } wanted) => wanted,
            ({ } there, null) => there,
            ({ } there, { } wanted) => Math.Min(there, wanted),
        };
    }

    /// <summary>One item of a source, brought to size as in a pass.</summary>
    /// <exception cref="Torch.SubbandException">It cannot be read.</exception>
    public static Rgb8Image Picture(IImageSource source, BatchPlan plan, long item)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(plan);
        BatchPlan alone = Still(plan) with { BatchSize = 1 };
        BatchBuffers buffers = new(alone);
        new BatchBuilder(source, alone, cacheBytes: 0).Build(item, buffers, CancellationToken.None);
        return ToRgb(buffers.Pixels, plan.Width, plan.Height, plan.Colour);
    }

    private static BatchPlan Still(BatchPlan plan) =>
        plan with { Order = BatchOrder.Sequential, Crop = CropRule.Centre, Flip = false, RequireLabels = false };

    private static IEnumerable<ImageBytes> Walk(EvenPart part, BatchPlan plan, long length, int threads, CancellationToken stop)
    {
        BatchPlan once = plan with { BatchSize = (int)Math.Min(ImagesAtOnce, length) };
        using BatchLoader loader = new(part, once, threads, cacheBytes: 0);
        for (long done = 0; done < length; done += once.BatchSize)
        {
            using ImageBatch batch = loader.Next(stop);
            // In the place of an undecodable image stands a later one, which has its own turn.
            int[] own = [.. Enumerable.Range(0, (int)Math.Min(batch.Count, length - done)).Where(i => batch.Indices[i] == done + i)];
            if (own.Length > 0)
            {
                yield return Pick(batch, own, part);
            }
        }
    }

    private static ImageBytes Pick(ImageBatch batch, int[] places, EvenPart part)
    {
        int plane = batch.Height * batch.Width;
        int length = batch.Colour.Channels() * plane;
        byte[] pixels = new byte[3 * plane * places.Length];
        for (int i = 0; i < places.Length; i++)
        {
            ReadOnlySpan<float> from = batch.Pixels.AsSpan(places[i] * length, length);
            Span<byte> to = pixels.AsSpan(i * 3 * plane, 3 * plane);
            if (batch.Colour != PixelColour.Rgb)
            {
                byte[] rgb = ToRgb(from, batch.Width, batch.Height, batch.Colour).Pixels;
                for (int p = 0; p < to.Length; p++)
                {
                    to[(p % 3 * plane) + (p / 3)] = rgb[p];
                }

                continue;
            }

            for (int p = 0; p < length; p++)
            {
                to[p] = ToByte(from[p]);
            }
        }

        return new ImageBytes([.. places.Select(i => part.ItemAt(batch.Indices[i]))], batch.Height, batch.Width, pixels);
    }

    // Of [C, H, W] in [-1,1].
    private static Rgb8Image ToRgb(ReadOnlySpan<float> planes, int width, int height, PixelColour colour)
    {
        (int plane, int channels) = (height * width, colour.Channels());
        byte[] pixels = new byte[channels * plane];
        for (int p = 0; p < pixels.Length; p++)
        {
            pixels[p] = ToByte(planes[(p % channels * plane) + (p / channels)]);
        }

        return Image8.Of(width, height, colour, pixels).ToRgb();
    }

    // What v/127.5 - 1 was made of.
    private static byte ToByte(float value) => (byte)MathF.Round((value + 1) * 127.5f);

    /// <summary>Items that lie evenly in a source.</summary>
    private sealed class EvenPart(IImageSource whole, long length) : IImageSource
    {
        public string Name => whole.Name;

        public long? Count => length;

        public IReadOnlyList<string> Classes => whole.Classes;

        public IReadOnlyList<string> Splits => whole.Splits;

        public IReadOnlyList<RefusedItem> Refused => whole.Refused;

        public string Fingerprint => whole.Fingerprint;

        public long ItemAt(long index) => whole.Count is { } all ? (long)((Int128)index * all / length) : index;

        public int Label(long index) => whole.Label(ItemAt(index));

        public int Split(long index) => whole.Split(ItemAt(index));

        public string ItemName(long index) => whole.ItemName(ItemAt(index));

        public string Format(long index) => whole.Format(ItemAt(index));

        public Rgb8Image Read(long index) => whole.Read(ItemAt(index));

        public Image8 ReadWithAlpha(long index) => whole.ReadWithAlpha(ItemAt(index));

        public void Dispose()
        {
            // The whole belongs to whoever opened it.
        }
    }
}
