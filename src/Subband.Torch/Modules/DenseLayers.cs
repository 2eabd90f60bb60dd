namespace Subband.Torch.Modules;

/// <summary>
/// Convolutions of 3×3 that each see an image and the rectified results of all before, and one of 1×1 that sees it all and is added to the
/// image. Results are computed into one tensor, which has room for all from the beginning, and nothing is copied but the last rows.
/// </summary>
internal static class DenseLayers
{
    /// <summary>Computes them all, where Subband's own convolution can.</summary>
    /// <param name="x">[N, C, H, W].</param>
    /// <param name="layers">The convolutions: from C, C + G, C + 2G, … channels to G each.</param>
    /// <param name="fusion">That of 1×1, from C + layers · G channels to C.</param>
    /// <returns>
    /// [N, C, H, W]; of the next rows of a <see cref="RowWalk"/> those that are complete. Null where it cannot; then images have to be put
    /// beside each other.
    /// </returns>
    public static Tensor? TryForward(Tensor x, IReadOnlyList<Conv2d> layers, Conv2d fusion)
    {
        RowWalk? walk = RowWalk.Current;
        bool haveGaps = walk is not null && x.Size(0) != 1; // between some rows of one image and of the next
        if (haveGaps || !layers.Append(fusion).All(layer => layer.CanBeFused(x)))
        {
            return null;
        }

        using TensorScope scope = new();
        (RowWalk.Memory? images, RowWalk.Memory? results) = (walk?.Next(), walk?.Next());
        bool isLast = walk?.IsLast ?? true;
        Tensor next = x.To(Autocast.IsOnForProcessor ? DType.BFloat16 : DType.Float32);
        RowBlock image = images?.With(next) ?? new RowBlock(next);
        long first = images?.First ?? 0;
        long end = first + image.Count;
        long before = end - x.Size(RowBlock.Dimension);
        Tensor room = RowBlock.New(next, layers.Sum(layer => layer.Weight.Size(0)), end - before);
        RowBlock grown = results?.With(room) ?? new RowBlock(room);

        // Each layer is a row behind the one before, until the last rows are there.
        long from = 0;
        long to = 0;
        long channels = 0;
        for (int i = 0; i < layers.Count; i++)
        {
            long lag = i + 1;
            from = Math.Max(0, before - lag);
            to = isLast ? end : Math.Max(from, end - lag);
            long growth = layers[i].Weight.Size(0);
            if (to > from)
            {
                (bool begins, bool ends) = (from == 0, isLast);
                layers[i].ForwardReluInto(
                    Rows(grown, from, to).Channels(channels, growth),
                    [.. Seen(begins ? 0 : from - 1, ends ? end : to + 1).Select(block => block with { Begins = begins, Ends = ends })]);
            }

            channels += growth;
        }

        Tensor fused = fusion.ForwardBeside(Seen(from, to), Rows(image, from, to));
        long kept = end - Math.Max(first, to - 1);
        images?.Keep(image, kept);
        results?.Keep(grown, kept);
        return scope.Keep(fused);

        RowBlock Rows(RowBlock block, long from, long to) => block.Slice(from - first, to - from);

        // The image and the results of the layers so far.
        RowBlock[] Seen(long from, long to) => channels == 0
            ? [Rows(image, from, to)]
            : [Rows(image, from, to), Rows(grown, from, to).Channels(0, channels)];
    }
}
