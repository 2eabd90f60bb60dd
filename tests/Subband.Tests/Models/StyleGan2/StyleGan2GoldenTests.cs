using Subband.Models.StyleGan2;
using Subband.Torch;

namespace Subband.Tests.Models.StyleGan2;

/// <summary>
/// Both architectures of 64 pixels beside rosinality/stylegan2-pytorch (bef283a) with PyTorch 1.13, both in double precision, on the weights of
/// <see cref="HashedValues"/>.
/// </summary>
public sealed class StyleGan2GoldenTests
{
    private const double Relative = 4e-6; // the numbers have six digits, and the reference's Haar filters 0.49999997 for a half

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
    [InlineData(PixelDomain.Wavelet, -0.0599267, 1.6863574, -0.0857741, -0.4356232, -2.0267799, 1.4021208)]
    [InlineData(PixelDomain.Image, 1.2470159, 1.8960357, 0.3588377, 2.9178814, 0.9305437, 2.0518918)]
    public void A_generator_makes_the_images(PixelDomain domain, double mean, double deviation, double p0, double p1, double p2, double p3)
    {
        using var scope = new TensorScope();
        using var g = Generator(domain);
        var w = g.Mapping.Forward(Hashed(1000, 2, 512));
        AssertNear([4.094885, 3.493962, 2.248826], [.. w.ToArray<double>()[..3]]);

        var image = g.Forward(Same(w, g), g.Noises);

        AssertNear([mean, deviation], [image.Mean().Item(), image.Variance([0, 1, 2, 3]).Sqrt().Item()]);
        AssertNear([p0, p1, p2, p3], [At(image, 0, 0, 0, 0), At(image, 0, 1, 10, 20), At(image, 1, 2, 63, 63), At(image, 1, 0, 31, 32)]);
    }

    [Fact]
    public void Single_precision_makes_nearly_the_same_image()
    {
        using var scope = new TensorScope();
        using var exact = Generator(PixelDomain.Wavelet);
        using var single = Generator(PixelDomain.Wavelet, DType.Float32);
        var wanted = exact.Forward(Same(exact.Mapping.Forward(Hashed(1000, 2, 512)), exact), exact.Noises);
        var found = single.Forward(Same(single.Mapping.Forward(Hashed(1000, 2, 512).To(DType.Float32)), single), single.Noises);
        Assert.True((found.To(DType.Float64) - wanted).Norm().Item() < 1e-5 * wanted.Norm().Item());
    }

    [Theory]
    [InlineData(PixelDomain.Wavelet, 1.2432669, 1.2319202, -0.3031768, 0.1105686)]
    [InlineData(PixelDomain.Image, 1.5632718, 1.7894008, -0.6412881, 0.2274918)]
    public void Path_lengths_and_their_gradients_are_the_same(PixelDomain domain, double first, double second, double noiseGradient, double inputNorm)
    {
        using var scope = new TensorScope();
        using var g = Generator(domain);
        var styles = Same(g.Mapping.Forward(Hashed(1000, 2, 512)), g);
        var y = Hashed(3000, 2, 3, 64, 64) / 64;
        var image = g.Forward(styles, g.Noises);

        var gradient = Autograd.Grad((image * y).Sum(), [styles], createGraph: true)[0];     // [2, L, 512]
        var lengths = gradient.Square().Sum([2]).Mean([1]).Sqrt();
        AssertNear([first, second], [.. lengths.ToArray<double>()]);

        var parameters = g.NamedParameters().ToDictionary(p => p.Name, p => p.Tensor);
        var gradients = Autograd.Grad(lengths.Square().Mean(), [parameters["conv1.noise.weight"], parameters["input.input"]]);
        AssertNear([noiseGradient, inputNorm], [gradients[0].Item(), gradients[1].Norm().Item()]);
    }

