using Subband.Torch;

namespace Subband.Imaging;

/// <summary>
/// Brightness and colour differences as the super-resolution literature takes them: BT.601 in the studio range, as MATLAB's
/// <c>rgb2ycbcr</c>, but nothing is rounded.
/// </summary>
/// <remarks>
/// For R, G, B of 0..255, Y = 16 + (65.481 R + 128.553 G + 24.966 B)/255 runs from 16 to 235, and
/// Cb = 128 + (−37.797 R − 74.203 G + 112 B)/255 and Cr = 128 + (112 R − 93.786 G − 18.214 B)/255 from 16 to 240. Tensors
/// hold all of them divided by 255. The way back is the exact inverse of these numbers.
/// </remarks>
public static class Ycbcr
{
    private const double White = 255;

    // For R, G, B of [0,1], results of 0..255: rows Y, Cb, Cr.
    private static readonly double[,] Forward =
    {
        { 65.481, 128.553, 24.966 },
        { -37.797, -74.203, 112 },
        { 112, -93.786, -18.214 },
    };

    private static readonly double[] Offset = [16, 128, 128];

    private static readonly double[,] Backward = Inverse(Forward);

    /// <summary>The brightness Y of a picture.</summary>
    /// <param name="image">The picture.</param>
    /// <returns>[H, W], 16 for black to 235 for white.</returns>
    public static double[] Luma(Rgb8Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        double[] luma = new double[image.Width * image.Height];
        Plane(image, 0, luma);
        return luma;
    }

    /// <summary>A picture in grey: Y brought from its 16 to 235 to 0 to 255, which is 0.299 R + 0.587 G + 0.114 B, rounded half up.</summary>
    /// <param name="image">The picture; where it is grey already, its levels are the result.</param>
    /// <returns>[H, W].</returns>
    public static byte[] Grey(Rgb8Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        byte[] grey = new byte[image.Width * image.Height];
        ReadOnlySpan<byte> pixels = image.Pixels;
        for (int p = 0; p < grey.Length; p++)
        {
            // In whole numbers, so that no grey is off by an error of rounding.
            grey[p] = (byte)(((299 * pixels[3 * p]) + (587 * pixels[(3 * p) + 1]) + (114 * pixels[(3 * p) + 2]) + 500) / 1000);
        }

        return grey;
    }

    /// <summary>Y, Cb and Cr of a picture.</summary>
    /// <param name="image">The picture.</param>
    /// <returns>[3, H, W]: Y from 16 to 235, Cb and Cr from 16 to 240, 128 for grey.</returns>
    public static double[] FromRgb(Rgb8Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        int plane = image.Width * image.Height;
        double[] planes = new double[checked(3 * plane)];
        for (int c = 0; c < 3; c++)
        {
            Plane(image, c, planes.AsSpan(c * plane, plane));
        }

        return planes;
    }

    /// <summary>The picture of Y, Cb and Cr, rounded half up; what no colour of RGB is becomes the nearest black or white of each.</summary>
    /// <param name="planes">[3, H, W] as <see cref="FromRgb(Rgb8Image)"/> gives them.</param>
    /// <param name="width">W.</param>
    /// <param name="height">H.</param>
    public static Rgb8Image ToRgb(double[] planes, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(planes);
        int plane = checked(width * height);
        if (planes.LongLength != 3L * plane)
        {
            throw new ArgumentException($"Three planes of {width}x{height} are {3L * plane} numbers, but {planes.LongLength} were given.", nameof(planes));
        }

        byte[] pixels = new byte[3 * plane];
        for (int p = 0; p < plane; p++)
        {
            for (int c = 0; c < 3; c++)
            {
                double level = 0;
                for (int k = 0; k < 3; k++)
                {
                    level += Backward[c, k] * (planes[(k * plane) + p] - Offset[k]);
                }

                pixels[(3 * p) + c] = (byte)Math.Floor(Math.Clamp(White * level, 0, White) + 0.5);
            }
        }

        return new Rgb8Image(width, height, pixels);
    }

    /// <summary>The brightness Y of images. Gradients flow.</summary>
    /// <param name="images">RGB, [N, 3, H, W] in [0,1], of a floating-point type.</param>
    /// <returns>[N, 1, H, W], 16/255 for black to 235/255 for white.</returns>
    public static Tensor Luma(Tensor images)
    {
        RequireThree(images);
        using TensorScope scope = new();
        return scope.Keep(Mix(images.Split(1, 1), 0));
    }

