using Subband.Imaging;
using Subband.Torch;

namespace Subband.Tests.Imaging;

public sealed class Image8Tests
{
    // 0.299 R + 0.587 G + 0.114 B of BT.601, as numpy.floor(x + 0.5) gives it; Pillow's convert("L") gives the same.
    [Theory]
    [InlineData(255, 0, 0, 76)]
    [InlineData(0, 255, 0, 150)]
    [InlineData(0, 0, 255, 29)]
    [InlineData(10, 200, 90, 131)]
    [InlineData(255, 255, 255, 255)]
    [InlineData(0, 0, 0, 0)]
    public void Colours_become_grey_by_their_brightness(byte r, byte g, byte b, byte expected) =>
        Assert.Equal([expected], Image8.Of(1, 1, PixelColour.Rgb, [r, g, b]).To(PixelColour.Grey).Pixels);

    [Fact]
    public void Grey_is_the_brightness_of_the_literature_in_its_full_range()
    {
        Rgb8Image image = Subband.Tests.Data.TestImages.Noise(16, 16, 3);
        double[] luma = Ycbcr.Luma(image);
        Assert.All(Ycbcr.Grey(image).Zip(luma), pair => Assert.InRange(pair.First - ((pair.Second - 16) * 255 / 219), -0.5001, 0.5001));
    }

    [Fact]
    public void Every_grey_stays_what_it_is()
    {
        byte[] levels = [.. Enumerable.Range(0, 256).Select(v => (byte)v)];
        Image8 grey = Image8.Of(256, 1, PixelColour.Grey, levels);
        Assert.Equal(levels, grey.ToRgb().To(PixelColour.Grey).Pixels);
        Assert.Equal(levels, grey.To(PixelColour.Rgba).To(PixelColour.Grey).Pixels);
        Assert.Same(grey, grey.To(PixelColour.Grey));
    }

    [Fact]
    public void What_is_transparent_lies_on_white_in_colour_and_keeps_its_colour_beside_its_opacity()
    {
        Image8 image = Image8.Of(3, 1, PixelColour.Rgba, [10, 20, 30, 255, 0, 100, 200, 128, 1, 2, 3, 0]);
        // c a/255 + 255 (255 - a)/255: 100 · 128/255 + 127 = 177.196, 200 · 128/255 + 127 = 227.39
        Assert.Equal([10, 20, 30, 127, 177, 227, 255, 255, 255], image.ToRgb().Pixels);
        Assert.Equal([18, 168, 255], image.To(PixelColour.Grey).Pixels);
        Assert.Equal([10, 20, 30, 255], Image8.Of(1, 1, PixelColour.Rgb, [10, 20, 30]).To(PixelColour.Rgba).Pixels);
        Assert.Equal([7, 7, 7, 255], Image8.Of(1, 1, PixelColour.Grey, [7]).To(PixelColour.Rgba).Pixels);
    }

    [Fact]
    public void Samples_that_are_not_as_many_as_the_pixels_ask_for_are_refused()
    {
        Assert.IsType<Rgb8Image>(Image8.Of(1, 1, PixelColour.Rgb, [1, 2, 3]));
        Assert.Contains("2x1 pixels of Rgba are 8 bytes", Assert.Throws<ArgumentException>(
            () => Image8.Of(2, 1, PixelColour.Rgba, new byte[6])).Message, StringComparison.Ordinal);
    }

