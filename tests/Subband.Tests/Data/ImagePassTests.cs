using Subband.Data;
using Subband.Imaging;

namespace Subband.Tests.Data;

public sealed class ImagePassTests
{
    private static readonly BatchPlan Plan = new() { Height = 6, Width = 6, BatchSize = 7, Flip = true, Crop = CropRule.Random, RequireLabels = true };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_image_comes_once_in_order_and_unchanged_where_it_fits()
    {
        using MemorySource source = new(300, i => TestImages.Noise(6, 6, i));
        ImageBytes[] parts = [.. ImagePass.Over(source, Plan, stop: Stop)];
        Assert.Equal(Enumerable.Range(0, 300).Select(i => (long)i), parts.SelectMany(part => part.Items));
        Rgb8Image expected = TestImages.Noise(6, 6, 299);
        ReadOnlySpan<byte> last = parts[^1].Pixels.AsSpan(^(3 * 36));
        for (int p = 0; p < 3 * 36; p++)
        {
            Assert.Equal(expected.Pixels[(p % 36 * 3) + (p / 36)], last[p]);
        }
    }

    [Fact]
    public void Images_that_cannot_be_decoded_are_left_out_and_no_other_comes_twice()
    {
        using MemorySource source = new(10, i => i is 3 or 9 ? throw new ImageFileException($"item {i}", "is broken.") : TestImages.Noise(6, 6, i));
        Assert.Equal([0, 1, 2, 4, 5, 6, 7, 8], ImagePass.Over(source, Plan, stop: Stop).SelectMany(part => part.Items));
    }

    [Fact]
    public void Fewer_images_lie_evenly_in_the_source()
    {
        using MemorySource source = new(10, i => TestImages.Noise(6, 6, i));
        Assert.Equal([0, 2, 5, 7], ImagePass.Over(source, Plan, count: 4, stop: Stop).SelectMany(part => part.Items));
    }

    [Fact]
    public void Of_a_source_without_end_the_first_are_taken_and_a_number_is_demanded()
    {
        using MemorySource source = new(null, i => TestImages.Noise(6, 6, i));
        Assert.Equal([0, 1, 2], ImagePass.Over(source, Plan, count: 3, stop: Stop).SelectMany(part => part.Items));
        Assert.Throws<UsageException>(() => ImagePass.Over(source, Plan, stop: Stop));
    }

    [Fact]
    public void A_single_picture_is_prepared_as_in_a_pass()
    {
        using MemorySource source = new(5, i => TestImages.Noise(14, 9, i));
        ImageBytes all = Assert.Single(ImagePass.Over(source, Plan, stop: Stop));
        Rgb8Image third = ImagePass.Picture(source, Plan, 3);
        Assert.Equal((6, 6), (third.Width, third.Height));
        Assert.Equal(all.Pixels[3 * 3 * 36], third.Pixels[0]);
        Assert.Equal(all.Pixels[(3 * 3 * 36) + 36], third.Pixels[1]);
        Assert.Equal(all.Pixels[(4 * 3 * 36) - 1], third.Pixels[^1]);
    }
}
