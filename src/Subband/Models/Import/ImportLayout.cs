using Subband.Torch;
using Subband.Training;

namespace Subband.Models.Import;

/// <summary>What was read of somebody else's checkpoint.</summary>
/// <param name="Family">The kind of model.</param>
/// <param name="Preset">The preset under which the model goes.</param>
/// <param name="Settings">Its settings, as far as the checkpoint tells.</param>
/// <param name="Tensors">All that the model's file will hold; they belong to this.</param>
/// <param name="Parameters">How many trained numbers the network that is used consists of.</param>
/// <param name="Scales">The factors by which it enlarges; empty for what enlarges nothing.</param>
internal sealed record ImportedTensors(
    IModelFamily Family,
    string Preset,
    ModelSettings Settings,
    IReadOnlyList<(string Name, Tensor Tensor)> Tensors,
    long Parameters,
    IReadOnlyList<int> Scales)
    : IDisposable
{
    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        foreach (var (_, tensor) in Tensors)
        {
            tensor.Dispose();
        }
    }
}

/// <summary>How somebody else's program lays out its checkpoints.</summary>
internal abstract class ImportLayout
{
    /// <summary>What <c>--as</c> calls it.</summary>
    public abstract string Name { get; }

    /// <summary>What messages call it: network and program.</summary>
    public abstract string Title { get; }

    /// <summary>Whether names are, by those that only this layout has, of this layout.</summary>
    public abstract bool Matches(IReadOnlyList<string> names);

    /// <summary>Reads a checkpoint, whole or not at all.</summary>
    /// <param name="weights">Of this layout.</param>
    /// <param name="scale">What <c>--scale</c> says; null where it was not given.</param>
    /// <exception cref="SubbandException">Tensors are missing, unexpected or of another shape.</exception>
    /// <exception cref="UsageException">The scale is needed, or is another one.</exception>
    public abstract ImportedTensors Read(ForeignWeights weights, int? scale);

    /// <summary>Refuses settings, read from shapes, that no network of the family can have.</summary>
    /// <exception cref="SubbandException">They are such.</exception>
    protected void RequireSound(ForeignWeights weights, IModelFamily family, ModelSettings settings)
    {
        try
        {
            SettingsTree.Check(settings);
            family.Validate(settings, []);
        }
        catch (UsageException exception)
        {
            throw new SubbandException(
                $"{weights.Path} looks like {Title}, but its shapes are of no such network: {exception.Message}", exception);
        }
    }
}
