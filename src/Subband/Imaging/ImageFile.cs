using System.Collections.ObjectModel;
using Subband.Torch.Serialization;

namespace Subband.Imaging;

/// <summary>Reads and writes image files with libvips, which is loaded when the first picture needs it.</summary>
/// <remarks>
/// <para>Read are PNG, JPEG, WebP, TIFF, GIF and BMP, told by their first bytes. Every picture becomes upright 8-bit sRGB:</para>
/// <list type="bullet">
/// <item>16-bit samples are scaled to 8 bits and rounded half up; 1-, 2- and 4-bit samples and palettes are expanded;</item>
/// <item>grey values become equal R, G and B;</item>
/// <item>a transparent picture is laid on white, in the sRGB-coded values as browsers do it;</item>
/// <item>an embedded ICC profile is applied (relative colorimetric, black point compensated); one that is damaged or of
/// another colour space is ignored; without one, grey and RGB count as sRGB, and CMYK is read with libvips' standard
/// printing profile;</item>
/// <item>the EXIF orientation is applied, in the formats where the libvips at hand reads it (8.14: JPEG, WebP and TIFF);</item>
/// <item>of several frames or pages the first is taken.</item>
/// </list>
/// <para>A truncated or damaged file is refused, never delivered in part. All methods may be called by many threads at once.</para>
/// </remarks>
public static class ImageFile
{
    /// <summary>The largest picture that is decoded unless the caller says otherwise: 2^28 pixels, as 16,384 by 16,384.</summary>
    public const long DefaultMaximumPixels = 1L << 28;

    private delegate T FileReader<T>(in ImageInput input);

    /// <summary>Whether pictures can be read and written here; loads libvips to find out.</summary>
    /// <param name="reason">What is missing and how to get it; empty when nothing is.</param>
    public static bool IsAvailable(out string reason) => VipsLibrary.IsAvailable(out reason);

    /// <summary>The format that a file's first bytes tell, or null if it is none that is read. Needs no libvips.</summary>
    /// <param name="head">The first bytes, at least 18 of them where the file has as many.</param>
    public static ImageFormat? DetectFormat(ReadOnlySpan<byte> head) => ImageSignature.Detect(head);

    /// <summary>Decodes a picture from memory.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What error messages call the picture: its path, or its name inside an archive.</param>
    /// <param name="maximumPixels">A picture with more pixels is refused by its header, before anything is allocated for it.</param>
    /// <exception cref="ImageFileException">The bytes are no picture of a known format, are truncated or damaged, or
    /// describe too large a picture; or libvips is missing.</exception>
    public static Rgb8Image DecodeRgb8(ReadOnlySpan<byte> bytes, string name, long maximumPixels = DefaultMaximumPixels) =>
        (Rgb8Image)Decode(Identify(bytes, name), maximumPixels, PixelColour.Rgb);

    /// <summary>Reads a picture from a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maximumPixels">A picture with more pixels is refused by its header, before anything is allocated for it.</param>
    /// <exception cref="ImageFileException">The file cannot be read, is no picture of a known format, is truncated or
    /// damaged, or describes too large a picture; or libvips is missing.</exception>
    public static Rgb8Image ReadRgb8(string path, long maximumPixels = DefaultMaximumPixels) =>
        (Rgb8Image)Read(path, (in ImageInput input) => Decode(input, maximumPixels, PixelColour.Rgb));

    /// <summary>Decodes a picture from memory with its transparency, which is not laid on anything; opaque where it has none.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What error messages call the picture: its path, or its name inside an archive.</param>
    /// <param name="maximumPixels">A picture with more pixels is refused by its header, before anything is allocated for it.</param>
    /// <returns>Of <see cref="PixelColour.Rgba"/>.</returns>
    /// <exception cref="ImageFileException">As of <see cref="DecodeRgb8"/>.</exception>
    public static Image8 DecodeRgba8(ReadOnlySpan<byte> bytes, string name, long maximumPixels = DefaultMaximumPixels) =>
        Decode(Identify(bytes, name), maximumPixels, PixelColour.Rgba);

    /// <summary>Reads a picture from a file with its transparency: see <see cref="DecodeRgba8"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maximumPixels">A picture with more pixels is refused by its header, before anything is allocated for it.</param>
    /// <returns>Of <see cref="PixelColour.Rgba"/>.</returns>
    /// <exception cref="ImageFileException">As of <see cref="ReadRgb8"/>.</exception>
    public static Image8 ReadRgba8(string path, long maximumPixels = DefaultMaximumPixels) =>
        Read(path, (in ImageInput input) => Decode(input, maximumPixels, PixelColour.Rgba));

    /// <summary>Reads what a picture's header says, without decoding it.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What error messages call the picture.</param>
    /// <exception cref="ImageFileException">The bytes are no picture of a known format, or their header is damaged; or
    /// libvips is missing.</exception>
    public static ImageInfo Probe(ReadOnlySpan<byte> bytes, string name) => VipsDecoder.Probe(Identify(bytes, name));

