namespace Subband.Torch.Tests;

/// <summary>Compares tensors up to rounding.</summary>
internal static class Near
{
    /// <summary>Fails unless shapes agree and values differ by at most tolerance · (1 + the largest expected value).</summary>
    public static void Assert(Tensor expected, Tensor actual, double tolerance, string what = "tensor")
    {
        using var scope = new TensorScope();
        Xunit.Assert.True(
            expected.Shape.SequenceEqual(actual.Shape), $"{what}: {actual} was found where {expected} was expected.");
        if (expected.Count == 0)
        {
            return;
        }

        var reference = expected.Detach().To(DType.Float64);
        var difference = (reference - actual.Detach().To(DType.Float64)).Abs().Max().Item();
        var bound = tolerance * (1 + reference.Abs().Max().Item());
        Xunit.Assert.True(difference <= bound, $"{what}: the largest difference is {difference:g3}, at most {bound:g3} is allowed.");
    }
}
