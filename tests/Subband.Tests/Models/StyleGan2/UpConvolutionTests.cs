using Subband.Models.StyleGan2;
using Subband.Torch;

namespace Subband.Tests.Models.StyleGan2;

public sealed class UpConvolutionTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 6)]
    [InlineData(5, 3)]
    public void Four_plain_convolutions_are_the_transposed_one_with_all_their_gradients(int height, int width)
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        var x = Tensor.Randn([2, 3, height, width], random).To(DType.Float64);
        var w = Tensor.Randn([5, 3, 3, 3], random).To(DType.Float64);
        (x.RequiresGrad, w.RequiresGrad) = (true, true);
        var y = Tensor.Randn([2, 5, (2 * height) + 1, (2 * width) + 1], random).To(DType.Float64);
        AssertSame(Of(UpConvolution.Of), Of((input, weight) => Functional.ConvTranspose2d(input, weight.Transpose(0, 1), stride: 2)));

        // the values, their gradients, and the gradient of a length of gradients
        Tensor[] Of(Func<Tensor, Tensor, Tensor> up)
        {
            var made = up(x, w);
            var first = Autograd.Grad((made * made * y).Sum(), [x, w], createGraph: true);
            return [made, .. first, .. Autograd.Grad(first[0].Square().Sum() + first[1].Square().Sum(), [x, w])];
        }
    }

    private static void AssertSame(Tensor[] found, Tensor[] expected)
    {
        foreach (var (a, b) in found.Zip(expected))
        {
            Assert.Equal(b.Shape.ToArray(), a.Shape.ToArray());
            Assert.True((a - b).Norm().Item() <= 1e-12 * b.Norm().Item());
        }
    }
}
