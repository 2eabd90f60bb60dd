using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.SuperResolution;

/// <summary>Weighs the channels of x by what each is on average over the whole image.</summary>
/// <remarks>
/// Zhang et al. 2018 (RCAN), section 3.3 and figure 3: s = sigmoid(W_U · relu(W_D · mean(x))), and x · s. Names as in BasicSR.
/// </remarks>
internal sealed class ChannelAttention : Layer
{
    private readonly Sequential _attention;

    /// <summary>Makes the layer.</summary>
    /// <param name="channels">C.</param>
    /// <param name="reduction">r: C / r channels lie between W_D and W_U.</param>
    /// <param name="random">Where the initial values come from.</param>
    public ChannelAttention(int channels, int reduction, Generator random) => _attention = Child("attention", new Sequential(
        new GlobalMean(),                                    // 0
        new Conv2d(channels, channels / reduction, 1, random),
        new Relu(),
        new Conv2d(channels / reduction, channels, 1, random),
        new Sigmoid()));                                     // 4

    public override Tensor Forward(Tensor x)
    {
        using var scope = new TensorScope();
        return scope.Keep(x * _attention.Forward(x)); // [N, C, H, W] · [N, C, 1, 1]
    }

    private sealed class GlobalMean : Layer
    {
        public override Tensor Forward(Tensor x) => x.Mean([2, 3], keep: true);
    }
}
