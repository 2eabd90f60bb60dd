namespace Subband.Torch.Modules;

/// <summary>
/// Convolutions of 3×3 that each see an image and the rectified results of all before, computed into one tensor which has room for all from
/// the beginning: channels are added, and nothing is copied.
/// </summary>
internal static class DenseLayers
{
    /// <summary>Computes them all, where Subband's own convolution can.</summary>
    /// <param name="x">[1, C, H, W].</param>
    /// <param name="layers">The convolutions: from C, C + G, C + 2G, … channels to G each.</param>
    /// <returns>
    /// [1, C + layers · G, H, W], the image and all results; of the next rows of a <see cref="RowWalk"/> those that are complete. Null where
    /// it cannot; then images have to be put beside each other.
    /// </returns>
    public static Tensor? TryForward(Tensor x, IReadOnlyList<Conv2d> layers)
    {
        if (x.Size(0) != 1 || !layers.All(layer => layer.CanBeFused(x)))
        {
            return null;
        }

        using TensorScope scope = new();
        RowWalk? walk = RowWalk.Current;
        RowWalk.Memory? memory = walk?.Next();
        bool isLast = walk?.IsLast ?? true;
        Tensor? known = memory?.Rows; // of all channels, those that were computed
        long first = memory?.First ?? 0;
        long before = first + (known?.Size(RowBlock.Dimension) ?? 0);
        long end = before + x.Size(RowBlock.Dimension);

        long channels = x.Size(1);
        DType dtype = Autocast.IsOnForProcessor ? DType.BFloat16 : DType.Float32;
        Tensor all = Tensor.Empty(
            [1, channels + layers.Sum(layer => layer.Weight.Size(0)), end - first, x.Size(3)], dtype, x.Device, MemoryFormat.ChannelsLast);
        _ = known is null ? null : Rows(all, 0, before - first).CopyFrom(known);
        _ = Rows(all, before - first, end - before).Narrow(1, 0, channels).CopyFrom(x);

        // Each layer is a row behind the one before, until the last rows are there.
        long from = 0;
        long to = 0;
        for (int i = 0; i < layers.Count; i++)
        {
            long lag = i + 1;
            from = Math.Max(0, before - lag);
            to = isLast ? end : Math.Max(from, end - lag);
            if (to > from)
            {
                (bool begins, bool ends) = (from == 0, isLast);
                long top = begins ? 0 : from - 1;
                long bottom = ends ? end : to + 1;
                Tensor image = Rows(all, top - first, bottom - top).Narrow(1, 0, channels);
                Tensor result = Rows(all, from - first, to - from).Narrow(1, channels, layers[i].Weight.Size(0));
                layers[i].ForwardReluInto(result, new RowBlock(image, Begins: begins, Ends: ends));
            }

            channels += layers[i].Weight.Size(0);
        }

        memory?.Keep(new RowBlock(all), end - Math.Max(first, to - 1));
        return scope.Keep(Rows(all, from - first, to - from));
    }

    private static Tensor Rows(Tensor image, long first, long count) => image.Narrow(RowBlock.Dimension, first, count);
}
