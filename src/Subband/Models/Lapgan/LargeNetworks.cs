using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.Lapgan;

/// <summary>The release's generator of an LSUN band: five convolutions, grouped, with batch norm and pooling over feature pairs.</summary>
/// <remarks>
/// <c>lsun/model.lua</c>, model <c>large</c>. Batch norm stands behind the ReLU and has no scale or shift. The release
/// normalises the three output planes as well, which forces every band to unit variance and is likely a slip of its
/// export; it is left out here.
/// </remarks>
public sealed class LargeGenerator : LevelGenerator
{
    private readonly int _size;
    private readonly int _planes;
    private readonly Conv2d _conv1;
    private readonly Conv2d _conv2;
    private readonly Conv2d _conv3;
    private readonly Conv2d _conv4;
    private readonly Conv2d _conv5;
    private readonly BatchNorm2d _norm1;
    private readonly BatchNorm2d _norm2;
    private readonly BatchNorm2d _norm3;
    private readonly BatchNorm2d _norm4;
    private readonly ChannelDropout _dropout;

    /// <summary>Makes the network.</summary>
    /// <param name="size">F, the side of the band.</param>
    /// <param name="noisePlanes">Planes of noise.</param>
    /// <param name="random">Where the initial values come from, on the CPU.</param>
    /// <param name="noise">Where dropout comes from, on the training device.</param>
    public LargeGenerator(int size, int noisePlanes, Generator random, Generator noise)
    {
        _size = size;
        _planes = noisePlanes;
        _conv1 = Child("conv1", new Conv2d(noisePlanes + 3, 64, 7, random, padding: 3));
        _norm1 = Child("norm1", new BatchNorm2d(64, affine: false));
        _conv2 = Child("conv2", new Conv2d(64, 368, 7, random, padding: 3, groups: 4));
        _norm2 = Child("norm2", new BatchNorm2d(368, affine: false));
        _conv3 = Child("conv3", new Conv2d(368, 128, 7, random, padding: 3, groups: 4));
        _norm3 = Child("norm3", new BatchNorm2d(128, affine: false));
        _conv4 = Child("conv4", new Conv2d(64, 224, 5, random, padding: 2, groups: 2));
        _norm4 = Child("norm4", new BatchNorm2d(224, affine: false));
        _conv5 = Child("conv5", new Conv2d(224, 3, 7, random, padding: 3));
        _dropout = Child("dropout", new ChannelDropout(0.5, noise));
    }

    /// <inheritdoc/>
    public override Tensor Noise(long count, Generator random) => NoisePlane.Uniform(count, _planes, _size, random);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor noise, Tensor? lowPass, Tensor? classes)
    {
        ArgumentNullException.ThrowIfNull(lowPass);
        var x = Tensor.Cat([noise, lowPass], 1).Contiguous(MemoryFormat.ChannelsLast);
        x = _norm1.Forward(Functional.ReluInPlace(_conv1.Forward(x)));                      // [N, 64, F, F]
        x = _dropout.Forward(_norm2.Forward(Functional.ReluInPlace(_conv2.Forward(x))));    // [N, 368, F, F]
        x = _norm3.Forward(Functional.ReluInPlace(_conv3.Forward(x)));                      // [N, 128, F, F]
        x = PoolPairs(x);                                                            // [N, 64, F, F]
        x = _dropout.Forward(_norm4.Forward(Functional.ReluInPlace(_conv4.Forward(x))));    // [N, 224, F, F]
        return _conv5.Forward(x);                                                    // [N, 3, F, F]
    }

    // √(a² + b²) over neighbouring channels. The small number keeps the gradient finite where both are 0.
    private static Tensor PoolPairs(Tensor x) =>
        (x.Reshape(x.Size(0), x.Size(1) / 2, 2, x.Size(2), x.Size(3)).Square().Sum([2]) + 1e-8).Sqrt();
}

/// <summary>The release's discriminator of an LSUN band: three valid convolutions, the later ones grouped, and a linear layer.</summary>
/// <remarks><c>lsun/model.lua</c>, model <c>large</c>, over h + l.</remarks>
public sealed class LargeDiscriminator : LevelDiscriminator
{
    /// <summary>The smallest side that the three valid convolutions leave anything of.</summary>
    public const int SmallestSize = 13;

    private readonly Conv2d _conv1;
    private readonly Conv2d _conv2;
    private readonly Conv2d _conv3;
    private readonly Linear _output;

    /// <summary>Makes the network.</summary>
    /// <param name="size">F, at least <see cref="SmallestSize"/>.</param>
    /// <param name="random">Where the initial values come from.</param>
    public LargeDiscriminator(int size, Generator random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, SmallestSize);
        _conv1 = Child("conv1", new Conv2d(3, 48, 3, random));
        _conv2 = Child("conv2", new Conv2d(48, 448, 5, random, groups: 4));
        _conv3 = Child("conv3", new Conv2d(448, 416, 7, random, groups: 16));
        _output = Child("output", new Linear(416 * (size - 12) * (size - 12), 1, random));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor image, Tensor? lowPass, Tensor? classes)
    {
        ArgumentNullException.ThrowIfNull(image);
        var x = Functional.ReluInPlace(_conv1.Forward(image.Contiguous(MemoryFormat.ChannelsLast))); // [N, 48, F−2, F−2]
        x = Functional.ReluInPlace(_conv2.Forward(x));                                               // [N, 448, F−6, F−6]
        x = Functional.ReluInPlace(_conv3.Forward(x));                                               // [N, 416, F−12, F−12]
        return _output.Forward(x.Flatten()).Flatten(0);                                       // [N]
    }
}
