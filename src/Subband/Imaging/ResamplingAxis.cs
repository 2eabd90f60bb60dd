namespace Subband.Imaging;

/// <summary>For each new sample along one axis the old ones that it is made of, with their weights.</summary>
/// <remarks>
/// New sample i lies at the old position u = (i + ½)/s − ½, s the factor. Its weights are h(u − j) of the old samples j, with
/// h(x) = k(x), or s·k(s·x) where the axis shrinks without aliasing, divided by their sum: MATLAB's <c>imresize</c>.
/// </remarks>
internal sealed class ResamplingAxis
{
    private readonly ResamplingBorder _border;

    private ResamplingAxis(int from, int length, int taps, ResamplingBorder border)
    {
        From = from;
        Length = length;
        Taps = taps;
        First = new int[length];
        Weights = new double[(long)length * taps];
        _border = border;
    }

    /// <summary>The number of old samples.</summary>
    public int From { get; }

    /// <summary>The number of new samples.</summary>
    public int Length { get; }

    /// <summary>Old samples to each new one; they follow each other.</summary>
    public int Taps { get; }

    /// <summary>The first old sample of each new one, never falling; it may lie before the first sample there is.</summary>
    public int[] First { get; }

    /// <summary>The weights of the old samples, [Length, Taps]; those of a new sample add up to 1.</summary>
    public double[] Weights { get; }

    /// <summary>The sample that stands in a place, which may lie beyond either end.</summary>
    /// <param name="place">Counted from the first sample.</param>
    public int Source(int place) => _border == ResamplingBorder.Replicate ? Math.Clamp(place, 0, From - 1) : MirrorImage.Pixel(place, From);

    /// <summary>The same new samples, made of only those old ones that they need.</summary>
    /// <param name="low">The first old sample that is needed.</param>
    /// <param name="high">The one after the last.</param>
    public ResamplingAxis OfNeeded(out int low, out int high)
    {
        (low, high) = (From, 0);
        foreach (int first in First)
        {
            for (int tap = 0; tap < Taps; tap++)
            {
                int source = Source(first + tap);
                (low, high) = (Math.Min(low, source), Math.Max(high, source + 1));
            }
        }

        // What lies beyond an edge is needed only where the sample at that edge is, so that edges stay edges.
        ResamplingAxis needed = new(high - low, Length, Taps, _border);
        for (int i = 0; i < Length; i++)
        {
            needed.First[i] = First[i] - low;
        }

        Weights.CopyTo(needed.Weights, 0);
        return needed;
    }

    /// <summary>Finds samples and weights.</summary>
    /// <param name="from">The number of old samples.</param>
    /// <param name="begin">The first new sample that is wanted.</param>
    /// <param name="length">How many new samples are wanted.</param>
    /// <param name="factor">s: new samples to an old one.</param>
    /// <param name="how">Curve, smoothing and border.</param>
    public static ResamplingAxis Make(int from, int begin, int length, double factor, Resampling how)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(from, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        return how.Kernel switch
        {
            ResamplingKernel.Nearest => Nearest(from, begin, length, factor),
            ResamplingKernel.Area when factor < 1 => Area(from, begin, length, factor),
            _ => Weighted(from, begin, length, factor, how),
        };
    }

    private static ResamplingAxis Nearest(int from, int begin, int length, double factor)
    {
        ResamplingAxis axis = new(from, length, 1, ResamplingBorder.Replicate);
        for (int i = 0; i < length; i++)
        {
            axis.First[i] = Math.Clamp((int)Math.Floor((begin + i + 0.5) / factor), 0, from - 1);
            axis.Weights[i] = 1;
        }

        return axis;
    }

    private static ResamplingAxis Area(int from, int begin, int length, double factor)
    {
        double covered = 1 / factor;
        int taps = (int)Math.Ceiling(covered) + 1;
        ResamplingAxis axis = new(from, length, taps, ResamplingBorder.Replicate);
        for (int i = 0; i < length; i++)
        {
            double low = (begin + i) * covered;
            int first = (int)Math.Floor(low);
            axis.Fill(i, first, j => Math.Max(0, Math.Min(j + 1, low + covered) - Math.Max(j, low)));
        }

        return axis.WithoutUnusedTaps();
    }

    private static ResamplingAxis Weighted(int from, int begin, int length, double factor, Resampling how)
    {
        (double width, Func<double, double> curve) = Curve(how.Kernel);
        double stretch = factor < 1 && how.Antialias ? factor : 1;
        width /= stretch;
        ResamplingAxis axis = new(from, length, (int)Math.Ceiling(width) + 2, how.Border);
        for (int i = 0; i < length; i++)
        {
            double centre = ((begin + i + 0.5) / factor) - 0.5;
            axis.Fill(i, (int)Math.Floor(centre - (width / 2)), j => stretch * curve(stretch * (centre - j)));
        }

        return axis.WithoutUnusedTaps();
    }

    private static (double Width, Func<double, double> Curve) Curve(ResamplingKernel kernel) => kernel switch
    {
        ResamplingKernel.Bicubic => (4, x => Cubic(x, -0.5)),
        ResamplingKernel.SharpBicubic => (4, x => Cubic(x, -0.75)),
        ResamplingKernel.Lanczos3 => (6, Lanczos3),
        _ => (2, x => Math.Max(0, 1 - Math.Abs(x))),
    };

    // Keys, "Cubic convolution interpolation for digital image processing", 1981.
    private static double Cubic(double x, double a)
    {
        x = Math.Abs(x);
        return x switch
        {
            <= 1 => ((((a + 2) * x) - (a + 3)) * x * x) + 1,
            <= 2 => a * ((((((x - 5) * x) + 8) * x) - 4)),
            _ => 0,
        };
    }

    private static double Lanczos3(double x)
    {
        const double Lobes = 3;
        double angle = Math.PI * Math.Abs(x);
        return angle == 0 ? 1
            : angle < Math.PI * Lobes ? Lobes * Math.Sin(angle) * Math.Sin(angle / Lobes) / (angle * angle)
            : 0;
    }

    private void Fill(int sample, int first, Func<int, double> weigh)
    {
        First[sample] = first;
        Span<double> weights = Weights.AsSpan(sample * Taps, Taps);
        double sum = 0;
        for (int tap = 0; tap < Taps; tap++)
        {
            sum += weights[tap] = weigh(first + tap);
        }

        foreach (ref double weight in weights)
        {
            weight /= sum;
        }
    }

    // The number of taps is a safe one; the outer columns are often zero everywhere.
    private ResamplingAxis WithoutUnusedTaps()
    {
        int first = 0;
        int last = Taps - 1;
        while (first < last && IsUnused(first))
        {
            first++;
        }

        while (last > first && IsUnused(last))
        {
            last--;
        }

        ResamplingAxis axis = new(From, Length, last - first + 1, _border);
        for (int i = 0; i < Length; i++)
        {
            axis.First[i] = First[i] + first;
            Array.Copy(Weights, (i * Taps) + first, axis.Weights, i * axis.Taps, axis.Taps);
        }

        return axis;
    }

    private bool IsUnused(int tap)
    {
        for (int i = 0; i < Length; i++)
        {
            if (Weights[(i * Taps) + tap] != 0)
            {
                return false;
            }
        }

        return true;
    }
}
