using Subband.Imaging;
using Subband.Tests.Data;
using Subband.Torch;

namespace Subband.Tests.Imaging;

public sealed class YcbcrTests
{
    // The corners of the colour cube by the formula of the standard.
    [Theory]
    [InlineData(0, 0, 0, 16, 128, 128)]
    [InlineData(255, 255, 255, 235, 128, 128)]
    [InlineData(255, 0, 0, 81.481, 90.203, 240)]
    [InlineData(0, 255, 0, 144.553, 53.797, 34.214)]
    [InlineData(0, 0, 255, 40.966, 240, 109.786)]
    [InlineData(100, 150, 200, 136.87941176, 157.37196078, 102.46784314)]
    public void Colours_have_the_brightness_and_differences_of_the_standard(byte r, byte g, byte b, double y, double cb, double cr)
    {
        Rgb8Image pixel = new(1, 1, [r, g, b]);
        Assert.Equal(y, Ycbcr.Luma(pixel)[0], 1e-8);
        Assert.All(Ycbcr.FromRgb(pixel).Zip((double[])[y, cb, cr]), pair => Assert.Equal(pair.Second, pair.First, 1e-8));
    }

    [Fact]
    public void A_picture_comes_back_from_its_planes_as_it_was()
    {
        Rgb8Image image = TestImages.Noise(23, 17, 5);
        Assert.Equal(image.Pixels, Ycbcr.ToRgb(Ycbcr.FromRgb(image), 23, 17).Pixels);
    }

    [Fact]
    public void Colours_that_RGB_has_not_become_the_nearest_levels() =>
        Assert.Equal([255, 109, 0], Ycbcr.ToRgb([150, 16, 240], 1, 1).Pixels);

    [Fact]
    public void Tensors_are_converted_as_pictures_are_and_back()
    {
        using TensorScope scope = new();
        Rgb8Image image = TestImages.Noise(23, 17, 6);
        Tensor rgb = TensorImages.ToTensor([image], PixelRange.Unit);
        double[] expected = Ycbcr.FromRgb(image);

        Tensor converted = Ycbcr.FromRgb(rgb);

        Assert.Equal([1, 3, 17, 23], converted.Shape.ToArray());
        Assert.All(expected.Zip(converted.ToArray<float>()), pair => Assert.Equal(pair.First, 255 * pair.Second, 1e-4));
        Assert.All(expected.Take(17 * 23).Zip(Ycbcr.Luma(rgb).ToArray<float>()), pair => Assert.Equal(pair.First, 255 * pair.Second, 1e-4));
        Assert.True((Ycbcr.ToRgb(converted) - rgb).Abs().Max().Item() < 1e-6);
    }

    [Fact]
    public void Gradients_flow_through_the_brightness()
    {
        using TensorScope scope = new();
        Tensor rgb = Tensor.Ones([1, 3, 2, 2]);
        rgb.RequiresGrad = true;
        Tensor gradient = Autograd.Grad(Ycbcr.Luma(rgb).Sum(), [rgb])[0];
        Assert.Equal(128.553 / 255, gradient.Select(1, 1).Max().Item(), 1e-6);
    }

    [Fact]
    public void Planes_of_another_number_are_refused()
    {
        using TensorScope scope = new();
        _ = Assert.Throws<ArgumentException>(() => Ycbcr.ToRgb(new double[5], 1, 1));
        _ = Assert.Throws<ArgumentException>(() => Ycbcr.Luma(Tensor.Zeros([1, 1, 4, 4])));
    }
}
