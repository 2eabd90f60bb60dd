using System.Globalization;

namespace Subband.Imaging;

/// <summary>A curve of a chart.</summary>
/// <param name="Colour">Its colour.</param>
/// <param name="Thickness">In pixels.</param>
/// <param name="X">From left to right.</param>
/// <param name="Y">As many.</param>
internal sealed record ChartCurve(Colour Colour, double Thickness, IReadOnlyList<double> X, IReadOnlyList<double> Y);

/// <summary>Curves over a grid with two labelled axes.</summary>
internal sealed record LineChart
{
    private const byte TextInk = 70;
    private const int TitleSize = 14;
    private const int TextSize = 12;
    private const int TickLength = 4;
    private const int LeftRoom = 46;
    private const int TopRoom = 30;
    private const int BottomRoom = 44;
    private const int UnitGap = 12;
    private const double GridThickness = 1;
    private static readonly Colour Sheet = Colour.Grey(255);
    private static readonly Colour Grid = Colour.Grey(228);
    private static readonly Colour Frame = Colour.Grey(150);

    /// <summary>What stands above it.</summary>
    public required string Title { get; init; }

    /// <summary>What stands below the horizontal axis.</summary>
    public required string Below { get; init; }

    /// <summary>The unit of the vertical axis, which stands above its upper end, or behind the title where it is too long.</summary>
    public required string Unit { get; init; }

    /// <summary>The horizontal axis.</summary>
    public required ChartAxis X { get; init; }

    /// <summary>The vertical axis.</summary>
    public required ChartAxis Y { get; init; }

    /// <summary>The curves, drawn one over the other.</summary>
    public required IReadOnlyList<ChartCurve> Curves { get; init; }

    /// <summary>A part of the horizontal axis that is shaded; null for none.</summary>
    public (double From, double To)? Shaded { get; init; }

    /// <summary>What stands at the upper edge of the shaded part.</summary>
    public string ShadedTitle { get; init; } = "";

    /// <summary>Draws the chart.</summary>
    /// <param name="canvas">Where.</param>
    /// <param name="place">The room for it, its texts included.</param>
    /// <exception cref="ImageFileException">libvips, which draws texts, is missing.</exception>
    public void Draw(Canvas canvas, PixelWindow place)
    {
        PixelWindow field = new(place.X + LeftRoom, place.Y + TopRoom, place.Width - LeftRoom - 1, place.Height - TopRoom - BottomRoom);
        canvas.Fill(field, Sheet);
        Shade(canvas, field);
        DrawGrid(canvas, field);
        foreach (ChartCurve curve in Curves)
        {
            canvas.Stroke([.. curve.X.Zip(curve.Y, (x, y) => At(field, x, y))], curve.Colour, curve.Thickness);
        }

        RenderedText title = RenderedText.Render(Title, TitleSize, bold: true);
        canvas.Draw(title, field.X, place.Y, TextInk);
        RenderedText unit = RenderedText.Render(Unit, TextSize);
        int beside = field.X - TickLength - 4 - unit.Width;
        canvas.Draw(unit, beside >= place.X ? beside : field.X + title.Width + UnitGap, place.Y + 2, TextInk);
        RenderedText below = RenderedText.Render(Below, TextSize);
        canvas.Draw(below, field.X + ((field.Width - below.Width) / 2), field.Y + field.Height + 24, TextInk);
    }

    private void Shade(Canvas canvas, PixelWindow field)
    {
        if (Shaded is not { } part)
        {
            return;
        }

        (int left, int right) = ((int)Math.Round(At(field, part.From, Y.Low).X), (int)Math.Round(At(field, part.To, Y.Low).X));
        canvas.Fill(new PixelWindow(left, field.Y, right - left, field.Height), Palettes.Lines[^1], 0.12);
        RenderedText title = RenderedText.Render(ShadedTitle, TextSize);
        canvas.Draw(title, left + ((right - left - title.Width) / 2), field.Y + 8, TextInk);
    }

    private void DrawGrid(Canvas canvas, PixelWindow field)
    {
        foreach (double mark in Y.Marks)
        {
            double y = Whole(At(field, X.Low, mark).Y);
            canvas.Stroke([(field.X, y), (field.X + field.Width, y)], Grid, GridThickness);
            RenderedText text = Number(mark);
            canvas.Draw(text, field.X - TickLength - 4 - text.Width, (int)y - 8, TextInk);
        }

        foreach (double mark in X.Marks)
        {
            double x = Whole(At(field, mark, Y.Low).X);
            int bottom = field.Y + field.Height;
            canvas.Stroke([(x, field.Y), (x, bottom)], Grid, GridThickness);
            canvas.Stroke([(x, bottom), (x, bottom + TickLength)], Frame, GridThickness);
            RenderedText text = Number(mark);
            canvas.Draw(text, (int)x - (text.Width / 2), bottom + TickLength + 2, TextInk);
        }

        (double left, double low) = (field.X + 0.5, field.Y + field.Height - 0.5);
        canvas.Stroke([(left, field.Y), (left, low), (field.X + field.Width, low)], Frame, GridThickness);
    }

    private (double X, double Y) At(PixelWindow field, double x, double y) =>
        (field.X + (X.Place(x) * field.Width), field.Y + ((1 - Y.Place(y)) * field.Height));

    // The middle of a pixel, where a thin line is sharp.
    private static double Whole(double place) => Math.Floor(place) + 0.5;

    // With a real minus sign.
    private static RenderedText Number(double value) =>
        RenderedText.Render(value.ToString("0.#######", CultureInfo.InvariantCulture).Replace('-', '−'), TextSize);
}
