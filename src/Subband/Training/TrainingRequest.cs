using System.Globalization;
using Subband.Data;
using Subband.Models;
using Subband.Torch;

namespace Subband.Training;

/// <summary>What somebody wants trained. What is null is decided by the preset and the machine, or comes from the run that goes on.</summary>
public sealed record TrainingRequest
{
    /// <summary>The name of the setting that chooses the levels to train, in models of several levels.</summary>
    private const string Levels = "trainLevels";

    /// <summary>The name of the setting that chooses by how much a network enlarges.</summary>
    private const string Scales = "network.scales";

    /// <summary>The name of the setting that chooses on which images a model is measured meanwhile.</summary>
    private const string ValidationData = "validation.data";

    /// <summary>The folder of the run.</summary>
    public required string Out { get; init; }

    /// <summary>Whether the run in that folder goes on; otherwise a new one begins.</summary>
    public bool Resume { get; init; }

    /// <summary>The preset; a new run needs one.</summary>
    public string? Preset { get; init; }

    /// <summary>The images, as <see cref="ImageSources.Open"/> takes them; a new run needs some.</summary>
    public string? Data { get; init; }

    /// <summary>When to stop, in thousands of images shown: the setting <c>training.kimg</c>.</summary>
    public double? Kimg { get; init; }

    /// <summary>The one level to train, 0 the finest, in models of several levels: their setting <c>trainLevels</c>.</summary>
    public int? Level { get; init; }

    /// <summary>By how much to enlarge, in models that enlarge: their setting <c>network.scales</c>.</summary>
    public int? Scale { get; init; }

    /// <summary>On which images to measure the model meanwhile, in models that can be: their setting <c>validation.data</c>.</summary>
    public string? Validation { get; init; }

    /// <summary>Where all random choices begin; 1 unless set.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Where to compute; a CUDA device where there is one unless set.</summary>
    public DeviceType? Device { get; init; }

    /// <summary>In which precision to compute; bf16 where the hardware is faster in it unless set.</summary>
    public Precision? Precision { get; init; }

    /// <summary>How many threads compute; one a core unless set.</summary>
    public int? Threads { get; init; }

    /// <summary>Further settings by their dotted names, as in <c>("training.batchSize", "64")</c>; of equal names the last holds.</summary>
    public IReadOnlyList<(string Name, string Value)> Settings { get; init; } = [];

    /// <summary>All settings that are asked for; those with properties of their own hold before <see cref="Settings"/>.</summary>
    /// <param name="family">The model's family.</param>
    /// <param name="preset">The preset's name, for messages.</param>
    /// <exception cref="UsageException">Something is asked for that the model does not have, such as levels.</exception>
    internal IReadOnlyList<(string Name, string Value)> AllSettings(IModelFamily family, string preset)
    {
        List<(string Name, string Value)> all = [.. Settings];
        if (Kimg is { } kimg)
        {
            all.Add(("training.kimg", kimg.ToString(CultureInfo.InvariantCulture)));
        }

        if (Level is { } level)
        {
            Add(Levels, level.ToString(CultureInfo.InvariantCulture), "is trained as a whole and has no levels to choose from; leave out --level");
        }

        if (Scale is { } scale)
        {
            Add(Scales, scale.ToString(CultureInfo.InvariantCulture), "enlarges nothing; leave out --scale");
        }

        if (Validation is { } validation)
        {
            Add(ValidationData, validation, "is not measured while it is trained; leave out --validation, and use 'subband evaluate' afterwards");
        }

        return all;

        void Add(string name, string value, string otherwise) =>
            all.Add(SettingsTree.List(family.SettingsType).Any(setting => setting.Name == name)
                ? (name, value)
                : throw new UsageException($"{preset} {otherwise}."));
    }
}
