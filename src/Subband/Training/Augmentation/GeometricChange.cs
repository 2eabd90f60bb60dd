using Subband.Imaging;
using Subband.Torch;

namespace Subband.Training.Augmentation;

/// <summary>Images turned, stretched and moved, each by its own map. Beyond their edges they are mirrored once; farther out lie zeros.</summary>
/// <remarks>
/// Appendix B.1 of Karras et al. 2020: enlarged twice, sampled with weights of the four nearest samples, shrunk again. Nothing
/// but products with matrices and a choice of elements, so that gradients of any order pass.
/// </remarks>
internal static class GeometricChange
{
    // Elements that are held for a moment at once; more images than fit are done one group after the other.
    private const long MostElements = 1 << 24;

    /// <summary>Changes images. Where a map only moves whole pixels, they are copied.</summary>
    /// <param name="images">[N, C, H, W], float32 or float64.</param>
    /// <param name="maps">For each image where its pixels come from.</param>
    /// <returns>[N, C, H, W].</returns>
    public static Tensor Apply(Tensor images, IReadOnlyList<PlaneTransform> maps)
    {
        var isSquare = images.Size(2) == images.Size(3);
        bool IsCopy(PlaneTransform map) => map.MovesWholePixels && (isSquare || map.XY == 0);
        int[] copied = [.. Where(maps, map => IsCopy(map) && map != PlaneTransform.Identity)];
        int[] resampled = [.. Where(maps, map => !IsCopy(map))];
        using var scope = new TensorScope();
        var x = PartOfBatch.Replace(images, copied, part => Copy(part, Array.ConvertAll(copied, i => maps[i])));
        x = PartOfBatch.Replace(x, resampled, part => Resample(part, Array.ConvertAll(resampled, i => maps[i])));
        return scope.Keep(x);
    }

    /// <summary>Changes all images by enlarging and shrinking them.</summary>
    /// <inheritdoc cref="Apply"/>
    public static Tensor Resample(Tensor images, PlaneTransform[] maps)
    {
        var (c, h, w) = ((int)images.Size(1), (int)images.Size(2), (int)images.Size(3));
        var points = (2L * (h + ResamplingFilter.Reach)) * (2 * (w + ResamplingFilter.Reach));
        var group = (int)Math.Clamp(MostElements / (4 * c * points), 1, maps.Length);
        using var scope = new TensorScope();
        Tensor[] done = new Tensor[(maps.Length + group - 1) / group];
        for (var i = 0; i < done.Length; i++)
        {
            var some = maps[(i * group)..Math.Min((i + 1) * group, maps.Length)];
            done[i] = ResampleGroup(images.Narrow(0, i * group, some.Length), some);
        }

        return scope.Keep(done.Length == 1 ? done[0] : Tensor.Cat(done));
    }

    private static Tensor ResampleGroup(Tensor images, PlaneTransform[] maps)
    {
        var (n, c, h, w) = (images.Size(0), images.Size(1), (int)images.Size(2), (int)images.Size(3));
        using var scope = new TensorScope();
        var enlarged = Matrix(ResamplingFilter.Enlarging(h), h, images)
            .MatMul(images.MatMul(Matrix(ResamplingFilter.Enlarging(w), w, images).Transpose())); // [N, C, 4H − 4, 4W − 4]

        // Where each point of the enlarged result lies among the enlarged samples.
        const int Reach = ResamplingFilter.Reach;
        var right = Tensor.Arange(1 - w - Reach, w + Reach + 1, device: images.Device).To(images.DType).View(1, 1, -1);
        var down = Tensor.Arange(1 - h - Reach, h + Reach + 1, device: images.Device).To(images.DType).View(1, -1, 1);
        var columns = (Numbers(maps, map => map.XX, images) * right)
            + ((Numbers(maps, map => map.XY, images) * down) + Numbers(maps, map => (2 * map.X0) + w - 1, images));
        var rows = (Numbers(maps, map => map.YX, images) * right)
            + ((Numbers(maps, map => map.YY, images) * down) + Numbers(maps, map => (2 * map.Y0) + h - 1, images));
        var (columnAt, columnWeight) = Neighbours(columns.Flatten(), w); // [N, 2, Q]
        var (rowAt, rowWeight) = Neighbours(rows.Flatten(), h);

        var at = (rowAt * ResamplingFilter.Period(w)).Unsqueeze(2) + columnAt.Unsqueeze(1); // [N, 2, 2, Q]
        var weight = rowWeight.Unsqueeze(2) * columnWeight.Unsqueeze(1);
        var q = weight.Size(-1);
        var four = enlarged.Flatten(2).Gather(2, at.View(n, 1, 4 * q).Expand(n, c, 4 * q)).View(n, c, 4, q);
        var warped = (four * weight.View(n, 1, 4, q)).Sum([2]).View(n, c, 2 * (h + Reach), 2 * (w + Reach));
        return scope.Keep(
            Matrix(ResamplingFilter.Shrinking(h), 2 * (h + Reach), images)
                .MatMul(warped.MatMul(Matrix(ResamplingFilter.Shrinking(w), 2 * (w + Reach), images).Transpose())));
    }

