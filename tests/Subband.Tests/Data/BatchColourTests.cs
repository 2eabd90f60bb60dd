using Subband.Data;
using Subband.Imaging;
using Subband.Tests.Imaging;

namespace Subband.Tests.Data;

/// <summary>Batches of grey images and of images with opacity, whatever the files hold.</summary>
public sealed class BatchColourTests
{
    // One pixel repeated: PNG colour types 0 grey, 2 RGB, 6 RGB and alpha; in the order of their names.
    private static readonly (string Name, byte Type, byte[] Pixel)[] Files =
    [
        ("a-colour.png", 2, [10, 200, 90]),
        ("b-grey.png", 0, [60]),
        ("c-half.png", 6, [0, 100, 200, 128]),
        ("d-colour.png", 2, [255, 0, 0]),
    ];

    [Fact]
    public void Grey_batches_hold_the_brightness()
    {
        float[][] images = Batch(PixelColour.Grey);
        Assert.All(images, image => Assert.Equal(2 * 2, image.Length));
        Assert.Equal([131, 60, 168, 76], images.Select(image => Level(Assert.Single(image.Distinct()))));
    }

    [Fact]
    public void One_grey_image_among_coloured_ones_is_one_of_equal_colours()
    {
        float[][] images = Batch(PixelColour.Rgb);
        Assert.Equal([10, 200, 90], Planes(images[0]));
        Assert.Equal([60, 60, 60], Planes(images[1]));
        Assert.Equal([127, 177, 227], Planes(images[2]));
    }

    [Fact]
    public void Batches_with_opacity_keep_it_and_are_opaque_without()
    {
        float[][] images = Batch(PixelColour.Rgba);
        Assert.Equal([10, 200, 90, 255], Planes(images[0]));
        Assert.Equal([60, 60, 60, 255], Planes(images[1]));
        Assert.Equal([0, 100, 200, 128], Planes(images[2]));
        Assert.Equal([255, 0, 0, 255], Planes(images[3]));
    }

    [Theory]
    [InlineData("folder")]
    [InlineData("zip")]
    [InlineData("selected")]
    public void A_pass_shows_every_colour_in_red_green_and_blue(string kind)
    {
        using TemporaryFolder folder = new();
        string path = FileStoreTests.Make(folder, kind == "zip" ? "zip" : "folder", Pngs());
        using IImageSource source = ImageSources.Open(kind == "selected" ? path + "#take=0..3" : path);
        Assert.Equal([131, 131, 131, 60, 60, 60, 168, 168, 168], Pass(source, PixelColour.Grey));
        Assert.Equal([10, 200, 90, 60, 60, 60, 127, 177, 227], Pass(source, PixelColour.Rgb));
        Assert.Equal([10, 200, 90, 60, 60, 60, 127, 177, 227], Pass(source, PixelColour.Rgba));
        Rgb8Image picture = ImagePass.Picture(source, Plan(PixelColour.Rgba), 2);
        Assert.Equal([127, 177, 227], picture.Pixels[..3]);

        static int[] Pass(IImageSource source, PixelColour colour) => [.. ImagePass.Over(source, Plan(colour), count: 3)
            .SelectMany(images => images.Pixels.Chunk(4).Select(plane => (int)Assert.Single(plane.Distinct()))).Take(9)];
    }

