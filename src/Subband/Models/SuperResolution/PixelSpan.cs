namespace Subband.Models.SuperResolution;

/// <summary>
/// Neighbouring pixels along one axis, followed backwards through a network: from those of its output to those of its input
/// which they depend on.
/// </summary>
/// <param name="First">The first of them; those beyond the image's edge count like others.</param>
/// <param name="Last">The last.</param>
internal readonly record struct PixelSpan(int First, int Last)
{
    /// <summary>Through convolutions of stride 1 that keep the size.</summary>
    /// <param name="kernel">The side of the filters; odd.</param>
    /// <param name="times">How many follow each other.</param>
    public PixelSpan Convolved(int kernel, int times = 1) => new(First - (kernel / 2 * times), Last + (kernel / 2 * times));

    /// <summary>Through a pixel shuffle, whose every pixel stands in one of the small image.</summary>
    public PixelSpan Shuffled(int factor) => new(FloorDivide(First, factor), FloorDivide(Last, factor));

    /// <summary>Through an enlargement with half-pixel centres.</summary>
    /// <param name="factor">By how much.</param>
    /// <param name="support">How far the curve reaches to each side, in pixels of the small image.</param>
    public PixelSpan Enlarged(int factor, double support)
    {
        // A curve is 0 at the end of its support; a pixel exactly there counts for nothing.
        var first = (int)Math.Floor(Centre(First) - support) + 1;
        var last = (int)Math.Ceiling(Centre(Last) + support) - 1;
        return new PixelSpan(first, last);

        double Centre(int pixel) => ((pixel + 0.5) / factor) - 0.5;
    }

    /// <summary>
    /// How far beyond a small pixel the range of any of its new pixels goes.
    /// </summary>
    /// <param name="factor">New pixels for a small one, along an axis.</param>
    /// <param name="sources">Follows a range of new pixels back to the small image.</param>
    public static int Reach(int factor, Func<PixelSpan, PixelSpan> sources) => Enumerable.Range(0, factor)
        .Select(pixel => sources(new PixelSpan(pixel, pixel)))
        .Max(range => Math.Max(-range.First, range.Last));

    private static int FloorDivide(int number, int divisor) => (int)Math.Floor((double)number / divisor);
}
