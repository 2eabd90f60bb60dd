using Subband.Torch;
using Subband.Training;

namespace Subband.Tests.Training;

public sealed class MeasureReaderTests
{
    [Theory]
    [InlineData(DeviceType.Cpu, 1)]
    [InlineData(DeviceType.Cuda, 16)]
    public void Measures_are_read_at_each_step_or_many_at_once_with_the_same_sums(DeviceType device, int every)
    {
        MeasureSums sums = new();
        using MeasureReader reader = new(new Device(device), sums);
        for (int step = 1; step <= 20; step++)
        {
            using TensorScope scope = new();
            Assert.Null(reader.Add(step, Measures(step)));
            Assert.Equal(step / every * every == 0 ? 0 : 2, sums.Means().Count);
        }

        Assert.Null(reader.Read());
        double expected = Enumerable.Range(1, 20).Sum(step => (double)(1f / step)) / 20;
        Assert.Equal([("loss", expected), ("other", 10.5)], sums.Means());
    }

    [Theory]
    [InlineData(DeviceType.Cpu, 3)]
    [InlineData(DeviceType.Cuda, 16)]
    public void The_first_measure_that_is_not_finite_is_named_with_the_images_at_its_step(DeviceType device, int foundAt)
    {
        using MeasureReader reader = new(new Device(device), new MeasureSums());
        for (int step = 1; ; step++)
        {
            using TensorScope scope = new();
            Measure[] measures = step < 3 ? Measures(step) : [new Measure("fine", Tensor.Scalar(1)), new Measure($"bad{step}", Tensor.Scalar(double.NegativeInfinity))];
            if (reader.Add(step * 100, measures) is { } found)
            {
                Assert.Equal(new NonFiniteMeasure(300, "bad3", double.NegativeInfinity), found);
                Assert.Equal(foundAt, step);
                return;
            }
        }
    }

    [Fact]
    public void A_measure_that_some_steps_lack_is_averaged_over_those_that_have_it()
    {
        MeasureSums sums = new();
        sums.Add("always", 1);
        sums.Add("always", 3);
        sums.Add("sometimes", 5);
        Assert.Equal([("always", 2), ("sometimes", 5)], sums.Means());
    }

    [Fact]
    public void Tensors_are_finite_unless_a_single_value_is_not_even_if_their_sum_overflows()
    {
        using TensorScope scope = new();
        Tensor fine = Tensor.From<float>([1, 2, 3]);
        Tensor large = Tensor.From<float>([float.MaxValue, float.MaxValue]);
        Tensor opposite = Tensor.From<float>([float.PositiveInfinity, float.NegativeInfinity]);
        Tensor number = Tensor.From<long>([long.MaxValue]);
        Assert.Null(FiniteCheck.FirstNonFinite([("fine", fine), ("large", large), ("number", number)]));
        Assert.Equal("opposite", FiniteCheck.FirstNonFinite([("fine", fine), ("opposite", opposite), ("nan", fine * double.NaN)]));
        Assert.Equal("nan", FiniteCheck.FirstNonFinite([("nan", fine * double.NaN)]));
    }

    private static Measure[] Measures(int step) =>
        [new Measure("loss", Tensor.Scalar(1.0 / step)), new Measure("other", Tensor.From<double>([step], 1))];
}
