using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.Lapgan;

/// <summary>x + gain · conv(relu(conv(relu(x)))), where gain starts at 0, so that the block starts as the identity.</summary>
/// <remarks>Bachlechner et al. 2020 (ReZero). No normalisation, so that no image depends on the others of its batch.</remarks>
internal sealed class ResidualBlock : Layer
{
    private readonly Conv2d _conv1;
    private readonly Conv2d _conv2;
    private readonly Slot _gain;

    public ResidualBlock(int channels, Generator random)
    {
        _conv1 = Child("conv1", new Conv2d(channels, channels, 3, random, padding: 1));
        _conv2 = Child("conv2", new Conv2d(channels, channels, 3, random, padding: 1));
        _gain = Parameter("gain", Tensor.Zeros([1]));
    }

    public override Tensor Forward(Tensor x)
    {
        var y = _conv2.Forward(Functional.ReluInPlace(_conv1.Forward(Functional.Relu(x))));
        return x + y * _gain.Tensor.To(y.DType);
    }
}
