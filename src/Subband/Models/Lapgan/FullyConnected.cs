using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.Lapgan;

/// <summary>The paper's coarsest generator, and its single-scale baseline: noise to hidden layers to pixels.</summary>
/// <remarks>
/// Denton et al. 2015, section 4: 100 numbers uniform in [-1, 1], hidden layers with ReLU, linear output. The release
/// (<c>train_cifar.lua</c>) has a sigmoid after the second hidden layer. The class, where there is one, stands as one-hot
/// behind the noise. As a generator of bands (the release's model <c>full</c>, the only released one that fits 8 pixels)
/// it has the low-pass image's pixels behind the noise too, and drops units of every hidden layer.
/// </remarks>
public sealed class FullyConnectedGenerator : LevelGenerator
{
    private readonly int _noise;
    private readonly int _size;
    private readonly HiddenActivation _activation;
    private readonly Linear[] _hidden;
    private readonly Dropout _dropout;
    private readonly Linear _output;

    /// <summary>Makes the network.</summary>
    /// <param name="size">F, the side of the image.</param>
    /// <param name="numbers">Numbers of noise.</param>
    /// <param name="widths">Units of the hidden layers.</param>
    /// <param name="activation">What stands between them.</param>
    /// <param name="dropout">Probability with which a hidden unit is dropped while training.</param>
    /// <param name="hasLowPass">Whether there is a low-pass image.</param>
    /// <param name="classes">The number of classes; 0 for none.</param>
    /// <param name="random">Where the initial values come from, on the CPU.</param>
    /// <param name="noise">Where dropout comes from, on the training device.</param>
    public FullyConnectedGenerator(
        int size,
        int numbers,
        IReadOnlyList<int> widths,
        HiddenActivation activation,
        double dropout,
        bool hasLowPass,
        int classes,
        Generator random,
        Generator noise)
    {
        ArgumentNullException.ThrowIfNull(widths);
        _noise = numbers;
        _size = size;
        _activation = activation;
        _hidden = HiddenLayers.Make(numbers + (hasLowPass ? 3 * size * size : 0) + classes, widths, random);
        for (var i = 0; i < _hidden.Length; i++)
        {
            Child($"hidden{i + 1}", _hidden[i]);
        }

        _dropout = Child("dropout", new Dropout(dropout, noise));
        _output = Child("output", new Linear(widths[^1], 3 * size * size, random));
    }

    /// <inheritdoc/>
    public override Tensor Noise(long count, Generator random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return Tensor.Empty([count, _noise], device: random.Device).UniformInPlace(-1, 1, random);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor noise, Tensor? lowPass, Tensor? classes)
    {
        var x = Join(noise, lowPass?.Contiguous().Flatten(), classes); // [N, noise (+ 3·F·F) (+ classes)]
        for (var i = 0; i < _hidden.Length; i++)
        {
            x = _hidden[i].Forward(x);
            x = i > 0 && _activation == HiddenActivation.ReluSigmoid ? Functional.Sigmoid(x) : Functional.ReluInPlace(x);
            x = _dropout.Forward(x);
        }

        return _output.Forward(x).View(-1, 3, _size, _size); // [N, 3, F, F]
    }

    private static Tensor Join(params Tensor?[] parts)
    {
        Tensor[] present = [.. parts.OfType<Tensor>()];
        return present.Length == 1 ? present[0] : Tensor.Cat(present, 1);
    }
}

/// <summary>The paper's coarsest discriminator: pixels to hidden layers with ReLU and dropout to one logit.</summary>
/// <remarks>
/// Denton et al. 2015, section 4, and <c>train_cifar.lua</c>. The class stands as one-hot behind the pixels. As a
/// discriminator of bands (the release's model <c>full</c>) it drops no units of the first hidden layer.
/// </remarks>
public sealed class FullyConnectedDiscriminator : LevelDiscriminator
{
    private readonly Linear[] _hidden;
    private readonly Dropout _dropout;
    private readonly int _firstDropped;
    private readonly Linear _output;

    /// <summary>Makes the network.</summary>
    /// <param name="size">F, the side of the image.</param>
    /// <param name="widths">Units of the hidden layers.</param>
    /// <param name="dropout">Probability with which a hidden unit is dropped while training.</param>
    /// <param name="firstDropped">The first hidden layer of which units are dropped, counted from 0.</param>
    /// <param name="classes">The number of classes; 0 for none.</param>
    /// <param name="random">Where the initial values come from, on the CPU.</param>
    /// <param name="noise">Where dropout comes from, on the training device.</param>
    public FullyConnectedDiscriminator(
        int size, IReadOnlyList<int> widths, double dropout, int firstDropped, int classes, Generator random, Generator noise)
    {
        ArgumentNullException.ThrowIfNull(widths);
        _firstDropped = firstDropped;
        _hidden = HiddenLayers.Make((3 * size * size) + classes, widths, random);
        for (var i = 0; i < _hidden.Length; i++)
        {
            Child($"hidden{i + 1}", _hidden[i]);
        }

        _dropout = Child("dropout", new Dropout(dropout, noise));
        _output = Child("output", new Linear(widths[^1], 1, random));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor image, Tensor? lowPass, Tensor? classes)
    {
        ArgumentNullException.ThrowIfNull(image);
        var x = image.Contiguous().Flatten(); // [N, 3·F·F]
        x = classes is null ? x : Tensor.Cat([x, classes], 1);
        for (var i = 0; i < _hidden.Length; i++)
        {
            x = Functional.ReluInPlace(_hidden[i].Forward(x));
            x = i < _firstDropped ? x : _dropout.Forward(x);
        }

        return _output.Forward(x).Flatten(0); // [N]
    }
}

/// <summary>What the two fully connected networks share.</summary>
internal static class HiddenLayers
{
    public static Linear[] Make(int inputs, IReadOnlyList<int> widths, Generator random) =>
        [.. widths.Select((width, i) => new Linear(i == 0 ? inputs : widths[i - 1], width, random))];

    /// <summary>Draws every weight matrix anew from a normal distribution and sets every bias to 0, as the release does.</summary>
    public static void Initialise(Module network, double deviation, Generator random)
    {
        using var noGrad = Autograd.NoGrad();
        foreach (var (name, parameter) in network.NamedParameters())
        {
            if (name.EndsWith(".bias", StringComparison.Ordinal))
            {
                parameter.ZeroInPlace();
            }
            else
            {
                parameter.NormalInPlace(0, deviation, random);
            }
        }
    }
}
