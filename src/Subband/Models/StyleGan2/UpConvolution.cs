using Subband.Torch;

namespace Subband.Models.StyleGan2;

/// <summary>A transposed convolution of stride 2 as four plain ones, for each of the places that a pixel of twice the size can have.</summary>
/// <remarks>
/// A pixel in an even row is made of the first and last tap along the axis, one in an odd row of the middle tap alone; likewise in columns. The
/// arithmetic is the same, but libtorch's library for convolutions computes plain ones several times as fast as transposed ones, and in bf16 too.
/// </remarks>
internal static class UpConvolution
{
    /// <summary>Enlarges.</summary>
    /// <param name="x">[N, I, H, W].</param>
    /// <param name="w">[O, I, 3, 3].</param>
    /// <returns>[N, O, 2H + 1, 2W + 1], what <see cref="Functional.ConvTranspose2d"/> makes with [I, O, 3, 3] and stride 2.</returns>
    public static Tensor Of(Tensor x, Tensor w)
    {
        using var scope = new TensorScope();
        var (height, width) = (x.Size(2), x.Size(3));
        var (outputs, inputs) = (w.Size(0), w.Size(1));
        var taps = w.Permute(0, 2, 3, 1).Reshape(outputs, 9, inputs).Unbind(1); // row by row, [O, I] each
        // What comes from the pixel before stands first. In rows and columns of the result:
        var even = Interleaved(
            Functional.Conv2d(x, Filters(rows: 2, taps[8], taps[6], taps[2], taps[0]), padding: (1, 1)),   // even, even
            Functional.Conv2d(x, Filters(rows: 2, taps[7], taps[1]), padding: (1, 0)).Pad([0, 1]),         // even, odd
            axis: 3);
        var odd = Interleaved(
            Functional.Conv2d(x, Filters(rows: 1, taps[5], taps[3]), padding: (0, 1)),                     // odd, even
            Functional.Conv2d(x, Filters(rows: 1, taps[4]), padding: (0, 0)).Pad([0, 1]),                  // odd, odd
            axis: 3);
        return scope.Keep(Interleaved(even, odd.Pad([0, 0, 0, 1]), axis: 2).Narrow(2, 0, (2 * height) + 1).Narrow(3, 0, (2 * width) + 1));

        // [O, I, rows, columns], channels-last
        Tensor Filters(int rows, params Tensor[] of) =>
            Tensor.Stack(of, 1).View(outputs, rows, of.Length / rows, inputs).Permute(0, 3, 1, 2);
    }

    // a b of equal shape by turns along an axis, kept channels-last
    private static Tensor Interleaved(Tensor a, Tensor b, int axis)
    {
        var (n, c, h, w) = (a.Size(0), a.Size(1), a.Size(2), a.Size(3));
        var place = axis; // of the new dimension in [N, H, W, C], right behind the axis
        var pairs = Tensor.Stack([a.Permute(0, 2, 3, 1), b.Permute(0, 2, 3, 1)], place);
        return (axis == 3 ? pairs.Reshape(n, h, 2 * w, c) : pairs.Reshape(n, 2 * h, w, c)).Permute(0, 3, 1, 2);
    }
}
