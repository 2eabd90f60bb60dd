using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.Lapgan;

/// <summary>
/// A generator of bands: what LAPGAN's stack of large filters does, as residual blocks at half resolution, with several
/// planes of noise and of the class.
/// </summary>
/// <remarks>
/// Planes (noise, class, l_k) → 3×3 → [stride 2 → blocks → transposed stride 2] added → 3×3 → 3×3 → 3 planes. The
/// activations and resamplings are those that run fast in channels-last bfloat16 on a CPU: ReLU and strided convolutions.
/// </remarks>
public sealed class ResidualBandGenerator : LevelGenerator
{
    private readonly int _size;
    private readonly int _planes;
    private readonly ClassPlane? _class;
    private readonly Conv2d _input;
    private readonly Conv2d _down;
    private readonly Sequential _blocks;
    private readonly ConvTranspose2d _up;
    private readonly Conv2d _fine;
    private readonly Conv2d _output;

    /// <summary>Makes the network.</summary>
    /// <param name="size">F, the side of the band; even.</param>
    /// <param name="width">Channels at full resolution; twice as many at half.</param>
    /// <param name="blocks">Residual blocks at half resolution.</param>
    /// <param name="noisePlanes">Planes of noise.</param>
    /// <param name="classes">The number of classes; 0 for none.</param>
    /// <param name="random">Where the initial values come from.</param>
    public ResidualBandGenerator(int size, int width, int blocks, int noisePlanes, int classes, Generator random)
    {
        _size = size;
        _planes = noisePlanes;
        _class = classes > 0 ? Child("class", new ClassPlane(classes, size, random, noisePlanes)) : null;
        var inputs = noisePlanes + (classes > 0 ? noisePlanes : 0) + 3;
        _input = Child("input", new Conv2d(inputs, width, 3, random, padding: 1));
        _down = Child("down", new Conv2d(width, 2 * width, 4, random, stride: 2, padding: 1));
        _blocks = Child("blocks", Blocks(blocks, 2 * width, random));
        _up = Child("up", new ConvTranspose2d(2 * width, width, 4, random, stride: 2, padding: 1));
        _fine = Child("fine", new Conv2d(width, width, 3, random, padding: 1));
        _output = Child("output", new Conv2d(width, 3, 3, random, padding: 1));
    }

    /// <inheritdoc/>
    public override Tensor Noise(long count, Generator random) => NoisePlane.Normal(count, _planes, _size, random);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor noise, Tensor? lowPass, Tensor? classes)
    {
        ArgumentNullException.ThrowIfNull(lowPass);
        Tensor[] planes = _class is null || classes is null
            ? [noise, lowPass]
            : [noise, _class.Forward(classes), lowPass];
        var fine = _input.Forward(Tensor.Cat(planes, 1).Contiguous(MemoryFormat.ChannelsLast)); // [N, w, F, F]
        var coarse = _blocks.Forward(_down.Forward(Functional.Relu(fine)));                      // [N, 2w, F/2, F/2]
        var x = fine + _up.Forward(Functional.ReluInPlace(coarse));                                     // [N, w, F, F]
        x = _fine.Forward(Functional.ReluInPlace(x));
        return _output.Forward(Functional.ReluInPlace(x));                                              // [N, 3, F, F]
    }

    internal static Sequential Blocks(int count, int channels, Generator random) =>
        new([.. Enumerable.Range(0, count).Select(_ => new ResidualBlock(channels, random))]);
}

/// <summary>A generator of whole small images: noise and class to a map of half the side, residual blocks, enlargement.</summary>
public sealed class ResidualBaseGenerator : LevelGenerator
{
    private readonly int _start;
    private readonly int _noise;
    private readonly int _width;
    private readonly Linear _input;
    private readonly Sequential _coarse;
    private readonly ConvTranspose2d _up;
    private readonly Sequential _fine;
    private readonly Conv2d _output;

