using Subband.Imaging;
using Subband.Torch;

namespace Subband.Metrics;

/// <summary>Two pictures as the measures of the super-resolution literature look at them: in planes of 0..255, without their border.</summary>
internal static class MeasuredPlanes
{
    /// <summary>The brightness of both, BT.601 studio and not rounded.</summary>
    public static (MeasuredPlane Reference, MeasuredPlane Image) Luma(Rgb8Image reference, Rgb8Image image, int crop) =>
        Of(reference, image, crop, Ycbcr.Luma);

    /// <summary>One of the channels of both.</summary>
    public static (MeasuredPlane Reference, MeasuredPlane Image) Channel(Rgb8Image reference, Rgb8Image image, int crop, int channel) =>
        Of(reference, image, crop, picture => Channel(picture, channel));

    /// <summary>Refuses pictures of two sizes, and such as have nothing left inside of the border.</summary>
    public static void Require(Rgb8Image reference, Rgb8Image image, int crop)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfNegative(crop);
        if (reference.Width != image.Width || reference.Height != image.Height)
        {
            throw new SubbandException(
                $"The reference is {reference.Width}x{reference.Height}, the image {image.Width}x{image.Height}: only pictures of one size can be compared.");
        }

        if (Math.Min(image.Width, image.Height) <= 2L * crop)
        {
            throw new SubbandException(
                $"The pictures are {image.Width}x{image.Height}; without a border of {crop} pixels at each side nothing is left to compare.");
        }
    }

    private static (MeasuredPlane Reference, MeasuredPlane Image) Of(
        Rgb8Image reference, Rgb8Image image, int crop, Func<Rgb8Image, double[]> plane)
    {
        Require(reference, image, crop);
        (int width, int height) = (image.Width - (2 * crop), image.Height - (2 * crop));
        PixelWindow inner = new(crop, crop, width, height);
        return (
            new MeasuredPlane(width, height, plane(crop == 0 ? reference : reference.Cut(inner))),
            new MeasuredPlane(width, height, plane(crop == 0 ? image : image.Cut(inner))));
    }

    private static double[] Channel(Rgb8Image picture, int channel)
    {
        double[] values = new double[picture.Width * picture.Height];
        ReadOnlySpan<byte> pixels = picture.Pixels;
        for (int p = 0; p < values.Length; p++)
        {
            values[p] = pixels[(3 * p) + channel];
        }

        return values;
    }
}

/// <summary>A plane of numbers.</summary>
/// <param name="Width">W.</param>
/// <param name="Height">H.</param>
/// <param name="Values">[H, W].</param>
internal readonly record struct MeasuredPlane(int Width, int Height, double[] Values);
