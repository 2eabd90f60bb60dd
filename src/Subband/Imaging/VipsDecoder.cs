using NetVips;
using static NetVips.Enums;

namespace Subband.Imaging;

/// <summary>Decodes pictures with libvips. Reached only after <see cref="VipsLibrary.Require"/>.</summary>
internal static class VipsDecoder
{
    private const string ProfileField = "icc-profile-data";

    private delegate T Use<T>(Image image, ImageInfo info);

    /// <summary>Reads the header only.</summary>
    public static ImageInfo Probe(in ImageInput input) => Open(input, static (_, info) => info);

    /// <summary>Reads the picture as upright 8-bit sRGB.</summary>
    /// <param name="input">The file.</param>
    /// <param name="maximumPixels">A picture with more is refused.</param>
    /// <param name="colour">Rgb, with what is transparent laid on white, or Rgba.</param>
    public static Image8 Decode(in ImageInput input, long maximumPixels, PixelColour colour)
    {
        string name = input.Name;
        return Open(input, (image, info) =>
        {
            CheckReadable(info, image, name, maximumPixels);
            using Image colours = ToGreyOrSrgb(image, info);
            using Image upright = Turn(colours, info.Orientation);
            byte[] pixels = upright.Format == BandFormat.Ushort
                ? SampleConversion.To8Bits(upright.WriteToMemory<ushort>(), upright.Bands, colour)
                : SampleConversion.To8Bits(upright.WriteToMemory<byte>(), upright.Bands, colour);
            return Image8.Of(upright.Width, upright.Height, colour, pixels);
        });
    }

    private static T Open<T>(in ImageInput input, Use<T> use)
    {
        VipsLibrary.ErrorText.EnterReadLock();
        try
        {
            return Attempt(input, use);
        }
        catch (VipsException)
        {
            // repeated below while nobody else uses libvips, for the sake of its message
        }
        finally
        {
            VipsLibrary.ErrorText.ExitReadLock();
        }

        VipsLibrary.ErrorText.EnterWriteLock();
        try
        {
            return Attempt(input, use);
        }
        catch (VipsException e)
        {
            throw new ImageFileException(input.Name, VipsMessage.Explain(e.Message, input), e);
        }
        finally
        {
            VipsLibrary.ErrorText.ExitWriteLock();
        }
    }

    private static T Attempt<T>(in ImageInput input, Use<T> use)
    {
        using Image image = Load(input);
        return use(image, Describe(image, input.Format));
    }

    // FailOn.Error: what is truncated or damaged is refused, never delivered half grey; harmless oddities pass.
    public static Image Load(in ImageInput input)
    {
        if (input.Format == ImageFormat.Bmp)
        {
            // ImageMagick reads it, which tells the format by the same first bytes; libvips offers it no streams.
            return Image.MagickloadBuffer(input.ReadAll(), n: 1, failOn: FailOn.Error);
        }

        using Source source = input.Path is null ? Source.NewFromMemory(input.Bytes) : Source.NewFromFile(input.Path);
        return input.Format switch
        {
            ImageFormat.Png => Image.PngloadSource(source, access: Access.Sequential, failOn: FailOn.Error),
            ImageFormat.Jpeg => Image.JpegloadSource(source, access: Access.Sequential, failOn: FailOn.Error),
            ImageFormat.WebP => Image.WebploadSource(source, access: Access.Sequential, failOn: FailOn.Error),
            ImageFormat.Tiff => Image.TiffloadSource(source, access: Access.Sequential, failOn: FailOn.Error),
            _ => Image.GifloadSource(source, access: Access.Sequential, failOn: FailOn.Error),
        };
    }

