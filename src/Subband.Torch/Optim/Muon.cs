namespace Subband.Torch.Optim;

/// <summary>
/// Steps that move a layer equally far in every direction it can move in. A weight is taken as the matrix G [outputs, rest]
/// of its gradient, and the step is the matrix of the same singular vectors whose singular values are all about 1:
/// m ← β·m + (1−β)·g, G = (1−β)·g + β·m, p ← p − learningRate · 0.2·√max(rows, columns) · orthogonal(G). State:
/// <c>momentum_buffer</c> (m).
/// </summary>
/// <remarks>
/// Jordan and others, "Muon: An optimizer for hidden layers in neural networks" (2024), with the scale of Liu and others,
/// "Muon is Scalable for LLM Training" (2025), section 2.2, at which the values of a step are as large as Adam's usually are,
/// so that Adam's rates serve; PyTorch 2.9's <c>Muon</c> with <c>match_rms_adamw</c>, but in the parameter's own precision, and
/// with a convolution's filters [out, in, height, width] taken as [out, in·height·width]. For weights of layers: biases and
/// single numbers have no directions to be equal in, and are Adam's.
/// </remarks>
public sealed class Muon : Optimizer
{
    // Five rounds of X ← a·X + (b·X·Xᵀ + c·(X·Xᵀ)²)·X bring singular values between 0.003 and 1 to between 0.68 and 1.13:
    // Jordan's coefficients, which go for speed there and not for 1 exactly.
    private const int Rounds = 5;
    private const double A = 3.4445;
    private const double B = -4.7750;
    private const double C = 2.0315;

    private const double SmallestNorm = 1e-7;
    private const double AdamsUsualStep = 0.2;

    private readonly Slot _buffer;
    private readonly double _momentum;
    private readonly double _weightDecay;

    /// <summary>Makes the optimizer.</summary>
    /// <param name="parameters">What to change, by dotted name: tensors of at least two dimensions, outputs first.</param>
    /// <param name="learningRate">About five times the root mean square of a step's values.</param>
    /// <param name="momentum">What stays of the mean gradient, from 0 to below 1.</param>
    /// <param name="weightDecay">What share of a weight is taken from it at a learning rate of 1; 0 for none.</param>
    /// <exception cref="ArgumentException">A parameter has fewer than two dimensions.</exception>
    public Muon(
        IEnumerable<(string Name, Tensor Tensor)> parameters,
        double learningRate,
        double momentum = 0.95,
        double weightDecay = 0)
        : base(parameters, learningRate)
    {
        if (Array.FindIndex(Parameters, parameter => !Takes(parameter)) is var at and >= 0)
        {
            throw new ArgumentException(
                $"'{Names[at]}' is {Parameters[at].Describe()}; Muon takes weights of at least two dimensions. Give the others to Adam.",
                nameof(parameters));
        }

        _momentum = RequireFraction(momentum, nameof(momentum));
        _weightDecay = RequireAtLeastZero(weightDecay, nameof(weightDecay));
        _buffer = Remember("momentum_buffer");
    }

    /// <summary>Whether a parameter is a matrix, or filters that can be taken as one.</summary>
    public static bool Takes(Tensor parameter) => parameter.Dimensions >= 2;

    private protected override void BeginStep() => Begin(_buffer);

    private protected override void Update(int index, Tensor parameter, Tensor gradient)
    {
        var buffer = _buffer[index].MulInPlace(_momentum).AddInPlace(gradient, 1 - _momentum);
        var matrix = (gradient * (1 - _momentum)).AddInPlace(buffer, _momentum).Reshape(parameter.Shape[0], -1);
        if (_weightDecay != 0)
        {
            parameter.MulInPlace(1 - (LearningRate * _weightDecay));
        }

        var scale = AdamsUsualStep * Math.Sqrt(Math.Max(matrix.Shape[0], matrix.Shape[1]));
        parameter.SubInPlace(Orthogonal(matrix).Reshape([.. parameter.Shape]), LearningRate * scale);
    }

    private static Tensor Orthogonal(Tensor matrix)
    {
        bool isTall = matrix.Shape[0] > matrix.Shape[1];
        var x = isTall ? matrix.Transpose() : matrix;
        x /= x.Norm().Clamp(SmallestNorm, null);
        for (var round = 0; round < Rounds; round++)
        {
            var gram = x.MatMul(x.Transpose());
            x = (x * A).AddInPlace((gram * B).AddInPlace(gram.MatMul(gram), C).MatMul(x));
        }

        return isTall ? x.Transpose() : x;
    }
}
