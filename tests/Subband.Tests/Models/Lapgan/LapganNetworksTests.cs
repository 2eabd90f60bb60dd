using System.Text.Json;
using Subband.Models;
using Subband.Models.Lapgan;
using Subband.Torch;
using Subband.Torch.Modules;
using static Subband.Tests.Models.Lapgan.GoldenFill;

namespace Subband.Tests.Models.Lapgan;

/// <summary>The published networks against PyTorch (<c>lapgan_golden.py</c>) and against the parameter counts of the papers' layers.</summary>
public class LapganNetworksTests
{
    private const double Tolerance = 2e-4; // float32 here, float64 there, over a few thousand products

    private static readonly Lazy<Dictionary<string, double[]>> Golden = new(() =>
        JsonSerializer.Deserialize<Dictionary<string, double[]>>(File.ReadAllText(
            Path.Combine(TestData.RepositoryRoot, "tests", "Subband.Tests", "Models", "Lapgan", "lapgan_golden.json")))!);

    [Theory]
    [InlineData("plainGenerator", 0)]
    [InlineData("plainGeneratorClasses", 10)]
    [InlineData("fullGenerator", 0)]
    [InlineData("fullGeneratorClasses", 10)]
    [InlineData("largeGenerator", 0)]
    public void A_generator_gives_what_PyTorch_gives_on_the_same_weights(string name, int classes)
    {
        using var scope = new TensorScope();
        using var random = new Generator(0);
        using LevelGenerator network = name switch
        {
            ['p', ..] => new PlainGenerator(16, 8, 7, 1, classes, random),
            ['f', ..] => new FullyConnectedGenerator(8, 100, [24, 16], HiddenActivation.ReluSigmoid, 0.5, false, classes, random, random),
            _ => new LargeGenerator(16, 1, random, random),
        };
        Fill(network);
        bool isBand = name[0] != 'f';
        var noise = isBand ? Filled(101, 1, 2, 1, 16, 16) : Filled(104, 1, 2, 100);
        var image = network.Forward(noise, isBand ? Filled(102, 1, 2, 3, 16, 16) : null, Labels(classes));
        AssertClose(Golden.Value[name], [.. image.Contiguous().ToArray<float>().Where((_, i) => i % 97 == 0)]);
    }

    [Theory]
    [InlineData("plainDiscriminator", 0)]
    [InlineData("plainDiscriminatorClasses", 10)]
    [InlineData("fullDiscriminator", 0)]
    [InlineData("fullDiscriminatorClasses", 10)]
    [InlineData("largeDiscriminator", 0)]
    public void A_discriminator_gives_what_PyTorch_gives_on_the_same_weights(string name, int classes)
    {
        using var scope = new TensorScope();
        using var random = new Generator(0);
        float[] Judge(LevelDiscriminator network, int number, int size)
        {
            using (network)
            {
                Fill(network);
                return network.Forward(Filled(number, 1, 2, 3, size, size), null, Labels(classes)).ToArray<float>();
            }
        }

        float[] logits = name switch
        {
            "plainDiscriminator" =>
            [
                .. Judge(new PlainDiscriminator(16, 8, 0, random, random), 103, 16),
                .. Judge(new PlainDiscriminator(14, 8, 0, random, random), 103, 14),
            ],
            "plainDiscriminatorClasses" => Judge(new PlainDiscriminator(16, 8, classes, random, random), 103, 16),
            "largeDiscriminator" => Judge(new LargeDiscriminator(16, random), 103, 16),
            _ => Judge(new FullyConnectedDiscriminator(8, [24, 16], 0.5, 0, classes, random, random), 105, 8),
        };
        AssertClose(Golden.Value[name], logits);
    }