    // The samples before and behind each position [N, Q] along an axis, within its period, and their weights: [N, 2, Q].
    private static (Tensor At, Tensor Weight) Neighbours(Tensor position, int size)
    {
        using var scope = new TensorScope();
        var before = position.Floor();
        var share = position - before;
        var at = Tensor.Stack([before, before + 1], 1);
        var weight = Tensor.Stack([1 - share, share], 1);

        // The axis and its mirror images end 2·size − 2 samples before the first and behind the last of the 2·size samples.
        var isInside = (at - (size - 0.5)).Abs().IsLess((3 * size) - 2);
        var period = ResamplingFilter.Period(size);
        var within = (at - ((at / period).Floor() * period)).To(DType.Int64);
        return (scope.Keep(within), scope.Keep(weight * isInside.To(weight.DType)));
    }

    private static Tensor Copy(Tensor images, PlaneTransform[] maps)
    {
        var (n, c, h, w) = (images.Size(0), images.Size(1), (int)images.Size(2), (int)images.Size(3));
        using var scope = new TensorScope();
        // A row of the result shows a row of the image, or where that is turned a column.
        var rows = maps.SelectMany(map => map.XY == 0
            ? Places(map.YY, map.Y0, h).Select(place => place * w)
            : Places(map.XY, map.X0, w));
        var columns = maps.SelectMany(map => map.XY == 0
            ? Places(map.XX, map.X0, w)
            : Places(map.YX, map.Y0, h).Select(place => place * w));
        var at = Tensor.From<long>([.. rows], n, h, 1) + Tensor.From<long>([.. columns], n, 1, w);
        return scope.Keep(images.Flatten(2).Gather(2, at.View(n, 1, -1).To(images.Device).Expand(n, c, -1)).View(n, c, h, w));
    }

    // From where along an axis the pixels along an axis of the result come; sign and shift as in the map.
    private static IEnumerable<long> Places(double sign, double shift, int size)
    {
        var centre = (size - 1) / 2.0;
        return Enumerable.Range(0, size)
            .Select(i => (long)MirrorImage.PixelWithEdgeOnce((int)((sign * (i - centre)) + shift + centre), size));
    }

    // [rows, columns] of the images' type and on their device
    private static Tensor Matrix(double[] weights, int columns, Tensor like)
    {
        using var scope = new TensorScope();
        return scope.Keep(Tensor.From(weights, weights.Length / columns, columns).To(like.DType).To(like.Device));
    }

    // [N, 1, 1]
    private static Tensor Numbers(PlaneTransform[] maps, Converter<PlaneTransform, double> number, Tensor like)
    {
        using var scope = new TensorScope();
        return scope.Keep(Tensor.From(Array.ConvertAll(maps, number), maps.Length, 1, 1).To(like.DType).To(like.Device));
    }

    private static IEnumerable<int> Where(IReadOnlyList<PlaneTransform> maps, Func<PlaneTransform, bool> holds) =>
        Enumerable.Range(0, maps.Count).Where(i => holds(maps[i]));
}
