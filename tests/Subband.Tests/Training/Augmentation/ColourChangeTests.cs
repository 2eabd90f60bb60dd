using Subband.Torch;
using Subband.Training.Augmentation;

namespace Subband.Tests.Training.Augmentation;

/// <summary>Single changes of colours against their formulas.</summary>
public sealed class ColourChangeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Brightness_is_added_and_contrast_multiplies_what_has_it(int channels)
    {
        using var scope = new TensorScope();
        var images = Images(channels);
        AssertNear(images + 0.25, Change(images, ColourChange.Identity with { Offset = 0.25 }));
        AssertNear(images * 1.5 + 0.3, Change(images, new(1.5, 1.5, 0, 0.3)));
    }

    [Fact]
    public void A_turned_hue_keeps_luma_and_saturation_and_a_third_of_a_turn_exchanges_the_channels()
    {
        using var scope = new TensorScope();
        var images = Images(3);
        var turned = Change(images, ColourChange.Identity with { Hue = 1.1 });
        AssertNear(images.Mean([1]), turned.Mean([1]));
        AssertNear(Chroma(images).Norm(2, [1]), Chroma(turned).Norm(2, [1]));
        AssertNear((Chroma(images) * Chroma(turned)).Sum([1]), Chroma(images).Square().Sum([1]) * Math.Cos(1.1));

        var third = Change(images, ColourChange.Identity with { Hue = 2 * Math.PI / 3 });
        AssertNear(images.Roll(1, 1), third); // red goes to green
    }

    [Fact]
    public void Saturation_multiplies_chroma_alone_and_0_leaves_greys()
    {
        using var scope = new TensorScope();
        var images = Images(3);
        var luma = images.Mean([1], keep: true);
        AssertNear(luma.Expand(-1, 3, -1, -1), Change(images, ColourChange.Identity with { Chroma = 0 }));
        AssertNear(luma + (Chroma(images) * 2.5), Change(images, ColourChange.Identity with { Chroma = 2.5 }));
    }

    [Fact]
    public void A_flipped_luma_is_negative_and_chroma_stays()
    {
        using var scope = new TensorScope();
        var images = Images(3);
        AssertNear(Chroma(images) - images.Mean([1], keep: true), Change(images, ColourChange.Identity with { Luma = -1 }));
        var greys = Images(1);
        AssertNear(-greys, Change(greys, ColourChange.Identity with { Luma = -1 }));
    }

    [Fact]
    public void Greys_have_neither_hue_nor_saturation_and_opacity_stays()
    {
        using var scope = new TensorScope();
        var greys = Images(1);
        Assert.Equal(greys.ToArray<double>(), Change(greys, new(1, 3, 1, 0)).ToArray<double>());

        var images = Images(4);
        ColourChange change = new(-0.7, 1.2, 2, 0.4);
        var changed = Change(images, change);
        AssertNear(Change(images.Narrow(1, 0, 3), change), changed.Narrow(1, 0, 3));
        Assert.Equal(images.Narrow(1, 3, 1).ToArray<double>(), changed.Narrow(1, 3, 1).ToArray<double>());
    }

    private static Tensor Images(int channels)
    {
        using var random = new Generator(1);
        return Tensor.Randn([3, channels, 4, 5], random, DType.Float64);
    }

    private static Tensor Chroma(Tensor images) => images - images.Mean([1], keep: true);

    private static Tensor Change(Tensor images, ColourChange change) => ColourChange.Apply(images, [change, change, change]);

    private static void AssertNear(Tensor expected, Tensor found) => Assert.True((expected - found).Abs().Max().Item() < 1e-12);
}
