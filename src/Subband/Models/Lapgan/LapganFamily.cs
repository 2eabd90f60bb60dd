using System.Globalization;
using Subband.Data;
using Subband.Evaluation;
using Subband.Torch;
using Subband.Training;

namespace Subband.Models.Lapgan;

/// <summary>LAPGAN: a pyramid of adversarial networks, each of which generates one band.</summary>
/// <remarks>
/// Denton, Chintala, Szlam and Fergus, "Deep Generative Image Models using a Laplacian Pyramid of Adversarial Networks",
/// NIPS 2015.
/// </remarks>
public sealed class LapganFamily : IModelFamily
{
    internal const string FamilyName = "lapgan";

    private const string JoinAdvice = "'subband export' joins runs of which each trained another level.";

    private static readonly LapganSettings Defaults = new();

    /// <inheritdoc/>
    public string Name => FamilyName;

    /// <inheritdoc/>
    public IReadOnlyList<Preset> Presets => LapganPresets.All;

    /// <inheritdoc/>
    public Type SettingsType => typeof(LapganSettings);

    /// <inheritdoc/>
    public void Validate(ModelSettings settings, IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        var own = (LapganSettings)settings;
        var sizes = own.Pyramid.Sizes;
        Require(sizes.Count > 0, "pyramid.sizes is empty; it needs at least one side in pixels.");
        Require(
            sizes.Zip(sizes.Skip(1)).All(pair => pair.First > pair.Second),
            $"pyramid.sizes is {string.Join(",", sizes)}; each size must be smaller than the one before it, the finest first.");
        Require(
            own.Pyramid.CropFrom == 0 || own.Pyramid.CropFrom >= sizes[0],
            $"pyramid.cropFrom is {own.Pyramid.CropFrom}; it must be 0 or at least the finest size {sizes[0]}.");
        RequireBaseList(own.Base.GeneratorWidths, "base.generatorWidths", own.Base.Architecture);
        RequireBaseList(own.Base.DiscriminatorWidths, "base.discriminatorWidths", own.Base.Architecture);
        RequireLevelList(own.Band.GeneratorWidths, "band.generatorWidths", sizes.Count);
        RequireLevelList(own.Band.DiscriminatorWidths, "band.discriminatorWidths", sizes.Count);
        RequireLevelList(own.Band.Kernels, "band.kernels", sizes.Count);
        Require(own.Band.Kernels.All(k => k % 2 == 1), "band.kernels must be odd, so that a convolution keeps the size.");
        Require(
            own.TrainLevels.All(level => level >= 0 && level < sizes.Count),
            $"trainLevels is {string.Join(",", own.TrainLevels)}; this pyramid has levels 0 (the finest) to {sizes.Count - 1}.");
        Require(
            own.Band.Architecture != Architecture.Plain || sizes.SkipLast(1).All(size => size >= PlainDiscriminator.SmallestSize),
            $"pyramid.sizes is {string.Join(",", sizes)}; band.architecture plain needs at least {PlainDiscriminator.SmallestSize} pixels at "
            + "every level but the coarsest. Choose other sizes, or residual or fullyConnected.");
        Require(
            own.Band.Architecture != Architecture.Residual || sizes.SkipLast(1).All(IsEven),
            "band.architecture residual needs even sizes at every level but the coarsest.");
        Require(
            own.Base.Architecture != BaseArchitecture.Residual || IsEven(sizes[^1]),
            "base.architecture residual needs an even coarsest size.");
        Require(
            !own.Loss.HalfBatches || own.Training.BatchSize % 2 == 0,
            $"training.batchSize is {own.Training.BatchSize}; loss.halfBatches needs an even number.");
        Require(
            own.Optimizer.Momentum <= own.Optimizer.MomentumCap,
            string.Create(
                CultureInfo.InvariantCulture,
                $"optimizer.momentum is {own.Optimizer.Momentum}; it must be at most optimizer.momentumCap, which is {own.Optimizer.MomentumCap}."));
        Require(
            !own.Conditional || own.Band.Architecture != Architecture.Large,
            "band.architecture large has no class-conditional form; use plain or residual.");
        RequireRead(own);
        own.Validation.Validate();
        Require(
            own.TrainLevels.Count == 0 || own.Validation.Data.Length == 0,
            "Where only some levels are trained (trainLevels), there are no samples to measure meanwhile; leave out --validation, and use 'subband evaluate' on "
            + "what 'subband export' joins.");
        Require(
            !own.Conditional || classes.Count > 1,
            "This preset is class-conditional, but the data has no classes. Give data with one folder for each class, "
            + "or --set conditional=false.");
    }

