namespace Subband.Torch.Tests;

/// <summary>
/// Every differentiable operator in use against central differences in float64: its gradient, and the gradient of a
/// function of its gradient, as a gradient penalty needs it.
/// </summary>
public sealed class GradientTests
{
    private const double Step = 1e-6;

    // Central differences are wrong by about Step² · f''' plus rounding / Step, both near 1e-10 for the values below.
    private const double Tolerance = 1e-7;

    private static readonly long[] Image = [2, 4, 6, 6];

    /// <summary>What is differentiated: a function of tensors of given shapes, drawn above 0 where it is only defined there.</summary>
    private sealed record Case(Func<Tensor[], Tensor> Function, long[][] Shapes, bool Positive);

    private static readonly Dictionary<string, Case> All = new()
    {
        // arithmetic
        ["add"] = Of(x => x[0] + x[1], [3, 4], [4]),
        ["subtract"] = Of(x => 2 - (x[0] - x[1]), [3, 4], [3, 1]),
        ["multiply"] = Of(x => x[0] * x[1] * 3, [3, 4], [4]),
        ["divide"] = Of(x => 2 / (x[0] / (x[1].Square() + 1)).Exp(), [3, 4], [4]),
        ["pow"] = Positive(x => x[0].Pow(2.5), [3, 4]),
        ["abs"] = Positive(x => (-x[0]).Abs(), [3, 4]),
        ["exp, log, log1p"] = Positive(x => x[0].Exp().Log1p() + x[0].Log(), [3, 4]),
        ["sqrt, rsqrt, reciprocal"] = Positive(x => x[0].Sqrt() + x[0].RSqrt() + x[0].Reciprocal(), [3, 4]),
        ["sin, cos"] = Of(x => x[0].Sin() * x[0].Cos(), [3, 4]),
        ["clamp"] = Of(x => x[0].Clamp(-0.5, 0.5) * x[0], [3, 4]),
        ["maximum, minimum"] = Of(x => x[0].Maximum(x[1]) * x[0].Minimum(x[1]), [3, 4], [3, 4]),
        ["lerp"] = Of(x => x[0].Lerp(x[1], 0.3).Square(), [3, 4], [3, 4]),
        ["where"] = Of(x => x[0].Square().Where(x[0].Detach().IsGreater(0), x[1]), [3, 4], [3, 4]),

        // reductions
        ["sum, mean"] = Of(x => x[0].Sum([1]) * x[0].Square().Mean([1]) * x[0].Mean(), [3, 4]),
        ["variance"] = Of(x => x[0].Variance([0, 2], correction: 0), [3, 4, 2]),
        ["max, min over dimensions"] = Of(x => x[0].Square().Max([1]) * x[0].Min([1]), [3, 4]),
        ["max along"] = Of(x => x[0].MaxAlong(1).Values * x[0].MinAlong(1).Values, [3, 4]),
        ["log-sum-exp"] = Of(x => x[0].LogSumExp([1]), [3, 4]),
        ["cumulative sum"] = Of(x => x[0].Square().CumulativeSum(1), [3, 4]),
        ["norm"] = Of(x => x[0].Norm(2, [1]), [3, 4]),
        ["top k, sort"] = Of(x => x[0].Square().TopK(2).Values.Sum() * x[0].Sort(0).Values, [3, 4]),

        // shapes
        ["views"] = Of(x => x[0].Reshape(4, 6).Transpose().Flatten(0).View(2, 12).Square().Unsqueeze(0).Squeeze(0), [2, 3, 4]),
        ["permute, expand, repeat"] = Of(x => x[0].Permute(1, 0).Unsqueeze(0).Expand(2, -1, -1).Repeat(1, 2, 1).Square(), [3, 4]),
        ["cat, stack"] = Of(x => Tensor.Cat([Tensor.Stack([x[0], x[1]]), x[0].Unsqueeze(0)]).Square(), [3, 4], [3, 4]),
        ["split, unbind"] = Of(x => x[0].Split(2)[1].Square() * x[0].Unbind(1)[2].Sum(), [3, 4]),
        ["narrow, select, slice"] = Of(x => x[0].Narrow(0, 1, 2).Square() * x[0].Select(0, 2) * x[0].Slice(1, 0, 4, 3).Sum(), [3, 4]),
        ["index select"] = Of(x => x[0].IndexSelect(1, Tensor.From([3L, 0L, 3L])).Square(), [3, 4]),
        ["gather"] = Of(x => x[0].Gather(1, Tensor.From([3L, 0L, 3L], 3, 1)).Square(), [3, 4]),
        ["flip, roll"] = Of(x => x[0].Flip(1).Square() * x[0].Roll(1, 0), [3, 4]),
        ["pad"] = Of(x => x[0].Pad([1, 2, 0, 1]).Square(), [3, 4]),
        ["pad reflecting, replicating"] = Of(x => x[0].PadReflecting(1, 2, 2, 1).Square() + x[0].PadReplicating(1, 2, 2, 1).Square(), [1, 2, 4, 4]),
        ["pixel shuffle"] = Of(x => Functional.PixelShuffle(x[0], 2).Square() * x[0].Sum(), [1, 8, 2, 3]),
        ["pixel unshuffle"] = Of(x => Functional.PixelUnshuffle(x[0], 2).Square(), [1, 2, 4, 6]),

        // linear algebra
        ["matrix product"] = Of(x => x[0].MatMul(x[1]), [2, 3, 4], [4, 2]),
        ["linear"] = Of(x => Functional.Linear(x[0], x[1], x[2]), [2, 3, 5], [4, 5], [4]),
        ["diagonal"] = Of(x => x[0].MatMul(x[0].Transpose()).Diagonal(), [3, 4]),
        ["singular values"] = Of(x => x[0].SingularValues(), [3, 4]),
        ["symmetric eigenvalues"] = Of(x => (x[0] + x[0].Transpose()).EigenvaluesSymmetric(), [4, 4]),

        // networks
        ["convolution"] = Of(x => Functional.Conv2d(x[0], x[1], x[2], padding: 1), Image, [3, 4, 3, 3], [3]),
        ["convolution, strided, grouped"] = Of(x => Functional.Conv2d(x[0], x[1], x[2], stride: 2, groups: 2), Image, [6, 2, 3, 3], [6]),
        ["convolution, dilated"] = Of(x => Functional.Conv2d(x[0], x[1], null, padding: 2, dilation: 2), Image, [3, 4, 3, 3]),
        ["powers of filters"] = Of(x => Functional.FilterPowers(x[0]) * Functional.FilterPowers(x[1]), [3, 4, 3, 3], [3, 4, 1, 1]),
        ["powers of filters, channels-last"] = Of(
            x => Functional.FilterPowers(x[0].Contiguous(MemoryFormat.ChannelsLast)).Square(), [3, 4, 3, 3]),
        ["convolution to few planes"] = Of(x => Functional.Conv2d(x[0], x[1], x[2], padding: 1), [1, 16, 3, 3], [2, 16, 3, 3], [2]),
        ["convolution from few planes"] = Of(x => Functional.Conv2d(x[0], x[1], x[2], padding: 2), [1, 1, 3, 3], [16, 1, 5, 5], [16]),
        ["transposed convolution"] =
            Of(x => Functional.ConvTranspose2d(x[0], x[1], x[2], stride: 2, padding: 1, outputPadding: 1), [2, 4, 3, 3], [4, 3, 3, 3], [3]),
        ["max pool"] = Of(x => Functional.MaxPool2d(x[0], 2, 2).Square(), Image),
        ["average pool"] = Of(x => Functional.AvgPool2d(x[0], 3, 2, 1).Square(), Image),
        ["adaptive average pool"] = Of(x => Functional.AdaptiveAvgPool2d(x[0], 4, 1).Square(), Image),
        ["batch norm, training"] = Of(x => Functional.BatchNorm(x[0], x[1], x[2], null, null, training: true).Pow(3), [4, 3, 2, 2], [3], [3]),
        ["batch norm, evaluation"] = Of(
            x => Functional.BatchNorm(
                x[0], x[1], x[2], Tensor.Full([3], 0.2, DType.Float64), Tensor.Full([3], 1.3, DType.Float64), training: false).Pow(3),
            [4, 3, 2, 2],
            [3],
            [3]),
        ["relu"] = Of(x => Functional.Relu(x[0]).Square(), [3, 4]),
        ["leaky relu"] = Of(x => Functional.LeakyRelu(x[0], 0.2).Square(), [3, 4]),
        ["prelu"] = Of(x => Functional.PRelu(x[0], x[1]).Square(), Image, [4]),
        ["sigmoid"] = Of(x => Functional.Sigmoid(x[0]), [3, 4]),
        ["tanh"] = Of(x => Functional.Tanh(x[0]), [3, 4]),
        ["softplus"] = Of(x => Functional.Softplus(x[0]), [3, 4]),
        ["silu"] = Of(x => Functional.Silu(x[0]), [3, 4]),
        ["gelu"] = Of(x => Functional.Gelu(x[0]), [3, 4]),
        ["softmax"] = Of(x => Functional.Softmax(x[0], 1), [3, 4]),
        ["log softmax"] = Of(x => Functional.LogSoftmax(x[0], 1), [3, 4]),
        ["embedding"] = Of(x => Functional.Embedding(x[0], Tensor.From([1L, 0L, 1L])).Square(), [3, 4]),
        ["nearest upsampling"] = Of(x => Functional.UpsampleNearest(x[0], 5, 9).Square(), [1, 2, 3, 4]),
        ["bilinear upsampling"] = Of(x => Functional.UpsampleBilinear(x[0], 5, 9, alignCorners: true).Square(), [1, 2, 3, 4]),
        ["bicubic upsampling"] = Of(x => Functional.UpsampleBicubic(x[0], 5, 9, alignCorners: false).Square(), [1, 2, 3, 4]),
        ["cross-entropy of logits"] = Of(
            x => Functional.BinaryCrossEntropyWithLogits(x[0], Tensor.Full([3, 4], 0.3, DType.Float64)), [3, 4]),
        ["mean squared error"] = Of(x => Functional.MeanSquaredError(x[0], x[1]), [3, 4], [3, 4]),
        ["mean absolute error"] = Of(x => Functional.MeanAbsoluteError(x[0], x[1]), [3, 4], [3, 4]),
    };

