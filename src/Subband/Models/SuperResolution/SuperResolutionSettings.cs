namespace Subband.Models.SuperResolution;

/// <summary>All settings of a network for super-resolution.</summary>
public sealed record SuperResolutionSettings : ModelSettings
{
    /// <summary>The network.</summary>
    public NetworkSettings Network { get; init; } = new();
}
