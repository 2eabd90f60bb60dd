using System.Globalization;
using System.Text.Json.Nodes;
using Subband.Evaluation;
using Subband.Imaging;
using Subband.Metrics;
using Subband.Torch.Serialization;
using Subband.Training;

namespace Subband.Experiments;

/// <summary>The report of a comparison as files: <c>report.md</c>, <c>report.json</c>, and the pictures that it shows.</summary>
internal static class ComparisonPages
{
    private const int SheetWidth = 1120;
    private const int SheetHeight = 460;
    private const int Margin = 32;
    private const int Gap = 24;
    private const int LegendHeight = (2 * ChartLegend.LineHeight) + 12;
    private const double LineThickness = 2.5;

    public static void Write(string folder, ComparisonReport report, Rgb8Image samples)
    {
        ImageFile.WritePng(Path.Combine(folder, "course.png"), Course(report));
        ImageFile.WritePng(Path.Combine(folder, "spectrum.png"), SpectrumSheet.Render(report.Spectrum));
        ImageFile.WritePng(Path.Combine(folder, "samples.png"), samples);
        AtomicFile.WriteAllText(Path.Combine(folder, "report.json"), Json(report).ToIndentedText() + "\n");
        AtomicFile.WriteAllText(Path.Combine(folder, "report.md"), Text(report));
    }

    /// <summary>The numbers of a report.</summary>
    public static JsonObject Json(ComparisonReport report) => new()
    {
        ["compared"] = new JsonArray([.. report.Rows().Select(row => Row(report, row.Name, row.Point, row.Gap))]),
        ["course"] = new JsonArray([.. report.Points.Select(point => new JsonObject
        {
            ["architecture"] = point.Contestant.Name,
            ["kimg"] = point.Images / 1000.0,
            ["seconds"] = point.Seconds,
            ["fd"] = point.Distance,
        })]),
        ["protocol"] = new JsonArray([.. report.Protocol.Select(line => (JsonNode)line)]),
    };

    private static JsonObject Row(ComparisonReport report, string name, ComparisonPoint point, SpectralGap gap) => new()
    {
        ["name"] = name,
        ["kimg"] = point.Images / 1000.0,
        ["seconds"] = point.Seconds,
        ["seconds_per_kimg"] = report.SecondsPerKimg(point.Contestant),
        ["fd"] = point.Distance,
        ["high_frequency_gap_db"] = gap.Absolute,
        ["signed_high_frequency_gap_db"] = gap.Signed,
    };

    private static string Text(ComparisonReport report)
    {
        var rows = report.Rows().Select(row => string.Create(
            CultureInfo.InvariantCulture,
            $"| {row.Name} | {row.Point.Seconds / 60:0.0} | {row.Point.Images / 1000.0:0.#} | {report.SecondsPerKimg(row.Point.Contestant):0.0} | {row.Point.Distance:0.00} "
            + $"| {row.Gap.Absolute:0.00} | {row.Gap.Signed:+0.00;−0.00;0.00} |"));
        var course = report.Points.Select(point => string.Create(
            CultureInfo.InvariantCulture, $"| {point.Contestant.Name} | {point.Seconds / 60:0.0} | {point.Images / 1000.0:0.#} | {point.Distance:0.00} |"));
        return $"""
            # SWAGAN and StyleGAN2 of the same width on the same images

            | model | minutes | kimg | seconds a kimg | Fréchet distance | gap (dB) | signed (dB) |
            | --- | ---: | ---: | ---: | ---: | ---: | ---: |
            {string.Join("\n", rows)}

            {string.Join("\n", report.Protocol.Select(line => $"- {line}"))}

            ![The course of both trainings](course.png)

            ![Spectra of true images and samples](spectrum.png)

            ![Samples of the same random numbers](samples.png)

            | model | minutes | kimg | Fréchet distance |
            | --- | ---: | ---: | ---: |
            {string.Join("\n", course)}

            """;
    }

    private static Rgb8Image Course(ComparisonReport report)
    {
        Canvas canvas = new(SheetWidth, SheetHeight, SampleGrid.Paper);
        ChartLegend.Draw(canvas, Margin, Margin, [.. Contestant.Both.Select((contestant, i) => new LegendEntry(
            Palettes.Lines[i + 1],
            LineThickness,
            contestant.Name,
            string.Create(CultureInfo.InvariantCulture, $"{report.SecondsPerKimg(contestant):0.0} seconds of training a kimg")))]);
        var half = (SheetWidth - (2 * Margin) - Gap) / 2;
        var top = Margin + LegendHeight;
        var height = SheetHeight - top - Margin;
        Chart("Over time", "minutes of training", point => point.Seconds / 60).Draw(canvas, new PixelWindow(Margin, top, half, height));
        Chart("Over images", "thousands of images shown", point => point.Images / 1000.0)
            .Draw(canvas, new PixelWindow(Margin + half + Gap, top, half, height));
        return canvas.ToImage();

        LineChart Chart(string title, string below, Func<ComparisonPoint, double> along) => new()
        {
            Title = title,
            Below = below,
            Unit = "Fréchet distance",
            X = ChartAxis.Around(0, report.Points.Max(along), 8),
            Y = ChartAxis.Around(0, report.Points.Max(point => point.Distance), 8),
            Curves =
            [
                .. Contestant.Both.Select((contestant, i) => report.Points.Where(point => point.Contestant == contestant).ToArray() is var own
                    ? new ChartCurve(Palettes.Lines[i + 1], LineThickness, [.. own.Select(along)], [.. own.Select(point => point.Distance)])
                    : null!),
            ],
        };
    }
}
