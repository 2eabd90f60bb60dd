using System.Globalization;

namespace Subband.Diagnostics;

/// <summary>Counts the cores that this process may use.</summary>
/// <remarks>
/// libtorch's own count errs on virtual machines whose processor numbers do not fit its model, and then takes half of
/// them. Two threads on one core share its arithmetic, so that more threads than cores are no faster.
/// </remarks>
internal static class ProcessorCores
{
    private const string AllowedKey = "Cpus_allowed_list:";

    /// <summary>Cores of this machine that this process may use, at least 1.</summary>
    public static int Count() => OperatingSystem.IsLinux()
        ? Count("/proc/self/status", "/sys/devices/system/cpu", Environment.ProcessorCount)
        : Environment.ProcessorCount;

    /// <summary>Counts those that Linux tells of.</summary>
    /// <param name="status">Its file on this process.</param>
    /// <param name="processors">Its folder on the processors.</param>
    /// <param name="most">What a container's share allows, and the answer where Linux does not tell.</param>
    internal static int Count(string status, string processors, int most)
    {
        try
        {
            string allowed = File.ReadLines(status).First(line => line.StartsWith(AllowedKey, StringComparison.Ordinal))[AllowedKey.Length..];
            int cores = Numbers(allowed)
                .Select(number => File.ReadAllText(Path.Combine(processors, $"cpu{number}", "topology", "thread_siblings_list")))
                .Distinct()
                .Count();
            return Math.Clamp(cores, 1, most);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidOperationException or FormatException)
        {
            return most;
        }
    }

    // Such as 0-3,8.
    private static IEnumerable<int> Numbers(string list)
    {
        foreach (string part in list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int[] ends = [.. part.Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture))];
            for (int number = ends[0]; number <= ends[^1]; number++)
            {
                yield return number;
            }
        }
    }
}
