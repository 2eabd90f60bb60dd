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

    /// <summary>Makes images. The same seed, count and labels give the same bytes on the same machine.</summary>
    /// <param name="count">N.</param>
    /// <param name="seed">Where the random numbers start.</param>
    /// <param name="labels">The class of each image; null for the classes in turn.</param>
    /// <returns>[N, 3, H, W] in [-1, 1], on the CPU.</returns>
    Tensor Generate(int count, ulong seed, IReadOnlyList<int>? labels = null);
}
