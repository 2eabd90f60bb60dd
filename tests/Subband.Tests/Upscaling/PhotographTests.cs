using NetVips;
using Subband.Imaging;
using Subband.Tests.Imaging;
using Subband.Torch;
using Subband.Upscaling;

namespace Subband.Tests.Upscaling;

/// <summary>What a photograph is and says stays: depth, colours, transparency, and all that stands beside the pixels.</summary>
[Collection(nameof(DirectVipsUse))]
public sealed class PhotographTests : IDisposable
{
    private readonly UpscalingBench _bench = new();

    [Theory]
    [InlineData("png", 1)]
    [InlineData("png", 3)]
    [InlineData("png", 4)]
    [InlineData("tif", 1)]
    [InlineData("tif", 3)]
    [InlineData("tif", 4)]
    public void Sixteen_bits_stay_sixteen_and_grey_stays_grey(string format, int bands)
    {
        _bench.Write($"in.{format}", UpscalingBench.Picture(37, 21, bands, (x, y, c) => c == 3 ? 65535 : 1000 + (x * 1500) + (y * 37) + c, is16: true));
        UpscaledFile result = _bench.Run(UpscalingBench.Bicubic, UpscalingBench.By(2), $"in.{format}", $"out.{format}");
        using Image image = _bench.Read($"out.{format}");
        Assert.Equal((74, 42, bands, Enums.BandFormat.Ushort), (image.Width, image.Height, image.Bands, image.Format));
        Assert.Empty(result.Notes);

        // bicubic is exact on what is linear: away from the edge the new values lie on the same plane, to one of 65,536 levels
        double[] pixel = image.Getpoint(40, 20);
        Assert.InRange(pixel[0] - (1000 + (((40 + 0.5) / 2) - 0.5) * 1500 + (((20 + 0.5) / 2) - 0.5) * 37), -1, 1);
    }

    [Theory]
    [InlineData("png")]
    [InlineData("jpg")]
    [InlineData("tif")]
    public void Grey_of_eight_bits_stays_grey_with_a_network_too(string format)
    {
        _bench.Write($"in.{format}", UpscalingBench.Picture(40, 30, 1, UpscalingBench.Scene));
        using UpscalingModel model = UpscalingBench.Model(new ConvolutionUpscaler());
        _bench.Run(model, UpscalingBench.By(2), $"in.{format}", $"out.{format}");
        using Image image = _bench.Read($"out.{format}");
        Assert.Equal((80, 60, 1, Enums.BandFormat.Uchar), (image.Width, image.Height, image.Bands, image.Format));
    }

    [Theory]
    [InlineData("png")]
    [InlineData("webp")]
    [InlineData("tif")]
    public void Around_what_is_visible_there_is_no_fringe(string format)
    {
        // a disc of orange in nothing, which is stored as black
        _bench.Write($"in.{format}{(format == "webp" ? "[lossless]" : "")}", UpscalingBench.Picture(60, 60, 4, (x, y, c) =>
            ((x - 30) * (x - 30)) + ((y - 30) * (y - 30)) > 300 ? 0 : c switch { 0 => 240, 1 => 150, 2 => 30, _ => 255 }));
        using UpscalingModel model = UpscalingBench.Model(new ConvolutionUpscaler());
        foreach (UpscalingModel each in (UpscalingModel[])[model, UpscalingBench.Bicubic])
        {
            _bench.Run(each, UpscalingBench.By(2) with { Quality = 100 }, $"in.{format}", $"out.{format}");
            double[] samples = _bench.Samples($"out.{format}");
            int partly = 0;
            for (int i = 0; i < samples.Length; i += 4)
            {
                if (samples[i + 3] > 0)
                {
                    partly += samples[i + 3] < 255 ? 1 : 0;
                    Assert.InRange(samples[i], 238, 242);
                    Assert.InRange(samples[i + 1], 148, 152);
                    Assert.InRange(samples[i + 2], 28, 32);
                }
            }

            Assert.True(partly > 50);
        }
    }

