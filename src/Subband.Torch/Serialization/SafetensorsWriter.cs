using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Subband.Torch.Serialization;

/// <summary>
/// Collects tensors and writes them as one <c>.safetensors</c> file. The same tensors and metadata give the same bytes,
/// whatever the order in which they were added.
/// </summary>
/// <remarks>
/// As in the format's own library, tensors with larger elements come first, then by name, and the header is padded with
/// blanks to a multiple of 8 bytes: so every tensor begins at a multiple of its element size. Metadata are sorted by
/// key. Bytes are taken from their sources only while the file is written, without an intermediate copy.
/// </remarks>
public sealed class SafetensorsWriter
{
    // Small enough for a span, large enough that the calls do not count.
    private const int PointerPiece = 1 << 26;

    private static readonly UTF8Encoding StrictUtf8 = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<Pending> _tensors = [];
    private readonly HashSet<string> _names = [];
    private readonly SortedDictionary<string, string> _metadata = new(StringComparer.Ordinal);

    /// <summary>Begins a file.</summary>
    /// <param name="metadata">Free text by key, for the header; none if null.</param>
    /// <exception cref="ArgumentException">A key or value is not valid Unicode.</exception>
    public SafetensorsWriter(IReadOnlyDictionary<string, string>? metadata = null)
    {
        foreach ((string key, string value) in metadata ?? new Dictionary<string, string>())
        {
            _ = Utf8(key);
            _ = Utf8(value);
            _metadata.Add(key, value);
        }
    }

    /// <summary>Adds a tensor whose elements lie in managed memory.</summary>
    /// <param name="name">The name, not used before and not <c>__metadata__</c>.</param>
    /// <param name="dtype">The type of the elements.</param>
    /// <param name="shape">The dimensions, outermost first; empty for a scalar.</param>
    /// <param name="bytes">
    /// All elements in row-major order, little-endian; not to be changed before they are written.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The name is taken, or the bytes are not as many as the shape asks for.
    /// </exception>
    public void Add(string name, DType dtype, ReadOnlySpan<long> shape, ReadOnlyMemory<byte> bytes)
    {
        long size = CheckedSize(name, dtype, shape);
        if (bytes.Length != size)
        {
            throw new ArgumentException(
                $"Tensor '{name}', {dtype} of shape {TensorExtent.Text(shape)}, has {size} bytes, "
                + $"but {bytes.Length} were given.",
                nameof(bytes));
        }

        Add(name, dtype, shape, size, stream => stream.Write(bytes.Span));
    }

    /// <summary>Adds a tensor whose elements lie in native memory.</summary>
    /// <param name="name">The name, not used before and not <c>__metadata__</c>.</param>
    /// <param name="dtype">The type of the elements.</param>
    /// <param name="shape">The dimensions, outermost first; empty for a scalar.</param>
    /// <param name="data">
    /// The first of all elements, in row-major order. The memory must stay valid and unchanged until the file is
    /// written.
    /// </param>
    /// <exception cref="ArgumentException">The name is taken or the shape impossible.</exception>
    public unsafe void Add(string name, DType dtype, ReadOnlySpan<long> shape, byte* data)
    {
        long size = CheckedSize(name, dtype, shape);
        if (data is null && size > 0)
        {
            throw new ArgumentNullException(nameof(data));
        }

        nint address = (nint)data;
        Add(name, dtype, shape, size, stream =>
        {
            for (long done = 0; done < size; done += PointerPiece)
            {
                int count = (int)Math.Min(PointerPiece, size - done);
                stream.Write(new ReadOnlySpan<byte>((byte*)address + done, count));
            }
        });
    }

    /// <summary>Adds a tensor whose elements are produced when the file is written.</summary>
    /// <param name="name">The name, not used before and not <c>__metadata__</c>.</param>
    /// <param name="dtype">The type of the elements.</param>
    /// <param name="shape">The dimensions, outermost first; empty for a scalar.</param>
    /// <param name="write">
    /// Writes exactly the bytes of all elements, in row-major order, little-endian; called once for each file written.
    /// </param>
    /// <exception cref="ArgumentException">The name is taken or the shape impossible.</exception>
    public void Add(string name, DType dtype, ReadOnlySpan<long> shape, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        Add(name, dtype, shape, CheckedSize(name, dtype, shape), write);
    }

