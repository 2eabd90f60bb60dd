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
    public static Rgb8Image Resize(Rgb8Image image, int width, int height, Resampling how) =>
        Resize(image, width, height, how, new PixelWindow(0, 0, width, height));

    /// <summary>Resizes a picture and keeps a window of the result; only the window is computed, and it is that of the whole.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="width">The width of the whole result, at least 1.</param>
    /// <param name="height">The height of the whole result, at least 1.</param>
    /// <param name="how">Curve, smoothing and border.</param>
    /// <param name="window">The part of the result that is wanted, within it.</param>
    /// <param name="threaded">Whether other threads may help; not where many pictures are resized side by side.</param>
    public static Rgb8Image Resize(Rgb8Image image, int width, int height, Resampling how, PixelWindow window, bool threaded = true) =>
        (Rgb8Image)Resize((Image8)image, width, height, how, window, threaded);

    /// <summary>The same of a picture of any colour. Colours and opacity are resized each for itself, not weighed by each other.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="width">The width of the whole result, at least 1.</param>
    /// <param name="height">The height of the whole result, at least 1.</param>
    /// <param name="how">Curve, smoothing and border.</param>
    /// <param name="window">The part of the result that is wanted, within it.</param>
    /// <param name="threaded">Whether other threads may help; not where many pictures are resized side by side.</param>
    public static Image8 Resize(Image8 image, int width, int height, Resampling how, PixelWindow window, bool threaded = true)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (window.X < 0 || window.Y < 0 || window.X > width - window.Width || window.Y > height - window.Height)
        {
            throw new ArgumentException($"{window} does not lie within {width}x{height}.", nameof(window));
        }

        byte[] pixels = SeparableResampler.Resize<byte, float>(
            image.Pixels,
            image.Width,
            image.Colour.Channels(),
            ResamplingAxis.Make(image.Height, window.Y, window.Height, (double)height / image.Height, how),
            ResamplingAxis.Make(image.Width, window.X, window.Width, (double)width / image.Width, how),
            threaded: threaded);
        return Image8.Of(window.Width, window.Height, image.Colour, pixels);
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
    /// <returns>[N, C, H', W'], float32, on the device of the images and laid out like them, not clamped.</returns>
    public static Tensor Resize(Tensor images, int height, int width, Resampling how)
    {
        ArgumentNullException.ThrowIfNull(images);
        (long count, long channels) = (images.Size(0), images.Size(1));
        (int oldHeight, int oldWidth) = ((int)images.Size(2), (int)images.Size(3));
        using TensorScope scope = new();
        Tensor given = images.Detach().To(Device.Cpu).To(DType.Float32);
        bool isInterleaved = channels > 1 && given.IsContiguous(MemoryFormat.ChannelsLast); // [N, H, W, C] in memory
        Tensor planes = isInterleaved ? given.Permute(0, 2, 3, 1) : given.Contiguous();
        Tensor resized = Tensor.Empty(isInterleaved ? [count, height, width, channels] : [count, channels, height, width]);
        (nint from, nint to) = (planes.Data().Pointer, resized.Data().Pointer);
        unsafe
        {
            SeparableResampler.Resize<float, float>(
                (float*)from,
                (float*)to,
                isInterleaved ? count : count * channels,
                oldWidth,
                isInterleaved ? (int)channels : 1,
                ResamplingAxis.Make(oldHeight, 0, height, (double)height / oldHeight, how),
                ResamplingAxis.Make(oldWidth, 0, width, (double)width / oldWidth, how),
                roundBetween: false,
                threaded: true);
        }

        GC.KeepAlive(planes);
        GC.KeepAlive(resized);
        return scope.Keep((isInterleaved ? resized.Permute(0, 3, 1, 2) : resized).To(images.Device));
    }
}
