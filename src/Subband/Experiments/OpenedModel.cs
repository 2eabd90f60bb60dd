using Subband.Data;
using Subband.Models;
using Subband.Torch;
using Subband.Training;

namespace Subband.Experiments;

/// <summary>The model of a checkpoint, ready to make images.</summary>
/// <param name="Model">It.</param>
/// <param name="Plan">How true images are brought to its size.</param>
internal sealed record OpenedModel(IImageGenerator Model, BatchPlan Plan) : IDisposable
{
    /// <summary>Opens it.</summary>
    /// <exception cref="SubbandException">It is damaged.</exception>
    public static OpenedModel Open(Checkpoint checkpoint, Device device)
    {
        using var file = ModelFile.Open(checkpoint.ModelPath);
        return new OpenedModel(file.Family.LoadGenerator(file, device), file.Family.Plan(file.Settings, seed: 0));
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();
}
