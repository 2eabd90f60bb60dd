namespace Subband.Torch.Modules;

/// <summary>While training, sets elements to 0 with probability p and divides the others by 1 − p.</summary>
/// <param name="probability">p, in [0, 1).</param>
/// <param name="random">Where the choices come from, on the device of the input; part of the training's state.</param>
public sealed class Dropout(double probability, Generator random) : Layer
{
    private readonly double _probability = Functional.RequireDropout(probability);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) =>
        IsTraining && _probability > 0 ? Functional.Dropout(x, _probability, random) : x;
}

/// <summary>While training, sets whole channels of [N, C, H, W] to 0 with probability p and divides the others by 1 − p.</summary>
/// <param name="probability">p, in [0, 1).</param>
/// <param name="random">Where the choices come from, on the device of the input; part of the training's state.</param>
public sealed class ChannelDropout(double probability, Generator random) : Layer
{
    private readonly double _probability = Functional.RequireDropout(probability);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (!IsTraining || _probability == 0)
        {
            return x;
        }

        using var scope = new TensorScope();
        var ones = Tensor.Ones([x.Size(0), x.Size(1), 1, 1], x.DType, x.Device);
        return scope.Keep(x * Functional.Dropout(ones, _probability, random));
    }
}
