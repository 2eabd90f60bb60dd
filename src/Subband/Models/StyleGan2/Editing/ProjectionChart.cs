using System.Globalization;
using Subband.Imaging;

namespace Subband.Models.StyleGan2.Editing;

/// <summary>How one image was approached.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Distances">The perceptual distance at each step, with the noise on the style.</param>
/// <param name="Reached">That of the finished picture, whose values are cut to black and white.</param>
public sealed record ProjectionCurve(string Name, IReadOnlyList<double> Distances, double Reached);

/// <summary>A chart of how projections came nearer to their images, a line for each.</summary>
/// <remarks>
/// Where there are more lines than can be told apart, they are one pale colour but for those of the nearest image, the farthest, and the one in the
/// middle.
/// </remarks>
public static class ProjectionChart
{
    private const byte Ink = 60;
    private const int SheetWidth = 1000;
    private const int Margin = 32;
    private const int TitleSize = 20;
    private const int ChartHeight = 440;
    private const int LegendGap = 10;
    private const double Line = 2;
    private const double ThinLine = 1.2;
    private const double LogarithmicFrom = 2; // times the least; below that a straight scale shows as much
    private const int MostMarks = 10;
    private const int LongestName = 60;
    private const double Rounding = 5e-5; // of the digits that are shown
    private static readonly Colour Pale = Colour.Grey(176);

    /// <summary>Draws the chart.</summary>
    /// <param name="title">What stands above it.</param>
    /// <param name="curves">The projections, at least one, each of at least one step.</param>
    /// <exception cref="ImageFileException">libvips, which draws texts, is missing.</exception>
    public static Rgb8Image Render(string title, IReadOnlyList<ProjectionCurve> curves)
    {
        ArgumentNullException.ThrowIfNull(curves);
        ArgumentOutOfRangeException.ThrowIfZero(curves.Count);
        (ChartCurve[] lines, LegendEntry[] legend) = curves.Count <= Palettes.Lines.Count ? Few(curves) : Many(curves);
        int legendTop = Margin + 36;
        int chartTop = legendTop + (legend.Length * ChartLegend.LineHeight) + LegendGap;
        var canvas = new Canvas(SheetWidth, chartTop + ChartHeight + Margin - 8, SampleGrid.Paper);
        canvas.Draw(RenderedText.Render(title, TitleSize, bold: true), Margin, Margin, Ink);
        ChartLegend.Draw(canvas, Margin, legendTop, legend);
        new LineChart
        {
            Title = "Perceptual distance at each step",
            Below = "step",
            Unit = "LPIPS",
            X = ChartAxis.Around(0, Math.Max(MostMarks, curves.Max(curve => curve.Distances.Count)), MostMarks),
            Y = Distances(curves),
            Curves = lines,
        }.Draw(canvas, new PixelWindow(Margin, chartTop, SheetWidth - (2 * Margin), ChartHeight));
        return canvas.ToImage();
    }

    /// <summary>The axis of the distances: logarithmic, unless they differ too little or an image was met exactly.</summary>
    internal static ChartAxis Distances(IReadOnlyList<ProjectionCurve> curves)
    {
        double[] all = [.. curves.SelectMany(curve => curve.Distances)];
        (double least, double greatest) = (all.Min(), all.Max());
        return least > 0 && greatest >= LogarithmicFrom * least
            ? ChartAxis.LogarithmicAround(least, greatest)
            : ChartAxis.Around(0, greatest, MostMarks);
    }

    private static (ChartCurve[] Lines, LegendEntry[] Legend) Few(IReadOnlyList<ProjectionCurve> curves) =>
    (
        [.. curves.Select((curve, i) => Of(curve, Palettes.Lines[i], Line))],
        [.. curves.Select((curve, i) => new LegendEntry(Palettes.Lines[i], Line + 0.5, Shortened(curve.Name), Reached(curve)))]);

    private static (ChartCurve[] Lines, LegendEntry[] Legend) Many(IReadOnlyList<ProjectionCurve> curves)
    {
        ProjectionCurve[] sorted = [.. curves.OrderBy(curve => curve.Distances[^1])];
        (string What, ProjectionCurve Curve, Colour Colour)[] told =
        [
            ("nearest", sorted[0], Palettes.Lines[3]),
            ("median", sorted[(sorted.Length - 1) / 2], Palettes.Lines[2]),
            ("farthest", sorted[^1], Palettes.Lines[1]),
        ];
        return (
            [.. sorted.Select(curve => Of(curve, Pale, ThinLine)), .. told.Reverse().Select(one => Of(one.Curve, one.Colour, Line))],
            [
                .. told.Select(one => new LegendEntry(one.Colour, Line + 0.5, one.What, $"{Reached(one.Curve)}, {Shortened(one.Curve.Name)}")),
                new LegendEntry(Pale, ThinLine + 0.5, "others", $"{curves.Count - told.Length} pictures"),
            ]);
    }

    private static ChartCurve Of(ProjectionCurve curve, Colour colour, double thickness) =>
        new(colour, thickness, [.. Enumerable.Range(1, curve.Distances.Count).Select(step => (double)step)], curve.Distances);

    // Networks make values beyond black and white, more of them the less they are trained.
    private static string Reached(ProjectionCurve curve) => string.Create(CultureInfo.InvariantCulture, $"reached {curve.Distances[^1]:0.0000}")
        + (Math.Abs(curve.Reached - curve.Distances[^1]) < Rounding
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"; {curve.Reached:0.0000} as a picture, which ends at black and white"));

    private static string Shortened(string name) => name.Length <= LongestName ? name : $"…{name[^(LongestName - 1)..]}";
}
