using Subband.Torch;

namespace Subband.Imaging;

/// <summary>
/// One level of the orthonormal two-dimensional Haar wavelet: an image becomes four bands of half its size, without
/// losing or repeating anything.
/// </summary>
/// <remarks>
/// A block of pixels <c>a b / c d</c> becomes LL = (a+b+c+d)/2, LH = (a+b−c−d)/2, HL = (a−b+c−d)/2 and
/// HH = (a−b−c+d)/2, the signs of SWAGAN's released code. The 4x4 matrix of these sums is symmetric and orthogonal, so
/// that it is its own inverse, lengths and volumes are kept, and a density of the bands is a density of the pixels.
/// LL is twice the mean of the block.
/// </remarks>
public static class HaarWavelet
{
    /// <summary>The bands of images.</summary>
    /// <param name="images">[N, C, 2H, 2W] of a floating type.</param>
    /// <returns>[N, 4C, H, W]: the C channels of LL, then of LH, HL and HH.</returns>
    /// <exception cref="TensorShapeException">A side is odd, or there are not four dimensions.</exception>
    public static Tensor Analyse(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        Require(images.Dimensions == 4 && images.Size(2) % 2 == 0 && images.Size(3) % 2 == 0, images, "[N, C, 2H, 2W]");
        var (n, c, h, w) = (images.Size(0), images.Size(1), images.Size(2) / 2, images.Size(3) / 2);
        using var scope = new TensorScope();
        var blocks = images.Reshape(n, c, h, 2, w, 2).Permute(0, 3, 5, 1, 2, 4) // [N, 2, 2, C, H, W]
            .Reshape(n, 4, c * h * w); // [N, abcd, CHW]
        return scope.Keep(Matrix(images).MatMul(blocks).Reshape(n, 4 * c, h, w));
    }

    /// <summary>The images of bands, the inverse of <see cref="Analyse"/>.</summary>
    /// <param name="bands">[N, 4C, H, W] of a floating type, in the order of <see cref="Analyse"/>.</param>
    /// <returns>[N, C, 2H, 2W].</returns>
    /// <exception cref="TensorShapeException">The shape is not such a one.</exception>
    public static Tensor Synthesise(Tensor bands)
    {
        ArgumentNullException.ThrowIfNull(bands);
        Require(bands.Dimensions == 4 && bands.Size(1) % 4 == 0, bands, "[N, 4C, H, W]");
        var (n, c, h, w) = (bands.Size(0), bands.Size(1) / 4, bands.Size(2), bands.Size(3));
        using var scope = new TensorScope();
        var blocks = Matrix(bands).MatMul(bands.Reshape(n, 4, c * h * w)); // [N, abcd, CHW]
        return scope.Keep(blocks.Reshape(n, 2, 2, c, h, w).Permute(0, 3, 4, 1, 5, 2).Reshape(n, c, 2 * h, 2 * w));
    }

    private static Tensor Matrix(Tensor like) =>
        Tensor.From<float>(
            [
                0.5f, 0.5f, 0.5f, 0.5f,
                0.5f, 0.5f, -0.5f, -0.5f,
                0.5f, -0.5f, 0.5f, -0.5f,
                0.5f, -0.5f, -0.5f, 0.5f,
            ],
            4,
            4).To(like.DType).To(like.Device);

    private static void Require(bool holds, Tensor tensor, string expected)
    {
        if (!holds)
        {
            throw new TensorShapeException(
                $"HaarWavelet: {expected} was expected, the tensor is {tensor}.", nameof(HaarWavelet));
        }
    }
}
