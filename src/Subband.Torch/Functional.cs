using Subband.Torch.Native;

namespace Subband.Torch;

/// <summary>The operators of networks as plain functions of tensors. Images are [N, C, H, W].</summary>
public static class Functional
{
    /// <summary>Cross-correlation with a bank of filters, as PyTorch's <c>conv2d</c>.</summary>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="weight">[O, C / groups, kH, kW].</param>
    /// <param name="bias">[O], or null.</param>
    /// <param name="stride">Pixels from one output to the next.</param>
    /// <param name="padding">Zeros added at each side.</param>
    /// <param name="dilation">Pixels from one tap to the next.</param>
    /// <param name="groups">Into how many independent groups the channels are divided.</param>
    /// <returns>[N, O, (H + 2·padding − dilation·(kH−1) − 1) / stride + 1, likewise for W].</returns>
    public static Tensor Conv2d(
        Tensor input, Tensor weight, Tensor? bias = null, long stride = 1, long padding = 0, long dilation = 1, long groups = 1) =>
        PaddedConv2d(input, weight, bias, stride, (padding, padding), dilation, groups);

    /// <summary>The same with a padding for above and below, and another for left and right.</summary>
    /// <inheritdoc cref="Conv2d(Tensor, Tensor, Tensor?, long, long, long, long)"/>
    public static Tensor Conv2d(Tensor input, Tensor weight, (long Rows, long Columns) padding, Tensor? bias = null) =>
        PaddedConv2d(input, weight, bias, 1, padding, 1, 1);

