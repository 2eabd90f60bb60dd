using Subband.Imaging;
using Subband.Torch;

namespace Subband.Tests.Imaging;

public sealed class TensorImagesTests
{
    [Theory]
    [InlineData(PixelRange.Unit)]
    [InlineData(PixelRange.Signed)]
    public void Every_level_survives_the_way_there_and_back(PixelRange range)
    {
        using var scope = new TensorScope();
        byte[] pixels = [.. Enumerable.Range(0, 256).SelectMany(v => new[] { (byte)v, (byte)(255 - v), (byte)(v ^ 0x55) })];
        var image = new Rgb8Image(32, 8, pixels);
        var other = new Rgb8Image(32, 8, new byte[pixels.Length]);
        Tensor tensor = TensorImages.ToTensor([image, other], range);

        Assert.Equal([2, 3, 8, 32], tensor.Shape.ToArray());
        Rgb8Image[] back = TensorImages.ToImages(tensor.Contiguous(MemoryFormat.ChannelsLast), range);
        Assert.Equal(pixels, back[0].Pixels);
        Assert.Equal(other.Pixels, back[1].Pixels);
        Assert.Equal((32, 8), (back[0].Width, back[0].Height));
    }

    [Fact]
    public void Channels_become_planes_in_the_stated_range()
    {
        using var scope = new TensorScope();
        var image = new Rgb8Image(2, 1, [0, 51, 255, 102, 153, 204]);
        Assert.Equal([0f, 0.4f, 0.2f, 0.6f, 1f, 0.8f], TensorImages.ToTensor([image], PixelRange.Unit).ToArray<float>());
        float[] signed = TensorImages.ToTensor([image], PixelRange.Signed).ToArray<float>();
        Assert.All(signed.Zip([-1f, -0.2f, -0.6f, 0.2f, 1f, 0.6f]), pair => Assert.Equal(pair.Second, pair.First, 1e-6f));
    }

    [Fact]
    public void Values_are_rounded_half_up_and_clamped()
    {
        using var scope = new TensorScope();
        float[] unit = [-3f, 0.5f / 255f, 0.49f / 255f, 1.001f, 1e30f, float.PositiveInfinity];
        Assert.Equal([0, 1, 0, 255, 255, 255], Samples(unit, PixelRange.Unit));
        float[] signed = [-1.5f, -1f, 0f, 1f, 2f, float.NegativeInfinity];
        Assert.Equal([0, 0, 128, 255, 255, 0], Samples(signed, PixelRange.Signed));

        // two pixels, whose planes are interleaved again
        static byte[] Samples(float[] values, PixelRange range)
        {
            byte[] p = TensorImages.ToImages(Tensor.From(values, 1, 3, 1, 2), range)[0].Pixels;
            return [p[0], p[3], p[1], p[4], p[2], p[5]];
        }
    }

    [Fact]
    public void What_is_no_batch_of_images_is_refused()
    {
        using var scope = new TensorScope();
        Assert.Throws<ArgumentException>(() => TensorImages.ToImages(Tensor.Zeros([3, 4, 4]), PixelRange.Unit));
        Assert.Throws<ArgumentException>(() => TensorImages.ToImages(Tensor.Zeros([1, 2, 4, 4]), PixelRange.Unit));
        Assert.Contains(
            "NaN",
            Assert.Throws<ArgumentException>(() => TensorImages.ToImages(Tensor.Full([1, 3, 1, 1], double.NaN), PixelRange.Unit)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => TensorImages.ToTensor([], PixelRange.Unit));
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => TensorImages.ToTensor([new Rgb8Image(1, 1, new byte[3]), new Rgb8Image(2, 1, new byte[6])], PixelRange.Unit));
        Assert.Contains("Picture 1 is 2x1, the first 1x1", error.Message, StringComparison.Ordinal);
    }
}
