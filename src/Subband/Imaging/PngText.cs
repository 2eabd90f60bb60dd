using System.Buffers.Binary;
using System.Text;

namespace Subband.Imaging;

/// <summary>
/// Puts notes into a PNG file as <c>iTXt</c> chunks (PNG specification, section 11.3.3), in UTF-8. libvips would write
/// older chunks, which readers take for Latin-1, and which change with its version.
/// </summary>
internal static class PngText
{
    // signature, then the IHDR chunk: length, type, 13 bytes, checksum
    private const int HeaderEnd = 8 + 4 + 4 + 13 + 4;

    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(CrcOfByte)];

    /// <summary>The file with the notes behind its header, in the order of their keys.</summary>
    public static byte[] Insert(byte[] png, IReadOnlyDictionary<string, string> text)
    {
        using var file = new MemoryStream(png.Length + 1024);
        file.Write(png, 0, HeaderEnd);
        foreach ((string key, string value) in text.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            // keyword, 0, not compressed (two bytes), no language, no translated keyword, text
            WriteChunk(file, [.. "iTXt"u8, .. Encoding.ASCII.GetBytes(key), 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(value)]);
        }

        file.Write(png, HeaderEnd, png.Length - HeaderEnd);
        return file.ToArray();
    }

    /// <summary>Checks that PNG can hold a note.</summary>
    /// <exception cref="ArgumentException">It cannot.</exception>
    public static void Check(string key, string value)
    {
        if (key.Length is 0 or > 79 || key.AsSpan().ContainsAnyExceptInRange(' ', '~') || key != key.Trim())
        {
            throw new ArgumentException($"'{key}' is no key of a PNG note: 1 to 79 printable ASCII characters are expected.");
        }

        if (value.Contains('\0'))
        {
            throw new ArgumentException($"The PNG note '{key}' holds a zero character, which PNG does not allow.");
        }
    }

    private static void WriteChunk(MemoryStream file, byte[] typeAndData)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, typeAndData.Length - 4);
        file.Write(number);
        file.Write(typeAndData);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(typeAndData));
        file.Write(number);
    }

    // CRC-32 as in the PNG specification, annex D
    private static uint Crc(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc = CrcTable[(byte)(crc ^ b)] ^ (crc >> 8);
        }

        return ~crc;
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
