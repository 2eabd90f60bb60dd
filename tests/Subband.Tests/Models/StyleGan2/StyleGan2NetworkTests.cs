using Subband.Models.StyleGan2;
using Subband.Torch;

namespace Subband.Tests.Models.StyleGan2;

/// <summary>The forms of the networks beside the one of the public checkpoints.</summary>
public sealed class StyleGan2NetworkTests
{
    private static readonly StyleGan2Shape Small = new() { Doublings = 3, StyleWidth = 16, MappingLayers = 2, MostChannels = 12 };

    [Fact]
    public void The_authors_networks_of_256_pixels_have_as_many_parameters_as_theirs()
    {
        StyleGan2Shape paper = new() { Doublings = 6, Profile = StyleGan2Profile.Paper };
        using var random = new Generator(1);
        using var g = new StyleGan2Generator(paper, random);
        using var d = StyleGan2Discriminator.Of(paper, random);
        Assert.Equal((29_624_403, 24_543_745), (g.ParameterCount(), d.ParameterCount()));
        Assert.Equal(14, paper.Styles); // 2·log2(256) − 2
    }

    [Theory]
    [InlineData(PixelDomain.Wavelet, StyleGan2Profile.Rosinality)]
    [InlineData(PixelDomain.Wavelet, StyleGan2Profile.Paper)]
    [InlineData(PixelDomain.Image, StyleGan2Profile.Rosinality)]
    public void Every_parameter_of_both_networks_is_learned(PixelDomain domain, StyleGan2Profile profile)
    {
        var shape = Small with { Domain = domain, Profile = profile, Classes = 3 };
        AssertAllLearn(shape, shape);
    }

    [Theory]
    [InlineData(PixelDomain.Wavelet, PixelDomain.Image)]
    [InlineData(PixelDomain.Image, PixelDomain.Wavelet)]
    public void Either_network_may_be_of_bands_alone(PixelDomain generator, PixelDomain discriminator) =>
        AssertAllLearn(Small with { Domain = generator }, Small with { Domain = discriminator });

    [Fact]
    public void Bands_may_be_enlarged_by_learned_weights() =>
        AssertAllLearn(Small with { Enlargement = BandEnlargement.Learned }, Small);

    [Theory]
    [InlineData(StyleGan2Profile.Rosinality, 2)]
    [InlineData(StyleGan2Profile.Paper, 1)]
    public void The_bands_that_are_read_next_may_be_made_by_learned_weights_of_features_half_as_large(StyleGan2Profile profile, int end)
    {
        var learned = Small with { Profile = profile, Reduction = BandReduction.Learned };
        AssertAllLearn(Small, learned);
        Assert.Equal((end, end), learned.End);
        Assert.Equal((Small with { Profile = profile }).DiscriminatorChannels, learned.DiscriminatorChannels);
        using var random = new Generator(1);
        using var d = StyleGan2Discriminator.Of(learned, random);
        Assert.Equal(
            ["reductions.0.0.bias", "reductions.0.0.conv.weight", "reductions.0.1.bias", "reductions.0.1.conv.weight"],
            d.NamedParameters().Select(p => p.Name).Where(name => name.StartsWith("reductions.0.", StringComparison.Ordinal)).Order());
        Assert.Equal([3, 12, 1, 1], d.NamedParameters().Single(p => p.Name == "reductions.1.0.conv.weight").Tensor.Shape.ToArray());
    }

    [Theory]
    [InlineData(PixelDomain.Wavelet)]
    [InlineData(PixelDomain.Image)]
    public void Images_may_be_rectangles_of_any_number_of_colours(PixelDomain domain)
    {
        foreach (var colours in new[] { 1, 3, 4 })
        {
            using var scope = new TensorScope();
            var shape = Small with { Domain = domain, BaseHeight = 4, BaseWidth = 6, Colours = colours };
            var (image, logits) = Compute(shape, shape);
            Assert.Equal([4, colours, 32, 48], image.Shape.ToArray());
            Assert.Equal([4, 1], logits.Shape.ToArray());
        }
    }

