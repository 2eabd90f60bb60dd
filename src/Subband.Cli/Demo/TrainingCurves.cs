using System.Text.Json;

namespace Subband.Cli.Demo;

/// <summary>The curves of a training, read from its <c>metrics.jsonl</c>.</summary>
internal sealed class TrainingCurves
{
    private readonly Dictionary<string, List<(double Kimg, double Value)>> _measures = [];

    /// <summary>Reads the lines of a run; half a line at the end is left alone.</summary>
    /// <param name="path">The file.</param>
    public static TrainingCurves Read(string path)
    {
        TrainingCurves curves = new();
        foreach (string line in File.ReadLines(path))
        {
            try
            {
                using JsonDocument report = JsonDocument.Parse(line);
                curves.Add(report.RootElement);
            }
            catch (JsonException)
            {
                // A process that was killed may leave half a line.
            }
        }

        return curves;
    }

    /// <summary>Charts of every level, the coarsest first: losses, and how often the discriminator is right.</summary>
    /// <param name="sides">The side of the images of each level, the finest first.</param>
    public string ToHtml(IReadOnlyList<int> sides)
    {
        IEnumerable<int> levels = Enumerable.Range(0, sides.Count).Reverse();
        return $"""
            <div class="charts">{string.Concat(levels.Select(level => Losses(level, sides[level])))}</div>
            <p class="key"><span><i class="first"></i>loss of the discriminator</span><span><i class="second"></i>loss of the generator</span></p>
            <div class="charts">{string.Concat(levels.Select(level => Accuracy(level, sides[level])))}</div>
            <p class="key"><span><i class="first"></i>true images called true</span><span><i class="second"></i>generated ones called generated</span></p>
            """;
    }

    private string Losses(int level, int side)
    {
        Curve[] curves = [Curve("first", level, "discriminator"), Curve("second", level, "generator")];
        double most = curves.SelectMany(curve => curve.Points).Select(point => point.Y).DefaultIfEmpty(1).Max();
        return Chart($"{side}x{side}: losses", CurveChart.Draw($"Losses at {side} pixels", curves, 0, CurveChart.RoundUp(most)));
    }

    private string Accuracy(int level, int side) => Chart(
        $"{side}x{side}: how often the discriminator is right",
        CurveChart.Draw(
            $"Accuracy of the discriminator at {side} pixels",
            [Curve("first", level, "realAccuracy"), Curve("second", level, "generatedAccuracy")],
            0,
            1,
            mark: 0.5));

    private static string Chart(string title, string svg) => $"<div><h4>{title}</h4>{svg}</div>";

    private Curve Curve(string style, int level, string name) => new(
        style, _measures.GetValueOrDefault(FormattableString.Invariant($"level{level}.{name}"), []));

    private void Add(JsonElement report)
    {
        double kimg = report.GetProperty("kimg").GetDouble();
        foreach (JsonProperty measure in report.GetProperty("measures").EnumerateObject())
        {
            if (!_measures.TryGetValue(measure.Name, out var points))
            {
                _measures.Add(measure.Name, points = []);
            }

            points.Add((kimg, measure.Value.GetDouble()));
        }
    }
}
