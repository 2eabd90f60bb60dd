using Subband.Imaging;
using Subband.Torch;

namespace Subband.Models.Lapgan;

/// <summary>The images of one sampling, level by level.</summary>
/// <param name="Images">Ĩ_k [N, 3, F_k, F_k] in about [-1, 1], not clamped; the finest first.</param>
/// <param name="LowPass">l_k [N, 3, F_k, F_k], for every level but the coarsest; the finest first.</param>
/// <param name="Bands">h̃_k [N, 3, F_k, F_k], for every level but the coarsest; the finest first.</param>
public sealed record LapganChain(IReadOnlyList<Tensor> Images, IReadOnlyList<Tensor> LowPass, IReadOnlyList<Tensor> Bands);

/// <summary>
/// A trained LAPGAN: draws the coarsest image, then again and again enlarges it and adds a generated band.
/// </summary>
/// <remarks>
/// Denton et al. 2015, section 3.2: Ĩ_K = G_K(z_K), then Ĩ_k = u(Ĩ_{k+1}) + G_k(z_k, u(Ĩ_{k+1})) down to the finest
/// level. Nothing is clamped between the levels.
/// </remarks>
public sealed partial class LapganModel : IImageGenerator
{
    private readonly LapganSettings _settings;
    private readonly LevelGenerator[] _generators;
    private readonly Standardization? _standardization;
    private readonly LaplacianPyramid _pyramid;
    private readonly Device _device;
    private readonly bool _owned;

    internal LapganModel(
        LapganSettings settings,
        IReadOnlyList<string> classes,
        LevelGenerator[] generators,
        Standardization? standardization,
        Device device,
        bool owned)
    {
        _settings = settings;
        _generators = generators;
        _standardization = standardization;
        _device = device;
        _owned = owned;
        _pyramid = new LaplacianPyramid(settings.Pyramid.Filter);
        Classes = settings.Conditional ? classes : [];
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes { get; }

    /// <inheritdoc/>
    public int Height => _settings.Pyramid.Sizes[0];

    /// <inheritdoc/>
    public int Width => _settings.Pyramid.Sizes[0];

    /// <inheritdoc/>
    public int PartSize => 100;

    /// <summary>The settings it was trained with.</summary>
    public LapganSettings Settings => _settings;

    /// <summary>The number of levels, the coarsest included.</summary>
    public int Levels => _generators.Length;

    /// <summary>Loads a trained model, with averaged generators where the file has them.</summary>
    /// <param name="path">A <c>.safetensors</c> file, such as a checkpoint's <c>model.safetensors</c>.</param>
    /// <param name="device">Where to compute.</param>
    public static LapganModel Load(string path, Device device = default)
    {
        using var file = ModelFile.Open(path);
        return Load(file, device);
    }

    internal static LapganModel Load(ModelFile file, Device device)
    {
        var settings = file.Settings as LapganSettings
            ?? throw new SubbandException($"{file.Tensors.Path} is a model of family '{file.Family.Name}', not a LAPGAN.");
        var classes = settings.Conditional ? file.Classes.Count : 0;
        using var unused = new Generator(0);
        var generators = settings.Pyramid.Sizes.Select((_, k) =>
        {
            var generator = LapganNetworks.Generator(settings, k, classes, unused, unused);
            var part = LapganTensors.SampledPart(file.Tensors, k);
            generator.CopyFrom(name => file.Tensors.Find($"levels.{k}.{part}.{name}"), file.Tensors.Path);
            generator.To(device);
            generator.To(MemoryFormat.ChannelsLast);
            return generator;
        }).ToArray();
        Standardization? standardization = null;
        if (settings.Normalization == Normalization.Standardize)
        {
            standardization = new Standardization(settings.Pyramid.Sizes[0], device);
            standardization.Load(file.Tensors);
        }

        return new LapganModel(settings, file.Classes, generators, standardization, device, owned: true);
    }

    /// <inheritdoc/>
    public Tensor Generate(int count, ulong seed, IReadOnlyList<int>? labels = null, long first = 0)
    {
        using var scope = new TensorScope();
        var chain = Run(first, count, labels, (level, start, size) => Noise(level, start, size, seed), FinestImages);
        return scope.Keep(chain.Images[0].Clamp(-1, 1));
    }

    /// <summary>Draws images and keeps what every level did.</summary>
    /// <param name="count">N.</param>
    /// <param name="seed">Where the random numbers start.</param>
    /// <param name="labels">The class of each image; null for the classes in turn.</param>
    public LapganChain Sample(int count, ulong seed, IReadOnlyList<int>? labels = null) =>
        Run(0, count, labels, (level, start, size) => Noise(level, start, size, seed), Everything);

    /// <summary>Draws the same images again from a level on: everything coarser stays, the rest is drawn anew.</summary>
    /// <param name="count">N, as in the first drawing.</param>
    /// <param name="seed">The seed of the first drawing.</param>
    /// <param name="level">The coarsest level that is drawn anew.</param>
    /// <param name="newSeed">Where its random numbers start.</param>
    /// <param name="labels">The class of each image, as in the first drawing.</param>
    public LapganChain Redraw(int count, ulong seed, int level, ulong newSeed, IReadOnlyList<int>? labels = null)
    {
        RequireLevel(level);
        return Run(0, count, labels, (k, start, size) => Noise(k, start, size, k <= level ? newSeed : seed), Everything);
    }

    /// <summary>Moves on a straight line between two drawings of the noise of every level but the coarsest, which stays.</summary>
    /// <param name="count">The number of coarse images, N.</param>
    /// <param name="steps">Images on each line, both ends included; at least 2.</param>
    /// <param name="seed">Where the random numbers start.</param>
    /// <param name="labels">The class of each of the N.</param>
    /// <returns>[N · steps, 3, H, W] in [-1, 1], the steps of one image after the other.</returns>
    public Tensor Interpolate(int count, int steps, ulong seed, IReadOnlyList<int>? labels = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 2);
        using var scope = new TensorScope();
        var images = new Tensor[steps];
        for (var i = 0; i < steps; i++)
        {
            var t = (double)i / (steps - 1);
            images[i] = Run(
                0,
                count,
                labels,
                (level, start, size) =>
                {
                    var from = Noise(level, start, size, seed);
                    return level == Levels - 1 ? from : from.Lerp(Noise(level, start, size, seed + 1), t);
                },
                FinestImages).Images[0];
        }

        return scope.Keep(Tensor.Stack(images, 1).Flatten(0, 1).Clamp(-1, 1));
    }

