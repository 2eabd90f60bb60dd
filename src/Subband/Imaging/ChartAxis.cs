namespace Subband.Imaging;

/// <summary>The scale along one side of a chart.</summary>
/// <param name="Low">Where it begins.</param>
/// <param name="High">Where it ends.</param>
/// <param name="Step">From one labelled mark to the next; marks stand at multiples of it.</param>
internal sealed record ChartAxis(double Low, double High, double Step)
{
    /// <summary>The marks.</summary>
    public IEnumerable<double> Marks
    {
        get
        {
            // a hair wider, since the ends need not be exact multiples
            int first = (int)Math.Ceiling((Low / Step) - 1e-6);
            int last = (int)Math.Floor((High / Step) + 1e-6);
            return Enumerable.Range(first, last - first + 1).Select(i => i * Step);
        }
    }

    /// <summary>An axis of round numbers around some values.</summary>
    /// <param name="least">The least.</param>
    /// <param name="greatest">The greatest.</param>
    /// <param name="most">How many steps there are at most, at least 3.</param>
    public static ChartAxis Around(double least, double greatest, int most)
    {
        double span = Math.Max(greatest - least, 1e-6);
        double power = Math.Pow(10, Math.Floor(Math.Log10(span / most)));
        double step = new double[] { 1, 2, 5, 10, 20, 50 }.Select(factor => factor * power)
            .First(size => Math.Ceiling(greatest / size) - Math.Floor(least / size) <= most);
        double low = Math.Floor(least / step) * step;
        return new ChartAxis(low, Math.Max(Math.Ceiling(greatest / step) * step, low + step), step);
    }

    /// <summary>Where a value lies: 0 at the beginning, 1 at the end. What lies beyond is put at the nearer end.</summary>
    public double Place(double value) => Math.Clamp((value - Low) / (High - Low), 0, 1);
}
