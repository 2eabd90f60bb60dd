using System.Buffers.Binary;

namespace Subband.Tests.Imaging;

/// <summary>Writes uncompressed little-endian TIFF files tag by tag, for kinds of picture that libvips reads but does not write.</summary>
internal static class TiffFixture
{
    public const ushort ColourMap = 320;
    public const ushort ExtraSamples = 338;

    /// <summary>Builds a TIFF file of one strip.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="bitsPerSample">For each sample of a pixel.</param>
    /// <param name="photometric">0 grey with 0 as white, 1 grey, 2 RGB, 3 palette.</param>
    /// <param name="data">The packed samples.</param>
    /// <param name="more">Further tags with 16-bit values.</param>
    public static byte[] Build(
        int width, int height, ushort[] bitsPerSample, ushort photometric, byte[] data, params (ushort Tag, ushort[] Values)[] more)
    {
        var tags = new SortedDictionary<ushort, ushort[]>
        {
            [256] = [(ushort)width],
            [257] = [(ushort)height],
            [258] = bitsPerSample,
            [259] = [1],
            [262] = [photometric],
            [273] = [8],
            [277] = [(ushort)bitsPerSample.Length],
            [278] = [(ushort)height],
            [279] = [(ushort)data.Length],
        };
        foreach ((ushort tag, ushort[] values) in more)
        {
            tags[tag] = values;
        }

        // header, strip, values that do not fit in a tag, tags
        using var file = new MemoryStream();
        file.Write("II*\0\0\0\0\0"u8);
        file.Write(data);
        Pad(file);
        var offsets = new Dictionary<ushort, uint>();
        foreach ((ushort tag, ushort[] values) in tags.Where(entry => entry.Value.Length > 2))
        {
            offsets[tag] = (uint)file.Position;
            WriteShorts(file, values);
            Pad(file);
        }

        uint directory = (uint)file.Position;
        WriteShorts(file, [(ushort)tags.Count]);
        foreach ((ushort tag, ushort[] values) in tags)
        {
            WriteShorts(file, [tag, 3]);
            WriteLong(file, (uint)values.Length);
            if (offsets.TryGetValue(tag, out uint offset))
            {
                WriteLong(file, offset);
            }
            else
            {
                WriteShorts(file, [values[0], values.Length > 1 ? values[1] : (ushort)0]);
            }
        }

        WriteLong(file, 0);
        byte[] bytes = file.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), directory);
        return bytes;
    }

    private static void Pad(MemoryStream file)
    {
        if (file.Position % 2 == 1)
        {
            file.WriteByte(0);
        }
    }

    private static void WriteShorts(MemoryStream file, ushort[] values)
    {
        foreach (ushort value in values)
        {
            file.Write([(byte)value, (byte)(value >> 8)]);
        }
    }

    private static void WriteLong(MemoryStream file, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        file.Write(bytes);
    }
}
