using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Subband.Imaging;

/// <summary>The work and the memory of one thread of <see cref="SeparableResampler"/>: a few new rows by some hundred new columns.</summary>
/// <remarks>
/// The columns are summed over whole rows of samples. The result is turned so that the samples of the band's rows stand side
/// by side, which makes the sums along the rows contiguous too, for any number of channels.
/// </remarks>
internal sealed unsafe class ResamplingTile<T, TReal>
    where T : unmanaged, INumber<T>
    where TReal : unmanaged, IFloatingPointIeee754<TReal>
{
    /// <summary>New rows in a band: a whole number of pairs of vectors.</summary>
    public static readonly int Lanes = Math.Max(16, 2 * Vector<TReal>.Count);

    private const int Together = 4; // old rows that are added at once
    private const int Turned = 16; // columns that are turned at once: both sides of them lie in the first cache

    private readonly ResamplingAxis _rows;
    private readonly ResamplingAxis _columns;
    private readonly TReal[] _rowWeights;
    private readonly TReal[] _columnWeights;
    private readonly int _channels;
    private readonly bool _roundBetween;
    private readonly TReal[] _lines; // old rows: [Together, columns, channels]
    private readonly TReal[] _sums; // the band after the first pass: [Lanes, columns, channels]
    private readonly TReal[] _turned; // the same: [columns, channels, Lanes]
    private readonly TReal[] _results; // after the second: [new columns, channels, Lanes]

    public ResamplingTile(
        ResamplingAxis rows, ResamplingAxis columns, TReal[] rowWeights, TReal[] columnWeights, int channels, int[] cuts, bool roundBetween)
    {
        _rows = rows;
        _columns = columns;
        _rowWeights = rowWeights;
        _columnWeights = columnWeights;
        _channels = channels;
        _roundBetween = roundBetween;
        int span = 0;
        int newSpan = 0;
        for (int cut = 0; cut + 1 < cuts.Length; cut++)
        {
            span = Math.Max(span, Span(cuts[cut], cuts[cut + 1]) * channels);
            newSpan = Math.Max(newSpan, (cuts[cut + 1] - cuts[cut]) * channels);
        }

        _lines = new TReal[Together * span];
        _sums = new TReal[Lanes * span];
        _turned = new TReal[Lanes * span];
        _results = new TReal[Lanes * newSpan];
    }

    /// <summary>Computes a part of the new rows and columns.</summary>
    /// <param name="source">The old samples.</param>
    /// <param name="target">The new ones.</param>
    /// <param name="top">The first new row.</param>
    /// <param name="bottom">The new row behind the last, at most <see cref="Lanes"/> further.</param>
    /// <param name="left">The first new column.</param>
    /// <param name="right">The new column behind the last.</param>
    public void Resize(T* source, T* target, int top, int bottom, int left, int right)
    {
        int begin = _columns.First[left];
        int columns = Span(left, right);
        int stride = columns * _channels;
        AddRows(source, top, bottom, begin, columns);
        if (_roundBetween)
        {
            SampleVectors.RoundTo<T, TReal>(_sums.AsSpan(0, (bottom - top) * stride));
        }

        Turn(bottom - top, stride);
        AddColumns(begin, left, right);
        int newStride = (right - left) * _channels;
        if (IsRounded)
        {
            SampleVectors.RoundTo<T, TReal>(_results.AsSpan(0, newStride * Lanes));
        }

        for (int y = top; y < bottom; y++)
        {
            long at = ((long)y * _columns.Length * _channels) + ((long)left * _channels);
            TurnBack(y - top, new Span<T>(target + at, newStride));
        }
    }

    private static bool IsRounded => typeof(T) == typeof(byte) || typeof(T) == typeof(ushort);

    private int Span(int left, int right) => _columns.First[right - 1] + _columns.Taps - _columns.First[left];

    // Several old rows at a time, so that the sums are not read and written anew for each.
    private void AddRows(T* source, int top, int bottom, int begin, int columns)
    {
        int stride = columns * _channels;
        Array.Clear(_sums, 0, (bottom - top) * stride);
        int last = _rows.First[bottom - 1] + _rows.Taps;
        (int low, int high) = (top, top); // the new rows to which any of the old ones belongs
        for (int row = _rows.First[top]; row < last; row += Together)
        {
            int end = Math.Min(row + Together, last);
            while (high < bottom && _rows.First[high] < end)
            {
                high++;
            }

            while (low < high && _rows.First[low] + _rows.Taps <= row)
            {
                low++;
            }

            for (int old = row; old < end && low < high; old++)
            {
                Read(source + ((long)_rows.Source(old) * _columns.From * _channels), begin, columns, (old - row) * stride);
            }

            for (int y = low; y < high; y++)
            {
                int from = Math.Max(row, _rows.First[y]);
                int to = Math.Min(end, _rows.First[y] + _rows.Taps);
                SampleVectors.AddScaled<TReal>(
                    _sums.AsSpan((y - top) * stride, stride),
                    _lines.AsSpan((from - row) * stride, (to - from) * stride),
                    _rowWeights.AsSpan((y * _rows.Taps) + from - _rows.First[y], to - from));
            }
        }
    }

    // One old row, with what lies beyond the edges.
    private void Read(T* row, int begin, int columns, int at)
    {
        Span<TReal> line = _lines.AsSpan(at, columns * _channels);
        int inside = Math.Max(0, begin);
        int end = Math.Max(inside, Math.Min(begin + columns, _columns.From));
        SampleVectors.Convert(
            new ReadOnlySpan<T>(row + ((long)inside * _channels), (end - inside) * _channels),
            line[((inside - begin) * _channels)..]);
        for (int x = begin; x < begin + columns; x++)
        {
            if (x >= inside && x < end)
            {
                x = end - 1;
                continue;
            }

            for (int c = 0; c < _channels; c++)
            {
                line[((x - begin) * _channels) + c] = TReal.CreateTruncating(row[((long)_columns.Source(x) * _channels) + c]);
            }
        }
    }

    private void Turn(int rows, int stride)
    {
        ref TReal from = ref MemoryMarshal.GetArrayDataReference(_sums);
        ref TReal to = ref MemoryMarshal.GetArrayDataReference(_turned);
        int begin = 0;
        if (typeof(TReal) == typeof(float) && SquareTurn.IsSupported && rows == Lanes)
        {
            for (; begin <= stride - SquareTurn.Side; begin += SquareTurn.Side)
            {
                for (int row = 0; row < rows; row += SquareTurn.Side)
                {
                    SquareTurn.Turn(
                        ref Unsafe.As<TReal, float>(ref Unsafe.Add(ref from, (row * stride) + begin)),
                        stride,
                        ref Unsafe.As<TReal, float>(ref Unsafe.Add(ref to, (begin * Lanes) + row)),
                        Lanes);
                }
            }
        }

        for (; begin < stride; begin += Turned)
        {
            int end = Math.Min(begin + Turned, stride);
            for (int row = 0; row < rows; row++)
            {
                for (int i = begin; i < end; i++)
                {
                    Unsafe.Add(ref to, (i * Lanes) + row) = Unsafe.Add(ref from, (row * stride) + i);
                }
            }
        }
    }

    private void AddColumns(int begin, int left, int right)
    {
        ref TReal from = ref MemoryMarshal.GetArrayDataReference(_turned);
        ref TReal to = ref MemoryMarshal.GetArrayDataReference(_results);
        int step = _channels * Lanes;
        for (int x = left; x < right; x++)
        {
            ref TReal first = ref Unsafe.Add(ref from, (_columns.First[x] - begin) * step);
            ReadOnlySpan<TReal> weights = _columnWeights.AsSpan(x * _columns.Taps, _columns.Taps);
            for (int i = 0; i < step; i += 2 * Vector<TReal>.Count)
            {
                // Two vectors at a time hide some of the time that an addition waits for the one before.
                Vector<TReal> a = Vector<TReal>.Zero;
                Vector<TReal> b = Vector<TReal>.Zero;
                ref TReal old = ref Unsafe.Add(ref first, i);
                foreach (TReal weight in weights)
                {
                    var w = new Vector<TReal>(weight);
                    a += w * Vector.LoadUnsafe(ref old);
                    b += w * Vector.LoadUnsafe(ref old, (nuint)Vector<TReal>.Count);
                    old = ref Unsafe.Add(ref old, step);
                }

                ref TReal result = ref Unsafe.Add(ref to, ((x - left) * step) + i);
                a.StoreUnsafe(ref result);
                b.StoreUnsafe(ref result, (nuint)Vector<TReal>.Count);
            }
        }
    }

    private void TurnBack(int row, Span<T> target)
    {
        ref TReal from = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_results), row);
        ref T to = ref MemoryMarshal.GetReference(target);
        for (int i = 0; i < target.Length; i++)
        {
            Unsafe.Add(ref to, i) = SampleVectors.ToSample<T, TReal>(Unsafe.Add(ref from, i * Lanes));
        }
    }
}
