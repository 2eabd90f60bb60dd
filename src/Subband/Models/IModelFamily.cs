using System.Text.Json.Nodes;
using Subband.Data;
using Subband.Torch;
using Subband.Training;

namespace Subband.Models;

/// <summary>The settings of a model: what <c>config.json</c> holds and <c>--set</c> changes.</summary>
public abstract record ModelSettings
{
    /// <summary>The settings of the training loop.</summary>
    public TrainingSettings Training { get; init; } = new();
}

/// <summary>A named, complete configuration.</summary>
/// <param name="Name">Such as <c>lapgan-cifar10-paper</c>.</param>
/// <param name="Summary">What it is, in one sentence.</param>
/// <param name="Settings">All of it.</param>
public sealed record Preset(string Name, string Summary, ModelSettings Settings);

/// <summary>What an exported model consists of.</summary>
/// <param name="Tensors">Its weights, borrowed from the files.</param>
/// <param name="Statistics">What was measured on the training images, borrowed too: always stored in single precision.</param>
/// <param name="Counters">How much it was trained, in the form of <see cref="ITrainee.Counters"/>.</param>
public sealed record ModelForUse(
    IReadOnlyList<(string Name, Tensor Tensor)> Tensors, IReadOnlyList<(string Name, Tensor Tensor)> Statistics, JsonObject Counters);

/// <summary>A kind of model: its presets, and how one is trained. A new kind is one more line in <c>ModelRegistry</c>.</summary>
public interface IModelFamily
{
    /// <summary>Such as <c>lapgan</c>.</summary>
    string Name { get; }

    /// <summary>The family's presets.</summary>
    IReadOnlyList<Preset> Presets { get; }

    /// <summary>The type of its settings.</summary>
    Type SettingsType { get; }

    /// <summary>Checks what single settings cannot know: that they fit each other and the data.</summary>
    /// <param name="settings">Of this family.</param>
    /// <param name="classes">The class names of the data.</param>
    /// <exception cref="UsageException">They do not fit; the message names the settings.</exception>
    void Validate(ModelSettings settings, IReadOnlyList<string> classes);

    /// <summary>What the model wants of its data: size, order and augmentation of the batches.</summary>
    /// <param name="settings">Of this family.</param>
    /// <param name="seed">The seed of the run.</param>
    BatchPlan Plan(ModelSettings settings, ulong seed);

    /// <summary>
    /// Opens all that a new run needs beside its images, such as the weights of other networks: what is missing or does not fit is
    /// found before there is a run.
    /// </summary>
    /// <param name="settings">Of this family.</param>
    /// <param name="device">Where the run will compute.</param>
    /// <exception cref="SubbandException">Something is missing, damaged or of another kind; the message names it.</exception>
    void RequireFiles(ModelSettings settings, Device device)
    {
    }

    /// <summary>Makes untrained networks and their optimisers.</summary>
    /// <param name="preset">The preset's name, for the model's metadata.</param>
    /// <param name="settings">Of this family.</param>
    /// <param name="context">Device, precision, random numbers and facts of the data.</param>
    ITrainee NewTrainee(string preset, ModelSettings settings, TrainingContext context);

    /// <summary>Loads a trained model that makes images from nothing.</summary>
    /// <param name="file">The model; it may be closed afterwards.</param>
    /// <param name="device">Where to compute.</param>
    /// <exception cref="SubbandException">Tensors are missing, or the family makes no images from nothing.</exception>
    IImageGenerator LoadGenerator(ModelFile file, Device device);

    /// <summary>Loads a trained model that enlarges photographs.</summary>
    /// <param name="file">The model; it may be closed afterwards.</param>
    /// <param name="device">Where to compute.</param>
    /// <exception cref="SubbandException">Tensors are missing, or the family enlarges nothing; the message says what it does instead.</exception>
    IUpscaler LoadUpscaler(ModelFile file, Device device);

    /// <summary>What whoever uses a trained model has to know, such as that a part of it was never trained; null for nothing.</summary>
    /// <param name="file">The model.</param>
    string? Warning(ModelFile file);

    /// <summary>What is needed to use a trained model, without what only training needs.</summary>
    /// <param name="files">
    /// A checkpoint's or an exported model; or several whose parts were trained apart, for instance on several machines, to
    /// be joined.
    /// </param>
    /// <exception cref="UsageException">There are several, and they cannot be joined.</exception>
    ModelForUse ForUse(IReadOnlyList<ModelFile> files);
}
