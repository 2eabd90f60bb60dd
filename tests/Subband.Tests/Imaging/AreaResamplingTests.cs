using Subband.Imaging;
using Subband.Tests.Data;

namespace Subband.Tests.Imaging;

/// <summary>The way in which images of other sizes are brought to that of a batch.</summary>
public sealed class AreaResamplingTests
{
    private static readonly Resampling Area = new(ResamplingKernel.Area);

    [Fact]
    public void Halving_is_the_mean_of_two_by_two_rounded_half_up()
    {
        Rgb8Image image = TestImages.Noise(8, 6, 1);
        Rgb8Image half = Resampler.Resize(image, 4, 3, Area);
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
        Rgb8Image small = Resampler.Resize(image, to, 1, Area);
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
        Rgb8Image large = Resampler.Resize(new Rgb8Image(2, 1, [0, 0, 0, 200, 100, 40]), 4, 2, Area);
        Assert.Equal([0, 50, 150, 200, 0, 50, 150, 200], Enumerable.Range(0, 8).Select(i => (int)large.Pixels[3 * i]));
    }

    private static int At(Rgb8Image image, int x, int y, int c) => image.Pixels[(3 * ((y * image.Width) + x)) + c];
}
