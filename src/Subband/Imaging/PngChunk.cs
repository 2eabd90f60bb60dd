using System.Buffers.Binary;

namespace Subband.Imaging;

/// <summary>The parts that a PNG file consists of behind its signature (PNG specification, section 5).</summary>
internal static class PngChunk
{
    private const int TypeBytes = 4;
    private const int BytesAroundData = 4 + TypeBytes + 4; // length before, checksum behind

    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(CrcOfByte)];

    /// <summary>The bytes that every file begins with.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Writes one.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="type">Four letters.</param>
    /// <param name="data">What it holds.</param>
    public static void Write(Stream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        stream.Write(number);
        stream.Write(type);
        stream.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Crc(Crc(uint.MaxValue, type), data));
        stream.Write(number);
    }

    /// <summary>How long the first one is, from its length to its checksum.</summary>
    public static int BytesOfFirst(ReadOnlySpan<byte> chunks) => BytesAroundData + BinaryPrimitives.ReadInt32BigEndian(chunks);

    /// <summary>The four letters of the first one.</summary>
    public static ReadOnlySpan<byte> TypeOfFirst(ReadOnlySpan<byte> chunks) => chunks.Slice(4, TypeBytes);

    // CRC-32 as in the PNG specification, annex D
    private static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            crc = CrcTable[(byte)(crc ^ b)] ^ (crc >> 8);
        }

        return crc;
    }

    private static uint CrcOfByte(int value)
    {
        uint crc = (uint)value;
        for (int bit = 0; bit < 8; bit++)
        {
            crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        }

        return crc;
    }
}
