using System.Diagnostics;
using Subband.Metrics;
using Subband.Torch;

namespace Subband.Tests.Metrics;

public sealed class ParzenTests
{
    [Fact]
    public void Two_kernels_on_a_line_give_the_closed_form()
    {
        using var scope = new TensorScope();

        var value = Parzen.LogDensities(Tensor.From([0.5], 1, 1), Tensor.From([0.0, 1.0], 2, 1), 0.2).Single();

        // both kernels are equally far: −0.5²/(2·0.2²) − ln(0.2 √2π)
        Assert.Equal(-2.4345006207705717, value, 1e-14);
    }

    [Fact]
    public void It_is_what_SciPy_finds_for_the_same_arrays_and_widths()
    {
        using var scope = new TensorScope();
        var golden = MeasuredElsewhere.Section("parzen");
        var (centres, validation, test) = Arrays();

        var score = Evaluate(centres, validation, test, golden.Doubles("widths"));

        Assert.Equal(golden.Number("width"), score.Width.Value);
        Assert.False(score.Width.IsAtEdge);
        Assert.Equal(golden.Number("mean"), score.Test.Mean, 1e-11);
        Assert.Equal(golden.Number("deviation"), score.Test.Deviation, 1e-11);
        Assert.Equal(golden.Number("first"), Parzen.LogDensities(test, centres, score.Width.Value)[0], 1e-11);
        Assert.Equal((300, 48, 2000), (score.Test.Images, score.Test.Dimensions, score.Samples));
    }

    [Fact]
    public void The_width_that_is_searched_is_the_best_of_a_fine_grid()
    {
        using var scope = new TensorScope();
        var (centres, validation, test) = Arrays();
        double[] grid = [.. Enumerable.Range(0, 400).Select(i => 0.05 * Math.Pow(1.01, i))];

        var found = Evaluate(centres, validation, test);
        var best = Evaluate(centres, validation, test, grid);

        Assert.InRange(found.Width.Value / best.Width.Value, 0.985, 1.015);
    }

    [Fact]
    public void The_first_or_last_of_the_given_widths_is_reported_as_an_edge()
    {
        using var scope = new TensorScope();
        var (centres, validation, test) = Arrays();

        Assert.True(Evaluate(centres, validation, test, [0.5, 0.6, 0.7]).Width.IsAtEdge);
    }

    [Fact]
    public void One_kernel_is_a_round_Gaussian_whose_best_width_is_the_root_mean_square_distance()
    {
        using var scope = new TensorScope();
        const int d = 30;
        var centre = Tensor.Full([1, d], 0.25, DType.Float64);
        var validation = MeasuredElsewhere.Uniforms(3, 50, d);
        var test = MeasuredElsewhere.Uniforms(4, 70, d);

        var score = Evaluate(centre, validation, test);

        var variance = (validation - 0.25).Square().Mean().Item();
        var expected = (-0.5 * d * Math.Log(2 * Math.PI * variance))
            - (0.5 * d * (test - 0.25).Square().Mean().Item() / variance);
        Assert.Equal(Math.Sqrt(variance), score.Width.Value, 1e-12);
        Assert.Equal(expected, score.Test.Mean, 1e-10);
    }

    [Fact]
    public void Very_many_kernels_approach_the_density_blurred_by_the_kernel()
    {
        using var scope = new TensorScope();
        using var random = new Generator(7);
        const double deviation = 1.5;
        const double width = 0.4;
        var samples = Tensor.Randn([60_000, 2], random, DType.Float64) * deviation;
        var points = Tensor.Randn([200, 2], random, DType.Float64);

        var values = Parzen.LogDensities(points, samples, width);

        const double variance = (deviation * deviation) + (width * width);
        var squares = points.Square().Sum([1]).ToArray<double>();
        for (var i = 0; i < values.Length; i++)
        {
            // the standard error of a mean of 60,000 kernels here is below 2 %
            Assert.Equal(-Math.Log(2 * Math.PI * variance) - (squares[i] / (2 * variance)), values[i], 0.08);
        }
    }

    [Fact]
    public void Blocks_do_not_show()
    {
        using var scope = new TensorScope();
        var points = MeasuredElsewhere.Uniforms(1, 1030, 2);
        var centres = MeasuredElsewhere.Uniforms(2, 8200, 2);
        const double width = 0.05;

        var values = Parzen.LogDensities(points, centres, width);

        var differences = points.Narrow(0, 1020, 10).Unsqueeze(1) - centres.Unsqueeze(0); // [10, 8200, 2]
        var expected = (differences.Square().Sum([2]) * (-0.5 / (width * width))).LogSumExp([1])
            - Math.Log(8200) - Math.Log(2 * Math.PI * width * width);
        Assert.All(
            expected.ToArray<double>().Zip(values[1020..]), pair => Assert.Equal(pair.First, pair.Second, 1e-10));
    }

