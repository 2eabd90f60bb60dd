using Subband.Data;
using Subband.Imaging;
using Subband.Tests.Imaging;

namespace Subband.Tests.Data;

/// <summary>A source in memory, whose image i is made by a function that may refuse or fail.</summary>
internal sealed class MemorySource(long? count, Func<long, Rgb8Image> read) : IImageSource
{
    private int _reads;

    public string Name => "memory";

    public long? Count => count;

    public IReadOnlyList<string> Classes { get; init; } = [];

    public IReadOnlyList<string> Splits { get; init; } = [];

    public IReadOnlyList<RefusedItem> Refused => [];

    public string Fingerprint => "0123456789abcdef0123456789abcdef";

    public Func<long, int> LabelOf { get; init; } = _ => -1;

    public Func<long, int> SplitOf { get; init; } = _ => -1;

    /// <summary>How often an image was read.</summary>
    public int Reads => _reads;

    public int Label(long index) => LabelOf(index);

    public int Split(long index) => SplitOf(index);

    public string ItemName(long index) => $"item {index}";

    public string Format(long index) => "memory";

    public Rgb8Image Read(long index)
    {
        _ = Interlocked.Increment(ref _reads);
        return read(index);
    }

    public void Dispose()
    {
    }
}

/// <summary>Small images for tests.</summary>
internal static class TestImages
{
    /// <summary>An image of one colour.</summary>
    public static Rgb8Image Flat(int width, int height, byte r, byte g, byte b)
    {
        byte[] pixels = new byte[3 * width * height];
        for (int i = 0; i < pixels.Length; i += 3)
        {
            (pixels[i], pixels[i + 1], pixels[i + 2]) = (r, g, b);
        }

        return new Rgb8Image(width, height, pixels);
    }

    /// <summary>An image in which every pixel differs from its neighbours, and each index from the others.</summary>
    public static Rgb8Image Noise(int width, int height, long index)
    {
        byte[] pixels = new byte[3 * width * height];
        var random = Torch.SeededRandom.For(7, 7, (ulong)index);
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)random.Next(256);
        }

        return new Rgb8Image(width, height, pixels);
    }

    /// <summary>An image as a PNG file.</summary>
    public static byte[] Png(Rgb8Image image)
    {
        int stride = 3 * image.Width;
        byte[] lines = new byte[image.Height * (stride + 1)];
        for (int y = 0; y < image.Height; y++)
        {
            Array.Copy(image.Pixels, y * stride, lines, (y * (stride + 1)) + 1, stride);
        }

        return PngFixture.Build(image.Width, image.Height, 8, 2, lines);
    }

    /// <summary>A PNG file of one colour.</summary>
    public static byte[] Png(int width, int height, byte r, byte g, byte b) => Png(Flat(width, height, r, g, b));
}
