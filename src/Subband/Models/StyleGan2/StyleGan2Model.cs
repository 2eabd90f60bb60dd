using Subband.Imaging;
using Subband.Torch;

namespace Subband.Models.StyleGan2;

/// <summary>Which noise a generator adds to its features.</summary>
public enum StyleNoise
{
    /// <summary>Other noise for each image.</summary>
    Random,

    /// <summary>The network's own, the same for all images.</summary>
    Constant,

    /// <summary>None.</summary>
    None,
}

/// <summary>How images are made of latent vectors.</summary>
public sealed record StyleSampling
{
    /// <summary>ψ: styles w become w̄ + ψ · (w − w̄), with the mean style w̄; 1 leaves them, less makes images more alike and often better.</summary>
    public double Truncation { get; init; } = 1;

    /// <summary>How many layers, the coarsest first, are truncated; null for all.</summary>
    public int? TruncatedLayers { get; init; }

    /// <summary>Which noise is added.</summary>
    public StyleNoise Noise { get; init; } = StyleNoise.Random;
}

/// <summary>A trained StyleGAN2 or SWAGAN.</summary>
/// <remarks>
/// Latent vectors z become styles w, one of which each layer of the generator is given. Truncation: Karras et al. 2019, section 2 and appendix B.
/// </remarks>
public sealed class StyleGan2Model : IImageGenerator
{
    private const int StylesForMean = 10_000;
    private const ulong MeanStream = 0x4D45_414E;   // what the latent vectors of the mean are derived for
    private const ulong LatentStream = 0x4C41_5445;
    private const ulong NoiseStream = 0x4E4F_4953;
    private const int PixelsOfPart = 1 << 18;
    private const int MostInPart = 64;

    private readonly StyleGan2Generator _generator;
    private readonly Device _device;
    private readonly bool _owned;
    private Tensor? _meanStyles;

    internal StyleGan2Model(
        StyleGan2Settings settings, IReadOnlyList<string> classes, StyleGan2Generator generator, Device device, bool owned)
    {
        (Settings, _generator, _device, _owned) = (settings, generator, device, owned);
        Classes = settings.Conditional ? classes : [];
    }

    /// <summary>The settings it was trained with.</summary>
    public StyleGan2Settings Settings { get; }

    /// <summary>The size of its generator.</summary>
    public StyleGan2Shape Shape => _generator.Shape;

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes { get; }

    /// <inheritdoc/>
    public int Height => Shape.Height;

    /// <inheritdoc/>
    public int Width => Shape.Width;

    /// <summary>What the pixels of its images hold.</summary>
    public PixelColour Colour => Settings.Network.Colour;

    /// <inheritdoc/>
    public int PartSize => Math.Clamp(PixelsOfPart / (Height * Width), 1, MostInPart);

    /// <summary>How <see cref="Generate"/> makes images of latent vectors.</summary>
    public StyleSampling Sampling { get; set; } = new();

    /// <summary>Loads a trained model, with the averaged generator where the file has one.</summary>
    /// <param name="path">A <c>.safetensors</c> file, such as a checkpoint's <c>model.safetensors</c>.</param>
    /// <param name="device">Where to compute.</param>
    /// <exception cref="SubbandException">It is damaged, or no StyleGAN2 or SWAGAN.</exception>
    public static StyleGan2Model Load(string path, Device device = default)
    {
        using var file = ModelFile.Open(path);
        return Load(file, device);
    }

    internal static StyleGan2Model Load(ModelFile file, Device device)
    {
        var settings = file.Settings as StyleGan2Settings
            ?? throw new SubbandException($"{file.Tensors.Path} is a model of the family {file.Family.Name}, not a StyleGAN2 or SWAGAN.");
        using var unused = new Generator(0); // its values are overwritten
        StyleGan2Generator generator = new(settings.GeneratorShape(file.Classes.Count), unused);
        var used = AveragedTensors.Used(file.Tensors);
        generator.CopyFrom(name => file.Tensors.Find(used + name), file.Tensors.Path);
        generator.Freeze(device);
        return new StyleGan2Model(settings, file.Classes, generator, device, owned: true);
    }

