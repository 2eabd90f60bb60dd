using System.Globalization;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.Models;

/// <summary>What enlarges photographs: a trained network, or plain interpolation.</summary>
public interface IUpscaler : IDisposable
{
    /// <summary>The whole factors that it enlarges by, ascending; empty for any factor.</summary>
    IReadOnlyList<int> Scales { get; }

    /// <summary>
    /// How many pixels of the small image beyond its own a new pixel depends on, at most, in each direction; null where it
    /// depends on the whole image, as with RCAN's channel attention.
    /// </summary>
    /// <param name="scale">One of <see cref="Scales"/>.</param>
    int? Reach(int scale);

    /// <summary>Whether <see cref="Upscale(Tensor, int)"/> takes the rows of an image one after the other, within a <see cref="RowWalk"/>.</summary>
    /// <param name="scale">One of <see cref="Scales"/>.</param>
    internal bool TakesRows(int scale) => false;

    /// <summary>Refuses a factor that it cannot do.</summary>
    /// <param name="scale">By how much it should enlarge.</param>
    /// <param name="name">What the message calls it.</param>
    /// <exception cref="UsageException">It cannot; the message lists what it can.</exception>
    void RequireScale(int scale, string name)
    {
        if (Scales.Count > 0 && !Scales.Contains(scale))
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{name} enlarges by {string.Join(" or ", Scales)}, not by {scale}."));
        }
    }

    /// <summary>Enlarges images.</summary>
    /// <param name="images">[N, 3, H, W] in [0,1], on any device.</param>
    /// <param name="scale">One of <see cref="Scales"/>.</param>
    /// <returns>[N, 3, scale·H, scale·W], float32, on the device that computes; neither clamped nor rounded.</returns>
    Tensor Upscale(Tensor images, int scale);

    /// <summary>Enlarges a picture as a whole, rounded once, half up.</summary>
    /// <param name="image">The picture; it and all that is computed from it have to fit into memory.</param>
    /// <param name="scale">One of <see cref="Scales"/>.</param>
    /// <exception cref="SubbandException">The model made values that are no numbers, or infinite.</exception>
    Rgb8Image Upscale(Rgb8Image image, int scale)
    {
        using TensorScope scope = new();
        using var noGrad = Autograd.NoGrad();
        ArgumentNullException.ThrowIfNull(image);
        Tensor enlarged = Upscale(TensorImages.ToTensor([image], PixelRange.Unit), scale);
        return enlarged.IsFinite().All().Item() != 0
            ? TensorImages.ToImages(enlarged, PixelRange.Unit)[0]
            : throw new SubbandException(
                $"The model made infinite values, or such as are no numbers, of a picture of {image.Width}x{image.Height}: it is damaged, or its training failed.");
    }
}