    public static TheoryData<string> Names => [.. All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_equal_central_differences(string name)
    {
        using var scope = new TensorScope();
        var (function, inputs) = Prepare(name);
        Compare(x => Projection(function(x)), inputs);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Second_order_gradients_equal_central_differences(string name)
    {
        using var scope = new TensorScope();
        var (function, inputs) = Prepare(name);
        Compare(
            x =>
            {
                var gradients = Autograd.Grad(Projection(function(x)), x, createGraph: true, allowUnused: true);
                var penalty = gradients.Select(gradient => gradient.Square().Sum()).Aggregate((a, b) => a + b);

                // A function that is linear in its inputs has gradients that do not depend on them.
                return penalty + (0 * x.Select(input => input.Sum()).Aggregate((a, b) => a + b));
            },
            inputs);
    }

    private static (Func<Tensor[], Tensor> Function, Tensor[] Inputs) Prepare(string name)
    {
        var (function, shapes, positive) = All[name];
        using var random = new Generator(7);
        var inputs = Array.ConvertAll(shapes, shape =>
        {
            var input = Tensor.Randn(shape, random, DType.Float64);
            return positive ? input.Abs() + 0.5 : input;
        });
        return (function, inputs);
    }

    // A weighted sum, so that every element of the output counts differently.
    private static Tensor Projection(Tensor output)
    {
        var weights = Tensor.Linspace(0.5, 1.5, output.Count, DType.Float64).View([.. output.Shape]);
        return (output * weights).Sum();
    }

    private static void Compare(Func<Tensor[], Tensor> scalar, Tensor[] inputs)
    {
        foreach (var input in inputs)
        {
            input.RequiresGrad = true;
        }

        var gradients = Autograd.Grad(scalar(inputs), inputs);
        for (var i = 0; i < inputs.Length; i++)
        {
            var found = gradients[i].Contiguous().ToArray<double>();
            var values = inputs[i].Detach().Span<double>();
            for (var j = 0; j < found.Length; j++)
            {
                using var scope = new TensorScope();
                var value = values[j];
                values[j] = value + Step;
                var above = scalar(inputs).Item();
                values[j] = value - Step;
                var below = scalar(inputs).Item();
                values[j] = value;
                var expected = (above - below) / (2 * Step);
                Assert.True(
                    Math.Abs(expected - found[j]) <= Tolerance * (1 + Math.Abs(above)),
                    $"input {i}, element {j}: the difference quotient is {expected:r}, the gradient {found[j]:r}");
            }
        }
    }

    private static Case Of(Func<Tensor[], Tensor> function, params long[][] shapes) => new(function, shapes, false);

    private static Case Positive(Func<Tensor[], Tensor> function, params long[][] shapes) => new(function, shapes, true);
}