    /// <summary>Reads what a picture file's header says, without reading the rest of the file (of a BMP, all is read).</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ImageFileException">The file cannot be read, is no picture of a known format, or its header is
    /// damaged; or libvips is missing.</exception>
    public static ImageInfo Probe(string path) => Read(path, (in ImageInput input) => VipsDecoder.Probe(input));

    /// <summary>Encodes a picture as PNG. The same picture and text give the same bytes.</summary>
    /// <param name="image">The picture, as sRGB; grey and transparency are kept.</param>
    /// <param name="text">Notes kept in the file, by key: 1 to 79 printable ASCII characters.</param>
    /// <exception cref="ArgumentException">A note is none that PNG can hold.</exception>
    /// <exception cref="ImageFileException">libvips is missing.</exception>
    public static byte[] EncodePng(Image8 image, IReadOnlyDictionary<string, string>? text = null) =>
        EncodePng(image, text, "A PNG image");

    /// <summary>Writes a picture as a PNG file, complete or not at all.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="image">The picture, as sRGB; grey and transparency are kept.</param>
    /// <param name="text">Notes kept in the file; see <see cref="EncodePng(Image8, IReadOnlyDictionary{string, string})"/>.</param>
    /// <exception cref="ArgumentException">A note is none that PNG can hold.</exception>
    /// <exception cref="ImageFileException">libvips is missing.</exception>
    /// <exception cref="Torch.SubbandException">The file cannot be written: see <see cref="AtomicFile.Write"/>.</exception>
    public static void WritePng(string path, Image8 image, IReadOnlyDictionary<string, string>? text = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] bytes = EncodePng(image, text, path);
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    /// <summary>Writes pictures that follow each other without end as a WebP file, complete or not at all.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="frames">The pictures, of one size, as sRGB.</param>
    /// <param name="milliseconds">How long each is shown.</param>
    /// <exception cref="ArgumentException">There are none, or they differ in size.</exception>
    /// <exception cref="ImageFileException">libvips is missing, or was built without WebP.</exception>
    /// <exception cref="Torch.SubbandException">The file cannot be written: see <see cref="AtomicFile.Write"/>.</exception>
    public static void WriteAnimation(string path, IReadOnlyList<Rgb8Image> frames, int milliseconds)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(frames);
        if (frames.Count == 0 || frames.Any(frame => (frame.Width, frame.Height) != (frames[0].Width, frames[0].Height)))
        {
            throw new ArgumentException("A moving picture needs pictures, all of one size.", nameof(frames));
        }

        VipsLibrary.Require(path, "written");
        byte[] bytes = VipsEncoder.EncodeAnimation(frames, milliseconds, path);
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    private static byte[] EncodePng(Image8 image, IReadOnlyDictionary<string, string>? text, string name)
    {
        ArgumentNullException.ThrowIfNull(image);
        foreach ((string key, string value) in text ?? ReadOnlyDictionary<string, string>.Empty)
        {
            PngText.Check(key, value);
        }

        VipsLibrary.Require(name, "written");
        byte[] png = VipsEncoder.EncodePng(image, name);
        return text is null or { Count: 0 } ? png : PngText.Insert(png, text);
    }

    private static T Read<T>(string path, FileReader<T> read)
    {
        try
        {
            return read(Identify(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    private static ImageInput Identify(ReadOnlySpan<byte> bytes, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ImageFormat format = RequireFormat(bytes[..Math.Min(bytes.Length, ImageSignature.Length)], name);
        VipsLibrary.Require(name, "read");
        return new ImageInput(bytes, name, format);
    }

    private static ImageInput Identify(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Span<byte> head = stackalloc byte[ImageSignature.Length];
        using FileStream file = File.OpenRead(path);
        head = head[..file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
        ImageFormat format = RequireFormat(head, path);
        VipsLibrary.Require(path, "read");
        return new ImageInput(path, file.Length, format);
    }

    private static ImageFormat RequireFormat(ReadOnlySpan<byte> head, string name) =>
        ImageSignature.Detect(head) ?? throw new ImageFileException(name, ImageSignature.DescribeOther(head));

    private static ImageFileException Unreadable(string path, Exception e)
    {
        string reason = e switch
        {
            _ when Directory.Exists(path) => "is a folder, not an image file.",
            FileNotFoundException or DirectoryNotFoundException => "does not exist.",
            UnauthorizedAccessException => "may not be read: its permissions forbid it.",
            _ => $"cannot be read: {e.Message}",
        };
        return new ImageFileException(path, reason, e);
    }

    private static Image8 Decode(in ImageInput input, long maximumPixels, PixelColour colour)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumPixels, 1);
        return VipsDecoder.Decode(input, Math.Min(maximumPixels, Array.MaxLength / colour.Channels()), colour); // what fits in one array of pixels
    }
}
