using Subband.Torch;

namespace Subband.Imaging;

/// <summary>Shows what wavelets take an image apart into, as a picture of the image's size.</summary>
/// <remarks>
/// LL stands in the upper left quarter, and of several levels is taken apart again; HL, which is high from left to right and so shows upright
/// edges, beside it; LH below it; HH across. LL is shown as it looks, the other bands around grey.
/// </remarks>
public static class BandPicture
{
    /// <summary>Arranges the bands.</summary>
    /// <param name="images">[N, C, H, W] in [0,1], H and W divisible by 2 as often as there are levels.</param>
    /// <param name="levels">How often the image is halved, at least once.</param>
    /// <param name="contrast">How much stronger than in the image the bands other than LL are shown.</param>
    /// <returns>[N, C, H, W] in [0,1].</returns>
    /// <exception cref="TensorShapeException">A side is odd at some level, or there are not four dimensions.</exception>
    public static Tensor Arrange(Tensor images, int levels, double contrast)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(levels, 1);
        using var scope = new TensorScope();
        var bands = HaarWavelet.Analyse(images);
        var parts = bands.Split(bands.Size(1) / 4, 1); // each [N, C, H/2, W/2], in [0,2] or [-1,1]
        var coarse = parts[0] * 0.5;
        var upper = Tensor.Cat([levels == 1 ? coarse : Arrange(coarse, levels - 1, contrast), Shown(parts[2])], 3);
        var lower = Tensor.Cat([Shown(parts[1]), Shown(parts[3])], 3);
        return scope.Keep(Tensor.Cat([upper, lower], 2));

        Tensor Shown(Tensor band) => (0.5 + (band * (contrast / 2))).Clamp(0, 1);
    }
}
