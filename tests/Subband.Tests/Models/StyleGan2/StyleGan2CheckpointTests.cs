using Subband.Models.StyleGan2;
using Subband.Torch;
using Subband.Torch.Modules;
using Subband.Torch.Serialization;

namespace Subband.Tests.Models.StyleGan2;

/// <summary>The checkpoints that <c>stylegan2_checkpoints.py</c> made beside this file.</summary>
public sealed class StyleGan2CheckpointTests
{
    private static readonly string[] Filters = [".kernel", ".ll", ".lh", ".hl", ".hh"];

    [Theory]
    [InlineData("rosinality_swagan")]
    [InlineData("rosinality_stylegan2")]
    [InlineData("converted_stylegan2")]
    public void Files_hold_the_parameters_of_the_networks_in_their_order(string name)
    {
        var shape = StyleGan2Golden.OfCheckpoint(name).Shape;
        using var random = new Generator(1);
        using var g = new StyleGan2Generator(shape, random);
        using var d = StyleGan2Discriminator.Of(shape, random);
        using var file = PyTorchFile.Open(StyleGan2Golden.CheckpointPath(name));

        Assert.Equal(Names(g), Under("g_ema."));
        Assert.Equal(Names(d), Under("d."));

        string[] Under(string prefix) => [.. file.Tensors.Keys
            .Where(key => key.StartsWith(prefix, StringComparison.Ordinal) && !Filters.Any(ending => key.EndsWith(ending, StringComparison.Ordinal)))
            .Select(key => key[prefix.Length..])];

        static string[] Names(Module network) => [.. network.NamedTensors().Select(entry => entry.Name)];
    }
}
