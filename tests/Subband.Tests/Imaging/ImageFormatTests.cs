using NetVips;
using Subband.Imaging;

namespace Subband.Tests.Imaging;

/// <summary>Every format, depth and kind of samples, with pixels known beforehand.</summary>
[Collection(nameof(DirectVipsUse))]
public sealed class ImageFormatTests
{
    [Theory]
    [InlineData(".png", ImageFormat.Png)]
    [InlineData(".png[interlace]", ImageFormat.Png)]
    [InlineData(".webp[lossless]", ImageFormat.WebP)]
    [InlineData(".tif", ImageFormat.Tiff)]
    [InlineData(".tif[compression=lzw]", ImageFormat.Tiff)]
    [InlineData(".tif[compression=deflate,predictor=horizontal]", ImageFormat.Tiff)]
    [InlineData(".tif[compression=packbits]", ImageFormat.Tiff)]
    [InlineData(".tif[bigtiff]", ImageFormat.Tiff)]
    [InlineData(".tif[tile,tile-width=16,tile-height=16]", ImageFormat.Tiff)]
    [InlineData(".bmp", ImageFormat.Bmp)]
    public void A_lossless_file_comes_back_exactly(string suffix, ImageFormat format)
    {
        Rgb8Image image = Fixtures.Pattern(70, 65);
        byte[] bytes = Fixtures.Encode(image, suffix);

        Assert.Equal(image.Pixels, ImageFile.DecodeRgb8(bytes, "picture").Pixels);
        using var file = new TemporaryFile(bytes);
        Rgb8Image read = ImageFile.ReadRgb8(file.Path);
        Assert.Equal((70, 65), (read.Width, read.Height));
        Assert.Equal(image.Pixels, read.Pixels);

        var expected = new ImageInfo(format, 70, 65, 3, 8, ImageColour.Rgb, HasAlpha: false, HasProfile: false, Orientation: 1);
        Assert.Equal(expected, ImageFile.Probe(bytes, "picture"));
        Assert.Equal(expected, ImageFile.Probe(file.Path));
        Assert.Equal(format, ImageFile.DetectFormat(bytes));
    }

