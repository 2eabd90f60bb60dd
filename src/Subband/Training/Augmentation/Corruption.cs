using Subband.Torch;

namespace Subband.Training.Augmentation;

/// <summary>Images with noise, and with parts cut out.</summary>
/// <remarks>Appendix B.3 of Karras et al. 2020.</remarks>
internal static class Corruption
{
    // Of what is cut out, in widths and heights.
    private const double HoleSide = 0.5;

    /// <summary>Adds noise.</summary>
    /// <param name="images">[N, C, H, W].</param>
    /// <param name="noise">[N, C, H, W] of deviation 1.</param>
    /// <param name="deviations">For each image what its noise is multiplied by; 0 for none.</param>
    /// <returns>[N, C, H, W].</returns>
    public static Tensor AddNoise(Tensor images, Tensor noise, IReadOnlyList<double> deviations)
    {
        int[] chosen = [.. Enumerable.Range(0, deviations.Count).Where(i => deviations[i] != 0)];
        return PartOfBatch.Replace(images, chosen, part =>
        {
            var deviation = Tensor.From(Array.ConvertAll(chosen, i => deviations[i]), chosen.Length, 1, 1, 1);
            return part + (PartOfBatch.Choose(noise, chosen) * deviation.To(part.DType).To(part.Device));
        });
    }

    /// <summary>Sets to 0 the part of a rectangle of half the width and half the height that lies in the image.</summary>
    /// <param name="images">[N, C, H, W].</param>
    /// <param name="centres">For each image the centre of its rectangle, in widths and heights; null for none.</param>
    /// <returns>[N, C, H, W].</returns>
    public static Tensor CutOut(Tensor images, IReadOnlyList<(double X, double Y)?> centres)
    {
        var (h, w) = ((int)images.Size(2), (int)images.Size(3));
        int[] chosen = [.. Enumerable.Range(0, centres.Count).Where(i => centres[i] is not null)];
        return PartOfBatch.Replace(images, chosen, part =>
        {
            var rows = Tensor.From<float>([.. chosen.SelectMany(i => Outside(centres[i]!.Value.Y, h))], chosen.Length, 1, h, 1);
            var columns = Tensor.From<float>([.. chosen.SelectMany(i => Outside(centres[i]!.Value.X, w))], chosen.Length, 1, 1, w);
            // A pixel stays when its row or its column lies outside.
            return part * rows.Maximum(columns).To(part.DType).To(part.Device);
        });
    }

    // For each pixel along an axis 1 outside the rectangle and 0 inside.
    private static IEnumerable<float> Outside(double centre, int size) => Enumerable.Range(0, size)
        .Select(i => Math.Abs(((i + 0.5) / size) - centre) < HoleSide / 2 ? 0f : 1f);
}
