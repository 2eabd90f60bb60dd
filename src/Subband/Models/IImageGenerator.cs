using Subband.Torch;

namespace Subband.Models;

/// <summary>A trained model that makes images from nothing but random numbers and, where it has classes, a class.</summary>
public interface IImageGenerator : IDisposable
{
    /// <summary>The class names; empty for a model without classes.</summary>
    IReadOnlyList<string> Classes { get; }

    /// <summary>Rows of an image.</summary>
    int Height { get; }

    /// <summary>Columns of an image.</summary>
    int Width { get; }

    /// <summary>
    /// How many images are computed together. Images made in parts that begin at multiples of this are bit for bit those made
    /// at once; in other parts they may differ in the last bit.
    /// </summary>
    int PartSize { get; }

    /// <summary>
    /// Makes images of the endless row that belongs to a seed. Which random numbers an image is made of depends on nothing but
    /// the seed and its place in the row, so that many images can be made part by part. The same arguments give the same
    /// bytes on the same machine.
    /// </summary>
    /// <param name="count">N.</param>
    /// <param name="seed">Which row.</param>
    /// <param name="labels">The class of each of the N images; null for the classes in turn, by their places in the row.</param>
    /// <param name="first">The place of the first image in the row; see <see cref="PartSize"/>.</param>
    /// <returns>[N, C, H, W] in [-1, 1], on the CPU; C is 1 for grey, 3 for RGB, 4 for RGBA.</returns>
    Tensor Generate(int count, ulong seed, IReadOnlyList<int>? labels = null, long first = 0);
}
