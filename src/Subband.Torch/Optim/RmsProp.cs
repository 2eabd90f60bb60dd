using Subband.Torch.Native;

namespace Subband.Torch.Optim;

/// <summary>
/// Gradients divided by the root of their running mean square. With gradient g (and weight decay w: g + w·p):
/// s ← α·s + (1−α)·g², d = g / (√s + ε), p ← p − learningRate · d. Centred: s − a² in place of s, with the running mean
/// a ← α·a + (1−α)·g. With momentum: b ← momentum · b + d, p ← p − learningRate · b. State: <c>square_avg</c> (s),
/// <c>grad_avg</c> (a), <c>momentum_buffer</c> (b).
/// </summary>
/// <remarks>Tieleman and Hinton, lecture 6.5 of "Neural Networks for Machine Learning" (2012), as PyTorch's <c>RMSprop</c>.</remarks>
public sealed class RmsProp : Optimizer
{
    private readonly Slot _meanSquare;
    private readonly Slot? _mean;
    private readonly Slot? _buffer;
    private readonly double _alpha;
    private readonly double _epsilon;
    private readonly double _momentum;
    private readonly double _weightDecay;

    /// <summary>Makes the optimizer.</summary>
    /// <param name="parameters">What to change, by dotted name.</param>
    /// <param name="learningRate">The size of a step.</param>
    /// <param name="alpha">What stays of the running means, from 0 to below 1.</param>
    /// <param name="epsilon">Added to the divisor.</param>
    /// <param name="momentum">The share of the buffer that stays; 0 for no buffer.</param>
    /// <param name="centered">Divide by the deviation instead of the root mean square.</param>
    /// <param name="weightDecay">How much of the parameter is added to its gradient (L2); 0 for none.</param>
    public RmsProp(
        IEnumerable<(string Name, Tensor Tensor)> parameters,
        double learningRate,
        double alpha = 0.99,
        double epsilon = 1e-8,
        double momentum = 0,
        bool centered = false,
        double weightDecay = 0)
        : base(parameters, learningRate)
    {
        _alpha = RequireFraction(alpha, nameof(alpha));
        _epsilon = RequireAtLeastZero(epsilon, nameof(epsilon));
        _momentum = RequireAtLeastZero(momentum, nameof(momentum));
        _weightDecay = RequireAtLeastZero(weightDecay, nameof(weightDecay));
        _meanSquare = Remember("square_avg");
        _mean = centered ? Remember("grad_avg") : null;
        _buffer = momentum != 0 ? Remember("momentum_buffer") : null;
    }

    private protected override void BeginStep()
    {
        foreach (var slot in new[] { _meanSquare, _mean, _buffer })
        {
            if (slot is not null)
            {
                Begin(slot);
            }
        }
    }

    private protected override void Update(int index, Tensor parameter, Tensor gradient)
    {
        if (_weightDecay != 0)
        {
            gradient = Operators.Add.Call(gradient, parameter, _weightDecay);
        }

        var divisor = Divisor(index, gradient);
        if (_buffer is null)
        {
            parameter.AddQuotientInPlace(gradient, divisor, -LearningRate);
        }
        else
        {
            var buffer = _buffer[index].MulInPlace(_momentum).AddQuotientInPlace(gradient, divisor);
            parameter.SubInPlace(buffer, LearningRate);
        }
    }

    private Tensor Divisor(int index, Tensor gradient)
    {
        var meanSquare = _meanSquare[index].MulInPlace(_alpha).AddProductInPlace(gradient, gradient, 1 - _alpha);
        if (_mean is null)
        {
            return meanSquare.Sqrt().AddInPlace(_epsilon);
        }

        var mean = _mean[index].MulInPlace(_alpha).AddInPlace(gradient, 1 - _alpha);
        var variance = meanSquare.Clone().AddProductInPlace(mean, mean, -1);
        return variance.ClampInPlace(0, null).SqrtInPlace().AddInPlace(_epsilon); // rounding may leave it below 0
    }
}