    /// <summary>
    /// Draws bands of a level given its low-pass image, in the range in which the level works: what the multi-scale
    /// Parzen window needs.
    /// </summary>
    /// <param name="level">k; not the coarsest.</param>
    /// <param name="lowPass">l_k [N, 3, F, F], on the model's device.</param>
    /// <param name="random">Where the noise comes from.</param>
    /// <param name="labels">int64 [N], or null for a model without classes.</param>
    public Tensor DrawBand(int level, Tensor lowPass, Generator random, Tensor? labels = null)
    {
        ArgumentNullException.ThrowIfNull(lowPass);
        RequireLevel(level);
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var generator = _generators[level];
        generator.Evaluate();
        var classes = labels is null || Classes.Count == 0 ? null : labels.OneHot(Classes.Count).To(DType.Float32).To(_device);
        return scope.Keep(generator.Forward(generator.Noise(lowPass.Size(0), random).To(_device), lowPass, classes));
    }

    /// <summary>Frees the networks.</summary>
    public void Dispose()
    {
        _pyramid.Dispose();
        if (_owned)
        {
            Array.ForEach(_generators, generator => generator.Dispose());
            _standardization?.Dispose();
        }
    }

    private static LapganChain Everything(LapganChain chain) => chain;

    private static LapganChain FinestImages(LapganChain chain) => new([chain.Images[0]], [], []);

