using System.Formats.Tar;
using System.IO.Compression;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Data;

/// <summary>
/// A public data set that is known by name, downloaded once into the cache from its authors' site, checked and unpacked.
/// </summary>
internal sealed record KnownDataset(
    string Name, Uri Address, FileChecksum Checksum, string Size, string Folder, IReadOnlyList<string> Members)
{
    private const string LockName = ".lock";

    // Both sites publish an MD5 sum. CIFAR-10's SHA-256 sum agrees between several public repositories that pin it.
    private static readonly KnownDataset Cifar10 = new(
        "cifar10",
        new Uri("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"),
        FileChecksum.Sha256("c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"),
        "170 MB",
        "cifar-10-batches-bin",
        ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin",
            "test_batch.bin", "batches.meta.txt"]);

    private static readonly KnownDataset Stl10 = new(
        "stl10",
        new Uri("http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz"),
        FileChecksum.Md5("91f7769df0f17e558f3565bffb0c7dfb"),
        "2.6 GB",
        "stl10_binary",
        ["train_X.bin", "train_y.bin", "test_X.bin", "test_y.bin", "unlabeled_X.bin", "class_names.txt"]);

    /// <summary>All data sets that are known.</summary>
    public static IReadOnlyList<KnownDataset> All { get; } = [Cifar10, Stl10];

    /// <summary>The pause before a second attempt to download.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromSeconds(1);

    private string ArchiveName => Path.GetFileName(Address.LocalPath);

    /// <summary>The folder of the unpacked data set; downloads and unpacks it when it is not there yet.</summary>
    /// <exception cref="SubbandException">It is not there and cannot be got, or another process is at it; the message says
    /// what to put where, or to wait.</exception>
    /// <exception cref="OperationCanceledException">The user stopped it.</exception>
    public string Fetch(ImageSourceOptions options)
    {
        string folder = Path.Combine(options.CacheFolder, Folder);
        if (Directory.Exists(folder))
        {
            return folder;
        }

        using FileStream cacheLock = LockCache(options.CacheFolder);
        if (Directory.Exists(folder))
        {
            // Another process was quicker.
            return folder;
        }

        _ = AtomicFile.CleanUp(options.CacheFolder);
        string archive = Path.Combine(options.CacheFolder, ArchiveName);
        if (File.Exists(archive))
        {
            // Put here by the user, or left by a process that was stopped between downloading and unpacking.
            CheckGiven(archive, options);
        }
        else
        {
            Download(archive, options);
        }

        AtomicFolder.Write(folder, temporary => Unpack(archive, temporary, options));
        return folder;
    }

    private void Download(string archive, ImageSourceOptions options)
    {
        try
        {
            using HttpDownload download = new() { FirstPause = RetryPause };
            download.Fetch(Address, archive, Checksum, options.Progress, options.CancellationToken);
        }
        catch (DownloadException e)
        {
            throw new SubbandException($"{Name} ({Size}) could not be downloaded: {e.Message} Try again later, or get {Address} "
                + $"elsewhere and put it at {archive}; or give --data a folder or archive that you have.", e);
        }
    }

    private void CheckGiven(string archive, ImageSourceOptions options)
    {
        string found;
        try
        {
            found = Checksum.Of(archive, options.Progress, options.CancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoredFiles.CannotRead(archive, e);
        }

        if (found != Checksum.Hex)
        {
            throw new SubbandException($"{archive} is not the file that it should be: its {Checksum.Algorithm} sum is {found}, "
                + $"not {Checksum.Hex}. Delete it, and it is downloaded again from {Address}.");
        }
    }

    private void Unpack(string archive, string folder, ImageSourceOptions options)
    {
        try
        {
            using FileStream file = File.OpenRead(archive);
            using GZipStream unpacked = new(file, CompressionMode.Decompress);
            using TarReader reader = new(unpacked);
            HashSet<string> missing = [.. Members];
            while (missing.Count > 0 && reader.GetNextEntry() is TarEntry entry)
            {
                // Only names known beforehand are written, and only their last part is used.
                string name = Path.GetFileName(entry.Name);
                if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile && missing.Remove(name))
                {
                    Copy(entry.DataStream ?? Stream.Null, Path.Combine(folder, name), file, options);
                }
            }

            if (missing.Count > 0)
            {
                throw new SubbandException($"{archive} does not hold {string.Join(", ", missing.Order(StringComparer.Ordinal))}.");
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new SubbandException($"{archive} could not be unpacked into {options.CacheFolder}: {e.Message}", e);
        }
    }

    private void Copy(Stream content, string path, FileStream archive, ImageSourceOptions options)
    {
        using FileStream target = File.Create(path);
        byte[] buffer = new byte[1 << 20];
        int read;
        while ((read = content.Read(buffer)) > 0)
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            target.Write(buffer.AsSpan(0, read));
            options.Progress?.Invoke(new DataProgress($"Unpacking {ArchiveName}", archive.Position, archive.Length, InBytes: true));
        }
    }

    private FileStream LockCache(string folder)
    {
        try
        {
            _ = Directory.CreateDirectory(folder);
            return FileLock.TryTake(Path.Combine(folder, LockName)) ?? throw new SubbandException(
                $"Another process downloads or unpacks a data set in {folder}, where {Name} belongs too. Start again when it has ended.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SubbandException($"The folder {folder}, which {Name} is downloaded to, cannot be made or written: {e.Message} "
                + "Set XDG_CACHE_HOME to a folder that you may write to.", e);
        }
    }
}
