using Subband.Torch.Native;

namespace Subband.Torch.Tests;

/// <summary>Tensors of integers and whole numbers: exact, and of the type that PyTorch gives them.</summary>
public sealed class IntegerTests
{
    [Fact]
    public void Whole_numbers_leave_integers_what_they_are()
    {
        using var scope = new TensorScope();
        var labels = Tensor.From([1L, 2L, 3L]);
        Assert.Equal([2L, 3L, 4L], (labels + 1).ToArray<long>());
        Assert.Equal([0L, 1L, 2L], (labels - 1).ToArray<long>());
        Assert.Equal([9L, 8L, 7L], (10 - labels).ToArray<long>());
        Assert.Equal([2L, 4L, 6L], (2 * labels).ToArray<long>());
        Assert.Equal([1L, 4L, 9L], labels.Pow(2).ToArray<long>());
        Assert.Equal([2L, 2L, 3L], labels.Clamp(2, null).ToArray<long>());
        Assert.Equal(DType.Int32, (labels.To(DType.Int32) + 1).DType);
    }

    [Fact]
    public void Quotients_and_real_numbers_make_integers_real()
    {
        using var scope = new TensorScope();
        var labels = Tensor.From([1L, 2L, 3L]);
        Assert.Equal([0.5f, 1f, 1.5f], (labels / 2).ToArray<float>());
        Assert.Equal([0.5f, 1f, 1.5f], (labels * 0.5).ToArray<float>());
        Assert.Throws<TensorArgumentException>(() => labels.MulInPlace(0.5));
    }

    [Fact]
    public void Integers_change_in_place()
    {
        using var scope = new TensorScope();
        var sums = Tensor.From([1L, 2L, 3L]);
        var ones = sums.OnesLike();
        Assert.Equal([2L, 3L, 4L], sums.AddInPlace(ones).ToArray<long>());
        Assert.Equal([0L, 1L, 2L], sums.SubInPlace(ones, 2).ToArray<long>());
        Assert.Equal([5L, 6L, 7L], sums.AddInPlace(5).ToArray<long>());
        Assert.Equal([10L, 12L, 14L], sums.MulInPlace(2).ToArray<long>());
        Assert.Equal([11L, 12L, 12L], sums.ClampInPlace(11, 12).ToArray<long>());
        Assert.Equal([14L, 15L, 15L], sums.AddProductInPlace(ones, ones, 3).ToArray<long>());
    }

    [Fact]
    public void Comparisons_tell_neighbours_apart()
    {
        using var scope = new TensorScope();
        var large = Tensor.Full([1], (1 << 24) + 1, DType.Int64); // no float32
        Assert.Equal(0, large.IsEqual(1 << 24).Item());
        Assert.Equal(1, large.IsGreater(1 << 24).Item());
        Assert.Equal(0, large.IsAtMost(1 << 24).Item());
        Assert.Equal(0, Tensor.Full([1], 1 << 24, DType.Int64).IsAtLeast((1 << 24) + 1).Item());
        Assert.Equal(1, Tensor.Full([1], 1 << 24, DType.Int64).IsLess((1 << 24) + 1).Item());
    }

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    [InlineData(DType.BFloat16)]
    public void To_reals_a_whole_number_is_the_same_as_an_integer_and_as_a_real(DType dtype)
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        var x = Tensor.Randn([64], random).To(dtype);
        Operator[] operators =
        [
            Operators.AddScalar, Operators.SubScalar, Operators.RSub, Operators.MulScalar, Operators.PowScalar, Operators.Clamp,
            Operators.EqScalar, Operators.GtScalar, Operators.GeScalar, Operators.LtScalar, Operators.LeScalar,
        ];
        foreach (var number in (long[])[0, 1, 3, -2, 1000, (1L << 40) + 1])
        {
            Assert.All(operators, op =>
            {
                var (whole, real) = (op.Call(x, number), op.Call(x, (double)number));
                Assert.Equal(real.DType, whole.DType);
                Assert.Equal(real.To(DType.Float64).ToArray<double>(), whole.To(DType.Float64).ToArray<double>());
            });
        }
    }

    [Fact]
    public void The_sign_of_zero_and_numbers_beyond_integers_reach_reals()
    {
        using var scope = new TensorScope();
        Assert.True(double.IsNegative((Tensor.Ones([1]) * -0.0).Item()));
        Assert.Equal(1e300, (Tensor.Ones([1], DType.Float64) * 1e300).Item());
        Assert.True(double.IsNaN((Tensor.Ones([1]) + double.NaN).Item()));
        Assert.Equal(DType.BFloat16, (Tensor.Ones([1], DType.BFloat16) * 2).DType);
    }
}
