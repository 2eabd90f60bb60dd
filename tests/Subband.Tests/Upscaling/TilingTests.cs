using Subband.Imaging;
using Subband.Models.SuperResolution;
using Subband.Tests.Imaging;
using Subband.Torch;
using Subband.Upscaling;

namespace Subband.Tests.Upscaling;

[Collection(nameof(DirectVipsUse))]
public sealed class TilingTests : IDisposable
{
    private readonly UpscalingBench _bench = new();

    [Theory]
    [InlineData(16, 2)]
    [InlineData(23, 3)]
    public void Tiles_of_any_size_give_what_the_whole_gives(int side, int scale)
    {
        _bench.Write("in.png", UpscalingBench.Picture(75, 58, 3, UpscalingBench.Scene));
        using UpscalingModel model = UpscalingBench.Model(new ConvolutionUpscaler(1, 2, 3));
        UpscaledFile whole = _bench.Run(model, UpscalingBench.By(scale) with { TileSide = 4096 }, "in.png", "whole.png");
        UpscaledFile tiled = _bench.Run(model, UpscalingBench.By(scale) with { TileSide = side }, "in.png", "tiled.png");
        Assert.Equal((75, 58), (whole.TileWidth, whole.TileHeight));
        Assert.True(tiled.TileWidth <= side && tiled.TileHeight <= side);
        Assert.Equal((75 * scale, 58 * scale), (tiled.Width, tiled.Height));
        Assert.InRange(_bench.Difference("whole.png", "tiled.png"), 0, 1);
    }

