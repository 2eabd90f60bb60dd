using System.Text.Json;
using Subband.Imaging;
using Subband.Metrics;
using Subband.Tests.Data;
using Subband.Torch;

namespace Subband.Tests.Imaging;

public sealed class ResamplerTests
{
    private static readonly JsonElement Golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(
        TestData.RepositoryRoot, "tests", "Subband.Tests", "Imaging", "resampler_golden.json"))).RootElement;

    // Measured elsewhere on the same small images: enlarged in real numbers, rounded once, a border of the scale left out.
    [Theory]
    [InlineData(ResamplingKernel.Nearest, 2, 30.857, 0.9001, 29.047)]
    [InlineData(ResamplingKernel.Nearest, 3, 27.926, 0.8132, 26.189)]
    [InlineData(ResamplingKernel.Nearest, 4, 26.258, 0.7380, 24.556)]
    [InlineData(ResamplingKernel.Bilinear, 2, 32.252, 0.9118, 30.414)]
    [InlineData(ResamplingKernel.Bilinear, 3, 29.543, 0.8516, 27.782)]
    [InlineData(ResamplingKernel.Bilinear, 4, 27.561, 0.7896, 25.842)]
    [InlineData(ResamplingKernel.Bicubic, 2, 33.679, 0.9304, 31.796)]
    [InlineData(ResamplingKernel.Bicubic, 3, 30.406, 0.8690, 28.627)]
    [InlineData(ResamplingKernel.Bicubic, 4, 28.432, 0.8113, 26.696)]
    [InlineData(ResamplingKernel.SharpBicubic, 2, 33.973, 0.9330, 32.076)]
    [InlineData(ResamplingKernel.SharpBicubic, 3, 30.633, 0.8718, 28.849)]
    [InlineData(ResamplingKernel.SharpBicubic, 4, 28.634, 0.8138, 26.895)]
    [InlineData(ResamplingKernel.Lanczos3, 2, 34.318, 0.9365, 32.410)]
    [InlineData(ResamplingKernel.Lanczos3, 3, 30.831, 0.8757, 29.042)]
    [InlineData(ResamplingKernel.Lanczos3, 4, 28.813, 0.8183, 27.071)]
    public void Set5_enlarged_has_the_figures_of_the_reference(ResamplingKernel kernel, int scale, double psnrY, double ssimY, double psnrRgb)
    {
        string[] files = Directory.GetFiles(TestData.Path($"sr/Set5/LRx{scale}"), "*.png");
        Assert.Equal(5, files.Length);
        List<(double PsnrY, double SsimY, double PsnrRgb)> figures = [];
        foreach (string file in files)
        {
            Rgb8Image small = ImageFile.ReadRgb8(file);
            Rgb8Image large = Resampler.Resize(small, small.Width * scale, small.Height * scale, new Resampling(kernel));
            Rgb8Image truth = ImageFile.ReadRgb8(TestData.Path($"sr/Set5/HR/{Path.GetFileName(file)}")).Cut(new PixelWindow(0, 0, large.Width, large.Height));
            figures.Add((Psnr.OfLuma(truth, large, scale), Ssim.OfLuma(truth, large, scale), Psnr.OfRgb(truth, large, scale)));
        }

        Assert.Equal(psnrY, figures.Average(f => f.PsnrY), 0.005);
        Assert.Equal(ssimY, figures.Average(f => f.SsimY), 1e-4);
        Assert.Equal(psnrRgb, figures.Average(f => f.PsnrRgb), 0.005);
    }

    [Fact]
    public void A_plane_becomes_what_an_independent_imresize_makes_of_it_for_every_curve_and_border()
    {
        foreach (JsonElement expected in Golden.GetProperty("matlab").EnumerateArray())
        {
            Resampling how = new(Kernel(expected))
            {
                Antialias = expected.GetProperty("antialias").GetBoolean(),
                Border = Enum.Parse<ResamplingBorder>(expected.GetProperty("border").GetString()!),
            };
            AssertNear(expected, how);
        }
    }

    [Fact]
    public void Without_antialiasing_it_is_PyTorch_s_interpolate()
    {
        foreach (JsonElement expected in Golden.GetProperty("torch").EnumerateArray())
        {
            AssertNear(expected, new Resampling(Kernel(expected)) { Antialias = false });
        }
    }

    [Theory]
    [InlineData(5, 9, 1, 1)]
    [InlineData(5, 9, 64, 3)]
    [InlineData(1, 1, 7, 7)]
    [InlineData(300, 200, 64, 43)]
    public void Flat_colour_stays_flat(int width, int height, int newWidth, int newHeight)
    {
        foreach (Resampling how in Everything())
        {
            Assert.Equal(
                TestImages.Flat(newWidth, newHeight, 255, 128, 1).Pixels,
                Resampler.Resize(TestImages.Flat(width, height, 255, 128, 1), newWidth, newHeight, how).Pixels);
        }
    }

    [Fact]
    public void The_same_size_is_the_same_image()
    {
        Rgb8Image image = TestImages.Noise(37, 21, 1);
        Assert.All(Everything(), how => Assert.Equal(image.Pixels, Resampler.Resize(image, 37, 21, how).Pixels));
    }

    [Theory]
    [InlineData(9, 6, 27, 18)]
    [InlineData(27, 33, 9, 11)]
    [InlineData(31, 17, 13, 50)]
    public void A_mirrored_image_becomes_the_mirrored_result(int width, int height, int newWidth, int newHeight)
    {
        float[] plane = [.. TestImages.Noise(width, height, 4).Pixels.Take(width * height).Select(v => (float)v)];
        foreach (Resampling how in Everything())
        {
            float[] expected = Mirror(Resampler.Resize(plane, width, height, 1, newWidth, newHeight, how), newWidth);
            float[] found = Resampler.Resize(Mirror(plane, width), width, height, 1, newWidth, newHeight, how);
            Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
        }

        static float[] Mirror(float[] plane, int width) => [.. plane.Chunk(width).SelectMany(row => row.Reverse())];
    }

    // The windows begin elsewhere, so that the cuts into tiles and bands are others than those of the whole.
    [Theory]
    [InlineData(1300, 40, 2600, 61)]
    [InlineData(2500, 90, 800, 45)]
    [InlineData(3000, 70, 3, 60)]
    public void A_window_is_cut_from_the_whole_bit_by_bit_with_and_without_threads(int width, int height, int newWidth, int newHeight)
    {
        Rgb8Image image = TestImages.Noise(width, height, 3);
        PixelWindow window = new(newWidth / 3, 4, newWidth - (newWidth / 3), newHeight - 7);
        foreach (Resampling how in Everything())
        {
            Rgb8Image whole = Resampler.Resize(image, newWidth, newHeight, how);
            foreach (bool threaded in (bool[])[true, false])
            {
                Assert.Equal(whole.Cut(window).Pixels, Resampler.Resize(image, newWidth, newHeight, how, window, threaded).Pixels);
            }
        }
    }

    [Fact]
    public void A_window_outside_the_result_is_refused() =>
        Assert.Throws<ArgumentException>(() => Resampler.Resize(
            TestImages.Noise(8, 8, 1), 16, 16, new Resampling(ResamplingKernel.Bicubic), new PixelWindow(10, 0, 8, 8)));

    [Fact]
    public void Channels_of_any_number_and_type_do_not_touch_each_other()
    {
        const int Channels = 5;
        Resampling how = new(ResamplingKernel.Lanczos3);
        ushort[] all = [.. Enumerable.Range(0, 30 * 20 * Channels).Select(i => (ushort)(i * 7919))];
        ushort[] resized = Resampler.Resize(all, 30, 20, Channels, 47, 13, how);
        for (int c = 0; c < Channels; c++)
        {
            ushort[] one = [.. all.Where((_, i) => i % Channels == c)];
            Assert.Equal(Resampler.Resize(one, 30, 20, 1, 47, 13, how), resized.Where((_, i) => i % Channels == c));
        }
    }

    [Theory]
    [InlineData(MemoryFormat.Contiguous)]
    [InlineData(MemoryFormat.ChannelsLast)]
    public void A_batch_of_tensors_is_resized_plane_by_plane_and_keeps_its_layout(MemoryFormat layout)
    {
        using TensorScope scope = new();
        Resampling how = new(ResamplingKernel.Bicubic);
        Rgb8Image[] images = [TestImages.Noise(19, 14, 1), TestImages.Noise(19, 14, 2)];
        Tensor resized = Resampler.Resize(TensorImages.ToTensor(images, PixelRange.Unit).Contiguous(layout), 23, 41, how);
        Assert.True(resized.IsContiguous(layout));
        Assert.Equal([2, 3, 23, 41], resized.Shape.ToArray());
        Rgb8Image[] back = TensorImages.ToImages(resized, PixelRange.Unit);
        foreach ((Rgb8Image image, Rgb8Image found) in images.Zip(back))
        {
            Assert.All(Resampler.Resize(image, 41, 23, how).Pixels.Zip(found.Pixels), pair => Assert.InRange(pair.Second, pair.First - 1, pair.First + 1));
        }
    }

    private static IEnumerable<Resampling> Everything() =>
        from kernel in Enum.GetValues<ResamplingKernel>()
        from border in Enum.GetValues<ResamplingBorder>()
        select new Resampling(kernel) { Border = border };

    private static ResamplingKernel Kernel(JsonElement expected) => Enum.Parse<ResamplingKernel>(expected.GetProperty("kernel").GetString()!);

    private static void AssertNear(JsonElement expected, Resampling how)
    {
        double[] plane = Doubles(Golden.GetProperty("plane"));
        (int width, int height) = (Golden.GetProperty("width").GetInt32(), Golden.GetProperty("height").GetInt32());
        (int newWidth, int newHeight) = (expected.GetProperty("width").GetInt32(), expected.GetProperty("height").GetInt32());
        float[] found = Resampler.Resize([.. plane.Select(v => (float)v)], width, height, 1, newWidth, newHeight, how);
        double[] exact = SeparableResampler.Resize<double, double>(
            plane,
            width,
            1,
            ResamplingAxis.Make(height, 0, newHeight, (double)newHeight / height, how),
            ResamplingAxis.Make(width, 0, newWidth, (double)newWidth / width, how));
        double[] values = Doubles(expected.GetProperty("values"));
        Assert.All(values.Zip(exact), pair => Assert.Equal(pair.First, pair.Second, 1e-7));
        Assert.All(values.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 2e-6));
    }

    private static double[] Doubles(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetDouble())];
}
