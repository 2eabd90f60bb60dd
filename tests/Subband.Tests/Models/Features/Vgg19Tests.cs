using System.Globalization;
using Subband.Models.Features;
using Subband.Tests.Models.Lapgan;
using Subband.Tests.Models.SuperResolution;
using Subband.Torch;
using Subband.Torch.Modules;
using Subband.Torch.Serialization;

namespace Subband.Tests.Models.Features;

public class Vgg19Tests
{
    [Theory]
    [InlineData("vgg22", VggLayer.Vgg22, true, 128)]
    [InlineData("vgg22_before", VggLayer.Vgg22, false, 128)]
    [InlineData("vgg54", VggLayer.Vgg54, true, 512)]
    [InlineData("vgg54_before", VggLayer.Vgg54, false, 512)]
    public void Features_are_those_of_PyTorch_before_and_after_the_activation(string golden, VggLayer layer, bool afterActivation, int channels)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var network = new Vgg19(layer, afterActivation, Vgg19.SrganScale);
        Fill(network);

        var features = network.Forward(GoldenOutputs.Images(3, 32, 32));

        Assert.Equal(channels, network.Channels);
        Assert.Equal(channels, features.Size(1));
        GoldenOutputs.AssertEqual(golden, features.Slice(1, 0, channels, 16));
    }

    [Fact]
    public void The_whole_network_has_as_many_weights_as_torchvisions_features_and_bears_their_names()
    {
        using var network = new Vgg19(VggLayer.Vgg54, afterActivation: true, 1);
        Assert.Equal(20_024_384, network.ParameterCount());
        string[] names = [.. network.NamedParameters().Select(entry => entry.Name)];
        Assert.Equal(
            [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34],
            names.Where(name => name.EndsWith(".weight", StringComparison.Ordinal))
                .Select(name => int.Parse(name.Split('.')[1], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Only_what_is_needed_is_read_from_a_file_and_gradients_flow_to_the_images_alone()
    {
        using var scope = new TensorScope();
        using var folder = new TemporaryFolder(inMemory: true);
        using (var source = new Vgg19(VggLayer.Vgg22, afterActivation: false, 1))
        {
            Fill(source);
            TensorFile.Save(folder["vgg19.safetensors"], [.. source.NamedTensors(), ("classifier.6.bias", Tensor.Zeros([1000]))]);
        }

        using var network = Vgg19.Load(folder["vgg19.safetensors"], VggLayer.Vgg22);
        var image = GoldenOutputs.Images(3, 32, 32);
        GoldenOutputs.AssertEqual("vgg22", network.Forward(image).Slice(1, 0, 128, 16));
        image.RequiresGrad = true;
        Assert.True(Autograd.Grad(network.Forward(image).Sum(), [image])[0].Abs().Max().Item() > 0);
        Assert.All(network.Parameters(), parameter => Assert.False(parameter.RequiresGrad));

        var error = Assert.Throws<SubbandException>(() => Vgg19.Load(folder["vgg19.safetensors"], VggLayer.Vgg54));
        Assert.Contains("24 of the 32 tensors that are needed are missing: features.10.weight", error.Message, StringComparison.Ordinal);
        Assert.Throws<TensorShapeException>(() => network.Forward(Tensor.Zeros([1, 3, 15, 20])));
    }

    // As filled() of superresolution_golden.py.
    private static void Fill(Module network)
    {
        using var noGrad = Autograd.NoGrad();
        foreach (var (index, parameter) in network.Parameters().Index())
        {
            using var scope = new TensorScope();
            var shape = parameter.Shape.ToArray();
            var fanIn = shape.Skip(1).Aggregate(1L, (product, size) => product * size);
            parameter.CopyFrom(GoldenFill.Filled(index + 1, shape.Length > 1 ? 3 / Math.Sqrt(fanIn) : 0.1, shape));
        }
    }
}
