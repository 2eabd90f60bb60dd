using Subband.Imaging;
using Subband.Torch;

namespace Subband.Models.SuperResolution;

/// <summary>Interpolation by a whole factor, which a network starts from or adds to; also of the next rows of a <see cref="RowWalk"/>.</summary>
internal static class Enlargement
{
    /// <summary>How far the curve reaches to each side, in pixels of the small image.</summary>
    public static double Support(ResamplingKernel kernel) => kernel switch
    {
        ResamplingKernel.Nearest => 0.5,
        ResamplingKernel.Bicubic or ResamplingKernel.SharpBicubic => 2,
        ResamplingKernel.Lanczos3 => 3,
        _ => 1,
    };

    /// <summary>Enlarges images. No gradient flows.</summary>
    /// <param name="images">[N, C, H, W].</param>
    /// <param name="factor">By how much.</param>
    /// <param name="kernel">The curve.</param>
    /// <returns>[N, C, factor·H, factor·W], float32.</returns>
    public static Tensor Of(Tensor images, int factor, ResamplingKernel kernel)
    {
        return RowWalk.Current is { } walk
            ? walk.Around(images, (long)Math.Ceiling(Support(kernel)), factor, rows => Whole(rows.Joined()))
            : Whole(images);

        Tensor Whole(Tensor rows) => Resampler.Resize(
            rows, checked((int)rows.Size(2) * factor), checked((int)rows.Size(3) * factor), new Resampling(kernel));
    }
}
