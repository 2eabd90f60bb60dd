namespace Subband.Torch.Tests;

public sealed class GeneratorTests
{
    [Fact]
    public void A_restored_state_continues_every_kind_of_draw()
    {
        using var scope = new TensorScope();
        using var random = new Generator(42);
        _ = Tensor.Randn([3], random); // an odd number leaves half a pair of normal numbers in the state
        var state = random.State();
        var expected = Draws(random);

        using var other = new Generator(0);
        other.Restore(state);
        Assert.Equal(expected, Draws(other));
        Assert.NotEqual(expected, Draws(other));
    }

    [Fact]
    public void A_seed_decides_the_sequence()
    {
        using var scope = new TensorScope();
        using var a = new Generator(9);
        using var b = new Generator(9);
        using var c = new Generator(10);
        var expected = Draws(a);
        Assert.Equal(expected, Draws(b));
        Assert.NotEqual(expected, Draws(c));
        c.Seed(9);
        Assert.Equal(expected, Draws(c));
    }

    [Fact]
    public void Seeds_use_all_64_bits()
    {
        using var scope = new TensorScope();
        using var low = new Generator(1);
        using var high = new Generator(1 | (1UL << 40));
        Assert.NotEqual(Draws(low), Draws(high));
    }

    [Fact]
    public void Distributions_have_the_moments_that_they_should()
    {
        using var scope = new TensorScope();
        using var random = new Generator(3);
        const int count = 200_000;
        double Mean(Tensor x) => x.To(DType.Float64).Mean().Item();
        double Variance(Tensor x) => x.To(DType.Float64).Variance([0]).Item();

        var uniform = Tensor.Rand([count], random);
        Assert.Equal(0.5, Mean(uniform), 0.004);
        Assert.Equal(1.0 / 12, Variance(uniform), 0.002);
        Assert.InRange(uniform.Min().Item(), 0, 1e-4);
        Assert.InRange(uniform.Max().Item(), 0.9999, 1 - 1e-9);

        var normal = Tensor.Empty([count]).NormalInPlace(3, 2, random);
        Assert.Equal(3, Mean(normal), 0.03);
        Assert.Equal(4, Variance(normal), 0.08);

        Assert.Equal(0.3, Mean(Tensor.Empty([count]).BernoulliInPlace(0.3, random)), 0.006);

        var integers = Tensor.RandInt(-2, 3, [count], random);
        Assert.Equal(DType.Int64, integers.DType);
        Assert.Equal((-2, 2), (integers.Min().Item(), integers.Max().Item()));
        Assert.Equal(0, Mean(integers), 0.02);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => (long)i), Tensor.RandPerm(100, random).ToArray<long>().Order());
    }

    private static double[] Draws(Generator random)
    {
        using var scope = new TensorScope();
        return
        [
            .. Tensor.Rand([5], random).To(DType.Float64).ToArray<double>(),
            .. Tensor.Randn([40], random, DType.Float64).ToArray<double>(), // from 16 on libtorch draws in blocks
            .. Tensor.Randn([3], random, DType.Float64).ToArray<double>(),
            .. Tensor.RandPerm(8, random).To(DType.Float64).ToArray<double>(),
            .. Tensor.Empty([9]).BernoulliInPlace(0.5, random).To(DType.Float64).ToArray<double>(),
        ];
    }
}
