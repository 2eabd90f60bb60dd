namespace Subband.Torch.Serialization;

/// <summary>
/// A <c>.safetensors</c> file opened for reading. The file is mapped into memory: opening reads only the header, and a
/// tensor's bytes are read when they are touched. Nothing in such a file is ever executed.
/// </summary>
/// <remarks>
/// Format: the length of the header (8 bytes, little-endian), the header (JSON), the tensors' bytes. Opening checks the
/// whole header against the file: all lengths and offsets, no name twice, tensors without holes or overlaps, and the
/// file's end. See https://huggingface.co/docs/safetensors.
/// </remarks>
public sealed class SafetensorsFile : IDisposable
{
    private readonly MappedFile _file;
    private readonly Dictionary<string, SafetensorsEntry> _byName;

    private SafetensorsFile(MappedFile file)
    {
        _file = file;
        SafetensorsHeader header = SafetensorsHeader.Read(file);
        Metadata = header.Metadata;
        Entries = header.Entries;
        _byName = Entries.ToDictionary(entry => entry.Name);
    }

    /// <summary>The file's name as it was given.</summary>
    public string Path => _file.Path;

    /// <summary>The free text that the writer added, by key; empty where there is none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensors in the order of their bytes in the file.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries { get; }

    /// <summary>The tensor of a name.</summary>
    /// <exception cref="SubbandException">The file has no tensor of that name.</exception>
    public SafetensorsEntry this[string name] => _byName.TryGetValue(name, out SafetensorsEntry? entry)
        ? entry
        : throw new SubbandException($"{Path} has no tensor '{name}'; {Offered()}.");

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="path">The file. It must not be cut short by others while it is open.</param>
    /// <exception cref="FileFormatException">
    /// The file is not safetensors, cut off, or damaged; the message says which check failed, at which byte, and what
    /// the file seems to be instead.
    /// </exception>
    /// <exception cref="SubbandException">There is no such file, or it cannot be read.</exception>
    public static SafetensorsFile Open(string path)
    {
        MappedFile file = MappedFile.Open(path);
        try
        {
            return new SafetensorsFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Looks for a tensor.</summary>
    /// <returns>False where the file has no tensor of that name.</returns>
    public bool TryGetEntry(string name, out SafetensorsEntry? entry) => _byName.TryGetValue(name, out entry);

    /// <summary>
    /// A tensor's bytes, in the mapped file itself. The span is valid until this object is disposed, which must
    /// therefore stay referenced while the span is in use.
    /// </summary>
    /// <exception cref="SubbandException">
    /// The file has no such tensor, or the tensor is larger than a span can be (2 GiB); use
    /// <see cref="Pointer"/> for it.
    /// </exception>
    public ReadOnlySpan<byte> Bytes(string name)
    {
        SafetensorsEntry entry = this[name];
        return entry.ByteCount <= int.MaxValue
            ? _file.Span(entry.Offset, entry.ByteCount)
            : throw new SubbandException(
                $"Tensor '{FileText.Shown(name)}' of {Path} has {entry.ByteCount} bytes, more than one span can hold; "
                + "use Pointer.");
    }

    /// <summary>
    /// The address of a tensor's first byte in the mapped file, for tensors of any size. Valid for reading
    /// <see cref="SafetensorsEntry.ByteCount"/> bytes until this object is disposed; writing to it ends the process. It
    /// need not be aligned to the element size, since files of other writers may not be.
    /// </summary>
    /// <exception cref="SubbandException">The file has no such tensor.</exception>
    public unsafe byte* Pointer(string name) => _file.Start + this[name].Offset;

    /// <summary>Closes the file. Spans and pointers into it are invalid afterwards.</summary>
    public void Dispose() => _file.Dispose();

    private string Offered() => Entries.Count switch
    {
        0 => "it has none at all",
        <= 8 => "it has " + string.Join(", ", Entries.Select(entry => FileText.Shown(entry.Name))),
        _ => $"it has {Entries.Count} tensors, such as "
            + string.Join(", ", Entries.Take(5).Select(entry => FileText.Shown(entry.Name))),
    };
}
