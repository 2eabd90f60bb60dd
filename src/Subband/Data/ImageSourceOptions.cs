namespace Subband.Data;

/// <summary>How <see cref="ImageSources.Open"/> goes about it.</summary>
public sealed record ImageSourceOptions
{
    /// <summary>
    /// The split that is taken where the source text names none and the source has it, such as <c>train</c> for training;
    /// null for all of them. The opened source's name says what was taken.
    /// </summary>
    public string? DefaultSplit { get; init; }

    /// <summary>Called now and then during long work, from any thread; null for none.</summary>
    public Action<DataProgress>? Progress { get; init; }

    /// <summary>Called once for each file or record that is not used, from any thread; null for none.</summary>
    public Action<RefusedItem>? OnRefused { get; init; }

    /// <summary>The folder for downloaded data and temporary copies; created when it is needed.</summary>
    public string CacheFolder { get; init; } = DataCache.DefaultFolder;

    /// <summary>Stops downloads and unpacking; what was downloaded so far is kept and continued next time.</summary>
    public CancellationToken CancellationToken { get; init; }
}

/// <summary>How far long work has come.</summary>
/// <param name="Activity">What is being done, such as <c>Downloading cifar-10-binary.tar.gz</c>.</param>
/// <param name="Done">How much is done.</param>
/// <param name="Total">How much there is, or null where nobody knows.</param>
/// <param name="InBytes">Whether the numbers are bytes; otherwise images.</param>
public readonly record struct DataProgress(string Activity, long Done, long? Total, bool InBytes);

/// <summary>Where data sets that were downloaded lie.</summary>
public static class DataCache
{
    /// <summary><c>$XDG_CACHE_HOME/subband/data</c>, or <c>~/.cache/subband/data</c> where the variable is not set.</summary>
    public static string DefaultFolder
    {
        get
        {
            // The standard says that a relative path in the variable is to be ignored.
            string? root = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            if (string.IsNullOrEmpty(root) || !Path.IsPathRooted(root))
            {
                // Not verified: of a user without a home folder the path is wanted all the same, for the message.
                string home = Environment.GetFolderPath(
                    Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
                root = Path.Combine(home, ".cache");
            }

            return Path.Combine(root, "subband", "data");
        }
    }
}
