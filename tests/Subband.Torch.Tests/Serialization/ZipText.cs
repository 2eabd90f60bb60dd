using System.Text;

namespace Subband.Torch.Tests.Serialization;

/// <summary>Writes zip archives of stored entries, sound ones and such as no honest program writes.</summary>
internal sealed class ZipText
{
    private readonly List<byte> _file = [];
    private readonly List<Entry> _entries = [];

    /// <summary>Writes 64-bit numbers wherever the format allows them.</summary>
    public bool Zip64 { get; init; }

    /// <summary>Adds an entry, and says of it what is asked rather than what is true.</summary>
    public void Add(
        string name,
        byte[] bytes,
        ushort method = 0,
        ushort flags = 0,
        long? size = null,
        long? offset = null,
        string? localName = null)
    {
        _entries.Add(new Entry(name, method, flags, size ?? bytes.Length, bytes.Length, offset ?? _file.Count));
        byte[] local = Encoding.UTF8.GetBytes(localName ?? name);
        Write32(0x04034b50);
        Write16(20, flags, method, 0, 0);
        Write32(0, (uint)bytes.Length, (uint)bytes.Length);

        // An extra field of its own, as PyTorch uses to align the bytes.
        Write16((ushort)local.Length, 7);
        _file.AddRange([.. local, (byte)'F', (byte)'B', 3, 0, (byte)'Z', (byte)'Z', (byte)'Z', .. bytes]);
    }

    public byte[] ToArray()
    {
        long start = _file.Count;
        _entries.ForEach(WriteCentral);
        long length = _file.Count - start;
        if (Zip64)
        {
            long end = _file.Count;
            Write32(0x06064b50);
            Write64(44);
            Write16(45, 45);
            Write32(0, 0);
            Write64(_entries.Count, _entries.Count, length, start);
            Write32(0x07064b50, 0);
            Write64(end);
            Write32(1);
        }

        Write32(0x06054b50, 0);
        ushort count = Zip64 ? ushort.MaxValue : (ushort)_entries.Count;
        Write16(count, count);
        Write32(Zip64 ? uint.MaxValue : (uint)length, Zip64 ? uint.MaxValue : (uint)start);
        Write16(0);
        return [.. _file];
    }

    private void WriteCentral(Entry entry)
    {
        byte[] name = Encoding.UTF8.GetBytes(entry.Name);
        Write32(0x02014b50);
        Write16(20, 20, entry.Flags, entry.Method, 0, 0);
        Write32(0, Zip64 ? uint.MaxValue : (uint)entry.Packed, Zip64 ? uint.MaxValue : (uint)entry.Size);
        Write16((ushort)name.Length, (ushort)(Zip64 ? 28 : 0), 0, 0, 0);
        Write32(0, Zip64 ? uint.MaxValue : (uint)entry.Offset);
        _file.AddRange(name);
        if (Zip64)
        {
            Write16(1, 24);
            Write64(entry.Size, entry.Packed, entry.Offset);
        }
    }

    private void Write16(params ReadOnlySpan<ushort> numbers)
    {
        foreach (ushort number in numbers)
        {
            _file.AddRange(BitConverter.GetBytes(number));
        }
    }

    private void Write32(params ReadOnlySpan<uint> numbers)
    {
        foreach (uint number in numbers)
        {
            _file.AddRange(BitConverter.GetBytes(number));
        }
    }

    private void Write64(params ReadOnlySpan<long> numbers)
    {
        foreach (long number in numbers)
        {
            _file.AddRange(BitConverter.GetBytes(number));
        }
    }

    private sealed record Entry(string Name, ushort Method, ushort Flags, long Size, long Packed, long Offset);
}