    [Fact]
    public void A_common_offset_does_not_matter_even_a_large_one()
    {
        using var scope = new TensorScope();
        var (centres, validation, test) = Arrays();

        var score = Evaluate(centres, validation, test, [0.3]);
        var shifted = Evaluate(centres + 1000, validation + 1000, test + 1000, [0.3]);

        Assert.Equal(score.Test.Mean, shifted.Test.Mean, 1e-8);
    }

    [Fact]
    public void Other_units_shift_the_figure_by_the_dimensions_times_the_logarithm()
    {
        using var scope = new TensorScope();
        var (centres, validation, test) = Arrays();

        var score = Evaluate(centres, validation, test);
        var scaled = Evaluate(centres / 0.25, validation / 0.25, test / 0.25);

        Assert.Equal(scaled.Test.Mean, score.Test.InUnitsOf(0.25).Mean, 1e-9);
        Assert.Equal(scaled.Width.Value, score.Width.Value / 0.25, 1e-9);
        Assert.Equal(score.Test.Deviation, score.Test.InUnitsOf(0.25).Deviation);
    }

    [Fact]
    public void Images_may_be_bytes_of_any_shape()
    {
        using var scope = new TensorScope();
        var (centres, validation, test) = Arrays();
        Tensor Bytes(Tensor x) => (x * 255).Floor().To(DType.UInt8).Reshape(-1, 3, 4, 4);
        Tensor Doubles(Tensor x) => (x * 255).Floor();

        var bytes = Evaluate(Bytes(centres), Bytes(validation), Bytes(test));
        var doubles = Evaluate(Doubles(centres), Doubles(validation), Doubles(test));

        Assert.Equal(doubles, bytes);
        Assert.Equal(Math.Sqrt(((255.0 * 255) - 1) / 12), Parzen.PixelDeviation(Bytes(centres)), 0.3);
    }

    [Fact]
    public void Validation_images_that_are_all_samples_are_refused()
    {
        using var scope = new TensorScope();
        var (centres, _, test) = Arrays();

        var error = Assert.Throws<SubbandException>(() => Evaluate(centres, centres.Narrow(0, 0, 9), test));

        Assert.Contains("copy of a sample", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sets_of_different_shapes_and_empty_sets_are_refused()
    {
        using var scope = new TensorScope();
        var (centres, validation, test) = Arrays();

        _ = Assert.Throws<TensorShapeException>(() => Evaluate(centres, validation, test.Narrow(1, 0, 47)));
        _ = Assert.Throws<TensorShapeException>(() => Evaluate(centres, validation.Narrow(0, 0, 0), test));
        _ = Assert.Throws<SubbandException>(() => Evaluate(centres, validation, test, [0.1, -1]));
        _ = Assert.Throws<SubbandException>(() => Evaluate(centres, validation * double.NaN, test));
    }

    [Fact]
    public void A_cancelled_evaluation_stops()
    {
        using var scope = new TensorScope();
        var (centres, validation, test) = Arrays();

        _ = Assert.Throws<OperationCanceledException>(
            () => Parzen.Evaluate(centres, validation, test, cancellation: new CancellationToken(canceled: true)));
    }

    [Fact]
    [Trait("Category", "Long")]
    public void Ten_thousand_samples_against_ten_thousand_images_take_less_than_a_minute()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        var samples = Tensor.Rand([10_000, 3, 32, 32], random);
        var validation = Tensor.Rand([1_000, 3, 32, 32], random);
        var test = Tensor.Rand([10_000, 3, 32, 32], random);

        var clock = Stopwatch.StartNew();
        _ = Evaluate(samples, validation, test);

        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 60);
    }

    private static ParzenScore Evaluate(Tensor samples, Tensor validation, Tensor test, double[]? widths = null) =>
        Parzen.Evaluate(samples, validation, test, widths, TestContext.Current.CancellationToken);

    private static (Tensor Centres, Tensor Validation, Tensor Test) Arrays() => (
        MeasuredElsewhere.Uniforms(61, 2000, 48),
        MeasuredElsewhere.Uniforms(63, 200, 48),
        MeasuredElsewhere.Uniforms(62, 300, 48));
}
