using System.Buffers.Binary;
using System.Text.Json;

namespace Subband.Torch.Serialization;

/// <summary>
/// Reads and checks the header of a safetensors file; nothing is allocated on the word of the file alone.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The length that the format's own library allows at most.</summary>
    public const int MaxLength = 100_000_000;

    /// <summary>The bytes before the header, which say how long it is.</summary>
    public const int PrefixLength = 8;

    /// <summary>The key of the free text among the tensors.</summary>
    public const string MetadataKey = "__metadata__";

    private readonly MappedFile _file;
    private readonly Dictionary<string, string> _metadata = [];
    private readonly List<SafetensorsEntry> _entries = [];
    private readonly HashSet<string> _keys = [];
    private readonly long _dataStart;

    private SafetensorsHeader(MappedFile file)
    {
        _file = file;
        int length = CheckedLength();
        _dataStart = PrefixLength + length;
        ParseJson(file.Span(PrefixLength, length));
        _entries = [.. _entries.OrderBy(entry => entry.Offset).ThenBy(entry => entry.ByteCount)];
        CheckLayout();
    }

    /// <summary>The free text by key.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The tensors in the order of their bytes.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries => _entries;

    /// <summary>Reads the header of a mapped file.</summary>
    /// <exception cref="FileFormatException">A check failed.</exception>
    public static SafetensorsHeader Read(MappedFile file) => new(file);

    private int CheckedLength()
    {
        if (_file.Length < PrefixLength)
        {
            throw NotSafetensors($"it has {_file.Length} bytes, fewer than the {PrefixLength} of the header's length");
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(_file.Head(PrefixLength));
        long rest = _file.Length - PrefixLength;
        bool braceFollows = rest > 0 && _file.Span(PrefixLength, 1)[0] == (byte)'{';
        if (length > MaxLength)
        {
            throw NotSafetensors(
                $"its first 8 bytes give a header length of {length}, more than the {MaxLength} allowed");
        }

        if (length > (ulong)rest)
        {
            string problem =
                $"the header should have {length} bytes from byte {PrefixLength}, but the file ends after {rest}";
            throw braceFollows ? Truncated(problem, (long)length - rest) : NotSafetensors(problem);
        }

        return length >= 2 && braceFollows
            ? (int)length
            : throw NotSafetensors(
                $"the header at byte {PrefixLength} does not begin with '{{' or is shorter than '{{}}'");
    }

    private void ParseJson(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = 3 });
        try
        {
            reader.Read();
            while (NextKey(ref reader) is { } key)
            {
                if (!_keys.Add(key))
                {
                    throw Bad(reader, $"the name '{FileText.Shown(key)}' stands there twice");
                }

                reader.Read();
                if (key == MetadataKey)
                {
                    ReadMetadata(ref reader);
                }
                else
                {
                    ReadEntry(ref reader, key);
                }
            }

            // Only blanks may follow; anything else throws here.
            reader.Read();
        }
        catch (JsonException exception)
        {
            throw Bad(reader, "it is not valid JSON: " + FileText.Shown(exception.Message), exception);
        }
        catch (InvalidOperationException exception)
        {
            // The reader's answer to text that is not valid UTF-8 or UTF-16.
            throw Bad(reader, "a string is not valid Unicode", exception);
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(reader, JsonTokenType.StartObject, MetadataKey, "an object of strings");
        while (NextKey(ref reader) is { } key)
        {
            reader.Read();
            Expect(reader, JsonTokenType.String, $"{MetadataKey}.{key}", "a string");
            if (!_metadata.TryAdd(key, reader.GetString()!))
            {
                throw Bad(reader, $"the name '{MetadataKey}.{FileText.Shown(key)}' stands there twice");
            }
        }
    }

    private void ReadEntry(ref Utf8JsonReader reader, string name)
    {
        Expect(reader, JsonTokenType.StartObject, name, "an object with dtype, shape and data_offsets");
        string tensor = $"tensor '{FileText.Shown(name)}'";
        DType? dtype = null;
        long[]? shape = null;
        long[]? offsets = null;
        while (NextKey(ref reader) is { } key)
        {
            reader.Read();
            switch (key)
            {
                case "dtype" when dtype is null:
                    dtype = ReadType(ref reader, name);
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(ref reader, name, key, TensorExtent.MaxRank);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(ref reader, name, key, 2);
                    break;
                default:
                    throw Bad(reader, $"{tensor} has the key '{FileText.Shown(key)}' twice, or it is unknown");
            }
        }

        if (dtype is null || shape is null || offsets is not [long begin, long end])
        {
            throw Bad(reader, $"{tensor} lacks one of dtype, shape and its two data_offsets");
        }

        if (!TensorExtent.TryCount(shape, dtype.Value.SizeInBytes(), out long count))
        {
            throw Bad(reader, $"{tensor} has the shape {TensorExtent.Text(shape)}, too large for any memory");
        }

        long size = count * dtype.Value.SizeInBytes();
        if (end < begin || end - begin != size)
        {
            throw Bad(
                reader,
                $"{tensor} should take {size} bytes as {dtype} of shape {TensorExtent.Text(shape)}, "
                + $"but its data_offsets are {begin} and {end}");
        }

        if (begin > long.MaxValue - _dataStart - size)
        {
            throw Bad(reader, $"{tensor} begins at {begin}, beyond any file");
        }

        _entries.Add(new SafetensorsEntry(name, dtype.Value, shape, _dataStart + begin, size));
    }

    private DType ReadType(ref Utf8JsonReader reader, string name)
    {
        Expect(reader, JsonTokenType.String, $"{name}.dtype", "a string");
        string text = reader.GetString()!;
        return SafetensorsTypes.Find(text)
            ?? throw Bad(
                reader,
                $"tensor '{FileText.Shown(name)}' has the element type {FileText.Shown(text)}, "
                + $"and only {SafetensorsTypes.Names} can be read");
    }

    private long[] ReadNumbers(ref Utf8JsonReader reader, string name, string key, int most)
    {
        Expect(reader, JsonTokenType.StartArray, $"{name}.{key}", "a list of numbers");
        List<long> numbers = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
            {
                throw Bad(
                    reader,
                    $"'{FileText.Shown(name)}.{key}' holds something that is not a whole number from 0 to 2^63 - 1");
            }

            numbers.Add(number);
            if (numbers.Count > most)
            {
                throw Bad(reader, $"'{FileText.Shown(name)}.{key}' has more than {most} numbers");
            }
        }

        return [.. numbers];
    }

    private static string? NextKey(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null;

    private void Expect(Utf8JsonReader reader, JsonTokenType token, string name, string what)
    {
        if (reader.TokenType != token)
        {
            throw Bad(reader, $"'{FileText.Shown(name)}' should be {what}");
        }
    }

    private void CheckLayout()
    {
        long end = _dataStart;
        SafetensorsEntry? previous = null;
        foreach (SafetensorsEntry entry in _entries)
        {
            if (entry.Offset > end)
            {
                throw Damaged(
                    $"the {entry.Offset - end} bytes from byte {end} on, before tensor '{FileText.Shown(entry.Name)}', "
                    + "belong to no tensor");
            }

            if (entry.Offset < end)
            {
                throw Damaged(
                    $"tensor '{FileText.Shown(entry.Name)}' begins at byte {entry.Offset}, inside tensor "
                    + $"'{FileText.Shown(previous!.Name)}', which ends at byte {end}");
            }

            end = entry.Offset + entry.ByteCount;
            previous = entry;
        }

        if (end > _file.Length)
        {
            throw Truncated(
                $"the last tensor, '{FileText.Shown(previous!.Name)}', should end at byte {end}", end - _file.Length);
        }

        if (end < _file.Length)
        {
            throw Damaged($"the last {_file.Length - end} bytes, from byte {end} on, belong to no tensor");
        }
    }

    private FileFormatException NotSafetensors(string problem) =>
        new($"{_file.Path} is not a safetensors file: {problem}.{FileKind.Guess(_file)}");

    private FileFormatException Truncated(string problem, long missing) =>
        new($"{_file.Path} is cut off: {problem}, and {missing} bytes are missing. Fetch or write it again.");

    private FileFormatException Damaged(string problem) =>
        new($"{_file.Path} is not a sound safetensors file: {problem}.");

    private FileFormatException Bad(Utf8JsonReader reader, string problem, Exception? cause = null)
    {
        string message = $"{_file.Path} is not a sound safetensors file: in the header, at byte "
            + $"{PrefixLength + reader.TokenStartIndex}, {problem.TrimEnd('.')}.";
        return cause is null ? new FileFormatException(message) : new FileFormatException(message, cause);
    }
}
