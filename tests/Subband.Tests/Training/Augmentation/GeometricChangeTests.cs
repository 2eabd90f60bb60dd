using Subband.Torch;
using Subband.Training.Augmentation;

namespace Subband.Tests.Training.Augmentation;

/// <summary>Single maps against what they are known to do.</summary>
public sealed class GeometricChangeTests
{
    [Fact]
    public void Left_and_right_are_exchanged_exactly()
    {
        using var scope = new TensorScope();
        var images = Images(2, 3, 6, 9);
        AssertSame(images.Flip(3), Change(images, PlaneTransform.Scale(-1, 1)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Quarter_turns_are_exact(int turns)
    {
        using var scope = new TensorScope();
        var images = Images(2, 3, 7, 7);
        var expected = images;
        for (var i = 0; i < turns; i++)
        {
            expected = expected.Flip(3).Transpose(); // what is seen at (x, y) stood at (−y, x)
        }

        AssertSame(expected, Change(images, PlaneTransform.QuarterTurns(turns)));
    }

    [Fact]
    public void Whole_shifts_move_pixels_and_mirror_what_comes_in()
    {
        using var scope = new TensorScope();
        var images = Images(1, 1, 4, 5);
        var shifted = Change(images, PlaneTransform.Shift(-2, 1)); // to the right by two and up by one
        var (before, after) = (images.ToArray<float>(), shifted.ToArray<float>());
        int[] columns = [2, 1, 0, 1, 2];
        int[] rows = [1, 2, 3, 2];
        for (var i = 0; i < after.Length; i++)
        {
            Assert.Equal(before[(rows[i / 5] * 5) + columns[i % 5]], after[i]);
        }
    }

    [Fact]
    public void Each_image_has_its_own_map_and_the_identity_leaves_the_bits()
    {
        using var scope = new TensorScope();
        var images = Images(3, 1, 6, 6);
        var changed = GeometricChange.Apply(
            images, [PlaneTransform.Scale(-1, 1), PlaneTransform.Identity, PlaneTransform.Rotation(0.3)]);
        AssertSame(images.Narrow(0, 0, 1).Flip(3), changed.Narrow(0, 0, 1));
        AssertSame(images.Narrow(0, 1, 1), changed.Narrow(0, 1, 1));
        AssertSame(GeometricChange.Resample(images.Narrow(0, 2, 1), [PlaneTransform.Rotation(0.3)]), changed.Narrow(0, 2, 1));
    }

    [Theory]
    [InlineData(8, 8)]
    [InlineData(5, 12)]
    [InlineData(6, 5)]
    public void Resampling_shows_what_copying_shows(int height, int width)
    {
        using var scope = new TensorScope();
        var images = Images(1, 3, height, width).To(DType.Float64);
        AssertNear(images, GeometricChange.Resample(images, [PlaneTransform.Identity]), 1e-10);

        var shift = PlaneTransform.Shift(1, -1);
        AssertNear(Change(images, shift), GeometricChange.Resample(images, [shift]), 1e-10);
    }

    [Fact]
    public void Resampling_mirrors_a_smooth_image()
    {
        using var scope = new TensorScope();
        double[] wave = [.. Enumerable.Range(0, 25).Select(i => Math.Cos(Math.PI * i / 24))];
        var image = Tensor.From(wave, 1, 1, 1, 25).Expand(1, 1, 20, 25).Contiguous();
        AssertNear(-image, GeometricChange.Resample(image, [PlaneTransform.Scale(-1, 1)]), 0.02); // the filter is nearly symmetric
    }

    [Fact]
    public void A_flat_image_stays_flat_as_far_as_its_mirror_images_reach_and_beyond_lie_zeros()
    {
        using var scope = new TensorScope();
        var flat = Tensor.Ones([1, 1, 33, 33], DType.Float64);
        var turned = GeometricChange.Resample(flat, [PlaneTransform.Rotation(0.7).After(PlaneTransform.Shift(5.3, -2.1))]);
        AssertNear(flat, turned, 0.01); // the filter's two phases differ by 0.3 %

        // Ten times smaller, image and mirror images fill the middle 97 of 330 pixels: 9.7 of 33.
        var small = GeometricChange.Resample(flat, [PlaneTransform.Scale(10, 10)]).Select(1, 0).Select(1, 16).ToArray<double>();
        Assert.All(Enumerable.Range(13, 7), i => Assert.Equal(1, small[i], 0.1));
        Assert.All(Enumerable.Range(0, 6), i => Assert.Equal(0, small[i], 1e-12));
        Assert.All(Enumerable.Range(27, 6), i => Assert.Equal(0, small[i], 1e-12));
    }

    [Fact]
    public void A_smooth_bump_is_moved_turned_and_scaled_to_where_the_map_says()
    {
        using var scope = new TensorScope();
        const int Height = 40, Width = 48;
        var map = PlaneTransform.Rotation(0.6).After(PlaneTransform.Scale(0.8, 1.1)).After(PlaneTransform.Shift(2.3, -1.6));
        var source = Bump(Height, Width, (x, y) => (x, y));
        var found = GeometricChange.Resample(source, [map]);
        var expected = Bump(
            Height, Width, (x, y) => ((map.XX * x) + (map.XY * y) + map.X0, (map.YX * x) + (map.YY * y) + map.Y0));
        AssertNear(expected, found, 0.01);
    }

    [Fact]
    public void Many_images_are_done_in_groups_alike()
    {
        using var scope = new TensorScope();
        using var random = new Generator(3);
        var images = Tensor.Randn([6, 3, 256, 256], random);
        var maps = Enumerable.Range(0, 6).Select(i => PlaneTransform.Rotation(0.2 * (i + 1))).ToArray();
        var all = GeometricChange.Resample(images, maps);
        foreach (var i in new[] { 0, 5 })
        {
            AssertNear(GeometricChange.Resample(images.Narrow(0, i, 1), [maps[i]]), all.Narrow(0, i, 1), 1e-5);
        }
    }

    private static Tensor Images(params long[] shape)
    {
        using var random = new Generator(1);
        return Tensor.Randn(shape, random);
    }

    private static Tensor Change(Tensor images, PlaneTransform map) =>
        GeometricChange.Apply(images, Enumerable.Repeat(map, (int)images.Size(0)).ToArray());

    // [1, 1, H, W]: a round bump beside the centre, seen through a map of points
    private static Tensor Bump(int height, int width, Func<double, double, (double X, double Y)> map)
    {
        var values = new double[height * width];
        for (var i = 0; i < values.Length; i++)
        {
            var (x, y) = map((i % width) - ((width - 1) / 2.0), (i / width) - ((height - 1) / 2.0));
            values[i] = Math.Exp(-((Math.Pow(x - 4, 2) / 30) + (Math.Pow(y + 3, 2) / 12)));
        }

        return Tensor.From(values, 1, 1, height, width);
    }

    private static void AssertSame(Tensor expected, Tensor found)
    {
        Assert.Equal(expected.Shape.ToArray(), found.Shape.ToArray());
        Assert.Equal(expected.Contiguous().ToArray<float>(), found.Contiguous().ToArray<float>());
    }

    private static void AssertNear(Tensor expected, Tensor found, double tolerance)
    {
        Assert.Equal(expected.Shape.ToArray(), found.Shape.ToArray());
        var difference = (expected - found).Abs().Max().Item();
        Assert.True(difference <= tolerance, $"the largest difference is {difference}");
    }
}
