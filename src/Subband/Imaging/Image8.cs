namespace Subband.Imaging;

/// <summary>A decoded picture of 8-bit sRGB pixels, grey, in colour (then it is an <see cref="Rgb8Image"/>) or with transparency.</summary>
/// <remarks>The type needs no image library and no libtorch, so that packed data sets can be read anywhere.</remarks>
public class Image8
{
    private protected Image8(int width, int height, PixelColour colour, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentNullException.ThrowIfNull(pixels);
        long expected = (long)colour.Channels() * width * height;
        if (pixels.LongLength != expected)
        {
            throw new ArgumentException(
                $"{width}x{height} pixels of {colour} are {expected} bytes, but {pixels.LongLength} were given.",
                nameof(pixels));
        }

        (Width, Height, Colour, Pixels) = (width, height, colour, pixels);
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>What the samples are.</summary>
    public PixelColour Colour { get; }

    /// <summary>The pixels themselves, <c>[H, W, C]</c>, 0..255.</summary>
    public byte[] Pixels { get; }

    /// <summary>Wraps pixels without copying them.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="colour">What the samples are.</param>
    /// <param name="pixels">Row by row, the samples of a pixel side by side: <c>[H, W, C]</c>.</param>
    /// <returns>An <see cref="Rgb8Image"/> where the samples are red, green and blue.</returns>
    /// <exception cref="ArgumentException">The length is not <c>width · height · C</c>.</exception>
    public static Image8 Of(int width, int height, PixelColour colour, byte[] pixels) => colour == PixelColour.Rgb
        ? new Rgb8Image(width, height, pixels)
        : new Image8(width, height, colour, pixels);

    /// <summary>The picture in red, green and blue: grey is repeated, and what is transparent laid on white.</summary>
    public Rgb8Image ToRgb() => this as Rgb8Image ?? new Rgb8Image(Width, Height, SampleConversion.To8Bits(Pixels, Colour.Channels(), PixelColour.Rgb));

    /// <summary>
    /// The picture in another colour; itself where it is the same. Colours become grey by <see cref="Ycbcr.Grey"/>, and a picture
    /// without transparency becomes opaque.
    /// </summary>
    /// <param name="colour">The wanted one.</param>
    public Image8 To(PixelColour colour) => colour switch
    {
        _ when colour == Colour => this,
        PixelColour.Grey => new Image8(Width, Height, colour, Ycbcr.Grey(ToRgb())),
        PixelColour.Rgba => new Image8(Width, Height, colour, SampleConversion.To8Bits(Pixels, Colour.Channels(), colour)),
        _ => ToRgb(),
    };
}
