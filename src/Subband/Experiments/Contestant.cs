using System.Globalization;
using Subband.Models.StyleGan2;
using Subband.Training;

namespace Subband.Experiments;

/// <summary>One of the two architectures that are held against each other, SWAGAN and StyleGAN2, both of the same width.</summary>
/// <param name="Name">What reports call it.</param>
/// <param name="Folder">The name of its run's folder.</param>
public sealed record Contestant(string Name, string Folder)
{
    /// <summary>Both; SWAGAN first.</summary>
    public static IReadOnlyList<Contestant> Both { get; } = [new("SWAGAN", "swagan"), new("StyleGAN2", "stylegan2")];

    /// <summary>The sizes in pixels that both have a small preset of.</summary>
    public static IReadOnlyList<int> Sizes { get; } = [32, 64, 128];

    /// <summary>Its preset.</summary>
    /// <param name="size">One of <see cref="Sizes"/>.</param>
    public string Preset(int size) => string.Create(CultureInfo.InvariantCulture, $"{Folder}-{size}-small");

    /// <summary>What is asked of a training.</summary>
    /// <param name="options">Of the experiment.</param>
    /// <param name="data">The images.</param>
    /// <param name="path">The folder of the run.</param>
    internal TrainingRequest Request(ExperimentOptions options, string data, string path) => new()
    {
        Out = path,
        Preset = Preset(options.Size),
        Data = data,
        Seed = options.Seed,
        Device = options.Device,
        Precision = options.Precision,
        Threads = options.Threads,
        Settings = options.Settings,
    };

    /// <summary>How both are trained, in words.</summary>
    /// <param name="config">That of either.</param>
    /// <param name="size">Side of the images.</param>
    internal static string Setup(RunConfig config, int size)
    {
        var threads = config.Threads == 1 ? "1 thread" : string.Create(CultureInfo.InvariantCulture, $"{config.Threads} threads");
        var told = ((StyleGan2Settings)config.Settings).Conditional ? ", told the class" : "";
        return $"{threads}, {RunConfig.PrecisionName(config.Precision)}, {config.Device}; presets "
            + string.Join(" and ", Both.Select(contestant => contestant.Preset(size))) + told;
    }
}
