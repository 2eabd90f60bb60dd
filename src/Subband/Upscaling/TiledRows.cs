using Subband.Torch;

namespace Subband.Upscaling;

/// <summary>A picture enlarged by a model, tile by tile, a band of tiles at a time.</summary>
/// <remarks>
/// A tile sees as many pixels beyond its own as the model reaches, so that the seams are equal on both sides; beyond the edge of
/// the image it sees the image mirrored, since the zeros that convolutions would put there leave a frame around the result. A model
/// that looks at the whole image is given the whole, or, where memory is short, tiles that pass gradually into each other.
/// </remarks>
internal sealed class TiledRows : IRowStream
{
    private readonly RowWindow _source;
    private readonly UpscalingModel _model;
    private readonly int _scale;
    private readonly bool _isGlobal;
    private readonly Action<string> _say;
    private readonly CancellationToken _stop;
    private TilePlan _plan;
    private float[] _carried = [];
    private int _next; // the first row of the small image whose tiles were not made yet
    private int _emitted; // new rows
    private bool _saidRetry;

    public TiledRows(IRowStream source, UpscalingModel model, int scale, TilePlan plan, Action<string> say, CancellationToken stop)
    {
        (_source, _model, _scale, _plan, _say, _stop) = (new RowWindow(source), model, scale, plan, say, stop);
        _isGlobal = model.Upscaler.Reach(scale) is null;
    }

    /// <inheritdoc/>
    public int Width => _source.Width * _scale;

    /// <inheritdoc/>
    public int Height => _source.Height * _scale;

    /// <inheritdoc/>
    public int Channels => _source.Channels;

    /// <summary>The tiles, as they are now.</summary>
    public TilePlan Plan => _plan;

    private int Stride => Width * Channels;

    /// <inheritdoc/>
    public ReadOnlySpan<float> Next()
    {
        if (_emitted == Height)
        {
            return [];
        }

        while (true)
        {
            try
            {
                return NextBand();
            }
            catch (Exception error) when (error is TensorMemoryException or OutOfMemoryException)
            {
                Shrink(error);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private void Shrink(Exception error)
    {
        TilePlan? smaller = _plan.Halved();
        if (_isGlobal && smaller is { Blend: 0 } cut)
        {
            smaller = cut.CutBlended();
            _say("the model looks at the whole image, for which memory is short; its tiles will not be quite what the whole would be");
        }

        _plan = _plan.ReplacedBy(smaller, error, _say);
        _ = Engine.Trim();
    }

    private ReadOnlySpan<float> NextBand()
    {
        int height = _source.Height;
        int top = _next;
        int bottom = Math.Min(height, top + _plan.Height);

        // what is left over must be enough to pass into
        bottom = height - bottom < 2 * _plan.Blend ? height : bottom;
        int low = Math.Max(0, top - _plan.Overlap);
        ReadOnlySpan<float> rows = _source.Rows(low, Math.Min(height, bottom + _plan.Overlap));
        int end = bottom == height ? Height : (bottom + _plan.Blend) * _scale;
        float[] band = new float[(end - _emitted) * Stride];
        _carried.CopyTo(band, 0);
        for (int left = 0; left < _source.Width;)
        {
            _stop.ThrowIfCancellationRequested();
            int right = Math.Min(_source.Width, left + _plan.Width);
            right = _source.Width - right < 2 * _plan.Blend ? _source.Width : right;
            Add(band, rows, low, new Part(left, right, top, bottom));
            left = right;
        }

        int finished = bottom == height ? Height : (bottom - _plan.Blend) * _scale;
        int done = (finished - _emitted) * Stride;
        _carried = band[done..];
        (_next, _emitted) = (bottom, finished);
        return band.AsSpan(0, done);
    }

    private void Add(float[] band, ReadOnlySpan<float> rows, int low, Part part)
    {
        int left = part.Left - _plan.Overlap;
        int top = part.Top - _plan.Overlap;
        int width = part.Right + _plan.Overlap - left;
        int height = part.Bottom + _plan.Overlap - top;
        int[] rowsSeen = [.. ModelPixels.Mirrored(top, height, _source.Height).Select(y => y - low)];
        float[] planes = Compute(ModelPixels.Seen(rows, _source.Width, Channels, left, left + width, rowsSeen), width, height);
        (int tileWidth, int tileHeight) = (width * _scale, height * _scale);
        float[] across = Weights(part.Left, part.Right, _source.Width);
        float[] down = Weights(part.Top, part.Bottom, _source.Height);
        int firstX = First(part.Left);
        int firstY = First(part.Top);
        int plane = tileWidth * tileHeight;
        for (int y = 0; y < down.Length; y++)
        {
            int from = ((firstY + y - (top * _scale)) * tileWidth) + firstX - (left * _scale);
            Span<float> row = band.AsSpan((firstY + y - _emitted) * Stride, Stride);
            for (int x = 0; x < across.Length; x++)
            {
                float weight = down[y] * across[x];
                int at = (firstX + x) * Channels;
                (float red, float green, float blue) = (planes[from + x], planes[plane + from + x], planes[(2 * plane) + from + x]);
                if (Channels == 1)
                {
                    row[at] += weight * ModelPixels.Grey(red, green, blue);
                }
                else
                {
                    row[at] += weight * red;
                    row[at + 1] += weight * green;
                    row[at + 2] += weight * blue;
                }
            }
        }
    }

    // the first new row or column that a part contributes to
    private int First(int begin) => begin == 0 ? 0 : (begin - _plan.Blend) * _scale;

    // 1 inside, and falling to 0 from one side of a seam to the other, so that two neighbours add up to 1
    private float[] Weights(int begin, int end, int length)
    {
        int blend = _plan.Blend;
        int first = First(begin);
        int last = end == length ? length * _scale : (end + blend) * _scale;
        float[] weights = new float[last - first];
        for (int i = 0; i < weights.Length; i++)
        {
            double at = (first + i + 0.5) / _scale;
            double rising = begin == 0 || blend == 0 ? 1 : Math.Clamp((at - (begin - blend)) / (2.0 * blend), 0, 1);
            double falling = end == length || blend == 0 ? 1 : Math.Clamp((end + blend - at) / (2.0 * blend), 0, 1);
            weights[i] = (float)(rising * falling);
        }

        return weights;
    }

    private float[] Compute(float[] tile, int width, int height)
    {
        float[] planes = _model.Run(tile, width, height, _scale, _model.Precision);
        if (ModelPixels.AreFinite(planes))
        {
            return planes;
        }

        if (_model.Precision != UpscalingPrecision.Fp32)
        {
            planes = _model.Run(tile, width, height, _scale, UpscalingPrecision.Fp32);
            if (ModelPixels.AreFinite(planes))
            {
                if (!_saidRetry)
                {
                    _say($"a tile held values that are no numbers in {_model.PrecisionName}, and was computed again in single precision");
                }

                _saidRetry = true;
                return planes;
            }
        }

        throw ModelPixels.NotFinite(_model);
    }

    private readonly record struct Part(int Left, int Right, int Top, int Bottom);
}
