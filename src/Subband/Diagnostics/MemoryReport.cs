using System.Globalization;

namespace Subband.Diagnostics;

/// <summary>Main memory, in bytes.</summary>
/// <param name="TotalBytes">What this process may use: the machine's memory or a container's limit.</param>
/// <param name="AvailableBytes">What is free or can be freed now; null if the system does not tell.</param>
public sealed record MemoryReport(long TotalBytes, long? AvailableBytes)
{
    internal static MemoryReport Gather()
    {
        long total = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        long? available = File.Exists("/proc/meminfo") ? Available(File.ReadLines("/proc/meminfo")) : null;
        return new MemoryReport(total, available is { } bytes ? Math.Min(bytes, total) : null);
    }

    /// <summary>The line <c>MemAvailable: 12345 kB</c>, in bytes.</summary>
    internal static long? Available(IEnumerable<string> memInfo)
    {
        const string name = "MemAvailable:";
        string? line = memInfo.FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
        return line is not null
            && long.TryParse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.Integer,
                CultureInfo.InvariantCulture, out long kib)
            ? kib * 1024
            : null;
    }
}
