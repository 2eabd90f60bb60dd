using System.Net;
using NetVips;

namespace Subband.Imaging;

/// <summary>A text as a mask of ink, made by libvips with Pango, which knows every script that has a font.</summary>
/// <param name="Width">Width of the ink in pixels.</param>
/// <param name="Height">Height of the ink in pixels.</param>
/// <param name="Top">How far the ink begins below the top of the first line, so that texts stand on one base line.</param>
/// <param name="Coverage">Row by row, 0 no ink to 255 full.</param>
internal sealed record RenderedText(int Width, int Height, int Top, byte[] Coverage)
{
    // Debian installs DejaVu together with libvips; where it is missing, the system's own choice serves.
    private const string Family = "DejaVu Sans, sans";

    // Without any font Pango draws a box for each letter, as high for a dot as for a capital.
    private static readonly Lazy<bool> HasFonts = new(() => Draw(".", Family + " 24").Height < Draw("W", Family + " 24").Height / 2);

    /// <summary>Renders a text.</summary>
    /// <param name="text">The text; line breaks are kept.</param>
    /// <param name="size">The font size in pixels.</param>
    /// <param name="bold">In bold letters.</param>
    /// <param name="maximumWidth">Where lines are broken, in pixels; 0 does not break them.</param>
    /// <param name="align">How lines of one text stand to each other.</param>
    /// <exception cref="ImageFileException">libvips is missing, or built without text, or there is no font.</exception>
    public static RenderedText Render(
        string text, int size, bool bold = false, int maximumWidth = 0, TextAlign align = TextAlign.Left)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return new RenderedText(0, 0, 0, []);
        }

        string name = $"The caption '{text}'";
        VipsLibrary.Require(name, "drawn");
        VipsLibrary.ErrorText.EnterReadLock();
        try
        {
            return HasFonts.Value
                ? Draw(text, $"{Family} {(bold ? "bold " : "")}{size}", maximumWidth, align)
                : throw new ImageFileException(
                    name, "cannot be drawn: no font is installed. Install one with 'apt-get install fonts-dejavu-core'.");
        }
        catch (VipsException e)
        {
            throw new ImageFileException(name, $"cannot be drawn: {VipsMessage.Detail(e.Message)}.", e);
        }
        finally
        {
            VipsLibrary.ErrorText.ExitReadLock();
        }
    }

    private static RenderedText Draw(string text, string font, int maximumWidth = 0, TextAlign align = TextAlign.Left)
    {
        // at 72 dots an inch a point is a pixel; the text is markup for Pango
        using Image mask = Image.Text(
            WebUtility.HtmlEncode(text),
            font: font,
            width: maximumWidth == 0 ? null : maximumWidth,
            align: align switch { TextAlign.Left => Enums.Align.Low, TextAlign.Centre => Enums.Align.Centre, _ => Enums.Align.High },
            dpi: 72);
        return new RenderedText(mask.Width, mask.Height, mask.Yoffset, mask.WriteToMemory<byte>());
    }
}

/// <summary>How the lines of a text stand to each other.</summary>
internal enum TextAlign
{
    /// <summary>Even on the left.</summary>
    Left,

    /// <summary>Around one middle line.</summary>
    Centre,

    /// <summary>Even on the right.</summary>
    Right,
}
