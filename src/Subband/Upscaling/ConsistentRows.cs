using Subband.Imaging;

namespace Subband.Upscaling;

/// <summary>
/// A picture enlarged by a whole factor, corrected until it agrees with the small one: shrunk by <see cref="MatlabResize"/>, it is
/// the small one again.
/// </summary>
/// <remarks>
/// Iterated back-projection (Irani and Peleg, "Improving resolution by image registration", 1991): what the shrunk result lacks is
/// enlarged bicubically and added, again and again, and what leaves [0,1] is cut off. Since enlarging is the transpose of shrinking,
/// but for a factor, these are steps down a gradient, and are taken with Nesterov's momentum. This goes on band by band, each with a margin
/// that is thrown away: an error at its edge is next to nothing after as many pixels.
/// </remarks>
internal sealed class ConsistentRows(IRowStream large, IRowStream small, int scale, double level) : IRowStream
{
    private const int Margin = 16;
    private const int MostRounds = 400;
    private const int Patience = 40;
    private const long BandSamples = 8L << 20;
    private const double Tolerance = 0.2;

    private static readonly Resampling Bicubic = new(ResamplingKernel.Bicubic);

    private readonly RowWindow _large = new(large);
    private readonly RowWindow _small = new(small);
    private int _next;

    /// <inheritdoc/>
    public int Width => _large.Width;

    /// <inheritdoc/>
    public int Height => _large.Height;

    /// <inheritdoc/>
    public int Channels => _large.Channels;

    /// <inheritdoc/>
    public ReadOnlySpan<float> Next()
    {
        if (_next == _small.Height)
        {
            return [];
        }

        int rows = (int)Math.Clamp(BandSamples / ((long)Width * Channels * scale), Margin, 256);
        int end = Math.Min(_small.Height, _next + rows);
        int low = Math.Max(0, _next - Margin);
        int high = Math.Min(_small.Height, end + Margin);
        float[] result = _large.Rows(low * scale, high * scale).ToArray();
        Project(result, _small.Rows(low, high).ToArray(), high - low);
        int stride = Width * Channels;
        ReadOnlySpan<float> inner = result.AsSpan((_next - low) * scale * stride, (end - _next) * scale * stride);
        _next = end;
        return inner;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _large.Dispose();
        _small.Dispose();
    }

    private void Project(float[] result, float[] wanted, int rows)
    {
        float[] former = [.. result];
        float[] ahead = [.. result];
        double best = double.MaxValue;
        double inertia = 1;
        int sinceBetter = 0;
        for (int round = 0; round < MostRounds; round++)
        {
            float[] lacking = Resampler.Resize(ahead, Width, rows * scale, Channels, _small.Width, rows, Bicubic);
            double worst = 0;
            for (int i = 0; i < lacking.Length; i++)
            {
                lacking[i] = wanted[i] - lacking[i];
                worst = Math.Max(worst, Math.Abs(lacking[i]));
            }

            sinceBetter = worst < 0.95 * best ? 0 : sinceBetter + 1;
            if (worst < best)
            {
                best = worst;
                ahead.CopyTo(result, 0);
            }

            // where nothing is gained any more, [0,1] is too narrow for what the small picture asks
            if (worst < Tolerance * level || sinceBetter == Patience)
            {
                break;
            }

            float[] more = Resampler.Resize(lacking, _small.Width, rows, Channels, Width, rows * scale, Bicubic);
            double nextInertia = (1 + Math.Sqrt(1 + (4 * inertia * inertia))) / 2;
            float momentum = (float)((inertia - 1) / nextInertia);
            inertia = nextInertia;
            for (int i = 0; i < ahead.Length; i++)
            {
                float step = Math.Clamp(ahead[i] + more[i], 0, 1);
                ahead[i] = Math.Clamp(step + (momentum * (step - former[i])), 0, 1);
                former[i] = step;
            }
        }
    }
}