    /// <inheritdoc/>
    public BatchPlan Plan(ModelSettings settings, ulong seed)
    {
        var own = (LapganSettings)settings;
        var size = own.Pyramid.Sizes[0];
        return new BatchPlan
        {
            Height = size,
            Width = size,
            BatchSize = own.Training.BatchSize,
            Seed = seed,
            Order = own.Training.Order,
            Flip = own.Training.Flip,
            ShortSide = own.Pyramid.CropFrom == 0 ? null : own.Pyramid.CropFrom,
            Crop = own.Pyramid.CropFrom == 0 ? CropRule.Centre : CropRule.Random,
            RequireLabels = own.Conditional,
        };
    }

    /// <inheritdoc/>
    public void RequireFiles(ModelSettings settings, Device device)
    {
        using var validation = SampleValidation.Open(((LapganSettings)settings).Validation, Plan(settings, seed: 0), device);
    }

    /// <inheritdoc/>
    public ITrainee NewTrainee(string preset, ModelSettings settings, TrainingContext context)
    {
        var own = (LapganSettings)settings;
        return new LapganTrainee(preset, own, context, SampleValidation.Open(own.Validation, Plan(settings, context.Seed), context.Device));
    }

    /// <inheritdoc/>
    public IImageGenerator LoadGenerator(ModelFile file, Device device) => LapganModel.Load(file, device);

    /// <inheritdoc/>
    public IUpscaler LoadUpscaler(ModelFile file, Device device)
    {
        ArgumentNullException.ThrowIfNull(file);
        throw new SubbandException(
            $"{file.Tensors.Path} is a LAPGAN, which makes images from nothing and enlarges no photographs; use 'subband sample'.");
    }

    /// <inheritdoc/>
    public string? Warning(ModelFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var levels = Enumerable.Range(0, ((LapganSettings)file.Settings).Pyramid.Sizes.Count);
        int[] untrained = [.. levels.Where(level => LevelCounters.Images(file.Counters, level) == 0)];
        return untrained switch
        {
            [] => null,
            [var one] => $"Level {one} of {file.Tensors.Path} was never trained: what it adds is noise. {JoinAdvice}",
            _ => $"Levels {string.Join(", ", untrained)} of {file.Tensors.Path} were never trained: what they add is noise. {JoinAdvice}",
        };
    }

    /// <inheritdoc/>
    public ModelForUse ForUse(IReadOnlyList<ModelFile> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        return LapganTensors.ForUse(files);
    }

    private static bool IsEven(int size) => size % 2 == 0;

    private static void RequireBaseList(IReadOnlyList<int> values, string name, BaseArchitecture architecture) => Require(
        values.Count == 1 || (values.Count > 1 && architecture == BaseArchitecture.FullyConnected),
        $"{name} has {values.Count} numbers; base.architecture "
        + (architecture == BaseArchitecture.FullyConnected ? "fullyConnected needs one for each hidden layer, and at least one." : "residual needs one."));

    private static void RequireLevelList(IReadOnlyList<int> values, string name, int levels) => Require(
        values.Count == 1 || (values.Count > 1 && values.Count == levels - 1),
        $"{name} has {values.Count} numbers; it needs one for all levels, or one for each of the {levels - 1} finer levels.");

    // A setting that only some networks read must be as it is by default where there are none of them: it would change nothing.
    private static void RequireRead(LapganSettings own)
    {
        Architecture[] all = [.. own.Pyramid.Sizes.Select((_, level) => LapganNetworks.ArchitectureOf(own, level))];
        var (bands, coarsest) = (all[..^1], all[^1]);
        var hasConvolutions = bands.Any(band => band != Architecture.FullyConnected);
        var hasWidths = bands.Any(band => band is Architecture.Plain or Architecture.Residual);
        (string Name, bool IsRead)[] particular =
        [
            ("base.activation", coarsest == Architecture.FullyConnected),
            ("base.dropout", coarsest == Architecture.FullyConnected),
            ("base.generatorDeviation", coarsest == Architecture.FullyConnected),
            ("base.discriminatorDeviation", coarsest == Architecture.FullyConnected),
            ("band.architecture", bands.Length > 0),
            ("band.noisePlanes", hasConvolutions),
            ("band.generatorWidths", hasWidths),
            ("band.discriminatorWidths", hasWidths),
            ("band.kernels", bands.Contains(Architecture.Plain)),
            ("band.blocks", bands.Contains(Architecture.Residual)),
            ("band.conditionNoise", bands.Length > 0),
            ("loss.spectralNorm", all.Contains(Architecture.Residual)),
        ];
        var unread = particular.Where(setting => !setting.IsRead)
            .Select(setting => SettingsTree.Find(typeof(LapganSettings), setting.Name))
            .Where(setting => setting.Text(own) != setting.Text(Defaults))
            .ToArray();
        Require(
            unread.Length == 0,
            $"No network of this configuration reads {string.Join(", ", unread.Select(setting => $"{setting.Name}={setting.Text(own)}"))}. "
            + "Choose an architecture that does, or leave them at their defaults: "
            + $"{string.Join(' ', unread.Select(setting => $"--set {setting.Name}={setting.Text(Defaults)}"))}.");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new UsageException(otherwise);
        }
    }
}
