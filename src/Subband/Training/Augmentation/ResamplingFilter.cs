using Subband.Imaging;

namespace Subband.Training.Augmentation;

/// <summary>
/// The filter by which images are enlarged before and shrunk after a geometric change, as matrices along one axis. Shrinking
/// undoes enlarging exactly.
/// </summary>
/// <remarks>
/// Appendix B.1 of Karras et al. 2020: Daubechies' symlet with six vanishing moments, whose 12 taps are orthogonal to
/// themselves shifted by an even number. Enlarged sample 2m lies at sample m.
/// </remarks>
internal static class ResamplingFilter
{
    /// <summary>How many enlarged samples before twice the first and behind twice the last sample shrinking looks at.</summary>
    public const int Reach = 5;

    // They add up to √2.
    private static readonly double[] Symlet =
    [
        0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633,
        0.4910559419267466, 0.787641141030194, 0.3379294217276218, -0.07263752278646252,
        -0.021060292512300564, 0.04472490177066578, 0.0017677118642428036, -0.007800708325034148,
    ];

    /// <summary>How many samples an axis has enlarged with its mirror image, after which everything repeats.</summary>
    public static int Period(int size) => (4 * size) - 4;

    /// <summary>[4·size − 4, size] in row order: an axis and its mirror image behind it, enlarged.</summary>
    /// <remarks>
    /// The filter is not symmetric, so that the mirror image enlarged is another thing than the enlarged axis mirrored.
    /// </remarks>
    public static double[] Enlarging(int size)
    {
        var matrix = new double[Period(size) * size];
        for (var i = 0; i < Period(size); i++)
        {
            // The taps i + 5 − 2m, from 0 to 11, meet sample m.
            for (var tap = (i + Reach) % 2; tap < Symlet.Length; tap += 2)
            {
                var m = (i + Reach - tap) / 2;
                matrix[(i * size) + MirrorImage.PixelWithEdgeOnce(m, size)] += Math.Sqrt(2) * Symlet[tap];
            }
        }

        return matrix;
    }

    /// <summary>
    /// [size, 2·size + 10] in row order: from the enlarged samples −5 to 2·size + 4 the samples themselves.
    /// </summary>
    public static double[] Shrinking(int size)
    {
        var from = (2 * size) + (2 * Reach);
        var matrix = new double[size * from];
        for (var m = 0; m < size; m++)
        {
            for (var tap = 0; tap < Symlet.Length; tap++)
            {
                matrix[(m * from) + (2 * m) + tap] = Math.Sqrt(0.5) * Symlet[tap];
            }
        }

        return matrix;
    }
}
