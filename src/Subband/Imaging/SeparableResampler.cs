using System.Numerics;

namespace Subband.Imaging;

/// <summary>Applies the weights of two axes to interleaved samples: first along the columns, then along the rows.</summary>
/// <remarks>
/// The work is cut into bands of new rows, which threads share, and each band into tiles of columns whose intermediate
/// results stay in a core's cache, see <see cref="ResamplingTile{T, TReal}"/>. The order of the additions that make one
/// sample is always that of the taps, so that neither threads nor tiles nor windows change a single bit.
/// </remarks>
internal static unsafe class SeparableResampler
{
    // Below so many products the threads would cost more than they bring.
    private const long WorthThreads = 1 << 18;

    // Samples of one row in a tile: with the rows of a band in both layouts about 200 kB in single precision.
    private const int TileSamples = 1536;

    /// <summary>Resizes, in the precision of <typeparamref name="TReal"/>.</summary>
    /// <typeparam name="T"><see cref="byte"/> or <see cref="ushort"/>, whose results are rounded half up and clamped; or float or double.</typeparam>
    /// <typeparam name="TReal">float, or double where the last bit matters.</typeparam>
    /// <param name="source">[H, W, C].</param>
    /// <param name="width">W.</param>
    /// <param name="channels">C.</param>
    /// <param name="rows">The new rows.</param>
    /// <param name="columns">The new columns.</param>
    /// <param name="roundBetween">Whether the result of the first pass is rounded and clamped to the type of the samples too.</param>
    /// <param name="threaded">Whether other threads may help.</param>
    /// <returns>[H', W', C].</returns>
    public static T[] Resize<T, TReal>(
        T[] source, int width, int channels, ResamplingAxis rows, ResamplingAxis columns, bool roundBetween = false, bool threaded = true)
        where T : unmanaged, INumber<T>
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
    {
        T[] target = GC.AllocateUninitializedArray<T>(checked(rows.Length * columns.Length * channels));
        fixed (T* from = source, to = target)
        {
            Resize<T, TReal>(from, to, 1, width, channels, rows, columns, roundBetween, threaded);
        }

        return target;
    }

    /// <summary>The same for several planes that follow each other in memory.</summary>
    /// <param name="source">[P, H, W, C].</param>
    /// <param name="target">[P, H', W', C].</param>
    /// <param name="planes">P.</param>
    /// <param name="width">W.</param>
    /// <param name="channels">C.</param>
    /// <param name="rows">The new rows.</param>
    /// <param name="columns">The new columns.</param>
    /// <param name="roundBetween">Whether the result of the first pass is rounded and clamped to the type of the samples too.</param>
    /// <param name="threaded">Whether other threads may help.</param>
    /// <inheritdoc cref="Resize{T, TReal}(T[], int, int, ResamplingAxis, ResamplingAxis, bool, bool)" path="/typeparam"/>
    public static void Resize<T, TReal>(
        T* source, T* target, long planes, int width, int channels, ResamplingAxis rows, ResamplingAxis columns, bool roundBetween, bool threaded)
        where T : unmanaged, INumber<T>
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
    {
        int lanes = ResamplingTile<T, TReal>.Lanes;
        TReal[] rowWeights = Array.ConvertAll(rows.Weights, TReal.CreateChecked);
        TReal[] columnWeights = Array.ConvertAll(columns.Weights, TReal.CreateChecked);
        int[] cuts = Cut(columns, channels);
        int bands = (rows.Length + lanes - 1) / lanes;
        long plane = (long)rows.From * width * channels;
        long newPlane = (long)rows.Length * columns.Length * channels;

        long jobs = planes * bands;
        long next = 0;

        // Each thread takes the next job until there is none: one tile of memory a thread, however many jobs there are.
        void Work()
        {
            ResamplingTile<T, TReal>? tile = null;
            while (Interlocked.Increment(ref next) - 1 is var job && job < jobs)
            {
                tile ??= new(rows, columns, rowWeights, columnWeights, channels, cuts, roundBetween);
                (long p, int begin) = (job / bands, (int)(job % bands) * lanes);
                for (int cut = 0; cut + 1 < cuts.Length; cut++)
                {
                    tile.Resize(source + (p * plane), target + (p * newPlane), begin, Math.Min(begin + lanes, rows.Length), cuts[cut], cuts[cut + 1]);
                }
            }
        }

        bool worthwhile = newPlane * planes * (rows.Taps + columns.Taps) >= WorthThreads;
        int threads = threaded && worthwhile ? (int)Math.Min(Environment.ProcessorCount, jobs) : 1;
        if (threads == 1)
        {
            Work();
        }
        else
        {
            _ = Parallel.For(0, threads, _ => Work());
        }
    }

    // The first new columns of the tiles, and behind them the number of all.
    private static int[] Cut(ResamplingAxis columns, int channels)
    {
        List<int> cuts = [0];
        for (int x = 1; x < columns.Length; x++)
        {
            int begin = cuts[^1];
            int span = columns.First[x] + columns.Taps - columns.First[begin];
            if ((long)span * channels > TileSamples || (long)(x + 1 - begin) * channels > 2 * TileSamples)
            {
                cuts.Add(x);
            }
        }

        return [.. cuts, columns.Length];
    }
}
