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

    /// <summary>Enlarges images.</summary>
    /// <param name="images">[N, 3, H, W] in [0,1], on any device.</param>
    /// <param name="scale">One of <see cref="Scales"/>.</param>
    /// <returns>[N, 3, scale·H, scale·W], float32, on the device that computes; neither clamped nor rounded.</returns>
    Tensor Upscale(Tensor images, int scale);
}
