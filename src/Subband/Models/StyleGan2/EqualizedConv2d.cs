using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.StyleGan2;

/// <summary>A convolution whose stored weights are normal of deviation 1 and are scaled in use by 1/√(I·k²); no bias.</summary>
/// <remarks>As <c>EqualConv2d</c> in rosinality/stylegan2-pytorch: parameter <c>weight</c> [O, I, k, k].</remarks>
public sealed class EqualizedConv2d : Layer
{
    private readonly Slot _weight;
    private readonly int _stride;
    private readonly int _padding;
    private readonly bool _isScaled;

    /// <summary>Makes the layer.</summary>
    /// <param name="inputs">I.</param>
    /// <param name="outputs">O.</param>
    /// <param name="kernel">k.</param>
    /// <param name="random">Where the initial values come from, on the CPU.</param>
    /// <param name="stride">Pixels from one output to the next.</param>
    /// <param name="padding">Zeros added at each side.</param>
    /// <param name="isScaled">False where the next layer scales by <see cref="Scale"/> together with what it does anyway.</param>
    public EqualizedConv2d(int inputs, int outputs, int kernel, Generator random, int stride = 1, int padding = 0, bool isScaled = true)
    {
        _weight = Parameter("weight", Tensor.Randn([outputs, inputs, kernel, kernel], random));
        (Scale, _stride, _padding, _isScaled) = (1 / Math.Sqrt((double)inputs * kernel * kernel), stride, padding, isScaled);
    }

    /// <summary>1/√(I·k²).</summary>
    public double Scale { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var scope = new TensorScope();
        var weight = _isScaled ? _weight.Tensor * Scale : _weight;
        return scope.Keep(Functional.Conv2d(x, weight, stride: _stride, padding: _padding));
    }
}
