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
    private readonly PackedFilters? _filters; // where they might be computed with by our own operator

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
        _filters = kernel % 2 == 1 && padding == kernel / 2 && stride == 1 && groups == 1 && !spectralNorm ? new PackedFilters() : null;
    }

    /// <summary>[O, C/groups, k, k].</summary>
    public Tensor Weight => _weight;

    /// <summary>[O], or null.</summary>
    public Tensor? Bias => _bias?.Tensor;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Compute(x, Rectifier.None);

    /// <summary>max(<see cref="Forward"/>, 0), in one pass over memory where there is an operator for that.</summary>
    public Tensor ForwardRelu(Tensor x) => Compute(x, Rectifier.Relu);

    /// <summary><see cref="Functional.PRelu"/> of <see cref="Forward"/>, in one pass over memory where there is an operator for that.</summary>
    /// <param name="x">[N, C, H, W].</param>
    /// <param name="slopes">[1] or [O].</param>
    public Tensor ForwardPRelu(Tensor x, Tensor slopes) => Compute(x, new Rectifier(IsRelu: false, slopes));

    /// <summary><see cref="Forward"/> plus an image, in one pass over memory where there is an operator for that.</summary>
    /// <param name="x">[N, C, H, W].</param>
    /// <param name="plus">[N, O, H′, W′].</param>
    public Tensor ForwardPlus(Tensor x, Tensor plus) => Compute(x, Rectifier.None, plus);

    /// <summary><see cref="Forward"/> of images beside each other, which are not copied where there is an operator for that; of filters of 1×1.</summary>
    /// <param name="images">[N, Cᵢ, H, W], whose Cᵢ add up to C.</param>
    public Tensor ForwardBeside(params Tensor[] images) => RowWalk.Current is null && !images.All(CanBeFused)
        ? Forward(Tensor.Cat(images, 1))
        : ForwardBeside(RowWalk.InStep(images), plus: null);

    /// <summary><see cref="Functional.PixelShuffle"/> of <see cref="Forward"/>, perhaps rectified, in one pass over memory where there is an operator for that.</summary>
    /// <param name="x">[N, C, H, W].</param>
    /// <param name="factor">r.</param>
    /// <param name="slopes">[1] or [O/r²], those of a <see cref="Functional.PRelu"/> behind it; null for none.</param>
    /// <returns>[N, O/r², H′·r, W′·r].</returns>
    public Tensor ForwardShuffled(Tensor x, int factor, Tensor? slopes = null) => Compute(x, new Rectifier(IsRelu: false, slopes), spread: factor);

    /// <summary>Whether Subband's own operator computes this layer of images like this one, but for their channels.</summary>
    internal bool CanBeFused(Tensor like) => _filters is not null && PackedFilters.Takes(like, _weight, Bias);

    /// <summary><see cref="ForwardRelu"/> into a tensor that is there already.</summary>
    /// <param name="result">[N, O, H', W], in channels-last format or some channels of such; both parts of it alike.</param>
    /// <param name="images">Rows of images beside each other, for each of which <see cref="CanBeFused"/>.</param>
    internal void ForwardReluInto(RowBlock result, RowBlock[] images)
    {
        _filters!.ConvolveInto(result, images, _weight, Bias);
        ArithmeticCount.Add(_weight, result.Rows, channels: -3);
        if (result.Above is not null)
        {
            ArithmeticCount.Add(_weight, result.Above, channels: -3);
        }
    }

    /// <summary><see cref="ForwardBeside(Tensor[])"/> of rows, perhaps none, plus rows.</summary>
    internal Tensor ForwardBeside(RowBlock[] images, RowBlock? plus)
    {
        if (_weight.Tensor.Size(2) != 1)
        {
            throw new InvalidOperationException("Only a convolution of 1x1 sees images beside each other.");
        }

        if (images[0].Count == 0)
        {
            return RowBlock.New(images[0].Rows, _weight.Tensor.Size(0), rows: 0);
        }

        using TensorScope scope = new();
        return scope.Keep(TryFused(images, Rectifier.None, plus) ?? Unfused());

        Tensor Unfused()
        {
            Tensor result = Compute(new RowBlock(RowBlock.Beside(images)), Rectifier.None, spread: 1);
            return plus is { } rows ? result + rows.Joined() : result;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _filters?.Dispose();
        base.Dispose(disposing);
    }

    private Tensor Compute(Tensor x, Rectifier rectifier, Tensor? plus = null, int spread = 1)
    {
        ArgumentNullException.ThrowIfNull(x);
        using TensorScope scope = new();
        if (RowWalk.Current is not { } walk)
        {
            RowBlock whole = new(x);
            return scope.Keep(plus is null ? Compute(whole, rectifier, spread)
                : TryFused([whole], rectifier, new RowBlock(plus)) ?? (Compute(whole, rectifier, spread) + plus));
        }

        return _stride == 1 && _weight.Tensor.Size(2) == (2 * _padding) + 1
            ? scope.Keep(walk.Around(
                x, _padding, spread, block => Compute(block, rectifier, spread), plus, (block, added) => TryFused([block], rectifier, added)))
            : throw new InvalidOperationException("Only a convolution that keeps the size can take an image by its rows.");
    }

    private Tensor Compute(RowBlock x, Rectifier rectifier, int spread)
    {
        if ((TryFused([x], rectifier, null, spread) ?? (rectifier.IsRelu ? TryTrainedRelu(x) : null)) is { } fused)
        {
            return fused;
        }

        long rowPadding = x.Begins || x.Ends ? _padding : 0;
        Tensor result = Functional.PaddedConv2d(
            x.Joined(), _norm?.Normalise(_weight) ?? _weight, Bias, _stride, (rowPadding, _padding), dilation: 1, _groups);
        return rectifier.Apply(spread == 1 ? result : Functional.PixelShuffle(result, spread));
    }

    private Tensor? TryFused(RowBlock[] images, Rectifier rectifier, RowBlock? plus, int spread = 1) =>
        Counted(_filters?.TryConvolve(images, _weight, Bias, rectifier, plus, spread), spread);

    private Tensor? TryTrainedRelu(RowBlock x) => _filters is not null && x is { Begins: true, Ends: true, Above: null }
        ? Counted(PackedFilters.TryTrain(x.Rows, _weight, Bias, isRectified: true))
        : null;

    private Tensor? Counted(Tensor? result, int spread = 1)
    {
        if (result is not null)
        {
            ArithmeticCount.Add(_weight, result, channels: -3, spread);
        }

        return result;
    }
}
