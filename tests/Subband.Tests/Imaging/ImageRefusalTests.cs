using System.Text;
using NetVips;
using Subband.Imaging;

namespace Subband.Tests.Imaging;

/// <summary>What is no picture, or only part of one, is refused by name and never delivered half.</summary>
[Collection(nameof(DirectVipsUse))]
public sealed class ImageRefusalTests
{
    public static TheoryData<string, byte[], string> NoPictures => new()
    {
        { "nothing", [], "is empty (0 bytes)" },
        { "page", Encoding.UTF8.GetBytes("\n<!DOCTYPE html><html><body>404</body></html>"), "is an HTML page" },
        { "pointer", Encoding.UTF8.GetBytes("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"), "git lfs pull" },
        { "drawing", Encoding.UTF8.GetBytes("<?xml version=\"1.0\"?>\n<svg xmlns=\"x\"/>"), "is an SVG drawing" },
        { "notes", Encoding.UTF8.GetBytes("BMX riders: a list of names, größer\n"), "is a text file" },
        { "document", "%PDF-1.7 x"u8.ToArray(), "is a PDF document" },
        { "phone", [0, 0, 0, 0x18, .. "ftypheic\0\0\0\0"u8], "AVIF, HEIC" },
        { "archive", [.. "PK"u8, 3, 4, 0, 0], "is a ZIP archive" },
        { "packed", [0x1F, 0x8B, 8, 0], "is gzip-compressed data, not an image; unpack it first." },
        { "bzip2", [.. "BZh91AY&SY"u8], "is bzip2-compressed data" },
        { "zstd", [0x28, 0xB5, 0x2F, 0xFD, 4], "is Zstandard-compressed data" },
        { "7z", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "is a 7-Zip archive" },
        { "rar", [.. "Rar!\u001A\u0007\u0001\0"u8], "is a RAR archive" },
        { "hole", new byte[4096], "holds zeros only" },
        { "noise", [0x80, 0x81, 0x00, 0x13], "begins with 80 81 00 13" },
    };

    [Theory]
    [MemberData(nameof(NoPictures))]
    public void What_is_no_picture_is_refused_by_name_and_kind(string name, byte[] bytes, string expected)
    {
        ImageFileException fromBytes = Assert.Throws<ImageFileException>(() => ImageFile.DecodeRgb8(bytes, name));
        Assert.Equal(name, fromBytes.Name);
        Assert.StartsWith(name + " ", fromBytes.Message, StringComparison.Ordinal);
        Assert.Contains(expected, fromBytes.Message, StringComparison.Ordinal);

        using var file = new TemporaryFile(bytes);
        ImageFileException fromFile = Assert.Throws<ImageFileException>(() => ImageFile.ReadRgb8(file.Path));
        Assert.Equal(fromBytes.Reason, fromFile.Reason);
        Assert.StartsWith(file.Path, fromFile.Message, StringComparison.Ordinal);
        Assert.Equal(fromBytes.Reason, Assert.Throws<ImageFileException>(() => ImageFile.Probe(bytes, name)).Reason);
    }

    [Theory]
    [InlineData(".png", "PNG")]
    [InlineData(".jpg[Q=90]", "JPEG")]
    [InlineData(".jpg[interlace]", "JPEG")]
    [InlineData(".webp", "WebP")]
    [InlineData(".webp[lossless]", "WebP")]
    [InlineData(".tif", "TIFF")]
    [InlineData(".tif[compression=deflate]", "TIFF")]
    [InlineData(".gif", "GIF")]
    [InlineData(".bmp", "BMP")]
    public void A_truncated_file_is_refused_wherever_it_is_cut(string format, string label)
    {
        byte[] whole = Fixtures.Encode(Fixtures.Pattern(80, 64), format);
        _ = ImageFile.DecodeRgb8(whole, "whole");

        foreach (double part in new[] { 0.1, 0.3, 0.5, 0.7, 0.9, 0.98 })
        {
            byte[] cut = whole[..(int)(whole.Length * part)];
            ImageFileException error = Assert.Throws<ImageFileException>(() => ImageFile.DecodeRgb8(cut, "cut"));
            Assert.Equal($"is a truncated {label} image: the file ends after {cut.Length} bytes, before its data do.", error.Reason);

            using var file = new TemporaryFile(cut);
            Assert.Equal(error.Reason, Assert.Throws<ImageFileException>(() => ImageFile.ReadRgb8(file.Path)).Reason);
        }
    }

