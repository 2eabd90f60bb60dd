namespace Subband.Torch.Tests;

/// <summary>
/// Convolutions with few inputs or outputs, which are computed in a way of their own, against the same convolutions with
/// planes of zeros added, which are not.
/// </summary>
public sealed class ThinConvolutionTests
{
    private const long Many = 16;
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData(3, 5, 2, false)]
    [InlineData(3, 5, 0, true)]
    [InlineData(1, 3, 1, true)]
    [InlineData(4, 9, 4, true)]
    [InlineData(2, 3, 5, false)]
    public void Few_outputs_are_those_of_a_bank_with_more(long outputs, long side, long padding, bool channelsLast)
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        var x = Input(Many, channelsLast, random);
        var weight = Recorded(Tensor.Randn([outputs, Many, side, side], random) / side);
        var bias = Recorded(Tensor.Randn([outputs], random));
        var wide = Tensor.Cat([weight, Tensor.Zeros([Many, Many, side, side])]);
        var wideBias = Tensor.Cat([bias, Tensor.Zeros([Many])]);
        Same(
            Functional.Conv2d(x, wide, wideBias, padding: padding).Narrow(1, 0, outputs),
            Functional.Conv2d(x, weight, bias, padding: padding),
            [x, weight, bias]);
    }

    [Theory]
    [InlineData(3, 5, 0, true)]
    [InlineData(1, 7, 3, false)]
    [InlineData(4, 9, 4, true)]
    public void Few_inputs_give_what_more_inputs_of_zeros_give(long inputs, long side, long padding, bool channelsLast)
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        var x = Input(inputs, channelsLast, random);
        var weight = Recorded(Tensor.Randn([Many, inputs, side, side], random) / side);
        var bias = Recorded(Tensor.Randn([Many], random));
        var wide = Tensor.Cat([weight, Tensor.Randn([Many, Many, side, side], random)], 1);
        Same(
            Functional.Conv2d(Tensor.Cat([x, Tensor.Zeros([2, Many, x.Size(2), x.Size(3)])], 1), wide, bias, padding: padding),
            Functional.Conv2d(x, weight, bias, padding: padding),
            [x, weight, bias]);
    }

    [Fact]
    public void An_image_smaller_than_the_filter_is_refused_as_ever()
    {
        using var scope = new TensorScope();
        var error = Assert.Throws<TensorShapeException>(() => Functional.Conv2d(Tensor.Zeros([1, 16, 4, 4]), Tensor.Zeros([3, 16, 5, 5])));
        Assert.Contains("Kernel size can't be greater than actual input size", error.Message, StringComparison.Ordinal);
    }

    private static void Same(Tensor expected, Tensor found, Tensor[] parameters)
    {
        Near.Assert(expected, found, Tolerance);
        foreach (var (e, f) in Gradients(expected, parameters).Zip(Gradients(found, parameters)))
        {
            Near.Assert(e, f, Tolerance, "gradient");
        }
    }

    private static Tensor[] Gradients(Tensor result, Tensor[] parameters) => Autograd.Grad((result * result).Sum(), parameters);

    private static Tensor Input(long planes, bool channelsLast, Generator random)
    {
        var x = Tensor.Randn([2, planes, 12, 10], random);
        return Recorded(channelsLast ? x.Contiguous(MemoryFormat.ChannelsLast) : x);
    }

    private static Tensor Recorded(Tensor tensor)
    {
        var leaf = tensor.Detach();
        leaf.RequiresGrad = true;
        return leaf;
    }
}
