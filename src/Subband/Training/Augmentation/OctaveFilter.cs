using Subband.Imaging;
using Subband.Torch;

namespace Subband.Training.Augmentation;

/// <summary>Four bands of frequencies of images, each an octave but the lowest, made stronger or weaker.</summary>
/// <remarks>
/// Appendix B.2 of Karras et al. 2020: a bank of symmetric filters, from the symlet of two vanishing moments, that add up to
/// the identity. Images are mirrored beyond their edges.
/// </remarks>
internal static class OctaveFilter
{
    /// <summary>How many bands there are, the lowest frequencies first.</summary>
    public const int Bands = 4;

    // The symlet's low-pass filter correlated with itself and halved, from its middle outwards.
    private static readonly double[] LowPass = HalfOfAutocorrelation(
        [-0.12940952255092145, 0.22414386804185735, 0.836516303737469, 0.48296291314469025]);

    /// <summary>What share of a natural image's power each band holds.</summary>
    private static readonly double[] Power = [10 / 13.0, 1 / 13.0, 1 / 13.0, 1 / 13.0];

    /// <summary>One band made stronger or weaker, then all of them so that a natural image keeps its power.</summary>
    /// <param name="gains">The gains so far, one for each band; they are multiplied.</param>
    /// <param name="band">Which band.</param>
    /// <param name="gain">What it is multiplied by.</param>
    public static void Multiply(double[] gains, int band, double gain)
    {
        var all = Math.Sqrt(1 + (Power[band] * ((gain * gain) - 1)));
        for (var i = 0; i < Bands; i++)
        {
            gains[i] *= (i == band ? gain : 1) / all;
        }
    }

    /// <summary>Changes images.</summary>
    /// <param name="images">[N, C, H, W].</param>
    /// <param name="gains">For each image what its bands are multiplied by.</param>
    /// <returns>[N, C, H, W].</returns>
    public static Tensor Apply(Tensor images, IReadOnlyList<double[]> gains)
    {
        int[] chosen = [.. Enumerable.Range(0, gains.Count).Where(i => gains[i].Any(gain => gain != 1))];
        return PartOfBatch.Replace(images, chosen, part =>
        {
            var some = Tensor.From<double>([.. chosen.SelectMany(i => gains[i])], chosen.Length, Bands).To(part.DType).To(part.Device);
            var rows = Matrices(some, (int)part.Size(2));
            return rows.MatMul(part).MatMul(Matrices(some, (int)part.Size(3)).Transpose());
        });
    }

    /// <summary>[Bands, 2·reach + 1]: the filters, each in the middle of as many taps as the longest has.</summary>
    public static double[][] Filters()
    {
        double[] highPass = [.. LowPass.Select((tap, distance) => distance % 2 == 0 ? tap : -tap)];
        double[] low = Symmetric(LowPass), high = Symmetric(highPass);
        double[][] filters = [[1]];
        while (filters.Length < Bands)
        {
            // Every band so far an octave lower, and the highest octave split off.
            filters = [.. filters.Select(filter => Convolve(Spread(filter), low)), high];
        }

        var longest = filters[0].Length;
        return Array.ConvertAll(filters, filter =>
        {
            var padded = new double[longest];
            filter.CopyTo(padded, (longest - filter.Length) / 2);
            return padded;
        });
    }

    // For each image the matrix of its filter along an axis of mirrored images: [N, 1, size, size].
    private static Tensor Matrices(Tensor gains, int size)
    {
        var filters = Filters();
        var reach = filters[0].Length / 2;
        var bank = new double[Bands * size * size];
        for (var band = 0; band < Bands; band++)
        {
            for (var i = 0; i < size; i++)
            {
                for (var tap = 0; tap < filters[band].Length; tap++)
                {
                    bank[(((band * size) + i) * size) + MirrorImage.PixelWithEdgeOnce(i + tap - reach, size)] += filters[band][tap];
                }
            }
        }

        using var scope = new TensorScope();
        var matrices = Tensor.From(bank, Bands, size * size).To(gains.DType).To(gains.Device);
        return scope.Keep(gains.MatMul(matrices).View(gains.Size(0), 1, size, size));
    }

    private static double[] HalfOfAutocorrelation(double[] taps) =>
        [.. Enumerable.Range(0, taps.Length).Select(lag => taps.Skip(lag).Zip(taps, (a, b) => a * b).Sum() / 2)];

    // From the taps at 0, 1, 2, ... all of a symmetric filter.
    private static double[] Symmetric(double[] half) => [.. half.Skip(1).Reverse(), .. half];

    // Zeros between the taps.
    private static double[] Spread(double[] filter)
    {
        var spread = new double[(2 * filter.Length) - 1];
        for (var i = 0; i < filter.Length; i++)
        {
            spread[2 * i] = filter[i];
        }

        return spread;
    }

    private static double[] Convolve(double[] a, double[] b)
    {
        var result = new double[a.Length + b.Length - 1];
        for (var i = 0; i < a.Length; i++)
        {
            for (var j = 0; j < b.Length; j++)
            {
                result[i + j] += a[i] * b[j];
            }
        }

        return result;
    }
}