    /// <summary>Writes the file at once or not at all, see <see cref="AtomicFile"/>.</summary>
    /// <exception cref="SubbandException">The disk is full, the folder read-only, or another step failed.</exception>
    /// <exception cref="InvalidOperationException">
    /// A callback wrote more or fewer bytes than its tensor has.
    /// </exception>
    public void Save(string path) => AtomicFile.Write(path, Write);

    /// <summary>Writes the content of the file to a stream.</summary>
    /// <exception cref="InvalidOperationException">
    /// A callback wrote more or fewer bytes than its tensor has.
    /// </exception>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        List<Pending> ordered = [.. _tensors];
        ordered.Sort(Pending.Compare);
        stream.Write(Header(ordered));
        foreach (Pending tensor in ordered)
        {
            using ExactStream exact = new(stream, tensor.Name, tensor.Size);
            tensor.Write(exact);
            exact.CheckComplete();
        }
    }

    private void Add(string name, DType dtype, ReadOnlySpan<long> shape, long size, Action<Stream> write)
    {
        byte[] utf8 = Utf8(name);
        if (name == SafetensorsHeader.MetadataKey || !_names.Add(name))
        {
            throw new ArgumentException($"The tensor name '{name}' is reserved or has been used before.", nameof(name));
        }

        _tensors.Add(new Pending(name, utf8, dtype, shape.ToArray(), size, write));
    }

    private static long CheckedSize(string name, DType dtype, ReadOnlySpan<long> shape)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return TensorExtent.TryCount(shape, dtype.SizeInBytes(), out long count)
            ? count * dtype.SizeInBytes()
            : throw new ArgumentException(
                $"Tensor '{name}' has the impossible shape {TensorExtent.Text(shape)}.", nameof(shape));
    }

    private static byte[] Utf8(string text)
    {
        try
        {
            return StrictUtf8.GetBytes(text);
        }
        catch (EncoderFallbackException exception)
        {
            throw new ArgumentException(
                $"The text '{text}' is not valid Unicode and cannot stand in a file.", nameof(text), exception);
        }
    }

    private byte[] Header(List<Pending> ordered)
    {
        using MemoryStream header = new();
        header.Write(stackalloc byte[SafetensorsHeader.PrefixLength]);
        JsonWriterOptions options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (Utf8JsonWriter json = new(header, options))
        {
            WriteJson(json, ordered);
        }

        while (header.Length % SafetensorsHeader.PrefixLength != 0)
        {
            header.WriteByte((byte)' ');
        }

        long length = header.Length - SafetensorsHeader.PrefixLength;
        if (length > SafetensorsHeader.MaxLength)
        {
            throw new SubbandException(
                $"The header of {ordered.Count} tensors and {_metadata.Count} metadata would have {length} bytes, "
                + $"more than the {SafetensorsHeader.MaxLength} of the safetensors format.");
        }

        byte[] bytes = header.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        return bytes;
    }

    private void WriteJson(Utf8JsonWriter json, List<Pending> ordered)
    {
        json.WriteStartObject();
        if (_metadata.Count > 0)
        {
            json.WriteStartObject(SafetensorsHeader.MetadataKey);
            foreach ((string key, string value) in _metadata)
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
        }

        long offset = 0;
        foreach (Pending tensor in ordered)
        {
            json.WriteStartObject(tensor.Name);
            json.WriteString("dtype", SafetensorsTypes.Name(tensor.DType));
            WriteNumbers(json, "shape", tensor.Shape);
            WriteNumbers(json, "data_offsets", [offset, offset + tensor.Size]);
            json.WriteEndObject();
            offset = checked(offset + tensor.Size);
        }

        json.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string key, ReadOnlySpan<long> numbers)
    {
        json.WriteStartArray(key);
        foreach (long number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }

    /// <summary>A tensor that waits to be written.</summary>
    private sealed record Pending(
        string Name, byte[] Utf8Name, DType DType, long[] Shape, long Size, Action<Stream> Write)
    {
        public static int Compare(Pending left, Pending right)
        {
            int byRank = SafetensorsTypes.Rank(right.DType).CompareTo(SafetensorsTypes.Rank(left.DType));
            return byRank != 0 ? byRank : left.Utf8Name.AsSpan().SequenceCompareTo(right.Utf8Name);
        }
    }
}