    [Fact]
    public void The_whole_is_what_the_model_makes_of_the_image_within()
    {
        _bench.Write("in.png", UpscalingBench.Picture(40, 30, 3, UpscalingBench.Scene));
        using UpscalingModel model = UpscalingBench.Model(new ConvolutionUpscaler());
        _bench.Run(model, UpscalingBench.By(2) with { TileSide = 16 }, "in.png", "out.png");
        Rgb8Image direct;
        using (new TensorScope())
        {
            direct = TensorImages.ToImages(
                model.Upscaler.Upscale(TensorImages.ToTensor([ImageFile.ReadRgb8(_bench["in.png"])], PixelRange.Unit), 2), PixelRange.Unit)[0];
        }

        byte[] made = ImageFile.ReadRgb8(_bench["out.png"]).Pixels;
        const int Frame = 8; // where the direct one sees zeros, and the tiled one a mirror image
        for (int y = Frame; y < 60 - Frame; y++)
        {
            for (int i = 3 * Frame; i < 3 * (80 - Frame); i++)
            {
                Assert.InRange(made[(y * 240) + i] - direct.Pixels[(y * 240) + i], -1, 1);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(128)]
    [InlineData(255)]
    public void A_flat_picture_stays_flat_to_its_very_edge(int level)
    {
        _bench.Write("in.png", UpscalingBench.Picture(50, 41, 3, (_, _, _) => level));
        using UpscalingModel model = UpscalingBench.Model(new ConvolutionUpscaler());
        foreach ((UpscalingModel each, double scale) in ((UpscalingModel, double)[])[(model, 2), (model, 1.7), (model, 3), (UpscalingBench.Bicubic, 2.5)])
        {
            _bench.Run(each, UpscalingBench.By(scale) with { TileSide = 16 }, "in.png", "out.png");
            Assert.All(_bench.Samples("out.png"), sample => Assert.InRange(sample, level - 1, level + 1));
        }
    }

    [Fact]
    public void A_model_that_looks_at_the_whole_is_given_the_whole_where_there_is_memory()
    {
        _bench.Write("in.png", UpscalingBench.Picture(90, 70, 3, UpscalingBench.Scene));
        using UpscalingModel model = UpscalingBench.Model(new ConvolutionUpscaler { IsGlobal = true });
        UpscaledFile result = _bench.Run(model, UpscalingBench.By(2), "in.png", "out.png");
        Assert.Equal((90, 70), (result.TileWidth, result.TileHeight));
        Assert.Empty(result.Notes);
    }

    [Fact]
    public void Cut_all_the_same_it_is_said_and_the_tiles_pass_into_each_other()
    {
        // dark on the left and bright on the right, so that the means of tiles differ
        _bench.Write("in.png", UpscalingBench.Picture(200, 150, 3, (x, _, _) => 40 + (x * 170 / 200)));
        using UpscalingModel model = UpscalingBench.Model(new ConvolutionUpscaler { IsGlobal = true });
        UpscaledFile result = _bench.Run(model, UpscalingBench.By(2) with { TileSide = 48 }, "in.png", "out.png");
        Assert.Contains("whole image", Assert.Single(result.Notes), StringComparison.Ordinal);
        double[] row = _bench.Samples("out.png")[(150 * 1200)..(151 * 1200)];
        for (int x = 1; x < 400; x++)
        {
            Assert.InRange(Math.Abs(row[3 * x] - row[3 * (x - 1)]), 0, 4); // no step at any seam
        }
    }

    [Fact]
    public void Where_memory_runs_out_tiles_are_halved_and_it_is_said()
    {
        _bench.Write("in.png", UpscalingBench.Picture(100, 80, 3, UpscalingBench.Scene));
        using UpscalingModel plenty = UpscalingBench.Model(new ConvolutionUpscaler());
        using UpscalingModel little = UpscalingBench.Model(new ConvolutionUpscaler { MostPixels = 56 * 56 });
        _bench.Run(plenty, UpscalingBench.By(2), "in.png", "whole.png");
        UpscaledFile result = _bench.Run(little, UpscalingBench.By(2), "in.png", "halved.png");
        Assert.Equal(0, _bench.Difference("whole.png", "halved.png"), 1.0);
        Assert.Contains(result.Notes, note => note.Contains("memory ran out", StringComparison.Ordinal));
        Assert.True(result.TileWidth < 100);
    }

    [Fact]
    public void Where_it_never_suffices_the_file_fails_and_nothing_is_left()
    {
        _bench.Write("in.png", UpscalingBench.Picture(100, 80, 3, UpscalingBench.Scene));
        using UpscalingModel model = UpscalingBench.Model(new ConvolutionUpscaler { MostPixels = 48 * 48 - 1, IsGlobal = true });
        SubbandException error = Assert.ThrowsAny<SubbandException>(() => _bench.Run(model, UpscalingBench.By(2), "in.png", "out.png"));
        Assert.Contains("memory", error.Message, StringComparison.Ordinal);
        Assert.Equal([_bench["in.png"]], Directory.GetFiles(Path.GetDirectoryName(_bench["in.png"])!));
    }

    [Fact]
    public void What_is_no_number_in_bf16_is_computed_again_and_else_the_file_fails()
    {
        _bench.Write("in.png", UpscalingBench.Picture(60, 40, 3, UpscalingBench.Scene));
        using UpscalingModel shaky = UpscalingBench.Model(new ConvolutionUpscaler { BreaksInBf16Only = true }, UpscalingPrecision.Bf16);
        UpscaledFile result = _bench.Run(shaky, UpscalingBench.By(2), "in.png", "again.png");
        Assert.Contains("single precision", Assert.Single(result.Notes), StringComparison.Ordinal);
        using UpscalingModel exact = UpscalingBench.Model(new ConvolutionUpscaler());
        _bench.Run(exact, UpscalingBench.By(2), "in.png", "exact.png");
        Assert.Equal(0, _bench.Difference("again.png", "exact.png"));

        using UpscalingModel broken = UpscalingBench.Model(new ConvolutionUpscaler { BreaksInBf16Only = false });
        SubbandException error = Assert.ThrowsAny<SubbandException>(() => _bench.Run(broken, UpscalingBench.By(2), "in.png", "broken.png"));
        Assert.Contains("no finite numbers", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_bench["broken.png"]));
    }

    [Theory]
    [InlineData(1.5, 2)]
    [InlineData(2, 2)]
    [InlineData(2.5, 4)]
    [InlineData(6, 4)]
    public void Other_scales_take_the_nearest_factor_and_resample_exactly(double scale, int factor)
    {
        _bench.Write("in.png", UpscalingBench.Picture(41, 33, 3, (x, y, c) => 64 + (UpscalingBench.Scene(x, y, c) / 2)));
        using UpscalingModel model = UpscalingBench.Model(new ConvolutionUpscaler(1, 2, 4) { Strength = 0.05 });
        UpscaledFile result = _bench.Run(model, UpscalingBench.By(scale) with { TileSide = 16 }, "in.png", "out.png");
        Assert.Equal(factor, result.Factor);
        (int width, int height) = ((int)Math.Floor((41 * scale) + 0.5), (int)Math.Floor((33 * scale) + 0.5));
        Assert.Equal((width, height), (result.Width, result.Height));

        _bench.Run(model, UpscalingBench.By(factor) with { TileSide = 4096 }, "in.png", "factor.png");
        Rgb8Image expected = Resampler.Resize(ImageFile.ReadRgb8(_bench["factor.png"]), width, height, new Resampling(ResamplingKernel.Bicubic));
        double worst = ImageFile.ReadRgb8(_bench["out.png"]).Pixels.Zip(expected.Pixels, (a, b) => Math.Abs(a - b)).Max();
        Assert.InRange(worst, 0, 2); // the expected one was rounded once more
    }

    [Fact]
    public void Bicubic_by_any_scale_is_the_exact_resampling_of_the_whole()
    {
        _bench.Write("in.png", UpscalingBench.Picture(130, 120, 3, UpscalingBench.Scene));
        _bench.Run(UpscalingBench.Bicubic, UpscalingBench.By(2.3), "in.png", "out.png");
        Rgb8Image expected = Resampler.Resize(ImageFile.ReadRgb8(_bench["in.png"]), 299, 276, new Resampling(ResamplingKernel.Bicubic));
        double worst = ImageFile.ReadRgb8(_bench["out.png"]).Pixels.Zip(expected.Pixels, (a, b) => Math.Abs(a - b)).Max();
        Assert.InRange(worst, 0, 1); // scaled to [0,1] and back, a half may round the other way
    }

    [Fact]
    public void Eight_answers_are_averaged_and_each_is_turned_back()
    {
        using TensorScope scope = new();
        using Generator random = new(3);
        Tensor image = Tensor.Rand([1, 3, 12, 17], random);
        using SelfEnsemble bilinear = new(Interpolation.Named("bilinear")!);
        using Interpolation plain = Interpolation.Named("bilinear")!;
        // an interpolation has no direction: all eight answers are one
        Assert.InRange((bilinear.Upscale(image, 3) - plain.Upscale(image, 3)).Abs().Max().Item(), 0, 1e-6);
        using SelfEnsemble network = new(new ConvolutionUpscaler());
        Tensor turned = network.Upscale(image.Transpose(2, 3).Flip(2).Contiguous(), 2);
        Assert.InRange((turned - network.Upscale(image, 2).Transpose(2, 3).Flip(2)).Abs().Max().Item(), 0, 1e-5);
    }

    [Fact]
    [Trait("Category", "Long")]
    public void A_hundred_megapixels_from_a_network_take_less_than_a_gibibyte_and_a_half()
    {
        const string Reset = "/proc/self/clear_refs";
        Assert.SkipUnless(File.Exists(Reset), "Measures memory as Linux tells it.");
        _bench.Write("in.png", UpscalingBench.Picture(2500, 2500, 3, UpscalingBench.Scene));
        GC.Collect();
        File.WriteAllText(Reset, "5"); // the peak begins anew
        using UpscalingModel model = UpscalingBench.Model(new ConvolutionUpscaler(1, 4));
        UpscaledFile result = _bench.Run(model, UpscalingBench.By(4), "in.png", "out.tif");
        Assert.Equal((10000, 10000), (result.Width, result.Height));
        string peak = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        Assert.InRange(long.Parse(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture), 1, (3 << 20) / 2);
    }

    public void Dispose() => _bench.Dispose();
}
