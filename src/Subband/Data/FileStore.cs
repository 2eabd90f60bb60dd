using Microsoft.Win32.SafeHandles;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.Data;

/// <summary>Named files that lie in a folder or an archive and are read where they lie.</summary>
/// <remarks>Reading is safe from several threads at once. Names are paths inside the store with <c>/</c> between the parts.</remarks>
internal interface IFileStore : IDisposable
{
    /// <summary>The folder or archive, as a full path.</summary>
    string Path { get; }

    /// <summary>The regular, not hidden files, sorted by the code units of their names.</summary>
    IReadOnlyList<StoredFile> Files { get; }

    /// <summary>What lies there and is no readable file, such as links to nothing.</summary>
    IReadOnlyList<RefusedItem> Refused { get; }

    /// <summary>Reads up to <paramref name="destination"/>'s length from the start of a file; returns how much there was.</summary>
    /// <exception cref="ImageFileException">The file's own data are damaged; the others serve.</exception>
    /// <exception cref="SubbandException">The file cannot be read.</exception>
    int ReadStart(int file, Span<byte> destination);

    /// <summary>Reads a whole file of at most <see cref="StoredFiles.MaxLength"/> bytes.</summary>
    /// <exception cref="ImageFileException">The file's own data are damaged; the others serve.</exception>
    /// <exception cref="SubbandException">The file cannot be read.</exception>
    byte[] Read(int file);

    /// <summary>Gives access to any part of a file, whatever its length; null where the store packs its files.</summary>
    /// <exception cref="SubbandException">The file cannot be opened.</exception>
    FileExtent? OpenExtent(int file);
}

/// <summary>A file of a store.</summary>
/// <param name="Name">Its path inside the store.</param>
/// <param name="Length">Its length in bytes.</param>
internal readonly record struct StoredFile(string Name, long Length)
{
    /// <summary>The name without the folders.</summary>
    public string BaseName => Name[(Name.LastIndexOf('/') + 1)..];
}

/// <summary>What all stores agree on.</summary>
internal static class StoredFiles
{
    /// <summary>The longest image file that is read, in bytes. Pixels are limited by the decoder.</summary>
    public const long MaxLength = 1L << 30;

    /// <summary>Whether a path leads through a name that begins with a dot, or through a Mac archive's shadow folder.</summary>
    public static bool IsHidden(string name) =>
        name.StartsWith('.') || name.Contains("/.", StringComparison.Ordinal) || name.StartsWith("__MACOSX/", StringComparison.Ordinal);

    /// <summary>
    /// Puts an archive's entry name into the form of a store: no leading <c>./</c>, <c>/</c> between the parts. Null where
    /// the name leads out of the archive: nothing is ever written under such a name, but it is not to be trusted either.
    /// </summary>
    public static string? Normalise(string entryName)
    {
        string name = entryName.Replace('\\', '/');
        while (name.StartsWith("./", StringComparison.Ordinal))
        {
            name = name[2..];
        }

        bool leadsOut = name.StartsWith('/') || name.Contains('\0', StringComparison.Ordinal)
            || name.Split('/').Contains("..") || (name.Length > 1 && name[1] == ':');
        return leadsOut || name.Length == 0 ? null : name;
    }

    /// <summary>An I/O error as a sentence about the file.</summary>
    public static SubbandException CannotRead(string file, Exception cause) =>
        new($"{file} cannot be read: {cause.Message}", cause);
}

/// <summary>A range of bytes inside an open file; reading is safe from several threads at once.</summary>
internal sealed class FileExtent(SafeFileHandle handle, string name, long offset, long length, bool ownsHandle) : IDisposable
{
    /// <summary>What the bytes are called in messages.</summary>
    public string Name => name;

    /// <summary>How many bytes there are.</summary>
    public long Length => length;

    /// <summary>Fills the span with the bytes that begin at a position inside the extent.</summary>
    /// <exception cref="SubbandException">The file cannot be read or has become shorter.</exception>
    public void Read(long position, Span<byte> destination)
    {
        if (position < 0 || position > length - destination.Length)
        {
            throw new SubbandException($"{name} has {length} bytes, but {destination.Length} were wanted at {position}.");
        }

        try
        {
            while (!destination.IsEmpty)
            {
                int read = RandomAccess.Read(handle, destination, offset + position);
                if (read == 0)
                {
                    throw new SubbandException($"{name} ended {destination.Length} bytes early; it has become shorter since it was opened.");
                }

                destination = destination[read..];
                position += read;
            }
        }
        catch (IOException e)
        {
            throw StoredFiles.CannotRead(name, e);
        }
    }

    public void Dispose()
    {
        if (ownsHandle)
        {
            handle.Dispose();
        }
    }
}
