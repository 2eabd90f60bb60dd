using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.Lapgan;

/// <summary>
/// A generator of bands of residual blocks at half resolution: what LAPGAN's three large convolutions do, deeper and
/// with the class as a scale and shift of features.
/// </summary>
/// <remarks>
/// Planes (noise, l_k) → 3×3 → [half resolution: 3×3, blocks] → enlarged and joined with the full resolution → 3×3 → 3
/// planes. No normalisation: each block starts as the identity, as in Bachlechner et al. 2020 (ReZero).
/// </remarks>
public sealed class ResidualBandGenerator : LevelGenerator
{
    private const double Slope = 0.2;

    private readonly int _size;
    private readonly int _planes;
    private readonly Conv2d _input;
    private readonly Conv2d _down;
    private readonly ResidualBlock[] _blocks;
    private readonly Conv2d _up;
    private readonly ResidualBlock _fine;
    private readonly Conv2d _output;

    /// <summary>Makes the network.</summary>
    /// <param name="size">F, the side of the band.</param>
    /// <param name="width">Channels at full resolution; twice as many at half.</param>
    /// <param name="blocks">Residual blocks at half resolution.</param>
    /// <param name="noisePlanes">Planes of noise.</param>
    /// <param name="classes">The number of classes; 0 for none.</param>
    /// <param name="random">Where the initial values come from.</param>
    public ResidualBandGenerator(int size, int width, int blocks, int noisePlanes, int classes, Generator random)
    {
        _size = size;
        _planes = noisePlanes;
        _input = Child("input", new Conv2d(noisePlanes + 3, width, 3, random, padding: 1));
        _down = Child("down", new Conv2d(width, 2 * width, 3, random, stride: 2, padding: 1));
        _blocks = [.. Enumerable.Range(0, blocks).Select(i =>
            Child($"block{i + 1}", new ResidualBlock(2 * width, classes, random)))];
        _up = Child("up", new Conv2d(2 * width, width, 3, random, padding: 1));
        _fine = Child("fine", new ResidualBlock(width, classes, random));
        _output = Child("output", new Conv2d(width, 3, 3, random, padding: 1));
    }

    /// <inheritdoc/>
    public override Tensor Noise(long count, Generator random) => NoisePlane.Normal(count, _planes, _size, random);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor noise, Tensor? lowPass, Tensor? classes)
    {
        ArgumentNullException.ThrowIfNull(lowPass);
        var fine = _input.Forward(Tensor.Cat([noise, lowPass], 1).Contiguous(MemoryFormat.ChannelsLast)); // [N, w, F, F]
        var coarse = _down.Forward(Functional.LeakyRelu(fine, Slope));                                    // [N, 2w, F/2, F/2]
        foreach (var block in _blocks)
        {
            coarse = block.Forward(coarse, classes);
        }

        var enlarged = Functional.UpsampleNearest(Functional.LeakyRelu(coarse, Slope), _size, _size);     // [N, 2w, F, F]
        var x = fine + _up.Forward(enlarged);                                                             // [N, w, F, F]
        x = _fine.Forward(x, classes);
        return _output.Forward(Functional.LeakyRelu(x, Slope));                                           // [N, 3, F, F]
    }
}

/// <summary>A generator of whole small images: noise and class to a quarter-size map, residual blocks, enlargement.</summary>
public sealed class ResidualBaseGenerator : LevelGenerator
{
    private const double Slope = 0.2;

    private readonly int _size;
    private readonly int _start;
    private readonly int _noise;
    private readonly int _width;
    private readonly Linear _input;
    private readonly ResidualBlock _coarse1;
    private readonly ResidualBlock _coarse2;
    private readonly Conv2d _up;
    private readonly ResidualBlock _fine1;
    private readonly ResidualBlock _fine2;
    private readonly Conv2d _output;

    /// <summary>Makes the network.</summary>
    /// <param name="size">F, the side of the image; the blocks work at F/2 and F.</param>
    /// <param name="noise">Numbers of noise.</param>
    /// <param name="width">Channels at full resolution; twice as many at half.</param>
    /// <param name="classes">The number of classes; 0 for none.</param>
    /// <param name="random">Where the initial values come from.</param>
    public ResidualBaseGenerator(int size, int noise, int width, int classes, Generator random)
    {
        _size = size;
        _start = (size + 1) / 2;
        _noise = noise;
        _width = width;
        _input = Child("input", new Linear(noise + classes, 2 * width * _start * _start, random));
        _coarse1 = Child("coarse1", new ResidualBlock(2 * width, classes, random));
        _coarse2 = Child("coarse2", new ResidualBlock(2 * width, classes, random));
        _up = Child("up", new Conv2d(2 * width, width, 3, random, padding: 1));
        _fine1 = Child("fine1", new ResidualBlock(width, classes, random));
        _fine2 = Child("fine2", new ResidualBlock(width, classes, random));
        _output = Child("output", new Conv2d(width, 3, 3, random, padding: 1));
    }

