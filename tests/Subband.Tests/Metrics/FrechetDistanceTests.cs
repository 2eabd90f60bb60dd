using Subband.Metrics;
using Subband.Torch;

namespace Subband.Tests.Metrics;

public sealed class FrechetDistanceTests
{
    [Theory]
    [InlineData(1500, 1200, "many", 1e-9)] // against SciPy's sqrtm, which is good to about that
    [InlineData(40, 30, "few", 1e-11)]
    [InlineData(40, 1200, "few_many", 1e-7)]
    public void It_is_what_SciPy_finds_for_the_same_features(int count, int otherCount, string name, double tolerance)
    {
        using var scope = new TensorScope();
        var mixed = MeasuredElsewhere.Uniforms(13, 64, 64);
        var x = MeasuredElsewhere.Uniforms(11, 1500, 64).MatMul(mixed).Narrow(0, 0, count);
        var y = (MeasuredElsewhere.Uniforms(12, 1200, 64) * 0.9 + 0.1).MatMul(mixed).Narrow(0, 0, otherCount);

        var score = Distance(x, y);

        var expected = MeasuredElsewhere.Section("fd_arrays").Number(name);
        Assert.Equal(expected, score.Value, expected * tolerance);
        Assert.Equal(Math.Min(count, otherCount) <= 64, score.HasFewImages);
    }

    [Fact]
    public void Diagonal_covariances_with_zero_variances_give_the_closed_form()
    {
        using var scope = new TensorScope();
        var x = PointsWith([0, 0, 0, 0, 0], Diagonal(1, 4, 9, 0, 2));
        var y = PointsWith([0, 0.5, 1, 1.5, 2], Diagonal(4, 1, 9, 3, 0));

        // |Δμ|² = 7.5, and Σ (√a − √b)² = 1 + 1 + 0 + 3 + 2
        Assert.Equal(14.5, Distance(x, y).Value, 1e-12);
    }

    [Fact]
    public void Covariances_that_do_not_commute_give_the_closed_form()
    {
        using var scope = new TensorScope();
        var x = PointsWith([0, 0], new double[,] { { 2, 1 }, { 1, 2 } });
        var y = PointsWith([0, 0], new double[,] { { 1, -0.5 }, { -0.5, 3 } });

        // in two dimensions Tr √(Σ₁Σ₂) = √(Tr Σ₁Σ₂ + 2 √det Σ₁Σ₂)
        Assert.Equal(8 - (2 * Math.Sqrt(7 + (2 * Math.Sqrt(3 * 2.75)))), Distance(x, y).Value, 1e-12);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(500)]
    public void A_set_has_no_distance_to_itself(int count)
    {
        using var scope = new TensorScope();
        var x = MeasuredElsewhere.Uniforms(5, count, 48) * 20;

        Assert.Equal(0, Distance(x, x).Value, 1e-10);
    }

    [Theory]
    [InlineData(20, 90)]
    [InlineData(90, 70)]
    public void The_order_of_the_sets_does_not_matter(int count, int otherCount)
    {
        using var scope = new TensorScope();
        var x = MeasuredElsewhere.Uniforms(6, count, 32);
        var y = MeasuredElsewhere.Uniforms(7, otherCount, 32).Square();

        Assert.Equal(Distance(x, y).Value, Distance(y, x).Value, 1e-11);
    }

    [Fact]
    public void Neither_the_batches_nor_a_large_offset_matter()
    {
        using var scope = new TensorScope();
        var x = MeasuredElsewhere.Uniforms(8, 100, 16);
        var y = MeasuredElsewhere.Uniforms(9, 100, 16).Square();

        using var inBatches = new FeatureStatistics(Protocol(16));
        foreach (var batch in (x + 1e6).Split(7))
        {
            inBatches.Add(batch);
        }

        using var whole = Statistics(y + 1e6);
        Assert.Equal(Distance(x, y).Value, FrechetDistance.Between(inBatches, whole).Value, 1e-8);
    }

    [Fact]
    public void The_statistics_are_the_mean_and_the_covariance_with_divisor_one_less()
    {
        using var scope = new TensorScope();
        using var statistics = Statistics(Tensor.From([1.0, 2, 3, 6, 5, 1], 3, 2));

        Assert.Equal([3, 3], statistics.Mean().ToArray<double>());
        Assert.Equal([4, -1, -1, 7], statistics.Covariance().ToArray<double>());
    }

    [Fact]
    public void One_image_is_too_few()
    {
        using var scope = new TensorScope();
        using var one = Statistics(MeasuredElsewhere.Uniforms(1, 1, 4));

        var error = Assert.Throws<SubbandException>(() => FrechetDistance.Between(one, one));

        Assert.Equal("Feature statistics need at least 2 images, but there are 1.", error.Message);
    }

    [Fact]
    public void A_feature_that_is_no_number_is_refused()
    {
        using var scope = new TensorScope();
        using var statistics = new FeatureStatistics(Protocol(2));

        _ = Assert.Throws<SubbandException>(() => statistics.Add(Tensor.From([1.0, double.NaN], 1, 2)));
        _ = Assert.Throws<TensorShapeException>(() => statistics.Add(Tensor.From([1.0, 2, 3], 1, 3)));
    }

    [Fact]
    public void Features_of_different_protocols_are_not_compared()
    {
        using var scope = new TensorScope();
        using var first = Statistics(MeasuredElsewhere.Uniforms(1, 5, 4));
        using var second = new FeatureStatistics(Protocol(4) with { Weights = "others" });
        second.Add(MeasuredElsewhere.Uniforms(1, 5, 4));

        var error = Assert.Throws<SubbandException>(() => FrechetDistance.Between(first, second));

        Assert.Contains("weights none", error.Message, StringComparison.Ordinal);
        Assert.Contains("weights others", error.Message, StringComparison.Ordinal);
    }

    internal static FeatureProtocol Protocol(int dimensions) => new("numbers", dimensions, "none", "none");

    private static FrechetScore Distance(Tensor x, Tensor y)
    {
        using var first = Statistics(x);
        using var second = Statistics(y);
        return FrechetDistance.Between(first, second);
    }

    private static FeatureStatistics Statistics(Tensor rows)
    {
        var statistics = new FeatureStatistics(Protocol((int)rows.Size(1)));
        statistics.Add(rows);
        return statistics;
    }

    private static double[,] Diagonal(params double[] values)
    {
        var matrix = new double[values.Length, values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            matrix[i, i] = values[i];
        }

        return matrix;
    }

    // 2d points, μ ± √((2d − 1)/2) · (column of the Cholesky root of Σ): their sample covariance is Σ exactly.
    private static Tensor PointsWith(double[] mean, double[,] covariance)
    {
        var d = mean.Length;
        var root = new double[d, d];
        for (var i = 0; i < d; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var rest = covariance[i, j] - Enumerable.Range(0, j).Sum(k => root[i, k] * root[j, k]);
                root[i, j] = i == j ? Math.Sqrt(rest) : root[j, j] == 0 ? 0 : rest / root[j, j];
            }
        }

        var scale = Math.Sqrt(((2 * d) - 1) / 2.0);
        var points =
            from sign in (int[])[1, -1]
            from column in Enumerable.Range(0, d)
            from row in Enumerable.Range(0, d)
            select mean[row] + (sign * scale * root[row, column]);
        return Tensor.From(points.ToArray(), 2 * d, d);
    }
}
