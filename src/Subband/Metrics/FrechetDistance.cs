using System.Globalization;
using Subband.Torch;

namespace Subband.Metrics;

/// <summary>A Fréchet distance, with what has to be known to read it.</summary>
/// <param name="Value">The distance; 0 for equal statistics. Smaller is more alike.</param>
/// <param name="FirstCount">The number of images on one side.</param>
/// <param name="SecondCount">The number of images on the other side.</param>
/// <param name="Protocol">How the features were made.</param>
public sealed record FrechetScore(double Value, long FirstCount, long SecondCount, FeatureProtocol Protocol)
{
    /// <summary>
    /// Whether a side has no more images than the features have dimensions. The number is exact for these images, but
    /// much larger than it would be for many of the same kind.
    /// </summary>
    public bool HasFewImages => Math.Min(FirstCount, SecondCount) <= Protocol.Dimensions;

    /// <summary>The number and its protocol in one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Value:F3} ({FirstCount} against {SecondCount} images; {Protocol}; float64, divisor N-1)");
}

/// <summary>
/// The Fréchet distance between two sets of images, each described by a normal distribution of its features.
/// </summary>
/// <remarks>
/// FD = |μ₁ − μ₂|² + Tr Σ₁ + Tr Σ₂ − 2 Tr (Σ₁Σ₂)^½ (Heusel et al. 2017, arXiv 1706.08500, section 3; Dowson and Landau
/// 1982). With roots FᵢᵀFᵢ = Σᵢ the last trace is the sum of the singular values of F₁F₂ᵀ: the eigenvalues of Σ₁Σ₂ are
/// those of F₁F₂ᵀF₂F₁ᵀ, the squares of these singular values. So no general matrix root, complex number or added ε is
/// needed, and singular covariances (fewer images than dimensions) are as exact as others.
/// <para>It is the FID only with the Inception features of that paper; with others it is a number of its own.</para>
/// </remarks>
public static class FrechetDistance
{
    /// <summary>The distance between two sets of images.</summary>
    /// <exception cref="SubbandException">The protocols differ, or a side has fewer than two images.</exception>
    public static FrechetScore Between(FeatureStatistics first, FeatureStatistics second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        RequireOneProtocol(first.Protocol, second.Protocol);
        using var noGrad = Autograd.NoGrad();
        using var scope = new TensorScope();
        var (firstRoot, secondRoot) = (first.CovarianceRoot(), second.CovarianceRoot());
        var shift = (first.Mean() - second.Mean()).Square().Sum().Item();
        var traces = firstRoot.Square().Sum().Item() + secondRoot.Square().Sum().Item();
        var common = firstRoot.MatMul(secondRoot.Transpose()).SingularValues().Sum().Item();
        var distance = Math.Max(0, shift + traces - 2 * common); // rounding may leave a little less than 0
        return new FrechetScore(distance, first.Count, second.Count, first.Protocol);
    }

    private static void RequireOneProtocol(FeatureProtocol first, FeatureProtocol second)
    {
        if (first != second)
        {
            throw new SubbandException(
                $"Features made in different ways cannot be compared: one side by {first}, the other by {second}.");
        }
    }
}
