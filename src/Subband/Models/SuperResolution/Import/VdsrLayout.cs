using Subband.Models.Import;

namespace Subband.Models.SuperResolution.Import;

/// <summary>
/// VDSR of twtygqyy/pytorch-vdsr, as a state dict. The files of that repository hold the whole Python object instead, which only
/// its own classes can rebuild.
/// </summary>
internal sealed class VdsrLayout : SuperResolutionLayout
{
    private static readonly int[] TrainedFor = [2, 3, 4];

    public override string Name => "vdsr";

    public override string Title => "VDSR in the layout of twtygqyy/pytorch-vdsr";

    public override string Preset => "vdsr";

    public override bool Matches(IReadOnlyList<string> names) =>
        names.Any(name => name.StartsWith("residual_layer.", StringComparison.Ordinal) && name.EndsWith(".conv.weight", StringComparison.Ordinal));

    public override NetworkSettings Settings(ForeignWeights weights, int? scale)
    {
        var input = weights.Shape("input.weight", 4); // [w, C, 3, 3]
        return new NetworkSettings
        {
            Kind = NetworkKind.Vdsr,
            Scales = scale is { } one ? [one] : TrainedFor,
            Colour = input[1] == 1 ? ImageColour.Y : ImageColour.Rgb,
            Width = (int)input[0],
            Layers = weights.Count("residual_layer.", ".conv.weight") + 2,
            Bias = weights.Has("input.bias"),
        };
    }
}
