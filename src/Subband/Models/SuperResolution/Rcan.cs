using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.SuperResolution;

/// <summary>RCAN: groups of residual blocks with channel attention, each group and all of them with a skip of their own.</summary>
/// <remarks>
/// Zhang, Li, Li, Wang, Zhong and Fu, "Image Super-Resolution Using Very Deep Residual Channel Attention Networks" (2018), section 3
/// and figure 2: shallow feature F₀; G residual groups and a convolution, plus F₀ (the long skip); enlargement. Because of the
/// attention every pixel depends on the whole image. Names as in BasicSR.
/// </remarks>
public sealed class Rcan : SuperResolutionNetwork
{
    private readonly ColourRange _colours;
    private readonly Conv2d _first;
    private readonly Sequential _body;
    private readonly Conv2d _afterBody;
    private readonly PixelShuffleUpsampler _upsample;
    private readonly Conv2d _last;

    /// <summary>Makes the network.</summary>
    /// <param name="factor">By how much it enlarges: 3 or a power of 2.</param>
    /// <param name="groups">G, residual groups.</param>
    /// <param name="blocks">B, blocks of a group.</param>
    /// <param name="width">C, channels.</param>
    /// <param name="tailWidth">Channels after the enlargement: C in the paper.</param>
    /// <param name="reduction">r of the channel attention; at most C.</param>
    /// <param name="mean">What is subtracted of red, green and blue in [0,1]; empty for nothing.</param>
    /// <param name="range">The number that stands for white within the network: 255 in the paper's.</param>
    /// <param name="random">Where the initial values come from.</param>
    public Rcan(
        int factor, int groups, int blocks, int width, int tailWidth, int reduction, IReadOnlyList<double> mean, double range, Generator random)
    {
        Factor = factor;
        _colours = new ColourRange(mean, range);
        _first = Child("conv_first", new Conv2d(3, width, 3, random, padding: 1));
        _body = Child("body", new Sequential(
            [.. Enumerable.Range(0, groups).Select(_ => new ResidualGroup(blocks, width, reduction, random))]));
        _afterBody = Child("conv_after_body", new Conv2d(width, width, 3, random, padding: 1));
        _upsample = Child("upsample", new PixelShuffleUpsampler(factor, width, tailWidth, random));
        _last = Child("conv_last", new Conv2d(tailWidth, 3, 3, random, padding: 1));
    }

    /// <inheritdoc/>
    public override int Factor { get; }

    /// <inheritdoc/>
    public override int Channels => 3;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var scope = new TensorScope();
        var image = Prepare(x);                                               // [N, 3, H, W]
        var shallow = _first.Forward(_colours.Enter(image));                  // [N, C, H, W], F₀
        var deep = _afterBody.ForwardPlus(_body.Forward(shallow), shallow);     // F_DF
        return scope.Keep(Complete(image, _last, _upsample.Forward(deep), _colours)); // [N, 3, sH, sW]
    }

    internal override PixelSpan? Sources(PixelSpan outputs) => null;

    /// <summary>B blocks and a convolution, plus the group's input (the short skip).</summary>
    private sealed class ResidualGroup : Layer
    {
        private readonly Sequential _blocks;
        private readonly Conv2d _conv;

        public ResidualGroup(int blocks, int width, int reduction, Generator random)
        {
            _blocks = Child("residual_group", new Sequential(
                [.. Enumerable.Range(0, blocks).Select(_ => new AttentionBlock(width, reduction, random))]));
            _conv = Child("conv", new Conv2d(width, width, 3, random, padding: 1));
        }

        public override Tensor Forward(Tensor x)
        {
            using var scope = new TensorScope();
            return scope.Keep(_conv.ForwardPlus(_blocks.Forward(x), x));
        }
    }

    /// <summary>RCAB (figure 4): two convolutions and channel attention, plus the block's input.</summary>
    private sealed class AttentionBlock : Layer
    {
        private readonly Conv2d _conv1;
        private readonly Conv2d _conv2;
        private readonly ChannelAttention _attention;

        public AttentionBlock(int width, int reduction, Generator random)
        {
            _conv1 = new Conv2d(width, width, 3, random, padding: 1);
            _conv2 = new Conv2d(width, width, 3, random, padding: 1);
            _attention = new ChannelAttention(width, reduction, random);
            Child("rcab", new Sequential(_conv1, new Relu(), _conv2, _attention));
        }

        public override Tensor Forward(Tensor x)
        {
            using var scope = new TensorScope();
            var y = _conv2.Forward(_conv1.ForwardRelu(x));
            return scope.Keep(_attention.Forward(y) + x);
        }
    }
}
