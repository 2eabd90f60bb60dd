using Subband.Imaging;
using Subband.Models.StyleGan2.Editing;

namespace Subband.Tests.Models.StyleGan2.Editing;

public sealed class ProjectionChartTests
{
    [Theory]
    [InlineData(0.06, 0.7, true, 0.05, 1)]
    [InlineData(0.31, 0.68, true, 0.3, 0.7)]
    [InlineData(0.5, 0.9, false, 0, 0.9)] // less than twice as much
    [InlineData(0, 0.5, false, 0, 0.5)]   // met exactly
    public void Distances_are_on_a_logarithmic_axis_where_that_shows_more(double least, double greatest, bool isLogarithmic, double low, double high)
    {
        ChartAxis axis = ProjectionChart.Distances([new("a", [greatest, least], least)]);
        Assert.Equal(isLogarithmic, axis.IsLogarithmic);
        Assert.Equal((low, high), (axis.Low, Math.Round(axis.High, 12)));
    }

    [Fact]
    public void Each_picture_has_a_line_of_its_own_colour_that_falls_as_its_distance_does()
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        Rgb8Image chart = ProjectionChart.Render("2 pictures", [Falling("a", 0.8, 0.1), Falling("b", 0.4, 0.2)]);
        Assert.Equal(1000, chart.Width);
        for (int line = 0; line < 2; line++)
        {
            (int X, int Y)[] drawn = [.. Places(chart, Palettes.Lines[line]).Where(place => place.Y > 140)]; // below the legend
            int left = drawn.Min(place => place.X);
            int right = drawn.Max(place => place.X);
            Assert.True(right - left > 700, $"from {left} to {right}");
            Assert.True(Height(right) > Height(left) + 20);

            double Height(int x) => drawn.Where(place => place.X == x).Average(place => place.Y);
        }
    }

    [Fact]
    public void More_lines_than_can_be_told_apart_are_pale_but_for_the_nearest_the_median_and_the_farthest()
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        ProjectionCurve[] many = [.. Enumerable.Range(1, 20).Select(i => Falling($"picture-{i}", 0.9, 0.02 * i))];
        Rgb8Image chart = ProjectionChart.Render("20 pictures", many);
        Assert.All([1, 2, 3], colour => Assert.True(Places(chart, Palettes.Lines[colour]).Count() > 700));
        Assert.Empty(Places(chart, Palettes.Lines[5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ProjectionChart.Render("none", []));
    }

    private static ProjectionCurve Falling(string name, double from, double to) =>
        new(name, [.. Enumerable.Range(0, 100).Select(step => from * Math.Pow(to / from, step / 99.0))], to);

    private static IEnumerable<(int X, int Y)> Places(Rgb8Image image, Colour colour) => Enumerable.Range(0, image.Width * image.Height)
        .Where(i => At(image, i) == colour).Select(i => (i % image.Width, i / image.Width));

    private static Colour At(Rgb8Image image, int i) => new(image.Pixels[3 * i], image.Pixels[(3 * i) + 1], image.Pixels[(3 * i) + 2]);
}
