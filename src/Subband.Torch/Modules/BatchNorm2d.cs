namespace Subband.Torch.Modules;

/// <summary>
/// Normalises each channel over the batch and the pixels. Parameters <c>weight</c>, <c>bias</c> [C] (when affine);
/// buffers <c>running_mean</c>, <c>running_var</c> [C].
/// </summary>
/// <remarks>Ioffe and Szegedy 2015, as PyTorch's <c>BatchNorm2d</c> without the counter of batches.</remarks>
public sealed class BatchNorm2d : Layer
{
    private readonly Slot? _weight;
    private readonly Slot? _bias;
    private readonly Slot _runningMean;
    private readonly Slot _runningVariance;
    private readonly double _momentum;
    private readonly double _epsilon;

    /// <summary>Makes the layer.</summary>
    /// <param name="channels">C.</param>
    /// <param name="affine">Whether a trained scale (from 1) and shift (from 0) follow.</param>
    /// <param name="momentum">The share of a batch in the running statistics.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public BatchNorm2d(int channels, bool affine = true, double momentum = 0.1, double epsilon = 1e-5)
    {
        _momentum = momentum;
        _epsilon = epsilon;
        _weight = affine ? Parameter("weight", Tensor.Ones([channels])) : null;
        _bias = affine ? Parameter("bias", Tensor.Zeros([channels])) : null;
        _runningMean = Statistic("running_mean", Tensor.Zeros([channels]));
        _runningVariance = Statistic("running_var", Tensor.Ones([channels]));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Functional.BatchNorm(
        x, _weight?.Tensor, _bias?.Tensor, _runningMean, _runningVariance, IsTraining, _momentum, _epsilon);
}
