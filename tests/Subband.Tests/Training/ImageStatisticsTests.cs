using Subband.Data;
using Subband.Torch;
using Subband.Training;
using Subband.TrainingHost;

namespace Subband.Tests.Training;

public sealed class ImageStatisticsTests
{
    [Theory]
    [InlineData(24)]
    [InlineData(37)]
    [InlineData(500)]
    public void Mean_and_deviation_are_those_of_all_images_each_counted_once(int batchSize)
    {
        using TinySource source = new();
        BatchPlan plan = new()
        {
            Height = TinySource.Side,
            Width = TinySource.Side,
            BatchSize = batchSize,
            Seed = 3,
            Order = BatchOrder.WithReplacement,
            Flip = true,
        };
        using TensorScope scope = new();
        List<(long Done, long Total)> told = [];
        (Tensor mean, Tensor deviation) = ImageStatistics.Of(
            source, plan, 2, Device.Cpu, (done, total) => told.Add((done, total)), TestContext.Current.CancellationToken);
        Assert.Equal((0, 37), told[0]);
        Assert.Equal((37, 37), told[^1]);
        Assert.Equal([3, TinySource.Side, TinySource.Side], mean.Shape.ToArray());
        float[] means = mean.ToArray<float>();
        float[] deviations = deviation.ToArray<float>();
        const int plane = TinySource.Side * TinySource.Side;
        for (int i = 0; i < 3 * plane; i++)
        {
            double[] values = [.. Enumerable.Range(0, 37).Select(image => (source.Read(image).Pixels[(i % plane * 3) + (i / plane)] / 127.5) - 1)];
            double expected = values.Average();
            Assert.Equal(expected, means[i], 1e-6);
            Assert.Equal(Math.Sqrt(values.Average(value => (value - expected) * (value - expected))), deviations[i], 1e-5);
        }
    }

    [Fact]
    public void What_never_varies_has_a_deviation_of_one_grey_level()
    {
        using IImageSource source = ImageSources.Open("synthetic:leaves#size=8,take=0..1");
        BatchPlan plan = new() { Height = 8, Width = 8, BatchSize = 4 };
        using TensorScope scope = new();
        (_, Tensor deviation) = ImageStatistics.Of(source, plan, 1, Device.Cpu, (_, _) => { }, TestContext.Current.CancellationToken);
        Assert.All(deviation.ToArray<float>(), value => Assert.Equal(1 / 127.5f, value));
    }
}