    [Fact]
    public void Parameter_counts_are_those_of_the_published_layers()
    {
        // Layer by layer from the release's scripts: (inputs · k² + 1) · outputs for a convolution, (inputs + 1) · outputs
        // for a linear layer.
        using var random = new Generator(0);
        Assert.Equal(1_792_992, Count(new FullyConnectedGenerator(8, 100, [1200, 1200], HiddenActivation.Relu, 0, false, 0, random, random)));
        Assert.Equal(542_592, Count(new FullyConnectedGenerator(8, 100, [600, 600], HiddenActivation.Relu, 0, false, 10, random, random)));
        Assert.Equal(477_001, Count(new FullyConnectedDiscriminator(8, [600, 600], 0.5, 0, 0, random, random)));
        Assert.Equal(218_179, Count(new PlainGenerator(32, 64, 7, 1, 0, random)));
        Assert.Equal(837_763, Count(new PlainGenerator(28, 128, 7, 1, 0, random)));
        Assert.Equal(113_731, Count(new PlainGenerator(14, 64, 5, 1, 0, random)));
        Assert.Equal(107_905, Count(new PlainDiscriminator(14, 64, 0, random, random)));
        Assert.Equal(116_545, Count(new PlainDiscriminator(32, 64, 0, random, random)));
        Assert.Equal(432_257, Count(new PlainDiscriminator(28, 128, 0, random, random)));
        Assert.Equal(1_090_995, Count(new LargeGenerator(16, 1, random, random)));
        Assert.Equal(714_017, Count(new LargeDiscriminator(16, random)));
        Assert.Equal(873_761, Count(new LargeDiscriminator(32, random)));
        Assert.Equal(1_832_225, Count(new LargeDiscriminator(64, random)));
    }

    [Theory]
    [InlineData("generator", 0, true)]
    [InlineData("generator", 0.5, false)]
    [InlineData("discriminator", 0, false)]
    [InlineData("discriminator", 1, true)]
    public void Fully_connected_networks_drop_units_from_their_first_dropped_layer_on(string name, double argument, bool isSteady)
    {
        using var scope = new TensorScope();
        using var random = new Generator(0);
        var (dropout, firstDropped) = name == "generator" ? (argument, 0) : (0.5, (int)argument);
        using var generator = new FullyConnectedGenerator(8, 5, [32], HiddenActivation.Relu, dropout, true, 0, random, random);
        using var discriminator = new FullyConnectedDiscriminator(8, [32], 0.5, firstDropped, 0, random, random);
        var (noise, image) = (Filled(1, 1, 2, 5), Filled(2, 1, 2, 3, 8, 8));
        float[] Run() => (name == "generator" ? generator.Forward(noise, image, null) : discriminator.Forward(image, null, null))
            .Contiguous().ToArray<float>();

        Assert.Equal(isSteady, Run().SequenceEqual(Run()));
        generator.Evaluate();
        discriminator.Evaluate();
        Assert.Equal(Run(), Run());
    }

    [Fact]
    public void The_releases_networks_for_small_bands_drop_units_on_both_sides()
    {
        using var scope = new TensorScope();
        using var random = new Generator(0);
        var settings = (LapganSettings)ModelRegistry.Preset("lapgan-lsun-paper").Preset.Settings; // level 3 has 8 pixels
        using var generator = LapganNetworks.Generator(settings, 3, 0, random, random);
        using var discriminator = LapganNetworks.Discriminator(settings, 3, 0, random, random);
        var (noise, image) = (Filled(1, 1, 2, 64), Filled(2, 1, 2, 3, 8, 8));
        float[] Band() => generator.Forward(noise, image, null).Contiguous().ToArray<float>();
        float[] Judge() => discriminator.Forward(image, null, null).ToArray<float>();
        Assert.NotEqual(Band(), Band());
        Assert.NotEqual(Judge(), Judge());
    }

    [Fact]
    public void A_residual_generator_is_told_the_class_and_starts_its_blocks_as_identities()
    {
        using var scope = new TensorScope();
        using var random = new Generator(0);
        using var network = new ResidualBandGenerator(16, 8, 2, 2, 10, random);
        var (noise, lowPass) = (Filled(1, 1, 1, 2, 16, 16), Filled(2, 1, 1, 3, 16, 16));
        float[] Band(long label) =>
            network.Forward(noise, lowPass, Tensor.From([label]).OneHot(10).To(DType.Float32)).Contiguous().ToArray<float>();

        Assert.NotEqual(Band(1), Band(3));
        var before = Band(1);
        using (Autograd.NoGrad())
        {
            foreach (var (_, weight) in network.NamedParameters().Where(p => p.Name.StartsWith("blocks.", StringComparison.Ordinal) && p.Name.EndsWith("weight", StringComparison.Ordinal)))
            {
                weight.FillInPlace(1);
            }
        }

        Assert.Equal(before, Band(1));
    }

    private static long Count(Module network)
    {
        using (network)
        {
            return network.ParameterCount();
        }
    }

    private static Tensor? Labels(int classes) =>
        classes == 0 ? null : Tensor.From(new long[] { 1, 3 }).OneHot(classes).To(DType.Float32);

    private static void Fill(Module network)
    {
        network.Evaluate();
        GoldenFill.Fill(network.Parameters());
    }

    private static void AssertClose(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var scale = expected.Max(Math.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Tolerance * scale));
    }
}
