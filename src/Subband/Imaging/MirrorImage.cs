namespace Subband.Imaging;

/// <summary>An image that goes on beyond its edges as its mirror image, edge pixels twice, and so on for ever.</summary>
internal static class MirrorImage
{
    /// <summary>The pixel that stands at a place along an axis.</summary>
    /// <param name="place">Any, negative ones too.</param>
    /// <param name="count">How many pixels there are.</param>
    public static int Pixel(int place, int count)
    {
        int around = ((place % (2 * count)) + (2 * count)) % (2 * count);
        return around < count ? around : (2 * count) - 1 - around;
    }
}
