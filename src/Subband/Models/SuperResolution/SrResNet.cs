using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.SuperResolution;

/// <summary>SRResNet: residual blocks, by the paper with batch norm; also the generator of SRGAN.</summary>
/// <remarks>
/// <para>
/// Ledig et al., "Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial Network" (2017), section 2.1 and
/// figure 4, above: 9×9 and PReLU; 16 residual blocks; 3×3 and batch norm, plus the output of the first layer; for each factor 2
/// a 3×3, pixel shuffle and PReLU; 9×9. Names as in Lornatang/SRGAN-PyTorch.
/// </para>
/// <para>
/// The paper's network gives images in [−1, 1], this one in [0,1], as Lornatang's does. They are the same but for the last
/// convolution: half its weights, and half of its biases plus ½. Lornatang's clamps to [0,1] at the very end; here that is left
/// to the caller, as with all networks, so that gradients flow while training.
/// </para>
/// <para>
/// Without batch norm, as Lim et al., "Enhanced Deep Residual Networks for Single Image Super-Resolution" (2017), section 3.1, have
/// it, convolutions have biases, and the network is quicker and no worse.
/// </para>
/// </remarks>
public sealed class SrResNet : SuperResolutionNetwork
{
    private readonly int _blocks;
    private readonly int[] _steps;
    private readonly Sequential _conv1;
    private readonly Sequential _trunk;
    private readonly Sequential _conv2;
    private readonly Sequential _upsampling;
    private readonly Conv2d _conv3;

    /// <summary>Makes the network.</summary>
    /// <param name="factor">By how much it enlarges: 3 or a power of 2.</param>
    /// <param name="blocks">B, residual blocks.</param>
    /// <param name="width">Channels.</param>
    /// <param name="tailWidth">Channels after the enlargement: those before in the paper.</param>
    /// <param name="batchNorm">Whether batch norm follows the convolutions of the blocks, as in the paper.</param>
    /// <param name="random">Where the initial values come from.</param>
    public SrResNet(int factor, int blocks, int width, int tailWidth, bool batchNorm, Generator random)
    {
        Factor = factor;
        _blocks = blocks;
        _steps = PixelShuffleUpsampler.Steps(factor);
        _conv1 = Child("conv1", new Sequential(new Conv2d(3, width, 9, random, padding: 4), new PRelu()));
        _trunk = Child("trunk", new Sequential([.. Enumerable.Range(0, blocks).Select(_ => new Block(width, batchNorm, random))]));
        _conv2 = Child("conv2", new Sequential(Convolution(width, batchNorm, random)));
        _upsampling = Child("upsampling", new Sequential(
            [.. _steps.Select((step, i) => new UpsampleBlock(step, i == 0 ? width : tailWidth, tailWidth, random))]));
        _conv3 = Child("conv3", new Conv2d(tailWidth, 3, 9, random, padding: 4));
    }

    /// <inheritdoc/>
    public override int Factor { get; }

    /// <inheritdoc/>
    public override int Channels => 3;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var scope = new TensorScope();
        var image = Prepare(x);                                                  // [N, 3, H, W]
        var shallow = _conv1.Forward(image);                                     // [N, w, H, W]
        var deep = _conv2.ForwardPlus(_trunk.Forward(shallow), shallow);
        return scope.Keep(Complete(image, _conv3, _upsampling.Forward(deep), ColourRange.Unit)); // [N, 3, sH, sW]
    }

    internal override PixelSpan? Sources(PixelSpan outputs) => _steps
        .Aggregate(outputs.Convolved(9), (range, step) => range.Shuffled(step).Convolved(3)) // all steps but a single one are alike
        .Convolved(3, 1 + (2 * _blocks))
        .Convolved(9);

    private static Layer[] Convolution(int width, bool batchNorm, Generator random)
    {
        Conv2d conv = new(width, width, 3, random, padding: 1, bias: !batchNorm);
        return batchNorm ? [conv, new BatchNorm2d(width)] : [conv];
    }

    private sealed class Block : Layer
    {
        private readonly Sequential _rcb;

        public Block(int width, bool batchNorm, Generator random) => _rcb = Child("rcb", new Sequential(
            [.. Convolution(width, batchNorm, random), new PRelu(), .. Convolution(width, batchNorm, random)]));

        public override Tensor Forward(Tensor x)
        {
            using var scope = new TensorScope();
            return scope.Keep(_rcb.ForwardPlus(x, x));
        }
    }

    private sealed class UpsampleBlock : Layer
    {
        private readonly Sequential _block;

        public UpsampleBlock(int step, int inputs, int width, Generator random) => _block = Child("upsample_block", new Sequential(
            new Conv2d(inputs, step * step * width, 3, random, padding: 1),
            new PixelShuffle(step),
            new PRelu()));

        public override Tensor Forward(Tensor x)
        {
            using var scope = new TensorScope();
            return scope.Keep(_block.Forward(x));
        }
    }
}
