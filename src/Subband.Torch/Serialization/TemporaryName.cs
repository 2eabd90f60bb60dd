namespace Subband.Torch.Serialization;

/// <summary>The names of unfinished files and folders: <c>.tmp-</c> and 32 hexadecimal digits.</summary>
internal static class TemporaryName
{
    private const string Prefix = ".tmp-";
    private const int DigitCount = 32;

    /// <summary>A new temporary path inside a folder.</summary>
    public static string In(string folder) => Path.Combine(folder, Prefix + Guid.NewGuid().ToString("N"));

    /// <summary>Whether the last part of a path has the form of our temporary names.</summary>
    public static bool Is(string path)
    {
        ReadOnlySpan<char> name = Path.GetFileName(path.AsSpan());
        return name.Length == Prefix.Length + DigitCount
            && name.StartsWith(Prefix)
            && Guid.TryParseExact(name[Prefix.Length..], "N", out _);
    }

    /// <summary>Removes a temporary file or folder where it exists.</summary>
    public static void Remove(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }
    }

    /// <summary>
    /// Removes a temporary file or folder after a failure, or a folder that was replaced. What cannot be removed is
    /// left to <see cref="AtomicFile.CleanUp"/>: the error that led here is the one to tell, or the save has succeeded.
    /// </summary>
    public static void TryRemove(string path)
    {
        try
        {
            Remove(path);
        }
        catch (Exception exception) when (DiskStep.IsDiskError(exception))
        {
            // Recognisable by its name, and harmless.
        }
    }
}
