namespace Subband.Torch.Modules;

/// <summary>Channels into space: [N, C·r², H, W] to [N, C, H·r, W·r].</summary>
/// <param name="factor">r.</param>
/// <remarks>Shi et al. 2016, "Real-Time Single Image and Video Super-Resolution", section 3.2.</remarks>
public sealed class PixelShuffle(int factor) : Layer
{
    /// <summary>r.</summary>
    public int Factor => factor;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Functional.PixelShuffle(x, factor);
}
