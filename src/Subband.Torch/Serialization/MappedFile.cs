using System.IO.MemoryMappedFiles;

namespace Subband.Torch.Serialization;

/// <summary>
/// A file's bytes as memory, of any size: pages are read when they are touched, and nothing is copied. Also refuses
/// hosts whose byte order is not that of weight files.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _start;
    private bool _disposed;

    private MappedFile(string path, FileStream stream)
    {
        Path = path;
        Length = stream.Length;

        // An empty file cannot be mapped, and has no byte to point at.
        if (Length == 0)
        {
            stream.Dispose();
            return;
        }

        _file = MemoryMappedFile.CreateFromFile(
            stream,
            mapName: null,
            capacity: 0,
            MemoryMappedFileAccess.Read,
            HandleInheritability.None,
            leaveOpen: false);
        _view = _file.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>The file's name as it was given.</summary>
    public string Path { get; }

    /// <summary>The file's length in bytes when it was opened.</summary>
    public long Length { get; }

    /// <summary>The first byte; null for an empty file. Valid until the file is disposed.</summary>
    public byte* Start
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _start;
        }
    }

    /// <summary>Maps a file.</summary>
    /// <exception cref="SubbandException">There is no such file, or it cannot be read.</exception>
    public static MappedFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!BitConverter.IsLittleEndian)
        {
            throw new SubbandException($"Cannot read {path}: weight files are little-endian, and this machine is not.");
        }

        if (Directory.Exists(path))
        {
            throw new SubbandException($"{path} is a folder; a weight file is expected.");
        }

        try
        {
            return new MappedFile(path, new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SubbandException($"There is no file {path}.", exception);
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new SubbandException($"Cannot read {path}: {exception.Message}", exception);
        }
    }

    /// <summary>A part of the file, which must lie within it.</summary>
    public ReadOnlySpan<byte> Span(long offset, long length)
    {
        byte* start = Start;
        if (offset < 0 || length < 0 || length > int.MaxValue || offset > Length - length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(offset), $"Bytes {offset}..{offset + length} are not in the {Length} bytes of {Path}.");
        }

        return new ReadOnlySpan<byte>(start + offset, (int)length);
    }

    /// <summary>The first bytes of the file, at most the number given.</summary>
    public ReadOnlySpan<byte> Head(int length) => Span(0, Math.Min(length, Length));

    /// <summary>Unmaps the file. Pointers and spans into it are invalid afterwards.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (_view is not null)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file!.Dispose();
        }
    }
}
