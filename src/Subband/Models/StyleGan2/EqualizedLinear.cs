using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.StyleGan2;

/// <summary>A linear layer whose stored weights are normal of deviation 1 and are scaled in use, so that all layers learn at one pace.</summary>
/// <remarks>
/// Karras et al., "Progressive Growing of GANs" (2018), section 4.1. Named and scaled as <c>EqualLinear</c> in rosinality/stylegan2-pytorch:
/// parameters <c>weight</c> [O, I] and <c>bias</c> [O].
/// </remarks>
public sealed class EqualizedLinear : Layer
{
    private readonly Slot _weight;
    private readonly Slot _bias;
    private readonly double _scale;
    private readonly double _rateFactor;
    private readonly bool _isActivated;

    /// <summary>Makes the layer.</summary>
    /// <param name="inputs">I.</param>
    /// <param name="outputs">O.</param>
    /// <param name="random">Where the initial values come from, on the CPU.</param>
    /// <param name="bias">What the bias starts at.</param>
    /// <param name="rateFactor">By how much slower it learns than other layers, as the mapping network does.</param>
    /// <param name="isActivated">Whether a scaled leaky rectifier follows.</param>
    public EqualizedLinear(int inputs, int outputs, Generator random, double bias = 0, double rateFactor = 1, bool isActivated = false)
    {
        _weight = Parameter("weight", Tensor.Randn([outputs, inputs], random) / rateFactor);
        _bias = Parameter("bias", Tensor.Full([outputs], bias));
        (_scale, _rateFactor, _isActivated) = (rateFactor / Math.Sqrt(inputs), rateFactor, isActivated);
    }

    /// <summary>The weight as it is stored, [O, I].</summary>
    internal Tensor Weight => _weight;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var scope = new TensorScope();
        var bias = _rateFactor == 1 ? _bias : _bias.Tensor * _rateFactor;
        var y = Functional.Linear(x * _scale, _weight, bias); // scaling the inputs is scaling the weights, which are more
        return scope.Keep(_isActivated ? ScaledLeakyRelu.Of(y) : y);
    }
}
