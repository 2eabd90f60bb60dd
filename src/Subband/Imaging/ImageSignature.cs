using System.Buffers.Binary;
using System.Text;

namespace Subband.Imaging;

/// <summary>Tells from the first bytes what a file is, so that a wrong file is named for what it is.</summary>
internal static class ImageSignature
{
    /// <summary>How many of a file's first bytes are looked at.</summary>
    public const int Length = 512;

    /// <summary>The kinds that are read, for messages.</summary>
    public const string Formats = "PNG, JPEG, WebP, TIFF, GIF and BMP";

    /// <summary>The image format that the bytes begin, or null.</summary>
    public static ImageFormat? Detect(ReadOnlySpan<byte> head) => head switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => ImageFormat.Png,
        [0xFF, 0xD8, 0xFF, ..] => ImageFormat.Jpeg,
        _ when head.StartsWith("RIFF"u8) && head.Length >= 12 && head[8..].StartsWith("WEBP"u8) => ImageFormat.WebP,
        _ when head.StartsWith("II*\0"u8) || head.StartsWith("MM\0*"u8) => ImageFormat.Tiff,
        _ when head.StartsWith("II+\0"u8) || head.StartsWith("MM\0+"u8) => ImageFormat.Tiff,
        _ when head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8) => ImageFormat.Gif,
        _ when head.StartsWith("BM"u8) && HasBitmapHeader(head) => ImageFormat.Bmp,
        _ => null,
    };

    /// <summary>The rest of a sentence that begins with the file's name: what the file is instead of a readable image.</summary>
    public static string DescribeOther(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty)
        {
            return "is empty (0 bytes).";
        }

        string readable = $"{Formats} are read";
        ReadOnlySpan<byte> text = TrimStart(head);
        return head switch
        {
            _ when head.StartsWith("version https://git-lfs"u8) =>
                "is a Git LFS pointer, not the image itself; fetch the images with 'git lfs pull'.",
            _ when StartsWithIgnoreCase(text, "<!doctype html"u8) || StartsWithIgnoreCase(text, "<html"u8) =>
                "is an HTML page, not an image; a download probably went wrong.",
            _ when StartsWithIgnoreCase(text, "<svg"u8) || (text.StartsWith("<?xml"u8) && text.IndexOf("<svg"u8) >= 0) =>
                $"is an SVG drawing; {readable}.",
            _ when head.StartsWith("%PDF"u8) => $"is a PDF document; {readable}.",
            _ when head.Length >= 12 && head[4..].StartsWith("ftyp"u8) => $"is an AVIF, HEIC or video file; {readable}.",
            [0xFF, 0x0A, ..] or [0, 0, 0, 0x0C, (byte)'J', (byte)'X', (byte)'L', ..] => $"is a JPEG XL image; {readable}.",
            [0, 0, 0, 0x0C, (byte)'j', (byte)'P', ..] or [0xFF, 0x4F, 0xFF, 0x51, ..] => $"is a JPEG 2000 image; {readable}.",
            _ when head.StartsWith("8BPS"u8) => $"is a Photoshop document; {readable}.",
            _ when head.StartsWith("PK\u0003\u0004"u8) => "is a ZIP archive, not an image.",
            _ when Packing(head) is string packing => $"is {packing}, not an image; unpack it first.",
            _ when !head.ContainsAnyExcept((byte)0) => "holds zeros only; it was probably never written to the end.",
            _ when IsText(head) => "is a text file, not an image.",
            _ => $"is not an image of a known format (it begins with {Hex(head)}); {readable}.",
        };
    }

    /// <summary>Whether the bytes begin a text or a packed file, which no old tar archive without a mark begins like.</summary>
    public static bool IsKnownOther(ReadOnlySpan<byte> head) => !head.IsEmpty && (IsText(head) || Packing(head) is not null);

    private static string? Packing(ReadOnlySpan<byte> head) => head switch
    {
        [0x1F, 0x8B, ..] => "gzip-compressed data",
        [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => "xz-compressed data",
        [0x28, 0xB5, 0x2F, 0xFD, ..] => "Zstandard-compressed data",
        // Behind the level stands the mark of the first block, the digits of pi.
        [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..] => "bzip2-compressed data",
        [(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C, ..] => "a 7-Zip archive",
        _ when head.StartsWith("Rar!\u001A\u0007"u8) => "a RAR archive",
        _ => null,
    };

    // "BM" begins many texts too: the size of the following header has to be one that exists.
    private static bool HasBitmapHeader(ReadOnlySpan<byte> head) =>
        head.Length >= 18 && BinaryPrimitives.ReadUInt32LittleEndian(head[14..]) is 12 or 16 or 40 or 52 or 56 or 64 or 108 or 124;

    private static ReadOnlySpan<byte> TrimStart(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> byteOrderMark = [0xEF, 0xBB, 0xBF];
        return (head.StartsWith(byteOrderMark) ? head[3..] : head).TrimStart(" \t\r\n"u8);
    }

    private static bool StartsWithIgnoreCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> prefix) =>
        text.Length >= prefix.Length && Ascii.EqualsIgnoreCase(text[..prefix.Length], prefix);

    // Valid UTF-8 without control characters but for white space; a character may be cut off at the end.
    private static bool IsText(ReadOnlySpan<byte> head)
    {
        while (!head.IsEmpty)
        {
            System.Buffers.OperationStatus status = Rune.DecodeFromUtf8(head, out Rune rune, out int consumed);
            if (status == System.Buffers.OperationStatus.NeedMoreData)
            {
                return true;
            }

            if (status != System.Buffers.OperationStatus.Done || (Rune.IsControl(rune) && !Rune.IsWhiteSpace(rune)))
            {
                return false;
            }

            head = head[consumed..];
        }

        return true;
    }

    private static string Hex(ReadOnlySpan<byte> head) =>
        string.Join(' ', head[..Math.Min(8, head.Length)].ToArray().Select(b => b.ToString("X2", null)));
}
