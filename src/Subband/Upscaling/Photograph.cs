using System.Security.Cryptography;
using NetVips;
using Subband.Imaging;
using static NetVips.Enums;

namespace Subband.Upscaling;

/// <summary>
/// A photograph to enlarge: its pixels in their own colours and depth, and all that the file says beside them. The pixels are read
/// from top to bottom, as often as somebody wants them.
/// </summary>
/// <remarks>
/// Grey stays grey, 16 bits stay 16; palettes and 1, 2 and 4 bits are expanded to 8. An ICC profile is kept with the values that it
/// explains, but for CMYK, which becomes sRGB (by its own profile, else libvips' printing profile), and for pictures of which nothing
/// but the pixels is wanted. Of several frames or pages the
/// first is taken. Samples of more than 16 bits, and colours that are neither grey, RGB nor CMYK, are refused.
/// </remarks>
public sealed class Photograph
{
    private const string ProfileField = "icc-profile-data";
    private const string OrientationField = "orientation";

    private static readonly string[] KeptNames =
        [ProfileField, "exif-data", "xmp-data", "iptc-data", "photoshop-data", OrientationField, "image-description", "resolution-unit"];

    private static readonly string[] KeptBeginnings = ["exif-ifd", "png-comment-"];

    private readonly string? _path;
    private readonly byte[]? _bytes;
    private readonly List<string> _notes = [];

    private Photograph(string name, string? path, byte[]? bytes, long maximumPixels, bool bare)
    {
        (Name, _path, _bytes, IsBare) = (name, path, bytes, bare);
        ImageInfo info = path is null ? ImageFile.Probe(bytes, name) : ImageFile.Probe(path);
        (Format, Orientation) = (info.Format, info.Orientation);
        (Width, Height) = (info.Width, info.Height);
        if ((long)Width * Height > maximumPixels)
        {
            throw new ImageFileException(
                name,
                $"is huge: {Width}x{Height} = {(long)Width * Height / 1e6:N1} million pixels by its header, more than the {maximumPixels / 1e6:N1} "
                + "million allowed; raise --max-megapixels if that is meant.");
        }

        Layout = Use(image =>
        {
            CheckReadable(image, info);
            if (Pages(image) is > 1 and int pages)
            {
                _notes.Add($"the first of {pages} {(Format == ImageFormat.Tiff ? "pages" : "frames")} is taken");
            }

            using Image colours = Colours(image, info);
            return new PhotographLayout(
                bare ? Width : image.Width,
                bare ? Height : image.Height,
                colours.Bands > 2 ? 3 : 1,
                colours.Bands is 2 or 4,
                colours.Format == BandFormat.Ushort ? 16 : 8,
                image.Xres,
                image.Yres,
                Metadata(image, info.Colour != ImageColour.Cmyk));
        });
        if (info.Colour == ImageColour.Cmyk)
        {
            _notes.Add("CMYK becomes sRGB");
        }
    }

    /// <summary>Its path, or what messages call it.</summary>
    public string Name { get; }

    /// <summary>The kind of file.</summary>
    public ImageFormat Format { get; }

    /// <summary>Width as it is shown, its orientation applied.</summary>
    public int Width { get; }

    /// <summary>Height as it is shown.</summary>
    public int Height { get; }

    /// <summary>What is to be known about how it was read; the ends of sentences.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Its EXIF orientation, 1 to 8.</summary>
    internal int Orientation { get; }

    /// <summary>Whether its rows are upright and RGB is sRGB, so that they need no word beside them.</summary>
    internal bool IsBare { get; }

    /// <summary>What its pixels are.</summary>
    internal PhotographLayout Layout { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maximumPixels">A picture with more pixels is refused by its header.</param>
    /// <param name="bare">Whether nothing is to stand beside its pixels: they are turned upright, which takes all of them into memory, and RGB becomes sRGB.</param>
    /// <exception cref="ImageFileException">It cannot be read, or is no picture that can be enlarged.</exception>
    public static Photograph Open(string path, long maximumPixels = ImageFile.DefaultMaximumPixels, bool bare = false) =>
        new(path, path, null, maximumPixels, bare);

    /// <summary>Opens a picture in memory.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="maximumPixels">A picture with more pixels is refused by its header.</param>
    /// <param name="bare">Whether nothing is to stand beside its pixels.</param>
    /// <exception cref="ImageFileException">It is no picture that can be enlarged.</exception>
    public static Photograph Open(byte[] bytes, string name, long maximumPixels = ImageFile.DefaultMaximumPixels, bool bare = false) =>
        new(name, null, bytes, maximumPixels, bare);

    /// <summary>The SHA-256 of the file, in hexadecimal.</summary>
    public string Fingerprint()
    {
        if (_bytes is not null)
        {
            return Convert.ToHexStringLower(SHA256.HashData(_bytes));
        }

        using FileStream file = File.OpenRead(_path!);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>Begins to read the pixels, in [0,1]: the colours, then opacity where there is any.</summary>
    internal IRowStream Rows() => new PhotographRows(this);

    /// <summary>Opens the picture in its own colours; the caller disposes it.</summary>
    internal Image OpenColours()
    {
        using Image image = Load();
        Image colours = Colours(image, VipsDecoder.Describe(image, Format));
        if (!IsBare || Orientation == 1)
        {
            return colours;
        }

        // Turning needs the pixels in any order, while they are decoded from top to bottom.
        using (colours)
        {
            using Image decoded = colours.CopyMemory();
            return decoded.Autorot();
        }
    }

    /// <summary>Does something with libvips and tells its failure as one of this file.</summary>
    internal T Guard<T>(Func<T> work)
    {
        VipsLibrary.ErrorText.EnterReadLock();
        try
        {
            return work();
        }
        catch (VipsException e)
        {
            throw new ImageFileException(Name, VipsMessage.Explain(e.Message, Input()), e);
        }
        finally
        {
            VipsLibrary.ErrorText.ExitReadLock();
        }
    }

    private T Use<T>(Func<Image, T> use) => Guard(() =>
    {
        using Image image = Load();
        return use(image);
    });

    private ImageInput Input() =>
        _path is null ? new ImageInput(_bytes!, Name, Format) : new ImageInput(_path, new FileInfo(_path).Length, Format);

    private Image Load() => VipsDecoder.Load(Input());

    private static int Pages(Image image) => image.Contains("n-pages") ? Convert.ToInt32(image.Get("n-pages"), null) : 1;

    private void CheckReadable(Image image, ImageInfo info) => VipsDecoder.CheckReadable(info, image, Name, long.MaxValue);

    // A picture that loses its profile must not lose its colours with it.
    private Image Colours(Image image, ImageInfo info) =>
        info.Colour == ImageColour.Cmyk || (IsBare && info.Colour == ImageColour.Rgb) ? VipsDecoder.ToGreyOrSrgb(image, info) : image.Copy();

    private static List<MetadataField> Metadata(Image image, bool withProfile)
    {
        List<MetadataField> fields = [];
        foreach (string name in image.GetFields().Distinct())
        {
            bool kept = KeptNames.Contains(name) || Array.Exists(KeptBeginnings, start => name.StartsWith(start, StringComparison.Ordinal));
            if (kept && (withProfile || name != ProfileField) && image.Get(name) is { } value)
            {
                fields.Add(new MetadataField(name, image.GetTypeOf(name), value));
            }
        }

        return fields;
    }
}
