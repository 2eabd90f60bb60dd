using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.SuperResolution;

/// <summary>SRCNN: three convolutions over an image that was enlarged bicubically.</summary>
/// <remarks>
/// Dong, Loy, He and Tang, "Image Super-Resolution Using Deep Convolutional Networks" (2015), section 3.1 and figure 2: patch
/// extraction F1 = max(0, W1 ∗ Y + B1), non-linear mapping F2 = max(0, W2 ∗ F1 + B2), reconstruction F = W3 ∗ F2 + B3.
/// Zeros are added at the edges, so that the size stays; the paper trained without. Names as in yjn870/SRCNN-pytorch.
/// </remarks>
public sealed class Srcnn : SuperResolutionNetwork
{
    private readonly int[] _kernels;
    private readonly Conv2d _conv1;
    private readonly Conv2d _conv2;
    private readonly Conv2d _conv3;

    /// <summary>Makes the network.</summary>
    /// <param name="channels">1 for Y, 3 for RGB.</param>
    /// <param name="kernels">f1, f2, f3, the sides of the filters; odd.</param>
    /// <param name="widths">n1, n2, the numbers of filters.</param>
    /// <param name="random">Where the initial values come from.</param>
    public Srcnn(int channels, IReadOnlyList<int> kernels, IReadOnlyList<int> widths, Generator random)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(widths);
        Channels = channels;
        _kernels = [.. kernels];
        _conv1 = Child("conv1", new Conv2d(channels, widths[0], kernels[0], random, padding: kernels[0] / 2));
        _conv2 = Child("conv2", new Conv2d(widths[0], widths[1], kernels[1], random, padding: kernels[1] / 2));
        _conv3 = Child("conv3", new Conv2d(widths[1], channels, kernels[2], random, padding: kernels[2] / 2));
    }

    /// <inheritdoc/>
    public override int Factor => 1;

    /// <inheritdoc/>
    public override int Channels { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var scope = new TensorScope();
        var f1 = _conv1.ForwardRelu(Prepare(x)); // [N, n1, H, W], patch extraction
        var f2 = _conv2.ForwardRelu(f1);         // [N, n2, H, W], non-linear mapping
        return scope.Keep(MakePixels(_conv3, f2)); // [N, C, H, W], reconstruction
    }

    internal override IReadOnlyList<Conv2d> RectifiedChain => [_conv1, _conv2, _conv3];

    internal override PixelSpan? Sources(PixelSpan outputs) =>
        _kernels.Aggregate(outputs, (range, kernel) => range.Convolved(kernel));
}
