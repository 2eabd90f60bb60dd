using Subband.Data;
using Subband.Torch.Native;

namespace Subband.Diagnostics;

/// <summary>A folder in which Subband keeps what can be made again.</summary>
/// <param name="Holds">What is in it.</param>
/// <param name="Path">Where it is; it need not exist yet.</param>
/// <param name="SizeBytes">What it takes up; 0 if it does not exist.</param>
/// <param name="FreeBytes">What is free on its disk; null if that cannot be told.</param>
public sealed record CacheReport(string Holds, string Path, long SizeBytes, long? FreeBytes)
{
    internal static IReadOnlyList<CacheReport> Gather()
    {
        List<CacheReport> caches = [Measure("downloaded data sets", DataCache.DefaultFolder)];
        if (LauncherFolder(Environment.GetEnvironmentVariable(TorchLibrary.PathVariable)) is { } compiled)
        {
            caches.Add(Measure("compiled native libraries", compiled));
        }

        return caches;
    }

    /// <summary>
    /// The folder of a library that a launcher compiled, <c>…/native/KEY/libsubband_native.so</c>; null for a library that
    /// somebody put elsewhere, since what lies around it is none of ours.
    /// </summary>
    internal static string? LauncherFolder(string? library)
    {
        string? folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetDirectoryName(library));
        return System.IO.Path.GetFileName(folder) == "native" && File.Exists(library) ? folder : null;
    }

    internal static CacheReport Measure(string holds, string path)
    {
        // Links are not followed: what they lead to is not in this folder.
        EnumerationOptions everything = new()
        {
            RecurseSubdirectories = true,
            IgnoreInaccessible = true,
            AttributesToSkip = FileAttributes.ReparsePoint,
        };
        DirectoryInfo folder = new(path);
        long size = folder.Exists ? folder.EnumerateFiles("*", everything).Sum(Length) : 0;
        return new CacheReport(holds, path, size, SpaceAt(folder));
    }

    private static long Length(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0; // removed by somebody since it was listed
        }
    }

    private static long? SpaceAt(DirectoryInfo folder)
    {
        DirectoryInfo? existing = folder;
        while (existing is { Exists: false })
        {
            existing = existing.Parent;
        }

        try
        {
            return existing is null ? null : new DriveInfo(existing.FullName).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null; // some file systems do not tell; then nothing is said about it
        }
    }
}
