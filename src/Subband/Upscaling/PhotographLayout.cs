using Subband.Imaging;

namespace Subband.Upscaling;

/// <summary>One thing that a file says beside its pixels: its name in libvips, the type it has there, and its value.</summary>
internal readonly record struct MetadataField(string Name, nint Type, object Value);

/// <summary>What a photograph's pixels are, and what is said beside them.</summary>
/// <param name="Width">As stored, before the orientation is applied.</param>
/// <param name="Height">As stored.</param>
/// <param name="ColourChannels">1 for grey, 3 for RGB.</param>
/// <param name="HasAlpha">Whether opacity follows the colours.</param>
/// <param name="Depth">Bits a sample, 8 or 16.</param>
/// <param name="HorizontalResolution">Pixels a millimetre.</param>
/// <param name="VerticalResolution">Pixels a millimetre.</param>
/// <param name="Metadata">ICC profile, EXIF, XMP, IPTC, orientation and comments.</param>
internal sealed record PhotographLayout(
    int Width,
    int Height,
    int ColourChannels,
    bool HasAlpha,
    int Depth,
    double HorizontalResolution,
    double VerticalResolution,
    IReadOnlyList<MetadataField> Metadata)
{
    /// <summary>Samples a pixel.</summary>
    public int Channels => ColourChannels + (HasAlpha ? 1 : 0);

    /// <summary>The value that stands for 1.</summary>
    public int White => Depth == 16 ? ushort.MaxValue : byte.MaxValue;
}

/// <summary>A kind of file that results are written as.</summary>
public enum PhotographFormat
{
    /// <summary>8 or 16 bits, alpha, no loss.</summary>
    Png,

    /// <summary>8 bits, no alpha, lossy.</summary>
    Jpeg,

    /// <summary>8 bits, alpha, at most 16,383 pixels a side, lossy below quality 100.</summary>
    WebP,

    /// <summary>8 or 16 bits, alpha, no loss.</summary>
    Tiff,
}

/// <summary>The names of the formats that are written.</summary>
public static class PhotographFormats
{
    /// <summary>Their extensions, for messages.</summary>
    public const string Extensions = ".png, .jpg, .webp or .tif";

    private static readonly (string Extension, PhotographFormat Format)[] All =
    [
        (".png", PhotographFormat.Png),
        (".jpg", PhotographFormat.Jpeg),
        (".jpeg", PhotographFormat.Jpeg),
        (".webp", PhotographFormat.WebP),
        (".tif", PhotographFormat.Tiff),
        (".tiff", PhotographFormat.Tiff),
    ];

    /// <summary>The format that a file's name asks for, or null.</summary>
    public static PhotographFormat? OfName(string path) => Array.Find(
        All, entry => string.Equals(entry.Extension, Path.GetExtension(path), StringComparison.OrdinalIgnoreCase)) is { Extension: not null } found
        ? found.Format
        : null;

    /// <summary>The format that a file's name asks for.</summary>
    /// <exception cref="UsageException">Its extension is none of <see cref="Extensions"/>.</exception>
    public static PhotographFormat Wanted(string path) => OfName(path) ?? throw new UsageException(
        Path.GetExtension(path) is { Length: > 0 } extension
            ? $"{path}: files that end with {extension} are not written; there are {Extensions}."
            : $"{path} has no extension that says what to write; there are {Extensions}.");

    /// <summary>The extension of a format, with its dot.</summary>
    public static string Extension(PhotographFormat format) => Array.Find(All, entry => entry.Format == format).Extension;

    /// <summary>The format that keeps what a file of another format holds: itself, or PNG for GIF and BMP, which are not written.</summary>
    public static PhotographFormat Of(ImageFormat format) => format switch
    {
        ImageFormat.Jpeg => PhotographFormat.Jpeg,
        ImageFormat.WebP => PhotographFormat.WebP,
        ImageFormat.Tiff => PhotographFormat.Tiff,
        _ => PhotographFormat.Png,
    };

    /// <summary>The longest side of a picture in this format.</summary>
    internal static int LongestSide(PhotographFormat format) => format switch
    {
        PhotographFormat.Jpeg => 65_500,
        PhotographFormat.WebP => 16_383,
        _ => 10_000_000, // what libvips handles
    };
}