    internal static Tensor PaddedConv2d(
        Tensor input, Tensor weight, Tensor? bias, long stride, (long Rows, long Columns) padding, long dilation, long groups)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(weight);
        Tensor output = (stride == 1 && dilation == 1 && groups == 1 ? TryPlain(input, weight, bias, padding) : null)
            ?? Operators.Conv2d.Call(input, weight, bias, Pair(stride), (long[])[padding.Rows, padding.Columns], Pair(dilation), groups);
        ArithmeticCount.Add(weight, output, channels: -3);
        return output;
    }

    private static Tensor? TryPlain(Tensor input, Tensor weight, Tensor? bias, (long Rows, long Columns) padding) =>
        (weight.Dimensions == 4 && padding == (weight.Size(2) / 2, weight.Size(3) / 2)
            ? PackedFilters.TryTrain(input, weight, bias, isRectified: false) : null)
            ?? ThinConvolution.TryConv2d(input, weight, bias, padding);

    /// <summary>The adjoint of <see cref="Conv2d(Tensor, Tensor, Tensor?, long, long, long, long)"/>, which enlarges, as PyTorch's <c>conv_transpose2d</c>.</summary>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="weight">[C, O / groups, kH, kW].</param>
    /// <param name="bias">[O], or null.</param>
    /// <param name="stride">Pixels between the outputs of neighbouring inputs.</param>
    /// <param name="padding">Pixels cut off at each side.</param>
    /// <param name="outputPadding">Pixels added at the lower and right side; below the stride.</param>
    /// <param name="groups">Into how many independent groups the channels are divided.</param>
    /// <returns>[N, O, (H−1)·stride − 2·padding + kH + outputPadding, likewise for W].</returns>
    public static Tensor ConvTranspose2d(
        Tensor input,
        Tensor weight,
        Tensor? bias = null,
        long stride = 1,
        long padding = 0,
        long outputPadding = 0,
        long groups = 1)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(weight);
        Tensor output = Operators.ConvTranspose2d.Call(input, weight, bias, Pair(stride), Pair(padding), Pair(outputPadding), groups);
        ArithmeticCount.Add(weight, input, channels: -3);
        return output;
    }

    /// <summary>The power of each filter: the sum of the squares of its taps. Gradients of all orders can be had of it.</summary>
    /// <param name="weight">[O, C, kH, kW].</param>
    /// <returns>[O, C].</returns>
    public static Tensor FilterPowers(Tensor weight) => Operators.FilterPowers.Call(weight);

    /// <summary>x · weightᵀ + bias: [..., I] to [..., O].</summary>
    /// <param name="input">[..., I].</param>
    /// <param name="weight">[O, I].</param>
    /// <param name="bias">[O], or null.</param>
    public static Tensor Linear(Tensor input, Tensor weight, Tensor? bias = null)
    {
        ArgumentNullException.ThrowIfNull(weight);
        Tensor output = Operators.Linear.Call(input, weight, bias);
        ArithmeticCount.Add(weight, output, channels: -1);
        return output;
    }

    /// <summary>The largest element of each window.</summary>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="kernel">Side of the window.</param>
    /// <param name="stride">Pixels from one window to the next.</param>
    /// <param name="padding">Border of −∞ at each side.</param>
    /// <param name="ceilMode">Let the last window hang over the edge, instead of leaving it out.</param>
    public static Tensor MaxPool2d(Tensor input, long kernel, long stride, long padding = 0, bool ceilMode = false) =>
        Operators.MaxPool2d.Call(input, Pair(kernel), Pair(stride), Pair(padding), Pair(1), ceilMode);

    /// <summary>The mean of each window; padding zeros count.</summary>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="kernel">Side of the window.</param>
    /// <param name="stride">Pixels from one window to the next.</param>
    /// <param name="padding">Border of zeros at each side.</param>
    public static Tensor AvgPool2d(Tensor input, long kernel, long stride, long padding = 0) =>
        Operators.AvgPool2d.Call(input, Pair(kernel), Pair(stride), Pair(padding));

    /// <summary>Means over a grid of nearly equal windows: [N, C, H, W] to [N, C, height, width].</summary>
    public static Tensor AdaptiveAvgPool2d(Tensor input, long height, long width) =>
        Operators.AdaptiveAvgPool2d.Call(input, (long[])[height, width]);

    /// <summary>Normalises each channel by its mean and variance, then scales and shifts it.</summary>
    /// <param name="input">[N, C] or [N, C, H, W].</param>
    /// <param name="weight">Scale [C], or null for 1.</param>
    /// <param name="bias">Shift [C], or null for 0.</param>
    /// <param name="runningMean">[C]; updated while training, used in evaluation; null for none.</param>
    /// <param name="runningVariance">[C]; updated while training (with the unbiased variance), used in evaluation.</param>
    /// <param name="training">Normalise by the batch's own statistics instead of the running ones.</param>
    /// <param name="momentum">The share of the batch in the running statistics.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public static Tensor BatchNorm(
        Tensor input,
        Tensor? weight,
        Tensor? bias,
        Tensor? runningMean,
        Tensor? runningVariance,
        bool training,
        double momentum = 0.1,
        double epsilon = 1e-5) =>
        Operators.BatchNorm.Call(
            input, weight, bias, runningMean, runningVariance, training, momentum, epsilon, false);

    /// <summary>max(x, 0).</summary>
    public static Tensor Relu(Tensor input) => Operators.Relu.Call(input);

    /// <summary>max(x, 0), written over x: for the result of a layer that nobody else reads, whose memory it saves.</summary>
    public static Tensor ReluInPlace(Tensor input) => Operators.ReluInPlace.CallInPlace(input);

    /// <summary>x where positive, slope · x elsewhere.</summary>
    public static Tensor LeakyRelu(Tensor input, double slope = 0.01) => Operators.LeakyRelu.Call(input, slope);

    /// <summary>The same, in place, with a slope of at least 0; what is recorded for gradients keeps the output and not the input.</summary>
    public static Tensor LeakyReluInPlace(Tensor input, double slope = 0.01)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slope);
        return Operators.LeakyReluInPlace.CallInPlace(input, slope);
    }

    /// <summary>x where positive, weight · x elsewhere; one weight, or one for each channel.</summary>
    public static Tensor PRelu(Tensor input, Tensor weight) => Operators.PRelu.Call(input, weight);

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    public static Tensor Sigmoid(Tensor input) => Operators.Sigmoid.Call(input);

    /// <summary>The hyperbolic tangent.</summary>
    public static Tensor Tanh(Tensor input) => Operators.Tanh.Call(input);

    /// <summary>log(1 + eˣ), without overflow.</summary>
    public static Tensor Softplus(Tensor input) => Operators.Softplus.Call(input);

    /// <summary>x · sigmoid(x).</summary>
    public static Tensor Silu(Tensor input) => Operators.Silu.Call(input);

    /// <summary>x · Φ(x), the exact form.</summary>
    public static Tensor Gelu(Tensor input) => Operators.Gelu.Call(input);

    /// <summary>Exponentials along a dimension, divided by their sum.</summary>
    public static Tensor Softmax(Tensor input, int dimension) => Operators.Softmax.Call(input, dimension);

    /// <summary>The logarithm of <see cref="Softmax"/>, without underflow.</summary>
    public static Tensor LogSoftmax(Tensor input, int dimension) => Operators.LogSoftmax.Call(input, dimension);

    /// <summary>Rows of a table: indices [...] and weight [V, D] to [..., D].</summary>
    public static Tensor Embedding(Tensor weight, Tensor indices) => Operators.Embedding.Call(weight, indices);

    /// <summary>Each pixel repeated: output (y, x) shows input (⌊y·H/height⌋, ⌊x·W/width⌋).</summary>
    public static Tensor UpsampleNearest(Tensor input, long height, long width) =>
        Operators.UpsampleNearest2d.Call(input, (long[])[height, width]);

    /// <summary>Linear interpolation along each axis, without smoothing when shrinking.</summary>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="height">Rows of the result.</param>
    /// <param name="width">Columns of the result.</param>
    /// <param name="alignCorners">Let the centres of the corner pixels coincide, instead of their outer corners.</param>
    public static Tensor UpsampleBilinear(Tensor input, long height, long width, bool alignCorners) =>
        Operators.UpsampleBilinear2d.Call(input, (long[])[height, width], alignCorners);

    /// <summary>Cubic interpolation (a = −0.75) along each axis, without smoothing when shrinking.</summary>
    /// <inheritdoc cref="UpsampleBilinear"/>
    public static Tensor UpsampleBicubic(Tensor input, long height, long width, bool alignCorners) =>
        Operators.UpsampleBicubic2d.Call(input, (long[])[height, width], alignCorners);

    /// <summary>Channels into space: [N, C·r², H, W] to [N, C, H·r, W·r].</summary>
    public static Tensor PixelShuffle(Tensor input, long factor) => Operators.PixelShuffle.Call(input, factor);

    /// <summary>Space into channels, the inverse of <see cref="PixelShuffle"/>.</summary>
    public static Tensor PixelUnshuffle(Tensor input, long factor) => Operators.PixelUnshuffle.Call(input, factor);

    /// <summary>The mean binary cross-entropy of sigmoid(logits) against targets in [0,1], in nats.</summary>
    public static Tensor BinaryCrossEntropyWithLogits(Tensor logits, Tensor targets) =>
        Operators.BceWithLogits.Call(logits, targets);

    /// <summary>The mean squared difference.</summary>
    public static Tensor MeanSquaredError(Tensor input, Tensor target) => Operators.MseLoss.Call(input, target);

    /// <summary>The mean absolute difference.</summary>
    public static Tensor MeanAbsoluteError(Tensor input, Tensor target) => Operators.L1Loss.Call(input, target);

    /// <summary>Sets elements to 0 with probability p and divides the others by 1 − p.</summary>
    /// <param name="input">Any shape.</param>
    /// <param name="probability">p, in [0, 1).</param>
    /// <param name="generator">Where the choice comes from, so that it can be saved and repeated.</param>
    public static Tensor Dropout(Tensor input, double probability, Generator generator)
    {
        ArgumentNullException.ThrowIfNull(input);
        RequireDropout(probability);
        using var scope = new TensorScope();
        // Comparing uniform numbers is three times faster than libtorch's own Bernoulli numbers.
        var kept = input.Detach().EmptyLike(DType.Float32).UniformInPlace(0, 1, generator).IsLess(1 - probability);
        return scope.Keep(input * kept.To(input.DType).MulInPlace(1 / (1 - probability)));
    }

    /// <summary>Refuses what cannot be the probability of a dropout, at which nothing to scale up would be left.</summary>
    internal static double RequireDropout(double probability) => probability is >= 0 and < 1
        ? probability
        : throw new ArgumentOutOfRangeException(
            nameof(probability), probability, "The probability of a dropout must be at least 0 and below 1.");

    private static long[] Pair(long value) => [value, value];
}