    [Theory]
    [InlineData(".jpg[Q=95,subsample-mode=off]", ImageFormat.Jpeg)]
    [InlineData(".jpg[Q=95,subsample-mode=off,interlace]", ImageFormat.Jpeg)]
    [InlineData(".webp[Q=95]", ImageFormat.WebP)]
    [InlineData(".tif[compression=jpeg,Q=95]", ImageFormat.Tiff)]
    [InlineData(".gif", ImageFormat.Gif)]
    public void A_lossy_file_comes_back_nearly(string suffix, ImageFormat format)
    {
        // 40 pixels wide: smooth colours only
        Rgb8Image image = Fixtures.Pattern(40, 40);
        byte[] bytes = Fixtures.Encode(image, suffix);
        Rgb8Image read = ImageFile.DecodeRgb8(bytes, "picture");

        double meanError = image.Pixels.Zip(read.Pixels).Average(p => Math.Abs(p.First - p.Second));
        Assert.InRange(meanError, 0, format == ImageFormat.Gif ? 8 : 3);
        Assert.Equal(format, ImageFile.Probe(bytes, "picture").Format);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Grey_of_any_depth_is_spread_over_0_to_255(byte bits)
    {
        int levels = Math.Min(1 << bits, 16);
        int width = levels;
        int top = (1 << bits) - 1;
        int[] values = [.. Enumerable.Range(0, width).Select(i => i * top / (levels - 1))];
        byte[] png = PngFixture.Build(width, 1, bits, 0, PngFixture.Line(bits, values));

        Assert.Equal(values.SelectMany(v => Grey(v * 255 / top)), ImageFile.DecodeRgb8(png, "grey").Pixels);
        ImageInfo info = ImageFile.Probe(png, "grey");
        Assert.Equal((ImageColour.Grey, 1, 8), (info.Colour, info.Bands, info.BitDepth));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void A_palette_is_looked_up(byte bits)
    {
        byte[] palette = [255, 0, 0, 10, 200, 30];
        byte[] png = PngFixture.Build(3, 1, bits, 3, PngFixture.Line(bits, 0, 1, 0), palette);
        Assert.Equal([255, 0, 0, 10, 200, 30, 255, 0, 0], ImageFile.DecodeRgb8(png, "palette").Pixels);
    }

    [Fact]
    public void A_palette_with_transparency_is_laid_on_white()
    {
        byte[] png = PngFixture.Build(
            3, 1, 8, 3, PngFixture.Line(8, 0, 1, 2), [255, 0, 0, 10, 200, 30, 0, 0, 0], transparency: [0, 128, 255]);
        Assert.Equal(
            [255, 255, 255, OnWhite(10, 128), OnWhite(200, 128), OnWhite(30, 128), 0, 0, 0],
            ImageFile.DecodeRgb8(png, "palette").Pixels);
        Assert.True(ImageFile.Probe(png, "palette").HasAlpha);
    }

    [Fact]
    public void Sixteen_bits_are_scaled_and_rounded_half_up()
    {
        // 128.5 / 257 = 0.5 is the first that becomes 1
        int[] values = [0, 128, 129, 257, 32767, 32768, 65406, 65407, 65535];
        byte[] png = PngFixture.Build(values.Length, 1, 16, 0, PngFixture.Line(16, values));
        Assert.Equal(values.SelectMany(v => Grey(((v * 255L) + 32767) / 65535)), ImageFile.DecodeRgb8(png, "deep").Pixels);

        byte[] rgb = PngFixture.Build(1, 1, 16, 2, PngFixture.Line(16, 65535, 32768, 129));
        Assert.Equal([255, 128, 1], ImageFile.DecodeRgb8(rgb, "deep").Pixels);
        Assert.Equal(16, ImageFile.Probe(rgb, "deep").BitDepth);
    }

    [Theory]
    [InlineData(8, 255)]
    [InlineData(16, 65535)]
    public void Transparency_is_laid_on_white_with_one_rounding(byte bits, int max)
    {
        int half = (max + 1) / 2;
        int[] grey = [0, half, 100, 0, max, half, 7, max];
        byte[] greyPng = PngFixture.Build(4, 1, bits, 4, PngFixture.Line(bits, grey));
        IEnumerable<byte> expectedGrey = Enumerable.Range(0, 4).SelectMany(i => Grey(OnWhite(grey[2 * i], grey[(2 * i) + 1], max)));
        Assert.Equal(expectedGrey, ImageFile.DecodeRgb8(greyPng, "alpha").Pixels);

        int[] rgba = [max, 0, half, half, 3, 5, 9, 0, 200, 100, 50, max];
        byte[] rgbaPng = PngFixture.Build(3, 1, bits, 6, PngFixture.Line(bits, rgba));
        IEnumerable<byte> expectedRgb = Enumerable.Range(0, 3)
            .SelectMany(i => Enumerable.Range(0, 3).Select(c => (byte)OnWhite(rgba[(4 * i) + c], rgba[(4 * i) + 3], max)));
        Assert.Equal(expectedRgb, ImageFile.DecodeRgb8(rgbaPng, "alpha").Pixels);
        Assert.True(ImageFile.Probe(rgbaPng, "alpha").HasAlpha);
    }

    [Fact]
    public void A_single_transparent_colour_is_laid_on_white()
    {
        byte[] png = PngFixture.Build(2, 1, 8, 2, PngFixture.Line(8, 1, 2, 3, 4, 5, 6), transparency: [0, 1, 0, 2, 0, 3]);
        Assert.Equal([255, 255, 255, 4, 5, 6], ImageFile.DecodeRgb8(png, "key").Pixels);
    }

    [Fact]
    public void Tiff_bits_grey_and_palettes_are_read()
    {
        byte[] whiteIsZero = TiffFixture.Build(8, 1, [1], 0, [0b01001101]);
        Assert.Equal("01001101".SelectMany(bit => Grey(bit == '0' ? 255 : 0)), ImageFile.DecodeRgb8(whiteIsZero, "fax").Pixels);

        byte[] grey16 = TiffFixture.Build(3, 1, [16], 1, [0, 0, 0x00, 0x80, 0xFF, 0xFF]);
        Assert.Equal(new byte[] { 0, 128, 255 }.SelectMany(v => Grey(v)), ImageFile.DecodeRgb8(grey16, "scan").Pixels);

        ushort[] map = new ushort[3 * 256];
        (map[5], map[256 + 5], map[512 + 5]) = (65535, 257 * 100, 0);
        byte[] palette = TiffFixture.Build(2, 1, [8], 3, [5, 0], (TiffFixture.ColourMap, map));
        Assert.Equal([255, 100, 0, 0, 0, 0], ImageFile.DecodeRgb8(palette, "map").Pixels);
    }

    [Fact]
    public void Tiff_transparency_is_laid_on_white_multiplied_in_or_not()
    {
        byte[] straight = TiffFixture.Build(1, 1, [8, 8, 8, 8], 2, [200, 100, 0, 128], (TiffFixture.ExtraSamples, [2]));
        Assert.Equal([OnWhite(200, 128), OnWhite(100, 128), OnWhite(0, 128)], ImageFile.DecodeRgb8(straight, "straight").Pixels);

        // 100 of 128 is 200 of 255
        byte[] multiplied = TiffFixture.Build(1, 1, [8, 8, 8, 8], 2, [100, 50, 0, 128], (TiffFixture.ExtraSamples, [1]));
        Assert.All(
            ImageFile.DecodeRgb8(multiplied, "multiplied").Pixels.Zip([OnWhite(200, 128), OnWhite(100, 128), OnWhite(0, 128)]),
            pair => Assert.InRange(pair.First - pair.Second, -1, 1));
    }

    [Theory]
    [InlineData(".gif")]
    [InlineData(".webp[lossless]")]
    public void Of_an_animation_the_first_frame_is_read(string suffix)
    {
        using Image black = Image.Black(16, 16, bands: 3);
        using Image red = black + new[] { 255, 0, 0 };
        using Image blue = black + new[] { 0, 0, 255 };
        using Image joined = red.Join(blue, Enums.Direction.Vertical).Cast(Enums.BandFormat.Uchar)
            .Copy(interpretation: Enums.Interpretation.Srgb);
        using Image frames = joined.Mutate(image => image.Set(GValue.GIntType, "page-height", 16));
        byte[] bytes = frames.WriteToBuffer(suffix);

        Rgb8Image first = ImageFile.DecodeRgb8(bytes, "animation");
        Assert.Equal((16, 16), (first.Width, first.Height));
        Assert.Equal(Enumerable.Repeat<byte[]>([255, 0, 0], 256).SelectMany(p => p), first.Pixels);
    }

    [Fact]
    public void Bitmaps_of_every_kind_are_read()
    {
        Rgb8Image image = Fixtures.Pattern(20, 20);
        using Image rgb = Image.NewFromMemory(image.Pixels, 20, 20, 3, Enums.BandFormat.Uchar);
        using Image grey = rgb[1].Copy(interpretation: Enums.Interpretation.Bw);
        byte[] expected = [.. image.Pixels.Where((_, i) => i % 3 == 1).SelectMany(v => Grey(v))];
        Assert.Equal(expected, ImageFile.DecodeRgb8(grey.WriteToBuffer(".bmp"), "grey").Pixels);
    }

    [Fact]
    public void Many_threads_decode_at_once()
    {
        Rgb8Image image = Fixtures.Pattern(70, 65);
        byte[] png = Fixtures.Encode(image, ".png");
        byte[] tiff = Fixtures.Encode(image, ".tif");
        Parallel.For(0, 200, i => Assert.Equal(image.Pixels, ImageFile.DecodeRgb8(i % 2 == 0 ? png : tiff, "picture").Pixels));
    }

    [Fact]
    public void A_png_is_the_same_bytes_each_time_and_keeps_its_notes()
    {
        Rgb8Image image = Fixtures.Pattern(70, 65);
        var notes = new Dictionary<string, string> { ["seed"] = "7", ["Title"] = "größe\n→ ∞" };
        byte[] png = ImageFile.EncodePng(image, notes);

        Assert.Equal(png, ImageFile.EncodePng(image, new Dictionary<string, string>(notes.Reverse())));
        Assert.Equal(image.Pixels, ImageFile.DecodeRgb8(png, "picture").Pixels);
        using Image read = Image.NewFromBuffer(png);
        Assert.Equal("größe\n→ ∞", read.Get("png-comment-0-Title"));
        Assert.Equal("7", read.Get("png-comment-1-seed"));

        Assert.Throws<ArgumentException>(() => ImageFile.EncodePng(image, new Dictionary<string, string> { ["größe"] = "" }));
        Assert.Throws<ArgumentException>(() => ImageFile.EncodePng(image, new Dictionary<string, string> { [""] = "" }));
        Assert.Throws<ArgumentException>(() => ImageFile.EncodePng(image, new Dictionary<string, string> { ["a"] = "\0" }));
    }

    [Fact]
    public void A_png_file_is_written_whole_or_not_at_all()
    {
        Rgb8Image image = Fixtures.Pattern(20, 10);
        using var file = new TemporaryFile("old"u8);
        ImageFile.WritePng(file.Path, image);
        Assert.Equal(image.Pixels, ImageFile.ReadRgb8(file.Path).Pixels);

        string nowhere = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"), "a.png");
        Torch.SubbandException error = Assert.ThrowsAny<Torch.SubbandException>(() => ImageFile.WritePng(nowhere, image));
        Assert.Contains(nowhere, error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<byte> Grey(long value) => Enumerable.Repeat((byte)value, 3);

    private static byte OnWhite(int value, int alpha) => (byte)OnWhite(value, alpha, 255);

    // in exact arithmetic, rounded half up
    private static long OnWhite(long value, long alpha, long max) =>
        ((2 * 255 * ((value * alpha) + (max * (max - alpha)))) + (max * max)) / (2 * max * max);
}
