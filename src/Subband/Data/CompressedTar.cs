using System.IO.Compression;
using Subband.Torch;

namespace Subband.Data;

/// <summary>
/// Opens a <c>.tar.gz</c>: gzip can only be read from its beginning, so that the archive is unpacked once, into a nameless
/// temporary file that goes when the source is closed or the process ends.
/// </summary>
internal static class CompressedTar
{
    private const long FreeSpaceKept = 256L << 20;

    /// <summary>Unpacks and indexes the archive.</summary>
    /// <exception cref="SubbandException">It is damaged, or there is no room for its content.</exception>
    /// <exception cref="OperationCanceledException">The user stopped it.</exception>
    public static TarStore Open(string path, ImageSourceOptions options)
    {
        string fullPath = System.IO.Path.GetFullPath(path);
        FileStream copy = CreateNameless(options.CacheFolder, fullPath);
        try
        {
            Unpack(fullPath, copy, options);
        }
        catch
        {
            copy.Dispose();
            throw;
        }

        copy.Position = 0;
        return TarStore.Open(fullPath, copy);
    }

    private static void Unpack(string path, FileStream copy, ImageSourceOptions options)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            using GZipStream unpacked = new(file, CompressionMode.Decompress);
            byte[] buffer = new byte[1 << 20];
            long sinceCheck = FreeSpaceKept;
            int read;
            while ((read = unpacked.Read(buffer)) > 0)
            {
                options.CancellationToken.ThrowIfCancellationRequested();
                // A small archive may unpack to more than the disk holds.
                sinceCheck += read;
                if (sinceCheck > FreeSpaceKept / 4)
                {
                    CheckRoom(path, options.CacheFolder);
                    sinceCheck = 0;
                }

                copy.Write(buffer.AsSpan(0, read));
                options.Progress?.Invoke(new DataProgress($"Unpacking {System.IO.Path.GetFileName(path)}", file.Position, file.Length, InBytes: true));
            }

            copy.Flush();
        }
        catch (InvalidDataException e)
        {
            throw new SubbandException($"{path} is damaged or incomplete: {e.Message} Get it again.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SubbandException($"{path} could not be unpacked into {options.CacheFolder}: {e.Message}", e);
        }
    }

    private static void CheckRoom(string path, string folder)
    {
        if (new DriveInfo(folder).AvailableFreeSpace < FreeSpaceKept)
        {
            throw new SubbandException($"There is no room in {folder} to unpack {path}; free some, "
                + "set XDG_CACHE_HOME to a folder on another disk, or unpack it by hand and give its folder.");
        }
    }

    private static FileStream CreateNameless(string folder, string path)
    {
        string name = System.IO.Path.Combine(folder, $".tmp-{Environment.ProcessId}-{Guid.NewGuid():N}.tar");
        try
        {
            _ = Directory.CreateDirectory(folder);
            FileStream stream = new(name, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                BufferSize = 1024,
                Options = FileOptions.DeleteOnClose,
            });
            if (!OperatingSystem.IsWindows())
            {
                // Without a name it goes even if the process is killed.
                File.Delete(name);
            }

            return stream;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SubbandException($"{path} cannot be unpacked into {folder}: {e.Message} "
                + "Set XDG_CACHE_HOME to a folder that you may write to, or unpack it by hand and give its folder.", e);
        }
    }
}
