using Subband.Imaging;
using Subband.Torch;

namespace Subband.Metrics;

/// <summary>Structural similarity: 1 for equal pictures, less the more patterns, contrast and brightness of small regions differ.</summary>
/// <remarks>
/// Wang, Bovik, Sheikh and Simoncelli, "Image Quality Assessment: From Error Visibility to Structural Similarity", IEEE
/// Trans. Image Processing 13 (2004), with the constants of its authors' program and of the super-resolution literature:
/// a Gaussian window of 11x11 with σ = 1.5 and the sum 1, K₁ = 0.01, K₂ = 0.03, L = 255; only windows that lie within the
/// picture count; the mean over them, in double precision. (SRGAN's paper used another implementation, whose numbers are higher.)
/// </remarks>
public static class Ssim
{
    private const int Side = 11;
    private const double Deviation = 1.5;
    private const double C1 = 0.01 * 255 * (0.01 * 255);
    private const double C2 = 0.03 * 255 * (0.03 * 255);
    private const int Band = 64; // rows of a thread's share

    private static readonly double[] Window = Gaussian();

    /// <summary>The similarity of the brightness, BT.601 studio and not rounded.</summary>
    /// <param name="reference">The true picture.</param>
    /// <param name="image">The picture that is measured, of the same size.</param>
    /// <param name="crop">How many pixels at each side do not count; the scale, by custom.</param>
    /// <exception cref="SubbandException">The sizes differ, or less than 11x11 pixels are left.</exception>
    public static double OfLuma(Rgb8Image reference, Rgb8Image image, int crop = 0)
    {
        (MeasuredPlane a, MeasuredPlane b) = MeasuredPlanes.Luma(reference, image, crop);
        return Mean(a, b);
    }

    /// <summary>The mean of the similarities of red, green and blue.</summary>
    /// <inheritdoc cref="OfLuma"/>
    public static double OfRgb(Rgb8Image reference, Rgb8Image image, int crop = 0)
    {
        double sum = 0;
        for (int channel = 0; channel < 3; channel++)
        {
            (MeasuredPlane a, MeasuredPlane b) = MeasuredPlanes.Channel(reference, image, crop, channel);
            sum += Mean(a, b);
        }

        return sum / 3;
    }

    private static double Mean(MeasuredPlane a, MeasuredPlane b)
    {
        if (Math.Min(a.Width, a.Height) < Side)
        {
            throw new SubbandException(
                $"SSIM looks at windows of {Side}x{Side} pixels, but without the border the pictures are {a.Width}x{a.Height}.");
        }

        (int width, int height) = (a.Width - Side + 1, a.Height - Side + 1);
        double[] rows = new double[height];
        int bands = (height + Band - 1) / Band;
        _ = Parallel.For(0, bands, band =>
        {
            int end = Math.Min(height, (band + 1) * Band);
            MomentRows moments = new(a, b, width);
            for (int y = band * Band; y < end; y++)
            {
                rows[y] = moments.Similarities(y);
            }
        });
        return rows.Sum() / ((double)width * height);
    }

    private static double[] Gaussian()
    {
        double[] window = [.. Enumerable.Range(0, Side).Select(i => Math.Exp(-(i - (Side / 2)) * (i - (Side / 2)) / (2 * Deviation * Deviation)))];
        double sum = window.Sum();
        return [.. window.Select(weight => weight / sum)];
    }

    /// <summary>
    /// The window is a product, so each row is smoothed along itself once, and eleven of them then along the columns. Only
    /// eleven rows are kept.
    /// </summary>
    private sealed class MomentRows(MeasuredPlane a, MeasuredPlane b, int width)
    {
        private const int Kinds = 5; // a, b, a², b², ab

        private readonly double[,][] _rows = new double[Side, Kinds][];
        private readonly double[][] _sums = [.. Enumerable.Range(0, Kinds).Select(_ => new double[width])];
        private readonly double[][] _products = [.. Enumerable.Range(0, Kinds).Select(_ => new double[a.Width])];
        private int _next = -1;

        // The sum over the windows whose first row is y. Rows are asked for in order.
        public double Similarities(int y)
        {
            for (_next = _next < 0 ? y : _next; _next < y + Side; _next++)
            {
                SmoothRow(_next);
            }

            for (int kind = 0; kind < Kinds; kind++)
            {
                double[] sum = _sums[kind];
                Array.Clear(sum);
                for (int k = 0; k < Side; k++)
                {
                    Add(sum, Window[k], _rows[(y + k) % Side, kind]);
                }
            }

            double total = 0;
            for (int x = 0; x < width; x++)
            {
                (double meanA, double meanB) = (_sums[0][x], _sums[1][x]);
                double varianceA = _sums[2][x] - (meanA * meanA);
                double varianceB = _sums[3][x] - (meanB * meanB);
                double covariance = _sums[4][x] - (meanA * meanB);
                total += ((2 * meanA * meanB) + C1) * ((2 * covariance) + C2)
                    / (((meanA * meanA) + (meanB * meanB) + C1) * (varianceA + varianceB + C2));
            }

            return total;
        }

        private void SmoothRow(int y)
        {
            ReadOnlySpan<double> rowA = a.Values.AsSpan(y * a.Width, a.Width);
            ReadOnlySpan<double> rowB = b.Values.AsSpan(y * a.Width, a.Width);
            for (int x = 0; x < rowA.Length; x++)
            {
                (_products[0][x], _products[1][x]) = (rowA[x], rowB[x]);
                (_products[2][x], _products[3][x], _products[4][x]) = (rowA[x] * rowA[x], rowB[x] * rowB[x], rowA[x] * rowB[x]);
            }

            for (int kind = 0; kind < Kinds; kind++)
            {
                double[] smooth = _rows[y % Side, kind] ??= new double[width];
                Array.Clear(smooth);
                for (int k = 0; k < Side; k++)
                {
                    Add(smooth, Window[k], _products[kind].AsSpan(k, width));
                }
            }
        }

        private static void Add(Span<double> sum, double weight, ReadOnlySpan<double> values)
        {
            for (int x = 0; x < sum.Length; x++)
            {
                sum[x] += weight * values[x];
            }
        }
    }
}
