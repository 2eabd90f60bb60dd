using System.Globalization;
using System.Text.Json;
using Subband.Imaging;
using Subband.Metrics;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Tests.Metrics;

public sealed class LpipsTests : IDisposable
{
    private const string SqueezeNet = "weights/squeezenet1_1_lpips_features.safetensors";
    private const string SqueezeLinear = "weights/lpips_squeeze.pth";

    private readonly TemporaryFolder _folder = new(inMemory: true);

    [Fact]
    public void On_SqueezeNet_it_is_that_of_the_fixture_in_every_layer()
    {
        JsonElement fixture = JsonDocument.Parse(File.ReadAllBytes(TestData.Path("fixtures/lpips_squeeze_expected.json"))).RootElement;
        using Lpips lpips = Lpips.Load(TestData.Path(SqueezeNet), TestData.Path(SqueezeLinear));
        Assert.Equal(LpipsNetwork.Squeeze, lpips.Network);
        foreach (JsonElement expected in fixture.GetProperty("values").EnumerateArray())
        {
            using TensorScope scope = new();
            using var noGrad = Autograd.NoGrad();
            int scale = expected.GetProperty("scale").GetInt32();
            string name = expected.GetProperty("image").GetString()!;
            Rgb8Image small = ImageFile.ReadRgb8(TestData.Path($"sr/Set5/LRx{scale}/{name}.png"));
            Rgb8Image large = Resampler.Resize(small, small.Width * scale, small.Height * scale, new Resampling(ResamplingKernel.Nearest));
            Rgb8Image truth = ImageFile.ReadRgb8(TestData.Path($"sr/Set5/HR/{name}.png")).Cut(new PixelWindow(0, 0, large.Width, large.Height));

            Tensor[] layers = lpips.Layers(TensorImages.ToTensor([truth], PixelRange.Unit), TensorImages.ToTensor([large], PixelRange.Unit));

            Assert.Equal(expected.GetProperty("lpips").GetDouble(), lpips.Distance(truth, large), 1e-5);
            Assert.All(
                expected.Doubles("per_layer").Zip(layers),
                pair => Assert.Equal(pair.First, pair.Second.Item(), 1e-5));
        }
    }

    [Theory]
    [InlineData("alex", LpipsNetwork.Alex)]
    [InlineData("vgg", LpipsNetwork.Vgg)]
    public void On_the_other_networks_it_is_that_of_PyTorch_with_the_same_weights(string name, LpipsNetwork network)
    {
        using TensorScope scope = new();
        using var noGrad = Autograd.NoGrad();
        JsonElement expected = PictureGolden.Section(name);
        using Lpips lpips = Lpips.Load(Network(network), Linear(network));
        Assert.Equal(network, lpips.Network);
        Tensor first = MeasuredElsewhere.Uniforms(93, 2 * 3 * 71, 68).Reshape(2, 3, 71, 68);
        Tensor second = (first * 0.75) + (MeasuredElsewhere.Uniforms(94, 2 * 3 * 71, 68).Reshape(2, 3, 71, 68) * 0.25);
        (Tensor a, Tensor b) = (first.To(DType.Float32), second.To(DType.Float32));

        Tensor[] layers = lpips.Layers(a, b);
        float[] distances = lpips.Distance(a, b).ToArray<float>();

        JsonElement[] values = [.. expected.GetProperty("layers").EnumerateArray()];
        Assert.Equal(values.Length, layers.Length);
        foreach ((JsonElement value, Tensor layer) in values.Zip(layers))
        {
            Assert.All(value.EnumerateArray().Zip(layer.ToArray<float>()), pair => Assert.Equal(pair.First.GetDouble(), pair.Second, 1e-6));
        }

        Assert.All(expected.Doubles("distance").Zip(distances), pair => Assert.Equal(pair.First, pair.Second, 2e-6));
    }

    [Fact]
    public void Gradients_flow_to_the_image()
    {
        using TensorScope scope = new();
        using Lpips lpips = Lpips.Load(TestData.Path(SqueezeNet), TestData.Path(SqueezeLinear));
        Tensor image = Tensor.Full([1, 3, 40, 40], 0.25);
        image.RequiresGrad = true;
        Tensor gradient = Autograd.Grad(lpips.Distance(Tensor.Full([1, 3, 40, 40], 0.5), image).Sum(), [image])[0];
        Assert.True(gradient.Abs().Max().Item() > 0);
    }

