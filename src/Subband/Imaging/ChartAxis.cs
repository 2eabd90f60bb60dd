namespace Subband.Imaging;

/// <summary>The scale along one side of a chart.</summary>
/// <param name="Low">Where it begins.</param>
/// <param name="High">Where it ends.</param>
/// <param name="Step">From one labelled mark to the next; marks stand at multiples of it. A logarithmic axis does not read it.</param>
internal sealed record ChartAxis(double Low, double High, double Step)
{
    private const double ManyMarks = 10;     // up to this High / Low every digit has a mark
    private const double SomeMarks = 10_000; // up to this the digits 1, 2 and 5, beyond it powers of ten alone

    /// <summary>Whether equal lengths are equal factors; both ends are greater than 0 then.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>The marks.</summary>
    public IEnumerable<double> Marks
    {
        get
        {
            // a hair wider, since the ends need not be exact multiples
            if (IsLogarithmic)
            {
                return Digits(Low, High).Where(mark => mark > Low * (1 - 1e-6) && mark < High * (1 + 1e-6));
            }

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

    /// <summary>A logarithmic axis from one of its marks to another, around some values.</summary>
    /// <param name="least">The least, greater than 0.</param>
    /// <param name="greatest">The greatest, more than the least.</param>
    public static ChartAxis LogarithmicAround(double least, double greatest)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(least);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(greatest, least);
        double[] marks = [.. Digits(least, greatest)];
        return new ChartAxis(marks.Last(mark => mark <= least), marks.First(mark => mark >= greatest), 1) { IsLogarithmic = true };
    }

    /// <summary>Where a value lies: 0 at the beginning, 1 at the end. What lies beyond is put at the nearer end.</summary>
    public double Place(double value) => Math.Clamp(
        IsLogarithmic ? Math.Log(Math.Max(value, Low) / Low) / Math.Log(High / Low) : (value - Low) / (High - Low), 0, 1);

    // Round numbers from below one value to above another; the wider apart these are, the fewer.
    private static IEnumerable<double> Digits(double least, double greatest)
    {
        int[] digits = (greatest / least) switch
        {
            <= ManyMarks => [1, 2, 3, 4, 5, 6, 7, 8, 9],
            <= SomeMarks => [1, 2, 5],
            _ => [1],
        };
        int first = (int)Math.Floor(Math.Log10(least));
        int last = (int)Math.Floor(Math.Log10(greatest)) + 1;

        return Enumerable.Range(first, last - first + 1).SelectMany(
            exponent => digits.Select(digit => exponent < 0 ? digit / Math.Pow(10, -exponent) : digit * Math.Pow(10, exponent)));
    }
}
