using Subband.Torch;

namespace Subband.Metrics;

/// <summary>A Gaussian Parzen-window log-likelihood, with what has to be known to read it.</summary>
/// <param name="Test">The log-likelihood of the test images.</param>
/// <param name="Width">The width of the kernels, chosen on the validation images.</param>
/// <param name="Samples">The number of kernels.</param>
public sealed record ParzenScore(LogLikelihood Test, KernelWidth Width, long Samples);

/// <summary>
/// The log-likelihood of images under a Gaussian Parzen window on samples of a model: a kernel on every sample, all of
/// one width, which is chosen on validation images.
/// </summary>
/// <remarks>
/// log p(x) = log (1/N) Σᵢ exp(−|x − xᵢ|²/2σ²) − D·log(σ√2π), the estimate of Breuleux, Bengio and Vincent (2011) that
/// the GAN and LAPGAN papers report. It says little about how samples look, and a set of centroids beats true images
/// (Theis, van den Oord and Bethge 2016, arXiv 1511.01844, section 3.2): a figure to compare with older papers, never
/// an aim. The value depends on the scale of the pixels; see <see cref="LogLikelihood.InUnitsOf"/>. All sums are in
/// float64.
/// </remarks>
public static class Parzen
{
    /// <summary>Chooses the width and gives the log-likelihood.</summary>
    /// <param name="samples">[N, …]: images drawn from the model, of any scale, bytes or any floating type.</param>
    /// <param name="validation">
    /// [V, …]: true images of the same shape and scale, on which the width is chosen. V · N distances are held in
    /// memory at 8 bytes each; a thousand images are enough.
    /// </param>
    /// <param name="test">[T, …]: true images on which the likelihood is told; not trained nor validated on.</param>
    /// <param name="widths">The widths to choose from, in the units of the values; null to search all.</param>
    /// <param name="cancellation">Stops between blocks.</param>
    /// <exception cref="SubbandException">Shapes differ, a set is empty, or no width can be chosen.</exception>
    public static ParzenScore Evaluate(
        Tensor samples,
        Tensor validation,
        Tensor test,
        IReadOnlyList<double>? widths = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(validation);
        ArgumentNullException.ThrowIfNull(test);
        RequireSameShape(samples, validation, "validation image");
        RequireSameShape(samples, test, "test image");
        RequireWidths(widths);
        return EvaluateEach(samples, validation, test, widths, cancellation).Score;
    }

    /// <summary>The log-density of each image under kernels of a known width.</summary>
    /// <param name="images">[P, …].</param>
    /// <param name="samples">[N, …]: the centres of the kernels, of the same shape and scale.</param>
    /// <param name="width">The standard deviation of a kernel, more than 0.</param>
    /// <returns>P values in nats.</returns>
    public static double[] LogDensities(Tensor images, Tensor samples, double width)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        RequireSameShape(samples, images, "image");
        using var noGrad = Autograd.NoGrad();
        using var scope = new TensorScope();
        return GaussianKernels.LogDensities(
            images.To(samples.Device).Flatten(), samples.Flatten(), width, CancellationToken.None);
    }

    /// <summary>
    /// The standard deviation of all values of some images, a unit for <see cref="LogLikelihood.InUnitsOf"/>.
    /// </summary>
    public static double PixelDeviation(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var noGrad = Autograd.NoGrad();
        using var scope = new TensorScope();
        var values = images.To(DType.Float64);
        return (values - values.Mean()).Square().Mean().Sqrt().Item();
    }

    /// <summary>The score, and the log-density of each test image that it is made of.</summary>
    internal static (ParzenScore Score, double[] Densities) EvaluateEach(
        Tensor samples, Tensor validation, Tensor test, IReadOnlyList<double>? widths, CancellationToken cancellation)
    {
        using var noGrad = Autograd.NoGrad();
        using var scope = new TensorScope();
        var (centres, dimensions) = (samples.Flatten(), samples.Count / samples.Size(0)); // [N, D]
        var width = ChooseWidth(validation.To(samples.Device).Flatten(), centres, widths, cancellation);
        var densities = GaussianKernels.LogDensities(
            test.To(samples.Device).Flatten(), centres, width.Value, cancellation);
        var score = new ParzenScore(LogLikelihood.Of(densities, dimensions), width, samples.Size(0));
        return (score, densities);
    }

    private static KernelWidth ChooseWidth(
        Tensor validation, Tensor centres, IReadOnlyList<double>? widths, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        var distances = GaussianKernels.SquaredDistances(validation, centres, cancellation);
        return KernelWidth.Choose(distances, centres.Size(1), widths);
    }

    private static void RequireSameShape(Tensor samples, Tensor images, string what)
    {
        if (samples.Dimensions < 2 || samples.Count == 0 || images.Count == 0
            || !samples.Shape[1..].SequenceEqual(images.Shape[1..]))
        {
            throw new TensorShapeException(
                $"Parzen: at least one sample and one {what} of the same shape were expected; "
                + $"the samples are {samples}, the {what}s {images}.",
                nameof(Parzen));
        }
    }

    private static void RequireWidths(IReadOnlyList<double>? widths)
    {
        if (widths is not null && (widths.Count == 0 || widths.Any(w => !(w > 0 && double.IsFinite(w)))))
        {
            throw new SubbandException(
                $"Parzen: widths of kernels are numbers above 0, but [{string.Join(", ", widths)}] were given.");
        }
    }
}
