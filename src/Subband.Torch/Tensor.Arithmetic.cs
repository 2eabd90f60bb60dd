using Subband.Torch.Native;

namespace Subband.Torch;

/// <content>
/// Element by element. Shapes broadcast as in NumPy and PyTorch. As there, a whole number counts as an integer: with a
/// tensor of integers it gives integers, but for quotients.
/// </content>
public sealed partial class Tensor
{
    /// <summary>Sum, element by element.</summary>
    public static Tensor operator +(Tensor left, Tensor right) => Operators.Add.Call(left, right);

    /// <summary><c>this + scale · other</c>, in one pass.</summary>
    public Tensor AddScaled(Tensor other, double scale) => Operators.Add.Call(this, other, Value.Number(scale));

    /// <summary>Sum with a number.</summary>
    public static Tensor operator +(Tensor left, double right) => Operators.AddScalar.Call(left, Value.Number(right));

    /// <summary>Sum with a number.</summary>
    public static Tensor operator +(double left, Tensor right) => right + left;

    /// <summary>Difference, element by element.</summary>
    public static Tensor operator -(Tensor left, Tensor right) => Operators.Sub.Call(left, right);

    /// <summary>Difference with a number.</summary>
    public static Tensor operator -(Tensor left, double right) => Operators.SubScalar.Call(left, Value.Number(right));

    /// <summary>Difference from a number.</summary>
    public static Tensor operator -(double left, Tensor right) => Operators.RSub.Call(right, Value.Number(left));

    /// <summary>The negative of each element.</summary>
    public static Tensor operator -(Tensor value) => Operators.Neg.Call(value);

    /// <summary>Product, element by element.</summary>
    public static Tensor operator *(Tensor left, Tensor right) => Operators.Mul.Call(left, right);

    /// <summary>Product with a number.</summary>
    public static Tensor operator *(Tensor left, double right) => Operators.MulScalar.Call(left, Value.Number(right));

    /// <summary>Product with a number.</summary>
    public static Tensor operator *(double left, Tensor right) => right * left;

    /// <summary>Quotient, element by element.</summary>
    public static Tensor operator /(Tensor left, Tensor right) => Operators.Div.Call(left, right);

    /// <summary>Quotient with a number.</summary>
    public static Tensor operator /(Tensor left, double right) => Operators.DivScalar.Call(left, right);

    /// <summary>A number divided by each element.</summary>
    public static Tensor operator /(double left, Tensor right) => right.Reciprocal() * left;

    /// <summary>Each element to a power.</summary>
    public Tensor Pow(double exponent) => Operators.PowScalar.Call(this, Value.Number(exponent));

    /// <summary>Absolute values.</summary>
    public Tensor Abs() => Operators.Abs.Call(this);

    /// <summary>−1, 0 or 1.</summary>
    public Tensor Sign() => Operators.Sign.Call(this);

    /// <summary>Exponentials.</summary>
    public Tensor Exp() => Operators.Exp.Call(this);

    /// <summary>Natural logarithms.</summary>
    public Tensor Log() => Operators.Log.Call(this);

    /// <summary>Natural logarithms of 1 + x, exact near 0.</summary>
    public Tensor Log1p() => Operators.Log1p.Call(this);

    /// <summary>Square roots.</summary>
    public Tensor Sqrt() => Operators.Sqrt.Call(this);

    /// <summary>1 / √x.</summary>
    public Tensor RSqrt() => Operators.RSqrt.Call(this);

    /// <summary>Squares.</summary>
    public Tensor Square() => Operators.Square.Call(this);

    /// <summary>1 / x.</summary>
    public Tensor Reciprocal() => Operators.Reciprocal.Call(this);

    /// <summary>Sines.</summary>
    public Tensor Sin() => Operators.Sin.Call(this);

    /// <summary>Cosines.</summary>
    public Tensor Cos() => Operators.Cos.Call(this);

    /// <summary>The nearest integers, halves to the even one.</summary>
    public Tensor Round() => Operators.Round.Call(this);

    /// <summary>The largest integers not above.</summary>
    public Tensor Floor() => Operators.Floor.Call(this);

    /// <summary>Each element brought into a range.</summary>
    /// <param name="low">The lower bound; null for none.</param>
    /// <param name="high">The upper bound; null for none.</param>
    public Tensor Clamp(double? low, double? high) => Operators.Clamp.Call(this, Value.Number(low), Value.Number(high));

    /// <summary>The larger of two elements.</summary>
    public Tensor Maximum(Tensor other) => Operators.Maximum.Call(this, other);

    /// <summary>The smaller of two elements.</summary>
    public Tensor Minimum(Tensor other) => Operators.Minimum.Call(this, other);

    /// <summary><c>this + weight · (end − this)</c>.</summary>
    public Tensor Lerp(Tensor end, double weight) => Operators.Lerp.Call(this, end, weight);

    /// <summary>This where the condition holds, the other elsewhere.</summary>
    /// <param name="condition">Truth values.</param>
    /// <param name="other">What stands where the condition does not hold.</param>
    public Tensor Where(Tensor condition, Tensor other) => Operators.Where.Call(condition, this, other);

    /// <summary>Whether elements are equal.</summary>
    public Tensor IsEqual(Tensor other) => Operators.Eq.Call(this, other);

    /// <summary>Whether each element equals a number.</summary>
    public Tensor IsEqual(double other) => Operators.EqScalar.Call(this, Value.Number(other));

    /// <summary>Whether each element is greater than the other's.</summary>
    public Tensor IsGreater(Tensor other) => Operators.Gt.Call(this, other);

    /// <summary>Whether each element is greater than a number.</summary>
    public Tensor IsGreater(double other) => Operators.GtScalar.Call(this, Value.Number(other));

    /// <summary>Whether each element is at least a number.</summary>
    public Tensor IsAtLeast(double other) => Operators.GeScalar.Call(this, Value.Number(other));

    /// <summary>Whether each element is less than a number.</summary>
    public Tensor IsLess(double other) => Operators.LtScalar.Call(this, Value.Number(other));

    /// <summary>Whether each element is at most a number.</summary>
    public Tensor IsAtMost(double other) => Operators.LeScalar.Call(this, Value.Number(other));

    /// <summary>Whether each element is neither infinite nor NaN.</summary>
    public Tensor IsFinite() => Operators.IsFinite.Call(this);
}
