using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.StyleGan2;

/// <summary>A convolution whose stored weights are normal of deviation 1 and are scaled in use by 1/√(I·k²); no bias.</summary>
/// <remarks>As <c>EqualConv2d</c> in rosinality/stylegan2-pytorch: parameter <c>weight</c> [O, I, k, k].</remarks>
public sealed class EqualizedConv2d : Layer
{
    private readonly Slot _weight;
    private readonly double _scale;
    private readonly int _stride;
    private readonly int _padding;

    /// <summary>Makes the layer.</summary>
    /// <param name="inputs">I.</param>
    /// <param name="outputs">O.</param>
    /// <param name="kernel">k.</param>
    /// <param name="random">Where the initial values come from, on the CPU.</param>
    /// <param name="stride">Pixels from one output to the next.</param>
    /// <param name="padding">Zeros added at each side.</param>
    public EqualizedConv2d(int inputs, int outputs, int kernel, Generator random, int stride = 1, int padding = 0)
    {
        _weight = Parameter("weight", Tensor.Randn([outputs, inputs, kernel, kernel], random));
        (_scale, _stride, _padding) = (1 / Math.Sqrt((double)inputs * kernel * kernel), stride, padding);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var scope = new TensorScope();
        return scope.Keep(Functional.Conv2d(x, _weight.Tensor * _scale, stride: _stride, padding: _padding));
    }
}