    [Fact]
    public void Damage_that_a_checksum_shows_is_refused()
    {
        byte[] png = Fixtures.Encode(Fixtures.Pattern(80, 64), ".png");
        png[png.Length / 2] ^= 0xFF;
        Assert.Contains("is a damaged PNG image", Refusal(png), StringComparison.Ordinal);
    }

    [Fact]
    public void A_huge_picture_is_refused_by_its_header_with_its_size()
    {
        // 60,000 x 60,000 in the header, a few bytes of data
        byte[] png = PngFixture.Build(60_000, 60_000, bitDepth: 8, colourType: 2, scanlines: [0, 1, 2, 3]);
        Assert.Equal(
            "is huge: 60000x60000 = 3,600.0 million pixels, more than the 268.4 million allowed.", Refusal(png));
        Assert.Equal(60_000, ImageFile.Probe(png, "huge").Width);
    }

    [Fact]
    public void The_limit_is_the_callers()
    {
        byte[] png = Fixtures.Encode(Fixtures.Pattern(10, 10), ".png");
        _ = ImageFile.DecodeRgb8(png, "small", maximumPixels: 100);
        ImageFileException error = Assert.Throws<ImageFileException>(() => ImageFile.DecodeRgb8(png, "small", maximumPixels: 99));
        Assert.Contains("10x10", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Measured_data_and_unknown_channels_are_refused_by_what_they_hold()
    {
        using Image grey = Image.Black(4, 4);
        using Image floats = grey.Cast(Enums.BandFormat.Float);
        Assert.Contains("samples of type float", Refusal(floats.TiffsaveBuffer()), StringComparison.Ordinal);

        using Image many = Image.Black(4, 4, bands: 7);
        Assert.Contains("has 7 channels", Refusal(many.TiffsaveBuffer()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_refused_plainly()
    {
        string missing = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"), "no.png");
        Assert.Equal($"{missing} does not exist.", Assert.Throws<ImageFileException>(() => ImageFile.ReadRgb8(missing)).Message);

        string folder = Path.TrimEndingDirectorySeparator(Path.GetTempPath());
        Assert.Equal(
            $"{folder} is a folder, not an image file.", Assert.Throws<ImageFileException>(() => ImageFile.Probe(folder)).Message);
    }

    [Fact]
    public void Messages_of_threads_are_not_mixed_up()
    {
        byte[] gif = Fixtures.Encode(Fixtures.Pattern(80, 64), ".gif")[..600];
        byte[] png = Fixtures.Encode(Fixtures.Pattern(80, 64), ".png");
        png[png.Length / 2] ^= 0xFF;
        string pngReason = Refusal(png);
        Assert.Contains("damaged PNG", pngReason, StringComparison.Ordinal);

        Parallel.For(0, 200, i =>
        {
            if (i % 2 == 0)
            {
                Assert.Contains("truncated GIF", Refusal(gif), StringComparison.Ordinal);
            }
            else
            {
                Assert.Equal(pngReason, Refusal(png));
            }
        });
    }

    [Fact]
    public void A_missing_libvips_is_explained_with_the_remedy()
    {
        string? problem = VipsLibrary.Load("libvips-that-is-not-there.so.42");
        Assert.Equal(
            "libvips, which reads and writes images, is not installed (libvips-that-is-not-there.so.42 was not found). "
            + "Install it with 'apt-get install libvips42' (other systems: https://www.libvips.org/install.html).",
            problem);
        Assert.True(ImageFile.IsAvailable(out string reason), reason);
        Assert.Empty(reason);
    }

    [Fact]
    public void A_libvips_that_lacks_something_else_says_what()
    {
        using var file = new TemporaryFile("no library at all, yet long enough to be looked at as one by the loader"u8.ToArray());
        Assert.Contains("cannot be loaded (", VipsLibrary.Load(file.Path), StringComparison.Ordinal);
    }

    private static string Refusal(byte[] bytes) =>
        Assert.Throws<ImageFileException>(() => ImageFile.DecodeRgb8(bytes, "picture")).Reason!;
}
