using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Subband.Upscaling;

/// <summary>Turns rows of real numbers into the samples that a format holds.</summary>
internal sealed class OutputSamples
{
    private const int BlockSamples = 1 << 18;

    private readonly Photograph _photograph;
    private readonly bool _isFlattened;

    /// <summary>Finds out what a format holds of a photograph, and says what it does not.</summary>
    public OutputSamples(Photograph photograph, int width, int height, PhotographFormat format, bool strip, List<string> notes)
    {
        _photograph = photograph;
        PhotographLayout layout = photograph.Layout;
        _isFlattened = layout.HasAlpha && format == PhotographFormat.Jpeg;
        bool isReduced = layout.Depth == 16 && format is (PhotographFormat.Jpeg or PhotographFormat.WebP);
        if (_isFlattened)
        {
            notes.Add("JPEG holds no transparency: the picture is laid on white");
        }

        if (isReduced)
        {
            notes.Add($"{format} holds 8 bits a sample: the 16 are rounded");
        }

        if (!strip && format == PhotographFormat.Tiff && layout.Metadata.Any(field => field.Name == "exif-data"))
        {
            notes.Add("libvips writes no EXIF into TIFF: all but the orientation is left out");
        }

        Layout = layout with
        {
            Width = width,
            Height = height,
            HasAlpha = layout.HasAlpha && !_isFlattened,
            Depth = isReduced ? 8 : layout.Depth,
            Metadata = strip ? [] : layout.Metadata,
        };
    }

    /// <summary>What is written.</summary>
    public PhotographLayout Layout { get; }

    /// <summary>Sends all rows to the encoder.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="pipe">The way to the encoder.</param>
    /// <param name="check">What was planned, where the result is to be compared with the original; else null.</param>
    /// <param name="progress">Told how much is sent, from 0 to 1.</param>
    /// <param name="stop">Ends the work.</param>
    /// <returns>How far the shrunk result is from the original, where that was asked.</returns>
    public int? Send(UpscaledRows rows, RowPipe pipe, UpscalePlan? check, Action<double>? progress, CancellationToken stop)
    {
        int scale = check is null ? 0 : check.Width / _photograph.Layout.Width;
        using ConsistencyCheck<byte>? bytes = check is not null && Layout.Depth == 8
            ? new ConsistencyCheck<byte>(UpscaledRows.ColoursOf(_photograph), scale, Layout.White) : null;
        using ConsistencyCheck<ushort>? words = check is not null && Layout.Depth == 16
            ? new ConsistencyCheck<ushort>(UpscaledRows.ColoursOf(_photograph), scale, Layout.White) : null;
        int block = Math.Max(1, BlockSamples / (Layout.Width * Layout.Channels));
        for (int y = 0; y < Layout.Height; y += block)
        {
            stop.ThrowIfCancellationRequested();
            int end = Math.Min(Layout.Height, y + block);
            ReadOnlySpan<float> colours = rows.Colours.Rows(y, end);
            ReadOnlySpan<float> alpha = rows.Alpha is { } window ? window.Rows(y, end) : [];
            ArraySegment<byte> room = RowPipe.Room((end - y) * Layout.Width * Layout.Channels * Layout.Depth / 8);
            if (Layout.Depth == 8)
            {
                Span<byte> samples = room;
                Fill(samples, colours, alpha);
                bytes?.Add(ColoursOnly<byte>(samples));
            }
            else
            {
                Span<ushort> samples = MemoryMarshal.Cast<byte, ushort>(room.AsSpan());
                Fill(samples, colours, alpha);
                words?.Add(ColoursOnly<ushort>(samples));
                if (BitConverter.IsLittleEndian)
                {
                    BinaryPrimitives.ReverseEndianness(samples, samples);
                }
            }

            pipe.Write(room);
            progress?.Invoke((double)end / Layout.Height);
        }

        return bytes?.Worst ?? words?.Worst;
    }

    private void Fill<T>(Span<T> samples, ReadOnlySpan<float> colours, ReadOnlySpan<float> alpha)
        where T : unmanaged, INumberBase<T>
    {
        float white = Layout.White;
        if (alpha.IsEmpty)
        {
            bool areBytes = typeof(T) == typeof(byte);
            for (int i = areBytes ? FillVectors(MemoryMarshal.AsBytes(samples), colours, white) : 0; i < samples.Length; i++)
            {
                samples[i] = Level(colours[i]);
            }

            return;
        }

        int channels = Layout.ColourChannels;
        int at = 0;
        for (int pixel = 0; pixel < alpha.Length; pixel++)
        {
            float opacity = Math.Clamp(alpha[pixel], 0, 1);
            for (int c = 0; c < channels; c++)
            {
                float value = Math.Clamp(colours[(pixel * channels) + c], 0, 1);
                samples[at++] = Level(_isFlattened ? (value * opacity) + 1 - opacity : value);
            }

            if (Layout.HasAlpha)
            {
                samples[at++] = Level(opacity);
            }
        }

        T Level(float value) => T.CreateTruncating((Math.Clamp(value, 0, 1) * white) + 0.5f);
    }

    // The same as sample by sample, for as many as fill whole vectors; returns how many those are.
    private static int FillVectors(Span<byte> samples, ReadOnlySpan<float> colours, float white)
    {
        int width = Vector<float>.Count;
        int count = samples.Length - (samples.Length % (4 * width));
        for (int i = 0; i < count; i += 4 * width)
        {
            Vector<ushort> low = Vector.Narrow(Levels(colours[i..], white), Levels(colours[(i + width)..], white));
            Vector<ushort> high = Vector.Narrow(Levels(colours[(i + (2 * width))..], white), Levels(colours[(i + (3 * width))..], white));
            Vector.Narrow(low, high).CopyTo(samples[i..]);
        }

        return count;

        static Vector<uint> Levels(ReadOnlySpan<float> colours, float white)
        {
            Vector<float> values = Vector.Min(Vector.Max(new Vector<float>(colours), Vector<float>.Zero), Vector<float>.One);
            return Vector.AsVectorUInt32(Vector.ConvertToInt32((values * white) + new Vector<float>(0.5f)));
        }
    }

    private ReadOnlySpan<T> ColoursOnly<T>(ReadOnlySpan<T> samples)
    {
        if (!Layout.HasAlpha)
        {
            return samples;
        }

        List<T> colours = [];
        for (int pixel = 0; pixel < samples.Length; pixel += Layout.Channels)
        {
            colours.AddRange(samples.Slice(pixel, Layout.ColourChannels));
        }

        return CollectionsMarshal.AsSpan(colours);
    }
}
