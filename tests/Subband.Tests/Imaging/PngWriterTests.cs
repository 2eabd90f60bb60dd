using NetVips;
using Subband.Imaging;

namespace Subband.Tests.Imaging;

/// <summary>PNG files written row by row, read by libvips.</summary>
[Collection(nameof(DirectVipsUse))]
public sealed class PngWriterTests
{
    public static TheoryData<int, int> Kinds => new MatrixTheoryData<int, int>([1, 2, 3, 4], [8, 16]);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Samples_of_every_kind_come_back_whatever_the_size_and_however_the_rows_come(int channels, int depth)
    {
        Random random = new((channels * 100) + depth);
        for (int round = 0; round < 30; round++)
        {
            (int width, int height) = (random.Next(1, 150), random.Next(1, 40));
            byte[] samples = Samples(random, width * height * channels * depth / 8);
            using Image image = Image.NewFromBuffer(Write(samples, width, height, channels, depth, random));
            Assert.Equal((width, height, channels), (image.Width, image.Height, image.Bands));
            Assert.Equal(depth == 16 ? Enums.BandFormat.Ushort : Enums.BandFormat.Uchar, image.Format);
            Assert.Equal(samples, depth == 16 ? HighBytesFirst(image.WriteToMemory<ushort>()) : image.WriteToMemory<byte>());
        }
    }

    [Fact]
    public void What_stands_beside_the_pixels_of_another_file_is_taken_over()
    {
        using Image pixel = Image.Black(1, 1, 3).Copy(interpretation: Enums.Interpretation.Srgb, xres: 3, yres: 4);
        using Image described = pixel.Mutate(image => image.Set(GValue.BlobType, "xmp-data", "<x:xmpmeta/>"u8.ToArray()));
        byte[] source = described.PngsaveBuffer();
        byte[] file = Write(new byte[5 * 7 * 3], 5, 7, 3, 8, new Random(1), source);
        Assert.Equal(
            ["IHDR", .. TypesOf(source)[1..].Where(type => type is not "IDAT" and not "IEND"), "IDAT", "IEND"],
            TypesOf(file));
        using Image image = Image.NewFromBuffer(file);
        Assert.Equal((5, 7), (image.Width, image.Height));
        Assert.Equal((3, 4), (image.Xres, image.Yres));
        Assert.Equal("<x:xmpmeta/>"u8.ToArray(), (byte[])image.Get("xmp-data"));
    }

    [Fact]
    public void A_large_picture_has_its_data_in_several_chunks()
    {
        byte[] samples = new byte[400 * 300 * 3];
        new Random(5).NextBytes(samples);
        byte[] file = Write(samples, 400, 300, 3, 8, new Random(6));
        Assert.InRange(TypesOf(file).Count(type => type == "IDAT"), 4, 7); // of 64 KiB and little more, since noise stays as long as it is
        using Image image = Image.NewFromBuffer(file);
        Assert.Equal(samples, image.WriteToMemory<byte>());
    }

    [Theory]
    [InlineData(60)]
    [InlineData(1500)]
    public void What_repeats_itself_is_found_though_nothing_in_it_is_flat(int height)
    {
        byte[] ornament = new byte[40 * 3];
        new Random(5).NextBytes(ornament);
        byte[] samples = [.. Enumerable.Range(0, 400 * height * 3).Select(i => ornament[i % ornament.Length])];
        byte[] file = Write(samples, 400, height, 3, 8, new Random(6));
        Assert.InRange(file.Length, 0, samples.Length / 20);
        using Image image = Image.NewFromBuffer(file);
        Assert.Equal(samples, image.WriteToMemory<byte>());
    }

    [Fact]
    public void A_photograph_takes_about_as_much_room_as_by_libvips()
    {
        Rgb8Image leaves = Resampler.Resize(new DeadLeaves(150, 200).Render(0), 800, 600, new Resampling(ResamplingKernel.Bicubic));
        using Image pixels = Image.NewFromMemory(leaves.Pixels, 800, 600, 3, Enums.BandFormat.Uchar);
        byte[] file = Write(leaves.Pixels, 800, 600, 3, 8, new Random(6));
        Assert.InRange(file.Length, 0, 1.2 * pixels.PngsaveBuffer(compression: 4, filter: Enums.ForeignPngFilter.Paeth).Length);
        using Image image = Image.NewFromBuffer(file);
        Assert.Equal(leaves.Pixels, image.WriteToMemory<byte>());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void It_cannot_end_before_or_behind_its_last_row(int rows)
    {
        using MemoryStream stream = new();
        using PngWriter writer = new(stream, 2, 4, 1, 8, Described(1, 8));
        writer.Write(new byte[2 * rows]);
        Assert.Throws<InvalidOperationException>(writer.Finish);
    }

    private static byte[] Write(byte[] samples, int width, int height, int channels, int depth, Random random, byte[]? described = null)
    {
        using MemoryStream stream = new();
        using PngWriter writer = new(stream, width, height, channels, depth, described ?? Described(channels, depth));
        int stride = samples.Length / height;
        for (int y = 0; y < height;)
        {
            int end = Math.Min(height, y + random.Next(1, 9));
            writer.Write(samples.AsSpan(y * stride, (end - y) * stride));
            y = end;
        }

        writer.Finish();
        return stream.ToArray();
    }

    // noise over slopes, so that averages wrap around and do not
    private static byte[] Samples(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(i => (byte)(random.Next(4) == 0 ? random.Next(256) : i / 7))];

    private static byte[] Described(int channels, int depth)
    {
        using Image black = Image.Black(1, 1, channels);
        using Image pixel = black.Cast(depth == 16 ? Enums.BandFormat.Ushort : Enums.BandFormat.Uchar);
        return pixel.PngsaveBuffer();
    }

    private static byte[] HighBytesFirst(ushort[] samples) => [.. samples.SelectMany(sample => new[] { (byte)(sample >> 8), (byte)sample })];

    private static List<string> TypesOf(ReadOnlySpan<byte> png)
    {
        List<string> types = [];
        for (ReadOnlySpan<byte> chunks = png[PngChunk.Signature.Length..]; !chunks.IsEmpty; chunks = chunks[PngChunk.BytesOfFirst(chunks)..])
        {
            types.Add(System.Text.Encoding.ASCII.GetString(PngChunk.TypeOfFirst(chunks)));
        }

        return types;
    }
}
