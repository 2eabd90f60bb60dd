using Subband.Torch;

namespace Subband.Imaging;

/// <summary>
/// Bands of twice or half the size: what becomes of them when the image that they make is enlarged or shrunk by StyleGAN2's smoothing
/// filter [1, 3, 3, 1] and taken apart again. SWAGAN's generator enlarges its skip like this, its discriminator shrinks it.
/// </summary>
/// <remarks>
/// <para>
/// Synthesis, resampling and analysis are linear and shift with the image, so that the three are one convolution of 4x4 taps from four bands to
/// four; with zeros around the image, borders included. Its taps are products of those along each axis, sixteenths of whole numbers.
/// </para>
/// <para>
/// Gal et al. 2021, section 3.2; <c>Upsample</c> and <c>Downsample</c> between <c>InverseHaarTransform</c> and <c>HaarTransform</c> in
/// rosinality/stylegan2-pytorch, where it takes nine filterings.
/// </para>
/// </remarks>
public static class HaarResampling
{
    private const int Taps = 4;

    // [from low or high, to low or high, tap]; the same along both axes.
    private static readonly float[,][] Doubling =
    {
        { [2, 14, 14, 2], [-2, -2, 2, 2] },
        { [2, 10, -10, -2], [-2, 2, 2, -2] },
    };

    private static readonly float[,][] Halving =
    {
        { [1, 7, 7, 1], [1, 5, -5, -1] },
        { [-1, -1, 1, 1], [-1, 1, 1, -1] },
    };

    /// <summary>Bands of an image of twice the size.</summary>
    /// <param name="bands">[N, 4C, H, W] of a floating type, in the order of <see cref="HaarWavelet.Analyse"/>.</param>
    /// <param name="scale">How they are scaled, before and after.</param>
    /// <returns>[N, 4C, 2H, 2W].</returns>
    /// <exception cref="TensorShapeException">The shape is not such a one.</exception>
    public static Tensor Double(Tensor bands, HaarScale scale = HaarScale.Orthonormal)
    {
        using var scope = new TensorScope();
        var colours = ToColours(bands); // [NC, 4, H, W]
        return scope.Keep(ToBands(
            Functional.ConvTranspose2d(colours, Kernel(Doubling, scale, bands, outputsFirst: false), stride: 2, padding: 1), bands));
    }

    /// <summary>Bands of an image of half the size.</summary>
    /// <param name="bands">[N, 4C, 2H, 2W] of a floating type, in the order of <see cref="HaarWavelet.Analyse"/>.</param>
    /// <param name="scale">How they are scaled, before and after.</param>
    /// <returns>[N, 4C, H, W].</returns>
    /// <exception cref="TensorShapeException">The shape is not such a one.</exception>
    public static Tensor Halve(Tensor bands, HaarScale scale = HaarScale.Orthonormal)
    {
        using var scope = new TensorScope();
        var colours = ToColours(bands); // [NC, 4, 2H, 2W]
        Require(bands.Size(2) % 2 == 0 && bands.Size(3) % 2 == 0, bands, "[N, 4C, 2H, 2W]");
        return scope.Keep(ToBands(
            Functional.Conv2d(colours, Kernel(Halving, scale, bands, outputsFirst: true), stride: 2, padding: 1), bands));
    }

    private static Tensor ToColours(Tensor bands)
    {
        ArgumentNullException.ThrowIfNull(bands);
        Require(bands.Dimensions == 4 && bands.Size(1) % 4 == 0, bands, "[N, 4C, H, W]");
        var (n, c, h, w) = (bands.Size(0), bands.Size(1) / 4, bands.Size(2), bands.Size(3));
        return bands.Reshape(n, 4, c, h, w).Transpose(1, 2).Reshape(n * c, 4, h, w);
    }

    private static Tensor ToBands(Tensor colours, Tensor like)
    {
        var (n, c, h, w) = (like.Size(0), like.Size(1) / 4, colours.Size(2), colours.Size(3));
        return colours.Reshape(n, c, 4, h, w).Transpose(1, 2).Reshape(n, 4 * c, h, w);
    }

    // [4 in, 4 out, 4, 4] for a transposed convolution, outputs first for a plain one
    private static Tensor Kernel(float[,][] taps, HaarScale scale, Tensor like, bool outputsFirst)
    {
        var values = new float[4 * 4 * Taps * Taps];
        for (var i = 0; i < values.Length; i++)
        {
            var (first, second, y, x) = (i / (4 * Taps * Taps), i / (Taps * Taps) % 4, i / Taps % Taps, i % Taps);
            var (from, to) = outputsFirst ? (second, first) : (first, second);
            var factor = HaarWavelet.OfOrthonormal(scale, to) / HaarWavelet.OfOrthonormal(scale, from) / (16 * 16);
            values[i] = factor * taps[Vertical(from), Vertical(to)][y] * taps[Horizontal(from), Horizontal(to)][x];
        }

        return Tensor.From(values, 4, 4, Taps, Taps).To(like.DType).To(like.Device);

        static int Vertical(int band) => band % 2; // LL, LH, HL, HH: whether it is high from top to bottom
        static int Horizontal(int band) => band / 2; // and from left to right
    }

    private static void Require(bool holds, Tensor tensor, string expected)
    {
        if (!holds)
        {
            throw new TensorShapeException(
                $"HaarResampling: {expected} was expected, the tensor is {tensor}.", nameof(HaarResampling));
        }
    }
}
