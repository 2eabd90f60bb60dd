using Subband.Torch;

namespace Subband.Models.SuperResolution;

/// <summary>
/// The brightness Y of BT.601 in the studio's range, as super-resolution takes it: 16/255 for black, 235/255 for white, not rounded.
/// </summary>
internal static class Brightness
{
    private const float Black = 16;
    private const double White = 235;
    private static readonly float[] OfColours = [65.481f, 128.553f, 24.966f];

    /// <summary>Y of images.</summary>
    /// <param name="images">[N, 3, H, W], RGB in [0,1].</param>
    /// <returns>[N, 1, H, W].</returns>
    public static Tensor Of(Tensor images)
    {
        using var scope = new TensorScope();
        var weights = Tensor.From(OfColours.Select(weight => weight / 255).ToArray(), 1, 3, 1, 1).To(images.Device);
        return scope.Keep((images * weights).Sum([1], keep: true) + (Black / 255.0));
    }

    /// <summary>Images with another brightness and the same colours, that is the same Cb and Cr.</summary>
    /// <param name="images">[N, 3, H, W], RGB in [0,1].</param>
    /// <param name="old">[N, 1, H, W], their Y.</param>
    /// <param name="now">[N, 1, H, W], the Y wanted.</param>
    /// <remarks>
    /// Each of R, G and B is 255/219 · Y plus what depends on Cb and Cr alone; so they all change by 255/219 of what Y does.
    /// </remarks>
    public static Tensor Replace(Tensor images, Tensor old, Tensor now)
    {
        using var scope = new TensorScope();
        return scope.Keep(images + ((now - old) * (255 / (White - Black))));
    }
}
