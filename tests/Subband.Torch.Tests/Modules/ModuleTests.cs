using Subband.Torch.Modules;
using Subband.Torch.Serialization;
using Subband.Torch.Tests.Golden;

namespace Subband.Torch.Tests.Modules;

public sealed class ModuleTests
{
    [Fact]
    public void Names_and_shapes_are_those_of_the_same_network_in_PyTorch()
    {
        using var random = new Generator(1);
        using var network = new Parts(random);
        using var golden = SafetensorsFile.Open(
            Path.Combine(TestData.RepositoryRoot, "tests", "Subband.Torch.Tests", "Golden", "golden.safetensors"));
        const string prefix = "training/sgd/start.";
        var expected = golden.Entries
            .Where(e => e.Name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(e => $"{e.Name[prefix.Length..]} [{string.Join(", ", e.Shape)}]");
        var found = network.NamedTensors().Select(t => $"{t.Name} [{string.Join(", ", t.Tensor.Shape.ToArray())}]");
        Assert.Equal(expected.Order(), found.Order());
    }

    [Fact]
    public void A_sequence_numbers_its_layers_as_PyTorch_does()
    {
        using var random = new Generator(1);
        using var network = new Sequential(
            new Sequential(new Conv2d(3, 4, 3, random), new Relu()), new ConvTranspose2d(4, 2, 4, random, bias: false), new PRelu(2));
        Assert.Equal(["0.0.weight", "0.0.bias", "1.weight", "2.weight"], network.NamedParameters().Select(p => p.Name));
        Assert.Equal((4 * 3 * 9) + 4 + (4 * 2 * 16) + 2, network.ParameterCount());
    }

    [Fact]
    public void First_values_lie_within_PyTorchs_bounds()
    {
        using var random = new Generator(1);
        foreach (var row in GoldenNumbers.Root.GetProperty("initialisers").EnumerateArray())
        {
            var shape = row.GetProperty("shape").EnumerateArray().Select(s => s.GetInt32()).ToArray();
            using var scope = new TensorScope();
            using Layer layer = shape switch
            {
                [var o, var i] => new Linear(i, o, random),
                [16, 8, 4, 4] => new ConvTranspose2d(16, 8, 4, random),
                [64, 4, 3, 3] => new Conv2d(8, 64, 3, random, groups: 2),
                [var o, var i, var k, _] => new Conv2d(i, o, k, random),
                _ => throw new InvalidOperationException(),
            };
            var (weight, bias) = (layer.Parameters()[0], layer.Parameters()[1]);
            Assert.Equal(shape.Select(s => (long)s), weight.Shape.ToArray());
            var bound = row.GetProperty("default").GetDouble();
            Assert.InRange(weight.Detach().Abs().Max().Item(), 0.98 * bound, bound);
            Assert.InRange(bias.Detach().Abs().Max().Item(), 0.7 * bound, row.GetProperty("default_bias").GetDouble());
        }
    }

    [Fact]
    public void Copying_from_a_wrong_source_names_the_tensor_and_copies_nothing()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        using var network = new Parts(random);
        var before = network.Parameters()[0].Detach().Clone();
        var source = network.NamedTensors().ToDictionary(t => t.Name, t => t.Tensor.ZerosLike());

        source["linear.weight"] = Tensor.Zeros([2, 36]);
        var shape = Assert.Throws<SubbandException>(() => network.CopyFrom(source.GetValueOrDefault, "weights.pth"));
        Assert.Equal("weights.pth: tensor 'linear.weight' has shape [2, 36], [1, 36] is needed.", shape.Message);

        source.Remove("linear.weight");
        source.Remove("bn.running_var");
        var missing = Assert.Throws<SubbandException>(() => network.CopyFrom(source.GetValueOrDefault, "weights.pth"));
        Assert.Equal("weights.pth: 2 of the 8 tensors that are needed are missing: linear.weight, bn.running_var.", missing.Message);
        Near.Assert(before, network.Parameters()[0], 0);
    }

    [Fact]
    public void Copying_outside_a_scope_leaves_nothing_of_what_the_source_made()
    {
        using var random = new Generator(1);
        using var network = new Parts(random);
        var shapes = network.NamedTensors().ToDictionary(t => t.Name, t => t.Tensor.Shape.ToArray());
        var given = new List<Tensor>();
        network.CopyFrom(
            name =>
            {
                given.Add(Tensor.Full(shapes[name], 0.5));
                return given[^1];
            },
            "a test");
        Assert.Equal(8, given.Count);
        Assert.All(given, tensor => Assert.True(tensor.IsDisposed));
        Assert.All(network.NamedTensors(), t => Assert.Equal(0.5f, t.Tensor.ToArray<float>()[^1]));
    }

    [Fact]
    public void Modes_and_recording_reach_every_part()
    {
        using var random = new Generator(1);
        using var network = new Parts(random);
        network.Evaluate();
        Assert.All(network.Children, child => Assert.False(child.Module.IsTraining));
        network.Train();
        Assert.All(network.Children, child => Assert.True(child.Module.IsTraining));
        network.RequireGrad(false);
        Assert.All(network.Parameters(), parameter => Assert.False(parameter.RequiresGrad));
        network.RequireGrad(true);
        Assert.All(network.Parameters(), parameter => Assert.True(parameter.RequiresGrad));
        Assert.All(network.NamedBuffers(), buffer => Assert.False(buffer.Tensor.RequiresGrad));
    }

    [Fact]
    public void A_module_owns_its_tensors_whatever_scope_it_was_made_in()
    {
        using var random = new Generator(1);
        Parts network;
        using (new TensorScope())
        {
            network = new Parts(random);
            network.To(MemoryFormat.ChannelsLast);
        }

        Assert.All(network.NamedTensors(), t => Assert.False(t.Tensor.IsDisposed));
        var tensors = network.NamedTensors().Select(t => t.Tensor).ToArray();
        network.Dispose();
        Assert.All(tensors, t => Assert.True(t.IsDisposed));
    }

    /// <summary>The network of the golden training, see <c>make_golden.py</c>.</summary>
    private sealed class Parts : Module
    {
        public Parts(Generator random)
        {
            Child("conv", new Conv2d(3, 4, 3, random, stride: 2, padding: 1));
            Child("bn", new BatchNorm2d(4));
            Child("linear", new Linear(4 * 3 * 3, 1, random));
        }
    }
}