    // PNG colour types: 0 grey, 2 RGB, 4 grey and alpha, 6 RGB and alpha.
    [Theory]
    [InlineData(0, 8, new[] { 80 }, new byte[] { 80, 80, 80, 255 })]
    [InlineData(2, 8, new[] { 80, 90, 100 }, new byte[] { 80, 90, 100, 255 })]
    [InlineData(4, 8, new[] { 80, 51 }, new byte[] { 80, 80, 80, 51 })]
    [InlineData(6, 8, new[] { 80, 90, 100, 51 }, new byte[] { 80, 90, 100, 51 })]
    [InlineData(6, 8, new[] { 80, 90, 100, 0 }, new byte[] { 80, 90, 100, 0 })]
    [InlineData(6, 16, new[] { 257 * 80, 257 * 90, 257 * 100, 257 * 51 }, new byte[] { 80, 90, 100, 51 })]
    public void Files_of_every_kind_are_read_with_their_opacity(byte type, byte depth, int[] samples, byte[] expected)
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        byte[] png = PngFixture.Build(1, 1, depth, type, PngFixture.Line(depth, samples));
        Image8 image = ImageFile.DecodeRgba8(png, "x");
        Assert.Equal(PixelColour.Rgba, image.Colour);
        Assert.Equal(expected, image.Pixels);
    }

    [Theory]
    [InlineData(PixelColour.Grey, 0)]
    [InlineData(PixelColour.Rgb, 2)]
    [InlineData(PixelColour.Rgba, 6)]
    public void Each_colour_is_written_as_a_PNG_of_its_kind_and_read_back(PixelColour colour, int type)
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        const int ColourTypeOffset = 25; // behind signature, length and name of IHDR, width, height and depth
        using TemporaryFolder folder = new();
        byte[] samples = [.. Enumerable.Range(0, 6 * colour.Channels()).Select(i => (byte)(40 * i))];
        Image8 image = Image8.Of(3, 2, colour, samples);
        ImageFile.WritePng(folder["x.png"], image, new Dictionary<string, string> { ["Description"] = "x" });
        Assert.Equal(type, File.ReadAllBytes(folder["x.png"])[ColourTypeOffset]);
        Image8 back = colour == PixelColour.Rgba ? ImageFile.ReadRgba8(folder["x.png"]) : ImageFile.ReadRgb8(folder["x.png"]);
        Assert.Equal(samples, back.To(colour).Pixels);
    }

    [Theory]
    [InlineData(PixelColour.Grey)]
    [InlineData(PixelColour.Rgb)]
    [InlineData(PixelColour.Rgba)]
    public void Pictures_go_to_tensors_and_back(PixelColour colour)
    {
        using TensorScope scope = new();
        int channels = colour.Channels();
        byte[] samples = [.. Enumerable.Range(0, 6 * channels).Select(i => (byte)(10 * i))];
        Tensor tensor = TensorImages.ToTensor([Image8.Of(3, 2, colour, samples)], PixelRange.Signed);
        Assert.Equal([1, channels, 2, 3], tensor.Shape.ToArray());
        Assert.Equal((samples[(1 * channels) + channels - 1] / 127.5f) - 1, tensor.ToArray<float>()[((channels - 1) * 6) + 1], 1e-6);
        Image8 back = Assert.Single(TensorImages.ToPictures(tensor, PixelRange.Signed));
        Assert.Equal(colour, back.Colour);
        Assert.Equal(samples, back.Pixels);
        Assert.Equal(back.ToRgb().Pixels, Assert.Single(TensorImages.ToImages(tensor, PixelRange.Signed)).Pixels);
        Assert.Equal(back.ToRgb().Pixels, Assert.Single(TensorImages.ToImages(TensorImages.ToRgb(tensor, PixelRange.Signed), PixelRange.Signed)).Pixels);
    }

    [Fact]
    public void Gradients_flow_through_what_lies_on_white()
    {
        using TensorScope scope = new();
        Tensor images = Tensor.From([0.5f, -0.5f, 0f, 0.2f], 1, 4, 1, 1);
        images.RequiresGrad = true;
        float[] gradient = Autograd.Grad(TensorImages.ToRgb(images, PixelRange.Signed).Sum(), [images])[0].ToArray<float>();
        // 1 + (c - 1) (a + 1)/2: by c it is 0.6, by a the sum of (c - 1)/2
        Assert.Equal([0.6f, 0.6f, 0.6f, -1.5f], gradient, (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Pictures_of_different_colours_make_no_batch()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => TensorImages.ToTensor(
            [Image8.Of(1, 1, PixelColour.Grey, [1]), Image8.Of(1, 1, PixelColour.Rgb, [1, 2, 3])], PixelRange.Unit));
        Assert.Contains("Picture 1 is Rgb, the first Grey", error.Message, StringComparison.Ordinal);
    }
}
