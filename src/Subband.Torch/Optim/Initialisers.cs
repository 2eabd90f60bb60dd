using Subband.Torch.Native;

namespace Subband.Torch.Optim;

/// <summary>Which connections of a weight the variance of an initial value is divided by.</summary>
public enum Fan
{
    /// <summary>Those that come into one output: keeps the variance of the signal.</summary>
    In,

    /// <summary>Those that go out of one input: keeps the variance of the gradient.</summary>
    Out,
}

/// <summary>By how much a layer's weights have to be larger to make up for the activation after it.</summary>
public static class Gain
{
    /// <summary>No activation, or a sigmoid.</summary>
    public const double Linear = 1;

    /// <summary>A hyperbolic tangent.</summary>
    public const double Tanh = 5.0 / 3;

    /// <summary>max(x, 0).</summary>
    public static double Relu => Math.Sqrt(2);

    /// <summary>x where positive, slope · x elsewhere.</summary>
    public static double LeakyRelu(double slope) => Math.Sqrt(2 / (1 + (slope * slope)));
}

/// <summary>
/// First values of parameters, drawn in place; each function returns its tensor. Weights are [O, I] or [O, I, kH, kW],
/// with fan in I·kH·kW and fan out O·kH·kW, as PyTorch's <c>nn.init</c> counts them.
/// </summary>
public static class Initialisers
{
    /// <summary>Sets every value to the same.</summary>
    public static Tensor Constant(Tensor tensor, double value) => WithoutRecording(tensor, () => tensor.FillInPlace(value));

    /// <summary>Uniform on [low, high).</summary>
    public static Tensor Uniform(Tensor tensor, double low, double high, Generator random) =>
        WithoutRecording(tensor, () => tensor.UniformInPlace(low, high, random));

    /// <summary>Normal.</summary>
    public static Tensor Normal(Tensor tensor, double mean, double deviation, Generator random) =>
        WithoutRecording(tensor, () => tensor.NormalInPlace(mean, deviation, random));

    /// <summary>Uniform with deviation gain / √fan.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="random">Where the values come from, on the weight's device.</param>
    /// <param name="gain">That of the following activation, see <see cref="Gain"/>.</param>
    /// <param name="fan">Which fan.</param>
    /// <remarks>He et al., "Delving Deep into Rectifiers" (2015), section 2.2.</remarks>
    public static Tensor KaimingUniform(Tensor weight, Generator random, double gain, Fan fan = Fan.In)
    {
        var bound = Math.Sqrt(3) * KaimingDeviation(weight, gain, fan);
        return Uniform(weight, -bound, bound, random);
    }

    /// <summary>Normal with deviation gain / √fan.</summary>
    /// <inheritdoc cref="KaimingUniform"/>
    public static Tensor KaimingNormal(Tensor weight, Generator random, double gain, Fan fan = Fan.In) =>
        Normal(weight, 0, KaimingDeviation(weight, gain, fan), random);

    /// <summary>Uniform with deviation gain · √(2 / (fan in + fan out)).</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="random">Where the values come from, on the weight's device.</param>
    /// <param name="gain">That of the following activation, see <see cref="Gain"/>.</param>
    /// <remarks>Glorot and Bengio, "Understanding the Difficulty of Training Deep Feedforward Neural Networks" (2010), equation 16.</remarks>
    public static Tensor XavierUniform(Tensor weight, Generator random, double gain = Gain.Linear)
    {
        var bound = Math.Sqrt(3) * XavierDeviation(weight, gain);
        return Uniform(weight, -bound, bound, random);
    }

    /// <summary>Normal with deviation gain · √(2 / (fan in + fan out)).</summary>
    /// <inheritdoc cref="XavierUniform"/>
    public static Tensor XavierNormal(Tensor weight, Generator random, double gain = Gain.Linear) =>
        Normal(weight, 0, XavierDeviation(weight, gain), random);

    /// <summary>
    /// The weight as a matrix [O, the rest] becomes gain times one with orthonormal rows, or columns where it has more
    /// rows than columns; uniformly among all such.
    /// </summary>
    /// <param name="weight">The weight.</param>
    /// <param name="random">Where the values come from, on the weight's device.</param>
    /// <param name="gain">That of the following activation, see <see cref="Gain"/>.</param>
    /// <remarks>Saxe et al., "Exact Solutions to the Nonlinear Dynamics of Learning in Deep Linear Neural Networks" (2014).</remarks>
    public static Tensor Orthogonal(Tensor weight, Generator random, double gain = Gain.Linear)
    {
        RequireMatrix(weight);
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var rows = weight.Size(0);
        var columns = weight.Count / rows;
        var (longer, shorter) = rows < columns ? (columns, rows) : (rows, columns);
        var (q, r) = Operators.Qr.CallForTwo(Tensor.Randn([longer, shorter], random)); // [longer, shorter]
        q *= r.Diagonal().Sign(); // so that the decomposition is unique and q is uniform
        return weight.CopyFrom((rows < columns ? q.Transpose() : q).Reshape([.. weight.Shape])).MulInPlace(gain);
    }

    private static double KaimingDeviation(Tensor weight, double gain, Fan fan)
    {
        var (into, outOf) = Fans(weight);
        return gain / Math.Sqrt(fan == Fan.In ? into : outOf);
    }

    private static double XavierDeviation(Tensor weight, double gain)
    {
        var (into, outOf) = Fans(weight);
        return gain * Math.Sqrt(2.0 / (into + outOf));
    }

    private static (long In, long Out) Fans(Tensor weight)
    {
        RequireMatrix(weight);
        return (weight.Count / weight.Size(0), weight.Count / weight.Size(1));
    }

    private static void RequireMatrix(Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        if (weight.Dimensions < 2 || weight.Count == 0)
        {
            throw new ArgumentException($"A weight with at least two dimensions was expected, not {weight.Describe()}.", nameof(weight));
        }
    }

    private static Tensor WithoutRecording(Tensor tensor, Action change)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using var noGrad = Autograd.NoGrad();
        change();
        return tensor;
    }
}
