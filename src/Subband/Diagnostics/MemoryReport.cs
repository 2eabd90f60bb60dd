using System.Globalization;

namespace Subband.Diagnostics;

/// <summary>Main memory, in bytes.</summary>
/// <param name="TotalBytes">What this process may use: the machine's memory or a container's limit.</param>
/// <param name="AvailableBytes">What is free or can be freed now; null if the system does not tell.</param>
public sealed record MemoryReport(long TotalBytes, long? AvailableBytes)
{
    private const string Groups = "/sys/fs/cgroup";

    internal static MemoryReport Gather()
    {
        long total = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        long? available = File.Exists("/proc/meminfo") ? Available(File.ReadLines("/proc/meminfo")) : null;
        long left = File.Exists("/proc/self/cgroup") ? LeftInGroups(Groups, File.ReadLines("/proc/self/cgroup")) ?? total : total;
        return new MemoryReport(total, available is { } bytes ? Math.Min(bytes, Math.Min(left, total)) : null);
    }

    /// <summary>The line <c>MemAvailable: 12345 kB</c>, in bytes.</summary>
    internal static long? Available(IEnumerable<string> memInfo) => Number(memInfo, "MemAvailable:") * 1024;

    /// <summary>
    /// What the limits of the process's control group and of those above it leave; null where none has a limit. Only groups of
    /// version 2 are asked.
    /// </summary>
    /// <param name="root">The folder of all groups.</param>
    /// <param name="membership">The lines of <c>/proc/self/cgroup</c>.</param>
    internal static long? LeftInGroups(string root, IEnumerable<string> membership)
    {
        const string version2 = "0::/";
        if (membership.FirstOrDefault(l => l.StartsWith(version2, StringComparison.Ordinal)) is not { } line)
        {
            return null;
        }

        List<long> left = [];
        string? group = Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(root, line[version2.Length..])));
        for (; group is not null && group.StartsWith(root, StringComparison.Ordinal); group = Path.GetDirectoryName(group))
        {
            // A group without a limit says "max".
            if (Number(Lines(group, "memory.max"), "") is { } limit && Number(Lines(group, "memory.current"), "") is { } used)
            {
                // Files that were read and not looked at since are freed when somebody needs their room.
                long freeable = Number(Lines(group, "memory.stat"), "inactive_file ") ?? 0;
                left.Add(Math.Max(0, limit - used + freeable));
            }
        }

        return left.Count > 0 ? left.Min() : null;
    }

    private static IEnumerable<string> Lines(string folder, string name)
    {
        string file = Path.Combine(folder, name);
        return File.Exists(file) ? File.ReadLines(file) : [];
    }

    // The number behind a name that a line begins with, whatever its unit; null where there is none.
    private static long? Number(IEnumerable<string> lines, string name)
    {
        string? line = lines.FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
        return line is not null
            && long.TryParse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.Integer,
                CultureInfo.InvariantCulture, out long number)
            ? number
            : null;
    }
}
