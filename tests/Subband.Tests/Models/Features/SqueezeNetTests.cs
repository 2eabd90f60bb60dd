using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using Subband.Imaging;
using Subband.Metrics;
using Subband.Models.Features;
using Subband.Tests.Metrics;
using Subband.Torch;

namespace Subband.Tests.Models.Features;

public sealed class SqueezeNetTests
{
    private const string Classifier = "weights/squeezenet1_1.safetensors";

    [Theory]
    [InlineData("squeezenet1_1.safetensors")]
    [InlineData("squeezenet1_1_lpips_features.safetensors")]
    public void The_taps_of_a_photograph_are_those_of_PyTorch(string weights)
    {
        var expected = JsonDocument.Parse(File.ReadAllBytes(TestData.Path("fixtures/squeezenet_expected.json")))
            .RootElement.GetProperty(weights).GetProperty("taps");
        using var scope = new TensorScope();
        using var network = SqueezeNet.Load(TestData.Path($"weights/{weights}"));
        using var noGrad = Autograd.NoGrad();

        var taps = network.Taps(Bird());

        Assert.Equal(expected.GetArrayLength(), taps.Length);
        foreach (var (tap, values) in taps.Zip(expected.EnumerateArray()))
        {
            var largest = values.Number("max");
            Assert.Equal(values.Doubles("shape"), tap.Shape.ToArray().Select(s => (double)s));
            Assert.Equal(largest, tap.Max().Item(), largest * 1e-5);
            Assert.Equal(values.Number("mean"), tap.Mean().Item(), values.Number("mean") * 1e-5);
            var some = tap.Narrow(0, 0, 1).Select(3, 7).Select(2, 5).Select(0, 0).Narrow(0, 0, 8).Clone();
            Assert.All(
                values.Doubles("at_h5_w7_first8").Zip(some.ToArray<float>()),
                pair => Assert.Equal(pair.First, pair.Second, largest * 1e-5));
        }
    }

    [Fact]
    public void Gradients_flow_to_the_image_and_none_to_the_weights()
    {
        using var scope = new TensorScope();
        using var network = SqueezeNet.Load(TestData.Path(Classifier));
        var image = Tensor.Zeros([1, 3, 40, 40]);
        image.RequiresGrad = true;

        var gradient = Autograd.Grad(network.Forward(image).Sum(), [image])[0];

        Assert.True(gradient.Abs().Max().Item() > 0);
        Assert.All(network.Parameters(), p => Assert.False(p.RequiresGrad));
    }

    [Fact]
    public void Images_below_the_smallest_size_are_refused()
    {
        using var scope = new TensorScope();
        using var network = SqueezeNet.Load(TestData.Path(Classifier));

        Assert.Equal([1, 512, 1, 1], network.Forward(Tensor.Zeros([1, 3, 17, 17])).Shape.ToArray());
        _ = Assert.Throws<TensorShapeException>(() => network.Forward(Tensor.Zeros([1, 3, 16, 40])));
    }

