using System.Buffers.Binary;
using System.Text;

namespace Subband.Torch.Serialization;

/// <summary>
/// The directory of a zip archive whose entries are stored without compression, as PyTorch writes them, so that each
/// entry is a stretch of the file. Knows zip64.
/// </summary>
/// <remarks>
/// Compressed and encrypted entries are refused when they are asked for, so that no archive grows when it is unpacked.
/// Format: APPNOTE.TXT of PKWARE, sections 4.3 and 4.5.3.
/// </remarks>
internal sealed class ZipDirectory
{
    private const uint EndMark = 0x06054b50;
    private const uint End64Mark = 0x06064b50;
    private const uint Locator64Mark = 0x07064b50;
    private const uint CentralMark = 0x02014b50;
    private const uint LocalMark = 0x04034b50;
    private const int EndLength = 22;
    private const int Locator64Length = 20;
    private const int End64Length = 56;
    private const int CentralLength = 46;
    private const int LocalLength = 30;
    private const ushort Extra64 = 1;
    private const ushort EncryptedFlag = 1;

    private readonly MappedFile _file;
    private readonly Dictionary<string, Entry> _entries = [];

    private ZipDirectory(MappedFile file)
    {
        _file = file;
        (long start, long length, ulong count) = FindDirectory();
        long end = start + length;
        for (ulong index = 0; index < count; index++)
        {
            start += ReadEntry(start, end);
        }
    }

    /// <summary>The names of all entries.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    /// <summary>Reads the directory of a mapped file.</summary>
    /// <exception cref="FileFormatException">The archive is cut off, damaged, or compressed.</exception>
    public static ZipDirectory Read(MappedFile file) => new(file);

    /// <summary>Looks for an entry; its bytes lie within the file.</summary>
    /// <exception cref="FileFormatException">There is such an entry, but it is compressed or encrypted.</exception>
    public bool TryFind(string name, out long offset, out long length)
    {
        bool found = _entries.TryGetValue(name, out Entry entry);
        string shown = FileText.Shown(name);
        Check(!entry.Encrypted, $"its entry '{shown}' is encrypted");
        Check(
            entry.Method == 0,
            $"its entry '{shown}' is compressed, which PyTorch never does; unpack and store it without compression");
        (offset, length) = (entry.Offset, entry.Length);
        return found;
    }

    private (long Start, long Length, ulong Count) FindDirectory()
    {
        // The end record closes the file, but for a comment of up to 64 KiB.
        long tailLength = Math.Min(_file.Length, EndLength + ushort.MaxValue);
        ReadOnlySpan<byte> tail = _file.Span(_file.Length - tailLength, tailLength);
        for (int at = tail.Length - EndLength; at >= 0; at--)
        {
            ReadOnlySpan<byte> record = tail[at..];
            if (Number32(record, 0) == EndMark && Number16(record, 20) == record.Length - EndLength)
            {
                return ReadEnd(record, _file.Length - tailLength + at);
            }
        }

        throw Damaged(
            "it begins as a zip archive but has no directory at its end, so it is cut off; fetch or write it again");
    }

    private (long Start, long Length, ulong Count) ReadEnd(ReadOnlySpan<byte> record, long position)
    {
        ulong count = Number16(record, 10);
        ulong length = Number32(record, 12);
        ulong start = Number32(record, 16);
        if (count == ushort.MaxValue || length == uint.MaxValue || start == uint.MaxValue)
        {
            ReadOnlySpan<byte> locator = Part(position - Locator64Length, Locator64Length, "the zip64 locator");
            Check(Number32(locator, 0) == Locator64Mark, "the zip64 locator has a wrong mark");
            ulong end64 = Number64(locator, 8);
            Check(end64 <= long.MaxValue, "the zip64 directory lies outside the file");
            ReadOnlySpan<byte> end = Part((long)end64, End64Length, "the end of the zip64 directory");
            Check(Number32(end, 0) == End64Mark, "the end of the zip64 directory has a wrong mark");
            (count, length, start) = (Number64(end, 32), Number64(end, 40), Number64(end, 48));
        }

        bool inside = start <= (ulong)position && length <= (ulong)position - start;
        Check(inside, $"its directory should have {length} bytes from byte {start}, which is not inside the file");
        Check(count <= length / CentralLength, $"its directory of {length} bytes cannot list {count} entries");
        return ((long)start, (long)length, count);
    }

