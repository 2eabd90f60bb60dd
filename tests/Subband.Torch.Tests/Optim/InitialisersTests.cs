using Subband.Torch.Optim;
using Subband.Torch.Tests.Golden;

namespace Subband.Torch.Tests.Optim;

public sealed class InitialisersTests
{
    public static TheoryData<int> Rows => [.. Enumerable.Range(0, GoldenNumbers.Root.GetProperty("initialisers").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Bounds_and_deviations_equal_PyTorchs(int index)
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        var row = GoldenNumbers.Root.GetProperty("initialisers")[index];
        var weight = Tensor.Empty([.. row.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64())]);

        void Uniform(string key, Tensor drawn)
        {
            var bound = row.GetProperty(key).GetDouble();
            Assert.InRange(drawn.Abs().Max().Item(), 0.98 * bound, bound);
            Assert.Equal(bound / Math.Sqrt(3), Deviation(drawn), 0.05 * bound);
        }

        void Normal(string key, Tensor drawn)
        {
            var deviation = row.GetProperty(key).GetDouble();
            Assert.Equal(deviation, Deviation(drawn), 0.06 * deviation);
            Assert.InRange(drawn.Abs().Max().Item(), 2.5 * deviation, 7 * deviation);
        }

        Uniform("kaiming_uniform_relu_fan_in", Initialisers.KaimingUniform(weight, random, Gain.Relu));
        Uniform("kaiming_uniform_leaky02_fan_out", Initialisers.KaimingUniform(weight, random, Gain.LeakyRelu(0.2), Fan.Out));
        Normal("kaiming_normal_relu_fan_in", Initialisers.KaimingNormal(weight, random, Gain.Relu));
        Uniform("xavier_uniform", Initialisers.XavierUniform(weight, random));
        Normal("xavier_normal", Initialisers.XavierNormal(weight, random));
    }

    [Fact]
    public void Gains_equal_PyTorchs()
    {
        var gains = GoldenNumbers.Root.GetProperty("gains");
        double Of(string name) => gains.GetProperty(name).GetDouble();
        Assert.Equal(Gain.Linear, Of("linear"));
        Assert.Equal(Gain.Tanh, Of("tanh"), 1e-15);
        Assert.Equal(Of("relu"), Gain.Relu, 1e-15);
        Assert.Equal(Of("leaky_relu_02"), Gain.LeakyRelu(0.2), 1e-15);
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(4, 9)]
    [InlineData(9, 4)]
    public void Orthogonal_rows_or_columns_have_the_length_of_the_gain(long rows, long columns)
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        var weight = Initialisers.Orthogonal(Tensor.Empty([rows, columns]), random, gain: 2);
        var product = rows <= columns ? weight.MatMul(weight.Transpose()) : weight.Transpose().MatMul(weight);
        Near.Assert(Tensor.Eye(Math.Min(rows, columns)) * 4, product, 1e-6);

        var filters = Initialisers.Orthogonal(Tensor.Empty([4, 3, 3, 3]), random).View(4, -1);
        Near.Assert(Tensor.Eye(4), filters.MatMul(filters.Transpose()), 1e-6);
    }

    [Fact]
    public void Orthogonal_matrices_are_spread_evenly()
    {
        // The first entry of a uniformly drawn rotation or reflection of the plane is the cosine of a uniform angle.
        using var scope = new TensorScope();
        using var random = new Generator(1);
        var weight = Tensor.Empty([2, 2]);
        var first = Enumerable.Range(0, 4000).Select(_ => (double)Initialisers.Orthogonal(weight, random).Span<float>()[0]).ToArray();
        Assert.Equal(0, first.Average(), 0.05);
        Assert.Equal(0.5, first.Average(x => x * x), 0.03);
    }

    [Fact]
    public void Parameters_are_filled_without_being_recorded_and_repeatably()
    {
        using var scope = new TensorScope();
        using var a = new Generator(3);
        using var b = new Generator(3);
        var parameter = Tensor.Empty([64, 64]);
        parameter.RequiresGrad = true;
        var filled = Initialisers.Normal(parameter, 1, 0.5, a);
        Assert.Same(parameter, filled);
        Assert.Equal(Initialisers.Normal(Tensor.Empty([64, 64]), 1, 0.5, b).ToArray<float>(), filled.ToArray<float>());
        Assert.All(Initialisers.Constant(parameter, 0.25).ToArray<float>(), value => Assert.Equal(0.25f, value));
        Assert.InRange(Initialisers.Uniform(parameter, 2, 3, a).Detach().Min().Item(), 2, 2.1);
    }

    [Fact]
    public void A_weight_needs_two_dimensions()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        var error = Assert.Throws<ArgumentException>(() => Initialisers.XavierUniform(Tensor.Empty([5]), random));
        Assert.Contains("float32 [5] cpu", error.Message, StringComparison.Ordinal);
    }

    private static double Deviation(Tensor tensor) => Math.Sqrt(tensor.Flatten(0).To(DType.Float64).Variance([0]).Item());
}
