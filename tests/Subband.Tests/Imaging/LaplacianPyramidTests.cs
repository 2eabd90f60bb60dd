using FsCheck;
using FsCheck.Fluent;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.Tests.Imaging;

public sealed class LaplacianPyramidTests
{
    [Fact]
    public void Nothing_is_lost_at_any_sizes()
    {
        // up to four levels of any sizes, odd ones and single pixels included
        Gen<(int, int)[]> sizes =
            from levels in Gen.Choose(1, 4)
            from heights in Gen.ListOf(Gen.Choose(1, 45), levels)
            from widths in Gen.ListOf(Gen.Choose(1, 45), levels)
            select heights.OrderDescending().Zip(widths.OrderDescending()).ToArray();
        var cases =
            from s in sizes
            from filter in Gen.Elements(PyramidFilter.Area, PyramidFilter.Binomial)
            from range in Gen.Elements(PixelRange.Unit, PixelRange.Signed)
            from seed in Gen.Choose(0, int.MaxValue)
            select (s, filter, range, seed);

        Prop.ForAll(cases.ToArbitrary(), item => ReconstructionError(item.s, item.filter, item.range, (ulong)item.seed) <= 1e-6)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(20_150_618, 1));
    }

    [Theory]
    [InlineData(14, 8)]
    [InlineData(28, 14, 8)]
    [InlineData(32, 28)]
    [InlineData(32, 16, 8)]
    [InlineData(96, 64, 32, 16, 8)]
    [InlineData(64, 32, 16, 8, 4)]
    [InlineData(33, 17, 9, 5, 3, 2, 1)]
    public void Nothing_is_lost_at_the_sizes_in_use(params int[] sides)
    {
        foreach (PyramidFilter filter in Enum.GetValues<PyramidFilter>())
        {
            foreach (PixelRange range in Enum.GetValues<PixelRange>())
            {
                Assert.InRange(ReconstructionError([.. sides.Select(s => (s, s))], filter, range, 1), 0, 1e-6);
            }
        }
    }

    [Fact]
    public void The_area_pair_is_the_mean_of_2x2_pixels_and_PyTorchs_interpolation()
    {
        using var scope = new TensorScope();
        using var pyramid = new LaplacianPyramid(PyramidFilter.Area);
        Tensor x = Noise(2, 32, 28, PixelRange.Signed, 3).To(DType.Float64);

        AssertNear(Functional.AvgPool2d(x, 2, 2), pyramid.Down(x, 16, 14), 1e-14);
        AssertNear(Functional.UpsampleBilinear(x, 64, 50, alignCorners: true), pyramid.Up(x, 64, 50), 1e-12);
    }

    [Theory]
    [InlineData(PyramidFilter.Area)]
    [InlineData(PyramidFilter.Binomial)]
    public void Rows_and_columns_are_mapped_apart_from_each_other(PyramidFilter filter)
    {
        using var scope = new TensorScope();
        using var pyramid = new LaplacianPyramid(filter);
        float[] a = [.. Enumerable.Range(0, 14).Select(i => (float)Math.Sin(i))];
        float[] b = [.. Enumerable.Range(0, 9).Select(i => (float)Math.Cos(i))];
        Tensor x = Tensor.From(a, 1, 1, 14, 1) * Tensor.From(b, 1, 1, 1, 9);

        float[] expected = [.. Map(a, 8).SelectMany(_ => Map(b, 5), (row, column) => (float)(row * column))];
        AssertNear(Tensor.From(expected, 1, 1, 8, 5), pyramid.Down(x, 8, 5), 1e-6);

        double[] Map(float[] values, int to)
        {
            double[] matrix = PyramidMatrix.Down(filter, values.Length, to);
            return [.. Enumerable.Range(0, to).Select(i => values.Select((v, j) => v * matrix[(i * values.Length) + j]).Sum())];
        }
    }

    [Fact]
    public void A_constant_image_has_no_detail()
    {
        using var scope = new TensorScope();
        foreach (PyramidFilter filter in Enum.GetValues<PyramidFilter>())
        {
            using var pyramid = new LaplacianPyramid(filter);
            Pyramid parts = pyramid.Decompose(Tensor.Full([1, 3, 33, 20], 0.7), [(33, 20), (14, 11), (5, 5)]);
            Assert.All(parts.Bands, band => Assert.InRange(band.Abs().Max().Item(), 0, 2e-7));
            AssertNear(Tensor.Full([1, 3, 5, 5], 0.7), parts.Coarsest, 2e-7);
        }
    }

    [Fact]
    public void Levels_are_named_from_the_finest_and_chained()
    {
        using var scope = new TensorScope();
        using var pyramid = new LaplacianPyramid(PyramidFilter.Area);
        Tensor image = Noise(2, 28, 28, PixelRange.Signed, 4);
        Pyramid parts = pyramid.Decompose(image, [(28, 28), (14, 14), (8, 8)]);

        Assert.Equal([2, 3, 28, 28], parts.Bands[0].Shape.ToArray());
        Assert.Equal([2, 3, 14, 14], parts.Bands[1].Shape.ToArray());
        Assert.Equal([2, 3, 8, 8], parts.Coarsest.Shape.ToArray());
        Tensor half = pyramid.Down(image, 14, 14);
        AssertNear(image - pyramid.Up(half, 28, 28), parts.Bands[0], 0);
        AssertNear(pyramid.Down(half, 8, 8), parts.Coarsest, 0);
    }

    [Fact]
    public void Layout_type_and_autocast_do_not_matter()
    {
        using var scope = new TensorScope();
        using var pyramid = new LaplacianPyramid(PyramidFilter.Binomial);
        Tensor x = Noise(4, 14, 14, PixelRange.Signed, 5);
        Tensor expected = pyramid.Down(x, 8, 8);

        AssertNear(expected, pyramid.Down(x.Contiguous(MemoryFormat.ChannelsLast), 8, 8), 1e-6);
        Tensor wide = pyramid.Down(x.To(DType.Float64), 8, 8);
        Assert.Equal(DType.Float64, wide.DType);
        AssertNear(expected, wide.To(DType.Float32), 1e-6);
        Tensor narrow = pyramid.Down(x.To(DType.BFloat16), 8, 8);
        Assert.Equal(DType.BFloat16, narrow.DType);
        AssertNear(expected, narrow.To(DType.Float32), 0.01);
        using (new Autocast(DeviceType.Cpu))
        {
            Tensor cast = pyramid.Down(x, 8, 8);
            Assert.Equal(DType.Float32, cast.DType);
            AssertNear(expected, cast, 0);
        }
    }

    [Fact]
    public void Gradients_flow_through_both_maps()
    {
        // the sum of d(x) weighs every fine sample by its column sum
        using var scope = new TensorScope();
        using var pyramid = new LaplacianPyramid(PyramidFilter.Area);
        Tensor x = Noise(1, 6, 6, PixelRange.Signed, 6);
        x.RequiresGrad = true;
        Tensor gradient = Autograd.Grad(pyramid.Up(pyramid.Down(x, 3, 3), 6, 6).Sum(), [x])[0];
        Assert.Equal(3 * 36.0, gradient.Sum().Item(), 1e-3);
        Assert.Equal(x.Shape.ToArray(), gradient.Shape.ToArray());
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_refused()
    {
        using var scope = new TensorScope();
        using var pyramid = new LaplacianPyramid(PyramidFilter.Area);
        Tensor x = Tensor.Zeros([1, 3, 8, 6]);
        Assert.Contains("8x6 to 9x6", Assert.Throws<ArgumentException>(() => pyramid.Down(x, 9, 6)).Message, StringComparison.Ordinal);
        Assert.Contains("8x6 to 8x5", Assert.Throws<ArgumentException>(() => pyramid.Up(x, 8, 5)).Message, StringComparison.Ordinal);
        Assert.Contains("8x8", Assert.Throws<ArgumentException>(() => pyramid.Decompose(x, [(8, 8), (4, 4)])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => pyramid.Down(Tensor.Zeros([3, 8, 6]), 4, 3));
    }

    [Fact]
    public void Matrices_are_made_once_and_freed_with_the_pyramid()
    {
        using var scope = new TensorScope();
        Tensor x = Noise(1, 28, 28, PixelRange.Unit, 7);
        var pyramid = new LaplacianPyramid(PyramidFilter.Area);
        for (int i = 0; i < 3; i++)
        {
            _ = pyramid.Up(pyramid.Down(x, 14, 14), 28, 28);
            _ = pyramid.Down(x, 28, 14);
        }

        // 28 -> 14 and back, and 28 -> 28
        Assert.Equal(3, pyramid.Matrices);
        pyramid.Dispose();
        Assert.Equal(0, pyramid.Matrices);
        _ = pyramid.Down(x, 14, 14);
        Assert.Equal(1, pyramid.Matrices);
        pyramid.Dispose();
    }

    private static double ReconstructionError((int Height, int Width)[] sizes, PyramidFilter filter, PixelRange range, ulong seed)
    {
        using var scope = new TensorScope();
        using var pyramid = new LaplacianPyramid(filter);
        Tensor image = Noise(2, sizes[0].Height, sizes[0].Width, range, seed);
        return (pyramid.Reconstruct(pyramid.Decompose(image, sizes)) - image).Abs().Max().Item();
    }

    private static Tensor Noise(int count, int height, int width, PixelRange range, ulong seed)
    {
        var random = new SeededRandom(seed);
        float low = range == PixelRange.Unit ? 0 : -1;
        float[] values = new float[count * 3 * height * width];
        foreach (ref float value in values.AsSpan())
        {
            value = low + ((1 - low) * (float)random.NextDouble());
        }

        return Tensor.From(values, count, 3, height, width);
    }

    private static void AssertNear(Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        Assert.InRange((expected - actual).Abs().Max().Item(), 0, tolerance);
    }
}
