namespace Subband.Imaging;

/// <summary>Colours for plots that stay apart for people who confuse red and green, or blue and yellow.</summary>
internal static class Palettes
{
    // Viridis of S. van der Walt and N. Smith (2015), dedicated to the public domain (CC0), at eight even steps.
    private static readonly Colour[] Viridis =
    [
        new(68, 1, 84), new(71, 45, 123), new(59, 82, 139), new(44, 114, 142), new(33, 145, 140), new(40, 174, 128), new(94, 201, 98),
        new(173, 220, 48), new(253, 231, 37),
    ];

    /// <summary>
    /// Colours of lines, for a plot with several: those of M. Okabe and K. Ito (2008), without the yellow that is hard to see on paper.
    /// </summary>
    public static IReadOnlyList<Colour> Lines { get; } =
    [
        new(60, 60, 60), new(213, 94, 0), new(0, 114, 178), new(0, 158, 115), new(204, 121, 167), new(230, 159, 0), new(86, 180, 233),
    ];

    /// <summary>A colour for a value: dark to bright, evenly for the eye.</summary>
    /// <param name="value">From 0, the darkest, to 1; what lies beyond is shown as the nearer of them.</param>
    public static Colour Shade(double value)
    {
        double place = Math.Clamp(value, 0, 1) * (Viridis.Length - 1);
        int step = Math.Min((int)place, Viridis.Length - 2);
        return Viridis[step].Towards(Viridis[step + 1], place - step);
    }
}
