namespace Subband.Torch.Tests;

public sealed class FourierTests
{
    [Theory]
    [InlineData(DType.Float64, 1e-12)]
    [InlineData(DType.Float32, 1e-5)]
    public void It_is_the_sum_of_the_definition_with_zeros_below_and_at_the_right(DType dtype, double tolerance)
    {
        const int Rows = 3, Columns = 4, Height = 6, Width = 8;
        using var scope = new TensorScope();
        using var random = new Generator(3);
        var values = Tensor.Randn([2, Rows, Columns], random, DType.Float64);
        var x = values.ToArray<double>();
        var expected = new double[2 * Height * ((Width / 2) + 1) * 2];
        var at = 0;
        for (var n = 0; n < 2; n++)
        {
            for (var v = 0; v < Height; v++)
            {
                for (var u = 0; u <= Width / 2; u++)
                {
                    for (var i = 0; i < Rows * Columns; i++)
                    {
                        var angle = -2 * Math.PI * (((double)v * (i / Columns) / Height) + ((double)u * (i % Columns) / Width));
                        expected[at] += x[(n * Rows * Columns) + i] * Math.Cos(angle);
                        expected[at + 1] += x[(n * Rows * Columns) + i] * Math.Sin(angle);
                    }

                    at += 2;
                }
            }
        }

        var transform = values.To(dtype).RealFourier2d(Height, Width);

        Assert.Equal(dtype, transform.DType);
        Near.Assert(Tensor.From(expected, 2, Height, (Width / 2) + 1, 2), transform, tolerance);
    }
}
