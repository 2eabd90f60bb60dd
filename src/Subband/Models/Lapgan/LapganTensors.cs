using System.Globalization;
using Subband.Torch;
using Subband.Torch.Serialization;
using Subband.Training;

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

    /// <summary>What an exported model holds: each level from the file in which it was shown the most images.</summary>
    /// <param name="files">One, or several that differ in nothing but which levels were trained, and how long.</param>
    /// <exception cref="UsageException">They differ in more, or some level was trained in none of several.</exception>
    public static ModelForUse ForUse(IReadOnlyList<ModelFile> files)
    {
        var first = files[0];
        foreach (var other in files.Skip(1))
        {
            RequireAlike(first, other);
        }

        var levels = ((LapganSettings)first.Settings).Pyramid.Sizes.Count;
        var best = Enumerable.Range(0, levels).Select(k => files.MaxBy(file => LevelCounters.Images(file.Counters, k))!).ToArray();
        var images = best.Select((file, k) => LevelCounters.Images(file.Counters, k)).ToArray();
        if (files.Count > 1 && Array.IndexOf(images, 0) is >= 0 and var untrained)
        {
            throw new UsageException(
                $"Level {untrained} was trained in none of the {files.Count} models; train it with --level {untrained} and join that too.");
        }

        return new ModelForUse(
            [.. best.SelectMany((file, k) => Sampled(file.Tensors, k))],
            [.. files.Select(file => Statistics(file.Tensors)).MaxBy(found => found.Count(entry => entry.Tensor.DType == DType.Float32))!],
            LevelCounters.Write(images));
    }

    private static IEnumerable<(string Name, Tensor Tensor)> Statistics(TensorArchive tensors) =>
        tensors.Names.Where(name => !name.StartsWith("levels.", StringComparison.Ordinal)).Select(name => (name, tensors[name]));

    private static IEnumerable<(string Name, Tensor Tensor)> Sampled(TensorArchive tensors, int level)
    {
        var prefix = string.Create(CultureInfo.InvariantCulture, $"levels.{level}.");
        var sampled = $"{prefix}{SampledPart(tensors, level)}.";
        return tensors.Names.Where(name => name.StartsWith(sampled, StringComparison.Ordinal))
            .Select(name => ($"{prefix}{Generator}.{name[sampled.Length..]}", tensors[name]));
    }

    private static void RequireAlike(ModelFile first, ModelFile other)
    {
        var difference =
            SettingsTree.ToJson(Essential(first)) != SettingsTree.ToJson(Essential(other)) ? "their settings differ"
            : !first.Classes.SequenceEqual(other.Classes) ? "their classes differ"
            : !Statistics(first.Tensors).SequenceEqual(Statistics(other.Tensors), SameValues) ? "mean and deviation of their images differ"
            : null;
        if (difference is not null)
        {
            throw new UsageException(
                $"{first.Tensors.Path} and {other.Tensors.Path} cannot be joined: {difference}. Levels that belong together are trained "
                + "with the same settings on the same images.");
        }
    }

    // How and which levels were trained may differ; what the networks are may not.
    private static LapganSettings Essential(ModelFile file) =>
        (LapganSettings)file.Settings with { TrainLevels = [], Training = new TrainingSettings() };

    // Half precision, in which earlier versions stored statistics, is compared with what single precision is rounded to.
    private static readonly IEqualityComparer<(string Name, Tensor Tensor)> SameValues =
        EqualityComparer<(string Name, Tensor Tensor)>.Create((a, b) =>
        {
            var common = a.Tensor.DType == DType.Float16 || b.Tensor.DType == DType.Float16 ? DType.Float16 : DType.Float32;
            return a.Name == b.Name && Values(a.Tensor, common).AsSpan().SequenceEqual(Values(b.Tensor, common));
        });

    private static float[] Values(Tensor tensor, DType precision)
    {
        using var scope = new TensorScope();
        return tensor.To(precision).To(DType.Float32).ToArray<float>();
    }
}
