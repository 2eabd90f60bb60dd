using Subband.Data;
using Subband.Imaging;

namespace Subband.Tests.Data;

public sealed class PixelResamplerTests
{
    [Fact]
    public void Halving_is_the_mean_of_two_by_two_rounded_half_up()
    {
        Rgb8Image image = TestImages.Noise(8, 6, 1);
        Rgb8Image half = Whole(image, 4, 3);
        for (int y = 0; y < 3; y++)
        {
            for (int x = 0; x < 4; x++)
            {
                for (int c = 0; c < 3; c++)
                {
                    int sum = At(image, 2 * x, 2 * y, c) + At(image, (2 * x) + 1, 2 * y, c)
                        + At(image, 2 * x, (2 * y) + 1, c) + At(image, (2 * x) + 1, (2 * y) + 1, c);
                    Assert.Equal((sum + 2) / 4, At(half, x, y, c));
                }
            }
        }
    }

    [Theory]
    [InlineData(7, 5)]
    [InlineData(7, 3)]
    [InlineData(100, 1)]
    [InlineData(13, 12)]
    public void Shrinking_weighs_each_pixel_by_what_is_covered(int from, int to)
    {
        // Exact: in units of 1/to of an old pixel, new pixel i covers [i from, (i + 1) from) of the axis of from * to units.
        Rgb8Image image = TestImages.Noise(from, 1, 2);
        Rgb8Image small = Whole(image, to, 1);
        for (int i = 0; i < to; i++)
        {
            double mean = 0;
            for (int unit = i * from; unit < (i + 1) * from; unit++)
            {
                mean += (double)At(image, unit / to, 0, 1) / from;
            }

            Assert.InRange(At(small, i, 0, 1), mean - 0.501, mean + 0.501);
        }
    }

    [Fact]
    public void Enlarging_interpolates_between_pixel_centres_and_repeats_edges()
    {
        Rgb8Image image = new(2, 1, [0, 0, 0, 200, 100, 40]);
        Rgb8Image large = Whole(image, 4, 2);
        Assert.Equal([0, 50, 150, 200, 0, 50, 150, 200], Enumerable.Range(0, 8).Select(i => (int)large.Pixels[3 * i]));
    }

    [Theory]
    [InlineData(5, 9, 1, 1)]
    [InlineData(5, 9, 64, 3)]
    [InlineData(1, 1, 7, 7)]
    [InlineData(300, 200, 64, 43)]
    public void Flat_colour_stays_flat(int width, int height, int newWidth, int newHeight) =>
        Assert.Equal(
            TestImages.Flat(newWidth, newHeight, 255, 128, 1).Pixels,
            Whole(TestImages.Flat(width, height, 255, 128, 1), newWidth, newHeight).Pixels);

    [Theory]
    [InlineData(20, 10)]
    [InlineData(60, 45)]
    [InlineData(30, 15)]
    public void A_window_is_cut_from_the_whole(int width, int height)
    {
        Rgb8Image image = TestImages.Noise(30, 15, 3);
        Rgb8Image whole = Whole(image, width, height);
        PixelWindow window = new(3, 4, 11, 5);
        Rgb8Image part = PixelResampler.Resize(image, width, height, window);
        for (int y = 0; y < window.Height; y++)
        {
            Assert.Equal(
                whole.Pixels.AsSpan(3 * (((y + window.Y) * width) + window.X), 3 * window.Width),
                part.Pixels.AsSpan(3 * y * window.Width, 3 * window.Width));
        }
    }

    private static Rgb8Image Whole(Rgb8Image image, int width, int height) =>
        PixelResampler.Resize(image, width, height, new PixelWindow(0, 0, width, height));

    private static int At(Rgb8Image image, int x, int y, int c) => image.Pixels[(3 * ((y * image.Width) + x)) + c];
}
