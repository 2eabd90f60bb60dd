using System.Runtime.InteropServices;
using NetVips;

namespace Subband.Upscaling;

/// <summary>The pixels of a photograph in [0,1], decoded as they are asked for.</summary>
internal sealed class PhotographRows : IRowStream
{
    private const int BlockBytes = 4 << 20;

    private readonly Photograph _photograph;
    private readonly Image _image;
    private readonly Region _region;
    private readonly float[] _levels;
    private int _next;

    public PhotographRows(Photograph photograph)
    {
        _photograph = photograph;
        _levels = [.. Enumerable.Range(0, photograph.Layout.White + 1).Select(level => (float)level / photograph.Layout.White)];
        (_image, _region) = photograph.Guard(() =>
        {
            Image image = photograph.OpenColours();
            return (image, Region.New(image));
        });
    }

    /// <inheritdoc/>
    public int Width => _photograph.Layout.Width;

    /// <inheritdoc/>
    public int Height => _photograph.Layout.Height;

    /// <inheritdoc/>
    public int Channels => _photograph.Layout.Channels;

    /// <inheritdoc/>
    public ReadOnlySpan<float> Next()
    {
        if (_next == Height)
        {
            return [];
        }

        int rowBytes = Width * Channels * _photograph.Layout.Depth / 8;
        int rows = Math.Clamp(BlockBytes / rowBytes, 1, Math.Min(64, Height - _next));
        byte[] bytes = _photograph.Guard(() => _region.Fetch(0, _next, Width, rows));
        _next += rows;
        float[] samples = new float[rows * Width * Channels];
        if (_photograph.Layout.Depth == 16)
        {
            ReadOnlySpan<ushort> words = MemoryMarshal.Cast<byte, ushort>(bytes);
            for (int i = 0; i < samples.Length; i++)
            {
                samples[i] = _levels[words[i]];
            }
        }
        else
        {
            for (int i = 0; i < samples.Length; i++)
            {
                samples[i] = _levels[bytes[i]];
            }
        }

        return samples;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _region.Dispose();
        _image.Dispose();
    }
}
