using System.Formats.Tar;
using Microsoft.Win32.SafeHandles;
using Subband.Torch;

namespace Subband.Data;

/// <summary>
/// The files of an uncompressed tar archive, read where they lie: opening it notes where each file begins, reading one goes
/// straight there.
/// </summary>
internal sealed class TarStore : IFileStore
{
    private const int BlockLength = 512;

    // Zeros fill an archive's last record: 10 KiB as most programs write it, seldom as much as this. A longer stretch of
    // them is the end of a file that was made in its full length and never written.
    private const int MaxPadding = 1 << 20;

    private readonly SafeFileHandle _handle;
    private readonly List<(StoredFile File, long Offset)> _entries = [];
    private readonly StoredFile[] _files;
    private readonly List<RefusedItem> _refused = [];

    private TarStore(string path, FileStream archive)
    {
        Path = path;
        Index(archive);
        _entries.Sort((a, b) => string.CompareOrdinal(a.File.Name, b.File.Name));
        _files = [.. _entries.Select(entry => entry.File)];
        _handle = archive.SafeFileHandle;
    }

    public string Path { get; }

    public IReadOnlyList<StoredFile> Files => _files;

    public IReadOnlyList<RefusedItem> Refused => _refused;

    /// <summary>Opens a tar archive.</summary>
    /// <exception cref="SubbandException">It cannot be opened, is damaged or ends early.</exception>
    public static TarStore Open(string path)
    {
        string fullPath = System.IO.Path.GetFullPath(path);
        try
        {
            // Headers lie far apart: a small buffer reads little more than each header.
            return Open(fullPath, new FileStream(fullPath, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1024));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoredFiles.CannotRead(fullPath, e);
        }
    }

    /// <summary>Opens the tar archive in an open stream, which the store owns from now on.</summary>
    /// <param name="path">What to call it.</param>
    /// <param name="archive">The uncompressed archive.</param>
    /// <exception cref="SubbandException">It is damaged or ends early.</exception>
    public static TarStore Open(string path, FileStream archive)
    {
        try
        {
            return new TarStore(path, archive);
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    public int ReadStart(int file, Span<byte> destination)
    {
        int length = (int)Math.Min(destination.Length, _files[file].Length);
        OpenExtent(file).Read(0, destination[..length]);
        return length;
    }

    public byte[] Read(int file)
    {
        byte[] bytes = new byte[_files[file].Length];
        OpenExtent(file).Read(0, bytes);
        return bytes;
    }

    public FileExtent OpenExtent(int file) => new(
        _handle, $"{Path}: {_files[file].Name}", _entries[file].Offset, _files[file].Length, ownsHandle: false);

    public void Dispose() => _handle.Dispose();

    private void Index(FileStream archive)
    {
        long end = archive.Length;
        long lastEnd = 0;
        Dictionary<string, int> places = new(StringComparer.Ordinal);
        string last = "its beginning";
        try
        {
            using TarReader reader = new(archive, leaveOpen: true);
            while (reader.GetNextEntry() is TarEntry entry)
            {
                last = entry.Name;
                long offset = entry.DataOffset;
                if (entry.Length < 0 || entry.Length > end - offset)
                {
                    throw new SubbandException($"{Path} ends {entry.Length - (end - offset)} bytes before the end of its entry {last}; "
                        + "the archive is incomplete, get it again.");
                }

                lastEnd = Math.Max(archive.Position, offset + entry.Length);
                Add(entry, offset, places);
            }

            RequireEndMark(archive, lastEnd, last);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException
            or ArgumentException or NotSupportedException or OverflowException)
        {
            throw new SubbandException($"{Path} is not a sound tar archive; it could be read up to {last}. Get it again.", e);
        }
    }

    // The reader takes the end of the file, and any header without a checksum, for the end of the archive.
    private void RequireEndMark(FileStream archive, long lastEnd, string last)
    {
        long mark = archive.Position - BlockLength;
        if (mark < lastEnd)
        {
            throw new SubbandException($"{Path} ends after {last} without the block of zeros that ends a tar archive; "
                + "it is incomplete; get it again, or give a folder that it was unpacked into.");
        }

        archive.Position = mark;
        byte[] rest = new byte[Math.Min(MaxPadding, archive.Length - mark)];
        archive.ReadExactly(rest);
        int other = rest.AsSpan().IndexOfAnyExcept((byte)0);
        if (other >= BlockLength)
        {
            throw new SubbandException($"{Path} goes on at byte {mark + other}, behind the zeros that end a tar archive; "
                + "of archives put one behind the other, give a folder that all of them were unpacked into.");
        }

        if (other >= 0)
        {
            throw new InvalidDataException($"The block at byte {mark} is neither a header nor the end.");
        }

        if (archive.Length - mark > MaxPadding)
        {
            throw new SubbandException($"{Path} holds {archive.Length - mark} zeros after {last}; "
                + "it was probably never written to its end; get it again, or give a folder that it was unpacked into.");
        }
    }

    private void Add(TarEntry entry, long offset, Dictionary<string, int> places)
    {
        if (entry.EntryType is TarEntryType.Directory or TarEntryType.GlobalExtendedAttributes)
        {
            return;
        }

        string? name = StoredFiles.Normalise(entry.Name);
        if (name is null)
        {
            _refused.Add(new RefusedItem(entry.Name, "has a name that leads out of the archive."));
        }
        else if (StoredFiles.IsHidden(name))
        {
            return;
        }
        else if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile))
        {
            _refused.Add(new RefusedItem(name, "is a link or a device, not a file."));
        }
        else if (places.TryGetValue(name, out int place))
        {
            // A later entry replaces an earlier one of its name, as in unpacking.
            _refused.Add(new RefusedItem(name, "is replaced by a later entry of the same name."));
            _entries[place] = (new StoredFile(name, entry.Length), offset);
        }
        else
        {
            places.Add(name, _entries.Count);
            _entries.Add((new StoredFile(name, entry.Length), offset));
        }
    }
}
