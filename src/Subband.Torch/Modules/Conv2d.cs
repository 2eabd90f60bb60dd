namespace Subband.Torch.Modules;

/// <summary>A bank of filters: [N, C, H, W] to [N, O, H′, W′]. Parameters <c>weight</c> [O, C/groups, k, k] and <c>bias</c> [O].</summary>
/// <remarks>
/// Starts as PyTorch's: weight and bias uniform in ±1/√fan_in, fan_in = C/groups · k².
/// </remarks>
public sealed class Conv2d : Layer
{
    private readonly Slot _weight;
    private readonly Slot? _bias;
    private readonly SpectralNorm? _norm;
    private readonly long _stride;
    private readonly long _padding;
    private readonly long _groups;
    private readonly Filters3x3? _filters; // where they might be computed with by our own operator

    /// <summary>Makes the filters.</summary>
    /// <param name="inputs">Channels coming in.</param>
    /// <param name="outputs">Channels going out.</param>
    /// <param name="kernel">Side of a filter in pixels.</param>
    /// <param name="random">Where the initial values come from, on the CPU.</param>
    /// <param name="stride">Pixels from one output to the next.</param>
    /// <param name="padding">Zeros added at each side; (k − 1) / 2 keeps the size.</param>
    /// <param name="groups">Into how many independent groups the channels are divided.</param>
    /// <param name="bias">Whether a number is added to each output channel.</param>
    /// <param name="spectralNorm">Whether the weight is divided by its spectral norm, see <see cref="SpectralNorm"/>.</param>
    public Conv2d(
        int inputs,
        int outputs,
        int kernel,
        Generator random,
        int stride = 1,
        int padding = 0,
        int groups = 1,
        bool bias = true,
        bool spectralNorm = false)
    {
        _stride = stride;
        _padding = padding;
        _groups = groups;
        var bound = 1 / Math.Sqrt((double)inputs / groups * kernel * kernel);
        _weight = Parameter(
            "weight", Tensor.Empty([outputs, inputs / groups, kernel, kernel]).UniformInPlace(-bound, bound, random));
        _bias = bias ? Parameter("bias", Tensor.Empty([outputs]).UniformInPlace(-bound, bound, random)) : null;
        _norm = spectralNorm ? Child("norm", new SpectralNorm(_weight, random)) : null;
        _filters = kernel == 3 && padding == 1 && stride == 1 && groups == 1 && !spectralNorm ? new Filters3x3() : null;
    }

    /// <summary>[O, C/groups, k, k].</summary>
    public Tensor Weight => _weight;

    /// <summary>[O], or null.</summary>
    public Tensor? Bias => _bias?.Tensor;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => TryFused(x) ?? Functional.Conv2d(
        x, _norm?.Normalise(_weight) ?? _weight, Bias, _stride, _padding, groups: _groups);

    /// <summary>max(<see cref="Forward"/>, 0), in one pass over memory where there is an operator for that.</summary>
    public Tensor ForwardRelu(Tensor x) => TryFused(x, isRelu: true) ?? Functional.ReluInPlace(Forward(x));

    /// <summary><see cref="Functional.PRelu"/> of <see cref="Forward"/>, in one pass over memory where there is an operator for that.</summary>
    /// <param name="x">[N, C, H, W].</param>
    /// <param name="slopes">[1] or [O].</param>
    public Tensor ForwardPRelu(Tensor x, Tensor slopes)
    {
        using TensorScope scope = new();
        return scope.Keep(TryFused(x, slopes: slopes) ?? Functional.PRelu(Forward(x), slopes));
    }

    /// <summary><see cref="Forward"/> plus an image, in one pass over memory where there is an operator for that.</summary>
    /// <param name="x">[N, C, H, W].</param>
    /// <param name="plus">[N, O, H′, W′].</param>
    public Tensor ForwardPlus(Tensor x, Tensor plus)
    {
        using TensorScope scope = new();
        return scope.Keep(TryFused(x, plus: plus) ?? (Forward(x) + plus));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _filters?.Dispose();
        base.Dispose(disposing);
    }

    private Tensor? TryFused(Tensor x, bool isRelu = false, Tensor? slopes = null, Tensor? plus = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        Tensor? result = _filters?.TryConvolve(x, _weight, Bias, isRelu, slopes, plus);
        if (result is not null)
        {
            ArithmeticCount.Add(_weight, result, channels: -3);
        }

        return result;
    }
}