    /// <summary>Y, Cb and Cr of images. Gradients flow.</summary>
    /// <param name="images">RGB, [N, 3, H, W] in [0,1], of a floating-point type.</param>
    /// <returns>[N, 3, H, W], 128/255 being a grey's Cb and Cr.</returns>
    public static Tensor FromRgb(Tensor images)
    {
        RequireThree(images);
        using TensorScope scope = new();
        Tensor[] rgb = images.Split(1, 1);
        return scope.Keep(Tensor.Cat([Mix(rgb, 0), Mix(rgb, 1), Mix(rgb, 2)], 1));
    }

    /// <summary>RGB of Y, Cb and Cr, not clamped. Gradients flow.</summary>
    /// <param name="images">[N, 3, H, W] as <see cref="FromRgb(Tensor)"/> gives them.</param>
    /// <returns>[N, 3, H, W], [0,1] where the colours exist.</returns>
    public static Tensor ToRgb(Tensor images)
    {
        RequireThree(images);
        using TensorScope scope = new();
        Tensor[] parts = images.Split(1, 1);
        Tensor[] centred = [.. parts.Select((part, k) => (part * White) - Offset[k])];
        return scope.Keep(Tensor.Cat([.. Enumerable.Range(0, 3).Select(c => Sum(centred, Backward, c))], 1));
    }

    /// <summary>Images with another brightness and the same Cb and Cr. Gradients flow.</summary>
    /// <param name="images">RGB, [N, 3, H, W] in [0,1].</param>
    /// <param name="old">[N, 1, H, W], their Y, as <see cref="Luma(Tensor)"/> gives it.</param>
    /// <param name="now">[N, 1, H, W], the Y wanted.</param>
    /// <returns>[N, 3, H, W], not clamped.</returns>
    /// <remarks>
    /// Each of R, G and B is 255/219 · Y plus what depends on Cb and Cr alone; so they all change by 255/219 of what Y does.
    /// </remarks>
    public static Tensor WithLuma(Tensor images, Tensor old, Tensor now)
    {
        RequireThree(images);
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(now);
        const double Studio = 219;
        using TensorScope scope = new();
        return scope.Keep(images + ((now - old) * (White / Studio)));
    }

    private static Tensor Mix(Tensor[] rgb, int row) => (Sum(rgb, Forward, row) + Offset[row]) / White;

    // Sums rather than a convolution, which autocast would do with 8 bits of precision.
    private static Tensor Sum(Tensor[] parts, double[,] matrix, int row) =>
        (parts[0] * matrix[row, 0]) + (parts[1] * matrix[row, 1]) + (parts[2] * matrix[row, 2]);

    private static void Plane(Rgb8Image image, int row, Span<double> plane)
    {
        ReadOnlySpan<byte> pixels = image.Pixels;
        for (int p = 0; p < plane.Length; p++)
        {
            plane[p] = Offset[row] + (((Forward[row, 0] * pixels[3 * p]) + (Forward[row, 1] * pixels[(3 * p) + 1])
                + (Forward[row, 2] * pixels[(3 * p) + 2])) / White);
        }
    }

    private static double[,] Inverse(double[,] m)
    {
        double[,] inverse = new double[3, 3];
        for (int i = 0; i < 3; i++)
        {
            for (int k = 0; k < 3; k++)
            {
                // The cofactor of row k, column i: whole turns of the indices carry the sign.
                (int a, int b, int c, int d) = ((k + 1) % 3, (k + 2) % 3, (i + 1) % 3, (i + 2) % 3);
                inverse[i, k] = (m[a, c] * m[b, d]) - (m[a, d] * m[b, c]);
            }
        }

        double determinant = (m[0, 0] * inverse[0, 0]) + (m[0, 1] * inverse[1, 0]) + (m[0, 2] * inverse[2, 0]);
        for (int i = 0; i < 9; i++)
        {
            inverse[i / 3, i % 3] /= determinant;
        }

        return inverse;
    }

    private static void RequireThree(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Dimensions != 4 || images.Size(1) != 3 || !images.DType.IsFloatingPoint())
        {
            throw new ArgumentException($"Images [N, 3, H, W] of a floating-point type are expected, this is {images}.", nameof(images));
        }
    }
}
