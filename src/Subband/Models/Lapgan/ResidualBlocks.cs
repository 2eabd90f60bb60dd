using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.Lapgan;

/// <summary>x + gain · conv(act(conv(act(modulate(x, class))))), where gain starts at 0, so that the block starts as the identity.</summary>
internal sealed class ResidualBlock : Module
{
    private const double Slope = 0.2;

    private readonly Conv2d _conv1;
    private readonly Conv2d _conv2;
    private readonly Slot _gain;
    private readonly Slot? _modulation;
    private readonly int _channels;

    public ResidualBlock(int channels, int classes, Generator random)
    {
        _channels = channels;
        _conv1 = Child("conv1", new Conv2d(channels, channels, 3, random, padding: 1));
        _conv2 = Child("conv2", new Conv2d(channels, channels, 3, random, padding: 1));
        _gain = Parameter("gain", Tensor.Zeros([1]));
        _modulation = classes > 0 ? Parameter("modulation", Tensor.Zeros([classes, 2 * channels])) : null;
    }

    public Tensor Forward(Tensor x, Tensor? classes)
    {
        var y = Functional.LeakyRelu(Modulate(x, classes), Slope);
        y = _conv2.Forward(Functional.LeakyRelu(_conv1.Forward(y), Slope));
        return x + y * _gain.Tensor.To(y.DType);
    }

    // Each class scales and shifts each channel: Perez et al. 2018 (FiLM).
    private Tensor Modulate(Tensor x, Tensor? classes)
    {
        if (_modulation is null || classes is null)
        {
            return x;
        }

        var scaleAndShift = classes.MatMul(_modulation).To(x.DType).View(-1, 2 * _channels, 1, 1); // [N, 2C, 1, 1]
        var scale = scaleAndShift.Narrow(1, 0, _channels) + 1;
        return x * scale + scaleAndShift.Narrow(1, _channels, _channels);
    }
}

/// <summary>A residual block that halves the side: convolutions then mean pooling, beside pooling then a 1×1 convolution.</summary>
internal sealed class HalvingBlock : Module
{
    private const double Slope = 0.2;

    private readonly Conv2d _conv1;
    private readonly Conv2d _conv2;
    private readonly Conv2d _shortcut;

    public HalvingBlock(int inputs, int outputs, bool spectralNorm, Generator random)
    {
        _conv1 = Child("conv1", new Conv2d(inputs, inputs, 3, random, padding: 1, spectralNorm: spectralNorm));
        _conv2 = Child("conv2", new Conv2d(inputs, outputs, 3, random, padding: 1, spectralNorm: spectralNorm));
        _shortcut = Child("shortcut", new Conv2d(inputs, outputs, 1, random, bias: false, spectralNorm: spectralNorm));
    }

    public Tensor Forward(Tensor x)
    {
        var y = _conv1.Forward(Functional.LeakyRelu(x, Slope));
        y = Functional.AvgPool2d(_conv2.Forward(Functional.LeakyRelu(y, Slope)), 2, 2);
        return y + _shortcut.Forward(Functional.AvgPool2d(x, 2, 2));
    }
}