    /// <summary>Makes the network.</summary>
    /// <param name="size">F, the side of the image; even. The blocks work at F/2 and F.</param>
    /// <param name="noise">Numbers of noise.</param>
    /// <param name="width">Channels at full resolution; twice as many at half.</param>
    /// <param name="classes">The number of classes; 0 for none.</param>
    /// <param name="random">Where the initial values come from.</param>
    public ResidualBaseGenerator(int size, int noise, int width, int classes, Generator random)
    {
        _start = size / 2;
        _noise = noise;
        _width = width;
        _input = Child("input", new Linear(noise + classes, 2 * width * _start * _start, random));
        _coarse = Child("coarse", ResidualBandGenerator.Blocks(2, 2 * width, random));
        _up = Child("up", new ConvTranspose2d(2 * width, width, 4, random, stride: 2, padding: 1));
        _fine = Child("fine", ResidualBandGenerator.Blocks(1, width, random));
        _output = Child("output", new Conv2d(width, 3, 3, random, padding: 1));
    }

    /// <inheritdoc/>
    public override Tensor Noise(long count, Generator random) => Tensor.Randn([count, _noise], random);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor noise, Tensor? lowPass, Tensor? classes)
    {
        var z = classes is null ? noise : Tensor.Cat([noise, classes], 1);                 // [N, noise + classes]
        var x = _input.Forward(z).View(-1, 2 * _width, _start, _start).Contiguous(MemoryFormat.ChannelsLast);
        x = _up.Forward(Functional.ReluInPlace(_coarse.Forward(x)));                              // [N, w, F, F]
        return _output.Forward(Functional.ReluInPlace(_fine.Forward(x)));                         // [N, 3, F, F]
    }
}

/// <summary>
/// A discriminator that halves the image down to 4 pixels by strided convolutions and judges with a projection of the
/// class. It sees the image and, at the finer levels, the low-pass image as well.
/// </summary>
/// <remarks>
/// Strides in place of pooling: Radford et al. 2016 (DCGAN). The projection: Miyato and Koyama, "cGANs with Projection
/// Discriminator" (2018), equation 8.
/// </remarks>
public sealed class StridedDiscriminator : LevelDiscriminator
{
    private const int LastSide = 4;

    private readonly Conv2d _input;
    private readonly Conv2d[] _halvings;
    private readonly Conv2d _features;
    private readonly Linear _output;
    private readonly Linear? _projection;

    /// <summary>Makes the network.</summary>
    /// <param name="size">F, the side of the image.</param>
    /// <param name="hasLowPass">Whether there is a low-pass image.</param>
    /// <param name="width">Channels at full resolution; they double with each halving, up to eight times as many.</param>
    /// <param name="classes">The number of classes; 0 for none.</param>
    /// <param name="spectralNorm">Whether every weight is divided by its spectral norm.</param>
    /// <param name="random">Where the initial values come from.</param>
    public StridedDiscriminator(
        int size, bool hasLowPass, int width, int classes, bool spectralNorm, Generator random)
    {
        _input = Child("input", new Conv2d(hasLowPass ? 6 : 3, width, 3, random, padding: 1, spectralNorm: spectralNorm));
        var halvings = new List<Conv2d>();
        var (side, channels) = (size, width);
        while (side > LastSide)
        {
            var wider = Math.Min(2 * channels, 8 * width);
            var halving = new Conv2d(channels, wider, 4, random, stride: 2, padding: 1, spectralNorm: spectralNorm);
            halvings.Add(Child($"halving{halvings.Count + 1}", halving));
            (side, channels) = (side / 2, wider);
        }

        _halvings = [.. halvings];
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
        var x = Functional.ReluInPlace(_input.Forward(planes.Contiguous(MemoryFormat.ChannelsLast)));    // [N, w, F, F]
        foreach (var halving in _halvings)
        {
            x = Functional.ReluInPlace(halving.Forward(x));
        }

        var features = Functional.ReluInPlace(_features.Forward(x)).Flatten();                           // [N, C]
        var logits = _output.Forward(features).Flatten(0);                                        // [N]
        return _projection is null || classes is null
            ? logits
            : logits + (_projection.Forward(classes) * features).Sum([1]);
    }
}
