using System.Collections.Concurrent;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.Data;

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

    // What an image object costs beside its pixels, in bytes.
    private const int Overhead = 96;

    private readonly IImageSource _source;
    private readonly BatchPlan _plan;
    private readonly Rgb8Image?[] _kept;
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
        _kept = limit > 0 && source.Count is <= int.MaxValue and long count ? new Rgb8Image?[count] : [];
    }

    /// <summary>The image of an index, or the next decodable one.</summary>
    /// <param name="index">The item.</param>
    /// <param name="used">The item that the image is of.</param>
    /// <exception cref="SubbandException">The data could not be reached, or no image can be decoded.</exception>
    public Rgb8Image Get(long index, out long used)
    {
        used = index;
        long count = _source.Count ?? long.MaxValue;
        for (long tried = 0; tried < count; tried++)
        {
            if (TryGet(used) is Rgb8Image image)
            {
                return image;
            }

            used = (used + 1) % count;
        }

        throw new SubbandException($"None of the {count} images of {_source.Name} can be decoded; "
            + $"{_source.ItemName(index)}, for one, {_undecodable[index]}");
    }

    private Rgb8Image? TryGet(long index)
    {
        if (index < _kept.Length && Volatile.Read(ref _kept[index]) is Rgb8Image kept)
        {
            return kept;
        }

        if (_undecodable.ContainsKey(index))
        {
            return null;
        }

        try
        {
            Rgb8Image image = Prepare(_source.Read(index));
            Keep(index, image);
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
    private void Keep(long index, Rgb8Image image)
    {
        if (index >= _kept.Length)
        {
            return;
        }

        long size = image.Pixels.Length + Overhead;
        if (Interlocked.Add(ref _keptBytes, size) > _limit || Interlocked.CompareExchange(ref _kept[index], image, null) is not null)
        {
            _ = Interlocked.Add(ref _keptBytes, -size);
        }
    }

    private Rgb8Image Prepare(Rgb8Image image)
    {
        double scale = Math.Max((double)_plan.Width / image.Width, (double)_plan.Height / image.Height);
        if (_plan.ShortSide is int shortSide)
        {
            scale = Math.Max(scale, (double)shortSide / Math.Min(image.Width, image.Height));
        }

        int width = Math.Max(_plan.Width, (int)Math.Min(int.MaxValue, Math.Round(image.Width * scale)));
        int height = Math.Max(_plan.Height, (int)Math.Min(int.MaxValue, Math.Round(image.Height * scale)));
        int spans = _plan.Crop == CropRule.Random ? MaxSpans : 1;
        int keptWidth = Math.Min(width, spans * _plan.Width);
        int keptHeight = Math.Min(height, spans * _plan.Height);
        PixelWindow window = new((width - keptWidth) / 2, (height - keptHeight) / 2, keptWidth, keptHeight);
        bool isAsWanted = image.Width == keptWidth && image.Height == keptHeight && width == keptWidth && height == keptHeight;
        return isAsWanted ? image : PixelResampler.Resize(image, width, height, window);
    }
}
