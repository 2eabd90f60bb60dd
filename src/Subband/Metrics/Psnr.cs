using Subband.Imaging;
using Subband.Torch;

namespace Subband.Metrics;

/// <summary>
/// The peak signal-to-noise ratio in decibels, as the super-resolution literature measures it: 10 log₁₀ (255² / mean squared
/// error), in double precision, infinite for equal pictures.
/// </summary>
/// <remarks>
/// Of the tables of SRCNN, VDSR, RDN, RCAN and most others since: on the unrounded brightness Y of 8-bit pictures (see
/// <see cref="Ycbcr"/>), without as many pixels at each side as the scale is large, for each picture; then the mean over
/// the pictures. A ratio on RGB lies about 1.5 dB lower, and some collections of models state that one.
/// </remarks>
public static class Psnr
{
    private const double Peak = 255;

    /// <summary>The ratio on the brightness.</summary>
    /// <param name="reference">The true picture.</param>
    /// <param name="image">The picture that is measured, of the same size.</param>
    /// <param name="crop">How many pixels at each side do not count; the scale, by custom.</param>
    /// <exception cref="SubbandException">The sizes differ, or nothing is left.</exception>
    public static double OfLuma(Rgb8Image reference, Rgb8Image image, int crop = 0)
    {
        (MeasuredPlane a, MeasuredPlane b) = MeasuredPlanes.Luma(reference, image, crop);
        return Decibels(MeanSquaredError(a, b));
    }

    /// <summary>The ratio over all values of red, green and blue.</summary>
    /// <inheritdoc cref="OfLuma"/>
    public static double OfRgb(Rgb8Image reference, Rgb8Image image, int crop = 0)
    {
        double sum = 0;
        for (int channel = 0; channel < 3; channel++)
        {
            (MeasuredPlane a, MeasuredPlane b) = MeasuredPlanes.Channel(reference, image, crop, channel);
            sum += MeanSquaredError(a, b);
        }

        return Decibels(sum / 3);
    }

    private static double Decibels(double meanSquaredError) => 10 * Math.Log10(Peak * Peak / meanSquaredError);

    private static double MeanSquaredError(MeasuredPlane a, MeasuredPlane b)
    {
        double sum = 0;
        for (int i = 0; i < a.Values.Length; i++)
        {
            double difference = a.Values[i] - b.Values[i];
            sum += difference * difference;
        }

        return sum / a.Values.Length;
    }
}
