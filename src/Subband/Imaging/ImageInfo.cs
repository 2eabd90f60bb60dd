namespace Subband.Imaging;

/// <summary>What the header of an image file says.</summary>
/// <param name="Format">The kind of file.</param>
/// <param name="Width">Width in pixels as the picture is shown, that is, after its EXIF orientation is applied.</param>
/// <param name="Height">Height in pixels as the picture is shown.</param>
/// <param name="Bands">Samples a pixel, alpha included; a palette counts as the colours it stands for.</param>
/// <param name="BitDepth">Bits a sample once unpacked: 8 (also for 1, 2 and 4 bits and palettes), 16, or more for measured data.</param>
/// <param name="Colour">What the samples stand for.</param>
/// <param name="HasAlpha">Whether the picture has transparency.</param>
/// <param name="HasProfile">Whether an ICC profile is embedded.</param>
/// <param name="Orientation">The EXIF orientation, 1 to 8; 1 is upright.</param>
public sealed record ImageInfo(
    ImageFormat Format,
    int Width,
    int Height,
    int Bands,
    int BitDepth,
    ImageColour Colour,
    bool HasAlpha,
    bool HasProfile,
    int Orientation);

/// <summary>What an image file's samples stand for.</summary>
public enum ImageColour
{
    /// <summary>Grey values.</summary>
    Grey,

    /// <summary>Red, green and blue.</summary>
    Rgb,

    /// <summary>Printing inks.</summary>
    Cmyk,

    /// <summary>Anything else, such as Lab or measured channels. It is refused when read as RGB.</summary>
    Other,
}
