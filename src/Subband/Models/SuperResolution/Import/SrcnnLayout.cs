using Subband.Models.Import;

namespace Subband.Models.SuperResolution.Import;

/// <summary>SRCNN of yjn870/SRCNN-pytorch. Its shapes do not tell for which scale it was trained.</summary>
internal sealed class SrcnnLayout : SuperResolutionLayout
{
    public override string Name => "srcnn";

    public override string Title => "SRCNN in the layout of yjn870/SRCNN-pytorch";

    public override string Preset => "srcnn";

    public override bool Matches(IReadOnlyList<string> names) =>
        Enumerable.Range(1, 3).Count(layer => names.Contains($"conv{layer}.weight")) >= 2
        && !names.Any(name => name.StartsWith("conv1.0.", StringComparison.Ordinal));

    public override NetworkSettings Settings(ForeignWeights weights, int? scale)
    {
        long[][] shapes = [.. Enumerable.Range(1, 3).Select(layer => weights.Shape($"conv{layer}.weight", 4))];
        return new NetworkSettings
        {
            Kind = NetworkKind.Srcnn,
            Scales = [scale ?? throw new UsageException(
                $"{weights.Path} is {Title}, which does not tell by how much its images were enlarged; say so, as in --scale 3.")],
            Colour = shapes[0][1] == 1 ? ImageColour.Y : ImageColour.Rgb,
            Kernels = [.. shapes.Select(shape => (int)shape[2])],
            Widths = [(int)shapes[0][0], (int)shapes[1][0]],
        };
    }
}