    [Fact]
    public void A_palette_becomes_the_colours_that_it_stands_for()
    {
        using (Image rgb = UpscalingBench.Picture(32, 32, 3, (x, _, c) => x < 16 ? (c == 0 ? 250 : 10) : (c == 2 ? 250 : 20)))
        {
            rgb.Pngsave(_bench["in.png"], palette: true);
        }

        _bench.Run(UpscalingBench.Bicubic, UpscalingBench.By(2), "in.png", "out.png");
        using Image image = _bench.Read("out.png");
        Assert.Equal((64, 3), (image.Width, image.Bands));
        Assert.Equal([250, 10, 10], image.Getpoint(4, 30));
        Assert.Equal([20, 20, 250], image.Getpoint(60, 30));
    }

    [Fact]
    public void Cmyk_becomes_srgb_and_it_is_said()
    {
        using (Image inks = UpscalingBench.Picture(24, 24, 4, (_, _, c) => c == 1 ? 200 : 0))
        using (Image cmyk = inks.Copy(interpretation: Enums.Interpretation.Cmyk))
        {
            cmyk.Tiffsave(_bench["in.tif"]);
        }

        UpscaledFile result = _bench.Run(UpscalingBench.Bicubic, UpscalingBench.By(2), "in.tif", "out.tif");
        Assert.Contains("CMYK becomes sRGB", result.Notes);
        using Image image = _bench.Read("out.tif");
        Assert.Equal((48, 3), (image.Width, image.Bands));
        Rgb8Image expected = ImageFile.ReadRgb8(_bench["in.tif"]);
        Assert.Equal(expected.Pixels[..3].Select(value => (double)value), image.Getpoint(10, 10));
    }

