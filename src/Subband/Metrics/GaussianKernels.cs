using Subband.Torch;

namespace Subband.Metrics;

/// <summary>Equal round Gaussians, one at each of many centres: the density estimate of Parzen (1962).</summary>
internal static class GaussianKernels
{
    // Blocks bound the memory: 512 x 4096 distances are 16 MB, and 4096 centres of 32x32 RGB in float64 are 100 MB.
    private const long PointBlock = 512;
    private const long CentreBlock = 4096;

    /// <summary>log of the mean over the centres of N(x; centre, width²·I), for every point.</summary>
    /// <param name="points">[P, D], any floating type or bytes.</param>
    /// <param name="centres">[N, D], the same.</param>
    /// <param name="width">The standard deviation of a kernel, in the units of the values.</param>
    /// <param name="cancellation">Looked at between blocks.</param>
    public static double[] LogDensities(Tensor points, Tensor centres, double width, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        var sums = Tensor.Empty( // log Σ exp(−d²/2σ²) over the centres of each block
            [Blocks(centres.Size(0), CentreBlock), points.Size(0)], DType.Float64, centres.Device);
        ForEachBlock(
            points,
            centres,
            (pointBlock, centreBlock, squared) => sums
                .Select(0, centreBlock)
                .Narrow(0, pointBlock * PointBlock, squared.Size(0))
                .CopyFrom(squared.MulInPlace(-0.5 / (width * width)).LogSumExp([1])),
            cancellation);
        return (sums.LogSumExp([0]) + LogNormaliser(centres.Size(0), points.Size(1), width)).ToArray<double>();
    }

    /// <summary>The squared distances of all points to all centres, float64 [P, N].</summary>
    /// <inheritdoc cref="LogDensities"/>
    public static Tensor SquaredDistances(Tensor points, Tensor centres, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        var all = Tensor.Empty([points.Size(0), centres.Size(0)], DType.Float64, centres.Device);
        ForEachBlock(
            points,
            centres,
            (pointBlock, centreBlock, squared) => all
                .Narrow(0, pointBlock * PointBlock, squared.Size(0))
                .Narrow(1, centreBlock * CentreBlock, squared.Size(1))
                .CopyFrom(squared),
            cancellation);
        return scope.Keep(all);
    }

    /// <summary>The same log-densities from distances that are known, one row of centres to each point.</summary>
    /// <param name="squaredDistances">float64 [P, N].</param>
    /// <param name="dimensions">D.</param>
    /// <param name="width">The standard deviation of a kernel.</param>
    public static double[] LogDensitiesAt(Tensor squaredDistances, long dimensions, double width)
    {
        using var scope = new TensorScope();
        var constant = LogNormaliser(squaredDistances.Size(1), dimensions, width);
        return ((squaredDistances * (-0.5 / (width * width))).LogSumExp([1]) + constant).ToArray<double>();
    }

    private static double LogNormaliser(long centres, long dimensions, double width) =>
        -Math.Log(centres) - (dimensions * Math.Log(width * Math.Sqrt(2 * Math.PI)));

    // |x − c|² = |x|² + |c|² − 2 x·c, a matrix product. Distances do not change when the mean of the centres is taken
    // away from both, and then the three terms are no larger than the result. All in float64.
    private static void ForEachBlock(
        Tensor points, Tensor centres, Action<int, int, Tensor> use, CancellationToken cancellation)
    {
        var mean = MeanOf(centres);
        for (var c = 0; c < Blocks(centres.Size(0), CentreBlock); c++)
        {
            using var centreScope = new TensorScope();
            var centre = Block(centres, c, CentreBlock, mean);
            var centreSquares = centre.Square().Sum([1]); // [n]
            var centreColumns = centre.Transpose();
            for (var p = 0; p < Blocks(points.Size(0), PointBlock); p++)
            {
                cancellation.ThrowIfCancellationRequested();
                using var pointScope = new TensorScope();
                var point = Block(points, p, PointBlock, mean);
                var squared = point.MatMul(centreColumns).MulInPlace(-2)
                    .AddInPlace(centreSquares)
                    .AddInPlace(point.Square().Sum([1], keep: true))
                    .ClampInPlace(0, null); // [p, n]
                use(p, c, squared);
            }
        }
    }

    private static Tensor MeanOf(Tensor rows)
    {
        using var scope = new TensorScope();
        var sum = Tensor.Zeros([rows.Size(1)], DType.Float64, rows.Device);
        for (var b = 0; b < Blocks(rows.Size(0), CentreBlock); b++)
        {
            using var blockScope = new TensorScope();
            sum.AddInPlace(Block(rows, b, CentreBlock, null).Sum([0]));
        }

        return scope.Keep(sum.DivInPlace(rows.Size(0)));
    }

    private static Tensor Block(Tensor rows, int index, long size, Tensor? less)
    {
        var start = index * size;
        var block = rows.Narrow(0, start, Math.Min(size, rows.Size(0) - start)).To(DType.Float64);
        return less is null ? block : block - less;
    }

    private static int Blocks(long count, long size) => checked((int)((count + size - 1) / size));
}
