using Subband.Data;
using Subband.Evaluation;
using Subband.Imaging;
using Subband.Torch;
using Subband.Training;
using Subband.Training.Augmentation;

namespace Subband.Models.StyleGan2;

/// <summary>StyleGAN2, and SWAGAN, which is a StyleGAN2 whose blocks make and read the bands of a wavelet.</summary>
/// <remarks>
/// Karras et al., "Analyzing and Improving the Image Quality of StyleGAN" (2020); Gal, Cohen, Bermano and Cohen-Or, "SWAGAN: A Style-based
/// Wavelet-driven Generative Model" (2021).
/// </remarks>
public sealed class StyleGan2Family : IModelFamily
{
    internal const string FamilyName = "stylegan2";

    private static readonly StyleGan2Settings Defaults = new();

    /// <inheritdoc/>
    public string Name => FamilyName;

    /// <inheritdoc/>
    public IReadOnlyList<Preset> Presets => StyleGan2Presets.All;

    /// <inheritdoc/>
    public Type SettingsType => typeof(StyleGan2Settings);

    /// <inheritdoc/>
    public void Validate(ModelSettings settings, IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        var own = (StyleGan2Settings)settings;
        Require(
            !own.Conditional || classes.Count > 1,
            "This preset is class-conditional, but the data has no classes. Give data with one folder for each class or a dataset.json, or --set conditional=false.");
        RequireNetwork(own.Network);
        own.Validation.Validate();
        var augmentation = own.Augmentation;
        Require(
            augmentation.Groups != AugmentationGroups.None || augmentation == Defaults.Augmentation,
            "augmentation.* is read only where augmentation.groups names changes, such as blitGeometryColour.");
        Require(
            augmentation.Strength is null || augmentation == Defaults.Augmentation with { Groups = augmentation.Groups, Strength = augmentation.Strength },
            "augmentation.target, augmentation.kimg and augmentation.interval are of a strength that adapts; augmentation.strength is one that stays.");
        Require(
            own.Network.Colour != PixelColour.Rgba || !augmentation.Groups.HasFlag(AugmentationGroups.Colour),
            "augmentation.groups changes colours, which is defined for network.colour=grey and rgb, not for rgba; choose groups without, such as blitGeometry.");
        RequireGroups("training.batchSize", own.Training.BatchSize);
        var (batch, part) = (own.Training.BatchSize, own.Optimizer.PartSize);
        if (part > 0 && part < batch)
        {
            RequireGroups("optimizer.partSize", part);
            Require(batch % part == 0, $"training.batchSize is {batch}; it must be a multiple of optimizer.partSize, which is {part}.");
        }
    }

    /// <inheritdoc/>
    public BatchPlan Plan(ModelSettings settings, ulong seed)
    {
        var own = (StyleGan2Settings)settings;
        var shape = own.GeneratorShape(classes: 0);
        return new BatchPlan
        {
            Height = shape.Height,
            Width = shape.Width,
            Colour = own.Network.Colour,
            BatchSize = own.Training.BatchSize,
            Seed = seed,
            Order = own.Training.Order,
            Flip = own.Training.Flip,
            RequireLabels = own.Conditional,
        };
    }

    /// <inheritdoc/>
    public void RequireFiles(ModelSettings settings, Device device)
    {
        var own = (StyleGan2Settings)settings;
        if (own.Optimizer.StartFrom is { Length: > 0 } model)
        {
            using var start = StyleGan2Start.Open(model, own);
        }

        using var validation = SampleValidation.Open(own.Validation, Plan(settings, seed: 0), device);
    }

    /// <inheritdoc/>
    public ITrainee NewTrainee(string preset, ModelSettings settings, TrainingContext context)
    {
        var own = (StyleGan2Settings)settings;
        var validation = SampleValidation.Open(own.Validation, Plan(settings, context.Seed), context.Device);
        return new StyleGan2Trainee(preset, own, context, validation);
    }

    /// <inheritdoc/>
    public IImageGenerator LoadGenerator(ModelFile file, Device device)
    {
        ArgumentNullException.ThrowIfNull(file);
        return StyleGan2Model.Load(file, device);
    }

    /// <inheritdoc/>
    public IUpscaler LoadUpscaler(ModelFile file, Device device)
    {
        ArgumentNullException.ThrowIfNull(file);
        throw new SubbandException(
            $"{file.Tensors.Path} is {file.Preset}, which makes images from nothing and enlarges no photographs; use 'subband sample'.");
    }

    /// <inheritdoc/>
    public string? Warning(ModelFile file) => null;

    /// <inheritdoc/>
    public ModelForUse ForUse(IReadOnlyList<ModelFile> files) => AveragedTensors.ForUse(files);

    private static void RequireNetwork(NetworkSettings network)
    {
        var hasBands = network.Generator == PixelDomain.Wavelet || network.Discriminator == PixelDomain.Wavelet;
        Require(network.BandReader is null or 1 or 3, $"network.bandReader is {network.BandReader}; it can be 1 or 3, or none.");
        Require(
            hasBands || network.Profile == Defaults.Network.Profile,
            "network.profile is of wavelets, and neither network.generator nor network.discriminator is wavelet.");
        Require(
            network.Generator == PixelDomain.Wavelet || network.Enlargement == Defaults.Network.Enlargement,
            "network.enlargement is read only where network.generator is wavelet.");
        Require(
            network.Discriminator == PixelDomain.Wavelet || network.BandReader is null,
            "network.bandReader is read only where network.discriminator is wavelet.");
        Require(
            network.Discriminator == PixelDomain.Wavelet || network.Reduction == Defaults.Network.Reduction,
            "network.reduction is read only where network.discriminator is wavelet.");
        Require(
            network.Reduction == BandReduction.Smooth || network.BandReader is null or 3,
            $"network.bandReader is {network.BandReader}; where network.reduction is learned, bands are read by filters of 3.");
        var divisor = new StyleGan2Settings { Network = network }.DiscriminatorShape(classes: 0).EndDivisor;
        Require(
            network.BaseHeight % divisor == 0 && network.BaseWidth % divisor == 0,
            $"network.baseHeight and network.baseWidth are {network.BaseHeight} and {network.BaseWidth}; this discriminator ends at 1/{divisor} of "
            + $"them, so that they must be divisible by {divisor}.");
    }

    private static void RequireGroups(string name, int count) => Require(
        count <= StyleGan2Discriminator.MostInGroup || count % StyleGan2Discriminator.MostInGroup == 0,
        $"{name} is {count}; the discriminator compares images in groups of {StyleGan2Discriminator.MostInGroup}, so that it must be at most that or a multiple.");

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new UsageException(otherwise);
        }
    }
}
