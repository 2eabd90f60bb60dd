using Subband.Torch;

namespace Subband.Training;

/// <summary>Finds NaN and infinity.</summary>
internal static class FiniteCheck
{
    /// <summary>The name of the first tensor that holds a value which is not finite, or null.</summary>
    public static string? FirstNonFinite(IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        using GradMode noGrad = Autograd.NoGrad();
        foreach ((string name, Tensor tensor) in tensors)
        {
            using TensorScope scope = new();
            if (tensor.DType.IsFloatingPoint() && !IsFinite(tensor))
            {
                return name;
            }
        }

        return null;
    }

    // One pass: the sum of finite numbers is finite unless it overflows, which the second look settles.
    private static bool IsFinite(Tensor tensor) =>
        double.IsFinite(tensor.Sum().Item()) || tensor.IsFinite().All().To(DType.Float32).Item() != 0;
}
