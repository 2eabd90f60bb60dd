using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.Lapgan;

/// <summary>The paper's generator of a CIFAR-10 or STL band: three convolutions over noise plane and low-pass image.</summary>
/// <remarks>
/// Denton et al. 2015, section 4; the release's <c>train_cifar_coarse_to_fine.lua</c>: planes (noise, [class,] l_k) →
/// n, k×k, ReLU → n, k×k, ReLU → 3, 5×5, linear. All convolutions keep the size.
/// </remarks>
public sealed class PlainGenerator : LevelGenerator
{
    private readonly int _size;
    private readonly int _planes;
    private readonly ClassPlane? _class;
    private readonly Conv2d _conv1;
    private readonly Conv2d _conv2;
    private readonly Conv2d _conv3;

    /// <summary>Makes the network.</summary>
    /// <param name="size">F, the side of the band.</param>
    /// <param name="width">n, the channels between the layers.</param>
    /// <param name="kernel">k, the side of the first two filters; odd.</param>
    /// <param name="noisePlanes">Planes of noise.</param>
    /// <param name="classes">The number of classes; 0 for none.</param>
    /// <param name="random">Where the initial values come from.</param>
    public PlainGenerator(int size, int width, int kernel, int noisePlanes, int classes, Generator random)
    {
        _size = size;
        _planes = noisePlanes;
        _class = classes > 0 ? Child("class", new ClassPlane(classes, size, random)) : null;
        var inputs = noisePlanes + (classes > 0 ? 1 : 0) + 3;
        _conv1 = Child("conv1", new Conv2d(inputs, width, kernel, random, padding: kernel / 2));
        _conv2 = Child("conv2", new Conv2d(width, width, kernel, random, padding: kernel / 2));
        _conv3 = Child("conv3", new Conv2d(width, 3, 5, random, padding: 2));
    }

    /// <inheritdoc/>
    public override Tensor Noise(long count, Generator random) => NoisePlane.Uniform(count, _planes, _size, random);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor noise, Tensor? lowPass, Tensor? classes)
    {
        ArgumentNullException.ThrowIfNull(lowPass);
        Tensor[] planes = _class is null || classes is null
            ? [noise, lowPass]
            : [noise, _class.Forward(classes), lowPass];
        var x = Tensor.Cat(planes, 1).Contiguous(MemoryFormat.ChannelsLast); // [N, planes, F, F]
        x = Functional.ReluInPlace(_conv1.Forward(x));                               // [N, n, F, F]
        x = Functional.ReluInPlace(_conv2.Forward(x));
        return _conv3.Forward(x);                                             // [N, 3, F, F]
    }
}

/// <summary>The paper's discriminator of a CIFAR-10 or STL band: two convolutions and a linear layer over h + l.</summary>
/// <remarks>
/// The release's <c>train_cifar_coarse_to_fine.lua</c>: 3 [+ class] → n, 5×5 valid, ReLU → n, 5×5 valid stride 2, ReLU →
/// dropout ½ → linear → logit. The low-pass image enters only by the sum.
/// </remarks>
public sealed class PlainDiscriminator : LevelDiscriminator
{
    /// <summary>The smallest side that the two valid convolutions leave anything of.</summary>
    public const int SmallestSize = 9;

    private readonly ClassPlane? _class;
    private readonly Conv2d _conv1;
    private readonly Conv2d _conv2;
    private readonly Dropout _dropout;
    private readonly Linear _output;

    /// <summary>Makes the network.</summary>
    /// <param name="size">F, at least <see cref="SmallestSize"/>.</param>
    /// <param name="width">n, the channels.</param>
    /// <param name="classes">The number of classes; 0 for none.</param>
    /// <param name="random">Where the initial values come from, on the CPU.</param>
    /// <param name="noise">Where dropout comes from, on the training device.</param>
    public PlainDiscriminator(int size, int width, int classes, Generator random, Generator noise)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, SmallestSize);
        _class = classes > 0 ? Child("class", new ClassPlane(classes, size, random)) : null;
        _conv1 = Child("conv1", new Conv2d(classes > 0 ? 4 : 3, width, 5, random));
        _conv2 = Child("conv2", new Conv2d(width, width, 5, random, stride: 2));
        _dropout = Child("dropout", new Dropout(0.5, noise));
        var side = ((size - 4 - 5) / 2) + 1;
        _output = Child("output", new Linear(width * side * side, 1, random));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor image, Tensor? lowPass, Tensor? classes)
    {
        var x = _class is null || classes is null ? image : Tensor.Cat([image, _class.Forward(classes)], 1);
        x = Functional.ReluInPlace(_conv1.Forward(x.Contiguous(MemoryFormat.ChannelsLast))); // [N, n, F−4, F−4]
        x = Functional.ReluInPlace(_conv2.Forward(x));                                       // [N, n, s, s]
        x = _dropout.Forward(x.Flatten());                                            // [N, n·s·s]
        return _output.Forward(x).Flatten(0);                                         // [N]
    }
}

/// <summary>Noise in the form of image planes.</summary>
internal static class NoisePlane
{
    /// <summary>[N, planes, F, F], uniform in [-1, 1]: the release's noise.</summary>
    public static Tensor Uniform(long count, int planes, int size, Generator random) =>
        Tensor.Empty([count, planes, size, size], device: random.Device).UniformInPlace(-1, 1, random);

    /// <summary>[N, planes, F, F], normal.</summary>
    public static Tensor Normal(long count, int planes, int size, Generator random) =>
        Tensor.Randn([count, planes, size, size], random);
}
