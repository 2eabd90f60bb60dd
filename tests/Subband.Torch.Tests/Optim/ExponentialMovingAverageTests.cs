using Subband.Torch.Modules;
using Subband.Torch.Optim;

namespace Subband.Torch.Tests.Optim;

public sealed class ExponentialMovingAverageTests
{
    [Fact]
    public void The_average_follows_its_closed_form()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        using var network = new Linear(3, 2, random);
        var start = network.Weight.Detach().Clone();
        using var average = new ExponentialMovingAverage(network, 0.9);
        Initialisers.Constant(network.Weight, 5);
        for (var i = 0; i < 7; i++)
        {
            average.Update();
        }

        // average = 5 + 0.9^7 · (start − 5)
        Near.Assert(5 + (Math.Pow(0.9, 7) * (start - 5)), Of(average, "weight"), 1e-6);
    }

    [Fact]
    public void Running_statistics_are_averaged_like_the_weights_that_they_were_measured_with()
    {
        using var scope = new TensorScope();
        using var network = new BatchNorm2d(2);
        using var average = new ExponentialMovingAverage(network, 0.75);
        network.Forward(Tensor.Full([2, 2, 2, 2], 10)); // moves the running mean from 0 to 1
        average.Update();
        Assert.Equal([0.25f, 0.25f], Of(average, "running_mean").ToArray<float>());
    }

    [Fact]
    public void Spectral_vectors_are_copied_as_they_are()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        using var network = new Linear(3, 2, random);
        using var norm = new SpectralNorm(network.Weight, random);
        using var average = new ExponentialMovingAverage(norm, 0.999);
        norm.Normalise(network.Weight);
        average.Update();
        Near.Assert(norm.NamedBuffers().Single().Tensor, Of(average, "u"), 0);
    }

    [Fact]
    public void The_influence_of_a_parameter_halves_over_the_half_life()
    {
        var decay = ExponentialMovingAverage.DecayFor(halfLifeKimg: 10, imagesPerStep: 64);
        Assert.Equal(0.5, Math.Pow(decay, 10_000.0 / 64), 1e-12);
        Assert.Equal(0, ExponentialMovingAverage.DecayFor(0, 64));
    }

    [Fact]
    public void Without_memory_the_average_is_the_network()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        using var network = new Linear(3, 2, random);
        using var average = new ExponentialMovingAverage(network, 0);
        Initialisers.Normal(network.Weight, 0, 1, random);
        average.Update();
        Near.Assert(network.Weight, Of(average, "weight"), 0);
    }

    [Fact]
    public void It_is_saved_restored_and_given_to_a_network_by_name()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        using var network = new Sequential(new Conv2d(1, 2, 3, random), new BatchNorm2d(2));
        using var average = new ExponentialMovingAverage(network, 0.5);
        Initialisers.Constant(network.Parameters()[0], 1);
        average.Update();
        var saved = average.NamedTensors().ToDictionary(t => t.Name, t => t.Tensor.Clone());
        Assert.Equal(network.NamedTensors().Select(t => t.Name), saved.Keys);

        using var other = new Sequential(new Conv2d(1, 2, 3, random), new BatchNorm2d(2));
        using var restored = new ExponentialMovingAverage(other, 0.5);
        restored.Load(saved.GetValueOrDefault, "a checkpoint");
        restored.CopyTo(other);
        foreach (var (name, tensor) in other.NamedTensors())
        {
            Near.Assert(saved[name], tensor, 0, name);
        }

        Assert.All(other.Parameters(), p => Assert.True(p.RequiresGrad));
        Assert.All(average.NamedTensors(), t => Assert.False(t.Tensor.RequiresGrad));

        saved.Remove("1.weight");
        var error = Assert.Throws<SubbandException>(() => restored.Load(saved.GetValueOrDefault, "a checkpoint"));
        Assert.Contains("1.weight", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_owns_its_tensors()
    {
        using var random = new Generator(1);
        using var network = new Linear(3, 2, random);
        ExponentialMovingAverage average;
        using (new TensorScope())
        {
            average = new ExponentialMovingAverage(network, 0.5);
        }

        var tensors = average.NamedTensors().Select(t => t.Tensor).ToArray();
        Assert.All(tensors, t => Assert.False(t.IsDisposed));
        average.Dispose();
        Assert.All(tensors, t => Assert.True(t.IsDisposed));
        Assert.False(network.Weight.IsDisposed);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExponentialMovingAverage(network, 1));
    }

    private static Tensor Of(ExponentialMovingAverage average, string name) =>
        average.NamedTensors().Single(t => t.Name == name).Tensor;
}