    // What is not kept of a part is freed before the next one is drawn.
    private LapganChain Run(
        long first,
        int count,
        IReadOnlyList<int>? labels,
        Func<int, long, long, Tensor> noise,
        Func<LapganChain, LapganChain> keep)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        SampleLabels.Require(Classes, count, labels);
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        Array.ForEach(_generators, generator => generator.Evaluate());
        var parts = new List<LapganChain>();
        for (var start = first; start < first + count;)
        {
            using var inner = new TensorScope();
            var size = Math.Min(PartSize - (start % PartSize), first + count - start);
            var chain = Display(keep(RunPart(start, size, OneHot(first, start, size, labels), noise)));
            foreach (var tensor in Tensors(chain))
            {
                inner.Keep(tensor);
            }

            parts.Add(chain);
            start += size;
        }

        Array.ForEach(_generators, generator => generator.Train());
        var whole = new LapganChain(
            Join(parts, chain => chain.Images), Join(parts, chain => chain.LowPass), Join(parts, chain => chain.Bands));
        foreach (var tensor in Tensors(whole))
        {
            scope.Keep(tensor);
        }

        return whole;
    }

    private LapganChain RunPart(long start, long size, Tensor? classes, Func<int, long, long, Tensor> noise)
    {
        var images = new Tensor[Levels];
        var lowPasses = new Tensor[Levels - 1];
        var bands = new Tensor[Levels - 1];
        var coarsest = Levels - 1;
        images[coarsest] = _generators[coarsest].Forward(noise(coarsest, start, size), null, classes);
        for (var k = coarsest - 1; k >= 0; k--)
        {
            var side = _settings.Pyramid.Sizes[k];
            lowPasses[k] = _pyramid.Up(images[k + 1], side, side);
            bands[k] = _generators[k].Forward(noise(k, start, size), lowPasses[k], classes);
            images[k] = lowPasses[k] + bands[k];
        }

        return new LapganChain(images, lowPasses, bands);
    }

    // To [-1, 1] and the CPU; a band keeps 0 for "nothing is missing".
    private LapganChain Display(LapganChain chain) => new(
        [.. chain.Images.Select(image => (_standardization?.Invert(image, _pyramid) ?? image).To(Device.Cpu).Contiguous())],
        [.. chain.LowPass.Select(image => (_standardization?.Invert(image, _pyramid) ?? image).To(Device.Cpu).Contiguous())],
        [.. chain.Bands.Select(band => (_standardization?.InvertBand(band, _pyramid) ?? band).To(Device.Cpu).Contiguous())]);

    private static Tensor[] Join(List<LapganChain> parts, Func<LapganChain, IReadOnlyList<Tensor>> tensors) =>
        [.. tensors(parts[0]).Select((_, k) => Tensor.Cat([.. parts.Select(part => tensors(part)[k])]))];

    private static IEnumerable<Tensor> Tensors(LapganChain chain) => chain.Images.Concat(chain.LowPass).Concat(chain.Bands);

    // Each level and each part has a sequence of its own, so that one level can be drawn anew without the others. Always
    // drawn whole: the last numbers of a normal drawing depend on how many there are.
    private Tensor Noise(int level, long start, long size, ulong seed)
    {
        var own = SeededRandom.For(seed, (ulong)level, (ulong)(start / PartSize)).NextUInt64();
        using var random = new Generator(own);
        return _generators[level].Noise(PartSize, random).Narrow(0, start % PartSize, size).To(_device);
    }

    private Tensor? OneHot(long first, long start, long size, IReadOnlyList<int>? labels)
    {
        if (Classes.Count == 0)
        {
            return null;
        }

        var numbers = new long[size];
        for (var i = 0; i < size; i++)
        {
            numbers[i] = labels?[(int)(start - first) + i] ?? (start + i) % Classes.Count;
        }

        return Tensor.From(numbers).OneHot(Classes.Count).To(DType.Float32).To(_device);
    }

    private void RequireLevel(int level)
    {
        if (level < 0 || level >= Levels - 1)
        {
            throw new UsageException(
                $"Level {level} has no band: this model's bands are levels 0 (the finest) to {Levels - 2}; level {Levels - 1} is the coarsest image.");
        }
    }
}
