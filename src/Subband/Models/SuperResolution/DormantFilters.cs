using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.SuperResolution;

/// <summary>Gives filters that no pixel activates a new beginning, without changing what the network computes.</summary>
/// <remarks>
/// <para>
/// Where a filter's output is below 0 for all images, its rectifier lets no gradient through, and it never comes back. Images are nowhere
/// negative, so that many of the first filters begin so, and others follow: most of the first layers of a VDSR trained here had ended so
/// (docs/results.md).
/// </para>
/// <para>
/// The weights that lead to such a filter are drawn anew: as strong as its neighbours, and active at half of the pixels where there is a bias.
/// Those that lead on from it become 0, so that nothing changes before they are trained. Sokar, Agarwal, Castro and Evci, "The Dormant Neuron
/// Phenomenon in Deep Reinforcement Learning" (2023), algorithm 1, with the scale of Krähenbühl and others, "Data-dependent Initializations of
/// Convolutional Neural Networks" (2016).
/// </para>
/// </remarks>
internal static class DormantFilters
{
    private const double SmallestDeviation = 1e-6;

    /// <summary>Revives the filters of a network whose layers follow each other.</summary>
    /// <param name="chain">Convolutions, each but the last with max(0, ·) behind it.</param>
    /// <param name="images">[N, C, H, W], which show what is active.</param>
    /// <param name="random">Where new weights come from, on the CPU.</param>
    /// <param name="alike">Another tensor that is to follow a weight or bias, its average; null where there is none.</param>
    /// <returns>How many were revived.</returns>
    public static int Revive(IReadOnlyList<Conv2d> chain, Tensor images, Generator random, Func<Tensor, Tensor?> alike)
    {
        using var noGrad = Autograd.NoGrad();
        using var scope = new TensorScope();
        var revived = 0;
        var features = images;
        for (var layer = 0; layer + 1 < chain.Count; layer++)
        {
            var (filters, next) = (chain[layer], chain[layer + 1]);
            var outputs = filters.Forward(features); // [N, O, H, W]
            var active = outputs.IsGreater(0).To(DType.Float32).Sum([0, 2, 3]).ToArray<float>(); // at how many pixels
            int[] dormant = [.. Enumerable.Range(0, active.Length).Where(filter => active[filter] == 0)];
            if (dormant.Length > 0)
            {
                var living = Moments(outputs).Deviations.Where((_, filter) => active[filter] > 0).Order().ToArray();
                Draw(filters, next, dormant, features, living.Length > 0 ? living[living.Length / 2] : 1, random, alike);
                outputs = filters.Forward(features);
                revived += dormant.Length;
            }

            features = Functional.Relu(outputs);
        }

        return revived;
    }

    private static void Draw(
        Conv2d filters, Conv2d next, int[] dormant, Tensor features, double deviation, Generator random, Func<Tensor, Tensor?> alike)
    {
        var weights = filters.Weight; // [O, I, k, k]
        var drawn = Tensor.Randn([dormant.Length, .. weights.Shape[1..]], random).To(weights.Device);
        drawn -= drawn.Mean([1, 2, 3], keep: true); // blind to what is the same all around
        var padding = weights.Size(2) / 2;
        var outputs = Functional.Conv2d(features, drawn, (padding, padding));
        var (means, deviations) = Moments(outputs);
        foreach (var (i, filter) in dormant.Index())
        {
            var scale = deviation / Math.Max(deviations[i], SmallestDeviation);
            Set(weights, 0, filter, drawn.Narrow(0, i, 1) * scale);
            if (filters.Bias is { } bias)
            {
                Set(bias, 0, filter, Tensor.Scalar(-means[i] * scale).Reshape(1));
            }

            Set(next.Weight, 1, filter, next.Weight.Narrow(1, filter, 1) * 0);
        }

        void Set(Tensor parameter, int dimension, int at, Tensor values)
        {
            parameter.Narrow(dimension, at, 1).CopyFrom(values);
            alike(parameter)?.Narrow(dimension, at, 1).CopyFrom(values);
        }
    }

    // Of each filter's output.
    private static (float[] Means, float[] Deviations) Moments(Tensor outputs)
    {
        var means = outputs.Mean([0, 2, 3], keep: true);
        return (means.ToArray<float>(), (outputs - means).Square().Mean([0, 2, 3]).Sqrt().ToArray<float>());
    }
}