    [Fact]
    public void Opacity_is_resized_as_a_colour_is_and_colours_are_not_weighed_by_it()
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        using TemporaryFolder folder = new();
        // Two pixels side by side, white and opaque, black and transparent: the mean of all four samples.
        byte[] line = [0, 255, 255, 255, 255, 0, 0, 0, 0];
        _ = folder.Write("x.png", PngFixture.Build(2, 2, 8, 6, [.. line, .. line]));
        using IImageSource source = ImageSources.Open(folder.Path);
        using BatchLoader loader = new(source, Plan(PixelColour.Rgba) with { Height = 1, Width = 1, BatchSize = 1 }, threads: 1);
        using ImageBatch batch = loader.Next(TestContext.Current.CancellationToken);
        Assert.Equal([128, 128, 128, 128], batch.Pixels.Select(Level));
    }

    [Fact]
    public void Packs_binaries_and_drawn_images_are_converted_too()
    {
        using TemporaryFolder folder = new();
        using (IImageSource source = ImageSources.Open(FileStoreTests.Make(folder, "folder", Pngs())))
        {
            _ = ImagePack.Write(source, folder["x.safetensors"], 1, cancellationToken: TestContext.Current.CancellationToken);
        }

        using IImageSource pack = ImageSources.Open(folder["x.safetensors"]);
        Assert.Equal([131, 60, 168, 76], Images(pack, PixelColour.Grey).Select(image => Level(image[0])));
        Assert.Equal([127, 177, 227, 255], Planes(Images(pack, PixelColour.Rgba)[2]));

        using IImageSource leaves = ImageSources.Open("synthetic:leaves#size=8,take=0..4");
        Assert.Equal(4, leaves.ReadWithAlpha(0).Colour.Channels());
        float[] rgb = Images(leaves, PixelColour.Rgb)[0];
        Assert.Equal([.. rgb, 1f, 1f, 1f, 1f], Images(leaves, PixelColour.Rgba)[0]);
    }

    [Fact]
    public void Small_versions_are_of_red_green_and_blue_only()
    {
        BatchPlan plan = Plan(PixelColour.Grey) with { Coarse = new CoarseImages { Scales = [2] } };
        Assert.Contains("not of Grey", Assert.Throws<UsageException>(plan.Validate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_mirror_image_and_the_cut_are_the_same_in_every_colour()
    {
        MemorySource source = new(3, i => TestImages.Noise(6, 5, i));
        BatchPlan plan = new() { Height = 4, Width = 4, BatchSize = 3, Seed = 9, Flip = true, Crop = CropRule.Random, ShortSide = 5 };
        float[] rgb = First(plan);
        float[] rgba = First(plan with { Colour = PixelColour.Rgba });
        float[] grey = First(plan with { Colour = PixelColour.Grey });
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(rgb[(i * 48)..((i + 1) * 48)], rgba[(i * 64)..((i * 64) + 48)]);
            for (int p = 0; p < 16; p++)
            {
                int[] c = [.. Enumerable.Range(0, 3).Select(k => Level(rgb[(i * 48) + (k * 16) + p]))];
                Assert.Equal(((299 * c[0]) + (587 * c[1]) + (114 * c[2]) + 500) / 1000, Level(grey[(i * 16) + p]));
            }
        }

        float[] First(BatchPlan plan)
        {
            using BatchLoader loader = new(source, plan, threads: 1);
            using ImageBatch batch = loader.Next(TestContext.Current.CancellationToken);
            return [.. batch.Pixels];
        }
    }

    private static (string Name, byte[] Content)[] Pngs()
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        return [.. Files.Select(file =>
        {
            byte[] line = [0, .. file.Pixel, .. file.Pixel];
            return (file.Name, PngFixture.Build(2, 2, 8, file.Type, [.. line, .. line]));
        })];
    }

    private static BatchPlan Plan(PixelColour colour) => new() { Height = 2, Width = 2, BatchSize = 4, Order = BatchOrder.Sequential, Colour = colour };

    private static float[][] Batch(PixelColour colour)
    {
        using TemporaryFolder folder = new();
        using IImageSource source = ImageSources.Open(FileStoreTests.Make(folder, "folder", Pngs()));
        Assert.Empty(source.Refused);
        return Images(source, colour);
    }

    private static float[][] Images(IImageSource source, PixelColour colour)
    {
        using BatchLoader loader = new(source, Plan(colour), threads: 1);
        using ImageBatch batch = loader.Next(TestContext.Current.CancellationToken);
        Assert.Equal(colour, batch.Colour);
        return [.. batch.Pixels.Chunk(4 * colour.Channels())];
    }

    private static int[] Planes(float[] image) => [.. image.Chunk(4).Select(plane => Level(Assert.Single(plane.Distinct())))];

    private static int Level(float value) => (int)Math.Round((value + 1) * 127.5);
}
