using Subband.Torch;
using Subband.Training;
using Subband.Training.Augmentation;

namespace Subband.Tests.Training.Augmentation;

/// <summary>What holds of all changes together: random numbers, chances, gradients, shapes.</summary>
public sealed class AdaptiveAugmentationTests
{
    private static readonly AdaptiveAugmentation All = new(AugmentationGroups.All);

    [Fact]
    public void Without_strength_images_stay_bit_by_bit()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        var images = Tensor.Randn([4, 3, 12, 10], random);
        Assert.Equal(Bits(images), Bits(All.Apply(images, 0, random)));
        Assert.Same(images, new AdaptiveAugmentation(AugmentationGroups.None).Apply(images, 1, random));
    }

    [Theory]
    [InlineData(AugmentationGroups.BlitGeometryColour)]
    [InlineData(AugmentationGroups.All)]
    public void As_many_random_numbers_are_drawn_whatever_comes_about(AugmentationGroups groups)
    {
        using var scope = new TensorScope();
        using var source = new Generator(1);
        var images = Tensor.Randn([4, 3, 8, 8], source);
        byte[][] states =
        [
            .. new[] { 0, 0.3, 1 }.Select(strength =>
            {
                using var random = new Generator(5);
                _ = new AdaptiveAugmentation(groups).Apply(images, strength, random);
                return random.State().ToArray<byte>();
            }),
        ];
        Assert.Equal(states[0], states[1]);
        Assert.Equal(states[0], states[2]);

        ChangeDraw draw = new(new float[ImageChange.Uniforms], new float[ImageChange.Normals], groups, 0.5);
        _ = ImageChange.Of(draw, 8, 8);
        Assert.Equal(0, draw.Left);
    }

    [Fact]
    public void The_same_state_of_the_generator_makes_the_same_images()
    {
        using var scope = new TensorScope();
        using var random = new Generator(3);
        var images = Tensor.Randn([8, 3, 16, 16], random);
        using var state = random.State();
        var first = All.Apply(images, 0.7, random).ToArray<float>();
        var other = All.Apply(images, 0.7, random).ToArray<float>();
        random.Restore(state);
        Assert.Equal(first, All.Apply(images, 0.7, random).ToArray<float>());
        Assert.NotEqual(first, other);
    }

    [Fact]
    public void Changes_come_about_as_often_as_the_strength_says()
    {
        const int Count = 40_000;
        const double Strength = 0.3;
        using var random = new Generator(11);
        var changes = Array.ConvertAll(
            ChangeDraw.ForBatch(Count, AugmentationGroups.All, Strength, random), draw => ImageChange.Of(draw, 64, 64));
        void AssertShare(double expected, Func<ImageChange, bool> holds)
        {
            var deviation = Math.Sqrt(expected * (1 - expected) / Count);
            Assert.InRange(changes.Count(holds) / (double)Count, expected - (4 * deviation), expected + (4 * deviation));
        }

        AssertShare(Strength / 2, change => (change.Map.XX * change.Map.YY) - (change.Map.XY * change.Map.YX) < 0);
        AssertShare(Strength / 2, change => change.Colour.Luma < 0);
        AssertShare(Strength, change => Math.Abs(change.Colour.Luma) != 1);
        AssertShare(Strength, change => Math.Abs(change.Colour.Chroma / Math.Abs(change.Colour.Luma) - 1) > 1e-12);
        AssertShare(Strength, change => change.Colour.Hue != 0);
        AssertShare(Strength, change => change.Colour.Offset != 0);
        AssertShare(1 - Math.Pow(1 - Strength, 4), change => change.BandGains.Any(gain => gain != 1));
        AssertShare(Strength, change => change.Noise != 0);
        AssertShare(Strength, change => change.Hole is not null);
        AssertShare(1 - Math.Pow(1 - Strength, 4), change => !change.Map.MovesWholePixels);

        // Rotations and nothing that stretches: both scalings are away.
        AssertShare(Math.Pow(1 - Strength, 2), change => Math.Abs(Scale(change.Map) - 1) < 1e-12 && IsRigid(change.Map));

        static double Scale(PlaneTransform map) => Math.Sqrt(Math.Abs((map.XX * map.YY) - (map.XY * map.YX)));
        static bool IsRigid(PlaneTransform map) => Math.Abs((map.XX * map.XX) + (map.YX * map.YX) - 1) < 1e-12;
    }

    [Fact]
    public void How_large_changes_are_has_the_deviations_of_the_paper()
    {
        const int Count = 40_000;
        using var random = new Generator(12);
        var changes = Array.ConvertAll(
            ChangeDraw.ForBatch(Count, AugmentationGroups.All & ~AugmentationGroups.Blit, 1, random), draw => ImageChange.Of(draw, 32, 64));
        void AssertDeviation(double expected, Func<ImageChange, double> value)
        {
            var found = Math.Sqrt(changes.Average(change => value(change) * value(change)));
            Assert.InRange(found, expected * 0.985, expected * 1.015); // four deviations of its estimate
        }

        // The area is multiplied by the square of a factor whose exponent has the deviation 0.2; the other scaling keeps it.
        AssertDeviation(0.2, change => Math.Log2(change.Map.XX * change.Map.YY - (change.Map.XY * change.Map.YX)) / 2);
        AssertDeviation(0.5, change => Math.Log2(Math.Abs(change.Colour.Luma)));
        AssertDeviation(1, change => Math.Log2(change.Colour.Chroma / Math.Abs(change.Colour.Luma)));
        AssertDeviation(Math.PI / Math.Sqrt(3), change => change.Colour.Hue);
        AssertDeviation(0.2, change => change.Colour.Offset / change.Colour.Luma);
        AssertDeviation(0.1, change => change.Noise);
    }

    [Theory]
    [InlineData(1, 9, 9)]
    [InlineData(3, 7, 12)]
    [InlineData(4, 12, 7)]
    [InlineData(3, 2, 2)]
    public void Images_of_any_size_keep_it(int channels, int height, int width)
    {
        using var scope = new TensorScope();
        using var random = new Generator(4);
        var images = Tensor.Randn([6, channels, height, width], random);
        var changed = All.Apply(images, 1, random);
        Assert.Equal(images.Shape.ToArray(), changed.Shape.ToArray());
        Assert.All(changed.ToArray<float>(), value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void A_gradient_is_the_transposed_map_and_the_gradient_of_its_length_equals_difference_quotients()
    {
        using var scope = new TensorScope();
        using var random = new Generator(6);
        var images = Tensor.Randn([3, 3, 6, 8], random, DType.Float64);
        images.RequiresGrad = true;

        // Not linear in the images, as a discriminator, so that its gradient depends on them.
        Tensor Gradient(Tensor x)
        {
            using var same = new Generator(9);
            return Autograd.Grad(All.Apply(x, 0.8, same).Pow(3).Sum(), [x], createGraph: true)[0];
        }

        double Loss(Tensor x)
        {
            using var inner = new TensorScope();
            using var same = new Generator(9);
            return All.Apply(x, 0.8, same).Pow(3).Sum().Item();
        }

        double Penalty(Tensor x)
        {
            using var inner = new TensorScope();
            x.RequiresGrad = true;
            return Gradient(x).Square().Sum().Item();
        }

        var first = Gradient(images);
        var second = Autograd.Grad(first.Square().Sum(), [images])[0];
        Assert.True(second.Norm().Item() > 1);
        for (var i = 0; i < 5; i++)
        {
            var step = Tensor.Randn([3, 3, 6, 8], random, DType.Float64) * 1e-5;
            var (above, below) = ((images.Detach() + step).Detach(), (images.Detach() - step).Detach());
            AssertNear((Loss(above) - Loss(below)) / 2, (first.Detach() * step).Sum().Item());
            AssertNear((Penalty(above) - Penalty(below)) / 2, (second * step).Sum().Item());
        }

        static void AssertNear(double expected, double found) => Assert.Equal(expected, found, 1e-6 * Math.Max(1e-3, Math.Abs(expected)));
    }

    [Fact]
    public void Under_autocast_it_computes_in_single_precision_and_returns_the_images_type()
    {
        using var scope = new TensorScope();
        using var random = new Generator(6);
        var images = Tensor.Randn([4, 3, 8, 8], random);
        using var one = new Generator(2);
        var expected = All.Apply(images, 1, one).ToArray<float>();
        using var autocast = new Autocast(DeviceType.Cpu);
        using var same = new Generator(2);
        Assert.Equal(expected, All.Apply(images, 1, same).ToArray<float>());
        Assert.Equal(DType.BFloat16, All.Apply(images.To(DType.BFloat16), 1, same).DType);
    }

    [Fact]
    public void What_it_cannot_change_is_refused()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        Assert.Contains("[N, C, H, W]", Assert.Throws<ArgumentException>(() => All.Apply(Tensor.Zeros([2, 2, 8, 8]), 0.5, random)).Message);
        Assert.Throws<ArgumentException>(() => All.Apply(Tensor.Zeros([2, 3, 1, 8]), 0.5, random));
        Assert.Throws<ArgumentException>(() => All.Apply(Tensor.Zeros([2, 3, 8, 8], DType.Int64), 0.5, random));
        Assert.Throws<ArgumentOutOfRangeException>(() => All.Apply(Tensor.Zeros([2, 3, 8, 8]), 1.1, random));
        Assert.Throws<ArgumentOutOfRangeException>(() => All.Apply(Tensor.Zeros([2, 3, 8, 8]), double.NaN, random));
    }

    [Fact]
    public void The_groups_and_their_combinations_are_values_of_a_setting()
    {
        var kind = SettingValue.For(typeof(AugmentationGroups))!;
        foreach (var groups in Enum.GetValues<AugmentationGroups>())
        {
            Assert.True(kind.TryParse(kind.Text(groups), out var read));
            Assert.Equal(groups, read);
        }

        Assert.Equal("blitGeometryColour", kind.Text(AugmentationGroups.BlitGeometryColour));
        Assert.StartsWith("none, blit, geometry, blitGeometry, colour", kind.Expected, StringComparison.Ordinal);
    }

    private static int[] Bits(Tensor tensor) => Array.ConvertAll(tensor.ToArray<float>(), BitConverter.SingleToInt32Bits);
}
