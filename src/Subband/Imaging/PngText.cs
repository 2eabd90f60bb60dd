using System.Text;

namespace Subband.Imaging;

/// <summary>
/// Puts notes into a PNG file as <c>iTXt</c> chunks (PNG specification, section 11.3.3), in UTF-8. libvips would write
/// older chunks, which readers take for Latin-1, and which change with its version.
/// </summary>
internal static class PngText
{
    /// <summary>The file with the notes behind its header, in the order of their keys.</summary>
    public static byte[] Insert(byte[] png, IReadOnlyDictionary<string, string> text)
    {
        using var file = new MemoryStream(png.Length + 1024);
        int headerEnd = PngChunk.Signature.Length + PngChunk.BytesOfFirst(png.AsSpan(PngChunk.Signature.Length));
        file.Write(png, 0, headerEnd);
        foreach ((string key, string value) in text.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            // keyword, 0, not compressed (two bytes), no language, no translated keyword, text
            PngChunk.Write(file, "iTXt"u8, [.. Encoding.ASCII.GetBytes(key), 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(value)]);
        }

        file.Write(png, headerEnd, png.Length - headerEnd);
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
}
