using System.Globalization;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Models.Lapgan;

/// <summary>
/// Which tensors of a checkpoint a trained model needs: <c>levels.k.average.*</c> where there are averages, else
/// <c>levels.k.generator.*</c>, and <c>standardization.*</c>. An exported model holds them as <c>levels.k.generator.*</c>.
/// </summary>
internal static class LapganTensors
{
    private const string Average = "average";
    private const string Generator = "generator";

    /// <summary>The part of a level that is sampled.</summary>
    public static string SampledPart(TensorArchive tensors, int level) =>
        tensors.Names.Any(name => name.StartsWith($"levels.{level.ToString(CultureInfo.InvariantCulture)}.{Average}.", StringComparison.Ordinal))
            ? Average
            : Generator;

    /// <summary>What an exported model holds.</summary>
    public static IEnumerable<(string Name, Tensor Tensor)> ForUse(TensorArchive tensors)
    {
        foreach (var name in tensors.Names)
        {
            var parts = name.Split('.');
            if (parts[0] != "levels")
            {
                yield return (name, tensors[name]);
            }
            else if (parts[2] == SampledPart(tensors, int.Parse(parts[1], CultureInfo.InvariantCulture)))
            {
                yield return (string.Join('.', [parts[0], parts[1], Generator, .. parts[3..]]), tensors[name]);
            }
        }
    }
}
