using NetVips;

namespace Subband.Imaging;

/// <summary>Encodes pictures with libvips. Reached only after <see cref="VipsLibrary.Require"/>.</summary>
internal static class VipsEncoder
{
    // libvips always states a resolution; 72 dots an inch is what readers assume anyway
    private const double PixelsPerMillimetre = 2.835;

    /// <summary>Encodes as PNG, without any metadata.</summary>
    public static byte[] EncodePng(Rgb8Image image, string name)
    {
        VipsLibrary.ErrorText.EnterReadLock();
        try
        {
            using Image pixels = Image.NewFromMemory(image.Pixels, image.Width, image.Height, 3, Enums.BandFormat.Uchar);
            using Image picture = pixels.Copy(
                interpretation: Enums.Interpretation.Srgb, xres: PixelsPerMillimetre, yres: PixelsPerMillimetre);
            return picture.PngsaveBuffer(compression: 6, keep: Enums.ForeignKeep.None);
        }
        catch (VipsException e)
        {
            throw new ImageFileException(
                name, $"of {image.Width}x{image.Height} pixels cannot be encoded as PNG: {VipsMessage.Detail(e.Message)}.", e);
        }
        finally
        {
            VipsLibrary.ErrorText.ExitReadLock();
        }
    }
}
