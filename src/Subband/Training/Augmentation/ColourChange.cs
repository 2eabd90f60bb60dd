using Subband.Torch;

namespace Subband.Training.Augmentation;

/// <summary>
/// An affine map of colours that keeps the axis of greys: colours are taken apart into the part along the axis, the luma, and
/// the rest, the chroma.
/// </summary>
/// <param name="Luma">What luma is multiplied by: contrast, negative where luma is turned to its negative.</param>
/// <param name="Chroma">What chroma is multiplied by: contrast times saturation.</param>
/// <param name="Hue">By what angle chroma is turned, in radians; red goes towards green.</param>
/// <param name="Offset">What is added to every channel: brightness, multiplied as luma is.</param>
/// <remarks>
/// Appendix B.1 of Karras et al. 2020 composes homogeneous matrices for brightness, contrast, luma flip, hue and saturation. All
/// of them map the grey axis and the plane across it each into itself, so that these four numbers describe every product.
/// </remarks>
internal readonly record struct ColourChange(double Luma, double Chroma, double Hue, double Offset)
{
    /// <summary>Every colour stays.</summary>
    public static ColourChange Identity { get; } = new(1, 1, 0, 0);

    /// <summary>Changes images.</summary>
    /// <param name="images">[N, C, H, W]: one channel of grey, three of colour, or three of colour and one of opacity, which stays.</param>
    /// <param name="changes">One for each image.</param>
    /// <returns>[N, C, H, W].</returns>
    public static Tensor Apply(Tensor images, IReadOnlyList<ColourChange> changes)
    {
        var (c, h, w) = ((int)images.Size(1), images.Size(2), images.Size(3));
        int[] chosen = [.. Enumerable.Range(0, changes.Count).Where(i => changes[i].For(c) != Identity)];
        return PartOfBatch.Replace(images, chosen, part =>
        {
            var matrices = Tensor.From<double>([.. chosen.SelectMany(i => changes[i].Matrix(c))], chosen.Length, c, c);
            var offsets = Tensor.From<double>([.. chosen.SelectMany(i => changes[i].Offsets(c))], chosen.Length, c, 1);
            var changed = matrices.To(part.DType).To(part.Device).MatMul(part.Flatten(2)) + offsets.To(part.DType).To(part.Device);
            return changed.View(chosen.Length, c, h, w);
        });
    }

    // Greys have no chroma.
    private ColourChange For(int channels) => channels == 1 ? this with { Chroma = 1, Hue = 0 } : this;

    // [channels, channels] in row order. Turning about the grey axis makes a circulant matrix of three numbers.
    private double[] Matrix(int channels)
    {
        if (channels == 1)
        {
            return [Luma];
        }

        var (sin, cos) = Math.SinCos(Hue);
        var same = (Luma + (2 * Chroma * cos)) / 3;
        var next = (Luma - (Chroma * (cos + (Math.Sqrt(3) * sin)))) / 3;
        var last = (Luma - (Chroma * (cos - (Math.Sqrt(3) * sin)))) / 3;
        return channels == 3
            ? [same, next, last, last, same, next, next, last, same]
            : [same, next, last, 0, last, same, next, 0, next, last, same, 0, 0, 0, 0, 1];
    }

    private double[] Offsets(int channels) => channels switch
    {
        1 => [Offset],
        3 => [Offset, Offset, Offset],
        _ => [Offset, Offset, Offset, 0],
    };
}
