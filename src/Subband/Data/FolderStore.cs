using Microsoft.Win32.SafeHandles;
using Subband.Torch;

namespace Subband.Data;

/// <summary>The files below a folder. Linked folders are followed unless they lead back to one they lie in.</summary>
internal sealed class FolderStore : IFileStore
{
    private readonly List<StoredFile> _files = [];
    private readonly List<RefusedItem> _refused = [];

    /// <summary>Lists the folder.</summary>
    /// <exception cref="SubbandException">It, or a folder in it, cannot be listed.</exception>
    public FolderStore(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        Walk(new DirectoryInfo(Path), TruePath.Of(Path), "", []);
        _files.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
    }

    public string Path { get; }

    public IReadOnlyList<StoredFile> Files => _files;

    public IReadOnlyList<RefusedItem> Refused => _refused;

    public int ReadStart(int file, Span<byte> destination)
    {
        using SafeFileHandle handle = Open(file);
        return RandomAccess.Read(handle, destination, 0);
    }

    public byte[] Read(int file)
    {
        using FileExtent extent = OpenExtent(file);
        byte[] bytes = new byte[_files[file].Length];
        extent.Read(0, bytes);
        return bytes;
    }

    public FileExtent OpenExtent(int file)
    {
        SafeFileHandle handle = Open(file);
        long length = RandomAccess.GetLength(handle);
        string name = FullName(file);
        if (length != _files[file].Length)
        {
            handle.Dispose();
            throw new SubbandException($"{name} had {_files[file].Length} bytes when the folder was listed and has {length} now; "
                + "data must not change while they are in use.");
        }

        return new FileExtent(handle, name, 0, length, ownsHandle: true);
    }

    public void Dispose()
    {
        // Nothing is held open.
    }

    private string FullName(int file) => System.IO.Path.Combine(Path, _files[file].Name);

    private SafeFileHandle Open(int file)
    {
        try
        {
            return File.OpenHandle(FullName(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoredFiles.CannotRead(FullName(file), e);
        }
    }

    // "place" is the folder's true path, so that a link to a folder above is noticed.
    private void Walk(DirectoryInfo folder, string place, string prefix, HashSet<string> above)
    {
        if (!above.Add(place))
        {
            _refused.Add(new RefusedItem(prefix.TrimEnd('/'), "is a link to a folder that it lies in."));
            return;
        }

        foreach (FileSystemInfo entry in List(folder))
        {
            string name = prefix + entry.Name;
            if (entry.Name.StartsWith('.'))
            {
                continue;
            }

            if (entry.Name.Contains('\uFFFD', StringComparison.Ordinal) && !System.IO.Path.Exists(entry.FullName))
            {
                // Bytes that are no UTF-8 were replaced in the name, and under the new one there is nothing.
                _refused.Add(new RefusedItem(name, "has a name that is not UTF-8; rename it."));
            }
            else if (entry is DirectoryInfo child)
            {
                string inPlace = System.IO.Path.Combine(place, child.Name);
                Walk(child, child.LinkTarget is null ? inPlace : TruePath.Of(inPlace), name + "/", above);
            }
            else
            {
                AddFile((FileInfo)entry, name);
            }
        }

        _ = above.Remove(place);
    }

    private void AddFile(FileInfo file, string name)
    {
        FileInfo? target;
        try
        {
            // A link's own length is that of the path it holds.
            target = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
        }
        catch (IOException e)
        {
            _refused.Add(new RefusedItem(name, $"is a link that cannot be followed: {e.Message}."));
            return;
        }

        if (target is null || !target.Exists)
        {
            _refused.Add(new RefusedItem(name, "is a link to nothing."));
            return;
        }

        _files.Add(new StoredFile(name, target.Length));
    }

    private static FileSystemInfo[] List(DirectoryInfo folder)
    {
        try
        {
            return folder.GetFileSystemInfos();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SubbandException($"The folder {folder.FullName} cannot be listed: {e.Message}", e);
        }
    }
}
