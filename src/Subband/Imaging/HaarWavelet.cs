using Subband.Torch;

namespace Subband.Imaging;

/// <summary>How the bands of <see cref="HaarWavelet"/> are scaled and signed.</summary>
public enum HaarScale
{
    /// <summary>
    /// LL = (a+b+c+d)/2, LH = (a+b−c−d)/2, HL = (a−b+c−d)/2, HH = (a−b−c+d)/2, as in rosinality/stylegan2-pytorch: lengths and volumes are
    /// kept, so that a density of the bands is a density of the pixels, and LL is twice the mean of the block.
    /// </summary>
    Orthonormal,

    /// <summary>
    /// LL = a+b+c+d, LH = c+d−a−b, HL = b+d−a−c, HH = a+d−b−c, as SWAGAN's authors have it (rinongal/swagan): LL is four times the mean.
    /// </summary>
    Sums,
}

/// <summary>
/// One level of the two-dimensional Haar wavelet: an image becomes four bands of half its size, without losing or repeating
/// anything.
/// </summary>
/// <remarks>
/// Gal, Cohen, Bermano and Cohen-Or, "SWAGAN: A Style-based Wavelet-driven Generative Model" (2021), section 3. A block of pixels is called
/// <c>a b / c d</c>. LH is high vertically, HL horizontally.
/// </remarks>
public static class HaarWavelet
{
    // The rows of one matrix for LL, LH, HL and HH, the columns for a, b, c and d; symmetric and, halved, orthogonal.
    private static readonly float[] Signs =
    [
        1, 1, 1, 1,
        1, 1, -1, -1,
        1, -1, 1, -1,
        1, -1, -1, 1,
    ];

    /// <summary>The bands of images.</summary>
    /// <param name="images">[N, C, 2H, 2W] of a floating type.</param>
    /// <param name="scale">How they are scaled.</param>
    /// <returns>[N, 4C, H, W]: the C channels of LL, then of LH, HL and HH.</returns>
    /// <exception cref="TensorShapeException">A side is odd, or there are not four dimensions.</exception>
    public static Tensor Analyse(Tensor images, HaarScale scale = HaarScale.Orthonormal)
    {
        ArgumentNullException.ThrowIfNull(images);
        Require(images.Dimensions == 4 && images.Size(2) % 2 == 0 && images.Size(3) % 2 == 0, images, "[N, C, 2H, 2W]");
        var (n, c, h, w) = (images.Size(0), images.Size(1), images.Size(2) / 2, images.Size(3) / 2);
        using var scope = new TensorScope();
        var blocks = images.Reshape(n, c, h, 2, w, 2).Permute(0, 3, 5, 1, 2, 4) // [N, 2, 2, C, H, W]
            .Reshape(n, 4, c * h * w); // [N, abcd, CHW]
        return scope.Keep(Analysis(scale, images).MatMul(blocks).Reshape(n, 4 * c, h, w));
    }

    /// <summary>The images of bands, the inverse of <see cref="Analyse"/>.</summary>
    /// <param name="bands">[N, 4C, H, W] of a floating type, in the order of <see cref="Analyse"/>.</param>
    /// <param name="scale">How they are scaled.</param>
    /// <returns>[N, C, 2H, 2W].</returns>
    /// <exception cref="TensorShapeException">The shape is not such a one.</exception>
    public static Tensor Synthesise(Tensor bands, HaarScale scale = HaarScale.Orthonormal)
    {
        ArgumentNullException.ThrowIfNull(bands);
        Require(bands.Dimensions == 4 && bands.Size(1) % 4 == 0, bands, "[N, 4C, H, W]");
        var (n, c, h, w) = (bands.Size(0), bands.Size(1) / 4, bands.Size(2), bands.Size(3));
        using var scope = new TensorScope();
        var blocks = Synthesis(scale, bands).MatMul(bands.Reshape(n, 4, c * h * w)); // [N, abcd, CHW]
        return scope.Keep(blocks.Reshape(n, 2, 2, c, h, w).Permute(0, 3, 4, 1, 5, 2).Reshape(n, c, 2 * h, 2 * w));
    }

    /// <summary>What a band in this scale is of the orthonormal one; LL first.</summary>
    internal static float OfOrthonormal(HaarScale scale, int band) =>
        scale == HaarScale.Orthonormal ? 1 : band is 1 or 2 ? -2 : 2;

    private static Tensor Analysis(HaarScale scale, Tensor like) =>
        Matrix(like, (band, pixel) => OfOrthonormal(scale, band) * Signs[(4 * band) + pixel] / 2);

    private static Tensor Synthesis(HaarScale scale, Tensor like) =>
        Matrix(like, (pixel, band) => Signs[(4 * band) + pixel] / 2 / OfOrthonormal(scale, band));

    private static Tensor Matrix(Tensor like, Func<int, int, float> element) =>
        Tensor.From<float>([.. Enumerable.Range(0, 16).Select(i => element(i / 4, i % 4))], 4, 4).To(like.DType).To(like.Device);

    private static void Require(bool holds, Tensor tensor, string expected)
    {
        if (!holds)
        {
            throw new TensorShapeException(
                $"HaarWavelet: {expected} was expected, the tensor is {tensor}.", nameof(HaarWavelet));
        }
    }
}
