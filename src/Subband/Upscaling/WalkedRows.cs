using Subband.Torch;

namespace Subband.Upscaling;

/// <summary>A picture enlarged by a model that takes it by its rows, a few at a time, which go through all layers before the next.</summary>
/// <remarks>
/// There are no tiles, and no pixel is computed twice but where a very wide picture is cut into columns, each of which sees as much of its
/// neighbours as the model reaches. Beyond the edge of the picture the model sees it mirrored for a few pixels, since the zeros that
/// convolutions put there would leave a frame around the result.
/// </remarks>
internal sealed class WalkedRows : IRowStream
{
    // With its last rows each layer completes all that waited for them, so that these are many anyway.
    private const int LastRows = 2;

    private readonly RowWindow _source;
    private readonly UpscalingModel _model;
    private readonly int _scale;
    private readonly Action<string> _say;
    private readonly CancellationToken _stop;
    private readonly RowMemory _band = new();
    private readonly RowMemory _column = new();
    private TilePlan _plan;
    private UpscalingPrecision _precision;
    private RowWalk[] _walks = []; // for each column
    private int _next; // the row that is given next; those before 0 and behind the last are mirrored
    private int _first; // the row of which the walks' first result is
    private int _made; // new rows that the walks have made
    private int _emitted; // new rows

    public WalkedRows(IRowStream source, UpscalingModel model, int scale, TilePlan plan, Action<string> say, CancellationToken stop)
    {
        (_source, _model, _scale, _plan, _say, _stop) = (new RowWindow(source), model, scale, plan, say, stop);
        _precision = model.Precision;
        Begin();
    }

    /// <inheritdoc/>
    public int Width => _source.Width * _scale;

    /// <inheritdoc/>
    public int Height => _source.Height * _scale;

    /// <inheritdoc/>
    public int Channels => _source.Channels;

    /// <summary>The columns and how many rows at a time, as they are now.</summary>
    public TilePlan Plan => _plan;

    private int Margin => _plan.Margin ?? 0;

    private int Columns => (_source.Width + _plan.Width - 1) / _plan.Width;

    /// <inheritdoc/>
    public ReadOnlySpan<float> Next()
    {
        while (_emitted < Height)
        {
            try
            {
                ReadOnlySpan<float> band = NextBand();
                if (!band.IsEmpty)
                {
                    return band;
                }
            }
            catch (Exception error) when (error is TensorMemoryException or OutOfMemoryException)
            {
                Shrink(error);
            }
        }

        return [];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Array.ForEach(_walks, walk => walk.Dispose());
        _source.Dispose();
        _band.Dispose();
        _column.Dispose();
    }

    // From the first row that was not returned yet; the walks need to see those above which it depends on.
    private void Begin()
    {
        Array.ForEach(_walks, walk => walk.Dispose());
        _walks = [.. Enumerable.Range(0, Columns).Select(_ => new RowWalk())];
        _next = _first = Math.Max(-Margin, (_emitted / _scale) - _plan.Overlap);
        _made = 0;
    }

    private void Shrink(Exception error)
    {
        _plan = _plan.ReplacedBy(_plan.Halved(), error, _say);
        Begin();
        _ = Engine.Trim();
    }

    private ReadOnlySpan<float> NextBand()
    {
        int height = _source.Height;
        int remaining = height + Margin - _next;
        bool isLast = remaining <= LastRows;
        int end = _next + (isLast ? remaining : Math.Min(_plan.Height, remaining - LastRows));

        // The window keeps what the walks need if they have to begin again, and what is mirrored at the bottom.
        int[] rowsSeen = ModelPixels.Mirrored(_next, end - _next, height);
        int low = Math.Min(Math.Max(0, (_emitted / _scale) - _plan.Overlap), rowsSeen.Min());
        ReadOnlySpan<float> rows = _source.Rows(low, rowsSeen.Max() + 1);
        rowsSeen = [.. rowsSeen.Select(y => y - low)];
        int begin = 0;
        int count = 0;
        for (int column = 0; column < Columns; column++)
        {
            _stop.ThrowIfCancellationRequested();
            (int left, int right) = (column * _plan.Width, Math.Min(_source.Width, (column + 1) * _plan.Width));
            int from = left - (left == 0 ? Margin : _plan.Overlap);
            int to = right + (right == _source.Width ? Margin : _plan.Overlap);
            float[] seen = ModelPixels.Seen(rows, _source.Width, Channels, from, to, rowsSeen);
            using TensorScope scope = new();
            Tensor pixels = Compute(_walks[column], seen, to - from, isLast); // [1, 3, rows, S·columns]
            if (column == 0)
            {
                int top = (_first * _scale) + _made;
                int made = (int)pixels.Size(2);
                (begin, int behind) = (Math.Max(_emitted, top) - top, Math.Min(Height, top + made) - top);
                count = Math.Max(0, behind - begin);
                _made += made;
            }

            if (count == 0)
            {
                continue;
            }

            Tensor wanted = pixels.Narrow(2, begin, count).Narrow(3, (left - from) * _scale, (right - left) * _scale);
            bool isBand = Columns == 1 && Channels == 3;
            Span<float> part = (isBand ? _band : _column).Room((int)wanted.Count);
            wanted.Permute(0, 2, 3, 1).CopyTo(part);
            if (!ModelPixels.AreFinite(part))
            {
                RetryInSinglePrecision();
                return [];
            }

            if (!isBand)
            {
                Put(part, _band.Room(count * Width * Channels), left * _scale, (right - left) * _scale);
            }
        }

        _next = end;
        _emitted += count;
        return _band.Room(count * Width * Channels);
    }

    private Tensor Compute(RowWalk walk, float[] pixels, int width, bool isLast)
    {
        using RowWalk.Step step = walk.Enter(isLast);
        return _model.RunRows(pixels, width, pixels.Length / 3 / width, _scale, _precision);
    }

    // A column's rows, [n, width, 3], into those of the picture, [n, W, C].
    private void Put(ReadOnlySpan<float> column, Span<float> band, int left, int width)
    {
        for (int y = 0; y * 3 * width < column.Length; y++)
        {
            ReadOnlySpan<float> row = column.Slice(y * 3 * width, 3 * width);
            Span<float> to = band.Slice(((y * Width) + left) * Channels, width * Channels);
            if (Channels == 3)
            {
                row.CopyTo(to);
                continue;
            }

            for (int x = 0; x < width; x++)
            {
                to[x] = ModelPixels.Grey(row[3 * x], row[(3 * x) + 1], row[(3 * x) + 2]);
            }
        }
    }

    private void RetryInSinglePrecision()
    {
        if (_precision == UpscalingPrecision.Fp32)
        {
            throw ModelPixels.NotFinite(_model);
        }

        _say($"some rows held values that are no numbers in {_model.PrecisionName}; from there on it was computed in single precision");
        _precision = UpscalingPrecision.Fp32;
        Begin();
    }
}
