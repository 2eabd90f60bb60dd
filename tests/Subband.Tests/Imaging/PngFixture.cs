using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Subband.Tests.Imaging;

/// <summary>Writes PNG files of every colour type byte by byte, so that reading them is checked against the standard itself.</summary>
internal static class PngFixture
{
    /// <summary>Builds a PNG file.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="bitDepth">Bits a sample.</param>
    /// <param name="colourType">0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha.</param>
    /// <param name="scanlines">Each line: a filter byte, then the packed samples.</param>
    /// <param name="palette">The PLTE chunk.</param>
    /// <param name="transparency">The tRNS chunk.</param>
    public static byte[] Build(
        int width,
        int height,
        byte bitDepth,
        byte colourType,
        byte[] scanlines,
        byte[]? palette = null,
        byte[]? transparency = null)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = bitDepth;
        header[9] = colourType;
        WriteChunk(file, "IHDR", header);
        if (palette is not null)
        {
            WriteChunk(file, "PLTE", palette);
        }

        if (transparency is not null)
        {
            WriteChunk(file, "tRNS", transparency);
        }

        using (var data = new MemoryStream())
        {
            using (var deflate = new ZLibStream(data, CompressionLevel.Optimal, leaveOpen: true))
            {
                deflate.Write(scanlines);
            }

            WriteChunk(file, "IDAT", data.ToArray());
        }

        WriteChunk(file, "IEND", []);
        return file.ToArray();
    }

    /// <summary>One line of samples, packed, behind the filter byte "none".</summary>
    public static byte[] Line(int bitDepth, params int[] samples)
    {
        byte[] line = new byte[1 + (((samples.Length * bitDepth) + 7) / 8)];
        for (int i = 0; i < samples.Length; i++)
        {
            for (int bit = 0; bit < bitDepth; bit++)
            {
                int at = (i * bitDepth) + bit;
                int value = (samples[i] >> (bitDepth - 1 - bit)) & 1;
                line[1 + (at / 8)] |= (byte)(value << (7 - (at % 8)));
            }
        }

        return line;
    }

    private static void WriteChunk(MemoryStream file, string type, byte[] data)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(body));
        file.Write(number);
    }

    private static uint Crc(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
            }
        }

        return ~crc;
    }
}
