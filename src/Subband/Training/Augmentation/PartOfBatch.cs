using Subband.Torch;

namespace Subband.Training.Augmentation;

/// <summary>Some images of a batch changed, the others left as they are, bit by bit.</summary>
internal static class PartOfBatch
{
    /// <summary>Changes some images.</summary>
    /// <param name="batch">[N, ...].</param>
    /// <param name="chosen">Which; each at most once.</param>
    /// <param name="change">Makes of the chosen images [K, ...] as many others of the same size. Not called where K is 0.</param>
    /// <returns>[N, ...]; the batch itself where nothing is chosen.</returns>
    public static Tensor Replace(Tensor batch, int[] chosen, Func<Tensor, Tensor> change)
    {
        if (chosen.Length == 0)
        {
            return batch;
        }

        using var scope = new TensorScope();
        if (chosen.Length == batch.Size(0))
        {
            return scope.Keep(change(Choose(batch, chosen)));
        }

        var changed = change(Choose(batch, chosen));
        long[] order = [.. Enumerable.Range(0, (int)batch.Size(0)).Select(i => (long)i)];
        foreach (var (k, i) in chosen.Index())
        {
            order[i] = batch.Size(0) + k;
        }

        return scope.Keep(Tensor.Cat([batch, changed]).IndexSelect(0, Tensor.From(order).To(batch.Device)));
    }

    /// <summary>Some images of a batch.</summary>
    /// <param name="batch">[N, ...].</param>
    /// <param name="chosen">Which, in what order.</param>
    /// <returns>[K, ...].</returns>
    public static Tensor Choose(Tensor batch, int[] chosen)
    {
        using var scope = new TensorScope();
        return scope.Keep(batch.IndexSelect(0, Tensor.From(Array.ConvertAll(chosen, i => (long)i)).To(batch.Device)));
    }
}
