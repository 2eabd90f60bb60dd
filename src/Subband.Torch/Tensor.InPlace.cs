using Subband.Torch.Native;

namespace Subband.Torch;

/// <content>
/// Changes in place, for optimisers, running averages and buffers. Each returns this tensor. A parameter is changed
/// inside <see cref="Autograd.NoGrad"/>.
/// </content>
public sealed partial class Tensor
{
    /// <summary><c>this += scale · other</c>.</summary>
    public Tensor AddInPlace(Tensor other, double scale = 1) =>
        Operators.AddInPlace.CallInPlace(this, other, Value.Number(scale));

    /// <summary><c>this += value</c>.</summary>
    public Tensor AddInPlace(double value) => Operators.AddScalarInPlace.CallInPlace(this, Value.Number(value));

    /// <summary><c>this −= scale · other</c>.</summary>
    public Tensor SubInPlace(Tensor other, double scale = 1) =>
        Operators.SubInPlace.CallInPlace(this, other, Value.Number(scale));

    /// <summary><c>this ·= other</c>.</summary>
    public Tensor MulInPlace(Tensor other) => Operators.MulInPlace.CallInPlace(this, other);

    /// <summary><c>this ·= value</c>.</summary>
    public Tensor MulInPlace(double value) => Operators.MulScalarInPlace.CallInPlace(this, Value.Number(value));

    /// <summary><c>this /= other</c>.</summary>
    public Tensor DivInPlace(Tensor other) => Operators.DivInPlace.CallInPlace(this, other);

    /// <summary><c>this /= value</c>.</summary>
    public Tensor DivInPlace(double value) => Operators.DivScalarInPlace.CallInPlace(this, value);

    /// <summary>Square roots.</summary>
    public Tensor SqrtInPlace() => Operators.SqrtInPlace.CallInPlace(this);

    /// <summary>Each element brought into a range; null for no bound.</summary>
    public Tensor ClampInPlace(double? low, double? high) =>
        Operators.ClampInPlace.CallInPlace(this, Value.Number(low), Value.Number(high));

    /// <summary><c>this += scale · a · b</c>.</summary>
    public Tensor AddProductInPlace(Tensor a, Tensor b, double scale = 1) =>
        Operators.AddCMulInPlace.CallInPlace(this, a, b, Value.Number(scale));

    /// <summary><c>this += scale · a / b</c>.</summary>
    public Tensor AddQuotientInPlace(Tensor a, Tensor b, double scale = 1) =>
        Operators.AddCDivInPlace.CallInPlace(this, a, b, scale);

    /// <summary>Copies another tensor's elements here, cast and broadcast where needed.</summary>
    public Tensor CopyFrom(Tensor source) => Operators.CopyInPlace.CallInPlace(this, source);

    /// <summary>Sets every element to 0.</summary>
    public Tensor ZeroInPlace() => Operators.ZeroInPlace.CallInPlace(this);

    /// <summary>Sets every element to a value.</summary>
    public Tensor FillInPlace(double value) => Operators.FillInPlace.CallInPlace(this, value);

    /// <summary>Draws every element from the uniform distribution on [low, high).</summary>
    public Tensor UniformInPlace(double low, double high, Generator generator) =>
        Operators.UniformInPlace.CallInPlace(this, low, high, generator);

    /// <summary>Draws every element from a normal distribution.</summary>
    public Tensor NormalInPlace(double mean, double deviation, Generator generator) =>
        Operators.NormalInPlace.CallInPlace(this, mean, deviation, generator);

    /// <summary>Sets every element to 1 with the given probability, to 0 otherwise.</summary>
    public Tensor BernoulliInPlace(double probability, Generator generator) =>
        Operators.BernoulliInPlace.CallInPlace(this, probability, generator);
}
