namespace Subband.Torch.Modules;

/// <summary>
/// The adjoint of a convolution, which enlarges: [N, C, H, W] to [N, O, (H−1)·stride − 2·padding + k + outputPadding, …].
/// Parameters <c>weight</c> [C, O/groups, k, k] and <c>bias</c> [O].
/// </summary>
/// <remarks>Starts as PyTorch's: uniform in ±1/√fan_in, where PyTorch takes fan_in = O/groups · k².</remarks>
public sealed class ConvTranspose2d : Layer
{
    private readonly Slot _weight;
    private readonly Slot? _bias;
    private readonly long _stride;
    private readonly long _padding;
    private readonly long _outputPadding;
    private readonly long _groups;

    /// <summary>Makes the filters.</summary>
    /// <param name="inputs">Channels coming in.</param>
    /// <param name="outputs">Channels going out.</param>
    /// <param name="kernel">Side of a filter in pixels.</param>
    /// <param name="random">Where the initial values come from, on the CPU.</param>
    /// <param name="stride">The factor of enlargement.</param>
    /// <param name="padding">Pixels cut off at each side.</param>
    /// <param name="outputPadding">Pixels added at the lower and right side; below the stride.</param>
    /// <param name="groups">Into how many independent groups the channels are divided.</param>
    /// <param name="bias">Whether a number is added to each output channel.</param>
    public ConvTranspose2d(
        int inputs,
        int outputs,
        int kernel,
        Generator random,
        int stride = 1,
        int padding = 0,
        int outputPadding = 0,
        int groups = 1,
        bool bias = true)
    {
        _stride = stride;
        _padding = padding;
        _outputPadding = outputPadding;
        _groups = groups;
        var bound = 1 / Math.Sqrt((double)outputs / groups * kernel * kernel);
        _weight = Parameter(
            "weight", Tensor.Empty([inputs, outputs / groups, kernel, kernel]).UniformInPlace(-bound, bound, random));
        _bias = bias ? Parameter("bias", Tensor.Empty([outputs]).UniformInPlace(-bound, bound, random)) : null;
    }

    /// <summary>[C, O/groups, k, k].</summary>
    public Tensor Weight => _weight;

    /// <summary>[O], or null.</summary>
    public Tensor? Bias => _bias?.Tensor;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) =>
        Functional.ConvTranspose2d(x, _weight, Bias, _stride, _padding, _outputPadding, _groups);
}
