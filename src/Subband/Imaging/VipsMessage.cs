using System.Buffers.Binary;
using System.Text.RegularExpressions;

namespace Subband.Imaging;

/// <summary>Turns libvips' error text into the rest of a sentence that begins with the picture's name.</summary>
internal static partial class VipsMessage
{
    /// <summary>Explains why a picture could not be decoded.</summary>
    /// <param name="message">The text of the exception: what was called, then a line for each thing that went wrong.</param>
    /// <param name="input">The picture.</param>
    public static string Explain(string message, in ImageInput input)
    {
        string format = input.Format switch
        {
            ImageFormat.Png => "PNG",
            ImageFormat.Jpeg => "JPEG",
            ImageFormat.WebP => "WebP",
            ImageFormat.Tiff => "TIFF",
            ImageFormat.Gif => "GIF",
            _ => "BMP",
        };
        if (message.Contains("class \"", StringComparison.Ordinal) && message.Contains("not found", StringComparison.Ordinal))
        {
            return $"is a {format} image, which the libvips installed here was built without.";
        }

        return EndOfData().IsMatch(message) || LacksItsEnd(input)
            ? $"is a truncated {format} image: the file ends after {input.Length} bytes, before its data do."
            : $"is a damaged {format} image: {Detail(message)}.";
    }

    /// <summary>What went wrong, in the words of libvips.</summary>
    /// <remarks>The first line says what was called, the second what went wrong; the rest are consequences.</remarks>
    public static string Detail(string message)
    {
        string[] lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string line = lines.Length > 1 ? lines[1] : "it cannot be decoded";
        int prefix = line.IndexOf(": ", StringComparison.Ordinal);
        return (prefix < 0 ? line : line[(prefix + 2)..]).TrimEnd('.');
    }

    // What the decoders say when bytes run out; TIFF's tags may stand at the end, so that a cut file fails to seek.
    [GeneratedRegex("premature end|unexpected end|truncated|read error at|seek error|bad seek|can not read|IO error", RegexOptions.IgnoreCase)]
    private static partial Regex EndOfData();

    // Not every decoder tells a truncated file from a damaged one, but all formats save TIFF say where they end.
    private static bool LacksItsEnd(in ImageInput input)
    {
        ReadOnlySpan<byte> bytes = input.ReadAll();
        return input.Format switch
        {
            ImageFormat.Png => bytes[^Math.Min(bytes.Length, 64)..].IndexOf("IEND"u8) < 0,
            ImageFormat.Jpeg => bytes[^Math.Min(bytes.Length, 64)..].IndexOf([(byte)0xFF, (byte)0xD9]) < 0,
            ImageFormat.Gif => bytes.TrimEnd((byte)0)[^1] != ';',
            ImageFormat.WebP => BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) + 8L > bytes.Length,
            ImageFormat.Bmp => BinaryPrimitives.ReadUInt32LittleEndian(bytes[2..]) > bytes.Length,
            _ => false,
        };
    }
}
