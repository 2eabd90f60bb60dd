using System.Text.Json.Nodes;
using Subband.Imaging;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Training;

/// <summary>A batch on the training device.</summary>
/// <param name="Images">[N, C, H, W] in [-1, 1], of the colour that the model's <see cref="Data.BatchPlan"/> asks for.</param>
/// <param name="Labels">int64 [N], or null when the data has no classes.</param>
/// <param name="Coarse">
/// [N, 3, h, w] in [-1, 1]: the small version of each image, or null where the model's <see cref="Data.BatchPlan"/> asks for none.
/// </param>
public readonly record struct TrainingBatch(Tensor Images, Tensor? Labels, Tensor? Coarse = null);

/// <summary>A named scalar that a step reports, such as a loss; read by the loop when it wants to.</summary>
/// <param name="Name">Such as <c>level0.discriminator</c>.</param>
/// <param name="Value">A scalar cut off from the recorded computation.</param>
public readonly record struct Measure(string Name, Tensor Value);

/// <summary>
/// What a training loop trains: the networks of one model with their optimisers. The loop knows nothing else of a model.
/// </summary>
/// <remarks>
/// Everything that moves during training is in <see cref="ModelTensors"/>, <see cref="OptimizerTensors"/>,
/// <see cref="Counters"/> and the <see cref="TrainingContext.Random"/> generator, so that a restored trainee continues
/// bit by bit.
/// </remarks>
public interface ITrainee : IDisposable
{
    /// <summary>Images shown so far; when only some parts of a model are trained, to these.</summary>
    long Images { get; }

    /// <summary>The family's plan with what only this trainee can add to it; whoever makes batches by it stops before the trainee is disposed.</summary>
    /// <param name="plan">What <c>IModelFamily.Plan</c> gave.</param>
    Data.BatchPlan Complete(Data.BatchPlan plan) => plan;

    /// <summary>One optimisation step on one batch.</summary>
    /// <param name="batch">A batch of <see cref="TrainingSettings.BatchSize"/> images.</param>
    /// <returns>Losses and other scalars of this step, made in the caller's tensor scope.</returns>
    IReadOnlyList<Measure> Step(TrainingBatch batch);

    /// <summary>The weights, including averages of weights: <c>model.safetensors</c>.</summary>
    IEnumerable<(string Name, Tensor Tensor)> ModelTensors();

    /// <summary>The state of the optimisers: <c>optimizer.safetensors</c>.</summary>
    IEnumerable<(string Name, Tensor Tensor)> OptimizerTensors();

    /// <summary>Step counters and the like, for <c>state.json</c>.</summary>
    JsonObject Counters();

    /// <summary>Continues from a checkpoint.</summary>
    /// <param name="model">What <see cref="ModelTensors"/> gave.</param>
    /// <param name="optimizer">What <see cref="OptimizerTensors"/> gave.</param>
    /// <param name="counters">What <see cref="Counters"/> gave.</param>
    void Restore(TensorArchive model, TensorArchive optimizer, JsonObject counters);

    /// <summary>
    /// What stands in the metadata of <c>model.safetensors</c>, so that the file can be used without the run: see
    /// <c>ModelFile</c>.
    /// </summary>
    IReadOnlyDictionary<string, string> ModelMetadata();

    /// <summary>
    /// Measures the model as it is now on images that it is not trained on; empty where it has none. Like the sheet, it must not
    /// change the training.
    /// </summary>
    IReadOnlyList<(string Name, double Value)> Validate() => [];

    /// <summary>A sheet of samples, always from the same random numbers, so that sheets of different times compare.</summary>
    Rgb8Image SampleSheet();
}