    /// <inheritdoc/>
    public override Tensor Noise(long count, Generator random) => Tensor.Randn([count, _noise], random);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor noise, Tensor? lowPass, Tensor? classes)
    {
        var z = classes is null ? noise : Tensor.Cat([noise, classes], 1);                            // [N, noise + classes]
        var x = _input.Forward(z).View(-1, 2 * _width, _start, _start).Contiguous(MemoryFormat.ChannelsLast);
        x = _coarse2.Forward(_coarse1.Forward(x, classes), classes);                                  // [N, 2w, F/2, F/2]
        x = _up.Forward(Functional.UpsampleNearest(Functional.LeakyRelu(x, Slope), _size, _size));    // [N, w, F, F]
        x = _fine2.Forward(_fine1.Forward(x, classes), classes);
        return _output.Forward(Functional.LeakyRelu(x, Slope));                                       // [N, 3, F, F]
    }
}

/// <summary>
/// A discriminator of residual blocks that halve the image down to 4 pixels, and a projection of the class. It sees the
/// image and, at the finer levels, the low-pass image as well.
/// </summary>
/// <remarks>The projection: Miyato and Koyama, "cGANs with Projection Discriminator" (2018), equation 8.</remarks>
public sealed class ResidualDiscriminator : LevelDiscriminator
{
    private const double Slope = 0.2;
    private const int LastSide = 4;

    private readonly Conv2d _input;
    private readonly HalvingBlock[] _blocks;
    private readonly Conv2d _features;
    private readonly Linear _output;
    private readonly Linear? _projection;

    /// <summary>Makes the network.</summary>
    /// <param name="size">F, the side of the image.</param>
    /// <param name="hasLowPass">Whether there is a low-pass image.</param>
    /// <param name="width">Channels at full resolution; they double with each halving, up to four times as many.</param>
    /// <param name="classes">The number of classes; 0 for none.</param>
    /// <param name="spectralNorm">Whether every weight is divided by its spectral norm.</param>
    /// <param name="random">Where the initial values come from.</param>
    public ResidualDiscriminator(
        int size, bool hasLowPass, int width, int classes, bool spectralNorm, Generator random)
    {
        _input = Child("input", new Conv2d(hasLowPass ? 6 : 3, width, 3, random, padding: 1, spectralNorm: spectralNorm));
        var blocks = new List<HalvingBlock>();
        var (side, channels) = (size, width);
        while (side > LastSide)
        {
            var wider = Math.Min(2 * channels, 4 * width);
            blocks.Add(Child($"block{blocks.Count + 1}", new HalvingBlock(channels, wider, spectralNorm, random)));
            (side, channels) = (side / 2, wider);
        }

        _blocks = [.. blocks];
        _features = Child("features", new Conv2d(channels, channels, side, random, spectralNorm: spectralNorm));
        _output = Child("output", new Linear(channels, 1, random, spectralNorm: spectralNorm));
        _projection = classes > 0
            ? Child("projection", new Linear(classes, channels, random, bias: false, spectralNorm: spectralNorm))
            : null;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor image, Tensor? lowPass, Tensor? classes)
    {
        ArgumentNullException.ThrowIfNull(image);
        var planes = lowPass is null ? image : Tensor.Cat([image, lowPass], 1);
        var x = _input.Forward(planes.Contiguous(MemoryFormat.ChannelsLast));                         // [N, w, F, F]
        foreach (var block in _blocks)
        {
            x = block.Forward(x);
        }

        var features = Functional.LeakyRelu(_features.Forward(Functional.LeakyRelu(x, Slope)), Slope).Flatten(); // [N, C]
        var logits = _output.Forward(features).Flatten(0);                                            // [N]
        return _projection is null || classes is null
            ? logits
            : logits + (_projection.Forward(classes) * features).Sum([1]);
    }
}
