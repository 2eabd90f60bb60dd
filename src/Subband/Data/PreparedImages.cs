using System.Collections.Concurrent;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.Data;

/// <summary>An image that is ready to be cut.</summary>
/// <param name="Pixels">The image.</param>
/// <param name="Coarse">Its small version for each scale; empty where none is wanted.</param>
internal sealed record PreparedImage(Image8 Pixels, IReadOnlyList<CoarseImage> Coarse)
{
    // What the objects of an image cost beside its pixels, in bytes.
    private const long Overhead = 128;

    /// <summary>What it takes in memory, in bytes.</summary>
    public long Size => Overhead + Coarse.SelectMany(image => new[] { image.Pixels, image.Wanted }).Append(Pixels).Distinct().Sum(image => image.Pixels.LongLength);
}

/// <summary>
/// The images of a source, resized for a plan but not yet cut and mirrored, as far as memory allows kept from one epoch to
/// the next.
/// </summary>
/// <remarks>
/// In the place of an image that cannot be decoded stands the next one of the source that can. Since decoding gives the same
/// every time, so does this rule: which image stands where depends on the data alone, not on what was read before.
/// </remarks>
internal sealed class PreparedImages
{
    // An extreme panorama would be made huge by covering the wanted size; random cuts come from its middle.
    private const int MaxSpans = 16;

    private readonly IImageSource _source;
    private readonly BatchPlan _plan;
    private readonly int _sizes; // of each image
    private readonly PreparedImage?[] _kept;
    private readonly long _limit;
    private readonly ConcurrentDictionary<long, string> _undecodable = new();
    private long _keptBytes;

    /// <summary>Prepares nothing yet.</summary>
    /// <param name="source">The images.</param>
    /// <param name="plan">The wanted size.</param>
    /// <param name="limit">How many bytes of images may be kept.</param>
    public PreparedImages(IImageSource source, BatchPlan plan, long limit)
    {
        _source = source;
        _plan = plan;
        _limit = limit;
        IsFull = limit == 0;
        _sizes = plan.Coarse?.Sizes.Count ?? 1;
        Count = source.Count * _sizes;
        _kept = limit > 0 && Count is <= int.MaxValue and long count ? new PreparedImage?[count] : [];
    }

    /// <summary>Whether there was an image that no memory was left to keep.</summary>
    public bool IsFull { get; private set; }

    /// <summary>How many there are: each image of the source at each of its sizes; null without end.</summary>
    public long? Count { get; }

    /// <summary>An image, or the next decodable one at the same size.</summary>
    /// <param name="number">Which: item after item of the source, each at all its sizes.</param>
    /// <param name="used">The item that the image is of.</param>
    /// <exception cref="SubbandException">The data could not be reached, or no image can be decoded.</exception>
    public PreparedImage Get(long number, out long used)
    {
        (long index, long size) = Math.DivRem(number, _sizes);
        used = index;
        long count = _source.Count ?? long.MaxValue;
        for (long tried = 0; tried < count; tried++)
        {
            if (TryGet(used, (int)size) is { } image)
            {
                return image;
            }

            used = (used + 1) % count;
        }

        throw new SubbandException($"None of the {count} images of {_source.Name} can be decoded; "
            + $"{_source.ItemName(index)}, for one, {_undecodable[index]}");
    }

    private PreparedImage? TryGet(long index, int size)
    {
        long number = (index * _sizes) + size;
        if (number < _kept.Length && Volatile.Read(ref _kept[number]) is { } kept)
        {
            return kept;
        }

        if (_undecodable.ContainsKey(index))
        {
            return null;
        }

        try
        {
            PreparedImage image = Prepare(index, size);
            Keep(number, image);
            return image;
        }
        catch (ImageFileException e) when (e.Reason is not null)
        {
            _undecodable[index] = e.Reason;
            return null;
        }
        catch (Exception e) when (e is not SubbandException)
        {
            throw new SubbandException($"{_source.ItemName(index)} of {_source.Name} could not be read: {e.Message}", e);
        }
    }

    // What comes first stays: with every image wanted once an epoch, no choice of what to drop would be better.
    private void Keep(long number, PreparedImage image)
    {
        if (number >= _kept.Length)
        {
            return;
        }

        long size = image.Size;
        if (Interlocked.Add(ref _keptBytes, size) > _limit || Interlocked.CompareExchange(ref _kept[number], image, null) is not null)
        {
            _ = Interlocked.Add(ref _keptBytes, -size);
            IsFull |= Volatile.Read(ref _kept[number]) is null;
        }
    }

    private PreparedImage Prepare(long index, int size)
    {
        if (_plan.Coarse is not { } coarse)
        {
            return new PreparedImage(Resize(_plan.Colour == PixelColour.Rgba ? _source.ReadWithAlpha(index) : _source.Read(index), _plan), []);
        }

        Rgb8Image whole = ContinueByMirror(coarse.AtSize(_source.Read(index), size), coarse.LeastSide(_plan.Width), coarse.LeastSide(_plan.Height));
        return new PreparedImage(whole, coarse.Of(whole));
    }

    // Where an image is too small to cut a patch from it: its mirror image at the right and at the bottom, and so on.
    private static Rgb8Image ContinueByMirror(Rgb8Image image, int leastWidth, int leastHeight)
    {
        if (image.Width >= leastWidth && image.Height >= leastHeight)
        {
            return image;
        }

        (int width, int height) = (Math.Max(image.Width, leastWidth), Math.Max(image.Height, leastHeight));
        byte[] pixels = new byte[3 * width * height];
        for (int y = 0, to = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++, to += 3)
            {
                int from = 3 * ((MirrorImage.Pixel(y, image.Height) * image.Width) + MirrorImage.Pixel(x, image.Width));
                image.Pixels.AsSpan(from, 3).CopyTo(pixels.AsSpan(to));
            }
        }

        return new Rgb8Image(width, height, pixels);
    }

    /// <summary>An image resized for a plan without small versions, in its colour, and cut as far as no random cut needs more.</summary>
    public static Image8 Resize(Image8 image, BatchPlan plan)
    {
        double scale = Math.Max((double)plan.Width / image.Width, (double)plan.Height / image.Height);
        if (plan.ShortSide is int shortSide)
        {
            scale = Math.Max(scale, (double)shortSide / Math.Min(image.Width, image.Height));
        }

        int width = Math.Max(plan.Width, (int)Math.Min(int.MaxValue, Math.Round(image.Width * scale)));
        int height = Math.Max(plan.Height, (int)Math.Min(int.MaxValue, Math.Round(image.Height * scale)));
        int spans = plan.Crop == CropRule.Random ? MaxSpans : 1;
        int keptWidth = Math.Min(width, spans * plan.Width);
        int keptHeight = Math.Min(height, spans * plan.Height);
        PixelWindow window = new((width - keptWidth) / 2, (height - keptHeight) / 2, keptWidth, keptHeight);
        bool isAsWanted = image.Width == keptWidth && image.Height == keptHeight && width == keptWidth && height == keptHeight;
        // Several threads prepare images at a time, one each.
        Image8 resized = isAsWanted ? image : Resampler.Resize(image, width, height, new Resampling(ResamplingKernel.Area), window, threaded: false);
        return resized.To(plan.Colour);
    }
}
