using Subband.Models.StyleGan2;
using Subband.Torch;

namespace Subband.Tests.Models.StyleGan2;

/// <summary>
/// Both architectures beside PyTorch, both in double precision, on the weights of <see cref="HashedValues"/>. The numbers are those of
/// <c>stylegan2_golden.py</c>, whose networks are held against rosinality/stylegan2-pytorch (bef283a).
/// </summary>
public sealed class StyleGan2GoldenTests
{
    private const double Relative = 4e-6; // the reference's Haar filters have 0.49999997 for a half

    public static TheoryData<string> Networks =>
    [
        "swagan-64", "stylegan2-64", "swagan-32", "stylegan2-32", "swagan-16", "stylegan2-16",
        "swagan-paper-16", "swagan-paper-32", "swagan-nu-16", "swagan-nu-32",
    ];

    [Theory]
    [InlineData(PixelDomain.Wavelet, 21_541_943, 20_941_825)]
    [InlineData(PixelDomain.Image, 27_032_600, 26_488_833)]
    public void The_networks_have_as_many_parameters(PixelDomain domain, long generator, long discriminator)
    {
        using var random = new Generator(1);
        using var g = new StyleGan2Generator(Shape(domain), random);
        using var d = StyleGan2Discriminator.Of(Shape(domain), random);
        Assert.Equal((generator, discriminator), (g.ParameterCount(), d.ParameterCount()));
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_generator_makes_the_images(string network)
    {
        using var scope = new TensorScope();
        StyleGan2Golden golden = new(network);
        using var g = golden.Generator();
        var w = g.Mapping.Forward(golden.Latents(1000, 2));
        AssertNear(golden["style"], [.. w.ToArray<double>()[..3]]);

        var image = g.Forward(Same(w, g), g.Noises);

        AssertNear(golden["image"], Statistics(image));
        AssertNear([.. golden.Pixels.Select(pixel => pixel.Value)], [.. golden.Pixels.Select(pixel => At(image, pixel.N, pixel.C, pixel.Y, pixel.X))]);
    }

    [Fact]
    public void Single_precision_makes_nearly_the_same_image()
    {
        using var scope = new TensorScope();
        StyleGan2Golden golden = new("swagan-64");
        using var exact = golden.Generator();
        using var single = golden.Generator(DType.Float32);
        var z = golden.Latents(1000, 2);
        var wanted = exact.Forward(Same(exact.Mapping.Forward(z), exact), exact.Noises);
        var found = single.Forward(Same(single.Mapping.Forward(z.To(DType.Float32)), single), single.Noises);
        Assert.True((found.To(DType.Float64) - wanted).Norm().Item() < 1e-5 * wanted.Norm().Item());
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Path_lengths_and_their_gradients_are_the_same(string network)
    {
        using var scope = new TensorScope();
        StyleGan2Golden golden = new(network);
        using var g = golden.Generator();
        var styles = Same(g.Mapping.Forward(golden.Latents(1000, 2)), g);
        var y = golden.Images(3000, 2) / g.Shape.Height;
        var image = g.Forward(styles, g.Noises);

        var gradient = Autograd.Grad((image * y).Sum(), [styles], createGraph: true)[0];     // [2, L, width]
        var lengths = gradient.Square().Sum([2]).Mean([1]).Sqrt();
        AssertNear(golden["path_lengths"], [.. lengths.ToArray<double>()]);

        var parameters = g.NamedParameters().ToDictionary(p => p.Name, p => p.Tensor);
        var gradients = Autograd.Grad(lengths.Square().Mean(), [parameters["conv1.noise.weight"], parameters["input.input"]]);
        AssertNear(golden["path_gradients"][..2], [gradients[0].Item(), gradients[1].Norm().Item()]);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_discriminator_judges_alike_and_so_do_its_gradients(string network)
    {
        using var scope = new TensorScope();
        StyleGan2Golden golden = new(network);
        using var d = golden.Discriminator();
        var image = (golden.Images(3000, 2) * 0.5).Detach();
        image.RequiresGrad = true;

        var judged = d.Forward(image);
        AssertNear(golden["scores"], [.. judged.ToArray<double>()]);

        var gradient = Autograd.Grad(judged.Sum(), [image], createGraph: true)[0];
        var squared = gradient.Square().Sum([1, 2, 3]).Mean();
        var weight = d.NamedParameters().Single(p => p.Name == "final_conv.0.weight").Tensor;
        AssertNear(golden["r1"][..2], [squared.Item(), Autograd.Grad(squared, [weight])[0].Norm().Item()]);

        using var g = golden.Generator();
        var made = g.Forward(Same(g.Mapping.Forward(golden.Latents(1000, 2)), g), g.Noises);
        AssertNear(golden["scores_of_image"], [.. d.Forward(made.Detach()).ToArray<double>()]);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Styles_near_their_mean_and_mixed_ones_make_the_images(string network)
    {
        using var scope = new TensorScope();
        StyleGan2Golden golden = new(network);
        using var g = golden.Generator();
        var w = g.Mapping.Forward(golden.Latents(1000, 2));
        var mean = g.Mapping.Forward(golden.Latents(1001, 16)).Mean([0], keep: true);
        AssertNear(golden["near_mean"], Statistics(g.Forward(Same(mean + ((w - mean) * 0.7), g), g.Noises)));

        var one = w.Narrow(0, 0, 1).Unsqueeze(1).Expand(1, golden.Crossover, -1);
        var other = w.Narrow(0, 1, 1).Unsqueeze(1).Expand(1, g.Shape.Styles - golden.Crossover, -1);
        AssertNear(golden["mixed"], Statistics(g.Forward(Tensor.Cat([one, other], 1), g.Noises)));
    }

    [Fact]
    public void The_names_are_those_of_the_checkpoints()
    {
        using var random = new Generator(1);
        using var g = new StyleGan2Generator(Shape(PixelDomain.Wavelet), random);
        string[] names = [.. g.NamedParameters().Select(p => p.Name)];
        Assert.Equal(68, names.Length);
        Assert.Equal(
            ["style.1.weight", "style.1.bias", "style.2.weight"],
            names[..3]);
        Assert.Equal(
            [
                "input.input", "conv1.conv.weight", "conv1.conv.modulation.weight", "conv1.conv.modulation.bias", "conv1.noise.weight", "conv1.activate.bias",
                "to_rgb1.bias", "to_rgb1.conv.weight", "to_rgb1.conv.modulation.weight", "to_rgb1.conv.modulation.bias", "convs.0.conv.weight",
            ],
            names[16..27]);
        Assert.Equal("noises.noise_6", g.NamedBuffers().Last().Name);
        Assert.Equal([1, 1, 32, 32], g.Noises[^1].Shape.ToArray());

        using var d = StyleGan2Discriminator.Of(Shape(PixelDomain.Wavelet), random);
        Assert.Equal(
            ["from_rgbs.0.conv.0.weight", "from_rgbs.0.conv.1.bias"], d.NamedParameters().Take(2).Select(p => p.Name));
        Assert.Contains("convs.2.conv2.2.bias", d.NamedParameters().Select(p => p.Name));
        using var plain = StyleGan2Discriminator.Of(Shape(PixelDomain.Image), random);
        Assert.Equal(
            [
                "convs.0.0.weight", "convs.0.1.bias", "convs.1.conv1.0.weight", "convs.1.conv1.1.bias", "convs.1.conv2.1.weight", "convs.1.conv2.2.bias",
                "convs.1.skip.1.weight",
            ],
            plain.NamedParameters().Take(7).Select(p => p.Name));
    }

    private static StyleGan2Shape Shape(PixelDomain domain) => new() { Doublings = 4, Domain = domain };

    // [N, width] for every layer
    private static Tensor Same(Tensor w, StyleGan2Generator g) => w.Unsqueeze(1).Repeat(1, g.Shape.Styles, 1);

    private static double At(Tensor image, int n, int c, int y, int x) => image.Select(0, n).Select(0, c).Select(0, y).Select(0, x).Item();

    private static double[] Statistics(Tensor image) => [image.Mean().Item(), image.Variance([0, 1, 2, 3]).Sqrt().Item()];

    private static void AssertNear(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach (var (wanted, found) in expected.Zip(actual))
        {
            Assert.True(Math.Abs(wanted - found) <= Relative * Math.Abs(wanted), $"{wanted} was expected, {found} found");
        }
    }
}
