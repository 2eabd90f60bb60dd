using System.Globalization;
using Subband.Imaging;
using Subband.Metrics;

namespace Subband.Evaluation;

/// <summary>
/// Spectra of several sources on one sheet: their radial curves, below them the slices at 0° and 45°, and below those each whole spectrum.
/// </summary>
public static class SpectrumSheet
{
    /// <summary>How many sources fit: more lines could not be told apart.</summary>
    public static int MostSources => Palettes.Lines.Count;

    private const byte Ink = 60;
    private const byte FaintInk = 110;
    private const int SheetWidth = 1120;
    private const int Margin = 32;
    private const int Gap = 24;
    private const int TitleSize = 20;
    private const int TextSize = 13;
    private const int LineHeight = ChartLegend.LineHeight;
    private const int RadialHeight = 420;
    private const int SliceHeight = 300;
    private const int TileSide = 236;
    private const int TileRowHeight = TileSide + 34;
    private const int TilesInRow = 4;
    private const int ScaleHeight = 14;
    private const int ScaleWidth = 300;
    private const double ContourStrength = 0.3;
    private const double ThinLine = 2;
    private const double ReferenceLine = 3.5;

    // Beyond that many decibels below the highest point nothing is shown: it is rounding.
    private const double MostDecibels = 120;

    private static readonly ChartAxis AxisFrequencies = new(0, 0.5, 0.1);
    private static readonly ChartAxis DiagonalFrequencies = new(0, Math.Sqrt(0.5), 0.1);

    /// <summary>Draws the sheet.</summary>
    /// <param name="report">The spectra, at most <see cref="MostSources"/>.</param>
    /// <exception cref="ArgumentException">There are more.</exception>
    /// <exception cref="ImageFileException">libvips, which draws texts, is missing.</exception>
    public static Rgb8Image Render(SpectrumReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        IReadOnlyList<SourceSpectrum> sources = report.Sources;
        if (sources.Count > MostSources)
        {
            throw new ArgumentException($"At most {MostSources} spectra fit a sheet, not {sources.Count}.", nameof(report));
        }

        ChartAxis decibels = Decibels(sources);
        int tileRows = (sources.Count + TilesInRow - 1) / TilesInRow;
        int legend = Margin + 36;
        int radial = legend + ((sources.Count + 1) * LineHeight);
        int slices = radial + RadialHeight + Gap;
        int tiles = slices + SliceHeight + Gap;
        int scale = tiles + LineHeight + 8 + (tileRows * TileRowHeight);
        int notes = scale + ScaleHeight + 40;
        var canvas = new Canvas(
            SheetWidth, notes + (report.Protocol.Count * LineHeight) + Margin - 8, SampleGrid.Paper);

        canvas.Draw(RenderedText.Render($"Mean power spectra, {report.Width}x{report.Height} pixels", TitleSize, bold: true), Margin, Margin, Ink);
        ChartLegend.Draw(canvas, Margin, legend, [.. sources.Select((one, i) =>
            new LegendEntry(Palettes.Lines[i], i == 0 ? ReferenceLine : ThinLine + 0.5, one.Input.Label, Facts(one)))]);
        DrawCharts(canvas, sources, decibels, radial, slices);
        DrawTiles(canvas, sources, decibels, tiles);
        DrawScale(canvas, decibels, scale);
        foreach ((int i, string line) in report.Protocol.Index())
        {
            canvas.Draw(RenderedText.Render(line, TextSize - 1), Margin, notes + (i * LineHeight), FaintInk);
        }

        return canvas.ToImage();
    }

    private static ChartAxis Decibels(IReadOnlyList<SourceSpectrum> sources)
    {
        double[] all = [.. sources.SelectMany(one => (double[])[.. one.Spectrum.Radial, .. one.Spectrum.Horizontal, .. one.Spectrum.Diagonal])];
        double highest = all.Max();
        return ChartAxis.Around(Math.Max(all.Min(), highest - MostDecibels), highest, 10);
    }

    private static string Facts(SourceSpectrum one)
    {
        string images = string.Create(CultureInfo.InvariantCulture, $"{one.Spectrum.Images:#,0} image{(one.Spectrum.Images == 1 ? "" : "s")}");
        return one.Gap is not { } gap
            ? $"{images}, the reference"
            : string.Create(CultureInfo.InvariantCulture, $"{images}, high-frequency gap {gap.Absolute:0.00} dB, signed {gap.Signed:+0.00;−0.00;0.00} dB");
    }

