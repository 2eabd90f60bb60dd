namespace Subband.Imaging;

/// <summary>The linear maps d and u along one axis, as matrices <c>[to, from]</c> in row order.</summary>
internal static class PyramidMatrix
{
    /// <summary>The matrix of d.</summary>
    /// <param name="filter">Which pair.</param>
    /// <param name="from">The finer size n.</param>
    /// <param name="to">The coarser size m, at most n.</param>
    public static double[] Down(PyramidFilter filter, int from, int to)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(to, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to, from);
        return from == to ? Identity(from)
            : filter == PyramidFilter.Area ? AreaDown(from, to)
            : BinomialDown(from, to);
    }

    /// <summary>The matrix of u.</summary>
    /// <param name="filter">Which pair.</param>
    /// <param name="from">The coarser size m.</param>
    /// <param name="to">The finer size n, at least m.</param>
    public static double[] Up(PyramidFilter filter, int from, int to)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(from, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(to, from);
        return from == to ? Identity(from)
            : filter == PyramidFilter.Area ? LinearUp(from, to)
            : BinomialUp(from, to);
    }

    private static double[] Identity(int size)
    {
        var matrix = new double[size * size];
        for (int i = 0; i < size; i++)
        {
            matrix[(i * size) + i] = 1;
        }

        return matrix;
    }

    // In units of 1/m of a fine sample, coarse sample i covers [i n, (i+1) n] and fine sample j covers [j m, (j+1) m]:
    // the weights are quotients of whole numbers.
    private static double[] AreaDown(int n, int m)
    {
        var matrix = new double[m * n];
        for (long i = 0; i < m; i++)
        {
            for (long j = i * n / m; j < n && j * m < (i + 1) * n; j++)
            {
                long overlap = Math.Min((i + 1) * n, (j + 1) * m) - Math.Max(i * n, j * m);
                matrix[(i * n) + j] = (double)overlap / n;
            }
        }

        return matrix;
    }

    private static double[] LinearUp(int m, int n)
    {
        var matrix = new double[n * m];
        for (long i = 0; i < n; i++)
        {
            long position = i * (m - 1); // in units of 1/(n-1) of a coarse sample
            long j = position / (n - 1);
            long rest = position % (n - 1);
            matrix[(i * m) + j] = (double)(n - 1 - rest) / (n - 1);
            if (rest != 0)
            {
                matrix[(i * m) + j + 1] = (double)rest / (n - 1);
            }
        }

        return matrix;
    }

    private static double[] BinomialDown(int n, int m)
    {
        var matrix = new double[m * n];
        (double first, double step) = BinomialGrid(n, m);
        for (int i = 0; i < m; i++)
        {
            double centre = first + (i * step);
            Spread(matrix.AsSpan(i * n, n), centre, reach: 1.5 * step, distance => 2 * distance / step);
        }

        return matrix;
    }

    private static double[] BinomialUp(int m, int n)
    {
        var matrix = new double[n * m];
        (double first, double step) = BinomialGrid(n, m);
        for (int i = 0; i < n; i++)
        {
            double centre = (i - first) / step;
            Spread(matrix.AsSpan(i * m, m), centre, reach: 1.5, distance => 2 * distance);
        }

        return matrix;
    }

    // Where coarse sample 0 lies among the n fine ones, and how far apart the coarse ones are.
    private static (double First, double Step) BinomialGrid(int n, int m) =>
        m == (n + 1) / 2 ? (0, 2)
        : m == 1 ? ((n - 1) / 2.0, n)
        : (0, (n - 1.0) / (m - 1));

    // Fills a row with the kernel around a centre. What falls beyond an edge goes to the outermost sample.
    private static void Spread(Span<double> row, double centre, double reach, Func<double, double> toTaps)
    {
        double sum = 0;
        int left = (int)Math.Ceiling(centre - reach);
        int right = (int)Math.Floor(centre + reach);
        for (int j = left; j <= right; j++)
        {
            double weight = Kernel(toTaps(Math.Abs(j - centre)));
            row[Math.Clamp(j, 0, row.Length - 1)] += weight;
            sum += weight;
        }

        foreach (ref double weight in row)
        {
            weight /= sum;
        }
    }

    // 6, 4, 1 and 0 at the distances 0, 1, 2 and 3, linear between.
    private static double Kernel(double t) => t switch
    {
        < 1 => 6 - (2 * t),
        < 2 => 4 - (3 * (t - 1)),
        < 3 => 3 - t,
        _ => 0,
    };
}
