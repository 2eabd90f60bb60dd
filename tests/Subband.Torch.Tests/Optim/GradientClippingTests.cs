using Subband.Torch.Optim;
using Subband.Torch.Tests.Golden;

namespace Subband.Torch.Tests.Optim;

public sealed class GradientClippingTests
{
    [Theory]
    [InlineData("norm")]
    [InlineData("norm_idle")]
    public void Clipping_by_norm_equals_PyTorchs(string variant)
    {
        using var scope = new TensorScope();
        var golden = new GoldenNumbers("clip/" + variant);
        Tensor[] gradients = [golden["grads.0"], golden["grads.1"]];
        Assert.Equal(golden.Number("norm"), GradientClipping.ByNorm(gradients, golden.Number("max_norm")), 1e-12);
        golden.AssertEqual("clipped.0", gradients[0]);
        golden.AssertEqual("clipped.1", gradients[1]);
    }

    [Fact]
    public void Clipping_by_value_equals_PyTorchs()
    {
        using var scope = new TensorScope();
        var golden = new GoldenNumbers("clip/value");
        Tensor[] gradients = [golden["grads.0"]];
        GradientClipping.ByValue(gradients, golden.Number("clip_value"));
        golden.AssertEqual("clipped.0", gradients[0]);
    }

    [Fact]
    public void Gradients_that_share_memory_are_each_scaled_once()
    {
        using var scope = new TensorScope();
        Tensor[] terms = [Leaf(), Leaf()];
        var gradients = Autograd.Grad((terms[0] + terms[1]).Square().Sum(), terms); // 2 · (1 + 1), eight times
        Assert.Equal(Math.Sqrt(8 * 16), GradientClipping.ByNorm(gradients, 1), 1e-5);
        Assert.Equal(1, GradientClipping.GlobalNorm(gradients), 1e-5);
    }

    [Fact]
    public void Gradients_that_repeat_one_element_are_clipped()
    {
        using var scope = new TensorScope();
        var leaf = Leaf();
        var gradients = Autograd.Grad(leaf.Sum(), [leaf]); // 1, four times
        Assert.Equal(2, GradientClipping.ByNorm(gradients, 1), 1e-5);
        Assert.All(gradients[0].ToArray<float>(), value => Assert.Equal(0.5, value, 1e-5));

        gradients = Autograd.Grad(leaf.Sum(), [leaf]);
        GradientClipping.ByValue(gradients, 0.25);
        Assert.Equal([0.25f, 0.25f, 0.25f, 0.25f], gradients[0].ToArray<float>());
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_value_that_is_not_finite_is_found_and_nothing_is_scaled(float bad)
    {
        using var scope = new TensorScope();
        Tensor[] gradients = [Tensor.From([3f, 4f]), Tensor.From([1f, bad, 2f])];
        Assert.False(double.IsFinite(GradientClipping.ByNorm(gradients, 1)));
        Assert.Equal([3f, 4f], gradients[0].ToArray<float>());
        Assert.Equal("second", GradientClipping.FirstNonFinite([("first", gradients[0]), ("second", gradients[1])]));
        Assert.Null(GradientClipping.FirstNonFinite([("first", gradients[0])]));
    }

    [Fact]
    public void The_norm_of_very_many_values_keeps_its_digits()
    {
        using var scope = new TensorScope();
        var norm = GradientClipping.GlobalNorm([Tensor.Full([20_000_000], 0.1)]);
        Assert.Equal(1, norm / (Math.Sqrt(20_000_000) * 0.1f), 1e-5);
        Assert.Equal(0, GradientClipping.GlobalNorm([]));
    }

    private static Tensor Leaf()
    {
        var leaf = Tensor.Ones([4]);
        leaf.RequiresGrad = true;
        return leaf;
    }
}
