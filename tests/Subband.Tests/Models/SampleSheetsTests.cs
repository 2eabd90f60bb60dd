using Subband.Imaging;
using Subband.Models;

namespace Subband.Tests.Models;

public sealed class SampleSheetsTests
{
    [Theory]
    [InlineData(0, 64)]
    [InlineData(1, 10)]
    [InlineData(10, 100)]
    [InlineData(43, 86)]
    [InlineData(1000, 1000)]
    public void A_sheet_has_about_a_hundred_samples_and_at_least_one_of_each_class(int classes, int count) =>
        Assert.Equal(count, SampleSheets.GoodCount(classes));

    [Fact]
    public void Classes_that_alternate_get_a_row_each()
    {
        Rgb8Image[] images = [.. Enumerable.Range(0, 5).Select(i => new Rgb8Image(1, 1, [(byte)(40 * i), 0, 0]))];
        Rgb8Image sheet = SampleSheets.Plain(images, ["even", "odd"]);
        // 1x1 pictures become 96x96, with a gap of 6 and a margin of 16 at the right
        byte Red(int x, int y) => sheet.Pixels[((y * sheet.Width) + x) * 3];
        int right = sheet.Width - 16 - 48;
        Assert.Equal([0, 80, 160], new[] { 2, 1, 0 }.Select(back => (int)Red(right - (back * 102), 16 + 48)));
        Assert.Equal([40, 120, SampleGrid.Paper], new[] { 2, 1, 0 }.Select(back => (int)Red(right - (back * 102), 16 + 48 + 102)));
    }
}
