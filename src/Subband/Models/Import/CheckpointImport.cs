using System.Text.Json.Nodes;
using Subband.Torch;
using Subband.Torch.Serialization;
using Subband.Training;

namespace Subband.Models.Import;

/// <summary>What became of somebody else's checkpoint.</summary>
/// <param name="Path">The model file that was written.</param>
/// <param name="Preset">The preset under which the model goes.</param>
/// <param name="Layout">What the checkpoint was recognised as.</param>
/// <param name="Part">Which part of the file the weights were, such as <c>params_ema</c>; empty for all of it.</param>
/// <param name="Scales">The factors by which it enlarges; empty for a model that makes images.</param>
/// <param name="Parameters">How many trained numbers it consists of.</param>
/// <param name="Bytes">The size of the file.</param>
public sealed record ImportedModel(
    string Path, string Preset, string Layout, string Part, IReadOnlyList<int> Scales, long Parameters, long Bytes);

/// <summary>Makes a model of Subband of a checkpoint that another program trained, whole or not at all.</summary>
public static class CheckpointImport
{
    /// <summary>What a checkpoint can be imported as, where its names do not tell.</summary>
    public static IReadOnlyList<string> Layouts { get; } = [.. ImportLayouts.All.Select(layout => layout.Name)];

    /// <summary>Reads a checkpoint and writes a model file.</summary>
    /// <param name="path">A <c>.pth</c>, <c>.pt</c> or <c>.safetensors</c> file.</param>
    /// <param name="output">A <c>.safetensors</c> file; one that is there is replaced.</param>
    /// <param name="layout">One of <see cref="Layouts"/>; null to recognise it by its names.</param>
    /// <param name="scale">By how much it enlarges; null where its shapes tell.</param>
    /// <exception cref="UsageException">The scale is missing or another one, or there is no such layout.</exception>
    /// <exception cref="SubbandException">
    /// It is none of the known layouts, or does not fit; the message lists what is missing or unexpected.
    /// </exception>
    public static ImportedModel Write(string path, string output, string? layout = null, int? scale = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(output);
        if (System.IO.Path.GetFullPath(path) == System.IO.Path.GetFullPath(output))
        {
            throw new UsageException($"{output} is the checkpoint itself; choose another name.");
        }

        var chosen = layout is null ? null : ImportLayouts.Named(layout);
        using var scope = new TensorScope();
        using var file = Open(path);
        var (recognised, weights) = Recognise(file, chosen);
        using var imported = recognised.Read(weights, scale);
        if (FiniteCheck.FirstNonFinite(imported.Tensors) is { } name)
        {
            throw new SubbandException($"{path}: {name} holds numbers that are not finite; the checkpoint is of no use.");
        }

        TensorFile.Save(
            output, imported.Tensors, ModelFile.Metadata(imported.Family.Name, imported.Preset, imported.Settings, [], new JsonObject()));
        return new ImportedModel(
            output, imported.Preset, recognised.Title, weights.Part, imported.Scales, imported.Parameters, new FileInfo(output).Length);
    }

    private static TensorArchive Open(string path)
    {
        var file = TensorFile.Load(path);
        if (file.Metadata.ContainsKey("subband.family"))
        {
            file.Dispose();
            throw new UsageException($"{path} is a model of Subband already; use it as it is, or 'subband export' to copy it.");
        }

        return file;
    }

    private static (ImportLayout Layout, ForeignWeights Weights) Recognise(TensorArchive file, ImportLayout? chosen)
    {
        if (chosen is not null)
        {
            var asked = ForeignWeights.Unwrap(file, chosen.Matches);
            return chosen.Matches(asked.Names) || ImportLayouts.Of(ForeignWeights.Unwrap(file, IsKnown).Names) is not { } other
                ? (chosen, asked)
                : throw new UsageException($"{file.Path} is {other.Title}, not {chosen.Title}; leave out --as.");
        }

        var weights = ForeignWeights.Unwrap(file, IsKnown);
        if (ImportLayouts.Of(weights.Names) is { } layout)
        {
            return (layout, weights);
        }

        if (ImportLayouts.OtherUse(weights.Names) is { } use)
        {
            throw new SubbandException($"{file.Path} is {use}.");
        }

        throw new SubbandException(
            $"{file.Path} is none of the networks that can be imported: {string.Join("; ", ImportLayouts.All.Select(known => known.Title))}. "
            + (file.Names.Count == 0
                ? "It holds no tensors."
                : $"Among the names of its tensors ({file.Names.Count}) are {string.Join(", ", file.Names.Take(5).Select(FileText.Shown))}."));
    }

    private static bool IsKnown(IReadOnlyList<string> names) =>
        ImportLayouts.Of(names) is not null || ImportLayouts.OtherUse(names) is not null;
}
