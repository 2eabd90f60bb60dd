using NetVips;
using Subband.Imaging;

namespace Subband.Tests.Imaging;

/// <summary>ICC profiles, printing inks and orientation.</summary>
[Collection(nameof(DirectVipsUse))]
public sealed class ImageColourTests
{
    // Stored 3 x 2, each pixel another colour.
    private static readonly byte[] SixColours = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0, 0, 255, 255, 255, 0, 255];

    [Theory]
    [InlineData(".tif")]
    [InlineData(".webp[lossless]")]
    public void All_eight_orientations_are_turned_upright(string suffix)
    {
        const int Height = 2;
        const int Width = 3;
        for (int orientation = 1; orientation <= 8; orientation++)
        {
            // EXIF 2.32, tag 274: where the stored first row and first column are shown
            Func<int, int, (int Row, int Column)> shown = orientation switch
            {
                1 => (r, c) => (r, c),
                2 => (r, c) => (r, Width - 1 - c),
                3 => (r, c) => (Height - 1 - r, Width - 1 - c),
                4 => (r, c) => (Height - 1 - r, c),
                5 => (r, c) => (c, r),
                6 => (r, c) => (c, Height - 1 - r),
                7 => (r, c) => (Width - 1 - c, Height - 1 - r),
                _ => (r, c) => (Width - 1 - c, r),
            };
            bool onItsSide = orientation >= 5;
            int shownWidth = onItsSide ? Height : Width;
            byte[] expected = new byte[SixColours.Length];
            for (int r = 0; r < Height; r++)
            {
                for (int c = 0; c < Width; c++)
                {
                    (int row, int column) = shown(r, c);
                    SixColours.AsSpan(((r * Width) + c) * 3, 3).CopyTo(expected.AsSpan(((row * shownWidth) + column) * 3));
                }
            }

            byte[] bytes = Encode(SixColours, Width, Height, suffix, image => image.Set(GValue.GIntType, "orientation", orientation));
            Rgb8Image read = ImageFile.DecodeRgb8(bytes, "turned");
            Assert.Equal((shownWidth, onItsSide ? Width : Height), (read.Width, read.Height));
            Assert.Equal(expected, read.Pixels);
            ImageInfo info = ImageFile.Probe(bytes, "turned");
            Assert.Equal((orientation, read.Width, read.Height), (info.Orientation, info.Width, info.Height));
        }
    }

    [Fact]
    public void A_jpeg_is_turned_by_its_exif_data()
    {
        byte[] pixels = [.. Enumerable.Range(0, 32 * 16).SelectMany(i => i % 32 < 16 ? new byte[] { 250, 10, 10 } : [10, 10, 250])];
        byte[] bytes = Encode(pixels, 32, 16, ".jpg[Q=95]", image => image.Set(GValue.GIntType, "orientation", 6));
        Rgb8Image read = ImageFile.DecodeRgb8(bytes, "photo");

        // turned to the right: what was left is on top
        Assert.Equal((16, 32), (read.Width, read.Height));
        AssertNear([250, 10, 10], read.Pixels.AsSpan(0, 3), 4);
        AssertNear([10, 10, 250], read.Pixels.AsSpan(read.Pixels.Length - 3), 4);
    }

    [Theory]
    [InlineData(".png", 1)]
    [InlineData(".tif", 1)]
    [InlineData(".webp[lossless]", 1)]
    public void A_display_p3_picture_becomes_srgb(string suffix, int tolerance)
    {
        byte[] p3 = [255, 255, 255, 0, 0, 0, 128, 128, 128, 200, 150, 100, 90, 180, 140, 60, 60, 160, 255, 0, 0, 0, 255, 0];
        byte[] bytes = Encode(p3, p3.Length / 3, 1, suffix, WithProfile("p3"));

        Assert.True(ImageFile.Probe(bytes, "p3").HasProfile);
        AssertNear([.. p3.Chunk(3).SelectMany(P3ToSrgb)], ImageFile.DecodeRgb8(bytes, "p3").Pixels, tolerance);
    }

    [Fact]
    public void Transparency_and_16_bits_survive_a_profile()
    {
        // sixteen bits, P3, transparent
        ushort[] samples = [200 * 257, 150 * 257, 100 * 257, 65535, 200 * 257, 150 * 257, 100 * 257, 0, 90 * 257, 180 * 257, 140 * 257, 32768];
        using Image memory = Image.NewFromMemory(samples, 3, 1, 4, Enums.BandFormat.Ushort);
        using Image rgb16 = memory.Copy(interpretation: Enums.Interpretation.Rgb16);
        using Image tagged = rgb16.Mutate(image => WithProfile("p3")(image));
        Rgb8Image read = ImageFile.DecodeRgb8(tagged.PngsaveBuffer(), "deep");

        byte[] half = [.. P3ToSrgb([90, 180, 140]).Select(v => (byte)((v + 255) / 2))];
        AssertNear([.. P3ToSrgb([200, 150, 100]), 255, 255, 255, .. half], read.Pixels, 1);
    }

    [Fact]
    public void An_srgb_profile_changes_nothing()
    {
        byte[] pixels = Fixtures.Pattern(70, 65).Pixels;
        pixels.AsSpan(0, 12).Fill(255);
        pixels.AsSpan(12, 12).Clear();
        Rgb8Image read = ImageFile.DecodeRgb8(Encode(pixels, 70, 65, ".png", WithProfile("srgb")), "tagged");

        Assert.All(read.Pixels[..12], v => Assert.Equal(255, v));
        Assert.All(read.Pixels[12..24], v => Assert.Equal(0, v));
        AssertNear(pixels, read.Pixels, 1);
        Assert.InRange(pixels.Zip(read.Pixels).Count(p => p.First != p.Second), 0, pixels.Length / 20);
    }

    [Fact]
    public void A_grey_profile_is_honoured()
    {
        byte[] values = [0, 16, 64, 128, 200, 255];
        using Image memory = Image.NewFromMemory(values, values.Length, 1, 1, Enums.BandFormat.Uchar);
        using Image grey = memory.Copy(interpretation: Enums.Interpretation.Bw);
        using Image tagged = grey.Mutate(image => image.Set(GValue.BlobType, "icc-profile-data", IccFixture.Grey(1.5)));
        Rgb8Image read = ImageFile.DecodeRgb8(tagged.TiffsaveBuffer(), "gamma 1.5");

        byte[] expected = [.. values.SelectMany(v => Enumerable.Repeat(FromLight(Math.Pow(v / 255.0, 1.5)), 3))];
        AssertNear(expected, read.Pixels, 1);
    }

    [Fact]
    public void A_profile_that_does_not_fit_or_is_damaged_is_ignored()
    {
        byte[] pixels = Fixtures.Pattern(16, 16).Pixels;
        byte[] wrong = Encode(pixels, 16, 16, ".tif", image => image.Set(GValue.BlobType, "icc-profile-data", IccFixture.Grey(1.0)));
        Assert.Equal(pixels, ImageFile.DecodeRgb8(wrong, "wrong").Pixels);

        byte[] profile = Image.ProfileLoad("p3");
        profile.AsSpan(128).Fill(0xEE);
        byte[] damaged = Encode(pixels, 16, 16, ".tif", image => image.Set(GValue.BlobType, "icc-profile-data", profile));
        Assert.Equal(pixels, ImageFile.DecodeRgb8(damaged, "damaged").Pixels);
    }

    [Theory]
    [InlineData(".tif", 1)]
    [InlineData(".jpg[Q=100]", 4)]
    public void Printing_inks_become_srgb(string suffix, int tolerance)
    {
        // golden values from cmyk_golden.py; 16 x 16 pixels of each, for the sake of JPEG's blocks
        (byte[] Inks, byte[] Rgb)[] golden =
        [
            ([0, 0, 0, 0], [255, 255, 255]), ([255, 0, 0, 0], [0, 153, 228]), ([0, 255, 0, 0], [234, 0, 130]),
            ([0, 0, 255, 0], [255, 240, 0]), ([0, 0, 0, 255], [12, 0, 19]), ([0, 0, 0, 128], [134, 133, 134]),
            ([60, 120, 30, 20], [175, 126, 156]),
        ];
        foreach ((byte[] inks, byte[] rgb) in golden)
        {
            byte[] samples = [.. Enumerable.Repeat(inks, 256).SelectMany(p => p)];
            using Image memory = Image.NewFromMemory(samples, 16, 16, 4, Enums.BandFormat.Uchar);
            using Image cmyk = memory.Copy(interpretation: Enums.Interpretation.Cmyk);
            byte[] bytes = cmyk.WriteToBuffer(suffix);

            Assert.Equal(ImageColour.Cmyk, ImageFile.Probe(bytes, "print").Colour);
            byte[] read = ImageFile.DecodeRgb8(bytes, "print").Pixels;
            AssertNear(rgb, read.AsSpan(0, 3), tolerance);
            AssertNear(rgb, read.AsSpan(read.Length - 3), tolerance);
        }
    }

    // The matrix between the primaries, both with white D65 and the sRGB curve: CSS Color 4, section 17.
    private static byte[] P3ToSrgb(byte[] p3)
    {
        double[] light = [.. p3.Select(v => ToLight(v / 255.0))];
        return
        [
            FromLight((1.2249401763 * light[0]) - (0.2249401763 * light[1])),
            FromLight((-0.0420569547 * light[0]) + (1.0420569547 * light[1])),
            FromLight((-0.0196375546 * light[0]) - (0.0786360456 * light[1]) + (1.0982736001 * light[2])),
        ];
    }

    private static double ToLight(double value) =>
        value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);

    private static byte FromLight(double light)
    {
        double value = light <= 0.0031308 ? light * 12.92 : (1.055 * Math.Pow(light, 1 / 2.4)) - 0.055;
        return (byte)Math.Round(255 * Math.Clamp(value, 0, 1));
    }

    private static Action<MutableImage> WithProfile(string name) =>
        image => image.Set(GValue.BlobType, "icc-profile-data", Image.ProfileLoad(name));

    private static byte[] Encode(byte[] pixels, int width, int height, string suffix, Action<MutableImage> change)
    {
        using Image memory = Image.NewFromMemory(pixels, width, height, 3, Enums.BandFormat.Uchar);
        using Image srgb = memory.Copy(interpretation: Enums.Interpretation.Srgb);
        using Image changed = srgb.Mutate(change);
        return changed.WriteToBuffer(suffix);
    }

    private static void AssertNear(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual, int tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= tolerance,
                $"Sample {i} is {actual[i]}, expected {expected[i]} within {tolerance}.");
        }
    }
}