    private static void DrawCharts(Canvas canvas, IReadOnlyList<SourceSpectrum> sources, ChartAxis decibels, int radial, int slices)
    {
        LineChart chart = new()
        {
            Title = "Radial: mean over all directions",
            Below = "frequency (cycles per pixel)",
            Unit = "dB",
            X = AxisFrequencies,
            Y = decibels,
            Curves = Curves(one => (one.Spectrum.Frequencies, one.Spectrum.Radial)),
            Shaded = (0.25, 0.5),
            ShadedTitle = "the gap is measured here",
        };
        chart.Draw(canvas, new PixelWindow(Margin, radial, SheetWidth - (2 * Margin), RadialHeight));
        int half = (SheetWidth - (2 * Margin) - Gap) / 2;
        (chart with
        {
            Title = "Slice at 0°: from left to right",
            Curves = Curves(one => (one.Spectrum.Frequencies, one.Spectrum.Horizontal)),
            Shaded = null,
        }).Draw(canvas, new PixelWindow(Margin, slices, half, SliceHeight));
        (chart with
        {
            Title = "Slice at 45°: along the diagonal",
            X = DiagonalFrequencies,
            Curves = Curves(one => (one.Spectrum.DiagonalFrequencies, one.Spectrum.Diagonal)),
            Shaded = null,
        }).Draw(canvas, new PixelWindow(Margin + half + Gap, slices, half, SliceHeight));

        ChartCurve[] Curves(Func<SourceSpectrum, (IReadOnlyList<double> X, IReadOnlyList<double> Y)> of) =>
        [
            .. sources.Select((one, i) => new ChartCurve(Palettes.Lines[i], i == 0 ? ReferenceLine : ThinLine, of(one).X, of(one).Y)),
        ];
    }

    private static void DrawTiles(Canvas canvas, IReadOnlyList<SourceSpectrum> sources, ChartAxis decibels, int top)
    {
        canvas.Draw(
            RenderedText.Render("In two dimensions: frequency 0 in the middle, half a cycle per pixel at each edge", TextSize + 1, bold: true), Margin, top, Ink);
        int room = (SheetWidth - (2 * Margin) - (TilesInRow * TileSide)) / (TilesInRow - 1);
        foreach ((int i, SourceSpectrum one) in sources.Index())
        {
            int left = Margin + (i % TilesInRow * (TileSide + room));
            int above = top + LineHeight + 8 + (i / TilesInRow * TileRowHeight);
            RenderedText label = RenderedText.Render(Shortened(one.Input.Label), TextSize);
            canvas.Draw(label, left, above, Ink);
            canvas.Draw(Tile(one.Spectrum, decibels), left, above + LineHeight, 1);
        }
    }

    // As much of a label as fits over a tile.
    private static string Shortened(string label)
    {
        const int Most = 30;
        return label.Length <= Most ? label : $"…{label[^(Most - 1)..]}";
    }

    private static Rgb8Image Tile(PowerSpectrum spectrum, ChartAxis decibels)
    {
        int half = spectrum.Side / 2;
        int side = spectrum.Side + 1; // both edges are the Nyquist frequency
        var values = new float[side * side];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)PowerSpectrum.Decibels(spectrum.Power((i / side) - half, (i % side) - half));
        }

        values = Resampler.Resize(values, side, side, 1, TileSide, TileSide, new Resampling(ResamplingKernel.Bilinear));
        var pixels = new byte[3 * values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            Colour colour = Palettes.Shade(decibels.Place(values[i])).Towards(Colour.Grey(255), IsContour(i) ? ContourStrength : 0);
            (pixels[3 * i], pixels[(3 * i) + 1], pixels[(3 * i) + 2]) = (colour.Red, colour.Green, colour.Blue);
        }

        return new Rgb8Image(TileSide, TileSide, pixels);

        // Where a mark of the scale lies between a pixel and the next.
        bool IsContour(int i) => (i % TileSide < TileSide - 1 && Step(i) != Step(i + 1)) || (i + TileSide < values.Length && Step(i) != Step(i + TileSide));

        int Step(int i) => (int)Math.Floor(values[i] / decibels.Step);
    }

    private static void DrawScale(Canvas canvas, ChartAxis decibels, int top)
    {
        for (int x = 0; x < ScaleWidth; x++)
        {
            canvas.Fill(new PixelWindow(Margin + x, top, 1, ScaleHeight), Palettes.Shade((double)x / (ScaleWidth - 1)));
        }

        foreach (double mark in decibels.Marks)
        {
            RenderedText text = RenderedText.Render(mark.ToString("0.###", CultureInfo.InvariantCulture).Replace('-', '−'), TextSize - 1);
            int x = Margin + (int)(decibels.Place(mark) * (ScaleWidth - 1));
            canvas.Draw(text, x - (text.Width / 2), top + ScaleHeight + 3, Ink);
        }

        canvas.Draw(RenderedText.Render("dB", TextSize - 1), Margin + ScaleWidth + 16, top, Ink);
    }
}
