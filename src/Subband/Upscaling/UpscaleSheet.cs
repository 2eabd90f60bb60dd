using System.Globalization;
using Subband.Imaging;
using Subband.Metrics;
using Subband.Torch;

namespace Subband.Upscaling;

/// <summary>
/// Puts several ways of enlarging one photograph side by side: bicubic, then each model, then the true large picture where there
/// is one; first the whole, then three places full of detail, enlarged by repeating pixels. With the true picture each has its
/// peak signal-to-noise ratio on the brightness, as many pixels as the scale left out at each side.
/// </summary>
public static class UpscaleSheet
{
    private const string Bicubic = "bicubic";
    private const int Cell = 224;
    private const int Crops = 3;

    private static readonly byte[] Frame = [230, 40, 40];

    /// <summary>Draws the sheet.</summary>
    /// <param name="path">The small photograph.</param>
    /// <param name="reference">The true large picture, or null. Of what it has to the right and below beyond a whole multiple nothing is shown.</param>
    /// <param name="models">What to compare; bicubic goes first, named or not.</param>
    /// <param name="settings">How; the format is of no account.</param>
    /// <param name="stop">Ends the work.</param>
    /// <exception cref="SubbandException">A picture cannot be read, or the two sizes do not fit.</exception>
    public static Rgb8Image Make(
        string path, string? reference, IReadOnlyList<UpscalingModel> models, UpscaleSettings settings, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(settings);
        using UpscalingModel plain = UpscalingModels.Open(Bicubic);
        List<(string Title, Rgb8Image Image)> columns = [];
        foreach (UpscalingModel model in models.Where(model => model.Name != Bicubic).Prepend(plain))
        {
            columns.Add((Title(model.Name), Enlarge(path, model, settings, stop)));
        }

        if (reference is not null)
        {
            Rgb8Image whole = Fit(reference, path, columns[0].Image);
            int border = Border(whole, ImageFile.Probe(path));
            columns = [.. columns.Select(column => (WithRatio(column.Title, Psnr.OfLuma(whole, column.Image, border)), column.Image)), ("HR", whole)];
        }

        return Draw(columns, Path.GetFileName(path));
    }

    // By custom the scale; less of pictures that have hardly more.
    private static int Border(Rgb8Image large, ImageInfo small) =>
        Math.Min((int)Math.Ceiling((double)large.Width / small.Width), (Math.Min(large.Width, large.Height) - 1) / 2);

    private static string WithRatio(string title, double decibels) => string.Create(CultureInfo.InvariantCulture, $"{title} {decibels:F2} dB");

    private static string Title(string name) => name == Bicubic ? "Bicubic" : Path.GetFileNameWithoutExtension(name.TrimEnd('/'));

    private static Rgb8Image Enlarge(string path, UpscalingModel model, UpscaleSettings settings, CancellationToken stop)
    {
        PhotographUpscaler upscaler = new(model, settings with { Strip = true });
        using MemoryStream png = new();
        _ = upscaler.Run(upscaler.Open(path), png, path, PhotographFormat.Png, null, stop);
        return ImageFile.DecodeRgb8(png.GetBuffer().AsSpan(0, (int)png.Length), path);
    }

    private static Rgb8Image Fit(string reference, string path, Rgb8Image result)
    {
        Rgb8Image whole = ImageFile.ReadRgb8(reference);
        (int right, int below) = (whole.Width - result.Width, whole.Height - result.Height);
        const int MostLeftOver = 8;
        return right is >= 0 and < MostLeftOver && below is >= 0 and < MostLeftOver
            ? whole.Cut(new PixelWindow(0, 0, result.Width, result.Height))
            : throw new SubbandException(
                $"{reference} has {whole.Width}x{whole.Height} pixels, and {path} becomes {result.Width}x{result.Height}: the two sizes do not fit. "
                + "Give the picture that the small one was made of, and its --scale.");
    }

    private static Rgb8Image Draw(List<(string Title, Rgb8Image Image)> columns, string title)
    {
        Rgb8Image guide = columns[^1].Image;
        int side = Math.Max(1, Math.Min(Math.Clamp(Math.Min(guide.Width, guide.Height) / 5, 16, 56), Math.Min(guide.Width, guide.Height)));
        List<(int X, int Y)> places = Places(guide, side);
        List<IReadOnlyList<Rgb8Image?>> rows = [[.. columns.Select(column => Overview(column.Image, places, side))]];
        foreach ((int x, int y) in places)
        {
            rows.Add([.. columns.Select(column => column.Image.Cut(new PixelWindow(x, y, side, side)))]);
        }

        return new LabelledSheet
        {
            Title = $"{title}, {guide.Width}x{guide.Height}",
            Rows = rows,
            ColumnTitles = [.. columns.Select(column => column.Title)],
            CellSide = Cell,
        }.Render();
    }

    // Where most happens from pixel to pixel, one place apart from the others.
    private static List<(int X, int Y)> Places(Rgb8Image image, int side)
    {
        int step = Math.Max(1, side / 2);
        List<(long Detail, int X, int Y)> all = [];
        for (int y = 0; y + side <= image.Height; y += step)
        {
            for (int x = 0; x + side <= image.Width; x += step)
            {
                all.Add((Detail(image, x, y, side), x, y));
            }
        }

        List<(int X, int Y)> chosen = [];
        foreach ((long _, int x, int y) in all.OrderByDescending(place => place.Detail))
        {
            if (chosen.Count < Crops && chosen.TrueForAll(other => Math.Abs(other.X - x) >= side || Math.Abs(other.Y - y) >= side))
            {
                chosen.Add((x, y));
            }
        }

        return [.. chosen.OrderBy(place => place.Y)];
    }

    private static long Detail(Rgb8Image image, int left, int top, int side)
    {
        long sum = 0;
        for (int y = top; y < top + side - 1; y++)
        {
            for (int x = left; x < left + side - 1; x++)
            {
                int at = (((y * image.Width) + x) * 3) + 1;
                sum += Math.Abs(image.Pixels[at] - image.Pixels[at + 3]) + Math.Abs(image.Pixels[at] - image.Pixels[at + (3 * image.Width)]);
            }
        }

        return sum;
    }

    private static Rgb8Image Overview(Rgb8Image image, List<(int X, int Y)> places, int side)
    {
        double factor = Math.Min(1, (double)Cell / Math.Max(image.Width, image.Height));
        (int width, int height) = (Math.Max(1, (int)(image.Width * factor)), Math.Max(1, (int)(image.Height * factor)));
        byte[] pixels = [.. Resampler.Resize(image, width, height, new Resampling(ResamplingKernel.Area)).Pixels];
        foreach ((int x, int y) in places)
        {
            (int left, int top) = ((int)(x * factor), (int)(y * factor));
            int end = Math.Max(1, (int)(side * factor)) - 1;
            for (int i = 0; i <= end; i++)
            {
                foreach ((int column, int row) in ((int, int)[])[(left + i, top), (left + i, top + end), (left, top + i), (left + end, top + i)])
                {
                    if (column < width && row < height)
                    {
                        Frame.CopyTo(pixels, ((row * width) + column) * 3);
                    }
                }
            }
        }

        return new Rgb8Image(width, height, pixels);
    }
}
