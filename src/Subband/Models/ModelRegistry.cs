using Subband.Models.Lapgan;
using Subband.Models.StyleGan2;
using Subband.Models.SuperResolution;

namespace Subband.Models;

/// <summary>All kinds of models, and all presets.</summary>
public static class ModelRegistry
{
    /// <summary>The families; a new one is one more line here.</summary>
    public static IReadOnlyList<IModelFamily> Families { get; } =
    [
        new LapganFamily(),
        new StyleGan2Family(),
        new SuperResolutionFamily(),
    ];

    /// <summary>Every preset of every family.</summary>
    public static IEnumerable<(IModelFamily Family, Preset Preset)> Presets =>
        Families.SelectMany(family => family.Presets.Select(preset => (family, preset)));

    /// <summary>The family of a name.</summary>
    /// <exception cref="UsageException">There is none; the message offers the nearest.</exception>
    public static IModelFamily Family(string name) =>
        Families.FirstOrDefault(family => family.Name == name)
        ?? throw UsageException.UnknownName("model family", name, [.. Families.Select(family => family.Name)]);

    /// <summary>The preset of a name, with its family.</summary>
    /// <exception cref="UsageException">There is none; the message offers the nearest.</exception>
    public static (IModelFamily Family, Preset Preset) Preset(string name) =>
        Presets.Where(entry => entry.Preset.Name == name).Select(entry => ((IModelFamily, Preset)?)entry).FirstOrDefault()
        ?? throw UsageException.UnknownName("preset", name, [.. Presets.Select(entry => entry.Preset.Name)]);
}