    /// <inheritdoc/>
    public Tensor Generate(int count, ulong seed, IReadOnlyList<int>? labels = null, long first = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        SampleLabels.Require(Classes, count, labels);
        using var scope = new TensorScope();
        List<Tensor> parts = [];
        for (var start = first; start < first + count;)
        {
            using var inner = new TensorScope();
            var size = Math.Min(PartSize - (start % PartSize), first + count - start);
            int[] classes = [.. Enumerable.Range(0, (int)size).Select(i => labels?[(int)(start - first) + i] ?? LabelAt(start + i))];
            var styles = Styles(Latents(size, seed, start), classes);
            parts.Add(inner.Keep(Synthesise(Layered(styles, classes), Noises(size, seed, start)).Clamp(-1, 1).To(Device.Cpu)));
            start += size;
        }

        return scope.Keep(Tensor.Cat([.. parts]));
    }

    /// <summary>Latent vectors of the endless row that belongs to a seed.</summary>
    /// <param name="count">N, of one part: see <see cref="PartSize"/>.</param>
    /// <param name="seed">Which row.</param>
    /// <param name="first">The place of the first.</param>
    /// <returns>z, [N, width], normal.</returns>
    public Tensor Latents(long count, ulong seed, long first)
    {
        using var scope = new TensorScope();
        using var random = PartRandom(LatentStream, seed, first);
        return scope.Keep(Tensor.Randn([PartSize, Shape.StyleWidth], random).Narrow(0, first % PartSize, count).To(_device));
    }

