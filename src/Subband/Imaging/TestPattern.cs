namespace Subband.Imaging;

/// <summary>Patterns of the finest detail that pixels can hold, black and white.</summary>
/// <remarks>Those of Gal et al. 2021, figure 1: what a network that sees pixels as smooth cannot make.</remarks>
public static class TestPattern
{
    private const double LinePeriod = 5; // pixels from line to line
    private const double LineAngle = 0.45; // radians away from the rows
    private const int Samples = 4; // a pixel's side is sampled so often

    /// <summary>A checkerboard of single pixels: all of it is HH, the highest frequency there is.</summary>
    /// <param name="side">Width and height in pixels.</param>
    public static Rgb8Image Checkerboard(int side) => Draw(side, (x, y) => ((int)Math.Floor(x) + (int)Math.Floor(y)) % 2 == 0 ? 1 : 0);

    /// <summary>Two sets of thin oblique lines, across each other.</summary>
    /// <param name="side">Width and height in pixels.</param>
    public static Rgb8Image LineGrid(int side)
    {
        (double sin, double cos) = Math.SinCos(LineAngle);
        return Draw(side, (x, y) => IsLine((x * cos) + (y * sin)) || IsLine((y * cos) - (x * sin)) ? 0 : 1);

        static bool IsLine(double across) => across - (LinePeriod * Math.Floor(across / LinePeriod)) < LinePeriod / 3;
    }

    /// <summary>Rings that become finer outwards, up to half a cycle per pixel at the middle of each edge.</summary>
    /// <param name="side">Width and height in pixels.</param>
    public static Rgb8Image ZonePlate(int side) => Draw(side, (x, y) =>
    {
        (double dx, double dy) = (x - (side / 2.0), y - (side / 2.0));
        return 0.5 + (0.5 * Math.Cos(Math.PI * ((dx * dx) + (dy * dy)) / side));
    });

    // white at 1, black at 0, the mean over each pixel
    private static Rgb8Image Draw(int side, Func<double, double, double> light)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        byte[] pixels = new byte[side * side * 3];
        for (int i = 0; i < side * side; i++)
        {
            double sum = 0;
            for (int sample = 0; sample < Samples * Samples; sample++)
            {
                sum += light((i % side) + (((sample % Samples) + 0.5) / Samples), (i / side) + (((sample / Samples) + 0.5) / Samples));
            }

            pixels.AsSpan(3 * i, 3).Fill((byte)Math.Round(255 * sum / (Samples * Samples)));
        }

        return new Rgb8Image(side, side, pixels);
    }
}