    [Theory]
    [InlineData(PixelDomain.Wavelet, 0.5657232, 0.5955874, 0.00932247, 0.00123133, 2.7646246, 2.5833900)]
    [InlineData(PixelDomain.Image, -0.1286798, -0.1474776, 0.000690044, 0.000137740, -0.9116165, -1.6766000)]
    public void A_discriminator_judges_alike_and_so_do_its_gradients(
        PixelDomain domain, double first, double second, double penalty, double penaltyNorm, double made1, double made2)
    {
        using var scope = new TensorScope();
        using var d = Discriminator(domain);
        var image = (Hashed(3000, 2, 3, 64, 64) * 0.5).Detach();
        image.RequiresGrad = true;

        var judged = d.Forward(image);
        AssertNear([first, second], [.. judged.ToArray<double>()]);

        var gradient = Autograd.Grad(judged.Sum(), [image], createGraph: true)[0];
        var squared = gradient.Square().Sum([1, 2, 3]).Mean();
        AssertNear([penalty], [squared.Item()]);
        var weight = d.NamedParameters().Single(p => p.Name == "final_conv.0.weight").Tensor;
        AssertNear([penaltyNorm], [Autograd.Grad(squared, [weight])[0].Norm().Item()]);

        using var g = Generator(domain);
        var made = g.Forward(Same(g.Mapping.Forward(Hashed(1000, 2, 512)), g), g.Noises);
        AssertNear([made1, made2], [.. d.Forward(made.Detach()).ToArray<double>()]);
    }

    [Theory]
    [InlineData(PixelDomain.Wavelet, -0.1498014, 1.6008255, 0.3348276, 1.5732946)]
    [InlineData(PixelDomain.Image, 1.2905993, 1.6379334, 0.8899104, 2.2349637)]
    public void Styles_near_their_mean_and_mixed_ones_make_the_images(
        PixelDomain domain, double nearMean, double nearDeviation, double mixedMean, double mixedDeviation)
    {
        using var scope = new TensorScope();
        using var g = Generator(domain);
        var w = g.Mapping.Forward(Hashed(1000, 2, 512));
        var mean = g.Mapping.Forward(Hashed(1001, 16, 512)).Mean([0], keep: true);
        var near = g.Forward(Same(mean + ((w - mean) * 0.7), g), g.Noises);
        AssertNear([nearMean, nearDeviation], [near.Mean().Item(), near.Variance([0, 1, 2, 3]).Sqrt().Item()]);

        var one = w.Narrow(0, 0, 1).Unsqueeze(1).Expand(1, 4, -1);
        var other = w.Narrow(0, 1, 1).Unsqueeze(1).Expand(1, g.Shape.Styles - 4, -1);
        var mixed = g.Forward(Tensor.Cat([one, other], 1), g.Noises);
        AssertNear([mixedMean, mixedDeviation], [mixed.Mean().Item(), mixed.Variance([0, 1, 2, 3]).Sqrt().Item()]);
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

    private static StyleGan2Generator Generator(PixelDomain domain, DType dtype = DType.Float64)
    {
        using var random = new Generator(1);
        StyleGan2Generator g = new(Shape(domain), random);
        HashedValues.Fill(g);
        using var noGrad = Autograd.NoGrad();
        foreach (var (i, noise) in g.Noises.Index())
        {
            using var scope = new TensorScope();
            noise.CopyFrom(HashedValues.Of(2000 + i, noise.Shape.ToArray()));
        }

        g.To(dtype);
        return g;
    }

    private static StyleGan2Discriminator Discriminator(PixelDomain domain)
    {
        using var random = new Generator(1);
        var d = StyleGan2Discriminator.Of(Shape(domain), random);
        HashedValues.Fill(d);
        d.To(DType.Float64);
        return d;
    }

    // [N, 512] for every layer
    private static Tensor Same(Tensor w, StyleGan2Generator g) => w.Unsqueeze(1).Repeat(1, g.Shape.Styles, 1);

    private static double At(Tensor image, int n, int c, int y, int x) => image.Select(0, n).Select(0, c).Select(0, y).Select(0, x).Item();

    private static Tensor Hashed(long k, params long[] shape) => HashedValues.Of(k, shape).To(DType.Float64);

    private static void AssertNear(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach (var (wanted, found) in expected.Zip(actual))
        {
            Assert.True(Math.Abs(wanted - found) <= Relative * Math.Abs(wanted), $"{wanted} was expected, {found} found");
        }
    }
}