    [Fact]
    public void Files_that_do_not_belong_together_or_to_Lpips_are_refused_by_name()
    {
        string squeezeNet = TestData.Path(SqueezeNet);
        SubbandException noLinear = Assert.ThrowsAny<SubbandException>(() => Lpips.Load(squeezeNet, squeezeNet));
        Assert.Contains("lin0.model.1.weight", noLinear.Message, StringComparison.Ordinal);
        SubbandException otherNetwork = Assert.ThrowsAny<SubbandException>(() => Lpips.Load(squeezeNet, TestData.Path("weights/lpips_alex.pth")));
        Assert.Contains(squeezeNet, otherNetwork.Message, StringComparison.Ordinal);
        Assert.Contains("features.0.weight", otherNetwork.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_of_two_shapes_or_below_the_smallest_size_are_refused()
    {
        using TensorScope scope = new();
        using Lpips lpips = Lpips.Load(TestData.Path(SqueezeNet), TestData.Path(SqueezeLinear));
        _ = Assert.ThrowsAny<SubbandException>(() => lpips.Distance(Tensor.Zeros([1, 3, 40, 40]), Tensor.Zeros([1, 3, 40, 41])));
        _ = Assert.ThrowsAny<SubbandException>(() => lpips.Distance(Tensor.Zeros([1, 3, 16, 40]), Tensor.Zeros([1, 3, 16, 40])));
    }

    public void Dispose() => _folder.Dispose();

    // The weights that make_pictures.py describes.
    private string Network(LpipsNetwork network)
    {
        (int Index, long[] Shape)[] convolutions = network == LpipsNetwork.Alex
            ? [(0, [64, 3, 11, 11]), (3, [192, 64, 5, 5]), (6, [384, 192, 3, 3]), (8, [256, 384, 3, 3]), (10, [256, 256, 3, 3])]
            :
            [
                (0, [64, 3, 3, 3]), (2, [64, 64, 3, 3]), (5, [128, 64, 3, 3]), (7, [128, 128, 3, 3]), (10, [256, 128, 3, 3]),
                (12, [256, 256, 3, 3]), (14, [256, 256, 3, 3]), (17, [512, 256, 3, 3]), (19, [512, 512, 3, 3]), (21, [512, 512, 3, 3]),
                (24, [512, 512, 3, 3]), (26, [512, 512, 3, 3]), (28, [512, 512, 3, 3]),
            ];
        List<(string, Tensor)> tensors = [];
        for (int k = 0; k < convolutions.Length; k++)
        {
            (int index, long[] shape) = convolutions[k];
            int fan = (int)(shape[1] * shape[2] * shape[3]);
            Tensor weight = ((MeasuredElsewhere.Uniforms((ulong)(1000 + (2 * k)), (int)shape[0], fan) * 2) - 1) * Math.Sqrt(6.0 / fan);
            Tensor bias = ((MeasuredElsewhere.Uniforms((ulong)(1001 + (2 * k)), 1, (int)shape[0]) * 2) - 1) / 10;
            tensors.Add((string.Create(CultureInfo.InvariantCulture, $"features.{index}.weight"), weight.Reshape(shape).To(DType.Float32)));
            tensors.Add((string.Create(CultureInfo.InvariantCulture, $"features.{index}.bias"), bias.Reshape(shape[0]).To(DType.Float32)));
        }

        TensorFile.Save(_folder["network.safetensors"], tensors);
        return _folder["network.safetensors"];
    }

    private string Linear(LpipsNetwork network)
    {
        int[] widths = network == LpipsNetwork.Alex ? [64, 192, 384, 256, 256] : [64, 128, 256, 512, 512];
        TensorFile.Save(_folder["linear.safetensors"], widths.Select((width, k) => (
            string.Create(CultureInfo.InvariantCulture, $"lin{k}.model.1.weight"),
            MeasuredElsewhere.Uniforms((ulong)(2000 + k), 1, width).Reshape(1, width, 1, 1).To(DType.Float32))));
        return _folder["linear.safetensors"];
    }
}
