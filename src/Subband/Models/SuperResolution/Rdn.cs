using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.SuperResolution;

/// <summary>RDN: blocks in which every convolution sees all before it, and whose results are all seen at the end.</summary>
/// <remarks>
/// Zhang, Tian, Kong, Zhong and Fu, "Residual Dense Network for Image Super-Resolution" (2018), section 3 and figure 2: shallow
/// features F₋₁ and F₀; D residual dense blocks F₁ … F_D; dense feature fusion F_GF of all of them plus F₋₁; enlargement.
/// Names as in yjn870/RDN-pytorch.
/// </remarks>
public sealed class Rdn : SuperResolutionNetwork
{
    private readonly int _layers;
    private readonly ColourRange _colours;
    private readonly Conv2d _sfe1;
    private readonly Conv2d _sfe2;
    private readonly ResidualDenseBlock[] _rdbs;
    private readonly Conv2d _fusion; // global feature fusion
    private readonly Conv2d _afterFusion;
    private readonly PixelShuffleUpsampler _upscale;
    private readonly Conv2d _output;

    /// <summary>Makes the network.</summary>
    /// <param name="factor">By how much it enlarges: 3 or a power of 2.</param>
    /// <param name="blocks">D, residual dense blocks.</param>
    /// <param name="layers">C, convolutions of a block before its fusion.</param>
    /// <param name="growth">G, channels that each of them adds.</param>
    /// <param name="width">G₀, channels between the blocks.</param>
    /// <param name="tailWidth">Channels after the enlargement: G₀, or G as in EDSR-PyTorch.</param>
    /// <param name="mean">What is subtracted of red, green and blue in [0,1]; empty for nothing.</param>
    /// <param name="range">The number that stands for white within the network: 1 or 255.</param>
    /// <param name="random">Where the initial values come from.</param>
    public Rdn(
        int factor, int blocks, int layers, int growth, int width, int tailWidth, IReadOnlyList<double> mean, double range, Generator random)
    {
        Factor = factor;
        _layers = layers;
        _colours = new ColourRange(mean, range);
        _sfe1 = Child("sfe1", new Conv2d(3, width, 3, random, padding: 1));
        _sfe2 = Child("sfe2", new Conv2d(width, width, 3, random, padding: 1));
        _rdbs = [.. Enumerable.Range(0, blocks).Select(_ => new ResidualDenseBlock(layers, growth, width, random))];
        Child("rdbs", new Sequential([.. _rdbs]));
        _fusion = new Conv2d(blocks * width, width, 1, random);
        _afterFusion = new Conv2d(width, width, 3, random, padding: 1);
        Child("gff", new Sequential(_fusion, _afterFusion));
        _upscale = Child("upscale", new PixelShuffleUpsampler(factor, width, tailWidth, random));
        _output = Child("output", new Conv2d(tailWidth, 3, 3, random, padding: 1));
    }

    /// <inheritdoc/>
    public override int Factor { get; }

    /// <inheritdoc/>
    public override int Channels => 3;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var scope = new TensorScope();
        var image = Prepare(x);                                           // [N, 3, H, W]
        var shallow = _sfe1.Forward(_colours.Enter(image));               // [N, G₀, H, W], F₋₁
        var f = _sfe2.Forward(shallow);                                   // F₀
        var all = new Tensor[_rdbs.Length];
        for (var d = 0; d < _rdbs.Length; d++)
        {
            all[d] = f = _rdbs[d].Forward(f);                             // F_d
        }

        var dense = _afterFusion.ForwardPlus(_fusion.ForwardBeside(all), shallow); // F_GF + F₋₁
        return scope.Keep(Complete(image, _output, _upscale.Forward(dense), _colours)); // [N, 3, sH, sW]
    }

    internal override PixelSpan? Sources(PixelSpan outputs) =>
        _upscale.Sources(outputs.Convolved(3)).Convolved(3, 2 + (_rdbs.Length * _layers) + 1);
}

/// <summary>C convolutions that each see the block's input and all outputs before; a 1×1 fuses them; the input is added.</summary>
/// <remarks>Zhang et al. 2018, section 3.2 and figure 3.</remarks>
internal sealed class ResidualDenseBlock : Layer
{
    private readonly DenseLayer[] _dense;
    private readonly Sequential _layers;
    private readonly Conv2d _lff;

    public ResidualDenseBlock(int layers, int growth, int width, Generator random)
    {
        _dense = [.. Enumerable.Range(0, layers).Select(c => new DenseLayer(width + (c * growth), growth, random))];
        _layers = Child("layers", new Sequential([.. _dense]));
        _lff = Child("lff", new Conv2d(width + (layers * growth), width, 1, random)); // local feature fusion
    }

    public override Tensor Forward(Tensor x)
    {
        if (DenseLayers.TryForward(x, [.. _dense.Select(layer => layer.Conv)], _lff) is { } fused)
        {
            return fused;
        }

        using var scope = new TensorScope();
        var all = _layers.Forward(x);                       // [N, G₀ + C·G, H, W]
        return scope.Keep(_lff.ForwardPlus(all, x));
    }

    private sealed class DenseLayer : Layer
    {
        public DenseLayer(int inputs, int growth, Generator random) =>
            Conv = Child("conv", new Conv2d(inputs, growth, 3, random, padding: 1));

        public Conv2d Conv { get; }

        public override Tensor Forward(Tensor x)
        {
            using var scope = new TensorScope();
            return scope.Keep(RowWalk.Beside(x, Conv.ForwardRelu(x))); // [N, inputs + G, H, W]
        }
    }
}
