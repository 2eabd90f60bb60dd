namespace Subband.Imaging;

/// <summary>
/// MATLAB's <c>imresize</c> with its bicubic curve, bit for bit: what made the small images, and the "bicubic" rows, of the
/// super-resolution literature.
/// </summary>
/// <remarks>
/// The curve is Keys' with a = −0.5, stretched when shrinking. Rows are resized before columns. For pictures of 8 bits the
/// result of each of the two passes is rounded half up and clamped; for real numbers nothing is rounded. Two rules for the
/// border are in circulation, see <see cref="ResamplingBorder"/>: Set5, Set14 and BSD100 were made with the first.
/// </remarks>
public static class MatlabResize
{
    /// <summary>Resizes a picture by a factor, with rounding after each pass.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="factor">Greater than 0, such as 1.0/4; the new size is ⌈old size · factor⌉.</param>
    /// <param name="border">What lies beyond the edge.</param>
    public static Rgb8Image Resize(Rgb8Image image, double factor, ResamplingBorder border = ResamplingBorder.Replicate)
    {
        ArgumentNullException.ThrowIfNull(image);
        (ResamplingAxis rows, ResamplingAxis columns) = Axes(image.Width, image.Height, factor, border);
        byte[] pixels = SeparableResampler.Resize<byte, double>(image.Pixels, image.Width, 3, rows, columns, roundBetween: true);
        return new Rgb8Image(columns.Length, rows.Length, pixels);
    }

    /// <summary>Resizes a plane of real numbers by a factor, without rounding.</summary>
    /// <param name="plane">[H, W].</param>
    /// <param name="width">W.</param>
    /// <param name="height">H.</param>
    /// <param name="factor">Greater than 0; the new size is ⌈old size · factor⌉.</param>
    /// <param name="border">What lies beyond the edge.</param>
    /// <returns>[H', W'].</returns>
    public static double[] Resize(double[] plane, int width, int height, double factor, ResamplingBorder border = ResamplingBorder.Replicate)
    {
        ArgumentNullException.ThrowIfNull(plane);
        (ResamplingAxis rows, ResamplingAxis columns) = Axes(width, height, factor, border);
        return SeparableResampler.Resize<double, double>(plane, width, 1, rows, columns);
    }

    private static (ResamplingAxis Rows, ResamplingAxis Columns) Axes(int width, int height, double factor, ResamplingBorder border)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(factor);
        Resampling how = new(ResamplingKernel.Bicubic) { Border = border };
        return (Axis(height), Axis(width));

        ResamplingAxis Axis(int from)
        {
            // 1/3 is a little less than a third: what should be a whole number must not become the next one.
            int length = (int)Math.Ceiling(Math.Round(from * factor, 9));
            return ResamplingAxis.Make(from, 0, length, factor, how);
        }
    }
}
