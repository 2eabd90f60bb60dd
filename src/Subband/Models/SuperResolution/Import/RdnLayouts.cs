using System.Text.RegularExpressions;
using Subband.Models.Import;

namespace Subband.Models.SuperResolution.Import;

/// <summary>RDN of yjn870/RDN-pytorch, whose names are ours. It works in [0,1].</summary>
internal sealed class RdnLayout : SuperResolutionLayout
{
    public override string Name => "rdn-yjn870";

    public override string Title => "RDN in the layout of yjn870/RDN-pytorch";

    public override string Preset => "rdn";

    public override bool Matches(IReadOnlyList<string> names) => names.Any(name => name.StartsWith("rdbs.", StringComparison.Ordinal));

    public override NetworkSettings Settings(ForeignWeights weights, int? scale)
    {
        var tail = weights.Shape("output.weight", 4)[1];
        var found = UpsamplerScale(weights, "upscale.0.weight", tail, weights.Count("upscale.", ".weight") / 2 + 1);
        var width = (int)weights.Shape("sfe1.weight", 4)[0];
        return new NetworkSettings
        {
            Kind = NetworkKind.Rdn,
            Scales = Scales(weights, found, scale),
            Width = width,
            Blocks = weights.Count("rdbs.", ".lff.weight"),
            Layers = weights.Count("rdbs.0.layers.", ".conv.weight"),
            Growth = (int)weights.Shape("rdbs.0.layers.0.conv.weight", 4)[0],
            TailWidth = tail == width ? 0 : (int)tail,
        };
    }
}

/// <summary>RDN of EDSR-PyTorch, which works on bytes. Its enlargement has G channels instead of G₀.</summary>
internal sealed partial class RdnEdsrLayout : SuperResolutionLayout
{
    public override string Name => "rdn-edsr";

    public override string Title => "RDN in the layout of EDSR-PyTorch";

    public override string Preset => "rdn";

    public override IReadOnlyList<string> Further => MeanShift.Names;

    public override bool Matches(IReadOnlyList<string> names) => names.Any(name => name.StartsWith("RDBs.", StringComparison.Ordinal));

    public override NetworkSettings Settings(ForeignWeights weights, int? scale)
    {
        var last = weights.Count("UPNet.", ".weight") - 1; // the convolution after the enlargement
        var tail = weights.Shape($"UPNet.{last}.weight", 4)[1];
        var found = UpsamplerScale(weights, "UPNet.0.weight", tail, last / 2);
        var width = (int)weights.Shape("SFENet1.weight", 4)[0];
        return new NetworkSettings
        {
            Kind = NetworkKind.Rdn,
            Scales = Scales(weights, found, scale),
            Width = width,
            Blocks = weights.Count("RDBs.", ".LFF.weight"),
            Layers = weights.Count("RDBs.0.convs.", ".conv.0.weight"),
            Growth = (int)weights.Shape("RDBs.0.convs.0.conv.0.weight", 4)[0],
            TailWidth = tail == width ? 0 : (int)tail,
            Mean = MeanShift.Mean(weights, []),
            Range = MeanShift.Bytes,
        };
    }

    public override string Foreign(string name, ForeignWeights weights, NetworkSettings settings)
    {
        var steps = PixelShuffleUpsampler.Steps(settings.Scales[0]).Length;
        var renamed = name.Replace("sfe", "SFENet", StringComparison.Ordinal)
            .Replace("gff.", "GFF.", StringComparison.Ordinal)
            .Replace("upscale.", "UPNet.", StringComparison.Ordinal)
            .Replace("output.", $"UPNet.{2 * steps}.", StringComparison.Ordinal)
            .Replace("rdbs.", "RDBs.", StringComparison.Ordinal)
            .Replace(".lff.", ".LFF.", StringComparison.Ordinal);
        return DenseLayer().Replace(renamed, ".convs.$1.conv.0.");
    }

    public override void Complete(ForeignWeights weights, SuperResolutionNetwork network) =>
        MeanShift.Fold(weights, network, "sfe1", "output");

    [GeneratedRegex(@"\.layers\.(\d+)\.conv\.")]
    private static partial Regex DenseLayer();
}
