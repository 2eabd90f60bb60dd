using System.Globalization;
using Subband.Imaging;

namespace Subband.Upscaling;

/// <summary>How large a result shall be.</summary>
public sealed record UpscaleSize
{
    /// <summary>The largest factor.</summary>
    public const double LargestScale = 64;

    /// <summary>New pixels to an old one along each side, or null.</summary>
    public double? Scale { get; init; }

    /// <summary>The width in pixels, or null.</summary>
    public int? Width { get; init; }

    /// <summary>The height in pixels, or null. With both, the picture fits into the box; proportions are always kept.</summary>
    public int? Height { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Scale}/{Width}x{Height}");

    /// <summary>The new size of a picture as it is shown.</summary>
    internal (int Width, int Height) Of(string name, int width, int height)
    {
        double scale = Scale ?? Math.Min((double?)Width / width ?? double.MaxValue, (double?)Height / height ?? double.MaxValue);
        if (scale > LargestScale)
        {
            throw new ImageFileException(name, string.Create(
                CultureInfo.InvariantCulture, $"would have to become {scale:0.#} times as large; {LargestScale} is the most."));
        }

        return (Side(width), Side(height));

        int Side(int old) => (int)Math.Max(1, Math.Floor((old * scale) + 0.5));
    }
}
