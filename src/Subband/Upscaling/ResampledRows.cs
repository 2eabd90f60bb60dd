using Subband.Imaging;

namespace Subband.Upscaling;

/// <summary>A picture at another size, exactly as <see cref="Resampler"/> would make it of the whole.</summary>
internal sealed class ResampledRows : IRowStream
{
    private const int BlockSamples = 1 << 22;

    private readonly RowWindow _source;
    private readonly Resampling _how;
    private readonly ResamplingAxis _columns;
    private int _next;

    public ResampledRows(IRowStream source, int width, int height, Resampling how)
    {
        (_source, _how, Width, Height) = (new RowWindow(source), how, width, height);
        _columns = ResamplingAxis.Make(source.Width, 0, width, (double)width / source.Width, how);
    }

    /// <inheritdoc/>
    public int Width { get; }

    /// <inheritdoc/>
    public int Height { get; }

    /// <inheritdoc/>
    public int Channels => _source.Channels;

    /// <inheritdoc/>
    public ReadOnlySpan<float> Next()
    {
        if (_next == Height)
        {
            return [];
        }

        // neither the old nor the new rows of a block may be many
        double factor = (double)Height / _source.Height;
        double samplesOfRow = Channels * Math.Max(Width, _source.Width / factor);
        int rows = Math.Clamp((int)(BlockSamples / samplesOfRow), 1, Height - _next);
        ResamplingAxis axis = ResamplingAxis.Make(_source.Height, _next, rows, factor, _how).OfNeeded(out int low, out int high);
        float[] old = _source.Rows(low, high).ToArray();
        _next += rows;
        return SeparableResampler.Resize<float, float>(old, _source.Width, Channels, axis, _columns);
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();
}
