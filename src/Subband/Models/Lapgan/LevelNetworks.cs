using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.Lapgan;

/// <summary>
/// The generator G_k of a level: from noise z_k, the low-pass image l_k and the class to the band h̃_k; at the coarsest
/// level, where there is no l_k, to the whole image.
/// </summary>
public abstract class LevelGenerator : Module
{
    /// <summary>Draws z_k for a number of images.</summary>
    /// <param name="count">N.</param>
    /// <param name="random">Where it comes from; the noise is made on its device.</param>
    public abstract Tensor Noise(long count, Generator random);

    /// <summary>Generates.</summary>
    /// <param name="noise">As <see cref="Noise"/> makes it.</param>
    /// <param name="lowPass">l_k [N, 3, F, F]; null at the coarsest level.</param>
    /// <param name="classes">One-hot [N, classes], or null when the model is not class-conditional.</param>
    /// <returns>h̃_k [N, 3, F, F].</returns>
    public abstract Tensor Forward(Tensor noise, Tensor? lowPass, Tensor? classes);
}

/// <summary>The discriminator D_k of a level: how real a band is, given its low-pass image and class.</summary>
public abstract class LevelDiscriminator : Module
{
    /// <summary>Judges.</summary>
    /// <param name="image">h_k + l_k [N, 3, F, F]: the band in its place.</param>
    /// <param name="lowPass">l_k [N, 3, F, F]; null at the coarsest level.</param>
    /// <param name="classes">One-hot [N, classes], or null when the model is not class-conditional.</param>
    /// <returns>Logits [N]; positive for real.</returns>
    public abstract Tensor Forward(Tensor image, Tensor? lowPass, Tensor? classes);
}
