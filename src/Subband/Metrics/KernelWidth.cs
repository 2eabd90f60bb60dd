using Subband.Torch;

namespace Subband.Metrics;

/// <summary>The width of the Gaussian kernels, chosen on validation images.</summary>
/// <param name="Value">The standard deviation of a kernel, in the units of the values.</param>
/// <param name="IsAtEdge">
/// Whether it is the first or last of the widths that were to be tried, so that a better one may lie outside. Never so
/// for widths that were not given but found.
/// </param>
public sealed record KernelWidth(double Value, bool IsAtEdge)
{
    private const int Steps = 24;

    // Squared distances are rounded at 1e-16 of their largest terms, distances at the root of that.
    private const double NoDistance = 1e-6;

    /// <summary>The best of given widths, or the best of all.</summary>
    /// <remarks>
    /// Where the likelihood is greatest, the squared width is the mean over the points of Σ wᵢdᵢ² / D, with the weights
    /// wᵢ ∝ exp(−dᵢ²/2σ²) that favour near centres. So it lies between the mean squared distance to the nearest centre
    /// and the mean squared distance to all of them, both over D. That range is searched in log-spaced steps, and then
    /// the surroundings of the best step again, which leaves an error below 1 % of the width.
    /// </remarks>
    /// <param name="squaredDistances">float64 [P, N]: of each validation point to its centres.</param>
    /// <param name="dimensions">D.</param>
    /// <param name="widths">What to try; null to search.</param>
    internal static KernelWidth Choose(Tensor squaredDistances, long dimensions, IReadOnlyList<double>? widths)
    {
        double MeanOf(double width) => GaussianKernels.LogDensitiesAt(squaredDistances, dimensions, width).Average();

        if (widths is not null)
        {
            var best = IndexOfBest(widths, MeanOf);
            return new KernelWidth(widths[best], IsAtEdge: best == 0 || best == widths.Count - 1);
        }

        var coarse = LogSpaced(Bracket(squaredDistances, dimensions));
        var near = IndexOfBest(coarse, MeanOf);
        var fine = LogSpaced((coarse[Math.Max(near - 1, 0)], coarse[Math.Min(near + 1, Steps - 1)]));
        return new KernelWidth(fine[IndexOfBest(fine, MeanOf)], IsAtEdge: false);
    }

    private static (double Low, double High) Bracket(Tensor squaredDistances, long dimensions)
    {
        using var scope = new TensorScope();
        var low = Math.Sqrt(squaredDistances.Min([1]).Mean().Item() / dimensions);
        var high = Math.Sqrt(squaredDistances.Mean().Item() / dimensions);
        if (!double.IsFinite(high))
        {
            throw new SubbandException(
                "No kernel width can be chosen: a sample or a validation image holds NaN or infinity.");
        }

        if (low <= NoDistance * high)
        {
            throw new SubbandException(
                "No kernel width can be chosen: every validation image is a copy of a sample. "
                + "Validate on images that the samples were not taken from.");
        }

        return (low, high);
    }

    private static double[] LogSpaced((double Low, double High) range) =>
        [.. Enumerable.Range(0, Steps).Select(i => range.Low * Math.Pow(range.High / range.Low, i / (Steps - 1.0)))];

    private static int IndexOfBest(IReadOnlyList<double> widths, Func<double, double> meanOf)
    {
        var means = widths.Select(meanOf).ToArray();
        return Array.IndexOf(means, means.Max());
    }
}
