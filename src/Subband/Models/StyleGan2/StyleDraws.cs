using Subband.Torch;

namespace Subband.Models.StyleGan2;

/// <summary>The random numbers of a training step.</summary>
/// <param name="random">Where they come from.</param>
internal class StyleDraws(Generator random)
{
    /// <summary>z, [N, width], normal.</summary>
    public virtual Tensor Latents(long count, int width) => Tensor.Randn([count, width], random);

    /// <summary>The noise of a generator's layers, [N, 1, h, w] each, normal.</summary>
    public virtual Tensor[] Noises(long count, StyleGan2Generator generator) => generator.NewNoises(count, random);

    /// <summary>How much each number of images [N, C, H, W] counts on path lengths: normal, over the root of the pixels.</summary>
    public virtual Tensor PixelWeights(Tensor images) =>
        images.EmptyLike().NormalInPlace(0, 1, random) / Math.Sqrt(images.Size(2) * images.Size(3));
}
