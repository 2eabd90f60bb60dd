using System.Buffers.Binary;
using System.Text;

namespace Subband.Tests.Imaging;

/// <summary>Writes the smallest ICC profile that there is: grey with a pure power curve (ICC.1:2001-04, section 6.3.2.1).</summary>
internal static class IccFixture
{
    /// <summary>A grey profile.</summary>
    /// <param name="gamma">The exponent from sample to light, a multiple of 1/256.</param>
    public static byte[] Grey(double gamma)
    {
        byte[] curve = new byte[16];
        Encoding.ASCII.GetBytes("curv", curve);
        BinaryPrimitives.WriteInt32BigEndian(curve.AsSpan(8), 1);
        BinaryPrimitives.WriteUInt16BigEndian(curve.AsSpan(12), (ushort)(gamma * 256));

        // the white of ICC's connection space, D50
        byte[] white = new byte[20];
        Encoding.ASCII.GetBytes("XYZ ", white);
        BinaryPrimitives.WriteUInt32BigEndian(white.AsSpan(8), 0xF6D6);
        BinaryPrimitives.WriteUInt32BigEndian(white.AsSpan(12), 0x10000);
        BinaryPrimitives.WriteUInt32BigEndian(white.AsSpan(16), 0xD32D);

        const int Tags = 2;
        int data = 128 + 4 + (Tags * 12);
        byte[] profile = [.. new byte[data], .. white, .. curve];
        BinaryPrimitives.WriteInt32BigEndian(profile, profile.Length);
        BinaryPrimitives.WriteUInt32BigEndian(profile.AsSpan(8), 0x02400000);
        Encoding.ASCII.GetBytes("mntrGRAYXYZ ", profile.AsSpan(12));
        Encoding.ASCII.GetBytes("acsp", profile.AsSpan(36));
        white.AsSpan(8, 12).CopyTo(profile.AsSpan(68));
        BinaryPrimitives.WriteInt32BigEndian(profile.AsSpan(128), Tags);
        WriteTag(profile.AsSpan(132), "wtpt", data, white.Length);
        WriteTag(profile.AsSpan(144), "kTRC", data + white.Length, curve.Length);
        return profile;
    }

    private static void WriteTag(Span<byte> entry, string name, int offset, int length)
    {
        Encoding.ASCII.GetBytes(name, entry);
        BinaryPrimitives.WriteInt32BigEndian(entry[4..], offset);
        BinaryPrimitives.WriteInt32BigEndian(entry[8..], length);
    }
}
