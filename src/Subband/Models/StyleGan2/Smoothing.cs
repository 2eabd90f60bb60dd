using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.StyleGan2;

/// <summary>StyleGAN2's smoothing of images and features by [1, 3, 3, 1] along each axis, beside what enlarges and shrinks them.</summary>
/// <remarks>Karras et al., "Analyzing and Improving the Image Quality of StyleGAN" (2020), section 3; Zhang 2019. <c>Blur</c>, <c>Upsample</c> and
/// <c>Downsample</c> of rosinality/stylegan2-pytorch.</remarks>
internal static class Smoothing
{
    private static readonly float[] Taps = [1, 3, 3, 1];

    /// <summary>Smooths.</summary>
    /// <param name="x">[N, C, H, W].</param>
    /// <param name="padding">Zeros at each side, so that [N, C, H + 2·padding − 3, W + 2·padding − 3] comes out.</param>
    /// <param name="gain">What a constant is multiplied by.</param>
    public static Tensor Blur(Tensor x, int padding, double gain = 1)
    {
        using var scope = new TensorScope();
        return scope.Keep(Functional.Conv2d(x, Filter(x, gain), padding: padding, groups: x.Size(1)));
    }

    /// <summary>Images of twice the size.</summary>
    /// <param name="x">[N, C, H, W].</param>
    public static Tensor Double(Tensor x)
    {
        using var scope = new TensorScope();
        return scope.Keep(Functional.ConvTranspose2d(x, Filter(x, gain: 4), stride: 2, padding: 1, groups: x.Size(1)));
    }

    // [C, 1, 4, 4], symmetric
    private static Tensor Filter(Tensor like, double gain)
    {
        var row = Tensor.From(Taps, 1, 4);
        return (row.Transpose().MatMul(row) * (gain / 64)).To(like.DType).To(like.Device).Expand(like.Size(1), 1, 4, 4);
    }
}

/// <summary><see cref="Smoothing.Blur"/> before a convolution that takes every other pixel.</summary>
internal sealed class BlurLayer(int padding) : Layer
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Smoothing.Blur(x, padding);
}
