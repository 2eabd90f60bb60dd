using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.StyleGan2;

/// <summary>Adds a bias to each channel; then √2 · leaky rectifier of slope 0.2, which keeps the power of what goes in.</summary>
/// <remarks>As <c>FusedLeakyReLU</c> in rosinality/stylegan2-pytorch: parameter <c>bias</c> [C].</remarks>
public sealed class ScaledLeakyRelu : Layer
{
    private const double Slope = 0.2;

    private static readonly double Gain = Math.Sqrt(2);

    private readonly Slot _bias;
    private readonly double _scale;

    /// <summary>Makes the layer.</summary>
    /// <param name="channels">C.</param>
    /// <param name="scale">What is to be multiplied by before the bias: that of an <see cref="EqualizedConv2d"/> which leaves it to this layer.</param>
    public ScaledLeakyRelu(int channels, double scale = 1)
    {
        _bias = Parameter("bias", Tensor.Zeros([channels]));
        _scale = scale;
    }

    /// <summary>The activation alone.</summary>
    public static Tensor Of(Tensor x)
    {
        using var scope = new TensorScope();
        return scope.Keep(Functional.LeakyReluInPlace(x * Gain, Slope));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        using var scope = new TensorScope();
        // What scales before the rectifier scales after it; so the one map is kept for gradients that the next layer keeps too.
        var bias = (_bias.Tensor * Gain).View(1, -1, 1, 1).To(x.DType);
        return scope.Keep(Functional.LeakyReluInPlace(bias.AddScaled(x, _scale * Gain), Slope));
    }
}
