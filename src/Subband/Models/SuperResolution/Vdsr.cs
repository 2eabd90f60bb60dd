using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.SuperResolution;

/// <summary>VDSR: a long row of 3×3 convolutions that computes what a bicubically enlarged image lacks.</summary>
/// <remarks>
/// Kim, Lee and Lee, "Accurate Image Super-Resolution Using Very Deep Convolutional Networks" (2016), section 3.1 and figure
/// 2: 20 layers of 64 filters, ReLU after all but the last, whose output, the residual r, is added to the image. Names as in
/// twtygqyy/pytorch-vdsr, whose convolutions have no biases; the paper's have.
/// </remarks>
public sealed class Vdsr : SuperResolutionNetwork
{
    private readonly int _layers;
    private readonly Conv2d _input;
    private readonly ConvRelu[] _layersBetween;
    private readonly Sequential _residual;
    private readonly Conv2d _output;

    /// <summary>Makes the network.</summary>
    /// <param name="channels">1 for Y, 3 for RGB.</param>
    /// <param name="layers">Convolutions in all; at least 2.</param>
    /// <param name="width">Filters of a layer.</param>
    /// <param name="bias">Whether convolutions have biases.</param>
    /// <param name="random">Where the initial values come from.</param>
    public Vdsr(int channels, int layers, int width, bool bias, Generator random)
    {
        Channels = channels;
        _layers = layers;
        _input = Child("input", new Conv2d(channels, width, 3, random, padding: 1, bias: bias));
        _layersBetween = [.. Enumerable.Range(0, layers - 2).Select(_ => new ConvRelu(width, bias, random))];
        _residual = Child("residual_layer", new Sequential([.. _layersBetween]));
        _output = Child("output", new Conv2d(width, channels, 3, random, padding: 1, bias: bias));
    }

    /// <inheritdoc/>
    public override int Factor => 1;

    /// <inheritdoc/>
    public override int Channels { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var scope = new TensorScope();
        var image = Prepare(x);                                           // [N, C, H, W]
        var features = _input.ForwardRelu(image);                         // [N, w, H, W]
        var residual = _output.Forward(_residual.Forward(features));      // [N, C, H, W], r
        return scope.Keep(RowWalk.Sum(image, residual));
    }

    internal override IReadOnlyList<Conv2d> RectifiedChain => [_input, .. _layersBetween.Select(layer => layer.Conv), _output];

    internal override PixelSpan? Sources(PixelSpan outputs) => outputs.Convolved(3, _layers);

    private sealed class ConvRelu : Layer
    {
        public ConvRelu(int width, bool bias, Generator random) =>
            Conv = Child("conv", new Conv2d(width, width, 3, random, padding: 1, bias: bias));

        public Conv2d Conv { get; }

        public override Tensor Forward(Tensor x) => Conv.ForwardRelu(x);
    }
}
