using NetVips;

namespace Subband.Imaging;

/// <summary>Encodes pictures with libvips. Reached only after <see cref="VipsLibrary.Require"/>.</summary>
internal static class VipsEncoder
{
    // libvips always states a resolution; 72 dots an inch is what readers assume anyway
    private const double PixelsPerMillimetre = 2.835;

    /// <summary>Encodes as PNG, without any metadata.</summary>
    public static byte[] EncodePng(Image8 image, string name)
    {
        VipsLibrary.ErrorText.EnterReadLock();
        try
        {
            using Image pixels = Image.NewFromMemory(image.Pixels, image.Width, image.Height, image.Colour.Channels(), Enums.BandFormat.Uchar);
            using Image picture = pixels.Copy(
                interpretation: image.Colour == PixelColour.Grey ? Enums.Interpretation.Bw : Enums.Interpretation.Srgb,
                xres: PixelsPerMillimetre,
                yres: PixelsPerMillimetre);
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

    /// <summary>Encodes as a WebP that moves for ever, without loss of what the eye sees.</summary>
    public static byte[] EncodeAnimation(IReadOnlyList<Rgb8Image> frames, int milliseconds, string name)
    {
        const int quality = 92;
        VipsLibrary.ErrorText.EnterReadLock();
        try
        {
            byte[] strip = new byte[frames.Sum(frame => frame.Pixels.Length)]; // one below the other, as libvips has pages
            foreach ((int i, Rgb8Image frame) in frames.Index())
            {
                frame.Pixels.CopyTo(strip, i * frame.Pixels.Length);
            }

            using Image pixels = Image.NewFromMemory(strip, frames[0].Width, frames[0].Height * frames.Count, 3, Enums.BandFormat.Uchar);
            using Image pages = pixels.Copy(interpretation: Enums.Interpretation.Srgb).Mutate(image =>
            {
                image.Set(GValue.GIntType, "page-height", frames[0].Height);
                image.Set(GValue.ArrayIntType, "delay", Enumerable.Repeat(milliseconds, frames.Count).ToArray());
                image.Set(GValue.GIntType, "loop", 0);
            });
            return pages.WebpsaveBuffer(q: quality);
        }
        catch (VipsException e)
        {
            throw new ImageFileException(
                name, $"of {frames.Count} pictures of {frames[0].Width}x{frames[0].Height} pixels cannot be encoded as WebP: {VipsMessage.Detail(e.Message)}.", e);
        }
        finally
        {
            VipsLibrary.ErrorText.ExitReadLock();
        }
    }
}
