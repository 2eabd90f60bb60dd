using Subband.Models.StyleGan2.Import;
using Subband.Models.SuperResolution.Import;

namespace Subband.Models.Import;

/// <summary>All layouts that are known.</summary>
internal static class ImportLayouts
{
    /// <summary>Those of networks that enlarge photographs or make images; a new one is one more line here.</summary>
    public static IReadOnlyList<ImportLayout> All { get; } =
    [
        new SrcnnLayout(),
        new VdsrLayout(),
        new RdnEdsrLayout(),
        new RdnLayout(),
        new RcanOfficialLayout(),
        new RcanLayout(),
        new SrResNetLayout(),
        new StyleGan2Layout(),
    ];

    /// <summary>The layout of a name.</summary>
    /// <exception cref="UsageException">There is none; the message offers the nearest.</exception>
    public static ImportLayout Named(string name) => All.FirstOrDefault(layout => layout.Name == name)
        ?? throw UsageException.UnknownName("checkpoint layout", name, [.. All.Select(layout => layout.Name)]);

    /// <summary>The layout that names belong to, or null.</summary>
    public static ImportLayout? Of(IReadOnlyList<string> names) => All.FirstOrDefault(layout => layout.Matches(names));

    /// <summary>What names belong to that is known but no model by itself, and what it is for; null for anything else.</summary>
    public static string? OtherUse(IReadOnlyList<string> names) =>
        names.Contains("features.34.weight") && !names.Contains("features.3.running_mean")
            ? "VGG19 of torchvision, whose features a perceptual loss compares; training takes that file as it is"
        : names.Contains("classifier.2.weight") && names.Contains("features.3.running_mean")
            ? "the discriminator of an SRGAN, which judges images and enlarges none; training takes that file as it is"
        : StyleGan2Layout.IsDiscriminator(names)
            ? "the discriminator of a StyleGAN2 or SWAGAN, which judges images and makes none; give the checkpoint that holds its generator too"
        : null;
}
