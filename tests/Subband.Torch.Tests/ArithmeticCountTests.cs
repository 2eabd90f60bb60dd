using Subband.Torch.Modules;

namespace Subband.Torch.Tests;

public class ArithmeticCountTests
{
    private static readonly Generator Random = new(1);

    [Theory]
    [InlineData(16, 16, 3, 1, 1, 1, 2.0 * 2 * 20 * 30 * 16 * 16 * 9)]
    [InlineData(16, 32, 3, 2, 1, 1, 2.0 * 2 * 10 * 15 * 16 * 32 * 9)]
    [InlineData(16, 16, 3, 1, 0, 4, 2.0 * 2 * 18 * 28 * 16 * 4 * 9)]
    [InlineData(16, 3, 5, 1, 2, 1, 2.0 * 2 * 20 * 30 * 16 * 3 * 25)] // computed in another way, with fewer multiplications
    public void A_convolution_counts_by_its_definition(int inputs, int outputs, int kernel, int stride, int padding, int groups, double expected)
    {
        using TensorScope scope = new();
        using Conv2d layer = new(inputs, outputs, kernel, Random, stride, padding, groups);
        using ArithmeticCount count = new();
        _ = layer.Forward(Tensor.Zeros([2, inputs, 20, 30]));
        Assert.Equal(expected, count.Operations);
    }

    [Fact]
    public void A_transposed_convolution_and_a_linear_layer_count_by_their_definitions()
    {
        using TensorScope scope = new();
        using ArithmeticCount count = new();
        _ = Functional.ConvTranspose2d(Tensor.Zeros([2, 8, 5, 6]), Tensor.Zeros([8, 4, 3, 3]), stride: 2);
        Assert.Equal(2.0 * 2 * 5 * 6 * 8 * 4 * 9, count.Operations);
        _ = Functional.Linear(Tensor.Zeros([7, 10]), Tensor.Zeros([20, 10]));
        Assert.Equal((2.0 * 2 * 5 * 6 * 8 * 4 * 9) + (2 * 7 * 10 * 20), count.Operations);
    }

    [Fact]
    public void An_inner_count_takes_over_and_another_thread_counts_for_itself()
    {
        using TensorScope scope = new();
        using ArithmeticCount outer = new();
        using (ArithmeticCount inner = new())
        {
            _ = Functional.Linear(Tensor.Zeros([1, 2]), Tensor.Zeros([3, 2]));
            Assert.Equal(12, inner.Operations);
        }

        Thread other = new(() =>
        {
            using TensorScope theirs = new();
            _ = Functional.Linear(Tensor.Zeros([1, 2]), Tensor.Zeros([3, 2]));
        });
        other.Start();
        other.Join();
        Assert.Equal(0, outer.Operations);
        _ = Functional.Linear(Tensor.Zeros([1, 2]), Tensor.Zeros([4, 2]));
        Assert.Equal(16, outer.Operations);
    }
}
