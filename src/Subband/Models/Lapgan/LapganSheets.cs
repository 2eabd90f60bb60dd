using System.Globalization;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.Models.Lapgan;

/// <summary>Sheets that show how a LAPGAN works: each step of its pyramid, and what its noise decides.</summary>
/// <remarks>Texts are drawn by libvips, so that all of these need it.</remarks>
public static class LapganSheets
{
    // A band is mostly far from its extremes; this share of it stays within black and white.
    private const double ShownShare = 0.99;

    private const ulong RedrawStream = 0x5244_5257;

    private static readonly double[] Contrasts = [1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20];

    /// <summary>
    /// One row a sample, from left to right as it comes to be: the coarsest image I_K, then for every level the enlarged image
    /// l_k, the band h_k that the level adds, and their sum I_k.
    /// </summary>
    /// <param name="model">The model; it needs two levels or more.</param>
    /// <param name="count">How many samples.</param>
    /// <param name="seed">Where the random numbers start.</param>
    /// <param name="labels">The class of each sample; null for the classes in turn.</param>
    /// <param name="title">The text over the whole; empty for none.</param>
    /// <exception cref="UsageException">The model has one level only.</exception>
    public static LabelledSheet Chain(LapganModel model, int count, ulong seed, IReadOnlyList<int>? labels = null, string title = "")
    {
        ArgumentNullException.ThrowIfNull(model);
        RequireBands(model);
        using var scope = new TensorScope();
        var chain = model.Sample(count, seed, labels);
        var coarsest = model.Levels - 1;
        List<(string Title, Rgb8Image[] Pictures)> columns = [(Name("I", coarsest, model), Pictures(chain.Images[coarsest]))];
        for (var k = coarsest - 1; k >= 0; k--)
        {
            var contrast = Contrast(chain.Bands[k]);
            columns.Add((Name("l", k, model), Pictures(chain.LowPass[k])));
            columns.Add((BandName(k, contrast), Pictures(chain.Bands[k] * contrast)));
            columns.Add((Name("I", k, model), Pictures(chain.Images[k])));
        }

        return new LabelledSheet
        {
            Title = title,
            ColumnTitles = [.. columns.Select(column => column.Title)],
            RowTitles = ClassNames(model, count, labels),
            Rows = [.. Enumerable.Range(0, count).Select(i => columns.Select(column => column.Pictures[i]).ToArray())],
        };
    }

    /// <summary>One row a coarse image, which stays, and beside it several images whose finer bands are drawn anew.</summary>
    /// <param name="model">The model; it needs two levels or more.</param>
    /// <param name="level">The coarsest level that is drawn anew.</param>
    /// <param name="count">How many coarse images.</param>
    /// <param name="redraws">How many images of each.</param>
    /// <param name="seed">Where the random numbers start.</param>
    /// <param name="labels">The class of each coarse image; null for the classes in turn.</param>
    /// <param name="title">The text over the whole; empty for none.</param>
    /// <exception cref="UsageException">The model has no band of that level.</exception>
    public static LabelledSheet Redraws(
        LapganModel model, int level, int count, int redraws, ulong seed, IReadOnlyList<int>? labels = null, string title = "")
    {
        ArgumentNullException.ThrowIfNull(model);
        RequireBands(model);
        List<Rgb8Image[]> columns = [];
        for (var i = 0; i < redraws; i++)
        {
            using var scope = new TensorScope();
            var chain = model.Redraw(count, seed, level, SeededRandom.For(seed, RedrawStream, (ulong)i).NextUInt64(), labels);
            if (i == 0)
            {
                columns.Add(Pictures(chain.Images[level + 1]));
            }

            columns.Add(Pictures(chain.Images[0]));
        }

        return new LabelledSheet
        {
            Title = title,
            ColumnTitles = [$"kept: {Name("I", level + 1, model)}", .. Enumerable.Range(1, redraws).Select(i => i.ToString(CultureInfo.InvariantCulture))],
            RowTitles = ClassNames(model, count, labels),
            Rows = [.. Enumerable.Range(0, count).Select(row => columns.Select(column => column[row]).ToArray())],
        };
    }

    /// <summary>One row a coarse image, which stays, and beside it a straight line between two drawings of all finer noise.</summary>
    /// <param name="model">The model; it needs two levels or more.</param>
    /// <param name="count">How many coarse images.</param>
    /// <param name="steps">Images on each line, both ends included; at least 2.</param>
    /// <param name="seed">Where the random numbers start.</param>
    /// <param name="labels">The class of each coarse image; null for the classes in turn.</param>
    /// <param name="title">The text over the whole; empty for none.</param>
    /// <exception cref="UsageException">The model has one level only.</exception>
    public static LabelledSheet Interpolation(
        LapganModel model, int count, int steps, ulong seed, IReadOnlyList<int>? labels = null, string title = "")
    {
        ArgumentNullException.ThrowIfNull(model);
        RequireBands(model);
        using var scope = new TensorScope();
        var kept = Pictures(model.Sample(count, seed, labels).Images[^1]);
        var line = Pictures(model.Interpolate(count, steps, seed, labels)); // N · steps
        return new LabelledSheet
        {
            Title = title,
            ColumnTitles =
            [
                $"kept: {Name("I", model.Levels - 1, model)}",
                .. Enumerable.Range(0, steps).Select(i => ((double)i / (steps - 1)).ToString("0.##", CultureInfo.InvariantCulture)),
            ],
            RowTitles = ClassNames(model, count, labels),
            Rows = [.. Enumerable.Range(0, count).Select(row => (Rgb8Image[])[kept[row], .. line[(row * steps)..((row + 1) * steps)]])],
        };
    }

    /// <summary>By how much a band is multiplied to be seen well; 0 is shown as mid-grey.</summary>
    /// <param name="band">Differences of images in [-1, 1].</param>
    internal static double Contrast(Tensor band)
    {
        using var scope = new TensorScope();
        var sizes = band.Abs().Flatten(0).Sort().Values;
        var most = sizes.Select(0, (long)(ShownShare * (sizes.Count - 1))).Item();
        return Contrasts.Last(contrast => contrast == 1 || contrast * most <= 1);
    }

    private static Rgb8Image[] Pictures(Tensor images) => TensorImages.ToImages(images, PixelRange.Signed);

    private static string Name(string symbol, int level, LapganModel model)
    {
        var side = model.Settings.Pyramid.Sizes[level];
        return string.Create(CultureInfo.InvariantCulture, $"{symbol}{Subscript(level)}\n{side}x{side}");
    }

    private static string BandName(int level, double contrast) =>
        string.Create(CultureInfo.InvariantCulture, $"h{Subscript(level)}\n{(contrast == 1 ? "0 is grey" : $"contrast {contrast}x")}");

    private static string Subscript(int number) =>
        string.Concat(number.ToString(CultureInfo.InvariantCulture).Select(digit => (char)('₀' + (digit - '0'))));

    private static string[] ClassNames(LapganModel model, int count, IReadOnlyList<int>? labels) => model.Classes.Count == 0
        ? []
        : [.. Enumerable.Range(0, count).Select(i => model.Classes[labels?[i] ?? i % model.Classes.Count])];

    private static void RequireBands(LapganModel model)
    {
        if (model.Levels < 2)
        {
            throw new UsageException(
                "This model draws its images in one step: it has no bands that could be shown, redrawn or interpolated.");
        }
    }
}
