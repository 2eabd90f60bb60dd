using Subband.Imaging;

namespace Subband.Tests.Imaging;

public sealed class LineChartTests
{
    private static readonly Colour Red = new(200, 0, 0);

    [Theory]
    [InlineData(-30.4, 20.8, 10, -40, 30, 10)]
    [InlineData(0, 1, 10, 0, 1, 0.1)]
    [InlineData(-3, 3, 5, -4, 4, 2)]
    [InlineData(7, 7, 10, 7, 7.0000002, 1e-7)]
    [InlineData(0, 1050, 4, 0, 1500, 500)]
    public void An_axis_goes_from_one_round_number_to_another(double least, double greatest, int most, double low, double high, double step)
    {
        ChartAxis axis = ChartAxis.Around(least, greatest, most);
        Assert.True(axis.Low <= least && axis.High >= greatest, $"{axis} does not hold {least} to {greatest}.");
        Assert.InRange(axis.Marks.Count(), 2, most + 1);
        if (least < greatest)
        {
            Assert.Equal((low, high, step), (axis.Low, axis.High, axis.Step));
            Assert.Equal(0.5, axis.Place((low + high) / 2));
            Assert.Equal(1, axis.Place(high + 1));
        }
    }

    [Fact]
    public void Marks_stand_at_multiples_of_the_step_also_where_the_axis_ends_elsewhere()
    {
        double[] marks = [.. new ChartAxis(0, Math.Sqrt(0.5), 0.1).Marks];
        Assert.Equal(8, marks.Length);
        Assert.Equal(0.7, marks[^1], 1e-12);
        Assert.Equal([-20, -10, 0], new ChartAxis(-25, 5, 10).Marks);
    }

    [Theory]
    [InlineData(0.06, 0.7, new[] { 0.05, 0.1, 0.2, 0.5, 1 })]                       // 1, 2 and 5 of each power
    [InlineData(0.31, 0.68, new[] { 0.3, 0.4, 0.5, 0.6, 0.7 })]                     // every digit
    [InlineData(3, 2e5, new[] { 1, 10, 100, 1000, 10_000, 100_000, 1e6 })]          // powers alone
    [InlineData(0.001, 0.1, new[] { 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1 })]  // ends that are marks stay
    public void A_logarithmic_axis_goes_from_mark_to_mark(double least, double greatest, double[] marks)
    {
        ArgumentNullException.ThrowIfNull(marks);
        (double low, double high) = (marks[0], marks[^1]);
        ChartAxis axis = ChartAxis.LogarithmicAround(least, greatest);
        Assert.Equal(low, axis.Low, 1e-12);
        Assert.Equal(high, axis.High, 1e-12);
        Assert.Equal(marks, axis.Marks, (a, b) => Math.Abs(a - b) < 1e-9 * a);
        Assert.Equal(0.5, axis.Place(Math.Sqrt(low * high)), 1e-12);
        Assert.Equal((0, 0, 1), (axis.Place(0), axis.Place(low), axis.Place(high * 2)));
    }

    [Fact]
    public void A_line_covers_what_it_covers_and_fades_at_half_pixels()
    {
        Canvas canvas = new(12, 10, 100);
        canvas.Stroke([(2, 4), (6, 4), (6, 4), (10, 4)], Red, 2);
        Rgb8Image image = canvas.ToImage();
        Assert.Equal(Red, At(image, 5, 3));
        Assert.Equal(Red, At(image, 6, 4)); // where pieces meet, no darker
        Assert.Equal(Colour.Grey(100), At(image, 5, 2));
        Assert.Equal(Colour.Grey(100), At(image, 5, 5));

        Canvas half = new(12, 10, 100);
        half.Stroke([(-5, 4.5), (30, 4.5)], Red, 2); // over both edges
        image = half.ToImage();
        Assert.Equal(Red, At(image, 0, 4));
        Assert.Equal(Colour.Grey(100).Towards(Red, 0.5), At(image, 11, 3));
        Assert.Equal(Colour.Grey(100).Towards(Red, 0.5), At(image, 11, 5));
    }

    [Fact]
    public void A_colour_is_laid_over_as_much_as_lies_on_the_sheet()
    {
        Canvas canvas = new(4, 3, 100);
        canvas.Fill(new PixelWindow(2, -1, 5, 3), Red, 0.25);
        Rgb8Image image = canvas.ToImage();
        Assert.Equal(new Colour(125, 75, 75), At(image, 2, 0));
        Assert.Equal(new Colour(125, 75, 75), At(image, 3, 1));
        Assert.Equal(Colour.Grey(100), At(image, 1, 0));
        Assert.Equal(Colour.Grey(100), At(image, 3, 2));
    }

    [Fact]
    public void Shades_grow_lighter_with_the_value()
    {
        double[] luminances = [.. Enumerable.Range(-1, 103).Select(i => Palettes.Shade(i / 100.0)).Select(c => (0.299 * c.Red) + (0.587 * c.Green) + (0.114 * c.Blue))];
        Assert.Equal(luminances[0], luminances[1]);
        Assert.Equal(luminances[^1], luminances[^2]);
        Assert.All(luminances[1..^1].Zip(luminances[2..^1]), pair => Assert.True(pair.Second > pair.First));
    }

    [Fact]
    public void A_curve_lies_in_the_field_at_its_values()
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        Canvas canvas = new(300, 200, 250);
        new LineChart
        {
            Title = "Title",
            Below = "x",
            Unit = "dB",
            X = new ChartAxis(0, 1, 0.5),
            Y = new ChartAxis(0, 10, 5),
            Curves = [new ChartCurve(Red, 3, [0, 1], [2.5, 2.5])],
        }.Draw(canvas, new PixelWindow(10, 10, 280, 180));
        Rgb8Image image = canvas.ToImage();

        // the field begins 46 to the right and 30 below, and ends 44 above the lower edge
        int row = 10 + 30 + (int)(0.75 * (180 - 30 - 44));
        Assert.Equal(Red, At(image, 100, row));
        Assert.Equal(Red, At(image, 250, row));
        Assert.NotEqual(Red, At(image, 100, row - 4));
        Assert.Equal(Colour.Grey(255), At(image, 100, 60));
        Assert.Equal(Colour.Grey(250), At(image, 2, 2));
    }

    private static Colour At(Rgb8Image image, int x, int y)
    {
        int at = 3 * ((y * image.Width) + x);
        return new Colour(image.Pixels[at], image.Pixels[at + 1], image.Pixels[at + 2]);
    }
}
