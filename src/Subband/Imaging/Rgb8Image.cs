namespace Subband.Imaging;

/// <summary>
/// A decoded picture of 8-bit sRGB pixels, the form in which data sets hold and hand out their images.
/// </summary>
/// <remarks>The type needs no image library and no libtorch, so that packed data sets can be read anywhere.</remarks>
public sealed class Rgb8Image
{
    /// <summary>Wraps pixels without copying them.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="pixels">Row by row, three interleaved bytes R, G, B a pixel: <c>[H, W, 3]</c>.</param>
    /// <exception cref="ArgumentException">The length is not <c>width · height · 3</c>.</exception>
    public Rgb8Image(int width, int height, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentNullException.ThrowIfNull(pixels);
        if (pixels.LongLength != 3L * width * height)
        {
            throw new ArgumentException(
                $"An RGB image of {width}x{height} has {3L * width * height} bytes, but {pixels.LongLength} were given.",
                nameof(pixels));
        }

        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>The pixels themselves, <c>[H, W, 3]</c>, 0..255.</summary>
    public byte[] Pixels { get; }

    /// <summary>A part of the picture.</summary>
    /// <param name="x">Its left column.</param>
    /// <param name="y">Its top row.</param>
    /// <param name="width">Its width.</param>
    /// <param name="height">Its height.</param>
    /// <returns>A copy, or the picture itself where the part is all of it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the picture.</exception>
    public Rgb8Image Crop(int x, int y, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(x);
        ArgumentOutOfRangeException.ThrowIfNegative(y);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, Width - x);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, Height - y);
        if (width == Width && height == Height)
        {
            return this;
        }

        var pixels = new byte[3 * width * height];
        for (int row = 0; row < height; row++)
        {
            Pixels.AsSpan(3 * (((y + row) * Width) + x), 3 * width).CopyTo(pixels.AsSpan(3 * row * width));
        }

        return new Rgb8Image(width, height, pixels);
    }
}
