namespace Subband.Imaging;

/// <summary>An image that goes on beyond its edges as its mirror image, and so on for ever.</summary>
internal static class MirrorImage
{
    /// <summary>The pixel that stands at a place along an axis, edge pixels twice.</summary>
    /// <param name="place">Any, negative ones too.</param>
    /// <param name="count">How many pixels there are.</param>
    public static int Pixel(int place, int count)
    {
        int around = ((place % (2 * count)) + (2 * count)) % (2 * count);
        return around < count ? around : (2 * count) - 1 - around;
    }

    /// <summary>The pixel that stands at a place along an axis, edge pixels once.</summary>
    /// <param name="place">Any, negative ones too.</param>
    /// <param name="count">How many pixels there are; at least 2.</param>
    public static int PixelWithEdgeOnce(int place, int count)
    {
        int period = (2 * count) - 2;
        int around = ((place % period) + period) % period;
        return Math.Min(around, period - around);
    }
}
