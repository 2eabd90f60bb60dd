using Subband.Models.Import;

namespace Subband.Models.SuperResolution.Import;

/// <summary>SRResNet of Lornatang/SRGAN-PyTorch, and so the generator of its SRGAN; in its present and its earlier names.</summary>
internal sealed class SrResNetLayout : SuperResolutionLayout
{
    private const string Earlier = "conv_block";

    public override string Name => "srresnet";

    public override string Title => "SRResNet in the layout of Lornatang/SRGAN-PyTorch";

    public override string Preset => "srresnet";

    public override bool Matches(IReadOnlyList<string> names) =>
        names.Any(name => name.StartsWith("trunk.", StringComparison.Ordinal) && name.Contains(".rcb.", StringComparison.Ordinal));

    public override NetworkSettings Settings(ForeignWeights weights, int? scale)
    {
        var width = weights.Shape(Renamed("conv1.0.weight", weights), 4)[0];
        var found = UpsamplerScale(
            weights, "upsampling.0.upsample_block.0.weight", width, weights.Count("upsampling.", ".upsample_block.0.weight"));
        return new NetworkSettings
        {
            Kind = NetworkKind.SrResNet,
            Scales = Scales(weights, found, scale),
            Width = (int)width,
            Blocks = weights.Count("trunk.", ".rcb.0.weight"),
        };
    }

    public override string Foreign(string name, ForeignWeights weights, NetworkSettings settings) => Renamed(name, weights);

    // conv1, conv2 and conv3 were conv_block1, conv_block2 and conv_block3 once.
    private static string Renamed(string name, ForeignWeights weights) =>
        name.StartsWith("conv", StringComparison.Ordinal) && weights.Names.Any(other => other.StartsWith(Earlier, StringComparison.Ordinal))
            ? Earlier + name["conv".Length..]
            : name;
}
