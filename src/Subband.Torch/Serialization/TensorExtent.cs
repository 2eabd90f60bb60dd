namespace Subband.Torch.Serialization;

/// <summary>Overflow-safe arithmetic on shapes that come from files and are not to be trusted.</summary>
internal static class TensorExtent
{
    /// <summary>libtorch's own limit on the number of dimensions.</summary>
    public const int MaxRank = 64;

    /// <summary>
    /// The number of elements of a shape. Dimensions of zero do not hide others that are too large: the product of
    /// those above zero must be representable as well.
    /// </summary>
    /// <returns>False for too many or negative dimensions and for a size in bytes beyond 2^63.</returns>
    public static bool TryCount(ReadOnlySpan<long> shape, int elementSize, out long count)
    {
        count = 0;
        Int128 product = 1;
        bool empty = false;
        if (shape.Length > MaxRank)
        {
            return false;
        }

        foreach (long dimension in shape)
        {
            empty |= dimension == 0;
            product *= Math.Max(dimension, 1);
            if (dimension < 0 || product * elementSize > long.MaxValue)
            {
                return false;
            }
        }

        count = empty ? 0 : (long)product;
        return true;
    }

    /// <summary>A shape as people write it: <c>[64, 3, 3, 3]</c>.</summary>
    public static string Text(ReadOnlySpan<long> shape) => $"[{string.Join(", ", shape.ToArray())}]";
}
