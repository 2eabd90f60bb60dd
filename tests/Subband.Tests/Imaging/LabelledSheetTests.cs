using Subband.Imaging;

namespace Subband.Tests.Imaging;

public sealed class LabelledSheetTests
{
    private const int Margin = 16;
    private const int Gap = 6;

    [Fact]
    public void Pictures_of_several_sizes_fill_or_centre_in_their_cells()
    {
        Rgb8Image sheet = new LabelledSheet { Rows = [[Flat(8, 10), Flat(3, 20)], [null, Flat(4, 30)]], CellSide = 8 }.Render();

        Assert.Equal(((2 * Margin) + 16 + Gap, (2 * Margin) + 16 + Gap), (sheet.Width, sheet.Height));
        Assert.Equal(SampleGrid.Paper, Level(sheet, 0, 0));
        Assert.Equal(10, Level(sheet, Margin, Margin));
        Assert.Equal(10, Level(sheet, Margin + 7, Margin + 7));

        // 3 pixels enlarged twice leave one pixel of paper around
        int second = Margin + 8 + Gap;
        Assert.Equal(SampleGrid.Paper, Level(sheet, second, Margin));
        Assert.Equal(20, Level(sheet, second + 1, Margin + 1));
        Assert.Equal(20, Level(sheet, second + 6, Margin + 6));
        Assert.Equal(SampleGrid.Paper, Level(sheet, second + 7, Margin + 7));
        Assert.Equal(SampleGrid.Paper, Level(sheet, Margin + 4, second + 4));
        Assert.Equal(30, Level(sheet, second, second));
    }

    [Fact]
    public void Titles_stand_above_and_beside_and_leave_the_pictures_alone()
    {
        Rgb8Image bare = Sheet([], [], "").Render();
        Rgb8Image titled = Sheet(["frog", "<truck> & größe"], ["I₁", "nearest training image"], "Samples").Render();

        // the table moved right and down, as a whole
        int dx = titled.Width - bare.Width;
        int dy = titled.Height - bare.Height;
        Assert.InRange(dx, 40, 200);
        Assert.InRange(dy, 40, 100);
        Assert.Equal(Row(bare, Margin, Margin, bare.Width - (2 * Margin)), Row(titled, Margin + dx, Margin + dy, bare.Width - (2 * Margin)));

        Assert.True(InkIn(titled, Margin, Margin, 100, 20) > 50, "The title is missing.");
        Assert.True(InkIn(titled, Margin, Margin + dy, dx - 6, 96) > 20, "The first row's title is missing.");
        Assert.True(InkIn(titled, Margin + dx, Margin + 25, 96, dy - 25) > 5, "The first column's title is missing.");
        Assert.Equal(0, InkIn(titled, 0, 0, titled.Width, Margin - 1));
        Assert.Equal(titled.Pixels, Sheet(["frog", "<truck> & größe"], ["I₁", "nearest training image"], "Samples").Render().Pixels);

        static LabelledSheet Sheet(string[] rows, string[] columns, string title) => new()
        {
            Rows = [[Flat(32, 120), Flat(32, 130)], [Flat(32, 140), Flat(32, 150)]],
            RowTitles = rows,
            ColumnTitles = columns,
            Title = title,
        };
    }

    [Fact]
    public void Letters_stand_on_one_base_line()
    {
        // the ink of "x" ends on the base line, that of "A" too, that of "g" below
        RenderedText x = RenderedText.Render("x", 24);
        RenderedText capital = RenderedText.Render("A", 24);
        RenderedText descender = RenderedText.Render("g", 24);
        Assert.Equal(capital.Top + capital.Height, x.Top + x.Height);
        Assert.True(capital.Top < x.Top);
        Assert.True(descender.Top + descender.Height > x.Top + x.Height);
        Assert.True(RenderedText.Render("wide text", 24, bold: true).Width > RenderedText.Render("wide text", 24).Width);
        Assert.InRange(RenderedText.Render("a caption that is broken into lines", 12, maximumWidth: 60).Width, 20, 60);
    }

    [Fact]
    public void Nothing_to_show_and_cells_too_small_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new LabelledSheet { Rows = [] }.Render());
        Assert.Throws<ArgumentException>(() => new LabelledSheet { Rows = [[null]] }.Render());
        ArgumentException error = Assert.Throws<ArgumentException>(() => new LabelledSheet { Rows = [[Flat(9, 1)]], CellSide = 8 }.Render());
        Assert.Contains("side 9 does not fit a cell of side 8", error.Message, StringComparison.Ordinal);
    }

    private static Rgb8Image Flat(int side, byte level) => new(side, side, [.. Enumerable.Repeat(level, side * side * 3)]);

    private static byte Level(Rgb8Image image, int x, int y) => image.Pixels[((y * image.Width) + x) * 3];

    private static byte[] Row(Rgb8Image image, int x, int y, int count) =>
        image.Pixels.AsSpan(((y * image.Width) + x) * 3, count * 3).ToArray();

    private static int InkIn(Rgb8Image image, int left, int top, int width, int height) =>
        Enumerable.Range(top, height).Sum(y => Enumerable.Range(left, width).Count(x => Level(image, x, y) < 200));
}
