using Subband.Data;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.TrainingHost;

/// <summary>A few tiny images of noise in three classes, made from nothing.</summary>
public sealed class TinySource(ulong seed = 1) : IImageSource
{
    /// <summary>The side of the images.</summary>
    public const int Side = 8;

    /// <summary>No multiple of any batch size in use, so that batches cross the ends of epochs.</summary>
    private const int Images = 37;

    public string Name => $"tiny#seed={seed}";

    public long? Count => Images;

    public IReadOnlyList<string> Classes => ["red", "green", "blue"];

    public IReadOnlyList<string> Splits => [];

    public IReadOnlyList<RefusedItem> Refused => [];

    public string Fingerprint => seed.ToString("x32", null);

    /// <summary>An item that cannot be reached, as when a disk goes away; -1 for none.</summary>
    public long Unreachable { get; set; } = -1;

    /// <summary>Is called before an image is read, on the thread that reads it; null for nothing.</summary>
    public Action? Reading { get; set; }

    public int Label(long index) => (int)(index % 3);

    public int Split(long index) => -1;

    public string ItemName(long index) => $"image {index}";

    public string Format(long index) => "noise";

    public Rgb8Image Read(long index)
    {
        Reading?.Invoke();
        if (index == Unreachable)
        {
            throw new SubbandException($"Cannot read {ItemName(index)}: the disk has gone.");
        }

        SeededRandom random = SeededRandom.For(seed, 0, (ulong)index);
        byte[] pixels = new byte[3 * Side * Side];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)random.Next(i % 3 == Label(index) ? 256 : 64);
        }

        return new Rgb8Image(Side, Side, pixels);
    }

    public void Dispose()
    {
        // Nothing is held.
    }
}