    public static ImageInfo Describe(Image image, ImageFormat format)
    {
        ImageColour colour = image.Interpretation switch
        {
            Interpretation.Bw or Interpretation.Grey16 => ImageColour.Grey,
            Interpretation.Srgb or Interpretation.Rgb or Interpretation.Rgb16 => ImageColour.Rgb,
            Interpretation.Cmyk => ImageColour.Cmyk,
            _ => ImageColour.Other,
        };
        int orientation = image.Contains("orientation") ? Convert.ToInt32(image.Get("orientation"), null) : 1;
        orientation = orientation is >= 1 and <= 8 ? orientation : 1;
        bool onItsSide = orientation >= 5;
        return new ImageInfo(
            format,
            onItsSide ? image.Height : image.Width,
            onItsSide ? image.Width : image.Height,
            image.Bands,
            BitDepth(image),
            colour,
            colour != ImageColour.Other && image.Bands == ColourBands(colour) + 1,
            image.Contains(ProfileField),
            orientation);
    }

    private static int BitDepth(Image image) => image.Format switch
    {
        BandFormat.Uchar or BandFormat.Char => 8,
        BandFormat.Ushort or BandFormat.Short => 16,
        BandFormat.Double or BandFormat.Complex => 64,
        BandFormat.Dpcomplex => 128,
        _ => 32,
    };

    private static int ColourBands(ImageColour colour) =>
        colour switch { ImageColour.Grey => 1, ImageColour.Rgb => 3, _ => 4 };

    public static void CheckReadable(ImageInfo info, Image image, string name, long maximumPixels)
    {
        long pixels = (long)info.Width * info.Height;
        if (pixels > maximumPixels)
        {
            throw new ImageFileException(
                name,
                $"is huge: {info.Width}x{info.Height} = {pixels / 1e6:N1} million pixels, more than the {maximumPixels / 1e6:N1} million allowed.");
        }

        if (image.Format is not (BandFormat.Uchar or BandFormat.Ushort))
        {
            throw new ImageFileException(
                name, $"holds samples of type {image.Format.ToString().ToLowerInvariant()}; images of at most 16 bits a sample are read.");
        }

        int extra = image.Bands - ColourBands(info.Colour);
        if (info.Colour == ImageColour.Other || extra is not (0 or 1))
        {
            throw new ImageFileException(
                name,
                $"has {image.Bands} channels of kind '{image.Interpretation.ToString().ToLowerInvariant()}'; "
                + "grey, RGB and CMYK images with at most one alpha channel are read.");
        }
    }

    public static Image ToGreyOrSrgb(Image image, ImageInfo info)
    {
        int depth = image.Format == BandFormat.Ushort ? 16 : 8;
        if (HasFittingProfile(image, info.Colour))
        {
            try
            {
                return image.IccTransform(
                    "srgb", embedded: true, intent: Intent.Relative, blackPointCompensation: true, depth: depth);
            }
            catch (VipsException)
            {
                // A damaged profile is ignored by definition, as browsers do: the picture counts as untagged.
            }
        }

        return info.Colour == ImageColour.Cmyk
            ? image.IccTransform(
                "srgb", embedded: false, inputProfile: "cmyk", intent: Intent.Relative, blackPointCompensation: true, depth: depth)
            : image.Copy();
    }

    // An ICC profile names its colour space in bytes 16 to 19. One of another kind than the picture cannot apply to it.
    private static bool HasFittingProfile(Image image, ImageColour colour)
    {
        ReadOnlySpan<byte> expected = colour switch
        {
            ImageColour.Grey => "GRAY"u8,
            ImageColour.Rgb => "RGB "u8,
            _ => "CMYK"u8,
        };
        return image.Contains(ProfileField)
            && image.Get(ProfileField) is byte[] { Length: > 128 } profile
            && profile.AsSpan(16, 4).SequenceEqual(expected);
    }

    // Turning needs the pixels in any order, while they are decoded from top to bottom: they are all decoded first.
    private static Image Turn(Image image, int orientation)
    {
        if (orientation == 1)
        {
            return image.Copy();
        }

        using Image decoded = image.CopyMemory();
        return decoded.Autorot();
    }
}
