using System.Buffers.Binary;

namespace Subband.Torch.Serialization;

/// <summary>Guesses what a file is that is not the weight file it should be, from its first bytes.</summary>
internal static class FileKind
{
    // A tar archive bears its mark at byte 257.
    private const int HeadLength = 512;
    private const int TarMarkOffset = 257;

    /// <summary>One sentence on what the file seems to be and what to do, with a blank before it; or nothing.</summary>
    public static string Guess(MappedFile file) => Describe(file) is { } kind ? $" It seems to be {kind}." : "";

    /// <summary>Whether the file starts as a safetensors file does: a header length that fits, then a brace.</summary>
    public static bool IsSafetensors(MappedFile file)
    {
        ReadOnlySpan<byte> head = file.Head(9);
        return head.Length == 9
            && head[8] == (byte)'{'
            && BinaryPrimitives.ReadUInt64LittleEndian(head) <= (ulong)file.Length;
    }

    /// <summary>Whether the file is a tar archive.</summary>
    public static bool IsTar(MappedFile file)
    {
        ReadOnlySpan<byte> head = file.Head(HeadLength);
        return head.Length == HeadLength && head[TarMarkOffset..].StartsWith("ustar"u8);
    }

    private static string? Describe(MappedFile file)
    {
        ReadOnlySpan<byte> head = file.Head(HeadLength);
        if (head.IsEmpty)
        {
            return "an empty file, such as an interrupted download leaves; fetch it again";
        }

        if (head.StartsWith("version https://git-lfs"u8))
        {
            return "a Git LFS pointer, which only stands for the file; run 'git lfs pull' or download the file itself";
        }

        if (LooksLikeMarkup(head))
        {
            return "a web page (HTML or XML) saved in place of the file; use the link of the file itself";
        }

        if (!head.ContainsAnyExcept((byte)0))
        {
            return "filled with zero bytes, as an interrupted copy leaves it; fetch it again";
        }

        if (IsSafetensors(file))
        {
            return "a safetensors file";
        }

        if (IsTar(file))
        {
            return "a tar archive; unpack it first";
        }

        return head switch
        {
            [(byte)'P', (byte)'K', 3, 4, ..] => "a zip archive, such as PyTorch's .pth and .pt files are",
            [0x80, >= 2 and <= 5, ..] => "a Python pickle, such as PyTorch's older .pth files are",
            [0x1f, 0x8b, ..] => "a gzip archive; unpack it first",
            [(byte)'G', (byte)'G', (byte)'U', (byte)'F', ..] => "a GGUF file",
            [0x89, (byte)'H', (byte)'D', (byte)'F', ..] => "an HDF5 file, such as Keras writes",
            [(byte)'{', ..] or [(byte)'[', ..] => "a JSON text",
            _ when !head.ContainsAnyExceptInRange((byte)9, (byte)126) => "a plain text",
            _ => null,
        };
    }

    private static bool LooksLikeMarkup(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> text = head.StartsWith("\uFEFF"u8) ? head[3..] : head;
        text = text.TrimStart(" \t\r\n"u8);
        return text is [(byte)'<', byte second, ..]
            && (second is (byte)'!' or (byte)'?' || char.IsAsciiLetter((char)second));
    }
}
