namespace Subband.Imaging;

/// <summary>What the samples of a pixel are, 8-bit sRGB each.</summary>
public enum PixelColour
{
    /// <summary>Brightness alone.</summary>
    Grey,

    /// <summary>Red, green and blue.</summary>
    Rgb,

    /// <summary>Red, green, blue and opacity, by which the colours are not multiplied.</summary>
    Rgba,
}

/// <summary>What follows from a <see cref="PixelColour"/>.</summary>
public static class PixelColours
{
    /// <summary>Samples of a pixel: 1, 3 or 4.</summary>
    public static int Channels(this PixelColour colour) => colour switch
    {
        PixelColour.Grey => 1,
        PixelColour.Rgb => 3,
        _ => 4,
    };

    /// <summary>The colour that has so many samples a pixel, or null.</summary>
    public static PixelColour? WithChannels(long channels) => channels switch
    {
        1 => PixelColour.Grey,
        3 => PixelColour.Rgb,
        4 => PixelColour.Rgba,
        _ => null,
    };
}
