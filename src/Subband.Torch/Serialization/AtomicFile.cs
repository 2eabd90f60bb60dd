using System.Text;

namespace Subband.Torch.Serialization;

/// <summary>
/// Writes files so that a reader, a full disk, a kill or a power loss never leaves half of one: the bytes go to a
/// temporary file beside the target, are synchronised to the disk, and the temporary file is renamed over the target.
/// </summary>
/// <remarks>
/// At every moment the name stands for the old bytes or for the new ones, both complete. After a failure the temporary
/// file is removed; after a kill it stays, and <see cref="CleanUp"/> or <see cref="CleanUpAbandoned"/> removes it.
/// </remarks>
public static class AtomicFile
{
    // Far longer than any pause between two writes of a file, the last flush included.
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromHours(1);

    /// <summary>Writes or replaces a file.</summary>
    /// <param name="path">The file; its folder must exist. A symbolic link is followed and stays a link.</param>
    /// <param name="write">
    /// Writes the content to the stream it is given, which can only be written and not be sought. What this callback
    /// throws passes through unchanged, and the file stays as it was.
    /// </param>
    /// <exception cref="SubbandException">
    /// The disk is full, the folder is missing or read-only, or another step failed; the message says which, and how
    /// much space is free there.
    /// </exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);

        DiskStep disk = new(path);
        string target = disk.Do("resolve its name", () => FollowLink(Path.GetFullPath(path)));
        if (Directory.Exists(target) || Path.GetDirectoryName(target) is not { } folder)
        {
            throw new SubbandException($"Cannot write the file {path}: a folder has that name.");
        }

        string temporary = TemporaryName.In(folder);
        try
        {
            using (FileStream file = disk.Do("create a temporary file beside it", () => Create(temporary)))
            {
                using AtomicFileStream stream = new(file, disk);
                write(stream);
                disk.Do("flush it to the disk", () => Flush(file));
            }

            disk.Do("rename the finished temporary file", () => Rename(temporary, target));
        }
        catch
        {
            TemporaryName.TryRemove(temporary);
            throw;
        }

        disk.Do("synchronise its folder, though the file itself is complete", () => SyncFolder(folder));
    }

    /// <summary>Writes or replaces a text file, in UTF-8 without a byte-order mark.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="text">The whole content.</param>
    /// <exception cref="SubbandException">See <see cref="Write"/>.</exception>
    public static void WriteAllText(string path, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Write(path, stream => stream.Write(bytes));
    }

    /// <summary>
    /// Removes what a killed process left of unfinished saves, files and folders, directly inside a folder. Call it
    /// only where no other process is saving, such as in a run folder before the run goes on.
    /// </summary>
    /// <param name="folder">The folder that saves go to.</param>
    /// <returns>How many leftovers were removed.</returns>
    /// <exception cref="SubbandException">The folder cannot be read or a leftover cannot be removed.</exception>
    public static int CleanUp(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return new DiskStep(folder).Do("remove what an interrupted save left in it", () =>
        {
            string[] leftovers = [.. Directory.EnumerateFileSystemEntries(folder).Where(TemporaryName.Is)];
            Array.ForEach(leftovers, TemporaryName.Remove);
            return leftovers.Length;
        });
    }

    /// <summary>
    /// Removes unfinished files that nobody writes any more, directly inside a folder that other processes may be saving
    /// into: those that no process holds open and that were last written more than an hour ago.
    /// </summary>
    /// <param name="folder">The folder that saves go to.</param>
    /// <returns>How many leftovers were removed.</returns>
    /// <exception cref="SubbandException">The folder cannot be read.</exception>
    public static int CleanUpAbandoned(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        DateTime before = DateTime.UtcNow - AbandonedAfter;
        return new DiskStep(folder).Do("look for what interrupted saves left in it", () =>
            Directory.EnumerateFiles(folder).Where(TemporaryName.Is).ToArray()
                .Count(file => File.GetLastWriteTimeUtc(file) < before && RemoveUnlessOpen(file)));
    }

    private static bool RemoveUnlessOpen(string temporary)
    {
        try
        {
            // .NET locks what it opens, and the lock goes with the process: to have the file alone means that nobody writes it.
            using FileStream mine = new(
                temporary, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception exception) when (DiskStep.IsDiskError(exception))
        {
            // In use, somebody else's, or gone already: not ours to remove.
            return false;
        }
    }

    private static string FollowLink(string path) =>
        new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;

    private static FileStream Create(string temporary)
    {
        FaultPoint.Reach("file.create");

        // No buffer of its own, so that disposing after a failure has nothing left to write and cannot fail again.
        return new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
    }

    private static void Flush(FileStream file)
    {
        FaultPoint.Reach("file.flush");
        file.Flush(flushToDisk: true);
    }

    private static void Rename(string temporary, string target)
    {
        FaultPoint.Reach("file.rename");
        File.Move(temporary, target, overwrite: true);
    }

    private static void SyncFolder(string folder)
    {
        FaultPoint.Reach("file.syncFolder");
        DiskSync.Folder(folder);
    }
}
