namespace Subband.Metrics;

/// <summary>
/// The window of Kaiser and Schafer (1980), which fades a row of samples out towards both ends: a main lobe of width √(1 + (β/π)²)
/// bins to each side, and side lobes that fall the lower the greater β is.
/// </summary>
internal static class KaiserWindow
{
    // the series gains a factor of more than (β/2k)² a term, so that this many are exact up to β = 40
    private const int Terms = 80;

    /// <summary>A window whose squares add up to 1, so that it leaves the power of white noise as it is.</summary>
    /// <param name="length">How many samples, at least 1.</param>
    /// <param name="beta">β, from 0, which is no window at all, to 40.</param>
    /// <returns>[length], symmetric.</returns>
    public static double[] UnitEnergy(int length, double beta)
    {
        double[] window = [.. Enumerable.Range(0, length).Select(i =>
        {
            double place = length == 1 ? 0 : (2.0 * i / (length - 1)) - 1; // from -1 to 1
            return BesselI0(beta * Math.Sqrt(1 - (place * place)));
        })];
        double norm = Math.Sqrt(window.Sum(value => value * value));
        return [.. window.Select(value => value / norm)];
    }

    // The modified Bessel function of order 0: Σ ((x/2)^k / k!)².
    private static double BesselI0(double x)
    {
        double sum = 1;
        double term = 1;
        for (int k = 1; k <= Terms; k++)
        {
            term *= x / (2 * k);
            sum += term * term;
        }

        return sum;
    }
}
