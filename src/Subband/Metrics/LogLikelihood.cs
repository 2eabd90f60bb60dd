using System.Globalization;

namespace Subband.Metrics;

/// <summary>The mean log-likelihood of images under a model, in nats per image.</summary>
/// <param name="Mean">The mean over the images.</param>
/// <param name="Deviation">The standard deviation over the images (divisor n − 1): how much images differ.</param>
/// <param name="Images">The number of images, n.</param>
/// <param name="Dimensions">The number of values in an image, D.</param>
public sealed record LogLikelihood(double Mean, double Deviation, long Images, long Dimensions)
{
    /// <summary>The standard error of the mean: how well <see cref="Mean"/> is known.</summary>
    public double StandardError => Deviation / Math.Sqrt(Images);

    /// <summary>What the number becomes when every value is divided by a unit: D · ln(unit) is added.</summary>
    /// <param name="unit">
    /// The new unit, more than 0: 255 for pixels of 0..255 told in [0,1]; the standard deviation of the data's pixels
    /// for pixels of unit variance, the scale on which the figures of the LAPGAN paper appear to be.
    /// </param>
    public LogLikelihood InUnitsOf(double unit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(unit);
        return this with { Mean = Mean + (Dimensions * Math.Log(unit)) };
    }

    /// <summary>Mean ± deviation, such as <c>-3572.1 ± 345.0 nats</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Mean:F1} ± {Deviation:F1} nats");

    internal static LogLikelihood Of(ReadOnlySpan<double> values, long dimensions)
    {
        var mean = 0.0;
        foreach (var value in values)
        {
            mean += value / values.Length;
        }

        var squares = 0.0;
        foreach (var value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        var deviation = values.Length > 1 ? Math.Sqrt(squares / (values.Length - 1)) : 0;
        return new LogLikelihood(mean, deviation, values.Length, dimensions);
    }
}
