namespace Subband.Imaging;

/// <summary>A line of a legend.</summary>
/// <param name="Colour">Of the curve.</param>
/// <param name="Thickness">Of the curve, in pixels.</param>
/// <param name="Label">What the curve is.</param>
/// <param name="Facts">What there is to say about it, behind all labels.</param>
internal sealed record LegendEntry(Colour Colour, double Thickness, string Label, string Facts);

/// <summary>What the curves of a chart are: a line each.</summary>
internal static class ChartLegend
{
    /// <summary>From one line to the next, in pixels.</summary>
    public const int LineHeight = 22;

    private const int TextSize = 13;
    private const byte Ink = 60;
    private const int FactsGap = 20;

    /// <summary>Draws the legend.</summary>
    /// <param name="canvas">Where.</param>
    /// <param name="left">Its left edge.</param>
    /// <param name="top">Its upper edge.</param>
    /// <param name="entries">The lines.</param>
    /// <exception cref="ImageFileException">libvips, which draws texts, is missing.</exception>
    public static void Draw(Canvas canvas, int left, int top, IReadOnlyList<LegendEntry> entries)
    {
        RenderedText[] labels = [.. entries.Select(entry => RenderedText.Render(entry.Label, TextSize, bold: true))];
        int widest = labels.Max(label => label.Width);
        foreach ((int i, LegendEntry entry) in entries.Index())
        {
            int y = top + (i * LineHeight);
            double middle = y + 8.5;
            canvas.Stroke([(left + 2, middle), (left + 30, middle)], entry.Colour, entry.Thickness);
            canvas.Draw(labels[i], left + 42, y, Ink);
            canvas.Draw(RenderedText.Render(entry.Facts, TextSize), left + 42 + widest + FactsGap, y, Ink);
        }
    }
}
