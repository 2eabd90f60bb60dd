using Subband.Torch;

namespace Subband.Models;

/// <summary>
/// A trained model that is a pyramid of generators, each of which can be asked alone: what multi-scale measures need. It
/// works on codes of images, in which each value is scaled and shifted by itself.
/// </summary>
public interface IPyramidGenerator : IImageGenerator
{
    /// <summary>The side of the images of each level, the finest first.</summary>
    IReadOnlyList<int> Sides { get; }

    /// <summary>
    /// By how much the log-density of a code exceeds that of its image in [-1, 1]: the sum over all values of the logarithm
    /// of what one unit of the code is in the image.
    /// </summary>
    double LogScale { get; }

    /// <summary>The codes of images.</summary>
    /// <param name="images">[N, 3, H, W] in [-1, 1].</param>
    /// <returns>[N, 3, H, W], on the model's device.</returns>
    Tensor Encode(Tensor images);

    /// <summary>Draws codes of coarsest images, of classes drawn at random where there are classes.</summary>
    /// <param name="count">N.</param>
    /// <param name="random">Where noise and classes come from.</param>
    /// <returns>[N, 3, S, S], S the last of <see cref="Sides"/>.</returns>
    Tensor DrawCoarsest(long count, Generator random);

    /// <summary>Draws codes of a level that is not the coarsest, all given the same coarser one.</summary>
    /// <param name="level">0 the finest.</param>
    /// <param name="coarser">[1, 3, S, S], S the side of the next level: a code.</param>
    /// <param name="count">N.</param>
    /// <param name="random">Where noise and classes come from.</param>
    /// <returns>[N, 3, F, F], F the side of the level.</returns>
    Tensor DrawFiner(int level, Tensor coarser, long count, Generator random);
}
