using Subband.Torch;
using Subband.Training;

namespace Subband.Tests.Training;

/// <summary>What the augmentations do to known images, and that gradients pass.</summary>
public class DifferentiableAugmentationTests
{
    private const int Side = 16;

    [Fact]
    public void No_policy_returns_the_images_themselves()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        var images = Tensor.Randn([2, 3, Side, Side], random);
        Assert.Same(images, DifferentiableAugmentation.Apply(AugmentationPolicy.None, images, random));
    }

    [Fact]
    public void A_translation_moves_every_pixel_alike_by_at_most_an_eighth_and_brings_zeros_in()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        var images = Tensor.Randn([64, 3, Side, Side], random);
        var moved = DifferentiableAugmentation.Apply(AugmentationPolicy.Translation, images, random);
        var seen = new HashSet<(int, int)>();
        for (var n = 0; n < 64; n++)
        {
            seen.Add(FindShift(images.Select(0, n).ToArray<float>(), moved.Select(0, n).ToArray<float>()));
        }

        Assert.All(seen, shift => Assert.True(Math.Abs(shift.Item1) <= 2 && Math.Abs(shift.Item2) <= 2));
        Assert.True(seen.Count > 15, $"{seen.Count} of 25 shifts in 64 images"); // about 23 are expected
    }

    [Fact]
    public void Images_that_belong_together_change_alike()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        var image = Tensor.Randn([4, 3, Side, Side], random);
        var both = DifferentiableAugmentation.Apply(
            AugmentationPolicy.ColorTranslationCutout, Tensor.Cat([image, image], 1), random);
        // Contrast is about the mean of each image, so equal images stay equal.
        Assert.Equal(both.Narrow(1, 0, 3).ToArray<float>(), both.Narrow(1, 3, 3).ToArray<float>());
        Assert.NotEqual(image.ToArray<float>(), both.Narrow(1, 0, 3).ToArray<float>());
    }

    [Fact]
    public void A_cut_out_square_has_half_the_side_and_holds_nothing()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        var zeros = new List<int>();
        for (var i = 0; i < 20; i++)
        {
            // Colour changes keep a flat image flat and other than 0; translation and cut-out bring zeros.
            var image = Tensor.Full([1, 3, 2 * Side, 2 * Side], 5);
            var changed = DifferentiableAugmentation.Apply(AugmentationPolicy.ColorTranslationCutout, image, random);
            var inner = changed.Narrow(2, 4, 24).Narrow(3, 4, 24); // shifts reach in by 4 pixels at most
            zeros.Add(inner.ToArray<float>().Count(value => value == 0) / 3);
        }

        Assert.All(zeros, count => Assert.InRange(count, 4 * 4, 16 * 16));
        Assert.Contains(16 * 16, zeros);
    }

    [Fact]
    public void The_gradient_of_an_augmented_image_is_the_augmentation_transposed()
    {
        using var scope = new TensorScope();
        var image = Tensor.Zeros([1, 3, Side, Side]);
        image.RequiresGrad = true;
        using var first = new Generator(3);
        var changed = DifferentiableAugmentation.Apply(AugmentationPolicy.ColorTranslationCutout, image, first);
        using var other = new Generator(9);
        var weights = Tensor.Randn([1, 3, Side, Side], other);
        var gradient = Autograd.Grad((changed * weights).Sum(), [image])[0];

        // A finite difference along a random direction, with the same random numbers. The map is affine, so it is exact.
        var direction = Tensor.Randn([1, 3, Side, Side], other);
        using var second = new Generator(3);
        var moved = DifferentiableAugmentation.Apply(AugmentationPolicy.ColorTranslationCutout, direction, second);
        var expected = ((moved - changed.Detach()) * weights).Sum().Item();
        Assert.Equal(expected, (gradient * direction).Sum().Item(), 1e-3 * Math.Max(1, Math.Abs(expected)));
    }

    private static (int Down, int Right) FindShift(float[] before, float[] after)
    {
        for (var down = -3; down <= 3; down++)
        {
            for (var right = -3; right <= 3; right++)
            {
                if (Matches(before, after, down, right))
                {
                    return (down, right);
                }
            }
        }

        throw new InvalidOperationException("No shift by up to three pixels explains the image.");
    }

    private static bool Matches(float[] before, float[] after, int down, int right)
    {
        for (var i = 0; i < after.Length; i++)
        {
            var (plane, y, x) = (i / (Side * Side), i / Side % Side, i % Side);
            var (fromY, fromX) = (y + down, x + right);
            var isInside = fromY is >= 0 and < Side && fromX is >= 0 and < Side;
            var expected = isInside ? before[(plane * Side * Side) + (fromY * Side) + fromX] : 0;
            if (after[i] != expected)
            {
                return false;
            }
        }

        return true;
    }
}
