using System.Collections.Concurrent;
using Subband.Data;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.Evaluation;

/// <summary>A source that looks at the size of what is read: another one is an error, or is remembered.</summary>
/// <param name="whole">The source; whoever opened it disposes of it.</param>
/// <param name="size">The size.</param>
internal sealed class SizedSource(IImageSource whole, SpectrumSize size) : IImageSource
{
    private readonly ConcurrentDictionary<long, bool> _others = new();

    /// <summary>How many images of another size were read.</summary>
    public long Others => _others.Count;

    public string Name => whole.Name;

    public long? Count => whole.Count;

    public IReadOnlyList<string> Classes => whole.Classes;

    public IReadOnlyList<string> Splits => whole.Splits;

    public IReadOnlyList<RefusedItem> Refused => whole.Refused;

    public string Fingerprint => whole.Fingerprint;

    public int Label(long index) => whole.Label(index);

    public int Split(long index) => whole.Split(index);

    public string ItemName(long index) => whole.ItemName(index);

    public string Format(long index) => whole.Format(index);

    public Rgb8Image Read(long index) => Sized(index, whole.Read(index));

    public Image8 ReadWithAlpha(long index) => Sized(index, whole.ReadWithAlpha(index));

    public void Dispose()
    {
        // The whole belongs to whoever opened it.
    }

    private T Sized<T>(long index, T image)
        where T : Image8
    {
        (int width, int height) = (size.Plan.Width, size.Plan.Height);
        if (image.Width == width && image.Height == height)
        {
            return image;
        }

        if (size.Like is { } like)
        {
            throw new SubbandException(
                $"{ItemName(index)} of {Name} has {image.Width}x{image.Height} pixels, {like} {width}x{height}: the images should be of one size. "
                + $"To bring all to one, which changes their spectra, give --size {width}x{height} or another.");
        }

        _ = _others.TryAdd(index, true);
        return image;
    }
}
