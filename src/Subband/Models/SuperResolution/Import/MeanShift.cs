using Subband.Models.Import;
using Subband.Torch;

namespace Subband.Models.SuperResolution.Import;

/// <summary>
/// The convolutions <c>sub_mean</c> and <c>add_mean</c> of EDSR and its relatives, which take the mean colour off bytes and put it
/// back: x ↦ A·x + b, with A the identity and b = ∓255 · mean.
/// </summary>
/// <remarks>
/// In RCAN's release they were trained along by mistake (its MeanShift switches gradients off for the module, which does nothing),
/// so A is nearly the identity and b nearly the mean. Both are taken as they are: A and what b differs by go into the
/// convolutions beside them, which changes nothing of the result, at the edges neither.
/// </remarks>
internal static class MeanShift
{
    /// <summary>The number that stands for white in these networks.</summary>
    public const double Bytes = SuperResolutionPresets.Bytes;

    /// <summary>The names of their tensors.</summary>
    public static readonly string[] Names = ["sub_mean.weight", "sub_mean.bias", "add_mean.weight", "add_mean.bias"];

    /// <summary>The mean colour in [0,1] that the file subtracts: −A⁻¹·b / 255.</summary>
    /// <param name="weights">The file.</param>
    /// <param name="otherwise">What holds where the file does not say.</param>
    public static IReadOnlyList<double> Mean(ForeignWeights weights, IReadOnlyList<double> otherwise)
    {
        if (!Names.Any(weights.Has))
        {
            return otherwise;
        }

        string[] missing = [.. Names.Where(name => !weights.Has(name))];
        if (missing.Length > 0)
        {
            throw new SubbandException(
                $"{weights.Path} has some of {string.Join(", ", Names)}, which go together, but lacks {string.Join(", ", missing)}.");
        }

        var (matrix, shift) = Read(weights, "sub_mean");
        var solved = Solve(matrix, shift);
        return [.. solved.Select(value => Math.Round(-value / Bytes, 7))];
    }

    /// <summary>Puts what the file's own mean shifts do beyond a plain subtraction and addition into the first and last convolution.</summary>
    /// <param name="weights">The file.</param>
    /// <param name="network">The network, filled.</param>
    /// <param name="first">The name of its convolution from colours.</param>
    /// <param name="last">The name of its convolution to colours.</param>
    public static void Fold(ForeignWeights weights, SuperResolutionNetwork network, string first, string last)
    {
        if (!Names.Any(weights.Has))
        {
            return;
        }

        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var tensors = network.NamedTensors().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        var mean = Mean(weights, []);

        var (subtract, _) = Read(weights, "sub_mean");
        if (!IsIdentity(subtract))
        {
            Mix(tensors[$"{first}.weight"], subtract, inputs: true); // w(A·x) = (w·A)(x)
        }

        var (add, shift) = Read(weights, "add_mean");
        var bias = tensors[$"{last}.bias"];
        if (!IsIdentity(add))
        {
            Mix(tensors[$"{last}.weight"], add, inputs: false);
            bias.CopyFrom(Tensor.From(add, 3, 3).MatMul(bias.To(DType.Float64)).To(DType.Float32));
        }

        var rest = shift.Zip(mean, (all, plain) => (float)(all - (plain * Bytes))).ToArray();
        bias.CopyFrom(bias + Tensor.From(rest, 3));
    }

    // [O, 3, k, k] ↦ w·A, or [3, I, k, k] ↦ A·w, in double precision.
    private static void Mix(Tensor weight, double[] matrix, bool inputs)
    {
        var mixer = Tensor.From(matrix, 3, 3);
        var wide = weight.To(DType.Float64);
        var shape = weight.Shape.ToArray();
        var mixed = inputs
            ? mixer.Transpose().MatMul(wide.Reshape(shape[0], 3, shape[2] * shape[3]))
            : mixer.MatMul(wide.Reshape(3, shape[1] * shape[2] * shape[3]));
        weight.CopyFrom(mixed.Reshape(shape).To(DType.Float32));
    }

    private static (double[] Matrix, double[] Shift) Read(ForeignWeights weights, string name)
    {
        using var scope = new TensorScope();
        var matrix = weights[$"{name}.weight"];
        var shift = weights[$"{name}.bias"];
        return matrix.Count == 9 && shift.Count == 3
            ? (matrix.Reshape(3, 3).To(DType.Float64).ToArray<double>(), shift.To(DType.Float64).ToArray<double>())
            : throw new SubbandException($"{weights.Path}: {name} is {matrix}; a convolution of three colours to three was expected.");
    }

    private static bool IsIdentity(double[] matrix) => matrix.Index().All(entry => entry.Item == (entry.Index % 4 == 0 ? 1 : 0));

    // Cramer's rule, for a matrix that is nearly the identity.
    private static double[] Solve(double[] m, double[] b)
    {
        var whole = Determinant(m);
        return [.. Enumerable.Range(0, 3).Select(column =>
            Determinant([.. m.Select((value, i) => i % 3 == column ? b[i / 3] : value)]) / whole)];
    }

    private static double Determinant(double[] m) =>
        (m[0] * ((m[4] * m[8]) - (m[5] * m[7]))) - (m[1] * ((m[3] * m[8]) - (m[5] * m[6]))) + (m[2] * ((m[3] * m[7]) - (m[4] * m[6])));
}
