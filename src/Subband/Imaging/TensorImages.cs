using Subband.Torch;

namespace Subband.Imaging;

/// <summary>The range of pixel values in a tensor.</summary>
public enum PixelRange
{
    /// <summary>[0,1], black to white: files, super-resolution, metrics.</summary>
    Unit,

    /// <summary>[-1,1], black to white: the GANs.</summary>
    Signed,
}

/// <summary>Pictures to tensors and back.</summary>
public static class TensorImages
{
    /// <summary>Makes a tensor of pictures.</summary>
    /// <param name="images">At least one, all of one size.</param>
    /// <param name="range">What 0 and 255 become.</param>
    /// <returns>[N, 3, H, W], float32, on the CPU.</returns>
    /// <exception cref="ArgumentException">There is no picture, or the sizes differ.</exception>
    public static Tensor ToTensor(IReadOnlyList<Rgb8Image> images, PixelRange range)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Count == 0)
        {
            throw new ArgumentException("At least one picture is expected, there is none.", nameof(images));
        }

        (int height, int width) = (images[0].Height, images[0].Width);
        int plane = height * width;
        float[] levels = [.. Enumerable.Range(0, 256).Select(v => range == PixelRange.Unit ? v / 255f : (v / 127.5f) - 1)];
        var values = new float[checked(images.Count * 3 * plane)];
        for (int n = 0; n < images.Count; n++)
        {
            Rgb8Image image = images[n];
            if (image.Height != height || image.Width != width)
            {
                throw new ArgumentException(
                    $"Picture {n} is {image.Width}x{image.Height}, the first {width}x{height}: one size is expected.", nameof(images));
            }

            Span<float> planes = values.AsSpan(n * 3 * plane, 3 * plane);
            for (int p = 0; p < plane; p++)
            {
                planes[p] = levels[image.Pixels[3 * p]];
                planes[plane + p] = levels[image.Pixels[(3 * p) + 1]];
                planes[(2 * plane) + p] = levels[image.Pixels[(3 * p) + 2]];
            }
        }

        return Tensor.From(values, images.Count, 3, height, width);
    }

    /// <summary>Makes pictures of a tensor: rounded half up, and what lies beyond the range becomes black or white.</summary>
    /// <param name="tensor">[N, 3, H, W] of a floating-point type, on any device, in any layout.</param>
    /// <param name="range">What becomes 0 and 255.</param>
    /// <exception cref="ArgumentException">The shape is another, or a value is no number.</exception>
    public static Rgb8Image[] ToImages(Tensor tensor, PixelRange range)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.Dimensions != 4 || tensor.Size(1) != 3 || !tensor.DType.IsFloatingPoint())
        {
            throw new ArgumentException($"Images [N, 3, H, W] of a floating-point type are expected, this is {tensor}.", nameof(tensor));
        }

        (int height, int width) = ((int)tensor.Size(2), (int)tensor.Size(3));
        int plane = height * width;
        float[] values;
        using (new TensorScope())
        {
            values = tensor.Detach().To(DType.Float32).ToArray<float>();
        }

        (float scale, float offset) = range == PixelRange.Unit ? (255f, 0f) : (127.5f, 127.5f);
        var images = new Rgb8Image[tensor.Size(0)];
        for (int n = 0; n < images.Length; n++)
        {
            ReadOnlySpan<float> planes = values.AsSpan(n * 3 * plane, 3 * plane);
            var pixels = new byte[3 * plane];
            for (int p = 0; p < plane; p++)
            {
                for (int c = 0; c < 3; c++)
                {
                    float level = (planes[(c * plane) + p] * scale) + offset;
                    if (float.IsNaN(level))
                    {
                        throw new ArgumentException($"Image {n} of {images.Length} holds values that are no numbers (NaN).", nameof(tensor));
                    }

                    pixels[(3 * p) + c] = (byte)(Math.Clamp(level, 0f, 255f) + 0.5f);
                }
            }

            images[n] = new Rgb8Image(width, height, pixels);
        }

        return images;
    }
}
