using Subband.Imaging;

namespace Subband.Tests.Imaging;

public sealed class MatlabResizeTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void The_small_images_of_Set5_come_out_bit_for_bit(int scale)
    {
        string[] files = Directory.GetFiles(TestData.Path("sr/Set5/HR"), "*.png");
        Assert.Equal(5, files.Length);
        foreach (string file in files)
        {
            Rgb8Image expected = ImageFile.ReadRgb8(TestData.Path($"sr/Set5/LRx{scale}/{Path.GetFileName(file)}"));
            Rgb8Image whole = ImageFile.ReadRgb8(file);

            Rgb8Image small = MatlabResize.Resize(whole.Cut(new PixelWindow(0, 0, expected.Width * scale, expected.Height * scale)), 1.0 / scale);

            Assert.Equal((expected.Width, expected.Height), (small.Width, small.Height));
            Assert.Equal(expected.Pixels, small.Pixels);
        }
    }
}
