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

    [Fact]
    public void Tensors_of_bfloat16_are_convolved_as_ever()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        var x = Input(Many, channelsLast: false, random).Detach();
        var weight = Tensor.Randn([3, Many, 3, 3], random) / 12;
        var found = Functional.Conv2d(x.To(DType.BFloat16), weight.To(DType.BFloat16), padding: 1);
        Assert.Equal(DType.BFloat16, found.DType);
        Near.Assert(Functional.Conv2d(x, weight, padding: 1), found, 0.02); // 8 bits of mantissa

        using var autocast = new Autocast(DeviceType.Cpu);
        Near.Assert(found, Functional.Conv2d(x.To(DType.BFloat16), weight, padding: 1), 0.02);
    }

    [Theory]
    [InlineData(16, 3)]
    [InlineData(3, 16)]
    public void A_batch_of_no_images_is_convolved_to_none(long inputs, long outputs)
    {
        using var scope = new TensorScope();
        var x = Recorded(Tensor.Zeros([0, inputs, 8, 8]));
        Assert.Equal([0, outputs, 8, 8], Functional.Conv2d(x, Tensor.Zeros([outputs, inputs, 5, 5]), padding: 2).Shape.ToArray());
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
