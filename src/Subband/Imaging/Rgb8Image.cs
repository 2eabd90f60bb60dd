namespace Subband.Imaging;

/// <summary>
/// A decoded picture of 8-bit sRGB pixels in red, green and blue, the form in which data sets hold and hand out their images.
/// </summary>
public sealed class Rgb8Image : Image8
{
    /// <summary>Wraps pixels without copying them.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="pixels">Row by row, three interleaved bytes R, G, B a pixel: <c>[H, W, 3]</c>.</param>
    /// <exception cref="ArgumentException">The length is not <c>width · height · 3</c>.</exception>
    public Rgb8Image(int width, int height, byte[] pixels)
        : base(width, height, PixelColour.Rgb, pixels)
    {
    }

    /// <summary>A part of the picture, as a picture of its own; the picture itself where the part is all of it.</summary>
    /// <param name="window">Which part; it lies within the picture and has at least one pixel.</param>
    /// <exception cref="ArgumentException">It does not.</exception>
    public Rgb8Image Cut(PixelWindow window)
    {
        if (window.X < 0 || window.Y < 0 || window.Width < 1 || window.Height < 1
            || window.X > Width - window.Width || window.Y > Height - window.Height)
        {
            throw new ArgumentException($"{window} does not lie within a picture of {Width}x{Height}.", nameof(window));
        }

        if (window.Width == Width && window.Height == Height)
        {
            return this;
        }

        var pixels = new byte[3 * window.Width * window.Height];
        for (int y = 0; y < window.Height; y++)
        {
            Pixels.AsSpan(3 * (((window.Y + y) * Width) + window.X), 3 * window.Width).CopyTo(pixels.AsSpan(3 * y * window.Width));
        }

        return new Rgb8Image(window.Width, window.Height, pixels);
    }
}
