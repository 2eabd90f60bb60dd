using System.Globalization;

namespace Subband.Cli.Common;

/// <summary>Numbers as people read them.</summary>
internal static class Texts
{
    /// <summary>A number of bytes in binary units with three digits: <c>1.25 GiB</c>, <c>340 MiB</c>, <c>0 B</c>.</summary>
    public static string Bytes(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        double value = bytes;
        int unit = 0;
        // From 999.5 on, three digits would round to 1000.
        while (Math.Abs(value) >= 999.5 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        string format = unit == 0 || Math.Abs(value) >= 99.95 ? "0" : Math.Abs(value) >= 9.995 ? "0.0" : "0.00";
        return value.ToString(format, CultureInfo.InvariantCulture) + " " + units[unit];
    }

    /// <summary>A number with its thousands set apart: <c>60,000</c>.</summary>
    public static string Number(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>A length of time in its two largest units: <c>3.2 s</c>, <c>45 s</c>, <c>2 min 5 s</c>, <c>3 h 20 min</c>.</summary>
    public static string Duration(double seconds)
    {
        long whole = (long)Math.Round(Math.Clamp(seconds, 0, 1e12));
        return (seconds, whole) switch
        {
            ( < 9.95, _) => seconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
            (_, < 60) => $"{whole} s",
            (_, < 3600) => $"{whole / 60} min {whole % 60} s",
            (_, < 86400) => $"{whole / 3600} h {whole / 60 % 60} min",
            _ => $"{whole / 86400} d {whole / 3600 % 24} h",
        };
    }

    /// <summary>Images as thousands of them: <c>12.5</c>.</summary>
    public static string Kimg(double images) => (images / 1000).ToString("#,0.###", CultureInfo.InvariantCulture);

    /// <summary>A count with its noun: <c>1 thread</c>, <c>2 threads</c>.</summary>
    public static string Count(long count, string noun) =>
        Number(count) + " " + noun + (count == 1 ? "" : "s");
}
