namespace Subband.Training.Augmentation;

/// <summary>The groups of random changes that <see cref="AdaptiveAugmentation"/> makes, alone and as they are used together.</summary>
/// <remarks>
/// Karras et al., "Training Generative Adversarial Networks with Limited Data" (2020), figure 4a and appendix B. Their names for
/// the combinations are bg, bgc, bgcf, bgcfn and bgcfnc; they train with bgc.
/// </remarks>
[Flags]
public enum AugmentationGroups
{
    /// <summary>No change.</summary>
    None = 0,

    /// <summary>Left and right exchanged, quarter turns, and shifts by whole pixels up to an eighth of the side.</summary>
    Blit = 1,

    /// <summary>Scaling, rotation, scaling of one axis against the other, and shifts by parts of pixels.</summary>
    Geometry = 2,

    /// <summary>The paper's bg.</summary>
    BlitGeometry = Blit | Geometry,

    /// <summary>Brightness, contrast, luma turned to its negative, hue and saturation.</summary>
    Colour = 4,

    /// <summary>The paper's bgc.</summary>
    BlitGeometryColour = BlitGeometry | Colour,

    /// <summary>Four octaves of frequencies made stronger or weaker.</summary>
    Filter = 8,

    /// <summary>The paper's bgcf.</summary>
    BlitGeometryColourFilter = BlitGeometryColour | Filter,

    /// <summary>Gaussian noise added to every value.</summary>
    Noise = 16,

    /// <summary>The paper's bgcfn.</summary>
    BlitGeometryColourFilterNoise = BlitGeometryColourFilter | Noise,

    /// <summary>A rectangle of half the width and half the height set to 0.</summary>
    Cutout = 32,

    /// <summary>The paper's bgcfnc.</summary>
    All = BlitGeometryColourFilterNoise | Cutout,
}
