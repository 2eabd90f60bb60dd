using System.Text.Json;
using Subband.Imaging;
using Subband.Metrics;
using Subband.Tests.Data;
using Subband.Torch;

namespace Subband.Tests.Metrics;

public sealed class PictureMeasureTests
{
    private static readonly Rgb8Image First = Pictures().A;
    private static readonly Rgb8Image Second = Pictures().B;

    [Fact]
    public void Psnr_and_Ssim_are_those_of_an_independent_computation()
    {
        foreach (JsonElement expected in PictureGolden.Section("pictures").EnumerateArray())
        {
            int crop = expected.GetProperty("crop").GetInt32();
            Assert.Equal(expected.Number("psnr_y"), Psnr.OfLuma(First, Second, crop), 1e-9);
            Assert.Equal(expected.Number("psnr_rgb"), Psnr.OfRgb(First, Second, crop), 1e-9);
            Assert.Equal(expected.Number("ssim_y"), Ssim.OfLuma(First, Second, crop), 1e-10);
            Assert.Equal(expected.Number("ssim_rgb"), Ssim.OfRgb(First, Second, crop), 1e-10);
        }
    }

    [Fact]
    public void Equal_pictures_have_an_infinite_ratio_and_the_similarity_1()
    {
        Assert.Equal(double.PositiveInfinity, Psnr.OfLuma(First, First));
        Assert.Equal(double.PositiveInfinity, Psnr.OfRgb(First, First));
        Assert.Equal(1, Ssim.OfLuma(First, First), 1e-12);
    }

    // One level on red, green and blue is 219/255 of one on Y.
    [Fact]
    public void A_shift_by_one_level_has_the_ratio_of_the_formula()
    {
        (Rgb8Image a, Rgb8Image b) = (TestImages.Flat(20, 20, 100, 100, 100), TestImages.Flat(20, 20, 101, 101, 101));
        Assert.Equal(20 * Math.Log10(255), Psnr.OfRgb(a, b), 1e-9);
        Assert.Equal(20 * Math.Log10(255 * 255 / 219.0), Psnr.OfLuma(a, b), 1e-9);
    }

    [Fact]
    public void Rows_are_divided_among_threads_without_a_seam()
    {
        // Taller than a thread's share: the similarity of a picture of two equal halves is the mean over all windows.
        Rgb8Image tall = TestImages.Noise(16, 200, 1);
        Rgb8Image other = TestImages.Noise(16, 200, 2);
        double whole = Ssim.OfLuma(tall, other);
        double parts = 0;
        for (int y = 0; y < 190; y++)
        {
            PixelWindow strip = new(0, y, 16, 11);
            parts += Ssim.OfLuma(tall.Cut(strip), other.Cut(strip));
        }

        Assert.Equal(parts / 190, whole, 1e-10);
    }

    [Fact]
    public void Pictures_that_cannot_be_compared_are_refused_in_words()
    {
        SubbandException sizes = Assert.Throws<SubbandException>(() => Psnr.OfLuma(First, TestImages.Flat(4, 5, 0, 0, 0)));
        Assert.Contains("33x40", sizes.Message, StringComparison.Ordinal);
        Assert.Contains("4x5", sizes.Message, StringComparison.Ordinal);
        SubbandException crop = Assert.Throws<SubbandException>(() => Psnr.OfRgb(First, Second, 17));
        Assert.Contains("border of 17 pixels", crop.Message, StringComparison.Ordinal);
        SubbandException small = Assert.Throws<SubbandException>(() => Ssim.OfLuma(First, Second, 12));
        Assert.Contains("11x11", small.Message, StringComparison.Ordinal);
    }

    private static (Rgb8Image A, Rgb8Image B) Pictures()
    {
        using TensorScope scope = new();
        double[] noise = MeasuredElsewhere.Uniforms(91, 40, 33 * 3).ToArray<double>();
        double[] change = MeasuredElsewhere.Uniforms(92, 40, 33 * 3).ToArray<double>();
        byte[] a = new byte[noise.Length];
        byte[] b = new byte[noise.Length];
        int[] shift = [0, 20, 60];
        for (int i = 0; i < a.Length; i++)
        {
            (int y, int x, int c) = (i / 99, i % 99 / 3, i % 3);
            a[i] = y % 2 == 0 ? (byte)((3 * x) + shift[c]) : (byte)Math.Floor(256 * noise[i]);
            b[i] = (byte)Math.Clamp(a[i] + Math.Floor(41 * change[i]) - 20, 0, 255);
        }

        return (new Rgb8Image(33, 40, a), new Rgb8Image(33, 40, b));
    }
}
