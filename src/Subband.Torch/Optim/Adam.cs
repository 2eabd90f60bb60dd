using Subband.Torch.Native;

namespace Subband.Torch.Optim;

/// <summary>
/// Steps of a size that each value's own history of gradients sets. With gradient g (and weight decay w: g + w·p):
/// m ← β₁·m + (1−β₁)·g, v ← β₂·v + (1−β₂)·g², p ← p − learningRate · m̂ / (√v̂ + ε), where m̂ = m / (1−β₁ᵗ) and
/// v̂ = v / (1−β₂ᵗ) at step t. State: <c>exp_avg</c> (m), <c>exp_avg_sq</c> (v).
/// </summary>
/// <remarks>Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1, as PyTorch's <c>Adam</c>.</remarks>
public sealed class Adam : Optimizer
{
    private readonly Slot _mean;
    private readonly Slot _meanSquare;
    private readonly double _beta1;
    private readonly double _beta2;
    private readonly double _epsilon;
    private readonly double _weightDecay;

    /// <summary>Makes the optimizer.</summary>
    /// <param name="parameters">What to change, by dotted name.</param>
    /// <param name="learningRate">About the size of a step of each value.</param>
    /// <param name="beta1">What stays of the mean gradient, from 0 to below 1; 0 switches that memory off.</param>
    /// <param name="beta2">What stays of the mean squared gradient, from 0 to below 1.</param>
    /// <param name="epsilon">Added to the divisor.</param>
    /// <param name="weightDecay">How much of the parameter is added to its gradient (L2); 0 for none.</param>
    public Adam(
        IEnumerable<(string Name, Tensor Tensor)> parameters,
        double learningRate,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double epsilon = 1e-8,
        double weightDecay = 0)
        : base(parameters, learningRate)
    {
        _beta1 = RequireFraction(beta1, nameof(beta1));
        _beta2 = RequireFraction(beta2, nameof(beta2));
        _epsilon = RequireAtLeastZero(epsilon, nameof(epsilon));
        _weightDecay = RequireAtLeastZero(weightDecay, nameof(weightDecay));
        _mean = Remember("exp_avg");
        _meanSquare = Remember("exp_avg_sq");
    }

    private protected override void BeginStep()
    {
        Begin(_mean);
        Begin(_meanSquare);
    }

    private protected override void Update(int index, Tensor parameter, Tensor gradient)
    {
        if (_weightDecay != 0)
        {
            gradient = Operators.Add.Call(gradient, parameter, _weightDecay);
        }

        // p − rate · (m / c₁) / (√(v / c₂) + ε), with √c₂ taken out of the fraction to save a pass over memory.
        var correction1 = 1 - Math.Pow(_beta1, Steps);
        var correction2 = Math.Sqrt(1 - Math.Pow(_beta2, Steps));
        var (rate, epsilon) = (LearningRate * correction2 / correction1, _epsilon * correction2);
        if (OnePass.Takes(parameter))
        {
            _ = Operators.AdamStep.CallInPlace(parameter, _mean[index], _meanSquare[index], gradient, _beta1, _beta2, rate, epsilon);
            return;
        }

        var mean = _mean[index].MulInPlace(_beta1).AddInPlace(gradient, 1 - _beta1);
        var meanSquare = _meanSquare[index].MulInPlace(_beta2).AddProductInPlace(gradient, gradient, 1 - _beta2);
        var divisor = meanSquare.Sqrt().AddInPlace(epsilon);
        parameter.AddQuotientInPlace(mean, divisor, -rate);
    }
}
