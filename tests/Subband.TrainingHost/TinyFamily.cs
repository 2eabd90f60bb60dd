using Subband.Data;
using Subband.Models;
using Subband.Torch;
using Subband.Training;

namespace Subband.TrainingHost;

/// <summary>The settings of the tiny model.</summary>
public sealed record TinySettings : ModelSettings
{
    /// <summary>Hidden channels.</summary>
    [Setting("hidden channels", Minimum = 1, Maximum = 64)]
    public int Channels { get; init; } = 4;

    /// <summary>Probability of a hidden channel to be dropped.</summary>
    [Setting("dropout", Minimum = 0, Maximum = 0.9)]
    public double Dropout { get; init; } = 0.25;

    /// <summary>Adam's rate.</summary>
    [Setting("learning rate", Minimum = 0, ChangeableOnResume = true)]
    public double Rate { get; init; } = 1e-2;

    /// <summary>The step at which the loss becomes NaN; 0 for never.</summary>
    [Setting("the step that makes the loss NaN; 0 for none", Minimum = 0, ChangeableOnResume = true)]
    public int NanAtStep { get; init; }

    /// <summary>The step at which an optimiser's number becomes infinite while all losses stay finite; 0 for never.</summary>
    [Setting("the step that breaks the optimiser; 0 for none", Minimum = 0, ChangeableOnResume = true)]
    public int BreakAtStep { get; init; }

    /// <summary>Whether drawing a sheet wrongly takes the training's random numbers.</summary>
    [Setting("whether a sheet disturbs the training", ChangeableOnResume = true)]
    public bool DisturbingSheet { get; init; }
}

/// <summary>A small convolutional autoencoder with everything that a checkpoint has to hold: Adam, dropout, noise, an average.</summary>
public sealed class TinyFamily : IModelFamily
{
    /// <summary>24 images a step, 40 steps, a checkpoint about every 8, a report every 5.</summary>
    public static TinySettings Settings { get; } = new()
    {
        Training = new TrainingSettings
        {
            BatchSize = 24,
            Kimg = 0.96,
            CheckpointKimg = 0.2,
            SampleKimg = 0.4,
            ReportKimg = 0.12,
            KeepCheckpoints = 2,
        },
    };

    public string Name => "tiny";

    public IReadOnlyList<Preset> Presets => [new Preset("tiny-8", "For tests.", Settings), new Preset("tiny-other", "For tests.", Settings)];

    public Type SettingsType => typeof(TinySettings);

    /// <summary>Finds this family by its name.</summary>
    public static IModelFamily Find(string name) =>
        name == "tiny" ? new TinyFamily() : throw UsageException.UnknownName("model family", name, ["tiny"]);

    public void Validate(ModelSettings settings, IReadOnlyList<string> classes)
    {
        // Every tiny model suits every data.
    }

    public BatchPlan Plan(ModelSettings settings, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new BatchPlan
        {
            Height = TinySource.Side,
            Width = TinySource.Side,
            BatchSize = settings.Training.BatchSize,
            Seed = seed,
            Order = settings.Training.Order,
            Flip = settings.Training.Flip,
        };
    }

    public ITrainee NewTrainee(string preset, ModelSettings settings, TrainingContext context) =>
        new TinyTrainee((TinySettings)settings, context);

    public IImageGenerator LoadGenerator(ModelFile file, Device device) =>
        throw new SubbandException("A tiny model makes no images from nothing.");

    public IUpscaler LoadUpscaler(ModelFile file, Device device) =>
        throw new SubbandException("A tiny model enlarges nothing.");

    public string? Warning(ModelFile file) => null;

    public ModelForUse ForUse(IReadOnlyList<ModelFile> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        ModelFile only = files.Single();
        return new ModelForUse([.. only.Tensors.Names.Select(name => (name, only.Tensors[name]))], [], only.Counters);
    }
}
