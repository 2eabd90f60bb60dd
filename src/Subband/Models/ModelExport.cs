using Subband.Torch;
using Subband.Torch.Serialization;
using Subband.Training;

namespace Subband.Models;

/// <summary>A model that was written for use.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Preset">The preset it was trained with.</param>
/// <param name="Parameters">How many numbers it consists of.</param>
/// <param name="Bytes">The size of the file.</param>
/// <param name="Bf16Cost">What bf16 costs it in decibels, as its file says (<see cref="PrecisionCosts"/>); null where it does not.</param>
/// <param name="FastCost">What the fast class of bf16 costs it.</param>
public sealed record ExportedModel(string Path, string Preset, long Parameters, long Bytes, double? Bf16Cost, double? FastCost);

/// <summary>Writes a trained model for use: one file with what it needs and nothing that only training does.</summary>
public static class ModelExport
{
    /// <summary>Writes a model's file, whole or not at all.</summary>
    /// <param name="models">
    /// A checkpoint's or an exported model; or several of one configuration whose parts were trained apart, such as the levels
    /// of a LAPGAN: each part is taken from where it was trained longest.
    /// </param>
    /// <param name="path">A <c>.safetensors</c> file; one that is there is replaced.</param>
    /// <param name="storage">
    /// How weights are stored: <see cref="DType.Float32"/>, or <see cref="DType.Float16"/> for half the size. Whoever loads
    /// the model gets single precision again, of which half precision keeps 11 bits.
    /// </param>
    /// <param name="costs">
    /// What <see cref="Evaluation.PrecisionEvaluation"/> measured, for the file to say; null for what the model's own file says.
    /// </param>
    /// <exception cref="UsageException">
    /// The file is that of the model itself, or in a checkpoint, which would be damaged; or the models cannot be joined.
    /// </exception>
    /// <exception cref="SubbandException">It cannot be written, or a number is too large for half precision.</exception>
    public static ExportedModel Write(IReadOnlyList<ModelFile> models, string path, DType storage = DType.Float32, PrecisionCosts? costs = null)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentOutOfRangeException.ThrowIfZero(models.Count);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (storage is not (DType.Float32 or DType.Float16))
        {
            throw new ArgumentException($"Models are stored as Float32 or Float16, not {storage}.", nameof(storage));
        }

        ModelFile model = models[0];
        foreach (ModelFile each in models)
        {
            RequireElsewhere(each, path);
            RequireSameFamily(model, each);
        }

        using TensorScope scope = new();
        using GradMode noGrad = Autograd.NoGrad();
        ModelForUse whole = model.Family.ForUse(models);
        (string Name, Tensor Tensor)[] tensors =
        [
            .. whole.Statistics.Select(entry => (entry.Name, Store(entry.Tensor, DType.Float32))),
            .. whole.Tensors.Select(entry => (entry.Name, Store(entry.Tensor, storage))),
        ];
        if (FiniteCheck.FirstNonFinite(tensors) is { } name)
        {
            throw new SubbandException($"{model.Tensors.Path}: {name} holds numbers that are not finite"
                + (storage == DType.Float16 ? " or too large for half precision; store it as fp32." : "; the model is of no use."));
        }

        PrecisionCosts known = costs ?? (models.Count == 1 ? model.Costs : new PrecisionCosts());
        var settings = SettingsTree.WithoutPlaces(model.Settings);
        TensorFile.Save(path, tensors, ModelFile.Metadata(model.Family.Name, model.Preset, settings, model.Classes, whole.Counters, known));
        return new ExportedModel(
            path, model.Preset, tensors.Sum(entry => entry.Tensor.Count), new FileInfo(path).Length, known.Bf16, known.Fast);
    }

    private static Tensor Store(Tensor tensor, DType storage) =>
        tensor.DType is DType.Float32 or DType.Float16 ? tensor.To(storage) : tensor;

    private static void RequireSameFamily(ModelFile first, ModelFile other)
    {
        if (other.Family.Name != first.Family.Name)
        {
            throw new UsageException(
                $"{other.Tensors.Path} is of the family {other.Family.Name}, {first.Tensors.Path} of {first.Family.Name}; they cannot be joined.");
        }
    }

    private static void RequireElsewhere(ModelFile model, string path)
    {
        string target = Path.GetFullPath(path);
        if (Checkpoint.IsOne(Path.GetDirectoryName(target)!))
        {
            throw new UsageException($"{path} lies in a checkpoint, which must stay as it is; choose another place.");
        }

        if (target == Path.GetFullPath(model.Tensors.Path))
        {
            throw new UsageException($"{path} is the model itself; choose another name.");
        }
    }
}
