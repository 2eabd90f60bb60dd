using Subband.Imaging;
using Subband.Torch;

namespace Subband.Metrics;

/// <summary>Draws coarsest images from a model.</summary>
/// <param name="count">How many.</param>
/// <param name="generator">Where the noise comes from.</param>
/// <returns>[count, C, S, S], S the coarsest side, on the scale of the images that are evaluated.</returns>
public delegate Tensor CoarseSampler(long count, Generator generator);

/// <summary>Draws images of a level from a model, all given the same coarser image.</summary>
/// <param name="level">The level of the images to draw, 0 the finest.</param>
/// <param name="coarse">[1, C, S, S], float32: the means of the 2x2 blocks of a true image, on its device.</param>
/// <param name="count">How many.</param>
/// <param name="generator">Where the noise comes from.</param>
/// <returns>[count, C, 2S, 2S], on the same scale, on any device.</returns>
public delegate Tensor FineSampler(int level, Tensor coarse, long count, Generator generator);

/// <summary>A multi-scale Parzen log-likelihood, with what has to be known to read it.</summary>
/// <param name="Test">The log-likelihood of the whole test images.</param>
/// <param name="Factors">
/// What it is the sum of: the band of each level, the finest first, and the coarsest image last; each with its width,
/// in units of orthonormal coefficients, and the number of kernels that each test image was given.
/// </param>
public sealed record MultiScaleParzenScore(LogLikelihood Test, IReadOnlyList<ParzenScore> Factors);

/// <summary>
/// The log-likelihood of images under a pyramid of models, each level estimated by Gaussian kernels on samples that the
/// level draws for the true coarser image.
/// </summary>
/// <remarks>
/// p(I) = q_K(l_K) · Π_{k&lt;K} q_k(h_k | l_{k+1}), Denton et al. 2015 (arXiv 1506.05751), appendix: l_{k+1} is the
/// low-pass of the true image at level k, h_k the rest. What that text leaves open is settled in <c>docs/parzen.md</c>:
/// both are coefficients of an orthonormal Haar wavelet, so that the product is a density of the pixels as it stands;
/// every level halves the side; of an image that a level draws, only its three bands of detail count.
/// </remarks>
public sealed class MultiScaleParzen
{
    private readonly int[] _sides;
    private readonly CoarseSampler _coarse;
    private readonly FineSampler _fine;

    /// <summary>Sets up the measure for a pyramid of models.</summary>
    /// <param name="sides">The side of the images of each level, the finest first, each halved: 32, 16, 8.</param>
    /// <param name="coarse">Draws images of the last side.</param>
    /// <param name="fine">Draws images of the other sides.</param>
    /// <exception cref="SubbandException">A side is not half of the former.</exception>
    public MultiScaleParzen(IReadOnlyList<int> sides, CoarseSampler coarse, FineSampler fine)
    {
        ArgumentNullException.ThrowIfNull(sides);
        ArgumentNullException.ThrowIfNull(coarse);
        ArgumentNullException.ThrowIfNull(fine);
        _sides = [.. sides];
        _coarse = coarse;
        _fine = fine;
        RequireHalving(_sides);
    }

    /// <summary>How many kernels the coarsest image gets, the same ones for all images; at least 1.</summary>
    public long CoarseSamples { get; init => field = RequirePositive(value); } = 10_000;

    /// <summary>
    /// How many kernels each band of each image gets, at least 1. The figure grows with their number, so the two are
    /// told together.
    /// </summary>
    public long SamplesPerImage { get; init => field = RequirePositive(value); } = 100;

    /// <summary>Chooses a width for each level and gives the log-likelihood.</summary>
    /// <param name="validation">[V, C, S, S]: true images of the first side, on which the widths are chosen.</param>
    /// <param name="test">[T, C, S, S]: true images on which the likelihood is told, on the same scale.</param>
    /// <param name="generator">Where the noise of the samplers comes from.</param>
    /// <param name="progress">Hears of the share that is done, 0 to 1.</param>
    /// <param name="cancellation">Stops between images.</param>
    /// <exception cref="SubbandException">Images or samples do not have the right shape, or no width fits.</exception>
    public MultiScaleParzenScore Evaluate(
        Tensor validation,
        Tensor test,
        Generator generator,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(validation);
        ArgumentNullException.ThrowIfNull(test);
        ArgumentNullException.ThrowIfNull(generator);
        RequireImages(validation, "validation");
        RequireImages(test, "test");
        using var noGrad = Autograd.NoGrad();
        using var scope = new TensorScope();
        var meter = new Meter(progress, (_sides.Length - 1) * (validation.Size(0) + test.Size(0)), cancellation);
        var factors = new List<(ParzenScore Score, double[] Densities)>();
        var (trueLow, testLow) = (validation.To(DType.Float64), test.To(DType.Float64)); // l_k, beginning with l_0 = I
        for (var level = 0; level < _sides.Length - 1; level++)
        {
            var (trueNext, trueBand) = Split(trueLow);
            var (testNext, testBand) = Split(testLow);
            var trueDistances = BandDistances(level, trueNext, trueBand, generator, meter);
            var testDistances = BandDistances(level, testNext, testBand, generator, meter);
            factors.Add(Factor(trueDistances, testDistances, testBand.Size(1)));
            (trueLow, testLow) = (trueNext, testNext);
        }

        var coarsest = DrawCoarsest(generator, trueLow);
        factors.Add(Parzen.EvaluateEach(coarsest, trueLow, testLow, widths: null, cancellation));
        progress?.Report(1);
        var totals = Enumerable.Range(0, (int)test.Size(0)).Select(i => factors.Sum(f => f.Densities[i])).ToArray();
        return new MultiScaleParzenScore(
            LogLikelihood.Of(totals, test.Count / test.Size(0)), [.. factors.Select(f => f.Score)]);
    }

