using System.Xml.Linq;
using Subband.Cli.Demo;

namespace Subband.Cli.Tests.Demo;

public class CurveChartTests
{
    [Fact]
    public void A_chart_is_sound_svg_with_a_line_for_each_curve_inside_the_frame()
    {
        Curve[] curves = [new("first", [(0, 0), (5, 1), (10, 7)]), new("second", [(10, 0.5)])];
        XElement svg = XElement.Parse(CurveChart.Draw("Losses", curves, 0, 1, mark: 0.5));
        Assert.Equal("Losses", svg.Attribute("aria-label")!.Value);
        XElement[] lines = [.. svg.Elements("polyline")];
        Assert.Equal(["curve first", "curve second"], lines.Select(line => line.Attribute("class")!.Value));
        // 0 at the left bottom; a value beyond the frame at its upper edge; the last x at the right
        Assert.Equal("34,164 182,12 330,12", lines[0].Attribute("points")!.Value);
        Assert.Equal("330,88", lines[1].Attribute("points")!.Value);
        Assert.Equal("88", Assert.Single(svg.Elements("line"), line => line.Attribute("class")!.Value == "half").Attribute("y1")!.Value);
    }

    [Theory]
    [InlineData(10, "0 2 4 6 8 10")]
    [InlineData(1.5, "0 0.5 1 1.5")]
    [InlineData(48, "0 10 20 30 40")]
    public void The_axis_has_few_round_numbers(double last, string expected)
    {
        XElement svg = XElement.Parse(CurveChart.Draw("x", [new("first", [(0, 0), (last, 1)])], 0, 1));
        Assert.Equal(expected, string.Join(' ', svg.Elements("text").Skip(5).Select(text => text.Value)));
    }

    [Fact]
    public void Without_any_point_there_is_an_empty_chart() =>
        Assert.Equal("", XElement.Parse(CurveChart.Draw("x", [new("first", [])], 0, 1)).Element("polyline")!.Attribute("points")!.Value);

    [Theory]
    [InlineData(0.73, 0.8)]
    [InlineData(1, 1)]
    [InlineData(1.01, 2)]
    [InlineData(37, 40)]
    [InlineData(0, 1)]
    public void Scales_end_on_round_numbers(double value, double end) => Assert.Equal(end, CurveChart.RoundUp(value), 1e-12);
}
