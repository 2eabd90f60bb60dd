using Subband.Torch.Native;

namespace Subband.Torch.Optim;

/// <summary>
/// Stochastic gradient descent with momentum. With gradient g (and weight decay w: g + w·p), buffer v and parameter p:
/// v ← momentum · v + (1 − dampening) · g, p ← p − learningRate · v. State: <c>momentum_buffer</c>.
/// </summary>
/// <remarks>
/// As PyTorch's <c>SGD</c>. The buffer begins at the first step with a momentum other than 0, and begins as that step's
/// g, undamped. Torch7's <c>optim.sgd</c> does the same, but its dampening follows the momentum unless given: set
/// <c>dampening: momentum</c> here to train as it did. Nesterov: p ← p − learningRate · (g + momentum · v).
/// </remarks>
public sealed class Sgd : Optimizer
{
    private readonly Slot _buffer;
    private bool _first;
    private double _momentum;
    private double _dampening;

    /// <summary>Makes the optimizer.</summary>
    /// <param name="parameters">What to change, by dotted name.</param>
    /// <param name="learningRate">The size of a step.</param>
    /// <param name="momentum">The share of the buffer that stays; 0 for none.</param>
    /// <param name="dampening">What is taken away from a gradient's share of the buffer, from 0 to 1.</param>
    /// <param name="nesterov">Look ahead along the buffer; needs a momentum and no dampening.</param>
    /// <param name="weightDecay">How much of the parameter is added to its gradient (L2); 0 for none.</param>
    public Sgd(
        IEnumerable<(string Name, Tensor Tensor)> parameters,
        double learningRate,
        double momentum = 0,
        double dampening = 0,
        bool nesterov = false,
        double weightDecay = 0)
        : base(parameters, learningRate)
    {
        if (nesterov && (momentum == 0 || dampening != 0))
        {
            throw new ArgumentException("Nesterov's method needs a momentum and no dampening.", nameof(nesterov));
        }

        Momentum = momentum;
        Dampening = dampening;
        Nesterov = nesterov;
        WeightDecay = RequireAtLeastZero(weightDecay, nameof(weightDecay));
        _buffer = Remember("momentum_buffer", optional: true);
    }

    /// <summary>The share of the buffer that stays, at least 0. May change from step to step.</summary>
    public double Momentum
    {
        get => _momentum;
        set => _momentum = RequireAtLeastZero(value, nameof(Momentum));
    }

    /// <summary>What is taken away from a gradient's share of the buffer, from 0 to 1. May change from step to step.</summary>
    public double Dampening
    {
        get => _dampening;
        set => _dampening = value is >= 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Dampening), value, "Dampening must lie between 0 and 1.");
    }

    /// <summary>Whether the step looks ahead along the buffer.</summary>
    public bool Nesterov { get; }

    /// <summary>How much of the parameter is added to its gradient.</summary>
    public double WeightDecay { get; }

    private protected override void BeginStep() => _first = Momentum != 0 && Begin(_buffer);

    private protected override void Update(int index, Tensor parameter, Tensor gradient)
    {
        if (WeightDecay != 0)
        {
            gradient = Operators.Add.Call(gradient, parameter, WeightDecay);
        }

        if (Momentum != 0)
        {
            var buffer = _buffer[index];
            if (_first)
            {
                buffer.CopyFrom(gradient);
            }
            else
            {
                buffer.MulInPlace(Momentum).AddInPlace(gradient, 1 - Dampening);
            }

            gradient = Nesterov ? Operators.Add.Call(gradient, buffer, Momentum) : buffer;
        }

        parameter.SubInPlace(gradient, LearningRate);
    }
}
