using System.Text.RegularExpressions;
using Subband.Models.Import;

namespace Subband.Models.SuperResolution.Import;

/// <summary>RCAN of BasicSR, whose names are ours. The mean colour is not stored; it is that of DIV2K.</summary>
internal sealed class RcanLayout : SuperResolutionLayout
{
    public override string Name => "rcan-basicsr";

    public override string Title => "RCAN in the layout of BasicSR";

    public override string Preset => "rcan";

    public override bool Matches(IReadOnlyList<string> names) =>
        names.Any(name => name.StartsWith("body.", StringComparison.Ordinal) && name.Contains(".rcab.", StringComparison.Ordinal));

    public override NetworkSettings Settings(ForeignWeights weights, int? scale)
    {
        var width = weights.Shape("conv_first.weight", 4)[0];
        var found = UpsamplerScale(weights, "upsample.0.weight", width, (weights.Count("upsample.", ".weight") / 2) + 1);
        return new NetworkSettings
        {
            Kind = NetworkKind.Rcan,
            Scales = Scales(weights, found, scale),
            Groups = weights.Count("body.", ".conv.weight"),
            Blocks = weights.Count("body.0.residual_group.", ".rcab.0.weight"),
            Width = (int)width,
            Reduction = RcanOfficialLayout.Reduction(width, weights.Shape("body.0.residual_group.0.rcab.3.attention.1.weight", 4)[0]),
            Mean = SuperResolutionPresets.Div2kMean,
            Range = MeanShift.Bytes,
        };
    }
}

/// <summary>RCAN of its authors, and of EDSR-PyTorch. The mean colour is stored as two convolutions.</summary>
internal sealed partial class RcanOfficialLayout : SuperResolutionLayout
{
    public override string Name => "rcan";

    public override string Title => "RCAN in the layout of its authors and of EDSR-PyTorch";

    public override string Preset => "rcan";

    public override IReadOnlyList<string> Further => MeanShift.Names;

    public override bool Matches(IReadOnlyList<string> names) =>
        names.Any(name => name.StartsWith("body.", StringComparison.Ordinal) && name.Contains(".conv_du.", StringComparison.Ordinal));

    public override NetworkSettings Settings(ForeignWeights weights, int? scale)
    {
        var width = weights.Shape("head.0.weight", 4)[0];
        var found = UpsamplerScale(weights, "tail.0.0.weight", width, (weights.Count("tail.0.", ".weight") / 2) + 1);
        return new NetworkSettings
        {
            Kind = NetworkKind.Rcan,
            Scales = Scales(weights, found, scale),
            Groups = weights.Count("body.", ".body."),
            Blocks = weights.Count("body.0.body.", ".body.0.weight"),
            Width = (int)width,
            Reduction = Reduction(width, weights.Shape("body.0.body.0.body.3.conv_du.0.weight", 4)[0]),
            Mean = MeanShift.Mean(weights, SuperResolutionPresets.Div2kMean),
            Range = MeanShift.Bytes,
        };
    }

    public override string Foreign(string name, ForeignWeights weights, NetworkSettings settings)
    {
        var renamed = name.Replace("conv_first.", "head.0.", StringComparison.Ordinal)
            .Replace("conv_after_body.", $"body.{settings.Groups}.", StringComparison.Ordinal)
            .Replace("upsample.", "tail.0.", StringComparison.Ordinal)
            .Replace("conv_last.", "tail.1.", StringComparison.Ordinal)
            .Replace(".residual_group.", ".body.", StringComparison.Ordinal)
            .Replace(".rcab.", ".body.", StringComparison.Ordinal)
            .Replace(".attention.1.", ".conv_du.0.", StringComparison.Ordinal)
            .Replace(".attention.3.", ".conv_du.2.", StringComparison.Ordinal);
        return GroupEnd().Replace(renamed, $"$1.body.{settings.Blocks}.");
    }

    public override void Complete(ForeignWeights weights, SuperResolutionNetwork network) =>
        MeanShift.Fold(weights, network, "conv_first", "conv_last");

    /// <summary>r of the channel attention: what the width was divided by, rounding down.</summary>
    public static int Reduction(long width, long narrow) => (int)Math.Max(1, width / narrow);

    [GeneratedRegex(@"^(body\.\d+)\.conv\.")]
    private static partial Regex GroupEnd();
}
