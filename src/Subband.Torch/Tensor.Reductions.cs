using Subband.Torch.Native;

namespace Subband.Torch;

/// <content>Sums, means, extremes. Dimensions count from 0, or from −1 for the last.</content>
public sealed partial class Tensor
{
    /// <summary>The sum of all elements, a scalar.</summary>
    public Tensor Sum() => Operators.Sum.Call(this);

    /// <summary>Sums over some dimensions.</summary>
    /// <param name="dimensions">Which ones.</param>
    /// <param name="keep">Keep them with size 1.</param>
    public Tensor Sum(long[] dimensions, bool keep = false) => Operators.SumDims.Call(this, dimensions, keep);

    /// <summary>The mean of all elements, a scalar.</summary>
    public Tensor Mean() => Operators.Mean.Call(this);

    /// <summary>Means over some dimensions.</summary>
    /// <param name="dimensions">Which ones.</param>
    /// <param name="keep">Keep them with size 1.</param>
    public Tensor Mean(long[] dimensions, bool keep = false) => Operators.MeanDims.Call(this, dimensions, keep);

    /// <summary>Variances over some dimensions.</summary>
    /// <param name="dimensions">Which ones.</param>
    /// <param name="correction">What is subtracted from the count in the divisor: 1 unbiased, 0 the population's.</param>
    /// <param name="keep">Keep the dimensions with size 1.</param>
    public Tensor Variance(long[] dimensions, int correction = 1, bool keep = false) =>
        Operators.Var.Call(this, dimensions, correction, keep);

    /// <summary>The largest element, a scalar.</summary>
    public Tensor Max() => Operators.Max.Call(this);

    /// <summary>The smallest element, a scalar.</summary>
    public Tensor Min() => Operators.Min.Call(this);

    /// <summary>The largest elements over some dimensions.</summary>
    public Tensor Max(long[] dimensions, bool keep = false) => Operators.AMax.Call(this, dimensions, keep);

    /// <summary>The smallest elements over some dimensions.</summary>
    public Tensor Min(long[] dimensions, bool keep = false) => Operators.AMin.Call(this, dimensions, keep);

    /// <summary>The largest elements along a dimension, and where they stand.</summary>
    public (Tensor Values, Tensor Indices) MaxAlong(int dimension, bool keep = false) =>
        Operators.MaxDim.CallForTwo(this, dimension, keep);

    /// <summary>The smallest elements along a dimension, and where they stand.</summary>
    public (Tensor Values, Tensor Indices) MinAlong(int dimension, bool keep = false) =>
        Operators.MinDim.CallForTwo(this, dimension, keep);

    /// <summary>Where the largest elements along a dimension stand, int64.</summary>
    public Tensor ArgMax(int dimension) => Operators.ArgMax.Call(this, dimension);

    /// <summary>Where the smallest elements along a dimension stand, int64.</summary>
    public Tensor ArgMin(int dimension) => Operators.ArgMin.Call(this, dimension);

    /// <summary>Whether every element is true.</summary>
    public Tensor All() => Operators.All.Call(this);

    /// <summary>Whether some element is true.</summary>
    public Tensor Any() => Operators.Any.Call(this);

    /// <summary>log Σ exp, without overflow, over some dimensions.</summary>
    public Tensor LogSumExp(long[] dimensions, bool keep = false) => Operators.LogSumExp.Call(this, dimensions, keep);

    /// <summary>Running sums along a dimension.</summary>
    public Tensor CumulativeSum(int dimension) => Operators.CumSum.Call(this, dimension);

    /// <summary>The p-norm of all elements, a scalar.</summary>
    /// <param name="order">p; 2 is the Euclidean length.</param>
    /// <remarks>Summed in the tensor's own type: in float32 digits are lost from about a million elements on.</remarks>
    public Tensor Norm(double order = 2) => Operators.VectorNorm.Call(this, order);

    /// <summary>p-norms over some dimensions.</summary>
    public Tensor Norm(double order, long[] dimensions, bool keep = false) =>
        Operators.VectorNorm.Call(this, order, dimensions, keep);

    /// <summary>The k largest or smallest elements along a dimension, sorted, and where they stand.</summary>
    public (Tensor Values, Tensor Indices) TopK(long k, int dimension = -1, bool largest = true) =>
        Operators.TopK.CallForTwo(this, k, dimension, largest);

    /// <summary>The elements along a dimension in order, and where they stood.</summary>
    public (Tensor Values, Tensor Indices) Sort(int dimension = -1, bool descending = false) =>
        Operators.Sort.CallForTwo(this, dimension, descending);
}