    [Fact]
    public void The_authors_last_two_styles_change_nothing()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        using var g = new StyleGan2Generator(Small with { Profile = StyleGan2Profile.Paper }, random);
        var styles = Tensor.Randn([2, g.Shape.Styles, 16], random);
        var image = g.Forward(styles, g.Noises);
        var others = Tensor.Cat([styles.Narrow(1, 0, g.Shape.Styles - 2), Tensor.Randn([2, 2, 16], random)], 1);
        Assert.Equal(image.ToArray<float>(), g.Forward(others, g.Noises).ToArray<float>());
        var last = Tensor.Cat([styles.Narrow(1, 0, g.Shape.Styles - 3), Tensor.Randn([2, 3, 16], random)], 1);
        Assert.NotEqual(image.ToArray<float>(), g.Forward(last, g.Noises).ToArray<float>());
    }

    [Fact]
    public void A_discriminator_reads_bands_by_filters_of_one_pixel_as_older_checkpoints_do()
    {
        using var random = new Generator(1);
        using var d = StyleGan2Discriminator.Of(Small with { BandReader = 1 }, random);
        Assert.All(
            d.NamedParameters().Where(p => p.Name.StartsWith("from_rgbs.", StringComparison.Ordinal) && p.Name.EndsWith(".weight", StringComparison.Ordinal)),
            p => Assert.Equal(1, p.Tensor.Size(2)));
    }

    [Fact]
    public void A_network_that_knows_classes_wants_to_be_told_them_and_another_does_not()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        using var told = new MappingNetwork(16, 2, classes: 3, random);
        using var untold = new MappingNetwork(16, 2, classes: 0, random);
        var z = Tensor.Randn([2, 16], random);
        var classes = Tensor.From([0L, 2L], 2).OneHot(3).To(DType.Float32);
        Assert.Throws<ArgumentException>(() => told.Forward(z));
        Assert.Throws<ArgumentException>(() => untold.Forward(z, classes));
        using var d = StyleGan2Discriminator.Of(Small with { Classes = 3 }, random);
        Assert.Throws<ArgumentException>(() => d.Forward(Tensor.Randn([2, 3, 32, 32], random)));
    }

    [Fact]
    public void The_class_decides_what_is_made_and_how_it_is_judged()
    {
        using var scope = new TensorScope();
        var shape = Small with { Classes = 3 };
        using var random = new Generator(1);
        using var g = new StyleGan2Generator(shape, random);
        using var d = StyleGan2Discriminator.Of(shape, random);
        var z = Tensor.Randn([1, 16], random).Repeat(3, 1);
        var classes = Tensor.From([0L, 1L, 2L], 3).OneHot(3).To(DType.Float32);
        var w = g.Mapping.Forward(z, classes);
        Assert.True((w.Select(0, 0) - w.Select(0, 1)).Norm().Item() > 0.1);
        var same = Tensor.Randn([1, 3, 32, 32], random).Repeat(3, 1, 1, 1);
        var judged = d.Forward(same, classes).ToArray<float>();
        Assert.Equal(3, judged.Distinct().Count());
    }

    [Fact]
    public void Groups_that_the_images_do_not_fill_are_refused()
    {
        using var random = new Generator(1);
        using var d = StyleGan2Discriminator.Of(Small, random);
        using var images = Tensor.Randn([6, 3, 32, 32], random);
        var error = Assert.Throws<TensorShapeException>(() => d.Forward(images));
        Assert.Contains("divisible", error.Message, StringComparison.Ordinal);
    }

    private static void AssertAllLearn(StyleGan2Shape generator, StyleGan2Shape discriminator)
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        using var g = new StyleGan2Generator(generator, random);
        using var d = StyleGan2Discriminator.Of(discriminator, random);
        var (image, logits) = Compute(g, d, random);
        Assert.Equal([4, 3, 32, 32], image.Shape.ToArray());
        foreach (var (name, parameter) in g.NamedParameters().Concat(d.NamedParameters()))
        {
            var gradient = Autograd.Grad(logits.Sum(), [parameter], retainGraph: true)[0];
            Assert.True(gradient.Abs().Sum().Item() > 0, $"{name} has no gradient");
        }
    }

    private static (Tensor Image, Tensor Logits) Compute(StyleGan2Shape generator, StyleGan2Shape discriminator)
    {
        using var random = new Generator(1);
        using var g = new StyleGan2Generator(generator, random);
        using var d = StyleGan2Discriminator.Of(discriminator, random);
        return Compute(g, d, random);
    }

    private static (Tensor Image, Tensor Logits) Compute(StyleGan2Generator g, StyleGan2Discriminator d, Generator random)
    {
        var classes = g.Shape.Classes == 0 ? null : Tensor.From([0L, 1L, 2L, 0L], 4).OneHot(3).To(DType.Float32);
        var w = g.Mapping.Forward(Tensor.Randn([4, g.Shape.StyleWidth], random), classes);
        var image = g.Forward(w.Unsqueeze(1).Repeat(1, g.Shape.Styles, 1), g.NewNoises(4, random));
        return (image, d.Forward(image, classes));
    }
}
