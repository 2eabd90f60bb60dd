using System.IO.Compression;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.Data;

/// <summary>The files of a zip archive. Unpacking takes turns; decoding, the longer part, does not.</summary>
internal sealed class ZipStore : IFileStore
{
    // What deflate can reach at most, rounded up: a claim of more is made to fill the memory.
    private const long MaxRatio = 1040;

    private readonly Lock _lock = new();
    private readonly ZipArchive _archive;
    private readonly List<(StoredFile File, ZipArchiveEntry Entry)> _entries = [];
    private readonly StoredFile[] _files;
    private readonly List<RefusedItem> _refused = [];

    private ZipStore(string path, ZipArchive archive)
    {
        Path = path;
        _archive = archive;
        try
        {
            HashSet<string> names = new(StringComparer.Ordinal);
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                Add(entry, names);
            }
        }
        catch
        {
            archive.Dispose();
            throw;
        }

        _entries.Sort((a, b) => string.CompareOrdinal(a.File.Name, b.File.Name));
        _files = [.. _entries.Select(entry => entry.File)];
    }

    public string Path { get; }

    public IReadOnlyList<StoredFile> Files => _files;

    public IReadOnlyList<RefusedItem> Refused => _refused;

    /// <summary>Opens a zip archive.</summary>
    /// <exception cref="SubbandException">It cannot be opened, is damaged or incomplete.</exception>
    public static ZipStore Open(string path)
    {
        string fullPath = System.IO.Path.GetFullPath(path);
        try
        {
            return new ZipStore(fullPath, ZipFile.OpenRead(fullPath));
        }
        catch (InvalidDataException e)
        {
            throw new SubbandException($"{fullPath} is not a sound zip archive ({e.Message}). Get it again.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoredFiles.CannotRead(fullPath, e);
        }
    }

    public int ReadStart(int file, Span<byte> destination) => Unpack(file, destination, mustFill: false);

    public byte[] Read(int file)
    {
        byte[] bytes = new byte[_files[file].Length];
        _ = Unpack(file, bytes, mustFill: true);
        return bytes;
    }

    public FileExtent? OpenExtent(int file) => null;

    public void Dispose() => _archive.Dispose();

    private int Unpack(int file, Span<byte> destination, bool mustFill)
    {
        string name = _files[file].Name;
        lock (_lock)
        {
            try
            {
                using Stream stream = _entries[file].Entry.Open();
                int read = stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
                // The declared length is only what the archive claims.
                return read == destination.Length || !mustFill
                    ? read
                    : throw new ImageFileException(name, $"does not have the {destination.Length} bytes that the archive declares.");
            }
            catch (InvalidDataException e)
            {
                // Damage is a property of the data: this one is left out, the others serve.
                throw new ImageFileException(name, $"cannot be unpacked: {e.Message}", e);
            }
            catch (IOException e)
            {
                throw StoredFiles.CannotRead(Path, e);
            }
        }
    }

    private void Add(ZipArchiveEntry entry, HashSet<string> names)
    {
        string? name = StoredFiles.Normalise(entry.FullName);
        if (name is null)
        {
            _refused.Add(new RefusedItem(entry.FullName, "has a name that leads out of the archive."));
        }
        else if (name.EndsWith('/') || StoredFiles.IsHidden(name))
        {
            return;
        }
        else if (entry.IsEncrypted)
        {
            _refused.Add(new RefusedItem(name, "is encrypted."));
        }
        else if (entry.Length > (entry.CompressedLength * MaxRatio) + MaxRatio)
        {
            _refused.Add(new RefusedItem(name, $"declares {entry.Length} bytes, more than its {entry.CompressedLength} packed ones can hold."));
        }
        else if (!names.Add(name))
        {
            _refused.Add(new RefusedItem(name, "has the same name as an earlier entry."));
        }
        else
        {
            _entries.Add((new StoredFile(name, entry.Length), entry));
        }
    }
}
