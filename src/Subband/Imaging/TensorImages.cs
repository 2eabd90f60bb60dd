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
    /// <param name="images">At least one, all of one size and one colour.</param>
    /// <param name="range">What 0 and 255 become.</param>
    /// <returns>[N, C, H, W], float32, on the CPU; C is 1 for grey, 3 for RGB, 4 for RGBA.</returns>
    /// <exception cref="ArgumentException">There is no picture, or the sizes or colours differ.</exception>
    public static Tensor ToTensor(IReadOnlyList<Image8> images, PixelRange range)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Count == 0)
        {
            throw new ArgumentException("At least one picture is expected, there is none.", nameof(images));
        }

        Image8 first = images[0];
        (int height, int width, int channels) = (first.Height, first.Width, first.Colour.Channels());
        int plane = height * width;
        float[] levels = [.. Enumerable.Range(0, 256).Select(v => range == PixelRange.Unit ? v / 255f : (v / 127.5f) - 1)];
        var values = new float[checked(images.Count * channels * plane)];
        for (int n = 0; n < images.Count; n++)
        {
            Image8 image = images[n];
            if (image.Height != height || image.Width != width)
            {
                throw new ArgumentException(
                    $"Picture {n} is {image.Width}x{image.Height}, the first {width}x{height}: one size is expected.", nameof(images));
            }

            if (image.Colour != first.Colour)
            {
                throw new ArgumentException($"Picture {n} is {image.Colour}, the first {first.Colour}: one colour is expected.", nameof(images));
            }

            Span<float> planes = values.AsSpan(n * channels * plane, channels * plane);
            for (int p = 0, from = 0; p < plane; p++)
            {
                for (int c = 0; c < channels; c++, from++)
                {
                    planes[(c * plane) + p] = levels[image.Pixels[from]];
                }
            }
        }

        return Tensor.From(values, images.Count, channels, height, width);
    }

    /// <summary>Makes pictures in red, green and blue of a tensor: see <see cref="ToPictures"/> and <see cref="Image8.ToRgb"/>.</summary>
    /// <param name="tensor">[N, C, H, W] of a floating-point type, on any device, in any layout; C is 1, 3 or 4.</param>
    /// <param name="range">What becomes 0 and 255.</param>
    /// <exception cref="ArgumentException">The shape is another, or a value is no number.</exception>
    public static Rgb8Image[] ToImages(Tensor tensor, PixelRange range) => Array.ConvertAll(ToPictures(tensor, range), picture => picture.ToRgb());

    /// <summary>Makes pictures of a tensor, in its own colour: rounded half up, and what lies beyond the range becomes black or white.</summary>
    /// <param name="tensor">[N, C, H, W] of a floating-point type, on any device, in any layout; C is 1 for grey, 3 for RGB, 4 for RGBA.</param>
    /// <param name="range">What becomes 0 and 255.</param>
    /// <exception cref="ArgumentException">The shape is another, or a value is no number.</exception>
    public static Image8[] ToPictures(Tensor tensor, PixelRange range)
    {
        PixelColour colour = RequireColour(tensor);
        int channels = colour.Channels();
        (int height, int width) = ((int)tensor.Size(2), (int)tensor.Size(3));
        int plane = height * width;
        float[] values;
        using (new TensorScope())
        {
            values = tensor.Detach().To(DType.Float32).ToArray<float>();
        }

        (float scale, float offset) = range == PixelRange.Unit ? (255f, 0f) : (127.5f, 127.5f);
        var images = new Image8[tensor.Size(0)];
        for (int n = 0; n < images.Length; n++)
        {
            ReadOnlySpan<float> planes = values.AsSpan(n * channels * plane, channels * plane);
            var pixels = new byte[channels * plane];
            for (int p = 0, to = 0; p < plane; p++)
            {
                for (int c = 0; c < channels; c++, to++)
                {
                    float level = (planes[(c * plane) + p] * scale) + offset;
                    if (float.IsNaN(level))
                    {
                        throw new ArgumentException($"Image {n} of {images.Length} holds values that are no numbers (NaN).", nameof(tensor));
                    }

                    pixels[to] = (byte)(Math.Clamp(level, 0f, 255f) + 0.5f);
                }
            }

            images[n] = Image8.Of(width, height, colour, pixels);
        }

        return images;
    }

    /// <summary>
    /// Images in red, green and blue, for what knows nothing else: grey is repeated, and what is transparent laid on white. Gradients flow.
    /// </summary>
    /// <param name="images">[N, C, H, W] of a floating-point type; C is 1 for grey, 3 for RGB, 4 for RGBA.</param>
    /// <param name="range">Their range, opacity's too.</param>
    /// <returns>[N, 3, H, W] in the same range; the tensor itself where it is that.</returns>
    /// <exception cref="ArgumentException">The shape is another.</exception>
    public static Tensor ToRgb(Tensor images, PixelRange range)
    {
        switch (RequireColour(images))
        {
            case PixelColour.Rgb:
                return images;
            case PixelColour.Grey:
                return images.Repeat(1, 3, 1, 1);
            default:
                using (var scope = new TensorScope())
                {
                    var (colours, alpha) = (images.Narrow(1, 0, 3), images.Narrow(1, 3, 1));
                    var opacity = range == PixelRange.Unit ? alpha : (alpha + 1) * 0.5;
                    return scope.Keep(((colours - 1) * opacity) + 1); // white is 1 in both ranges
                }
        }
    }

    private static PixelColour RequireColour(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        return images.Dimensions == 4 && images.DType.IsFloatingPoint() && PixelColours.WithChannels(images.Size(1)) is { } colour
            ? colour
            : throw new ArgumentException(
                $"Images [N, C, H, W] of 1, 3 or 4 channels and a floating-point type are expected, this is {images}.", nameof(images));
    }
}
