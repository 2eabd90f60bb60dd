namespace Subband.Upscaling;

/// <summary>The rows of a stream that are still needed, so that they may be asked for by their numbers, from top to bottom.</summary>
internal sealed class RowWindow(IRowStream stream) : IDisposable
{
    private readonly RowMemory _rows = new();
    private int _at; // where in it the first row begins
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
            ReadOnlySpan<float> next = stream.Next();
            if (next.IsEmpty)
            {
                throw new InvalidOperationException($"The rows ended at {_first + _count} of {Height}.");
            }

            Append(next);
            Drop(Math.Min(from - _first, _count));
        }

        return _rows.Samples.Slice(_at + ((from - _first) * Stride), (to - from) * Stride);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stream.Dispose();
        _rows.Dispose();
    }

    private void Drop(int rows)
    {
        _at += rows * Stride;
        (_first, _count) = (_first + rows, _count - rows);
    }

    private void Append(ReadOnlySpan<float> next)
    {
        int used = _count * Stride;
        int wanted = used + next.Length;
        if (_at + wanted > _rows.Length)
        {
            // Twice the room, so that rows move to its beginning only once in a while.
            Span<float> kept = _rows.Samples.Slice(_at, used);
            if (2L * wanted <= _rows.Length)
            {
                kept.CopyTo(_rows.Samples);
            }
            else
            {
                _rows.Grow((int)Math.Min(2L * wanted, Array.MaxLength), kept);
            }

            _at = 0;
        }

        next.CopyTo(_rows.Samples[(_at + used)..]);
        _count += next.Length / Stride;
    }
}
