using System.Globalization;
using System.Text;

namespace Subband.Cli.Demo;

/// <summary>A curve of a chart.</summary>
/// <param name="Style">Its class in the page's style sheet: <c>first</c> or <c>second</c>.</param>
/// <param name="Points">From left to right.</param>
internal sealed record Curve(string Style, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Draws a small chart as inline SVG, in the colours of the page.</summary>
internal static class CurveChart
{
    private const double Width = 340;
    private const double Height = 190;
    private const double Left = 34;
    private const double Right = 10;
    private const double Top = 12;
    private const double Bottom = 26;
    private const int Divisions = 4;

    private static readonly double[] RoundSteps = [1, 2, 4, 6, 8, 10];
    private static readonly double[] TickSteps = [0.2, 0.5, 1, 2];

    /// <summary>Draws curves over thousands of images.</summary>
    /// <param name="title">What a screen reader says.</param>
    /// <param name="curves">One or two.</param>
    /// <param name="low">The least value that is shown.</param>
    /// <param name="high">The greatest.</param>
    /// <param name="mark">A height at which a dashed line is drawn; null for none.</param>
    public static string Draw(string title, IReadOnlyList<Curve> curves, double low, double high, double? mark = null)
    {
        double last = curves.SelectMany(curve => curve.Points).Select(point => point.X).DefaultIfEmpty(1).Max();
        StringBuilder svg = new();
        svg.Append(Invariant($"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{title}\">"));
        for (int i = 0; i <= Divisions; i++)
        {
            double value = low + ((high - low) * i / Divisions);
            double y = PlaceY(value, low, high);
            svg.Append(Invariant($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y:0.#}\" y2=\"{y:0.#}\"/>"));
            svg.Append(Invariant($"<text x=\"{Left - 7}\" y=\"{y + 4:0.#}\" text-anchor=\"end\">{value:0.##}</text>"));
        }

        foreach (double x in Ticks(last))
        {
            string anchor = x == 0 ? "start" : "middle";
            svg.Append(Invariant($"<text x=\"{PlaceX(x, last):0.#}\" y=\"{Height - 8}\" text-anchor=\"{anchor}\">{x:0.##}</text>"));
        }

        if (mark is { } height)
        {
            double y = PlaceY(height, low, high);
            svg.Append(Invariant($"<line class=\"half\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y:0.#}\" y2=\"{y:0.#}\"/>"));
        }

        foreach (Curve curve in curves)
        {
            string points = string.Join(' ', curve.Points.Select(point =>
                Invariant($"{PlaceX(point.X, last):0.#},{PlaceY(Math.Clamp(point.Y, low, high), low, high):0.#}")));
            svg.Append(Invariant($"<polyline class=\"curve {curve.Style}\" points=\"{points}\"/>"));
        }

        return svg.Append("</svg>").ToString();
    }

    /// <summary>A round number that is not below any of some values.</summary>
    public static double RoundUp(double value)
    {
        if (!(value > 0))
        {
            return 1;
        }

        double power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return power * RoundSteps.First(step => step * power >= value * (1 - 1e-9));
    }

    // Round numbers, at most six, from 0 to the last.
    private static IEnumerable<double> Ticks(double last)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(last, 1e-9))));
        double step = TickSteps.Select(factor => factor * power).First(size => last / size <= 5.5);
        for (double x = 0; x <= last; x += step)
        {
            yield return x;
        }
    }

    private static double PlaceX(double x, double last) => Left + (x / Math.Max(last, 1e-9) * (Width - Left - Right));

    private static double PlaceY(double y, double low, double high) =>
        Height - Bottom - ((y - low) / (high - low) * (Height - Top - Bottom));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
