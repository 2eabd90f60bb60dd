using Subband.Torch.Modules;

namespace Subband.Torch.Tests.Modules;

/// <summary>Layers that draw or estimate: dropout and spectral normalisation.</summary>
public sealed class RandomLayerTests
{
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Dropout_drops_its_share_and_keeps_the_mean(double probability)
    {
        using var scope = new TensorScope();
        using var random = new Generator(5);
        const int count = 100_000;
        var input = Tensor.Ones([count]);
        input.RequiresGrad = true;
        var output = new Dropout(probability, random).Forward(input);

        var deviation = Math.Sqrt(probability * (1 - probability) / count);
        Assert.Equal(probability, output.Detach().IsEqual(0).To(DType.Float64).Mean().Item(), 5 * deviation);
        Assert.Equal(1, output.Detach().Mean().Item(), 5 * deviation / (1 - probability));
        Assert.Equal(1 / (1 - probability), output.Detach().Max().Item(), 1e-5);
        Near.Assert(output, Autograd.Grad(output.Sum(), [input])[0], 1e-6); // of ones: the gradient is the mask
    }

    [Fact]
    public void Dropout_of_channels_drops_whole_ones()
    {
        using var scope = new TensorScope();
        using var random = new Generator(5);
        var output = new ChannelDropout(0.5, random).Forward(Tensor.Ones([64, 32, 3, 3]));
        var means = output.Mean([2, 3]).ToArray<float>();
        Assert.All(means, mean => Assert.True(mean is 0 or 2));
        Assert.Equal(0.5, means.Count(mean => mean == 0) / (double)means.Length, 0.06);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void Probabilities_at_which_nothing_could_be_scaled_up_are_refused(double probability)
    {
        using var scope = new TensorScope();
        using var random = new Generator(5);
        Assert.Throws<ArgumentOutOfRangeException>(() => Functional.Dropout(Tensor.Ones([8]), probability, random));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Dropout(probability, random));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChannelDropout(probability, random));
    }

    [Fact]
    public void Dropout_in_evaluation_passes_everything()
    {
        using var scope = new TensorScope();
        using var random = new Generator(5);
        using var layer = new Dropout(0.5, random);
        layer.Evaluate();
        var input = Tensor.Ones([8]);
        Assert.Same(input, layer.Forward(input));
    }

    [Fact]
    public void Spectral_norm_comes_to_the_largest_singular_value()
    {
        using var scope = new TensorScope();
        using var random = new Generator(5);
        var weight = Tensor.Randn([6, 2, 3, 3], random);
        using var norm = new SpectralNorm(weight, random);
        for (var i = 0; i < 200; i++)
        {
            norm.Normalise(weight);
        }

        var largest = weight.View(6, -1).SingularValues().ToArray<float>()[0];
        Near.Assert(weight / largest, norm.Normalise(weight), 1e-5);
    }

    [Fact]
    public void Spectral_norm_moves_its_vector_only_while_training()
    {
        using var scope = new TensorScope();
        using var random = new Generator(5);
        using var layer = new Linear(8, 4, random, spectralNorm: true);
        var vector = layer.NamedBuffers().Single(b => b.Name == "norm.u").Tensor;
        var input = Tensor.Ones([1, 8]);

        var first = vector.ToArray<float>();
        layer.Evaluate();
        layer.Forward(input);
        Assert.Equal(first, vector.ToArray<float>());
        layer.Train();
        layer.Forward(input);
        Assert.NotEqual(first, vector.ToArray<float>());
    }

    [Fact]
    public void The_gradient_of_a_normalised_weight_keeps_its_norm_from_growing()
    {
        // W / sigma(W) does not change with the length of W, so its gradient is orthogonal to W once u and v have converged.
        using var scope = new TensorScope();
        using var random = new Generator(5);
        var weight = Tensor.Randn([5, 7], random);
        weight.RequiresGrad = true;
        using var norm = new SpectralNorm(weight, random);
        for (var i = 0; i < 200; i++)
        {
            norm.Normalise(weight);
        }

        var direction = Tensor.Randn([5, 7], random);
        var gradient = Autograd.Grad((norm.Normalise(weight) * direction).Sum(), [weight])[0];
        Assert.Equal(0, (gradient * weight).Sum().Item(), 1e-4);
        Assert.NotEqual(0, gradient.Norm().Item(), 1e-2);
    }
}