    private (ParzenScore Score, double[] Densities) Factor(Tensor trueDistances, Tensor testDistances, long dimensions)
    {
        var width = KernelWidth.Choose(trueDistances, dimensions, widths: null);
        var densities = GaussianKernels.LogDensitiesAt(testDistances, dimensions, width.Value);
        return (new ParzenScore(LogLikelihood.Of(densities, dimensions), width, SamplesPerImage), densities);
    }

    // The squared distances of the bands h_k of true images [N, 3CSS] to those of the images that the level draws for
    // each true low-pass l_{k+1} [N, C, S, S]: [N, samples]. An orthonormal low-pass is twice the mean at every level.
    private Tensor BandDistances(int level, Tensor low, Tensor bands, Generator generator, Meter meter)
    {
        using var scope = new TensorScope();
        var (scale, channels) = (Math.ScaleB(1, level), low.Size(1));
        var distances = Tensor.Empty([low.Size(0), SamplesPerImage], DType.Float64, low.Device);
        for (var i = 0L; i < low.Size(0); i++)
        {
            meter.Step();
            using var imageScope = new TensorScope();
            var coarse = (low.Narrow(0, i, 1) / (2 * scale)).To(DType.Float32); // [1, C, S, S], means
            var drawn = _fine(level, coarse, SamplesPerImage, generator);
            RequireSamples(drawn, SamplesPerImage, channels, _sides[level]);
            var (_, drawnBands) = Split(drawn.To(low.Device).To(DType.Float64) * scale);
            distances.Select(0, i).CopyFrom((drawnBands - bands.Narrow(0, i, 1)).Square().Sum([1]));
        }

        return scope.Keep(distances);
    }

    private Tensor DrawCoarsest(Generator generator, Tensor like)
    {
        using var scope = new TensorScope();
        var drawn = _coarse(CoarseSamples, generator);
        RequireSamples(drawn, CoarseSamples, like.Size(1), _sides[^1]);
        return scope.Keep(drawn.To(like.Device).To(DType.Float64) * Math.ScaleB(1, _sides.Length - 1));
    }

    // LL as images, and the bands of detail as rows: [N, C, 2S, 2S] to [N, C, S, S] and [N, 3CSS].
    private static (Tensor Low, Tensor Bands) Split(Tensor images)
    {
        using var scope = new TensorScope();
        var channels = images.Size(1);
        var bands = HaarWavelet.Analyse(images);
        return (
            scope.Keep(bands.Narrow(1, 0, channels)), scope.Keep(bands.Narrow(1, channels, 3 * channels).Flatten()));
    }

    private static long RequirePositive(long value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
        return value;
    }

    private static void RequireHalving(int[] sides)
    {
        for (var i = 0; i < sides.Length; i++)
        {
            if (sides[i] < 1 || (i > 0 && sides[i] * 2 != sides[i - 1]))
            {
                throw new SubbandException(
                    "The multi-scale Parzen measure needs a pyramid that halves the side at each level (32, 16, 8). "
                    + $"This one has {string.Join(", ", sides)}. Use the plain Parzen measure.");
            }
        }

        if (sides.Length == 0)
        {
            throw new SubbandException("The multi-scale Parzen measure needs at least one level.");
        }
    }

    private void RequireImages(Tensor images, string what)
    {
        if (images.Dimensions != 4 || images.Count == 0 || images.Size(2) != _sides[0] || images.Size(3) != _sides[0])
        {
            throw new TensorShapeException(
                $"Multi-scale Parzen: {what} images [N, C, {_sides[0]}, {_sides[0]}] were expected, but got {images}.",
                nameof(MultiScaleParzen));
        }
    }

    private static void RequireSamples(Tensor drawn, long count, long channels, int side)
    {
        if (!drawn.Shape.SequenceEqual([count, channels, side, side]))
        {
            throw new TensorShapeException(
                $"Multi-scale Parzen: the model was to draw [{count}, {channels}, {side}, {side}], it drew {drawn}.",
                nameof(MultiScaleParzen));
        }
    }

    private sealed class Meter(IProgress<double>? progress, long steps, CancellationToken cancellation)
    {
        private long _done;

        public void Step()
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(_done++ / (double)steps);
        }
    }
}
