using Subband.Metrics;
using Subband.Torch;

namespace Subband.Tests.Metrics;

public sealed class MultiScaleParzenTests
{
    private static readonly int[] Sides = [8, 4, 2];

    [Fact]
    public void Linear_Gaussian_levels_give_the_exact_joint_density_of_the_pixels()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        var (validation, test) = (Images(random, 40), Images(random, 30));

        // One kernel a level, at what the level predicts from the coarser image: then every factor is a Gaussian, and
        // the pixels as a whole are one, whose covariance is got below by pushing unit noise through the pyramid.
        var score = new MultiScaleParzen(
            Sides, (_, _) => CoarsestPrediction(), (_, coarse, _, _) => Predict(coarse))
        {
            CoarseSamples = 1,
            SamplesPerImage = 1,
        }.Evaluate(validation, test, random, cancellation: TestContext.Current.CancellationToken);

        double[] deviations = [.. score.Factors.Select(f => f.Width.Value)];
        var expected = GaussianLogDensities(test, deviations);
        Assert.Equal(expected.Average(), score.Test.Mean, 1e-9);
        Assert.Equal(LogLikelihood.Of(expected, 64).Deviation, score.Test.Deviation, 1e-9);
        Assert.Equal(64, score.Test.Dimensions);
        Assert.Equal([48, 12, 4], score.Factors.Select(f => f.Test.Dimensions));
        Assert.Equal(score.Test.Mean, score.Factors.Sum(f => f.Test.Mean), 1e-9);
    }

    [Fact]
    public void A_pyramid_of_one_level_is_the_plain_measure()
    {
        using var scope = new TensorScope();
        using var random = new Generator(2);
        var (samples, validation, test) = (Images(random, 500), Images(random, 40), Images(random, 30));
        var token = TestContext.Current.CancellationToken;

        var score = new MultiScaleParzen([8], (_, _) => samples, NoFiner) { CoarseSamples = 500 }
            .Evaluate(validation, test, random, cancellation: token);

        Assert.Equal(Parzen.Evaluate(samples, validation, test, cancellation: token).Test, score.Test);
    }

    [Fact]
    public void Other_units_shift_the_figure_by_the_dimensions_times_the_logarithm()
    {
        using var scope = new TensorScope();
        using var random = new Generator(3);
        var (validation, test) = (Images(random, 20), Images(random, 10));

        MultiScaleParzenScore Score(double unit)
        {
            using var noise = new Generator(4);
            return new MultiScaleParzen(
                Sides,
                (n, g) => Tensor.Rand([n, 1, 2, 2], g) / unit,
                (level, coarse, n, g) =>
                    (Predict(coarse * unit) + Tensor.Rand([n, 1, Sides[level], Sides[level]], g)) / unit)
            {
                CoarseSamples = 50,
                SamplesPerImage = 20,
            }.Evaluate(validation / unit, test / unit, noise, cancellation: TestContext.Current.CancellationToken);
        }

        Assert.Equal(Score(0.5).Test.Mean, Score(1).Test.InUnitsOf(0.5).Mean, 1e-9);
    }

    [Fact]
    public void The_low_pass_of_a_drawn_image_does_not_count()
    {
        using var scope = new TensorScope();
        using var random = new Generator(5);
        var (validation, test) = (Images(random, 20), Images(random, 10));

        double Mean(double brighter) => new MultiScaleParzen(
            Sides, (_, _) => CoarsestPrediction(), (_, coarse, _, _) => Predict(coarse) + brighter)
        {
            CoarseSamples = 1,
            SamplesPerImage = 1,
        }.Evaluate(validation, test, random, cancellation: TestContext.Current.CancellationToken).Test.Mean;

        Assert.Equal(Mean(0), Mean(0.25), 1e-9);
    }

    [Fact]
    public void The_sampler_is_given_the_means_of_blocks_and_progress_is_told()
    {
        using var scope = new TensorScope();
        using var random = new Generator(6);
        var image = Tensor.Arange(0, 64, dtype: DType.Float64).Reshape(1, 1, 8, 8) / 64;
        var images = Tensor.Cat([image, image.Flip(2)]);
        var seen = new List<double>();
        var heard = new Heard();

        _ = new MultiScaleParzen(
            Sides,
            (_, _) => CoarsestPrediction(),
            (level, coarse, _, _) =>
            {
                seen.Add(coarse.Select(3, 0).Select(2, 0).Item());
                return Predict(coarse) + level;
            })
        {
            CoarseSamples = 1,
            SamplesPerImage = 1,
        }.Evaluate(images, image, random, heard, TestContext.Current.CancellationToken);

        // (0 + 1 + 8 + 9) / 4 of the image, (56 + 57 + 48 + 49) / 4 of the flipped one; then the means of 4x4 blocks
        Assert.Equal([4.5, 52.5, 4.5, 13.5, 45.5, 13.5], seen.Select(v => v * 64));
        Assert.Equal([0, 1 / 6.0, 2 / 6.0, 3 / 6.0, 4 / 6.0, 5 / 6.0, 1], heard.Shares);
    }

    [Theory]
    [InlineData(28, 14, 8)]
    [InlineData(96, 64, 32)]
    public void A_pyramid_that_does_not_halve_is_refused(params int[] sides)
    {
        var error = Assert.Throws<SubbandException>(
            () => new MultiScaleParzen(sides, (_, _) => CoarsestPrediction(), NoFiner));

        Assert.Contains(string.Join(", ", sides), error.Message, StringComparison.Ordinal);
        Assert.Contains("plain Parzen", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_and_samples_of_wrong_shapes_are_refused()
    {
        using var scope = new TensorScope();
        using var random = new Generator(7);
        var images = Images(random, 3);
        var token = TestContext.Current.CancellationToken;
        var wrong = new MultiScaleParzen(Sides, (_, _) => CoarsestPrediction(), (_, coarse, _, _) => coarse);

        var drawn = Assert.Throws<TensorShapeException>(() => wrong.Evaluate(images, images, random, null, token));
        var given = Assert.Throws<TensorShapeException>(
            () => wrong.Evaluate(images.Narrow(2, 0, 6), images, random, null, token));

        Assert.Contains("[100, 1, 8, 8]", drawn.Message, StringComparison.Ordinal);
        Assert.Contains("validation images", given.Message, StringComparison.Ordinal);
    }

    private static Tensor NoFiner(int level, Tensor coarse, long count, Generator generator) =>
        throw new InvalidOperationException("There is no finer level.");

    // Multiples of 1/64, so that float32 holds the images and the means of their blocks exactly.
    private static Tensor Images(Generator random, long count) =>
        (Tensor.Rand([count, 1, 8, 8], random, DType.Float64) * 64).Floor() / 64;

    private static Tensor CoarsestPrediction() => Tensor.From([0.5f, 0.25f, 0.75f, 0.5f], 1, 1, 2, 2);

    // What a level predicts, [1, 1, S, S] to [1, 1, 2S, 2S]: of a value v the block v, v/2 / 2v, v/4. It is linear, its
    // details depend on the coarse image, and its block means are not v, which must not matter.
    private static Tensor Predict(Tensor coarse)
    {
        var (s, block) = (coarse.Size(2), Tensor.From([1.0, 0.5, 2.0, 0.25], 1, 1, 1, 2, 1, 2).To(coarse.DType));
        return (coarse.Reshape(coarse.Size(0), 1, s, 1, s, 1) * block).Reshape(coarse.Size(0), 1, 2 * s, 2 * s);
    }

    // The pixels that the pyramid of Gaussians makes of noise, without any of the product's wavelets. Level k's noise
    // is worth deviation_k in orthonormal coefficients, which stand 2ᵏ times as high as means of 2ᵏ x 2ᵏ pixels do.
    private static double[] Synthesise(double[] noise, double[] deviations)
    {
        var means = CoarsestPrediction().ToArray<float>();
        var image = means.Select((mean, i) => mean + (deviations[2] * noise[i] / 4)).ToArray();
        var (used, side) = (4, 2);
        for (var level = 1; level >= 0; level--)
        {
            var finer = new double[4 * side * side];
            for (var y = 0; y < side; y++)
            {
                for (var x = 0; x < side; x++)
                {
                    var v = image[(y * side) + x];
                    double[] predicted = [v, v / 2, 2 * v, v / 4];
                    double Noise() => deviations[level] * noise[used++] / (1 << level) / 2;
                    var (vertical, horizontal, diagonal) = (Noise(), Noise(), Noise());
                    double[] detail =
                    [
                        vertical + horizontal + diagonal, vertical - horizontal - diagonal,
                        -vertical + horizontal - diagonal, -vertical - horizontal + diagonal,
                    ];
                    for (var i = 0; i < 4; i++)
                    {
                        finer[(((2 * y) + (i / 2)) * 2 * side) + (2 * x) + (i % 2)] =
                            v + predicted[i] - predicted.Average() + detail[i];
                    }
                }
            }

            (image, side) = (finer, 2 * side);
        }

        return image;
    }

    private static double[] GaussianLogDensities(Tensor images, double[] deviations)
    {
        var mean = Synthesise(new double[64], deviations);
        var columns = Enumerable.Range(0, 64).Select(i =>
        {
            var unit = new double[64];
            unit[i] = 1;
            return Synthesise(unit, deviations).Zip(mean, (a, b) => a - b);
        });
        var root = Tensor.From(columns.SelectMany(c => c).ToArray(), 64, 64); // a row: what a noise does to the pixels
        var (variances, axes) = root.Transpose().MatMul(root).EigenSymmetric();
        var along = (images.Flatten() - Tensor.From(mean)).MatMul(axes); // [T, 64]
        var exponent = (along.Square() / variances).Sum([1]) * -0.5;
        return (exponent - (variances.Log().Sum().Item() / 2) - (32 * Math.Log(2 * Math.PI))).ToArray<double>();
    }

    private sealed class Heard : IProgress<double>
    {
        public List<double> Shares { get; } = [];

        public void Report(double value) => Shares.Add(value);
    }
}
