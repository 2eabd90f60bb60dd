using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.StyleGan2;

/// <summary>A modulated convolution, noise, and the scaled leaky rectifier with its bias.</summary>
/// <remarks>Karras et al. 2020, figure 2c. <c>StyledConv</c> of rosinality/stylegan2-pytorch.</remarks>
internal sealed class StyledConvolution : Module
{
    private readonly ModulatedConv2d _conv;
    private readonly NoiseInjection _noise;
    private readonly ScaledLeakyRelu _activate;

    public StyledConvolution(int inputs, int outputs, int styleWidth, Generator random, StyleResampling resampling = StyleResampling.None)
    {
        _conv = Child("conv", new ModulatedConv2d(inputs, outputs, kernel: 3, styleWidth, random, resampling: resampling));
        _noise = Child("noise", new NoiseInjection());
        _activate = Child("activate", new ScaledLeakyRelu(outputs));
    }

    /// <summary>See <see cref="ModulatedConv2d.Modulation"/>.</summary>
    public Tensor Modulation => _conv.Modulation;

    /// <summary>[N, I, H, W] and w [N, style width] to [N, O, H′, W′], with noise [N or 1, 1, H′, W′].</summary>
    public Tensor Forward(Tensor x, Tensor style, Tensor noise)
    {
        using var scope = new TensorScope();
        return scope.Keep(_activate.Forward(_noise.AddTo(_conv.Forward(x, style), noise)));
    }
}

/// <summary>Adds noise, the same to all channels, of a strength that is learned. Parameter <c>weight</c> [1].</summary>
internal sealed class NoiseInjection : Module
{
    private readonly Slot _weight;

    public NoiseInjection() => _weight = Parameter("weight", Tensor.Zeros([1]));

    /// <summary>Changes features [N, C, H, W], which nobody else needs, in place.</summary>
    public Tensor AddTo(Tensor x, Tensor noise)
    {
        using var scope = new TensorScope();
        return x.AddInPlace((_weight.Tensor * noise).To(x.DType));
    }
}

/// <summary>Turns features into pixels, or into the wavelet bands of pixels. Parameter <c>bias</c> [1, C, 1, 1].</summary>
/// <remarks><c>ToRGB</c> of rosinality/stylegan2-pytorch, whose skip is added by <see cref="StyleGan2Generator"/>.</remarks>
internal sealed class ToPixels : Module
{
    private readonly Slot _bias;
    private readonly ModulatedConv2d _conv;

    public ToPixels(int inputs, int outputs, int kernel, int styleWidth, Generator random)
    {
        _bias = Parameter("bias", Tensor.Zeros([1, outputs, 1, 1]));
        _conv = Child("conv", new ModulatedConv2d(inputs, outputs, kernel, styleWidth, random, isDemodulated: false));
    }

    /// <summary>See <see cref="ModulatedConv2d.Modulation"/>.</summary>
    public Tensor Modulation => _conv.Modulation;

    /// <summary>[N, I, H, W] and w [N, style width] to [N, C, H, W], in the precision of w.</summary>
    public Tensor Forward(Tensor x, Tensor style)
    {
        using var scope = new TensorScope();
        return scope.Keep(_conv.Forward(x, style).To(style.DType) + _bias);
    }
}

/// <summary>The learned image that all others begin as. Parameter <c>input</c> [1, C, h, w].</summary>
internal sealed class ConstantInput : Module
{
    private readonly Slot _input;

    public ConstantInput(int channels, int height, int width, Generator random) =>
        _input = Parameter("input", Tensor.Randn([1, channels, height, width], random));

    public Tensor Forward(long count) => _input.Tensor.Expand(count, -1, -1, -1);
}
