using Subband.Models.SuperResolution;
using Subband.Torch;
using Subband.Torch.Modules;
using Subband.Torch.Optim;

namespace Subband.Tests.Models.SuperResolution;

public sealed class DormantFiltersTests
{
    public static TheoryData<NetworkKind, bool> Networks => new()
    {
        { NetworkKind.Srcnn, true },
        { NetworkKind.Vdsr, true },
        { NetworkKind.Vdsr, false },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void Revived_filters_are_active_and_change_nothing(NetworkKind kind, bool bias)
    {
        using TensorScope scope = new();
        using Generator random = new(3);
        using SuperResolutionNetwork network = Make(kind, bias, random);
        Tensor images = Images(random);
        (int Layer, int Filter)[] killed = [(0, 1), (0, 4), (1, 0), (1, 2)];
        Array.ForEach(killed, at => Kill(network.RectifiedChain[at.Layer], at.Filter));
        Tensor before = network.Forward(images).Detach();

        int revived = Revive(network, images, random);

        Assert.True(revived >= killed.Length, $"{revived} of at least {killed.Length} were revived.");
        AssertNear(before, network.Forward(images).Detach(), 1e-6);
        // At half of the pixels, but where there is no bias to see to it.
        Assert.All(killed, at => Assert.InRange(ActiveShare(network, images, at.Layer, at.Filter), bias ? 0.4 : 0.01, bias ? 0.6 : 0.99));
        Assert.Equal(0, Revive(network, images, random));
    }

    [Fact]
    public void Filters_that_live_keep_their_weights()
    {
        using TensorScope scope = new();
        using Generator random = new(3);
        using SuperResolutionNetwork network = Make(NetworkKind.Srcnn, true, random);
        Tensor images = Images(random);
        _ = Revive(network, images, random);
        Conv2d first = network.RectifiedChain[0];
        Kill(first, 2);
        float[] others = [.. Rows(first.Weight, but: 2)];

        Assert.Equal(1, Revive(network, images, random));
        Assert.Equal(others, Rows(first.Weight, but: 2));
    }

    [Fact]
    public void An_average_of_the_weights_is_given_the_same_beginning()
    {
        using TensorScope scope = new();
        using Generator random = new(3);
        using SuperResolutionNetwork network = Make(NetworkKind.Vdsr, true, random);
        Tensor images = Images(random);
        Kill(network.RectifiedChain[1], 3);
        using ExponentialMovingAverage average = new(network, 0.5);
        Dictionary<Tensor, string> names = network.NamedParameters().ToDictionary(entry => entry.Tensor, entry => entry.Name);
        Dictionary<string, Tensor> averaged = average.NamedTensors().ToDictionary(entry => entry.Name, entry => entry.Tensor);

        Assert.True(DormantFilters.Revive(network.RectifiedChain, images, random, parameter => averaged[names[parameter]]) > 0);
        Assert.All(network.NamedParameters(), entry => AssertNear(entry.Tensor.Detach(), averaged[entry.Name], 0));
    }

    private static SuperResolutionNetwork Make(NetworkKind kind, bool bias, Generator random) => kind == NetworkKind.Srcnn
        ? new Srcnn(1, [5, 3, 3], [8, 6], random)
        : new Vdsr(1, 5, 8, bias, random);

    private static Tensor Images(Generator random) => Tensor.Empty([2, 1, 24, 24]).UniformInPlace(0, 1, random);

    private static int Revive(SuperResolutionNetwork network, Tensor images, Generator random) =>
        DormantFilters.Revive(network.RectifiedChain, images, random, _ => null);

    // Images and features are nowhere negative.
    private static void Kill(Conv2d filters, int filter)
    {
        using GradMode noGrad = Autograd.NoGrad();
        filters.Weight.Narrow(0, filter, 1).FillInPlace(-0.1);
        filters.Bias?.Narrow(0, filter, 1).FillInPlace(-0.1);
    }

    private static double ActiveShare(SuperResolutionNetwork network, Tensor images, int layer, int filter)
    {
        using GradMode noGrad = Autograd.NoGrad();
        Tensor features = network.RectifiedChain.Take(layer).Aggregate(images, (x, filters) => Functional.Relu(filters.Forward(x)));
        Tensor outputs = network.RectifiedChain[layer].Forward(features).Narrow(1, filter, 1);
        return outputs.IsGreater(0).To(DType.Float32).Mean().Item();
    }

    private static void AssertNear(Tensor expected, Tensor actual, double tolerance) =>
        Assert.All(expected.ToArray<float>().Zip(actual.ToArray<float>()), pair => Assert.Equal(pair.First, pair.Second, tolerance));

    private static IEnumerable<float> Rows(Tensor weight, int but)
    {
        float[] all = weight.Detach().ToArray<float>();
        int row = all.Length / (int)weight.Size(0);
        return all.Where((_, i) => i / row != but);
    }
}
