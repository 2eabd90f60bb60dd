namespace Subband.Metrics;

/// <summary>
/// A mean power spectrum of whitened images, as <see cref="SpectrumStatistics"/> gathers it, and the curves that are read off it.
/// White noise of variance 1 has the power 1 at every frequency, which is 0 dB.
/// </summary>
public sealed class PowerSpectrum
{
    /// <summary>The least power that is told, in decibels; it is far below the rounding of 8-bit images.</summary>
    public const double FloorDecibels = -200;

    private readonly double[] _half; // [S, S/2 + 1]: rows from 0, then the negative ones; columns from 0

    internal PowerSpectrum(int side, double[] half, long images)
    {
        (Side, _half, Images) = (side, half, images);
        Frequencies = [.. Enumerable.Range(0, (side / 2) + 1).Select(k => (double)k / side)];
        DiagonalFrequencies = [.. Frequencies.Select(frequency => frequency * Math.Sqrt(2))];
        Radial = Curve(RadialPower());
        Horizontal = Curve(k => Power(0, k));
        Diagonal = Curve(k => Power(k, k));
    }

    /// <summary>How many rows and columns the spectrum has, S. A step is 1/S cycles per pixel in both directions.</summary>
    public int Side { get; }

    /// <summary>Of how many images it is the mean.</summary>
    public long Images { get; }

    /// <summary>k/S for k = 0 to S/2: the frequencies of <see cref="Radial"/> and <see cref="Horizontal"/>, in cycles per pixel.</summary>
    public IReadOnlyList<double> Frequencies { get; }

    /// <summary>√2·k/S for k = 0 to S/2: the frequencies of <see cref="Diagonal"/>, in cycles per pixel along the diagonal.</summary>
    public IReadOnlyList<double> DiagonalFrequencies { get; }

    /// <summary>
    /// The mean power at each distance from frequency 0, in dB: at k/S that of all points of the spectrum whose distance rounds to k. The
    /// mean is taken of powers, not of decibels.
    /// </summary>
    public IReadOnlyList<double> Radial { get; }

    /// <summary>The power along the horizontal axis in dB, the slice at 0°: of what changes from left to right.</summary>
    public IReadOnlyList<double> Horizontal { get; }

    /// <summary>The power along the diagonal on which both frequencies are equal in dB, the slice at 45°.</summary>
    public IReadOnlyList<double> Diagonal { get; }

    /// <summary>The power at a frequency.</summary>
    /// <param name="row">The vertical frequency in steps, from -S/2 to S/2.</param>
    /// <param name="column">The horizontal frequency in steps, from -S/2 to S/2.</param>
    public double Power(int row, int column)
    {
        int half = Side / 2;
        if (Math.Abs(row) > half || Math.Abs(column) > half)
        {
            throw new ArgumentOutOfRangeException(nameof(row), $"Frequencies from {-half} to {half} steps are expected, not ({row}, {column}).");
        }

        // the spectrum of real images is the same on both sides of frequency 0
        (row, column) = column < 0 ? (-row, -column) : (row, column);
        return _half[(((row + Side) % Side) * (half + 1)) + column];
    }

    /// <summary>A power in decibels, not less than <see cref="FloorDecibels"/>.</summary>
    public static double Decibels(double power) => Math.Max(FloorDecibels, 10 * Math.Log10(power));

    private double[] Curve(Func<int, double> power) => [.. Enumerable.Range(0, (Side / 2) + 1).Select(k => Decibels(power(k)))];

    private Func<int, double> RadialPower()
    {
        int half = Side / 2;
        var sums = new double[half + 1];
        var counts = new long[half + 1];
        for (int row = -half; row < half; row++)
        {
            for (int column = 0; column <= half; column++)
            {
                int ring = (int)Math.Round(Math.Sqrt(((double)row * row) + ((double)column * column)), MidpointRounding.AwayFromZero);
                if (ring <= half)
                {
                    // a column stands for its mirror image too, except for those that are their own
                    int weight = column == 0 || column == half ? 1 : 2;
                    sums[ring] += weight * Power(row, column);
                    counts[ring] += weight;
                }
            }
        }

        return k => sums[k] / counts[k];
    }
}
