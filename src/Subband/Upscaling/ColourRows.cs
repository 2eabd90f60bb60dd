namespace Subband.Upscaling;

/// <summary>The colours of a picture with transparency, those of fully transparent pixels taken from their surroundings.</summary>
/// <remarks>
/// What colour a transparent pixel has in a file is nobody's choice, commonly black; enlarged as it is, it would leave a dark
/// fringe around what is visible. So it becomes the mean of the colours within 1, else 4, else 16 pixels, weighed by opacity.
/// Pixels that are visible keep theirs, and so do those which nothing visible is near.
/// </remarks>
internal sealed class ColourRows(IRowStream source) : IRowStream
{
    private const int BlockRows = 64;

    private static readonly int[] Radii = [1, 4, 16];

    private readonly RowWindow _source = new(source);
    private int _next;

    /// <inheritdoc/>
    public int Width => _source.Width;

    /// <inheritdoc/>
    public int Height => _source.Height;

    /// <inheritdoc/>
    public int Channels => _source.Channels - 1;

    /// <inheritdoc/>
    public ReadOnlySpan<float> Next()
    {
        if (_next == Height)
        {
            return [];
        }

        int end = Math.Min(Height, _next + BlockRows);
        int low = Math.Max(0, _next - Radii[^1]);
        int high = Math.Min(Height, end + Radii[^1]);
        float[] around = _source.Rows(low, high).ToArray();
        double[]? sums = IsAnyTransparent(around, _next - low, end - low) ? Sums(around) : null;
        float[] colours = new float[(end - _next) * Width * Channels];
        for (int y = _next; y < end; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                Span<float> pixel = colours.AsSpan((((y - _next) * Width) + x) * Channels, Channels);
                ReadOnlySpan<float> old = around.AsSpan((((y - low) * Width) + x) * (Channels + 1), Channels + 1);
                if (old[Channels] > 0 || !TakeAround(sums!, pixel, x, y - low, high - low))
                {
                    old[..Channels].CopyTo(pixel);
                }
            }
        }

        _next = end;
        return colours;
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private bool IsAnyTransparent(float[] rows, int from, int to)
    {
        for (int i = (from * Width * (Channels + 1)) + Channels; i < to * Width * (Channels + 1); i += Channels + 1)
        {
            if (rows[i] <= 0)
            {
                return true;
            }
        }

        return false;
    }

    // For each row the running sums of opacity and of colours times opacity, [rows, W + 1, C + 1].
    private double[] Sums(float[] rows)
    {
        int samples = Channels + 1;
        int count = rows.Length / (Width * samples);
        double[] sums = new double[count * (Width + 1) * samples];
        for (int y = 0; y < count; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                ReadOnlySpan<float> pixel = rows.AsSpan(((y * Width) + x) * samples, samples);
                int at = ((y * (Width + 1)) + x) * samples;
                for (int c = 0; c < samples; c++)
                {
                    sums[at + samples + c] = sums[at + c] + (c == Channels ? pixel[c] : pixel[c] * (double)pixel[Channels]);
                }
            }
        }

        return sums;
    }

    private bool TakeAround(double[] sums, Span<float> pixel, int x, int y, int rows)
    {
        int samples = Channels + 1;
        Span<double> total = stackalloc double[4];
        foreach (int radius in Radii)
        {
            total.Clear();
            int left = Math.Max(0, x - radius);
            int right = Math.Min(Width, x + radius + 1);
            for (int row = Math.Max(0, y - radius); row < Math.Min(rows, y + radius + 1); row++)
            {
                int line = row * (Width + 1);
                for (int c = 0; c < samples; c++)
                {
                    total[c] += sums[((line + right) * samples) + c] - sums[((line + left) * samples) + c];
                }
            }

            if (total[Channels] > 1e-6)
            {
                for (int c = 0; c < Channels; c++)
                {
                    pixel[c] = (float)(total[c] / total[Channels]);
                }

                return true;
            }
        }

        return false;
    }
}

/// <summary>One channel of a picture.</summary>
internal sealed class ChannelRows(IRowStream source, int channel) : IRowStream
{
    /// <inheritdoc/>
    public int Width => source.Width;

    /// <inheritdoc/>
    public int Height => source.Height;

    /// <inheritdoc/>
    public int Channels => 1;

    /// <inheritdoc/>
    public ReadOnlySpan<float> Next()
    {
        ReadOnlySpan<float> rows = source.Next();
        float[] one = new float[rows.Length / source.Channels];
        for (int i = 0; i < one.Length; i++)
        {
            one[i] = rows[(i * source.Channels) + channel];
        }

        return one;
    }

    /// <inheritdoc/>
    public void Dispose() => source.Dispose();
}
