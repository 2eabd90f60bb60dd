using Subband.Torch;

namespace Subband.Imaging;

/// <summary>Brings images to another size.</summary>
/// <remarks>
/// Separable, along the columns first; computed in single precision and rounded once, half up. Many threads at once may call,
/// and each call uses all cores. For the very numbers of the literature see <see cref="MatlabResize"/>.
/// </remarks>
public static class Resampler
{
    /// <summary>Resizes a picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="width">The new width, at least 1.</param>
    /// <param name="height">The new height, at least 1.</param>
    /// <param name="how">Curve, smoothing and border.</param>
    public static Rgb8Image Resize(Rgb8Image image, int width, int height, Resampling how)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new Rgb8Image(width, height, Resize(image.Pixels, image.Width, image.Height, 3, width, height, how));
    }

    /// <summary>Resizes samples.</summary>
    /// <typeparam name="T"><see cref="byte"/> or <see cref="ushort"/>, whose results are rounded and clamped; or <see cref="float"/>.</typeparam>
    /// <param name="samples">[H, W, C].</param>
    /// <param name="width">W.</param>
    /// <param name="height">H.</param>
    /// <param name="channels">C.</param>
    /// <param name="newWidth">W'.</param>
    /// <param name="newHeight">H'.</param>
    /// <param name="how">Curve, smoothing and border.</param>
    /// <returns>[H', W', C].</returns>
    /// <exception cref="ArgumentException">The samples are not as many as H·W·C.</exception>
    public static T[] Resize<T>(T[] samples, int width, int height, int channels, int newWidth, int newHeight, Resampling how)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (samples.LongLength != (long)width * height * channels)
        {
            throw new ArgumentException(
                $"{width}x{height} pixels of {channels} channels are {(long)width * height * channels} samples, but {samples.LongLength} were given.",
                nameof(samples));
        }

        return SeparableResampler.Resize<T, float>(
            samples,
            width,
            channels,
            ResamplingAxis.Make(height, 0, newHeight, (double)newHeight / height, how),
            ResamplingAxis.Make(width, 0, newWidth, (double)newWidth / width, how));
    }

    /// <summary>Resizes a batch of images. No gradient flows.</summary>
    /// <param name="images">[N, C, H, W] of a floating-point type.</param>
    /// <param name="height">H'.</param>
    /// <param name="width">W'.</param>
    /// <param name="how">Curve, smoothing and border.</param>
    /// <returns>[N, C, H', W'], float32, on the device of the images, not clamped.</returns>
    public static Tensor Resize(Tensor images, int height, int width, Resampling how)
    {
        ArgumentNullException.ThrowIfNull(images);
        (long count, long channels) = (images.Size(0), images.Size(1));
        (int oldHeight, int oldWidth) = ((int)images.Size(2), (int)images.Size(3));
        using TensorScope scope = new();
        float[] planes = images.Detach().To(DType.Float32).ToArray<float>();
        ResamplingAxis rows = ResamplingAxis.Make(oldHeight, 0, height, (double)height / oldHeight, how);
        ResamplingAxis columns = ResamplingAxis.Make(oldWidth, 0, width, (double)width / oldWidth, how);
        float[] resized = new float[checked(count * channels * height * width)];
        for (int p = 0; p < count * channels; p++)
        {
            float[] plane = planes.AsSpan(p * oldHeight * oldWidth, oldHeight * oldWidth).ToArray();
            SeparableResampler.Resize<float, float>(plane, oldWidth, 1, rows, columns).CopyTo(resized, p * height * width);
        }

        return scope.Keep(Tensor.From(resized, count, channels, height, width).To(images.Device));
    }
}
