namespace Subband.Upscaling;

/// <summary>How exactly a network that enlarges photographs computes; the less so, the faster.</summary>
public enum UpscalingPrecision
{
    /// <summary>Single precision throughout.</summary>
    Fp32,

    /// <summary>bfloat16 by autocast.</summary>
    Bf16,

    /// <summary>
    /// bfloat16 whose convolutions are multiplied in larger tiles (<see cref="Torch.Bf16Products.InLargeTiles"/>) where Subband multiplies
    /// it itself; elsewhere no other than <see cref="Bf16"/>.
    /// </summary>
    Fast,
}