    /// <summary>Styles of latent vectors, not truncated.</summary>
    /// <param name="latents">z, [N, width].</param>
    /// <param name="labels">The class of each; not read by a model without classes.</param>
    /// <returns>w, [N, width].</returns>
    public Tensor Styles(Tensor latents, IReadOnlyList<int> labels)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        return scope.Keep(_generator.Mapping.Forward(latents, OneHot(labels)));
    }

    /// <summary>The mean style w̄ of each class, [classes or 1, width]; it belongs to the model.</summary>
    public Tensor MeanStyles => _meanStyles ??= TensorScope.Release(ComputeMeanStyles());

    /// <summary>The mean style of the class of each image, [N, width].</summary>
    /// <param name="labels">The class of each; not read by a model without classes.</param>
    public Tensor MeanStyle(IReadOnlyList<int> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return Classes.Count == 0
            ? MeanStyles.Expand(labels.Count, -1)
            : MeanStyles.IndexSelect(0, Tensor.From([.. labels.Select(label => (long)label)], labels.Count).To(_device));
    }

    /// <summary>One style for each layer, truncated as <see cref="Sampling"/> says.</summary>
    /// <param name="styles">w, [N, width].</param>
    /// <param name="labels">The class of each, towards whose mean it is truncated; not read by a model without classes.</param>
    /// <returns>[N, L, width].</returns>
    public Tensor Layered(Tensor styles, IReadOnlyList<int> labels)
    {
        ArgumentNullException.ThrowIfNull(styles);
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var layers = Shape.Styles;
        if (Sampling.Truncation == 1)
        {
            return scope.Keep(styles.Unsqueeze(1).Repeat(1, layers, 1));
        }

        var mean = MeanStyle(labels);
        var near = (mean + ((styles - mean) * Sampling.Truncation)).Unsqueeze(1); // [N, 1, width]
        var truncated = Math.Min(Sampling.TruncatedLayers ?? layers, layers);
        return scope.Keep(Tensor.Cat([near.Repeat(1, truncated, 1), styles.Unsqueeze(1).Repeat(1, layers - truncated, 1)], 1));
    }

    /// <summary>Makes images.</summary>
    /// <param name="styles">w of each layer, [N, L, width].</param>
    /// <param name="noises">Such as <see cref="Noises"/>.</param>
    /// <returns>[N, C, H, W], about [-1, 1], not clamped.</returns>
    public Tensor Synthesise(Tensor styles, IReadOnlyList<Tensor> noises)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        return scope.Keep(_generator.Forward(styles, noises));
    }

    /// <summary>The styles of the first images of a seed for each layer, truncated as <see cref="Sampling"/> says.</summary>
    /// <param name="count">N.</param>
    /// <param name="seed">Which row.</param>
    /// <param name="labels">The class of each, as <see cref="Generate"/> has them; null for the classes in turn.</param>
    /// <returns>[N, L, width].</returns>
    /// <exception cref="UsageException">The model has no classes.</exception>
    public Tensor SampledStyles(int count, ulong seed, IReadOnlyList<int>? labels = null)
    {
        SampleLabels.Require(Classes, count, labels);
        using var scope = new TensorScope();
        List<Tensor> parts = [];
        for (var start = 0; start < count; start += PartSize)
        {
            var size = Math.Min(PartSize, count - start);
            int[] classes = [.. Enumerable.Range(start, size).Select(place => labels?[place] ?? LabelAt(place))];
            parts.Add(Layered(Styles(Latents(size, seed, start), classes), classes));
        }

        return scope.Keep(Tensor.Cat([.. parts]));
    }

    /// <summary>Pictures of styles [N, L, width], all with the noise of the seed's first image, so that they differ in nothing but their styles.</summary>
    internal Image8[] Pictures(Tensor styles, ulong seed)
    {
        List<Image8> pictures = [];
        for (var start = 0L; start < styles.Size(0); start += PartSize)
        {
            using var scope = new TensorScope();
            var part = styles.Narrow(0, start, Math.Min(PartSize, styles.Size(0) - start));
            pictures.AddRange(TensorImages.ToPictures(Synthesise(part, Noises(1, seed, 0)).Clamp(-1, 1).To(Device.Cpu), PixelRange.Signed));
        }

        return [.. pictures];
    }

    /// <summary>Makes images so that gradients flow to styles and noise.</summary>
    internal Tensor Record(Tensor styles, IReadOnlyList<Tensor> noises) => _generator.Forward(styles, noises);

    /// <summary>Fresh noise, [N, 1, h, w] each.</summary>
    internal Tensor[] NewNoises(long count, Generator random) => _generator.NewNoises(count, random);

    /// <summary>The matrices that turn a style into the scales of a layer's inputs, [inputs, width], without those of all but the coarsest makers of pixels.</summary>
    internal IEnumerable<(int Layer, Tensor Weight)> Modulations() => _generator.Modulations();

    /// <summary>Noise as <see cref="Sampling"/> says, in the caller's scope.</summary>
    /// <param name="count">N, of one part: see <see cref="PartSize"/>.</param>
    /// <param name="seed">Which row.</param>
    /// <param name="first">The place of the first image.</param>
    public IReadOnlyList<Tensor> Noises(long count, ulong seed, long first)
    {
        switch (Sampling.Noise)
        {
            case StyleNoise.Constant:
                return _generator.Noises;
            case StyleNoise.None:
                return [.. _generator.Noises.Select(noise => noise.ZerosLike())];
            default:
                using (var random = PartRandom(NoiseStream, seed, first))
                {
                    return [.. _generator.NewNoises(PartSize, random).Select(noise => noise.Narrow(0, first % PartSize, count).To(_device))];
                }
        }
    }

    /// <summary>Frees the network.</summary>
    public void Dispose()
    {
        _meanStyles?.Dispose();
        if (_owned)
        {
            _generator.Dispose();
        }
    }

    // Always drawn whole: the last numbers of a normal drawing depend on how many there are.
    private Generator PartRandom(ulong stream, ulong seed, long first) =>
        new(SeededRandom.For(seed, stream, (ulong)(first / PartSize)).NextUInt64());

    private Tensor ComputeMeanStyles()
    {
        using var scope = new TensorScope();
        using var random = new Generator(MeanStream);
        var z = Tensor.Randn([StylesForMean, Shape.StyleWidth], random).To(_device);
        return scope.Keep(Tensor.Cat([.. Enumerable.Range(0, Math.Max(1, Classes.Count))
            .Select(label => Styles(z, [.. Enumerable.Repeat(label, StylesForMean)]).Mean([0], keep: true))]));
    }

    private Tensor? OneHot(IReadOnlyList<int> labels) => Classes.Count == 0
        ? null
        : Tensor.From([.. labels.Select(label => (long)label)], labels.Count).OneHot(Classes.Count).To(DType.Float32).To(_device);

    /// <summary>The class of the image at a place of a row where none is asked for: the classes in turn.</summary>
    public int LabelAt(long place) => Classes.Count == 0 ? 0 : (int)(place % Classes.Count);
}
