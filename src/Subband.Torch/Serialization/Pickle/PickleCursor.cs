using System.Buffers.Binary;
using System.Text;

namespace Subband.Torch.Serialization.Pickle;

/// <summary>Takes the parts of pickle instructions from a stretch of a file; none can reach beyond its end.</summary>
internal sealed class PickleCursor(MappedFile file, long start, long end)
{
    private static readonly UTF8Encoding StrictUtf8 = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The place of the next byte in the file.</summary>
    public long Position { get; private set; } = start;

    /// <summary>The file's name, for errors.</summary>
    public string Path => file.Path;

    public byte Byte() => Bytes(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Bytes(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8));

    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Bytes(8));

    /// <summary>So many bytes, which are checked to be there before anything is made of them.</summary>
    public ReadOnlySpan<byte> Bytes(ulong length)
    {
        if (length > (ulong)(end - Position) || length > int.MaxValue)
        {
            throw Error(
                $"an instruction needs {length} bytes, and {end - Position} are left; the file is cut off or damaged");
        }

        ReadOnlySpan<byte> bytes = file.Span(Position, (long)length);
        Position += (long)length;
        return bytes;
    }

    /// <summary>Passes over so many bytes, which are checked to be there; more than a span holds, if need be.</summary>
    public void Skip(long length)
    {
        if (length > end - Position)
        {
            throw Error($"{length} bytes should follow, and {end - Position} do; the file is cut off");
        }

        Position += length;
    }

    /// <summary>A text of so many bytes.</summary>
    public string Text(ulong length) => TryText(Bytes(length)) ?? throw Error("a text is not valid UTF-8");

    /// <summary>A line, which names a module or a class.</summary>
    public string Line()
    {
        ReadOnlySpan<byte> rest = file.Span(Position, Math.Min(end - Position, PickleLimits.GlobalNameLength));
        int length = rest.IndexOf((byte)'\n');
        if (length < 0)
        {
            throw Error($"a name does not end within {rest.Length} bytes");
        }

        string line = Text((ulong)length);
        _ = Byte();
        return line;
    }

    /// <summary>The text of bytes; null where they are not UTF-8.</summary>
    public static string? TryText(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>An error at the current place.</summary>
    public FileFormatException Error(string problem) =>
        new($"{Path} cannot be read as a PyTorch file: at byte {Position}, {problem}.");
}