    [Fact]
    public void A_file_of_other_weights_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("other.safetensors", [2, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}']);

        var error = Assert.ThrowsAny<SubbandException>(() => { using var network = SqueezeNet.Load(path); });

        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains("features.0.weight", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_Fréchet_distances_of_image_sets_are_those_of_an_independent_computation()
    {
        var expected = MeasuredElsewhere.Section("fd_images");
        using var scope = new TensorScope();
        using var features = SqueezeNetFeatures.Load(TestData.Path(Classifier));
        var (train, test) = CifarMini();
        var doubled = Tensor.Cat([train, train.Flip(3)]);

        using var ofTrain = Statistics(features, train);
        using var ofTest = Statistics(features, test);
        using var ofDoubled = Statistics(features, doubled);
        using var ofBlurred = Statistics(features, Blurred(doubled));

        void Near(string name, FrechetScore score) =>
            Assert.Equal(expected.Number(name), score.Value, expected.Number(name) * 1e-6);

        Near("train_test", FrechetDistance.Between(ofTrain, ofTest));
        Near("doubled_test", FrechetDistance.Between(ofDoubled, ofTest));
        Near("doubled_blurred", FrechetDistance.Between(ofDoubled, ofBlurred));
        Assert.Equal(0, FrechetDistance.Between(ofTrain, ofTrain).Value, 1e-6);
        var row = features.Extract(test.Narrow(0, 0, 1)).ToArray<double>();
        Assert.All(expected.Doubles("first_feature_row").Zip(row), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void The_protocol_names_network_size_input_and_weights()
    {
        using var features = SqueezeNetFeatures.Load(TestData.Path(Classifier));

        var text = features.Protocol.ToString();

        Assert.Contains("SqueezeNet 1.1, features.12", text, StringComparison.Ordinal);
        Assert.Contains("512-d", text, StringComparison.Ordinal);
        Assert.Contains("bilinear to 128x128", text, StringComparison.Ordinal);
        Assert.Contains("sha256 232b3c7712f43ea9", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Sizes_above_and_below_the_network_s_keep_a_smooth_image_as_it_is()
    {
        using var scope = new TensorScope();
        using var features = SqueezeNetFeatures.Load(TestData.Path(Classifier));

        double[] Ramp(int height, int width)
        {
            var row = (Tensor.Arange(0, width, dtype: DType.Float64) + 0.5) * (255.0 / width);
            return features.Extract(row.Expand(1, 3, height, width).Round().To(DType.UInt8)).ToArray<double>();
        }

        var exact = Ramp(128, 128);
        var largest = exact.Max();
        Assert.All(exact.Zip(Ramp(256, 384)), pair => Assert.Equal(pair.First, pair.Second, 0.05 * largest));
        Assert.All(exact.Zip(Ramp(32, 64)), pair => Assert.Equal(pair.First, pair.Second, 0.15 * largest));
    }

    [Fact]
    public void Images_that_are_no_bytes_are_refused()
    {
        using var scope = new TensorScope();
        using var features = SqueezeNetFeatures.Load(TestData.Path(Classifier));

        _ = Assert.Throws<TensorArgumentException>(() => features.Extract(Tensor.Zeros([1, 3, 32, 32])));
        _ = Assert.Throws<TensorShapeException>(() => features.Extract(Tensor.Zeros([1, 1, 32, 32], DType.UInt8)));
    }

    private static FeatureStatistics Statistics(SqueezeNetFeatures features, Tensor images)
    {
        var statistics = new FeatureStatistics(features.Protocol);
        foreach (var batch in images.Split(100))
        {
            using var scope = new TensorScope();
            statistics.Add(features.Extract(batch));
        }

        return statistics;
    }

    // Every 2x2 block replaced by its mean, rounded half up.
    private static Tensor Blurred(Tensor images)
    {
        var n = images.Size(0);
        var sums = images.To(DType.Float64).Reshape(n, 3, 16, 2, 16, 2).Sum([3, 5], keep: true);
        return ((sums + 2) / 4).Floor().Expand(n, 3, 16, 2, 16, 2).Reshape(n, 3, 32, 32).To(DType.UInt8);
    }

    private static Tensor Bird()
    {
        var picture = ImageFile.ReadRgb8(TestData.Path("sr/Set5/HR/bird.png"));
        var pixels = Tensor.From(picture.Pixels, picture.Height, picture.Width, 3)
            .Narrow(0, 32, 224).Narrow(1, 32, 224).Permute(2, 0, 1).Unsqueeze(0).To(DType.Float32) / 255;
        return (pixels - Tensor.From([0.485f, 0.456f, 0.406f], 1, 3, 1, 1))
            / Tensor.From([0.229f, 0.224f, 0.225f], 1, 3, 1, 1);
    }

    private static (Tensor Train, Tensor Test) CifarMini()
    {
        using var file = File.OpenRead(TestData.Path("fixtures/cifar-10-binary-mini.tar.gz"));
        using var tar = new TarReader(new GZipStream(file, CompressionMode.Decompress));
        var found = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.Name.EndsWith(".bin", StringComparison.Ordinal))
            {
                using var bytes = new MemoryStream();
                entry.DataStream!.CopyTo(bytes);
                found.Add(Path.GetFileName(entry.Name), bytes.ToArray());
            }
        }

        static Tensor Images(byte[] records) =>
            Tensor.From(records, records.Length / 3073, 3073).Narrow(1, 1, 3072).Reshape(-1, 3, 32, 32);

        return (
            Tensor.Cat([.. Enumerable.Range(1, 5).Select(i => Images(found[$"data_batch_{i}.bin"]))]),
            Images(found["test_batch.bin"]));
    }
}
