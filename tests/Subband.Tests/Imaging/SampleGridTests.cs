using Subband.Imaging;

namespace Subband.Tests.Imaging;

public sealed class SampleGridTests
{
    [Fact]
    public void Pictures_stand_row_by_row_with_even_gaps_and_square_pixels()
    {
        // five 2 x 1 pictures in three columns, enlarged by 2, gap 3
        Rgb8Image[] images = [.. Enumerable.Range(1, 5).Select(i => new Rgb8Image(2, 1, [.. Repeat(i, 3), .. Repeat(100 + i, 3)]))];
        Rgb8Image sheet = SampleGrid.Compose(images, columns: 3, scale: 2, gap: 3, paper: 9);

        Assert.Equal((3 + (3 * (4 + 3)), 3 + (2 * (2 + 3))), (sheet.Width, sheet.Height));
        for (int y = 0; y < sheet.Height; y++)
        {
            for (int x = 0; x < sheet.Width; x++)
            {
                (int column, int inX) = Math.DivRem(x - 3, 7);
                (int row, int inY) = Math.DivRem(y - 3, 5);
                int index = (row * 3) + column;
                bool inside = x >= 3 && y >= 3 && inX < 4 && inY < 2 && index < 5;
                int expected = !inside ? 9 : index + 1 + (inX < 2 ? 0 : 100);
                Assert.Equal(Repeat(expected, 3), sheet.Pixels.AsSpan(((y * sheet.Width) + x) * 3, 3).ToArray());
            }
        }
    }

    [Theory]
    [InlineData(32, 32, 3)]
    [InlineData(28, 28, 3)]
    [InlineData(8, 8, 12)]
    [InlineData(96, 64, 1)]
    [InlineData(300, 10, 1)]
    public void Small_pictures_are_shown_enlarged(int height, int width, int expected) =>
        Assert.Equal(expected, SampleGrid.ScaleFor(height, width));

    [Fact]
    public void Left_to_itself_the_sheet_is_about_square()
    {
        Rgb8Image[] images = [.. Enumerable.Repeat(new Rgb8Image(32, 32, new byte[32 * 32 * 3]), 64)];
        Rgb8Image sheet = SampleGrid.Compose(images);
        Assert.Equal((8 * 100) + 4, sheet.Width);
        Assert.Equal(sheet.Width, sheet.Height);
    }

    [Fact]
    public void Nothing_to_show_or_mixed_sizes_are_refused()
    {
        Assert.Throws<ArgumentException>(() => SampleGrid.Compose([]));
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => SampleGrid.Compose([new Rgb8Image(1, 1, new byte[3]), new Rgb8Image(1, 2, new byte[6])]));
        Assert.Contains("Picture 1 is 1x2, the first 1x1", error.Message, StringComparison.Ordinal);
    }

    private static byte[] Repeat(int value, int count) => [.. Enumerable.Repeat((byte)value, count)];
}
