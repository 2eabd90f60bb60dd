using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Models.SuperResolution;

/// <summary>
/// Which tensors of a file make up the network: <c>average.*</c> where there is a running average of it, else
/// <c>generator.*</c>. A model for use holds them as <c>generator.*</c>. What only training needs has other names.
/// </summary>
internal static class SuperResolutionTensors
{
    /// <summary>Before the names of a running average's tensors.</summary>
    public const string Average = "average.";

    /// <summary>Before the names of the network's tensors.</summary>
    public const string Generator = "generator.";

    /// <summary>What stands before the names of the tensors that are used.</summary>
    public static string Used(TensorArchive tensors) =>
        tensors.Names.Any(name => name.StartsWith(Average, StringComparison.Ordinal)) ? Average : Generator;

    /// <summary>What a model for use holds.</summary>
    public static IReadOnlyList<(string Name, Tensor Tensor)> ForUse(TensorArchive tensors)
    {
        var used = Used(tensors);
        return
        [
            .. tensors.Names.Where(name => name.StartsWith(used, StringComparison.Ordinal))
                .Select(name => (Generator + name[used.Length..], tensors[name])),
        ];
    }
}
