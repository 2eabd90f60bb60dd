namespace Subband.Torch.Serialization;

/// <summary>
/// Writes a whole folder, such as a checkpoint, so that its name never stands for half of one: a temporary folder
/// beside it is filled, every file and folder in it is synchronised to the disk, and it is renamed.
/// </summary>
public static class AtomicFolder
{
    /// <summary>Writes a folder, or replaces one as a whole.</summary>
    /// <param name="path">The folder to write; the folder around it must exist.</param>
    /// <param name="fill">
    /// Is given the path of the empty temporary folder and writes the content into it. What this callback throws passes
    /// through unchanged, and a folder that was there before stays as it was.
    /// </param>
    /// <remarks>
    /// An existing folder is exchanged with the new one in a single step of the file system, then deleted. Only Linux
    /// and some of its file systems can do that; elsewhere an existing folder is refused.
    /// </remarks>
    /// <exception cref="SubbandException">
    /// A step failed; the message says which, and how much space is free there.
    /// </exception>
    public static void Write(string path, Action<string> fill)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(fill);

        DiskStep disk = new(path);
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (File.Exists(target) || Path.GetDirectoryName(target) is not { } parent)
        {
            throw new SubbandException(
                $"Cannot write the folder {path}: a file has that name, or it is a root folder.");
        }

        string temporary = TemporaryName.In(parent);
        try
        {
            disk.Do("create a temporary folder beside it", () => Create(parent, temporary));
            fill(temporary);
            disk.Do("flush its files to the disk", () => Flush(temporary));
            disk.Do("rename the finished temporary folder", () => Rename(temporary, target));
        }
        catch (Exception exception)
        {
            TemporaryName.TryRemove(temporary);
            if (exception.GetType() == typeof(SubbandException) && exception.Message.Contains(temporary))
            {
                // A file in the folder failed: people know the folder by its own name, and the other is gone.
                throw new SubbandException(exception.Message.Replace(temporary, target), exception);
            }

            throw;
        }

        disk.Do("synchronise the folder around it, though the folder itself is complete", () => SyncParent(parent));

        // After an exchange the temporary name stands for the former folder.
        TemporaryName.TryRemove(temporary);
    }

    private static void Create(string parent, string temporary)
    {
        FaultPoint.Reach("folder.create");
        if (!Directory.Exists(parent))
        {
            throw new DirectoryNotFoundException();
        }

        Directory.CreateDirectory(temporary);
    }

    private static void Flush(string temporary)
    {
        foreach (string file in Directory.EnumerateFiles(temporary, "*", SearchOption.AllDirectories))
        {
            FaultPoint.Reach("folder.flushFile");
            DiskSync.File(file);
        }

        foreach (string folder in Directory.EnumerateDirectories(temporary, "*", SearchOption.AllDirectories))
        {
            DiskSync.Folder(folder);
        }

        FaultPoint.Reach("folder.flushFolder");
        DiskSync.Folder(temporary);
    }

    private static void Rename(string temporary, string target)
    {
        FaultPoint.Reach("folder.rename");
        if (Directory.Exists(target))
        {
            DiskSync.Exchange(temporary, target);
        }
        else
        {
            Directory.Move(temporary, target);
        }
    }

    private static void SyncParent(string parent)
    {
        FaultPoint.Reach("folder.syncFolder");
        DiskSync.Folder(parent);
    }
}
