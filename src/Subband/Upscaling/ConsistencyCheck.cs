using System.Numerics;
using Subband.Imaging;

namespace Subband.Upscaling;

/// <summary>
/// Shrinks a finished picture by the exact <c>imresize</c>, rounding after each pass as it does, while its rows go by, and
/// tells how far the small picture is from it.
/// </summary>
/// <typeparam name="T"><see cref="byte"/> or <see cref="ushort"/>.</typeparam>
internal sealed class ConsistencyCheck<T>(IRowStream small, int scale, int white) : IDisposable
    where T : unmanaged, INumber<T>
{
    private static readonly Resampling Bicubic = new(ResamplingKernel.Bicubic);

    private readonly RowWindow _small = new(small);
    private readonly ResamplingAxis _columns = ResamplingAxis.Make(small.Width * scale, 0, small.Width, 1.0 / scale, Bicubic);
    private readonly List<T> _rows = [];
    private int _first;
    private int _next;

    /// <summary>The largest difference so far, in grey levels of the file.</summary>
    public int Worst { get; private set; }

    /// <summary>How many values differ by more than one grey level.</summary>
    public long Beyond { get; private set; }

    private int Stride => _small.Width * scale * _small.Channels;

    /// <summary>Takes the next rows of the finished picture, [n, W, C], colours only.</summary>
    public void Add(ReadOnlySpan<T> rows)
    {
        _rows.AddRange(rows);
        int height = _small.Height * scale;
        int arrived = _first + (_rows.Count / Stride);
        while (_next < _small.Height)
        {
            ResamplingAxis axis = ResamplingAxis.Make(height, _next, 1, 1.0 / scale, Bicubic).OfNeeded(out int low, out int high);
            if (high > arrived)
            {
                break;
            }

            T[] around = [.. System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_rows).Slice((low - _first) * Stride, (high - low) * Stride)];
            Compare(SeparableResampler.Resize<T, double>(around, _small.Width * scale, _small.Channels, axis, _columns, roundBetween: true));
            if (low - _first > 64)
            {
                _rows.RemoveRange(0, (low - _first) * Stride);
                _first = low;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _small.Dispose();

    private void Compare(T[] shrunk)
    {
        ReadOnlySpan<float> wanted = _small.Rows(_next, _next + 1);
        _next++;
        for (int i = 0; i < shrunk.Length; i++)
        {
            int difference = Math.Abs(int.CreateTruncating(shrunk[i]) - (int)Math.Round(wanted[i] * white));
            Worst = Math.Max(Worst, difference);
            Beyond += difference > 1 ? 1 : 0;
        }
    }
}