    private long ReadEntry(long start, long end)
    {
        Check(end - start >= CentralLength, "its directory ends inside an entry");
        ReadOnlySpan<byte> fixedPart = Part(start, CentralLength, "an entry of the directory");
        Check(Number32(fixedPart, 0) == CentralMark, $"the directory's entry at byte {start} has a wrong mark");
        int nameLength = Number16(fixedPart, 28);
        int extraLength = Number16(fixedPart, 30);
        int total = CentralLength + nameLength + extraLength + Number16(fixedPart, 32);
        Check(end - start >= total, "its directory ends inside an entry");

        ReadOnlySpan<byte> nameBytes = Part(start + CentralLength, nameLength, "the name of an entry");
        string name = Encoding.UTF8.GetString(nameBytes);
        string shown = FileText.Shown(name);
        bool encrypted = (Number16(fixedPart, 8) & EncryptedFlag) != 0;
        int method = Number16(fixedPart, 10);
        ulong packed = Number32(fixedPart, 20);
        ulong size = Number32(fixedPart, 24);
        ulong local = Number32(fixedPart, 42);
        ReadOnlySpan<byte> extra = Part(start + CentralLength + nameLength, extraLength, "the extra field of an entry");
        ReadExtra64(extra, shown, ref size, ref packed, ref local);
        Check(size == packed || method != 0, $"its stored entry '{shown}' has two sizes, {packed} and {size}");
        Entry entry = new(DataOffset(shown, nameBytes, local, packed), (long)packed, method, encrypted);
        Check(_entries.TryAdd(name, entry), $"its entry '{shown}' is listed twice");
        return total;
    }

    private void ReadExtra64(ReadOnlySpan<byte> extra, string name, ref ulong size, ref ulong packed, ref ulong local)
    {
        while (extra.Length >= 4)
        {
            int length = Number16(extra, 2);
            Check(length <= extra.Length - 4, $"the extra field of its entry '{name}' is cut off");
            if (Number16(extra, 0) == Extra64)
            {
                // Holds, in this order, just those numbers whose 32-bit field is full.
                ReadOnlySpan<byte> numbers = extra.Slice(4, length);
                Widen(ref numbers, ref size, name);
                Widen(ref numbers, ref packed, name);
                Widen(ref numbers, ref local, name);
                return;
            }

            extra = extra[(4 + length)..];
        }
    }

    private void Widen(ref ReadOnlySpan<byte> numbers, ref ulong value, string name)
    {
        if (value == uint.MaxValue)
        {
            Check(numbers.Length >= 8, $"the zip64 numbers of its entry '{name}' are cut off");
            value = Number64(numbers, 0);
            numbers = numbers[8..];
        }
    }

    private long DataOffset(string name, ReadOnlySpan<byte> nameBytes, ulong local, ulong size)
    {
        Check(local <= (ulong)_file.Length, $"its entry '{name}' begins at byte {local}, outside the file");
        ReadOnlySpan<byte> header = Part((long)local, LocalLength, $"the header of its entry '{name}'");
        int nameLength = Number16(header, 26);
        Check(Number32(header, 0) == LocalMark, $"the header of its entry '{name}' has a wrong mark");
        bool sameName = Part((long)local + LocalLength, nameLength, "a name").SequenceEqual(nameBytes);
        Check(sameName, $"its entry '{name}' has another name in its own header");

        long offset = (long)local + LocalLength + nameLength + Number16(header, 28);
        bool inside = offset <= _file.Length && size <= (ulong)(_file.Length - offset);
        Check(inside, $"its entry '{name}' should have {size} bytes from byte {offset}, beyond the file's end");
        return offset;
    }

    private ReadOnlySpan<byte> Part(long offset, int length, string what)
    {
        Check(offset >= 0 && offset <= _file.Length - length, $"{what} at byte {offset} lies outside the file");
        return _file.Span(offset, length);
    }

    private void Check(bool condition, string problem)
    {
        if (!condition)
        {
            throw Damaged(problem);
        }
    }

    private FileFormatException Damaged(string problem) => new($"{_file.Path} is not a sound PyTorch file: {problem}.");

    private static ushort Number16(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint Number32(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong Number64(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    private readonly record struct Entry(long Offset, long Length, int Method, bool Encrypted);
}
