namespace Subband.Upscaling;

/// <summary>The rows of a stream that are still needed, so that they may be asked for by their numbers, from top to bottom.</summary>
internal sealed class RowWindow(IRowStream stream) : IDisposable
{
    private float[] _rows = [];
    private int _first;
    private int _count;

    /// <summary>W.</summary>
    public int Width => stream.Width;

    /// <summary>H.</summary>
    public int Height => stream.Height;

    /// <summary>C.</summary>
    public int Channels => stream.Channels;

    private int Stride => stream.Width * stream.Channels;

    /// <summary>Some rows; those before them are gone for ever.</summary>
    /// <param name="from">The first, not before that of any earlier call.</param>
    /// <param name="to">One behind the last.</param>
    /// <returns>[to − from, W, C], valid until the next call.</returns>
    public ReadOnlySpan<float> Rows(int from, int to)
    {
        if (from < _first || to > Height || from >= to)
        {
            throw new ArgumentException($"Rows {from} to {to} were asked for; there are those from {_first} to {Height}.");
        }

        Drop(Math.Min(from - _first, _count));
        while (_first + _count < to)
        {
            float[] next = stream.Next() ?? throw new InvalidOperationException($"The rows ended at {_first + _count} of {Height}.");
            int rows = next.Length / Stride;
            if (_count == 0)
            {
                _rows = next;
            }
            else
            {
                Append(next);
            }

            _count += rows;
            Drop(Math.Min(from - _first, _count));
        }

        return _rows.AsSpan((from - _first) * Stride, (to - from) * Stride);
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    private void Drop(int rows)
    {
        if (rows <= 0)
        {
            return;
        }

        Array.Copy(_rows, rows * Stride, _rows, 0, (_count - rows) * Stride);
        (_first, _count) = (_first + rows, _count - rows);
    }

    private void Append(float[] next)
    {
        int used = _count * Stride;
        if (_rows.Length < used + next.Length)
        {
            Array.Resize(ref _rows, used + next.Length);
        }

        next.CopyTo(_rows, used);
    }
}
