using System.Text.Json.Nodes;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Models;

/// <summary>
/// Which tensors of a file make up a network of which there may be a running average: <c>average.*</c> where there is one, else
/// <c>generator.*</c>. A model for use holds them as <c>generator.*</c>. What only training needs has other names.
/// </summary>
internal static class AveragedTensors
{
    /// <summary>Before the names of a running average's tensors.</summary>
    public const string Average = "average.";

    /// <summary>Before the names of the network's tensors.</summary>
    public const string Generator = "generator.";

    /// <summary>Before the names of the tensors of a network that judges.</summary>
    public const string Discriminator = "discriminator.";

    /// <summary>What stands before the names of the tensors that are used.</summary>
    public static string Used(TensorArchive tensors) =>
        tensors.Names.Any(name => name.StartsWith(Average, StringComparison.Ordinal)) ? Average : Generator;

    /// <summary>What a model for use holds.</summary>
    /// <param name="files">One model.</param>
    /// <exception cref="UsageException">There are several, of which nothing could be joined.</exception>
    public static ModelForUse ForUse(IReadOnlyList<ModelFile> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        return files is [var only]
            ? new ModelForUse(ForUse(only.Tensors), [], (JsonObject)only.Counters.DeepClone())
            : throw new UsageException(
                $"{files.Count} models were given, but a model of the family {files[0].Family.Name} has no parts that are trained apart and could be "
                + "joined. Give one.");
    }

    /// <summary>Tensors under a prefix.</summary>
    public static IEnumerable<(string Name, Tensor Tensor)> Prefixed(string prefix, IEnumerable<(string Name, Tensor Tensor)> tensors) =>
        tensors.Select(entry => (prefix + entry.Name, entry.Tensor));

    private static IReadOnlyList<(string Name, Tensor Tensor)> ForUse(TensorArchive tensors)
    {
        var used = Used(tensors);
        return
        [
            .. tensors.Names.Where(name => name.StartsWith(used, StringComparison.Ordinal))
                .Select(name => (Generator + name[used.Length..], tensors[name])),
        ];
    }
}