    [Theory]
    [InlineData("jpg", true)]
    [InlineData("webp", true)]
    [InlineData("png", true)]
    [InlineData("tif", false)]
    public void Profile_exif_xmp_and_orientation_are_kept(string format, bool keepsExif)
    {
        byte[] profile = Describe("in.jpg");
        UpscaledFile result = _bench.Run(UpscalingBench.Bicubic, UpscalingBench.By(2), "in.jpg", $"out.{format}");
        Assert.Equal((40, 60), (result.Width, result.Height)); // as it is shown: on its side
        using Image image = _bench.Read($"out.{format}");
        Assert.Equal((60, 40), (image.Width, image.Height));
        Assert.Equal(profile, (byte[])image.Get("icc-profile-data"));
        Assert.Equal("<x:xmpmeta/>"u8.ToArray(), (byte[])image.Get("xmp-data"));
        Assert.Equal(6, Convert.ToInt32(image.Get("orientation"), null));
        Assert.Equal(keepsExif, image.Contains("exif-ifd0-Copyright"));
        Assert.Equal(!keepsExif, result.Notes.Any(note => note.Contains("EXIF", StringComparison.Ordinal)));
        if (keepsExif)
        {
            Assert.StartsWith("all mine", (string)image.Get("exif-ifd0-Copyright"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Stripped_nothing_is_kept_and_the_picture_is_upright()
    {
        _ = Describe("in.jpg");
        UpscaledFile result = _bench.Run(UpscalingBench.Bicubic, UpscalingBench.By(2) with { Strip = true }, "in.jpg", "out.png");
        Assert.Equal((40, 60), (result.Width, result.Height));
        using Image image = _bench.Read("out.png");
        Assert.Equal((40, 60), (image.Width, image.Height));
        Assert.DoesNotContain(image.GetFields(), name => name.StartsWith("exif", StringComparison.Ordinal) || name is "icc-profile-data" or "xmp-data" or "orientation");
        Rgb8Image upright = ImageFile.ReadRgb8(_bench["in.jpg"]);
        double[] point = image.Getpoint(30, 10);
        int at = ((5 * upright.Width) + 15) * 3;
        Assert.All(Enumerable.Range(0, 3), c => Assert.InRange(point[c] - upright.Pixels[at + c], -12, 12));
    }

    [Fact]
    public void A_width_is_that_of_the_picture_as_it_is_shown()
    {
        _ = Describe("in.jpg");
        UpscaledFile result = _bench.Run(
            UpscalingBench.Bicubic, new UpscaleSettings { Size = new UpscaleSize { Width = 100 } }, "in.jpg", "out.png");
        Assert.Equal((100, 150), (result.Width, result.Height));
        result = _bench.Run(
            UpscalingBench.Bicubic, new UpscaleSettings { Size = new UpscaleSize { Width = 100, Height = 120 } }, "in.jpg", "out.png");
        Assert.Equal((80, 120), (result.Width, result.Height));
    }

    [Fact]
    public void What_a_format_cannot_hold_is_said()
    {
        _bench.Write("in.png", UpscalingBench.Picture(20, 20, 4, (_, _, c) => c == 3 ? 0 : 30000, is16: true));
        UpscaledFile jpeg = _bench.Run(UpscalingBench.Bicubic, UpscalingBench.By(2), "in.png", "out.jpg");
        Assert.Equal(2, jpeg.Notes.Count);
        using Image image = _bench.Read("out.jpg");
        Assert.Equal([255, 255, 255], image.Getpoint(5, 5)); // on white
        UpscaledFile webp = _bench.Run(UpscalingBench.Bicubic, UpscalingBench.By(2), "in.png", "out.webp");
        Assert.Contains("8 bits", Assert.Single(webp.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_side_longer_than_the_format_holds_is_refused_with_a_way_out()
    {
        _bench.Write("in.png", UpscalingBench.Picture(9000, 1, 3, (_, _, _) => 5));
        SubbandException error = Assert.ThrowsAny<SubbandException>(() => _bench.Run(UpscalingBench.Bicubic, UpscalingBench.By(2), "in.png", "out.webp"));
        Assert.Contains("16383", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("png")]
    [InlineData("jpg")]
    public void Quality_decides_the_size_of_what_is_lossy(string format)
    {
        _bench.Write("in.png", UpscalingBench.Picture(64, 64, 3, UpscalingBench.Scene));
        _bench.Run(UpscalingBench.Bicubic, UpscalingBench.By(2) with { Quality = 40 }, "in.png", $"low.{format}");
        _bench.Run(UpscalingBench.Bicubic, UpscalingBench.By(2) with { Quality = 98 }, "in.png", $"high.{format}");
        (long low, long high) = (new FileInfo(_bench[$"low.{format}"]).Length, new FileInfo(_bench[$"high.{format}"]).Length);
        Assert.True(format == "png" ? low == high : low < high, $"{low} and {high}");
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public void Consistent_results_shrink_to_the_original(int bands, bool is16)
    {
        int white = is16 ? 65535 : 255;
        _bench.Write("in.png", UpscalingBench.Picture(60, 90, bands, (x, y, c) => (40 + (UpscalingBench.Scene(x / 2, y / 2, c) * 2 / 3)) * white / 255, is16));
        using UpscalingModel model = UpscalingBench.Model(new ConvolutionUpscaler(1, 2, 3));
        foreach (int scale in (int[])[2, 3])
        {
            UpscaledFile result = _bench.Run(model, UpscalingBench.By(scale) with { Consistent = true }, "in.png", "out.png");
            Assert.InRange(result.Deviation!.Value, 0, 1);
            Assert.Empty(result.Notes);
        }

        if (!is16 && bands == 3)
        {
            Rgb8Image shrunk = MatlabResize.Resize(ImageFile.ReadRgb8(_bench["out.png"]), 1.0 / 3);
            byte[] original = ImageFile.ReadRgb8(_bench["in.png"]).Pixels;
            Assert.All(shrunk.Pixels.Zip(original, (a, b) => a - b), difference => Assert.InRange(difference, -1, 1));
            _bench.Run(model, UpscalingBench.By(3), "in.png", "without.png");
            shrunk = MatlabResize.Resize(ImageFile.ReadRgb8(_bench["without.png"]), 1.0 / 3);
            Assert.True(shrunk.Pixels.Zip(original, (a, b) => Math.Abs(a - b)).Max() > 1);
        }
    }

    public void Dispose() => _bench.Dispose();

    // 30x20 stored, shown 20x30; the profile is one of libvips' own
    private byte[] Describe(string name)
    {
        using Image pixels = UpscalingBench.Picture(30, 20, 3, (x, y, c) => c == 0 ? x * 8 : c == 1 ? y * 12 : 90);
        using Image profiled = pixels.IccTransform("p3", inputProfile: "srgb");
        byte[] profile = (byte[])profiled.Get("icc-profile-data");
        using Image described = profiled.Mutate(image =>
        {
            image.Set(GValue.BlobType, "xmp-data", "<x:xmpmeta/>"u8.ToArray());
            image.Set(GValue.GIntType, "orientation", 6);
            image.Set(GValue.GStrType, "exif-ifd0-Copyright", "all mine");
        });
        described.Jpegsave(_bench[name], q: 98);
        return profile;
    }
}
