using System.Collections.Concurrent;
using Subband.Torch;

namespace Subband.Imaging;

/// <summary>A pair of shrinking d and enlarging u.</summary>
public enum PyramidFilter
{
    /// <summary>
    /// d is the mean over the pixels an output pixel covers, those at its ends by their share; u is linear interpolation
    /// in which the corner pixels' centres coincide. What Torch7's <c>image.scale</c> does, and so LAPGAN's release.
    /// </summary>
    Area,

    /// <summary>
    /// The five taps (1 4 6 4 1) / 16 of Burt and Adelson, an output pixel i standing at input pixel i · ratio; u is the
    /// same filter transposed and normalised. At other ratios than 2 the filter is stretched to the ratio, linear between
    /// its taps. Beyond the border the image is mirrored without repeating the edge.
    /// </summary>
    Binomial,
}

/// <summary>The matrices of d and u along one axis: [to, from]. Each row sums to 1, so that flat areas stay exact.</summary>
internal static class PyramidMatrix
{
    private static readonly ConcurrentDictionary<(bool Up, int From, int To, PyramidFilter Filter, DType DType, Device Device), Lazy<Tensor>>
        Cache = new();

    public static Tensor Down(int from, int to, PyramidFilter filter, DType dtype, Device device) =>
        Get(up: false, from, to, filter, dtype, device);

    public static Tensor Up(int from, int to, PyramidFilter filter, DType dtype, Device device) =>
        Get(up: true, from, to, filter, dtype, device);

    /// <summary>The weights, row by row, in double precision.</summary>
    internal static double[,] Weights(bool up, int from, int to, PyramidFilter filter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(from, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(to, 1);
        if (up ? to < from : to > from)
        {
            throw new ArgumentException(
                $"A pyramid {(up ? "enlarges" : "shrinks")} here, but {from} pixels were to become {to}.", nameof(to));
        }

        return (filter, up) switch
        {
            (PyramidFilter.Area, false) => AreaDown(from, to),
            (PyramidFilter.Area, true) => LinearUp(from, to),
            (_, false) => Normalised(BinomialDown(from, to)),
            _ => Normalised(BinomialUp(from, to)),
        };
    }

    private static Tensor Get(bool up, int from, int to, PyramidFilter filter, DType dtype, Device device) =>
        Cache.GetOrAdd((up, from, to, filter, dtype, device), static key => new Lazy<Tensor>(() =>
        {
            using var scope = new TensorScope();
            var weights = Weights(key.Up, key.From, key.To, key.Filter);
            double[] flat = [.. weights.Cast<double>()];
            return TensorScope.Release(Tensor.From(flat, key.To, key.From).To(key.DType).To(key.Device).Clone());
        })).Value;

    // Output pixel i covers the input from i·ratio to (i+1)·ratio. The bounds are kept as whole numbers over `to`, so that
    // pixels that are not covered get exactly nothing.
    private static double[,] AreaDown(int from, int to)
    {
        var weights = new double[to, from];
        for (var i = 0; i < to; i++)
        {
            for (var j = 0; j < from; j++)
            {
                var covered = Math.Min((i + 1L) * from, (j + 1L) * to) - Math.Max((long)i * from, (long)j * to);
                weights[i, j] = Math.Max(covered, 0) / (double)from;
            }
        }

        return weights;
    }

    private static double[,] LinearUp(int from, int to)
    {
        var weights = new double[to, from];
        for (var i = 0; i < to; i++)
        {
            var position = to == 1 ? 0 : i * (from - 1.0) / (to - 1);
            var left = Math.Min((int)position, from - 1);
            var share = position - left;
            weights[i, left] += 1 - share;
            weights[i, Math.Min(left + 1, from - 1)] += share;
        }

        return weights;
    }

    private static double[,] BinomialDown(int from, int to)
    {
        var weights = new double[to, from];
        var ratio = (double)from / to;
        var reach = (int)Math.Ceiling(1.5 * ratio);
        for (var i = 0; i < to; i++)
        {
            var centre = i * ratio;
            for (var j = (int)centre - reach; j <= (int)centre + reach + 1; j++)
            {
                weights[i, Mirror(j, from)] += Binomial((j - centre) * 2 / ratio);
            }
        }

        return weights;
    }

    private static double[,] BinomialUp(int from, int to)
    {
        var weights = new double[to, from];
        var ratio = (double)to / from;
        for (var i = 0; i < to; i++)
        {
            var nearest = (int)(i / ratio);
            for (var j = nearest - 2; j <= nearest + 3; j++)
            {
                weights[i, Mirror(j, from)] += Binomial((i - (j * ratio)) * 2 / ratio);
            }
        }

        return weights;
    }

    // 6, 4, 1, 0 at the distances 0, 1, 2, 3, linear between.
    private static double Binomial(double offset)
    {
        var distance = Math.Abs(offset);
        return distance switch
        {
            < 1 => 6 - (2 * distance),
            < 2 => 4 - (3 * (distance - 1)),
            < 3 => 3 - distance,
            _ => 0,
        };
    }

    private static int Mirror(int index, int count)
    {
        if (count == 1)
        {
            return 0;
        }

        var period = 2 * (count - 1);
        var within = ((index % period) + period) % period;
        return within < count ? within : period - within;
    }

    private static double[,] Normalised(double[,] weights)
    {
        for (var i = 0; i < weights.GetLength(0); i++)
        {
            var sum = 0.0;
            for (var j = 0; j < weights.GetLength(1); j++)
            {
                sum += weights[i, j];
            }

            for (var j = 0; j < weights.GetLength(1); j++)
            {
                weights[i, j] /= sum;
            }
        }

        return weights;
    }
}
